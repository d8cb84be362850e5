"""Two services, and every file that the portal makes, read back: a file about one says nothing of the other; where things of both
stand in it, each row names its own. Addresses and kinds of export come from the portal itself, so that a new file is read."""

import csv
import inspect
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import ZipFile

import pytest
from django.http import FileResponse
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from reports.models import Call, Report
from reports.pages.oversight.tables import TABLES
from reports.rules.exports import (
    EMPTY_WORKBOOKS,
    EXPORT_KINDS,
    PERIOD_PDF,
    PERIOD_XLSX,
    REPORTS_CSV,
    REPORTS_JSONL,
    REPORTS_ROWS,
    REPORTS_XLSX,
)
from sla.models import Payment, Service
from tests.attacks.doors import doors
from tests.attacks.world import World, make_world
from tests.exports import made
from tests.second_service import MARK, Second, fill_second_service
from tests.test_access import views_of_ours

MAKES = {"xlsx_download", "FileResponse", "csv_response", "file_response", "pdf_of", "pdf_response", "xlsx_response"}
# As somebody uploaded it; of it the portal knows no word.
UPLOADED = {"dispute_file", "document_file", "evidence", "form_file", "form_guide", "request_file"}
# The draft of one unit, on the form of its call; nobody else may have it.
DRAFTS = {"report_workbook_file"}
OF_NO_SERVICE = {"logo", "factor_codes_file"}
FOR_MACHINES = {"session", "openapi"}


@dataclass(frozen=True)
class Side:
    """What the addresses of one of the two services are made of."""

    service: Service
    call: Call
    report: Report
    payment: Payment


# {name of the address: the file about one service}
ABOUT_ONE = {
    "agreement_of_unit_pdf": lambda of: f"/agreements/{of.call.agreement_id}/units/{of.report.unit.code}/agreement.pdf",
    "agreement_pdf": lambda of: f"/agreements/{of.call.agreement_id}/agreement.pdf",
    "call_codebook": lambda of: f"/calls/{of.call.pk}/export/codebook.csv",
    "letter": lambda of: f"/reports/{of.report.tracking_code}/letter.pdf",
    "payment_receipt": lambda of: f"/payments/{of.payment.order_id}/receipt.pdf",
    "tariffs_start": lambda of: f"/services/{of.service.slug}/tariffs/start.xlsx",
}
MOVEMENTS = "/payments/export.csv?kind="
# {name of the address: where both stand}
BESIDE = {
    "analysis_year_csv": ["/analysis/years/1405-Y/results.csv"],
    "analysis_year_xlsx": ["/analysis/years/1405-Y/export.xlsx"],
    "oversight_csv": [f"/oversight/{key}.csv" for key in [*TABLES, "figures"]],
    "oversight_xlsx": ["/oversight/export.xlsx"],
    "payments_csv": ["/payments/export.csv", MOVEMENTS],
    "payments_xlsx": ["/payments/export.xlsx"],
}
FILES = {*ABOUT_ONE, *BESIDE, *UPLOADED, *DRAFTS, *OF_NO_SERVICE, "export_file"}
# Kinds of export that are ordered of one call, and those that may be of the whole list.
OF_A_CALL = {EMPTY_WORKBOOKS, PERIOD_PDF, PERIOD_XLSX, REPORTS_CSV, REPORTS_JSONL, REPORTS_ROWS, REPORTS_XLSX}
OF_THE_LIST = {REPORTS_CSV, REPORTS_JSONL, REPORTS_XLSX}
COLUMNS = {"خدمت", "service"}
CODEBOOK, WHOLE_YEAR = "راهنمای ستون‌ها", "همهٔ سال"  # a sheet and a row about no single thing


def makers() -> set[str]:
    """Names of the addresses that answer with a file, themselves or through a function beside them."""
    found = set()
    for _route, pattern in views_of_ours():
        view = inspect.unwrap(pattern.callback)
        beside = [view.__globals__.get(name) for name in view.__code__.co_names]
        near = [one for one in beside if inspect.isfunction(one) and one.__name__.startswith("_")]
        codes = [each.__code__ for each in (view, *near)]
        names = {name for code in codes for name in code.co_names}
        given = {name for code in codes for const in code.co_consts if isinstance(const, tuple) for name in const}
        if names & MAKES or "content_type" in given or view.__annotations__.get("return") is FileResponse:
            found.add(pattern.name)
    return found


def test_every_file_that_an_address_makes_is_read_here_and_every_kind_of_export():
    assert makers() == FILES
    assert set(EXPORT_KINDS) == OF_A_CALL | OF_THE_LIST


@pytest.mark.full
@pytest.mark.sqlite
def test_no_other_address_answers_with_anything_but_a_page(cast, world):
    client, found = Client(), set()
    client.force_login(cast.laleh)

    for door in doors(world):
        answer = client.get(door.path)
        if answer.status_code == 200 and not answer["Content-Type"].startswith("text/html"):
            found.add(door.pattern.name)

    assert found - FILES == FOR_MACHINES


