"""A field of units with results, for analysis: random figures through real reviews into announced versions.

`FIGURES` draws what units claimed and reviewers verified; `announce_field` stores the revisions and reviews and announces
each through its verb. What tests compare with is read from those revisions and reviews, never from the facts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reports.actions.announcing import announce_results
from reports.actions.calls import publish_call
from reports.enums import ReportState, ReviewState, Standing
from reports.models import Call, Report, Review, ReviewItem, Revision
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import new_code
from units.models import Unit

from .calls import make_call
from .factories import make_unit
from .forms import FA, workbook
from .people import Cast

# code: (section, aggregate, direction, standard, weight, scale, {role: question}, question of the weighted mean)
MEASURES = {
    "RAT": ("first", "ratio", "up", 80, 30, 100, {"numerator": "rat_n", "denominator": "rat_d"}, ""),
    "WMN": ("first", "mean", "up", 4, 20, 1, {"value": "wmn"}, "wmn_count"),
    "CNT": ("second", "sum", "up", 10, 20, 1, {"value": "cnt"}, ""),
    "DAY": ("second", "none", "down", 5, 15, 1, {"value": "day"}, ""),
    "AVG": ("third", "mean", "up", 50, 15, 1, {"value": "avg"}, ""),
}


FEW = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@contextmanager
def undone() -> Iterator[None]:
    """What an example stores is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@cache
def field_form() -> bytes:
    """Five indicators in three sections: one of each way of rolling up, one of them falling, one mean without weight."""
    rows = []
    for section in ("first", "second", "third"):
        rows.append({"type": "begin_group", "name": section, FA: section})
        for code, (of, aggregate, direction, standard, weight, scale, inputs, by) in MEASURES.items():
            if of != section:
                continue
            head = {
                "weight": weight, "standard": standard, "direction": direction, "aggregate": aggregate, "scale": scale,
                **({"weightby": by} if by else {}),
            }  # fmt: skip
            head = {f"bind::sajad:{name}": value for name, value in head.items()}
            for role, name in inputs.items():
                own = {"bind::sajad:indicator": code, "bind::sajad:role": role}
                more = head if role == "value" else {}
                rows.append({"type": "decimal", "name": name, FA: name, **own, **more})
            if "numerator" in inputs:
                ratio = {"type": "calculate", "name": code.lower(), FA: code, "bind::sajad:indicator": code, **head}
                rows.append(
                    {**ratio, "calculation": f"${{{inputs['numerator']}}} div ${{{inputs['denominator']}}} * 100"}
                )
            if by:
                rows.append({"type": "integer", "name": by, FA: by})
        rows.append({"type": "end_group", "name": section})
    headers = list(dict.fromkeys(key for row in rows for key in row))
    return workbook(rows, settings={"form_id": "field"}, survey_headers=headers)


@dataclass(frozen=True)
class Figures:
    """One unit's period. `verified` {question: text}; what is not in it stands as claimed. `not_applicable`: agreed to."""

    claimed: dict[str, str]
    verified: dict[str, str] = field(default_factory=dict)
    not_applicable: frozenset[str] = frozenset()
    missed: bool = False
    standing: str = Standing.ON_TIME

    def counts(self, question: str) -> str:
        return self.verified.get(question, self.claimed.get(question, ""))


QUESTIONS = [name for measure in MEASURES.values() for name in measure[6].values()]
NUMBERS = st.integers(0, 1200).map(lambda n: str(n / 10).removesuffix(".0"))
FIGURES = st.builds(
    Figures,
    claimed=st.fixed_dictionaries(
        {**dict.fromkeys(QUESTIONS, st.one_of(NUMBERS, NUMBERS, NUMBERS, st.just("")))},
        optional={"wmn_count": st.integers(0, 300).map(str)},
    ),
    verified=st.dictionaries(st.sampled_from(QUESTIONS), NUMBERS, max_size=3),
    not_applicable=st.frozensets(st.sampled_from(sorted(MEASURES)), max_size=2),
    missed=st.sampled_from([False, False, False, False, True]),
)


def field_call(cast: Cast, count: int, *, parents: int = 2, **given) -> tuple[Call, list[Unit]]:
    """A published call that is over, to `count` new units that hang under A, B and the organisation by turns."""
    above = [cast.a, cast.b, cast.provider][: parents + 1]
    units = given.pop("units", None) or [make_unit(parent=above[n % len(above)]) for n in range(count)]
    given.setdefault("form", field_form())
    call = make_call(cast, audience={"units": [unit.pk for unit in units]}, **given)
    publish_call(call=call, by=cast.laleh)
    now = database_now()
    past = {"opens_at": now - timedelta(days=9), "closes_at": now - timedelta(days=2), "review_until": now}
    Call.objects.filter(pk=call.pk).update(**past, opening_recorded_at=now - timedelta(days=9))
    return Call.objects.get(pk=call.pk), units


