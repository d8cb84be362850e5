"""Exports of reports for tests: made, read back, and what a row should hold by hand."""

import csv
import io
import json
import random
from decimal import Decimal

from openpyxl import load_workbook

from reports.actions.exports import make_export, request_export
from reports.enums import ReportState, Standing
from reports.models import Export, Report, Revision
from reports.pages.export_files import MAKERS
from reports.rules.exports import REPORTS_CSV, REPORTS_JSONL, REPORTS_XLSX
from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.codes import new_code
from sajad_portal.lib.sheets import unguarded

from .forms import workbook

KINDS = (REPORTS_CSV, REPORTS_XLSX, REPORTS_JSONL)
WORDS = [
    "خوابگاه‌ها، «الف»", "=SUM(A1:A9)", "+98", "-۳ درجه", "@here", "\tجدول", 'گفت: "بله"\nو رفت', "a,b;c", "", "٪۱۲٫۵",
    "ی" * 400, "007", "_x0041_", "<b>&amp;</b>", "'", "1405/03/23",
]  # fmt: skip
FIGURES = ["0", "-7", "12.50", "123456789.125", "0.001", "620540102680020817909002", ""]


# ------------------------------------------------------------------------------------------------------- reading back
def made(by, kind: str, **parameters) -> Export:
    export = request_export(kind=kind, parameters=parameters, language="fa", by=by)
    assert make_export(export.pk, MAKERS), Export.objects.get(pk=export.pk).trouble
    return Export.objects.get(pk=export.pk)


def read(export: Export) -> list[dict[str, str]]:
    """The rows of any of the three, each as {column: text}; "" for an empty cell."""
    data = export.file.read()
    if export.kind == REPORTS_CSV:
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        return [dict(zip(rows[0], map(unguarded, row), strict=True)) for row in rows[1:]]
    if export.kind == REPORTS_XLSX:
        return sheet_rows(load_workbook(io.BytesIO(data)).worksheets[0])
    return [flat(json.loads(line, parse_int=str, parse_float=str)) for line in data.decode().split("\n")[:-1]]


def sheet_rows(page) -> list[dict[str, str]]:
    """The rows of a sheet by the names of its columns: those of reports and of tables as the book's codebook names them, their
    values in codes again; the codebook itself as it is written."""
    rows = list(page.iter_rows())
    head = [cell.value for cell in rows[0]]
    texts = [list(map(cell_text, row)) for row in rows[1:]]
    codebook = page.parent.worksheets[-1]
    entries = [] if codebook is page else [row for row in sheet_rows(codebook) if row.get("sheet") == page.title]
    if entries:
        assert len(entries) == len(head)
        head = [entry["column"] for entry in entries]
        texts = [[in_codes(cell, entry) for cell, entry in zip(row, entries, strict=True)] for row in texts]
    return [dict(zip(head, row, strict=True)) for row in texts]


def in_codes(cell: str, entry: dict[str, str]) -> str:
    """A value in words as the code that the codebook gives for it."""
    codes = {}
    for line in filter(None, entry["choices"].split("\n")):
        code, _is, words = line.partition(" = ")
        codes[words.partition(" / ")[0]] = code
    if not codes or not cell:
        return cell
    return " ".join(codes[part] for part in cell.split("، ")) if entry["type"] == "select_multiple" else codes[cell]


def cell_text(cell) -> str:
    if cell.value is None:
        return ""
    assert cell.data_type in "ns", cell.value  # never a formula
    return cell.value.replace("_x005F_x", "_x") if cell.data_type == "s" else str(cell.value)


def flat(line: dict) -> dict[str, str]:
    found = {name: value for name, value in line.items() if name not in ("answers", "indicators")}
    found |= {f"answer.{name}" if name in found else name: value for name, value in line["answers"].items()}
    for code, parts in line["indicators"].items():
        found |= {f"{code}.{name}": value for name, value in parts.items()}
    return {name: "" if value is None else value for name, value in found.items()}


def same(ours: str, theirs: str) -> bool:
    """A workbook keeps 12.50 as 12.5."""
    if ours == theirs:
        return True
    try:
        return Decimal(ours) == Decimal(theirs)
    except ArithmeticError:
        return False


def differing(row: dict[str, str], expected: dict[str, str]) -> dict:
    return {name: (row.get(name), value) for name, value in expected.items() if not same(row.get(name, "?"), value)}


