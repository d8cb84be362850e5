"""The facts of analysis against the results that they are derived from: row by row, figure by figure."""

from collections.abc import Iterator
from decimal import Context, Decimal

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from ..models import FactStamp, IndicatorFact, Report, ResultFact, ResultVersion
from ..queries import form_of
from ..queries.analysis import intervals_in, matrix, unpacked
from ..queries.facts import COLUMNS, answers_of, indicator_rows, plans_of, result_fact
from ..queries.facts_cache import facts_of
from .saying import holds

BATCH = 500
# SQLite keeps decimals as floating point: fifteen digits are what two of them can agree on.
_ROUGH = Context(prec=15) if connection.vendor == "sqlite" else None
_FIELDS = [next(f for f in IndicatorFact._meta.concrete_fields if f.attname == name) for name in COLUMNS]
CODE = COLUMNS.index("indicator")
_RESULT_FIELDS = ResultFact._meta.concrete_fields


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
    reports = Report.objects.select_related("unit", "call__form_version").in_bulk(ids)
    versions = ResultVersion.objects.filter(report__in=ids, announced_at__isnull=False).select_related("revision")
    newest = {version.report_id: version for version in versions.order_by("announced_at", "number")}
    stored: dict[int, dict[str, tuple]] = {pk: {} for pk in ids}
    for fact in IndicatorFact.objects.filter(result__in=ids):
        stored[fact.result_id][fact.indicator] = said(fact, _FIELDS)
    heads = ResultFact.objects.in_bulk(ids)
    for pk, report in reports.items():
        version, head = newest[pk], heads.get(pk)
        expected = result_fact(report, version)
        if head is None or said(head, _RESULT_FIELDS) != said(expected, _RESULT_FIELDS):
            yield f"fact: the result of report {report.tracking_code} is not in the facts as version {version.number} says it"
        plans = plans_of(form_of(report.call.form_version))
        rows = indicator_rows(plans, report, version, answers_of(version))
        wanted = {row[CODE]: tuple(_plain(*cell) for cell in zip(_FIELDS, row, strict=True)) for row in rows}
        for code in sorted(wanted.keys() | stored[pk].keys()):
            if wanted.get(code) != stored[pk].get(code):
                yield f"fact: {code} of report {report.tracking_code} is not what version {version.number} says"


@holds(_("What is kept of the places in a call’s league is what its results make."))
def intervals_are_what_facts_make() -> Iterator[str]:
    """Where nothing has changed since they were made. `manage.py rebuildfacts` makes them again."""
    kept = FactStamp.objects.filter(intervals_for=F("stamp")).select_related("call__form_version", "call__agreement")
    for stamp in kept.order_by("call"):
        if unpacked(bytes(stamp.intervals)) != intervals_in(matrix(facts_of(stamp.call))):
            yield f"fact: the places in the league of call {stamp.call_id} are not what its results make"


def said(row, fields) -> tuple:
    """The row's columns as they compare: numbers as numbers, however they came."""
    return tuple(_plain(field, getattr(row, field.attname)) for field in fields)


def _plain(field, value):
    if value is None or field.get_internal_type() != "DecimalField":
        return value
    number = Decimal(str(value))
    return (_ROUGH.plus(number) if _ROUGH else number).normalize()


FACT_CHECKS = (facts_are_what_results_say, intervals_are_what_facts_make)
