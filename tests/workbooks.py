"""Workbooks of reports, for tests: taken through the page, filled in as a person does, brought back."""

import io
import shutil
import subprocess
from functools import cache
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from reports.files.report_workbook import ANSWER, CODE, COLUMN, ROW_KEY, TITLES
from reports.models import Report
from sajad_portal.lib.sheets import XLSX_TYPE

from .forms import workbook
from .tables import asked


@cache
def every_kind_form() -> bytes:
    """One section `all` with a question of each kind, and an indicator in percent (`share`)."""
    survey = [
        asked("begin_group", "all", "همه", "All"),
        asked("integer", "students", "دانشجو", "Students"),
        asked("decimal", "mean", "میانگین", "Mean"),
        asked(
            "decimal", "share", "سهم", "Share",
            **{
                "bind::sajad:indicator": "SHR-01", "bind::sajad:role": "value", "bind::sajad:weight": 10,
                "bind::sajad:standard": 80, "bind::sajad:direction": "up", "bind::sajad:unit": "٪", "bind::sajad:aggregate": "mean",
            },
        ),
        asked("text", "note", "توضیح", "Note"),
        asked("date", "held_on", "تاریخ برگزاری", "Held on"),
        asked("date", "month", "ماه", "Month", appearance="month-year"),
        asked("datetime", "met_at", "زمان جلسه", "Met at"),
        asked("time", "opens", "ساعت گشایش", "Opens"),
        asked("select_one city", "city", "شهر", "City"),
        asked("select_multiple city", "cities", "شهرها", "Cities"),
        asked("acknowledge", "sure", "تأیید", "Sure"),
        asked("geopoint", "place", "جا", "Place"),
        asked("text", "fixed", "ثابت", "Fixed", **{"read_only": "${students} > 100"}),
        {"type": "end_group"},
    ]  # fmt: skip
    cities = [("tehran", "تهران", "Tehran"), ("shiraz", "شیراز", "Shiraz"), ("esfahan", "اصفهان", "Isfahan")]
    choices = [
        {"list_name": "city", "name": name, "label::فارسی(fa)": fa, "label::English(en)": en} for name, fa, en in cities
    ]
    return workbook(survey, choices=choices, settings={"form_id": "kinds", "form_title": "فرم گونه‌ها"})


def address(report: Report, more: str = "") -> str:
    return f"/reports/{report.tracking_code}/workbook/{more}"


def taken(client, report: Report) -> Workbook:
    answer = client.get(address(report, "report.xlsx"))
    assert answer.status_code == 200, answer.content.decode()[:500]
    return load_workbook(io.BytesIO(answer.content))


def place_of(book: Workbook, name: str) -> Cell:
    """The cell in which that answer stands: `question`, `comment:CODE`, `question@ROW`."""
    question, _at, row = name.partition("@")
    for sheet in book.worksheets:
        head = [str(cell.value or "") for cell in sheet[1]]
        if not row and CODE in head:
            for line in sheet.iter_rows(min_row=2):
                if line[head.index(CODE)].value == name:
                    return line[head.index(ANSWER)]
        if row and f"{COLUMN}{question}" in head:
            for line in sheet.iter_rows(min_row=2):
                if line[0].value == row:
                    return line[head.index(f"{COLUMN}{question}")]
    raise AssertionError(f"{name} stands nowhere")


def free_row(book: Workbook, table: str, number: int = 0) -> dict[str, Cell]:
    """{question: cell} of an empty row of a table; "#around" too where it stands in rows of another one."""
    for sheet in book.worksheets:
        head = [str(cell.value or "") for cell in sheet[1]]
        if head and head[0] == f"{ROW_KEY}{table}":
            empty = [line for line in sheet.iter_rows(min_row=2) if not any(c.value for c in line)]
            return {name.removeprefix(COLUMN): cell for name, cell in zip(head, empty[number], strict=True)}
    raise AssertionError(f"{table} stands nowhere")


def keys_of(book: Workbook, table: str) -> list[str]:
    sheet = next(s for s in book.worksheets if s["A1"].value == f"{ROW_KEY}{table}")
    return [str(cell.value) for cell in sheet["A"][1:] if cell.value and cell.value != TITLES]


def packed(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(client, report: Report, data: bytes, name: str = "report.xlsx"):
    """The page that answers an upload."""
    upload = SimpleUploadedFile(name, data, content_type=XLSX_TYPE)
    return client.post(address(report), {"workbook": upload})


def store(client, report: Report, shown, **choices: str):
    """Press the preview’s button; choices as {"choose:name": "mine@3"}."""
    return client.post(address(report, "store/"), {"packed": shown.context["difference"].packed, **choices})


def filled(client, report: Report, answers: dict) -> bytes:
    book = taken(client, report)
    for name, value in answers.items():
        place_of(book, name).value = value
    return packed(book)


def through_libreoffice(data: bytes, folder: Path, *by: str) -> bytes:
    """The file as LibreOffice writes it, by way of these formats."""
    office = shutil.which("soffice")
    assert office, "LibreOffice Calc is needed (.ci/run installs it): apt-get install libreoffice-calc"
    path = folder / "report.xlsx"
    path.write_bytes(data)
    for number, ending in enumerate([*by, "xlsx"]):
        out = folder / f"step-{number}"
        subprocess.run(
            [
                office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", ending,
                "--outdir", str(out), str(path),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        path = out / f"report.{ending}"
    return path.read_bytes()
