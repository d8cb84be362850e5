"""Which forms a person may see, and a version told as a page tells it."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.http import Http404

from units.enums import Role
from units.queries import has_role

from .models import FormVersion
from .queries import form_of, visible_calls
from .xlsform import FormDefinition, Indicator, Question

# Headquarters reads every form; a unit, the forms of the calls that ask it.
READERS = (Role.COORDINATOR, Role.REVIEWER, Role.AUDITOR)


def visible_forms(person) -> QuerySet[FormVersion]:
    versions = FormVersion.objects.select_related("form", "uploaded_by")
    if person.is_superuser or has_role(person, *READERS):
        return versions
    return versions.filter(pk__in=visible_calls(person).values("form_version"))


def form_for(person, pk: int) -> FormVersion:
    """The version with its definition. Http404 for a stranger."""
    found = visible_forms(person).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def newest_forms(person) -> QuerySet[FormVersion]:
    """The newest version of each form that the person may see, annotated with how many versions and calls it has."""
    versions = visible_forms(person)
    newest = versions.order_by().values("form").annotate(last=Max("number"))
    return (
        versions.defer("definition", "summary")
        .annotate(
            last=Subquery(newest.filter(form=OuterRef("form")).values("last")),
            version_count=Count("form__versions", distinct=True),
            call_count=Count("calls", distinct=True),
        )
        .filter(number=F("last"))
    )


@dataclass(frozen=True)
class Asked:
    """A question as the preview shows it, in one language."""

    question: Question
    label: str
    hint: str
    choices: tuple[str, ...]

    @property
    def shape(self) -> str:
        """note, calculated, choices, tick, file, lines (text that may run on) or line."""
        question = self.question
        if question.type == "note":
            return "note"
        if question.type == "calculate" or question.calculation:
            return "calculated"
        if self.choices:
            return "choices"
        shapes = {"acknowledge": "tick", "file": "file"}
        return shapes.get(question.type) or ("lines" if "multiline" in question.appearance else "line")


@dataclass(frozen=True)
class Block:
    """Questions that stand together: the inputs and the ratio of one indicator, or a question of its own."""

    indicator: Indicator | None
    title: str
    asked: tuple[Asked, ...]
    unit: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Area:
    """A section of the form, in one language."""

    name: str
    title: str
    indicators: tuple[Block, ...]  # each with its own questions, for the table of weights
    blocks: tuple[Block, ...]  # everything shown, in the order of the sheet

    @property
    def weight(self) -> Decimal:
        return sum((Decimal(block.indicator.weight) for block in self.indicators if block.indicator), Decimal(0))


def areas_of(version: FormVersion, language: str) -> list[Area]:
    definition = form_of(version)
    return [
        Area(
            section.name,
            section.label_in(language) if section.name else "",
            tuple(_block(definition, [], code.code, language) for code in definition.indicators_of(section.name)),
            _blocks(definition, section.name, language),
        )
        for section in definition.sections
    ]


def _blocks(definition: FormDefinition, section: str, language: str) -> tuple[Block, ...]:
    together = groupby(enumerate(definition.questions_of(section)), key=lambda pair: pair[1].indicator or f"#{pair[0]}")
    return tuple(_block(definition, [question for _place, question in pairs], key, language) for key, pairs in together)


def _block(definition: FormDefinition, questions: list[Question], code: str, language: str) -> Block:
    asked = tuple(
        Asked(
            question,
            question.label_in(language),
            question.hint_in(language),
            tuple(choice.label_in(language) for choice in question.choices),
        )
        for question in questions
    )
    indicator = definition.indicator(code)
    if indicator is None:
        return Block(None, "", asked)
    return Block(
        indicator, indicator.label_in(language), asked, indicator.unit_in(language), indicator.evidence_in(language)
    )


def total_weight(definition: FormDefinition) -> Decimal:
    return sum((Decimal(indicator.weight) for indicator in definition.indicators), Decimal(0))
