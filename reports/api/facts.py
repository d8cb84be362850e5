"""Facts of announced results for people's own tools: the same columns for every call, as pages of JSON, CSV and Parquet by call."""

from collections.abc import Iterator
from decimal import Decimal

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from sajad_portal.lib.sheets import CSV_TYPE, csv_line, guarded
from sla.enums import ClientScope

from ..models import Call, IndicatorFact, ResultFact
from ..queries.analysis import results_in_reach
from ..queries.facts_columns import FACT_COLUMNS, RESULT_COLUMNS, FactColumn, codebook_rows, fact_rows, result_rows
from .calls import call_of
from .door import ClientRequest, Needs
from .shapes import ListAsked, ListPage, paged

router = Router(tags=["facts"], auth=Needs(ClientScope.FACTS))


class FactOut(Schema):
    unit_code: str
    period: str
    indicator: str
    section: str
    state: str = Field(description=_("scored, not_applicable or missing."), examples=["scored"])
    value: str | None = Field(description=_("As verified; text, so that no digit is lost."), examples=["80"])
    claimed_value: str | None
    points: str
    weight: str


@router.get("/calls/{int:pk}/facts", response=ListPage[FactOut], summary=_("Facts of a call, indicator by indicator"))
def facts(request: ClientRequest, pk: int, asked: Query[ListAsked]):
    found = _visible_facts(request, call_of(request, pk)).select_related("result__unit")
    return paged(request, asked, found, by=("result_id", "indicator", "pk"), make=_told)


@router.get(
    "/calls/{int:pk}/facts.csv", response=None, openapi_extra={"x-file": CSV_TYPE}, summary=_("Facts of a call as CSV")
)
def facts_csv(request: ClientRequest, pk: int):
    call = call_of(request, pk)
    return _csv(FACT_COLUMNS, fact_rows(call, _reach(request)), f"facts-{call.pk}")


@router.get(
    "/calls/{int:pk}/results.csv",
    response=None,
    openapi_extra={"x-file": CSV_TYPE},
    summary=_("Results of a call as CSV"),
)
def results_csv(request: ClientRequest, pk: int):
    call = call_of(request, pk)
    return _csv(RESULT_COLUMNS, result_rows(call, _reach(request)), f"results-{call.pk}")


@router.get(
    "/codebook.csv",
    response=None,
    openapi_extra={"x-file": CSV_TYPE},
    summary=_("What the columns of these files mean"),
)
def codebook(request: ClientRequest):
    lines = [
        csv_line(["file", "column", "type", "fa", "en"]),
        *(csv_line([guarded(cell) for cell in row]) for row in codebook_rows()),
    ]
    return _file("".join(lines), CSV_TYPE, "codebook.csv")


def _reach(request: ClientRequest):
    """Results that the person sees: no export shows a unit that its pages do not."""
    return results_in_reach(request.person)


def _visible_facts(request: ClientRequest, call: Call):
    seen = ResultFact.objects.filter(_reach(request), call=call)
    return IndicatorFact.objects.filter(call=call, result__in=seen)


def _csv(columns: tuple[FactColumn, ...], rows: Iterator[tuple], name: str) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        yield csv_line([column.name for column in columns])
        for row in rows:
            yield csv_line([cell_text(cell) for cell in row])

    answer = StreamingHttpResponse(lines(), content_type=CSV_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return plain_decimal(cell)
    return guarded(cell) if isinstance(cell, str) else str(int(cell)) if isinstance(cell, bool) else str(cell)


def plain_decimal(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _file(text: str, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _told(fact: IndicatorFact) -> dict:
    def said(number: Decimal | None) -> str | None:
        return None if number is None else plain_decimal(number)

    return {
        "unit_code": fact.result.unit.code, "period": fact.result.period_code, "indicator": fact.indicator,
        "section": fact.section, "state": fact.state, "value": said(fact.value), "claimed_value": said(fact.claimed_value),
        "points": plain_decimal(fact.points), "weight": plain_decimal(fact.weight),
    }  # fmt: skip