# ------------------------------------------------------------------------------------------------ what it is held against
def random_form() -> bytes:
    """A question of each type, two indicators, and a question that is called like a column of ours."""
    fa = "label::فارسی(fa)"
    rows = [
        {"type": "begin_group", "name": "part", fa: "بخش"},
        {"type": "text", "name": "note", fa: "یادداشت"},
        {"type": "text", "name": "status", fa: "وضع"},
        {"type": "integer", "name": "top", fa: "صورت", "bind::sajad:indicator": "RAT", "bind::sajad:role": "numerator"},
        {"type": "integer", "name": "under", fa: "مخرج", "bind::sajad:indicator": "RAT", "bind::sajad:role": "denominator"},
        {
            "type": "calculate", "name": "rate", fa: "نسبت", "calculation": "${top} div ${under} * 100", "bind::sajad:indicator": "RAT",
            "bind::sajad:weight": 60, "bind::sajad:standard": 80, "bind::sajad:scale": 100, "bind::sajad:unit": "٪",
        },
        {
            "type": "decimal", "name": "days", fa: "روز", "bind::sajad:indicator": "DAY", "bind::sajad:role": "value",
            "bind::sajad:weight": 40, "bind::sajad:standard": 5, "bind::sajad:direction": "down",
        },
        {"type": "select_one yes_no", "name": "one", fa: "یکی"},
        {"type": "select_multiple yes_no", "name": "many", fa: "چند"},
        {"type": "date", "name": "day", fa: "روز"},
        {"type": "file", "name": "paper", fa: "پرونده"},
        {"type": "note", "name": "said", fa: "فقط خواندنی"},
        {"type": "end_group", "name": "part"},
    ]  # fmt: skip
    headers = list(dict.fromkeys(key for row in rows for key in row))
    choices = [{"list_name": "yes_no", "name": name, fa: label} for name, label in (("yes", "بله"), ("no", "خیر"))]
    return workbook(rows, settings={"form_id": "random"}, survey_headers=headers, choices=choices)


def random_revision(cast, report: Report, dice: random.Random) -> Revision:
    answers = {
        "note": dice.choice(WORDS), "status": dice.choice(WORDS), "top": dice.choice(FIGURES[:2]), "under": dice.choice(["0", "3", ""]),
        "days": dice.choice(FIGURES), "one": dice.choice(["yes", "no", ""]), "many": dice.choice(["yes", "yes no", ""]),
        "day": "2026-09-11", "comment:DAY": dice.choice(WORDS), "na:RAT": dice.choice(WORDS),
    }  # fmt: skip
    files = [{"id": n, "indicator": of, "name": f"سند‌{n}.pdf", "sha256": f"{n:064}", "size": 9} for n, of in enumerate(["DAY", "DAY", "file:paper"])]  # fmt: skip
    sent = report.call.closes_at
    revision = Revision.objects.create(
        report=report, number=1, answers={k: v for k, v in answers.items() if v}, values={"rate": dice.choice(FIGURES)},
        evidence=files[: dice.randint(0, 3)], sha256="-", receipt_code=new_code(), submitted_at=sent, submitted_by=cast.reza,
        standing=dice.choice(Standing.values), deadline=sent.replace(year=2100), rule={},
    )  # fmt: skip
    Report.objects.filter(pk=report.pk).update(state=ReportState.SUBMITTED, submitted_at=sent)
    return revision


def row_of(revision: Revision) -> dict[str, str]:
    """A row by hand, from the revision alone."""
    report, answers = revision.report, revision.answers
    files = {of: "\n".join(f"{e['name']}\t{e['sha256']}" for e in revision.evidence if e["indicator"] == of) for of in ("DAY", "file:paper")}  # fmt: skip
    ratio = ""
    if answers.get("top") and answers.get("under", "0") != "0":
        ratio = str((Decimal(answers["top"]) / Decimal(answers["under"]) * 100).quantize(Decimal("1e-10")).normalize())
    return {
        "unit_code": report.unit.code, "unit_name": report.unit_name, "call": str(report.call_id), "period": report.call.period_code,
        "tracking_code": report.tracking_code, "standing": revision.standing, "receipt": revision.receipt_code, "revision": "1",
        "submitted_at": revision.submitted_at.astimezone(TEHRAN).isoformat(timespec="seconds"), "total": "", "result_version": "",
        "answer.status": answers.get("status", ""), "status": "submitted",
        **{name: answers.get(name, "") for name in ("note", "top", "under", "days", "one", "many", "day")},
        "rate": revision.values["rate"], "paper": files["file:paper"], "DAY.evidence": files["DAY"], "RAT.evidence": "",
        "DAY.comment": answers.get("comment:DAY", ""), "RAT.not_applicable": answers.get("na:RAT", ""), "RAT.claimed": ratio,
        "DAY.claimed": answers.get("days", ""), "DAY.verified": "", "DAY.points": "", "DAY.state": "",
    }  # fmt: skip
