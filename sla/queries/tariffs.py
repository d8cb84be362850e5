"""What requests cost, by which row of which table, now and at any instant."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import to_jalali
from sajad_portal.lib.numbers import local_digits

from ..files.tariffs import Tariff, read_tariffs
from ..models import RequestType, Service, ServiceRequest, TariffRow, TariffTable


def fiscal_year(at: datetime) -> int:
    """The Jalali year, in Tehran, whose tables hold at that instant."""
    return to_jalali(tehran_date(at))[0]


def table_in_force(service: Service, year: int) -> TariffTable | None:
    """The latest version of the year's table."""
    rows = Prefetch("rows", TariffRow.objects.select_related("request_type"))
    return (
        TariffTable.objects.filter(service=service, year=year)
        .select_related("published_by")
        .prefetch_related(rows)
        .order_by("-number")
        .first()
    )


def tariff_for(request_type: RequestType, at: datetime) -> TariffRow | None:
    """The row that holds at `at` for this type of request, by the fiscal year; None where there is none: free."""
    table = TariffTable.objects.filter(service=request_type.service_id, year=fiscal_year(at)).order_by("-number")[:1]
    return TariffRow.objects.filter(table__in=list(table), request_type=request_type).select_related("table").first()


def tables_of(service: Service) -> list[TariffTable]:
    """Every version with its rows, the newest year and version first."""
    rows = Prefetch("rows", TariffRow.objects.select_related("request_type"))
    tables = TariffTable.objects.filter(service=service).select_related("published_by").prefetch_related(rows)
    return list(tables.order_by("-year", "-number"))


@dataclass(frozen=True)
class Price:
    """What a request costs, and which row says so; or why it is free."""

    rials: int
    source: str

    @property
    def is_free(self) -> bool:
        return self.rials == 0


def price_of(tariff: TariffRow | None, year: int) -> Price:
    """The price that a row gives; `year`: of which fiscal year the tables held no row."""
    if tariff is None:
        said = _("The tariff table of %(year)s has no row for this request, so it is free.")
        return Price(0, said % {"year": local_digits(year)})
    facts = {
        "year": local_digits(tariff.table.year),
        "number": local_digits(tariff.table.number),
        "line": local_digits(tariff.line),
    }
    if tariff.rials == 0:
        said = _("Row %(line)s of the tariff table of %(year)s (version %(number)s) is zero, so it is free.")
    else:
        said = _("by row %(line)s of the tariff table of %(year)s, version %(number)s")
    return Price(tariff.rials, said % facts)


def price_of_filing(request_type: RequestType, at: datetime) -> Price:
    """What a request of this type would cost if it were filed at `at`."""
    return price_of(tariff_for(request_type, at), fiscal_year(at))


def price_of_request(request: ServiceRequest, at: datetime | None = None) -> Price:
    """The frozen price of a request; where it was lowered since, by agreement in a dispute, it says so.

    `at`: when the price was frozen, where that was not when the request was made.
    """
    price = price_of(request.tariff, fiscal_year(at or request.created_at))
    if request.price_rials == price.rials:
        return price
    said = _("%(source)s; lowered since by agreement") % {"source": price.source}
    return Price(request.price_rials, said)


@dataclass(frozen=True)
class TariffLine:
    """One type of request in a table, with its price; `row` is None where the table says nothing of it."""

    request_type: RequestType
    row: TariffRow | None
    price: Price


def tariff_lines(
    service: Service, table: TariffTable | None, year: int, types: list[RequestType] | None = None
) -> list[TariffLine]:
    """Every type of request of the service, by this table of the year (None: the year has none)."""
    rows = {row.request_type_id: row for row in table.rows.all()} if table else {}
    types = list(service.request_types.order_by("pk")) if types is None else types
    return [TariffLine(kind, rows.get(kind.pk), price_of(rows.get(kind.pk), year)) for kind in types]


@dataclass(frozen=True)
class Year:
    """The tariffs of a fiscal year: the version in force with its lines, and the versions that it replaced."""

    year: int
    table: TariffTable | None
    lines: list[TariffLine]
    earlier: list[tuple[TariffTable, list[TariffLine]]]


def years_of(service: Service, at: datetime) -> list[Year]:
    """The present year, whether or not it has a table, and every other year that has one; the newest first."""
    types = list(service.request_types.order_by("pk"))
    found: dict[int, list[TariffTable]] = {fiscal_year(at): []}
    for table in tables_of(service):
        found.setdefault(table.year, []).append(table)
    return [
        Year(
            year,
            tables[0] if tables else None,
            tariff_lines(service, tables[0] if tables else None, year, types),
            [(table, tariff_lines(service, table, year, types)) for table in tables[1:]],
        )
        for year, tables in sorted(found.items(), reverse=True)
    ]


# --------------------------------------------------------------------------------------------------- importing
@dataclass(frozen=True)
class TariffReading:
    """A file that may become the next version: its rows, and the version in force when it was read (None: none)."""

    rows: list[Tariff]
    sha256: str
    last: TariffTable | None

    @property
    def after(self) -> int:
        return self.last.number if self.last else 0


def reading_of(service: Service, year: int, data: bytes, at: datetime) -> TariffReading:
    """What the file would change. Raises FileRefused with every problem; Refused (wrong-year, same-file)."""
    require_tariff_year(year, at)
    rows = read_tariffs(data, service.request_types.order_by("pk"))
    sha256, last = hashlib.sha256(data).hexdigest(), table_in_force(service, year)
    if last and last.sha256 == sha256:
        raise Refused(
            _("This very file is version %(number)s of the tariffs of %(year)s already. Nothing was changed.")
            % {"number": local_digits(last.number), "year": local_digits(year)},
            code="same-file",
        )
    return TariffReading(rows, sha256, last)


def require_tariff_year(year: int, at: datetime) -> None:
    """Refused (wrong-year) for a year whose tariffs are not published now."""
    if not fiscal_year(at) <= year <= fiscal_year(at) + 1:
        raise Refused(
            _("Tariffs are published for the present fiscal year and the next, not for %(year)s.")
            % {"year": local_digits(year)},
            code="wrong-year",
        )


@dataclass(frozen=True)
class TariffChange:
    """One type of request before and after: rials, or None where the table has no row. `kind`: new, changed, same, gone."""

    request_type: RequestType
    before: int | None
    after: int | None
    kind: str
    deposit_id: str = ""
    line: int | None = None


def tariff_changes(service: Service, reading: TariffReading) -> list[TariffChange]:
    before = {row.request_type_id: row.rials for row in reading.last.rows.all()} if reading.last else {}
    after = {row.request_type.pk: row for row in reading.rows}
    return [_change(kind, before.get(kind.pk), after.get(kind.pk)) for kind in service.request_types.order_by("pk")]


def _change(request_type: RequestType, before: int | None, row: Tariff | None) -> TariffChange:
    if row is None:
        return TariffChange(request_type, before, None, "gone" if before else "same")
    kind = "same" if (before or 0) == row.rials else "new" if before is None else "changed"
    return TariffChange(request_type, before, row.rials, kind, row.deposit_id, row.line)
