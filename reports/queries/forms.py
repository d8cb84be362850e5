"""Which forms a person may see, and a version told as a page tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils.translation import gettext as _

from units.enums import HEADQUARTERS_ROLES
from units.models import UnitAttribute
from units.queries import has_role
from units.queries.kinds import kind_names

from ..models import FormFile, FormVersion
from ..xlsform import FormDefinition, Indicator
from ..xlsform import engine_for as compiled
from ..xlsform.sheets import ATTRIBUTE, KIND
from . import form_of, visible_calls
from .drafts import Assessment, Draft

# Headquarters reads every form; a unit, the forms of the calls that ask it.


def visible_forms(person) -> QuerySet[FormVersion]:
    versions = FormVersion.objects.select_related("form", "uploaded_by")
    if person.is_superuser or has_role(person, *HEADQUARTERS_ROLES):
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


def blank(version: FormVersion, at: datetime, language: str, facts: Mapping[str, str] | None = None) -> Assessment:
    """The form before anybody wrote in it, with everything shown that a condition would hide: what a preview draws. `facts` {source:
    text}: as a unit of which that is known is asked it; `language`: of its words."""
    engine = compiled(form_of(version), key=version.pk)
    if facts:
        engine = engine.of_unit(facts)
    evaluation = engine.evaluate({}, at=at, words=language)
    shown = replace(evaluation, relevant=dict.fromkeys(evaluation.relevant, True), errors={}, missing=[])
    return Assessment(engine.asked, Draft({}, {}, {}, []), shown, {}, {}, {}, words=language)


def told_apart(definition: FormDefinition) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """[(source, what it is called, [(value, name)])] of what the form reads of units and what has a list of values."""
    found = []
    if KIND in definition.sources:
        found.append((KIND, _("the kind of the unit"), list(kind_names().items())))
    codes = [source.removeprefix(ATTRIBUTE) for source in definition.sources if source.startswith(ATTRIBUTE)]
    for attribute in UnitAttribute.objects.filter(code__in=codes).exclude(choices=[]) if codes else []:
        values = [(choice, choice) for choice in attribute.choices]
        found.append((ATTRIBUTE + attribute.code, attribute.name_here, values))
    return found
