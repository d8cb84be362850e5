"""The inputs of an indicator as the review page offers them: a figure, a choice, or words."""

from collections.abc import Callable, Mapping

from sajad_portal.lib.language import current_language

from ...actions.review import TypedFinding
from ...queries.findings import Claim
from ...xlsform import FormDefinition, Indicator, as_typed, display_answer
from .cards import InputRow


def input_rows(
    definition: FormDefinition, indicator: Indicator, claim: Claim, typed: TypedFinding, errors: Mapping[str, str],
    said: Callable[[str], str], *, as_stored: bool,
) -> list[InputRow]:  # fmt: skip
    """`as_stored`: what is `typed` comes from the database, and is shown as a person would type it."""
    rows, language = [], current_language()
    for role, name in indicator.inputs.items():
        question, text = definition.own_question(name), typed.verified.get(role, "")
        # Of choices that an author gave one name one stands here: the name is what is verified.
        choices = {choice.name: choice for choice in question.choices} if not question.kind.several else {}
        rows.append(
            InputRow(
                role=role,
                label=said(question.label_in(language)),
                claimed=display_answer(question, claim.inputs[role], language),
                value=as_typed(question, text, language) if as_stored else text,
                inputmode=question.kind.inputmode,
                error=errors.get(role, ""),
                options=[(each.name, said(each.label_in(language)), each.name == text) for each in choices.values()],
                said=not question.kind.numeric,
            )
        )
    return rows
