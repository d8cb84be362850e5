"""Figures of periods before the portal: brought in from a file, shown beside answers with their mark, replaced by a newer file."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from reports.actions.history import bring_history
from reports.enums import ReportVerb
from reports.models import HistoryFigure, HistoryFile
from reports.queries.earlier_periods import earlier_values
from sajad_portal.lib.carried import packed_file
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import published_call, report_of
from units.models import Event

HEAD = "unit,period,indicator,value\n"


@pytest.fixture
def report(cast):
    return report_of(published_call(cast), cast.a)


def address(report, more: str = "") -> str:
    return f"/services/{report.call.agreement.service.slug}/history/{more}"


def look(client, report, text: str | bytes, name: str = "old.csv"):
    data = text.encode() if isinstance(text, str) else text
    return client.post(address(report), {"file": SimpleUploadedFile(name, data)})


def press(client, report, shown):
    context = shown.context
    standing = context["plan"].replaces
    return client.post(
        address(report, "store/"),
        {"packed": context["packed"], "name": context["name"], "replaces": standing.pk if standing else ""},
    )


def earlier(report, code: str = "HSG-02") -> list[tuple[str, str]]:
    found = earlier_values(report_of(report.call, report.unit)).get(code, [])
    return [(each.period, each.text) for each in found]


def test_a_file_is_previewed_then_brought_in_and_stands_beside_the_answers_with_its_mark(report, cast, client_for):
    laleh = client_for(cast.laleh)
    text = (
        HEAD + f"{cast.a.code},1404-Q4,HSG-02,۱۲٫۵\n{cast.a.code},1404-q3,HSG-02,14\n{cast.b.code},1404-Q4,HSG-02,9\n"
    )
    shown = look(laleh, report, text)
    assert [(line.row, unit.code, line.value) for line, unit, _label in shown.context["lines"]] == [
        (2, cast.a.code, "12.5"), (3, cast.a.code, "14"), (4, cast.b.code, "9"),
    ]  # fmt: skip
    assert HistoryFigure.objects.count() == 0
    press(laleh, report, shown)
    assert earlier(report) == [("سه‌ماههٔ سوم ۱۴۰۴ (آورده‌شده)", "14"), ("سه‌ماههٔ چهارم ۱۴۰۴ (آورده‌شده)", "12.5")]
    page = client_for(cast.sara).get(f"/reports/{report.tracking_code}/edit/housing/").content.decode()
    assert "سه‌ماههٔ چهارم ۱۴۰۴ (آورده‌شده)" in page
    event = Event.objects.get(verb=ReportVerb.BRING_HISTORY)
    assert (event.data["figures"], event.data["replaces"], event.person_id) == (3, None, cast.laleh.pk)


def test_a_workbook_with_persian_heads_is_read_too(report, cast, client_for):
    book = Workbook()
    for line in (["واحد", "دوره", "شاخص", "مقدار"], [cast.a.code, "1404-Q4", "HSG-02", 8]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    press(client_for(cast.laleh), report, look(client_for(cast.laleh), report, out.getvalue(), "old.xlsx"))
    assert earlier(report) == [("سه‌ماههٔ چهارم ۱۴۰۴ (آورده‌شده)", "8")]


def test_a_newer_file_takes_the_place_of_the_one_before_which_stays_in_the_list(report, cast, client_for):
    laleh = client_for(cast.laleh)
    for value in ("8", "9"):
        press(laleh, report, look(laleh, report, f"{HEAD}{cast.a.code},1404-Q4,HSG-02,{value}\n"))
    assert earlier(report) == [("سه‌ماههٔ چهارم ۱۴۰۴ (آورده‌شده)", "9")]
    assert [file.replaced_at is None for file in HistoryFile.objects.order_by("pk")] == [False, True]
    assert laleh.get(address(report)).content.decode().count("old.csv") == 2


def test_what_is_brought_in_asks_nobody_for_a_comment_and_other_kinds_of_periods_stay_apart(report, cast, client_for):
    laleh = client_for(cast.laleh)
    lines = "".join(f"{cast.a.code},{code},HSG-02,1\n" for code in ("1404-Q1", "1404-Q2", "1404-Q3", "1404-Y"))
    press(laleh, report, look(laleh, report, HEAD + lines))
    assert [text for _period, text in earlier(report)] == ["1", "1", "1"]
    sara = client_for(cast.sara)
    sara.post(f"/reports/{report.tracking_code}/edit/housing/", {"base": "0", "q:waiting_days": "900"})
    page = sara.get(f"/reports/{report.tracking_code}/edit/housing/")
    assert page.context["sheet"].cards[1].doubt == ""


WRONG = {
    "no such unit": ("NONE,1404-Q4,HSG-02,1\n", "unit"),
    "no such indicator": ("{a},1404-Q4,NONE-1,1\n", "indicator"),
    "no such period": ("{a},1404-Q9,HSG-02,1\n", "period"),
    "a period that goes on": ("{a},1450-Q1,HSG-02,1\n", "period"),
    "no number": ("{a},1404-Q4,HSG-02,x\n", "value"),
    "two readings": ("{a},1404-Q4,HSG-02,500/000\n", "value"),
    "an empty cell": ("{a},1404-Q4,,1\n", "indicator"),
    "the same twice": ("{a},1404-Q4,HSG-02,1\n{a},1404-Q4,HSG-02,1\n", ""),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_row_that_is_wrong_is_named_and_nothing_is_brought_in(report, cast, client_for, wrong):
    lines, column = WRONG[wrong]
    shown = look(client_for(cast.laleh), report, HEAD + lines.format(a=cast.a.code))
    (problem,) = shown.context["problems"]
    assert (shown.status_code, problem.row, problem.column) == (422, 2 + lines.count("\n") - 1, column)
    assert problem.message.endswith(".")
    assert HistoryFile.objects.count() == 0


def test_a_header_without_a_column_and_an_empty_file_are_refused(report, cast, client_for):
    for text in ("unit,period,value\n", HEAD, ""):
        shown = look(client_for(cast.laleh), report, text)
        assert (shown.status_code, len(shown.context["problems"])) == (422, 1)


def test_a_preview_that_a_colleague_overtook_is_shown_anew(report, cast, client_for):
    laleh = client_for(cast.laleh)
    text = f"{HEAD}{cast.a.code},1404-Q4,HSG-02,8\n"
    shown = look(laleh, report, text)
    press(laleh, report, look(laleh, report, text))
    assert press(laleh, report, shown).status_code == 409
    assert HistoryFile.objects.count() == 1


def test_only_who_coordinates_the_provider_brings_figures_in(report, cast, client_for):
    data = f"{HEAD}{cast.a.code},1404-Q4,HSG-02,8\n".encode()
    for person in (cast.sara, cast.reza, cast.omid, cast.nader, cast.stranger):
        client = client_for(person)
        assert client.get(address(report)).status_code == 403
        assert client.post(address(report, "store/"), {"packed": packed_file(data), "name": "x"}).status_code == 403
        with pytest.raises(Forbidden):
            bring_history(
                data=data, name="x", sha256="", service=report.call.agreement.service, replaces=None, by=person
            )
    with pytest.raises(Refused):
        bring_history(
            data=b"x", name="x", sha256="", service=report.call.agreement.service, replaces=None, by=cast.laleh
        )