def store(cast: Cast, call: Call, unit: Unit, figures: Figures) -> Report:
    """The unit's revision and Omid's review of it, handed in, straight into the tables; nothing for a missed one."""
    report = Report.objects.select_related("call", "unit", "request").get(call=call, unit=unit)
    if figures.missed:
        return report
    sent = call.closes_at - timedelta(hours=1)
    answers = {name: text for name, text in figures.claimed.items() if text}
    answers |= {f"na:{code}": "موضوعیت ندارد" for code in figures.not_applicable}
    Revision.objects.create(
        report=report, number=1, answers=answers, values={}, evidence=[], sha256="-", receipt_code=new_code(), submitted_at=sent,
        submitted_by=cast.reza, standing=figures.standing, deadline=call.closes_at, rule={},
    )  # fmt: skip
    review = Review.objects.create(
        report=report,
        reviewer=cast.omid,
        state=ReviewState.HANDED_IN,
        assigned_at=sent,
        started_at=sent,
        handed_in_at=sent,
    )
    ReviewItem.objects.bulk_create(
        ReviewItem(
            review=review, indicator=code, revision=1, saved_at=sent, not_applicable=True if code in figures.not_applicable else None,
            verified={role: figures.counts(name) for role, name in measure[6].items()},
        )
        for code, measure in MEASURES.items()
    )  # fmt: skip
    Report.objects.filter(pk=report.pk).update(
        state=ReportState.UNDER_REVIEW,
        submitted_at=sent,
        review_started_at=sent,
        closed_for=call.closes_at + call.grace,
    )
    return report


def announce_field(cast: Cast, call: Call, units: list[Unit], figures: list[Figures]) -> list[Report]:
    reports = [store(cast, call, unit, own) for unit, own in zip(units, figures, strict=True)]
    announce_results(reports=reports, by=cast.laleh)
    return reports


# ----------------------------------------------------------------------------- the slow obvious way, from the reviews
def verified_of(report: Report) -> dict[str, dict] | None:
    """{indicator: {"na", role: float}} out of the review's items; None for a missed report."""
    review = Review.objects.filter(report=report).first()
    if review is None:
        return None
    found = {}
    for item in review.items.all():
        numbers = {role: float(text) for role, text in item.verified.items() if text}
        found[item.indicator] = {"na": bool(item.not_applicable), **numbers}
    return found


def value_of(code: str, item: dict) -> float | None:
    """The indicator's value where it counts: not where it does not apply, not without figures."""
    if item["na"]:
        return None
    if MEASURES[code][6].keys() == {"value"}:
        return item.get("value")
    if "numerator" not in item or not item.get("denominator"):
        return None
    return item["numerator"] / item["denominator"] * MEASURES[code][5]


def share_of(code: str, value: float | None, standard: float | None = None) -> float:
    """The part of the weight that a value earns, 0 to 1."""
    if value is None:
        return 0.0
    standard = standard if standard is not None else MEASURES[code][3]
    if MEASURES[code][2] == "down":
        return 1.0 if value <= 0 else min(1.0, standard / value)
    return max(0.0, min(1.0, value / standard))


def total_of(
    items: dict[str, dict], weights: dict[str, float] | None = None, standards: dict[str, float] | None = None
):
    """100·Σpoints/Σweights with the weight of what does not apply shared out; None where nothing weighs."""
    weights = {code: float(measure[4]) for code, measure in MEASURES.items()} | (weights or {})
    counting = {code for code in MEASURES if not items[code]["na"]}
    areas: dict[str, list[str]] = {}
    for code, measure in MEASURES.items():
        areas.setdefault(measure[0], []).append(code)
    live = {area: codes for area, codes in areas.items() if sum(weights[c] for c in codes if c in counting) > 0}
    whole = sum(sum(weights[c] for c in codes) for codes in live.values())
    if not whole:
        return None
    points = 0.0
    for codes in live.values():
        left = sum(weights[c] for c in codes if c in counting)
        area = sum(weights[c] for c in codes)
        for code in codes:
            if code in counting:
                share = share_of(code, value_of(code, items[code]), (standards or {}).get(code))
                points += share * weights[code] / left * area
    return 100 * points / whole
