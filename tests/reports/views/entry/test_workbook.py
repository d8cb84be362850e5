"""A report as a workbook: taken, filled in elsewhere, looked at, stored."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from reports.actions.drafts import save_section
from reports.actions.workbooks import Brought, bring_workbook
from reports.enums import ReportVerb
from reports.models import DraftSection, Report
from reports.queries.drafts import collect
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import ANSWERS, published_call, report_of, submitted_report
from tests.workbooks import (
    address,
    bring,
    filled,
    packed,
    place_of,
    store,
    taken,
    through_libreoffice,
)
from units.models import Event


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast), cast.a)


def answers(report: Report) -> dict[str, str]:
    return collect(report_of(report.call, report.unit)).answers


# ------------------------------------------------------------------------------------------------------------- the way
def test_what_was_typed_in_the_workbook_is_shown_and_then_stored_in_one_act(report, cast, client_for):
    sara = client_for(cast.sara)
    shown = bring(sara, report, filled(sara, report, {"housed": 80, "eligible": "۱۰۰", "has_canteen": "بله"}))
    found = shown.context["difference"]
    assert [(line.name, line.now, line.new) for line in found.changes] == [
        ("housed", "—", "۸۰"), ("eligible", "—", "۱۰۰"), ("has_canteen", "—", "بله"),
    ]  # fmt: skip
    assert answers(report) == {}
    store(sara, report, shown)
    assert answers(report) == {"housed": "80", "eligible": "100", "has_canteen": "yes"}
    event = Event.objects.get(verb=ReportVerb.BRING_WORKBOOK)
    assert event.data["sections"] == {"housing": 1, "welfare": 1}
    assert event.data["file"] == "report.xlsx"
    assert event.person_id == cast.sara.pk
    assert not Event.objects.filter(verb=ReportVerb.DRAFT).exists()


def test_the_workbook_is_right_to_left_protected_and_open_only_where_one_answers(report, cast, client_for):
    book = taken(client_for(cast.sara), report)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    assert [sheet.title for sheet in sheets] == ["اول این را بخوانید", "خوابگاه", "رفاه"]
    assert all(sheet.sheet_view.rightToLeft and sheet.protection.sheet for sheet in sheets)
    assert all(sheet.protection.password is None for sheet in sheets)
    assert [cell.protection.locked for cell in (place_of(book, "housed"), sheets[1]["B3"])] == [False, True]
    assert sheets[1].column_dimensions["A"].hidden
    rule = sheets[2].data_validations.dataValidation[0]
    assert (rule.type, rule.formula1) == ("list", "'_lists'!$A$1:$A$2")


def test_a_draft_comes_along_and_is_unchanged_when_it_comes_back(report, cast, client_for):
    for section, typed in ANSWERS.items():
        save_section(report=report, section=section, base_version=0, changes=typed, by=cast.sara)
    sara = client_for(cast.sara)
    found = bring(sara, report, packed(taken(sara, report))).context["difference"]
    assert (found.changes, found.clashes, found.troubles) == ([], [], [])
    assert found.unchanged == 14


def test_earlier_periods_stand_beside_the_answers(cast, client_for):
    earlier, _revision = submitted_report(cast, published_call(cast))
    later = published_call(
        cast, service=earlier.call.agreement.service, period_code="1405-Q3", period_starts=date(2026, 9, 23),
        period_ends=date(2026, 12, 21),
    )  # fmt: skip
    sheet = place_of(taken(client_for(cast.sara), report_of(later, cast.a)), "waiting_days").parent
    assert sheet["F2"].value == "سه‌ماههٔ دوم ۱۴۰۵"
    assert sheet.cell(place_of(sheet.parent, "waiting_days").row, 6).value == 8


def hidden_sheet_gone(book) -> None:
    del book["_sajad"]


def test_a_workbook_that_lost_its_hidden_sheet_is_no_workbook_of_this_portal(report, cast, client_for):
    sara = client_for(cast.sara)
    book = taken(sara, report)
    hidden_sheet_gone(book)
    (error,) = bring(sara, report, packed(book)).context["errors"]
    assert "از این سامانه گرفته نشده" in error


@pytest.mark.parametrize("what", ["another unit", "another period", "an older form"])
def test_a_workbook_of_something_else_is_refused_by_name(report, cast, client_for, what):
    sara, mina = client_for(cast.sara), client_for(cast.mina)
    if what == "another unit":
        data, named = packed(taken(mina, report_of(report.call, cast.b))), "اداره کل تغذیه"
    elif what == "another period":
        later = published_call(
            cast, service=report.call.agreement.service, period_code="1405-Q3", period_starts=date(2026, 9, 23),
            period_ends=date(2026, 12, 21),
        )  # fmt: skip
        data, named = packed(taken(sara, report_of(later, cast.a))), "سه‌ماههٔ سوم ۱۴۰۵"
    else:
        book = taken(sara, report)
        facts = book["_sajad"]
        next(line for line in facts.iter_rows() if line[0].value == "form")[1].value = "0" * 64
        data, named = packed(book), "فرم کوچک"
    shown = bring(sara, report, data)
    assert shown.status_code == 422
    assert named in shown.context["errors"][0]


def _zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("-", "."), data)
    return out.getvalue()


def _with_part(data: bytes, name: str, body: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return out.getvalue()


LINK = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://x/externalLinkPath" Target="//evil.example/a.xlsx" TargetMode="External"/></Relationships>'
)
HOSTILE = {
    "a bomb": lambda data: _with_part(data, "xl/media/big.bin", b"0" * (90 * 1024 * 1024)),
    "a macro": lambda data: _with_part(data, "xl/vbaProject.bin", b"x"),
    "a link to elsewhere": lambda data: _with_part(data, "xl/externalLinks/_rels/externalLink1.xml.rels", LINK),
    "no workbook": lambda data: b"%PDF-1.4",
    "another archive": lambda data: _zipped(a=b"1"),
    "cut off": lambda data: data[: len(data) // 2],
    "an old Excel": lambda data: b"\xd0\xcf\x11\xe0" + b"0" * 600,
    "a workbook of LibreOffice": lambda data: _zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "some other workbook": lambda data: packed(Workbook()),
    "nothing": lambda data: b"",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence(report, cast, client_for, what):
    sara = client_for(cast.sara)
    data = HOSTILE[what](packed(taken(sara, report)))
    shown = bring(sara, report, data)
    assert shown.status_code in (409, 422)
    (error,) = shown.context["errors"]
    assert error.endswith(".")
    assert answers(report) == {}


# -------------------------------------------------------------------------------------------------- moved about
def test_moved_lines_columns_and_renamed_sheets_are_found_by_their_codes(report, cast, client_for):
    sara = client_for(cast.sara)
    book = taken(sara, report)
    sheet = place_of(book, "housed").parent
    place_of(book, "housed").value = 81
    sheet.title = "برگهٔ من"
    sheet.insert_rows(2, 3)
    sheet.insert_cols(1, 2)
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for row, line in zip(sheet.iter_rows(min_row=2), reversed(values), strict=True):
        for cell, value in zip(row, line, strict=True):
            cell.value = value
    found = bring(sara, report, packed(book)).context["difference"]
    assert [(line.name, line.sheet, line.new) for line in found.changes] == [("housed", "برگهٔ من", "۸۱")]
    assert found.filled.missing == 0


def test_a_line_that_was_deleted_stays_as_it_is_and_is_counted(report, cast, client_for):
    save_section(report=report, section="housing", base_version=0, changes={"housed": "80"}, by=cast.sara)
    sara = client_for(cast.sara)
    book = taken(sara, report)
    place_of(book, "housed").parent.delete_rows(place_of(book, "housed").row)
    found = bring(sara, report, packed(book)).context["difference"]
    assert (found.filled.missing, found.changes) == (1, [])


def test_a_formula_gives_the_value_that_its_program_left(report, cast, client_for, tmp_path):
    """Twice through LibreOffice, once by its own format: the file is then written by another program."""
    sara = client_for(cast.sara)
    book = taken(sara, report)
    place_of(book, "housed").value, place_of(book, "eligible").value = "=40+40", "۱۰۰"
    data = through_libreoffice(packed(book), tmp_path, "ods")
    found = bring(sara, report, data).context["difference"]
    assert [(line.name, line.new) for line in found.changes] == [("housed", "۸۰"), ("eligible", "۱۰۰")]
    assert (found.troubles, found.filled.missing, found.unchanged) == ([], 0, 12)


# ------------------------------------------------------------------------------------------------------------- clashes
def test_a_colleagues_newer_value_clashes_and_stays_until_somebody_chooses(report, cast, client_for):
    sara = client_for(cast.sara)
    data = filled(sara, report, {"housed": 80, "eligible": 100})
    save_section(report=report, section="housing", base_version=0, changes={"housed": "70"}, by=cast.reza)
    shown = bring(sara, report, data)
    found = shown.context["difference"]
    ((clash,), (change,)) = found.clashes, found.changes
    assert (clash.name, clash.now, clash.new, clash.was, clash.who) == ("housed", "۷۰", "۸۰", "—", "رضا کریمی")
    assert change.name == "eligible"
    assert store(sara, report, shown).status_code == 409
    assert answers(report) == {"housed": "70"}
    store(sara, report, shown, **{"choose:housed": f"theirs@{clash.version}"})
    assert answers(report) == {"housed": "70", "eligible": "100"}


def test_choosing_ones_own_value_replaces_the_one_that_was_seen_and_no_later_one(report, cast, client_for):
    sara = client_for(cast.sara)
    data = filled(sara, report, {"housed": 80})
    save_section(report=report, section="housing", base_version=0, changes={"housed": "70"}, by=cast.reza)
    shown = bring(sara, report, data)
    save_section(report=report, section="housing", base_version=9, changes={"housed": "71"}, by=cast.reza)
    mine = {"choose:housed": f"mine@{shown.context['difference'].clashes[0].version}"}
    again = store(sara, report, shown, **mine)
    assert again.status_code == 409
    assert answers(report) == {"housed": "71"}
    store(sara, report, again, **{"choose:housed": f"mine@{again.context['difference'].clashes[0].version}"})
    assert answers(report) == {"housed": "80"}


def test_the_verb_itself_overwrites_nothing_that_nobody_chose(report, cast):
    save_section(report=report, section="housing", base_version=0, changes={"housed": "70"}, by=cast.reza)
    with pytest.raises(Refused) as refused:
        bring_workbook(report=report, brought=Brought({"housed": "80", "eligible": "9"}, {}), by=cast.sara)
    assert refused.value.code == "workbook-clash"
    assert answers(report) == {"housed": "70"}


def test_what_a_colleague_changed_and_the_workbook_did_not_is_left_alone(report, cast, client_for):
    sara = client_for(cast.sara)
    data = filled(sara, report, {"eligible": 100})
    save_section(report=report, section="housing", base_version=0, changes={"housed": "70"}, by=cast.reza)
    shown = bring(sara, report, data)
    store(sara, report, shown)
    assert answers(report) == {"housed": "70", "eligible": "100"}


# ------------------------------------------------------------------------------------------------------------- who, when
def test_nobody_else_takes_or_brings_it(report, cast, client_for):
    for person, status in ((cast.mina, 404), (cast.laleh, 403), (cast.omid, 403), (cast.stranger, 404)):
        assert client_for(person).get(address(report, "report.xlsx")).status_code == status
        assert bring(client_for(person), report, b"x").status_code == status
        assert client_for(person).post(address(report, "store/"), {"packed": "{}"}).status_code == status
    with pytest.raises(Forbidden):
        bring_workbook(report=report, brought=Brought({"housed": "80"}, {}), by=cast.laleh)


def test_after_the_last_moment_nothing_of_it_is_stored(report, cast, client_for, clock):
    sara = client_for(cast.sara)
    shown = bring(sara, report, filled(sara, report, {"housed": 80}))
    clock.move_to(report.call.closes_at + report.call.grace)
    late = store(sara, report, shown)
    assert late.status_code == 409
    assert late.context["closed"].code == "closed"
    assert answers(report) == {}
    assert DraftSection.objects.filter(report=report, version__gt=0).count() == 0


def test_a_broken_preview_is_refused(report, cast, client_for):
    for text in ("", "{}", "[]", '{"cells": 3}'):
        assert client_for(cast.sara).post(address(report, "store/"), {"packed": text}).status_code == 400