# --------------------------------------------------------------------------------------------------- reading back
def tables_of(data: bytes) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """(title, head, rows) of each table in a CSV, a workbook or lines of JSON."""
    if data.startswith(b"PK") and "[Content_Types].xml" not in (names := ZipFile(io.BytesIO(data)).namelist()):
        for name in names:  # one workbook a unit
            yield from tables_of(ZipFile(io.BytesIO(data)).read(name))
    elif data.startswith(b"PK"):
        for sheet in load_workbook(io.BytesIO(data)):
            head, *rows = ([str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True))
            yield sheet.title, head, rows
    elif data.startswith(b"{"):
        lines = [json.loads(line) for line in data.decode().splitlines()]
        yield "", list(lines[0]), [[str(cell) for cell in line.values()] for line in lines]
    else:
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        yield "", head, rows


def words_in(data: bytes) -> str:
    """On paper without ZWNJ and the ends of lines; Latin codes stand as they are read."""
    if data.startswith(b"%PDF"):
        return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
    return "\n".join("\t".join(row) for title, head, rows in tables_of(data) for row in ([title], head, *rows))


def fetched(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return b"".join(answer) if answer.streaming else answer.content


# ---------------------------------------------------------------------------------------------------------- the two
@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


@pytest.fixture
def second(cast, world) -> Second:
    return fill_second_service(cast)


@pytest.fixture
def sides(world, second) -> tuple[Side, Side]:
    return (
        Side(world.service, world.calls["announced"], world.reports["announced"], world.payment),
        Side(second.service, second.calls["contested"], second.reports["contested"], second.payment),
    )


def of_other(side: Side, world: World, second: Second) -> list[str]:
    """What may stand in no file about `side`."""
    if side.service == world.service:
        return [MARK, *second.codes]
    return [
        world.calls["open"].title, world.payment.order_id, *(report.tracking_code for report in world.reports.values()),
    ]  # fmt: skip


@pytest.mark.full
@pytest.mark.sqlite
def test_no_file_about_one_service_says_anything_of_another(cast, world, second, sides):
    client, mixed, unnamed = Client(), [], []
    client.force_login(cast.laleh)

    for side in sides:
        files = {make(side): fetched(client, make(side)) for make in ABOUT_ONE.values()}
        files |= {f"{kind} of a call": made(cast.laleh, kind, call=side.call.pk).file.read() for kind in OF_A_CALL}
        for name, data in files.items():
            text = words_in(data)
            mixed += [(name, said) for said in of_other(side, world, second) if said in text]
            if data.startswith(b"%PDF") and not all(word in text for word in side.service.title.split()):
                unnamed.append(name)

    assert mixed == []
    assert unnamed == []


@pytest.mark.sqlite
def test_every_row_of_a_file_in_which_both_stand_names_its_service(cast, second, sides):
    client, titles = Client(), {side.service.title for side in sides}
    client.force_login(cast.laleh)
    files = {path: fetched(client, path) for paths in BESIDE.values() for path in paths}
    files |= {f"{kind} of the list": made(cast.laleh, kind, list=True).file.read() for kind in OF_THE_LIST}

    wrong, one_sided = [], set()
    for name, data in files.items():
        tables = [table for table in tables_of(data) if table[0] != CODEBOOK]
        rows = [(places_of(head), row) for _title, head, rows in tables for row in rows if row[0] != WHOLE_YEAR]
        wrong += [(name, row) for places, row in rows if not says_its_own(row, places, titles, second)]
        if {row[place] for places, row in rows for place in places} != titles:
            one_sided.add(name)

    assert wrong == []
    # Nothing of the kind was done in the second service.
    assert one_sided == {*(f"/oversight/{key}.csv" for key in ("acts", "decisions", "returns")), MOVEMENTS}
    narrowed_to_one_they_hold_it_alone(client, second)


def narrowed_to_one_they_hold_it_alone(client: Client, second: Second) -> None:
    said = {}
    for name in ("oversight_csv", "oversight_xlsx", "payments_csv", "payments_xlsx"):
        for path in BESIDE[name]:
            for title, head, rows in tables_of(fetched(client, f"{path}{'&' if '?' in path else '?'}service=second")):
                said[path, title] = {row[place] for row in rows for place in places_of(head)}

    assert {key: services for key, services in said.items() if not services <= {second.service.title}} == {}
    assert sum(map(bool, said.values())) > 8


def places_of(head: list[str]) -> list[int]:
    """Where a row says its service: a year's indicators say it of the best and of the worst."""
    return [place for place, column in enumerate(head) if column in COLUMNS]


def says_its_own(row: list[str], places: list[int], titles: set[str], second: Second) -> bool:
    said = {row[place] for place in places}
    others = [cell for place, cell in enumerate(row) if place not in places]
    of_second = any(word in cell for cell in others for word in (MARK, *second.codes))
    return bool(said) and said <= ({second.service.title} if of_second else titles)
