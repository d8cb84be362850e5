"""The columns of facts and results for other people's tools. Names and types stay: a column may come, none changes its meaning.

The view of deploy/bi-views.sql has the same ones; a test holds the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from ..models import Call, IndicatorFact, ResultFact

TEXT, INTEGER, DECIMAL = "text", "integer", "decimal"
AT_ONCE = 2000


@dataclass(frozen=True)
class FactColumn:
    """`field`: where it stands, seen from a fact of a result."""

    name: str
    field: str
    kind: str
    label: Promise


RESULT_COLUMNS = (
    FactColumn("service", "call__agreement__service__slug", TEXT, _("Service")),
    FactColumn("call", "call_id", INTEGER, _("Call’s number")),
    FactColumn("period", "period_code", TEXT, _("Code of the period; sorts as text.")),
    FactColumn("period_starts", "period_starts", TEXT, _("First day of the period, Gregorian")),
    FactColumn("unit_code", "unit__code", TEXT, _("Unit’s code")),
    FactColumn("unit_name", "report__unit_name", TEXT, _("As it was called when the call was published")),
    FactColumn("unit_kind", "kind", TEXT, _("Code of the kind that the unit had in the call")),
    FactColumn("peers", "peers", TEXT, _("Group within which the call compares it; empty: all")),
    FactColumn("tracking_code", "report__tracking_code", TEXT, _("Tracking code")),
    FactColumn("result_version", "version__number", INTEGER, _("Version of the result")),
    FactColumn("total", "total", DECIMAL, _("Of 100; empty where nothing could be scored")),
    FactColumn("missed", "missed", INTEGER, _("1: no report came, the result is 0")),
)
FACT_COLUMNS = (
    *(
        FactColumn(each.name, f"result__{each.field}", each.kind, each.label)
        for each in RESULT_COLUMNS
        if each.name not in ("total", "missed")
    ),
    FactColumn("indicator", "indicator", TEXT, _("Code of the indicator")),
    FactColumn("section", "section", TEXT, _("Section of the form")),
    FactColumn("state", "state", TEXT, _("scored, not_applicable or missing.")),
    FactColumn("claimed_numerator", "claimed_numerator", DECIMAL, _("Numerator as the unit stated it")),
    FactColumn("claimed_denominator", "claimed_denominator", DECIMAL, _("Denominator as the unit stated it")),
    FactColumn("claimed_value", "claimed_value", DECIMAL, _("Value as the unit stated it")),
    FactColumn("numerator", "numerator", DECIMAL, _("Numerator as verified")),
    FactColumn("denominator", "denominator", DECIMAL, _("Denominator as verified")),
    FactColumn("value", "value", DECIMAL, _("Value as verified")),
    FactColumn("points", "points", DECIMAL, _("Points that it earned")),
    FactColumn("weight", "weight", DECIMAL, _("Out of so many points")),
    FactColumn("standard", "standard", DECIMAL, _("The standard")),
    FactColumn("direction", "direction", TEXT, _("up: more is better; down: less is better")),
    FactColumn("aggregate", "aggregate", TEXT, _("How units are joined: ratio, sum, mean or none")),
    FactColumn("scale", "scale", DECIMAL, _("By what a ratio is multiplied")),
    FactColumn("weightby", "weightby", DECIMAL, _("By what a mean is weighted")),
)


def result_rows(call: Call, seen: Q) -> Iterator[tuple]:
    """A row for each result of the call that `seen` admits, in the order of RESULT_COLUMNS."""
    found = ResultFact.objects.filter(seen, call=call).order_by("unit__sort_key", "pk")
    return found.values_list(*(column.field for column in RESULT_COLUMNS)).iterator(AT_ONCE)


def fact_rows(call: Call, seen: Q) -> Iterator[tuple]:
    """A row for each indicator of these, in the order of FACT_COLUMNS."""
    results = ResultFact.objects.filter(seen, call=call).values("pk")
    found = IndicatorFact.objects.filter(call=call, result__in=results).order_by(
        "result__unit__sort_key", "result_id", "pk"
    )
    return found.values_list(*(column.field for column in FACT_COLUMNS)).iterator(AT_ONCE)


def codebook_rows() -> Iterator[list[str]]:
    """(file, column, type, Persian, English)."""
    for file, columns in (("results", RESULT_COLUMNS), ("facts", FACT_COLUMNS)):
        for column in columns:
            said = []
            for language in ("fa", "en"):
                with override(language):
                    said.append(str(column.label))
            yield [file, column.name, column.kind, *said]
