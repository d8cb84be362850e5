"""The facts of analysis against the results that they are derived from: row by row, figure by figure.

What a fact must hold is worked out here, from the stored letter and the stored answers: what writes the facts is what is checked.
"""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from ..enums import FactState
from ..models import FactStamp, IndicatorFact, Report, ResultFact, ResultVersion
from ..queries import asked_of
from ..queries.analysis import intervals_in, matrix, unpacked
from ..queries.facts_cache import facts_of
from ..scoring import NOT_APPLICABLE, SCORED
from ..scoring.functions import levels_of
from ..xlsform.definition import FormDefinition, Indicator
from .saying import holds

BATCH = 500
# Of a revision, what no fact is made of.
UNREAD = ("evidence", "rule", "claimed_score", "doubts")
# SQLite keeps decimals as floating point: fifteen digits are what two of them can agree on.
_ROUGH = Context(prec=15) if connection.vendor == "sqlite" else None
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
_LAST_PLACE = Decimal("1e-10")
_STATES = {SCORED: FactState.SCORED, NOT_APPLICABLE: FactState.NOT_APPLICABLE}


@holds(_("The figures of the analysis are those of the results."))
def facts_are_what_results_say() -> Iterator[str]:
    """Each report with an announced result has the facts of the version that stands, and nothing else has any."""
    without = ResultFact.objects.exclude(report__results__announced_at__isnull=False)
    for code in without.values_list("report__tracking_code", flat=True):
        yield f"fact: report {code} has facts and no announced result"
    announced = Report.objects.filter(results__announced_at__isnull=False).distinct().order_by("pk")
    ids = list(announced.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        yield from _compare(ids[start : start + BATCH])


def _compare(ids: list[int]) -> Iterator[str]:
    # A form is read once and not once a report: its definition is larger than all that a report says.
    reports = Report.objects.select_related("unit").prefetch_related("call__form_version").in_bulk(ids)
    versions = ResultVersion.objects.filter(report__in=ids, announced_at__isnull=False).select_related("revision")
    versions = versions.defer(*(f"revision__{name}" for name in UNREAD))
    newest = {version.report_id: version for version in versions.order_by("announced_at", "number")}
    stored: dict[int, dict[str, IndicatorFact]] = {pk: {} for pk in ids}
    for fact in IndicatorFact.objects.filter(result__in=ids):
        stored[fact.result_id][fact.indicator] = fact
    heads = ResultFact.objects.in_bulk(ids)
    for pk, report in reports.items():
        version, head = newest[pk], heads.get(pk)
        if head is None or _told(head, expected := _of_result(report, version)) != expected:
            yield f"fact: the result of report {report.tracking_code} is not in the facts as version {version.number} says it"
        wanted = _of_letter(asked_of(report), report, version)
        for code in sorted(wanted.keys() | stored[pk].keys()):
            row, right = stored[pk].get(code), wanted.get(code)
            if row is None or right is None or _told(row, right) != right:
                yield f"fact: {code} of report {report.tracking_code} is not what version {version.number} says"


@holds(_("What is kept of the places in a call’s league is what its results make."))
def intervals_are_what_facts_make() -> Iterator[str]:
    """Where nothing has changed since they were made. `manage.py rebuildfacts` makes them again."""
    kept = FactStamp.objects.filter(intervals_for=F("stamp")).select_related("call__form_version", "call__agreement")
    for stamp in kept.order_by("call"):
        if unpacked(bytes(stamp.intervals)) != intervals_in(matrix(facts_of(stamp.call))):
            yield f"fact: the places in the league of call {stamp.call_id} are not what its results make"


def _told(row, expected: Mapping) -> dict:
    """Of the row what is expected of it, numbers as they compare, however they came."""
    return {name: _plain(getattr(row, name)) for name in expected}


def _plain(value):
    if not isinstance(value, Decimal):
        return value
    return (_ROUGH.plus(value) if _ROUGH else value).normalize()


def _of_result(report: Report, version: ResultVersion) -> dict:
    call, total = report.call, version.total
    place = (
        Decimal(ResultFact.NO_REPORT) if version.missed else Decimal(ResultFact.NO_SCORE) if total is None else total
    )
    found = {
        "version_id": version.pk, "call_id": call.pk, "unit_id": report.unit_id, "unit_path": report.unit_path,
        "kind": report.unit_kind, "peers": _peers(report), "period_code": call.period_code, "period_starts": call.period_starts, "total": total,
        "sort_total": place, "missed": version.missed,
    }  # fmt: skip
    return {name: _plain(value) for name, value in found.items()}


def _peers(report: Report) -> str:
    """Its value of the attribute by which the call groups its units; the kind where it names none."""
    source, _colon, attribute = report.call.peers.partition(":")
    return report.unit_attributes.get(attribute, "") if source == "unit_attribute" else report.unit_kind


def _of_letter(definition: FormDefinition, report: Report, version: ResultVersion) -> dict[str, dict]:
    """{indicator: what its fact must hold}."""
    indicators = {indicator.code: indicator for indicator in definition.indicators}
    findings, revision = version.score.get("findings", {}), version.revision
    answers = {} if revision is None else revision.answers | revision.values
    found = {}
    for line in version.score["indicators"]:
        indicator = indicators.get(line["code"])
        if indicator is None:
            continue
        finding = findings.get(indicator.code) or {}
        claimed = finding.get("claimed", {})
        same = claimed == finding.get("verified", {})
        numbers = {name: _number(line[name]) for name in ("numerator", "denominator", "value", "points", "standard")}
        numbers |= {f"claimed_{name}": _number(claimed.get(name)) for name in ("numerator", "denominator")}
        numbers["claimed_value"] = _claim(indicator, claimed, numbers["value"] if same else None) if claimed else None
        numbers |= {"weight": _number(line["effective_weight"]), "scale": _number(indicator.scale)}
        numbers["weightby"] = _weight_of_mean(definition, indicator, findings, answers)
        found[indicator.code] = {
            "call_id": report.call_id, "section": line["section"], "direction": line["direction"],
            "state": _STATES.get(line["state"], FactState.MISSING), "aggregate": indicator.aggregate,
            **{name: _plain(number) for name, number in numbers.items()},
        }  # fmt: skip
    return found


def _claim(indicator: Indicator, claimed: Mapping[str, str], filled: Decimal | None) -> Decimal | None:
    """What the unit's own figures make. `filled`: what the portal filled in, for an indicator without figures."""
    if not indicator.inputs:
        return filled
    if indicator.score == "levels":
        level = levels_of(indicator.levels).get(claimed.get("value", ""))
        return (
            None
            if level is None
            else _number(str(_EXACT.divide(Decimal(level.percent.numerator), level.percent.denominator)))
        )
    if "value" in indicator.inputs:
        return _number(claimed.get("value"))
    top, bottom = (_number(claimed.get(role), places=None) for role in ("numerator", "denominator"))
    if top is None or not bottom:
        return None
    scale = _number(indicator.scale)
    return _EXACT.quantize(
        _EXACT.divide(_EXACT.multiply(top, Decimal(1) if scale is None else scale), bottom), _LAST_PLACE
    )


def _weight_of_mean(
    definition: FormDefinition, indicator: Indicator, findings: Mapping, answers: Mapping
) -> Decimal | None:
    """As verified where the question is itself an indicator's figure, else as submitted."""
    if not indicator.weightby:
        return None
    question = definition.question(indicator.weightby)
    if question and question.indicator and question.role:
        return _number(findings.get(question.indicator, {}).get("verified", {}).get(question.role))
    return _number(answers.get(indicator.weightby))


def _number(text: str | None, *, places: Decimal | None = _LAST_PLACE) -> Decimal | None:
    try:
        number = Decimal(text) if text else None
    except InvalidOperation:
        return None
    if number is None or not number.is_finite():
        return None
    return number if places is None else _EXACT.quantize(number, places)


FACT_CHECKS = (facts_are_what_results_say, intervals_are_what_facts_make)
