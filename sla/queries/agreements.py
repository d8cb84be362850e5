"""Which units have answered a version of the agreement, what, when and by whom; who has not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, Count, Exists, Max, OuterRef, Q, QuerySet, Value, When
from django.db.models.fields import CharField

from units.enums import Role
from units.models import Event, Membership, Person, Unit
from units.models.querysets import UnitQuerySet
from units.queries.tree import heads_of

from ..enums import AgreementState, AgreementVerb, Answer, Coverage
from ..models import Acceptance, AgreementVersion
from . import visible_agreements

# A head who was reminded within it is left in peace, whoever clicks.
PEACE = timedelta(days=1)


def covered_units(agreement: AgreementVersion, at: datetime) -> UnitQuerySet:
    """Units that the version concerns, annotated `version` (its key), `coverage` (Coverage) and `has_head`.

    The active ones of the provider's tree, and whoever has answered; the provider itself only where it has a head who
    could answer.
    """
    answers = Acceptance.objects.filter(agreement=agreement, unit=OuterRef("pk"))
    heads = Membership.objects.valid_at(at).filter(unit=OuterRef("pk"), role=Role.HEAD, person__is_active=True)
    provider = agreement.service.provider
    active = Q(path__startswith=provider.path) & (Q(retired_at__isnull=True) | Q(retired_at__gt=at))
    return (
        Unit.objects.annotate(version=Value(agreement.pk), has_answered=Exists(answers), has_head=Exists(heads))
        .filter(active | Q(has_answered=True))
        .exclude(pk=provider.pk, has_head=False, has_answered=False)
        .annotate(
            coverage=Case(
                When(Exists(answers.filter(answer=Answer.ACCEPTED)), then=Value(Coverage.ACCEPTED)),
                When(has_answered=True, then=Value(Coverage.REFUSED)),
                When(has_head=True, then=Value(Coverage.WAITING)),
                default=Value(Coverage.HEADLESS),
                output_field=CharField(max_length=10),
            )
        )
    )


def coverage_counts(units: UnitQuerySet) -> dict[str, int]:
    """{Coverage: how many} in one query; every one of them, zeros too."""
    counted = dict(units.order_by().values_list("coverage").annotate(Count("pk")))
    return {value: counted.get(value, 0) for value in Coverage.values}


@dataclass(frozen=True)
class UnitAnswer:
    """A unit of the coverage page. `answer` is what stands: the acceptance, else the last refusal."""

    unit: Unit
    answer: Acceptance | None
    heads: list[Person] = field(default_factory=list)
    reminded_at: datetime | None = None


def coverage_rows(agreement: AgreementVersion, units: Iterable[Unit], at: datetime) -> list[UnitAnswer]:
    """One row a unit of a page of `covered_units`; three more queries, however many units."""
    units = list(units)
    given = Acceptance.objects.filter(agreement=agreement, unit__in=[unit.pk for unit in units])
    answers: dict[int, Acceptance] = {}
    for answer in given.select_related("by", "membership__deputy_for__person").order_by("id"):
        if answer.unit_id not in answers or answers[answer.unit_id].answer != Answer.ACCEPTED:
            answers[answer.unit_id] = answer
    heads, reminded = heads_of(units, at), reminded_at(agreement, units)
    return [UnitAnswer(unit, answers.get(unit.pk), heads.get(unit.pk, []), reminded.get(unit.pk)) for unit in units]


@dataclass(frozen=True)
class Remindable:
    """Units whose heads may be reminded: `now`, and those `lately` reminded within PEACE."""

    now: list[Unit]
    lately: list[Unit]


def remindable(agreement: AgreementVersion, at: datetime, units: Iterable[Unit] | None = None) -> Remindable:
    """Of these units (None: of all) those that have not accepted and have a head who could."""
    asked = covered_units(agreement, at).filter(coverage__in=[Coverage.WAITING, Coverage.REFUSED], has_head=True)
    if units is not None:
        asked = asked.filter(pk__in=[unit.pk for unit in units])
    waiting = list(asked.in_order())
    known = reminded_at(agreement, waiting)
    lately = {unit.pk for unit in waiting if unit.pk in known and known[unit.pk] > at - PEACE}
    return Remindable([u for u in waiting if u.pk not in lately], [u for u in waiting if u.pk in lately])


def reminded_at(agreement: AgreementVersion, units: Iterable[Unit]) -> dict[int, datetime]:
    """{unit id: when its heads were last reminded of the version}."""
    events = Event.objects.filter(
        noun="agreement", key=str(agreement.pk), verb=AgreementVerb.REMIND, unit_id__in=[unit.pk for unit in units]
    )
    return dict(events.order_by().values_list("unit_id").annotate(Max("at")))


def other_versions(person, agreement: AgreementVersion) -> QuerySet[AgreementVersion]:
    """The versions of the same service that the person may read, the newest first."""
    return visible_agreements(person).filter(service=agreement.service_id).order_by("-number")


def version_before(agreement: AgreementVersion) -> AgreementVersion | None:
    """The published version that this one follows."""
    earlier = AgreementVersion.objects.filter(service=agreement.service_id, state=AgreementState.PUBLISHED)
    return earlier.filter(number__lt=agreement.number).order_by("-number").first()
