"""Which forms a person may see, and a version told as a page tells it."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.http import Http404

from units.enums import Role
from units.queries import has_role

from ..models import FormFile, FormVersion
from ..xlsform import FormDefinition, Indicator
from ..xlsform import engine_for as compiled
from ..xlsform.sheets import KIND
from . import form_of, visible_calls
from .drafts import Assessment, Draft

# Headquarters reads every form; a unit, the forms of the calls that ask it.
READERS = (Role.COORDINATOR, Role.REVIEWER, Role.AUDITOR)


def visible_forms(person) -> QuerySet[FormVersion]:
    versions = FormVersion.objects.select_related("form", "uploaded_by")
    if person.is_superuser or has_role(person, *READERS):
        return versions
    return versions.filter(pk__in=visible_calls(person).values("form_version"))


def visible_form(person, pk: int) -> FormVersion:
    """The version with its definition. Http404 for a stranger."""
    found = visible_forms(person).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible_file(person, sha256: str) -> FormFile | None:
    """A file beside a form that the person may see, by its content."""
    return FormFile.objects.filter(sha256=sha256, version__in=visible_forms(person).values("pk")).first()


def newest_forms(person) -> QuerySet[FormVersion]:
    """The newest version of each form that the person may see, annotated with how many calls use it."""
    versions = visible_forms(person)
    newest = versions.order_by().values("form").annotate(last=Max("number"))
    return (
        versions.defer("definition", "summary")
        .annotate(
            last=Subquery(newest.filter(form=OuterRef("form")).values("last")),
            call_count=Count("calls"),
        )
        .filter(number=F("last"))
    )


@dataclass(frozen=True)
class MeasuredIndicator:
    """An indicator as a table tells it, in one language."""

    indicator: Indicator
    title: str
    unit: str


@dataclass(frozen=True)
class Area:
    """A section of the form that measures something, in one language; `title` is "" outside any section."""

    title: str
    indicators: tuple[MeasuredIndicator, ...]

    @property
    def weight(self) -> Decimal:
        return sum((Decimal(measured.indicator.weight) for measured in self.indicators), Decimal(0))


def areas_of(version: FormVersion, language: str) -> list[Area]:
    definition = form_of(version)
    return [
        Area(
            section.label_in(language) if section.name else "",
            tuple(
                MeasuredIndicator(indicator, indicator.label_in(language), indicator.unit_in(language))
                for indicator in definition.indicators_of(section.name)
            ),
        )
        for section in definition.sections
        if definition.indicators_of(section.name)
    ]


def total_weight(definition: FormDefinition) -> Decimal:
    return sum((Decimal(indicator.weight) for indicator in definition.indicators), Decimal(0))


def blank(version: FormVersion, at: datetime, language: str, kind: str = "") -> Assessment:
    """The form before anybody wrote in it, with everything shown that a condition would hide: what a preview draws. `kind`: as units
    of that kind are asked it; `language`: of its words."""
    engine = compiled(form_of(version), key=version.pk)
    if kind:
        engine = engine.of_unit({KIND: kind})
    evaluation = engine.evaluate({}, at=at, words=language)
    shown = replace(evaluation, relevant=dict.fromkeys(evaluation.relevant, True), errors={}, missing=[])
    return Assessment(engine.asked, Draft({}, {}, {}, []), shown, {}, {}, {}, words=language)
