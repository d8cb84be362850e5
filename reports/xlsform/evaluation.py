"""What an evaluation of a form comes to."""

from dataclasses import dataclass, field

from .answers import display_answer
from .definition import Choice, FormDefinition


@dataclass(frozen=True)
class Evaluation:
    """What a form says about a set of answers at one instant. Names are question names; sections by name."""

    values: dict[str, str]  # every question outside repeats; "" where irrelevant
    calculated: dict[str, str]  # calculations only, in the order in which they depend on each other
    relevant: dict[str, bool]
    required: dict[str, bool]
    errors: dict[str, str]  # a sentence for a person
    missing: list[str]  # required, relevant and empty, in the order of the form
    choices: dict[str, tuple[Choice, ...]] = field(default_factory=dict)  # what each select offers now
    relevant_sections: dict[str, bool] = field(default_factory=dict)
    read_only: dict[str, bool] = field(default_factory=dict)
    broken_checks: tuple[str, ...] = ()  # questions whose `sajad:check` does not hold, in the order of the form
    relevant_groups: dict[str, bool] = field(default_factory=dict)  # by path, of groups outside tables; tables too
    definition: FormDefinition | None = field(default=None, repr=False, compare=False)
    rows: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # {place of a table: keys of its rows, in their order}
    relevant_tables: dict[str, bool] = field(default_factory=dict)  # {place of a table: whether it is asked}

    def shown(self, name: str, language: str) -> str:
        """An answer for a reader: of choices of one name the one that is offered now."""
        question = self.definition.question(name) if self.definition else None
        if question is None:
            return self.values.get(name, "")
        return display_answer(question, self.values.get(name, ""), language, self.choices.get(name, ()))
