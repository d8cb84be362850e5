"""A form of somebody else, without a word of the portal in it, from the workbook to the letter."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from reports.actions.drafts import save_section
from reports.actions.returns import return_for_correction
from reports.actions.submission import submit_report
from reports.invariants import broken
from reports.queries.drafts import collect
from reports.rules.exports import PERIOD_PDF, PERIOD_XLSX, REPORTS_CSV, REPORTS_JSONL, REPORTS_XLSX
from tests.calls import published_call, report_of
from tests.exports import made, read, sheet_rows
from tests.papers import unsaid
from tests.plain_forms import ANSWERS, announced_plain, fill_plain, judge_all, plain_form, submitted_plain
from tests.reviews import assign, review_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain_call(cast):
    return published_call(cast, form=plain_form())


def get(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(f"reports:{name}", args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def test_a_reviewer_sees_each_answer_with_its_file_and_accepts_or_remarks(cast, plain_call, client_for):
    report = submitted_plain(cast, plain_call)
    assign(cast, plain_call)
    omid = client_for(cast.omid)
    page = get(omid, "report_review", report.tracking_code)
    assert "خوابگاه شهید بهشتی" in page
    assert "شیراز" in page
    people = get(omid, "report_review", report.tracking_code, i="q:residents")
    assert "شمار ساکنان خوابگاه شهید بهشتی" in people
    assert "door.png" in people
    assert "اینترنت، ورزشگاه" in people
    review = review_of(report, cast.omid)
    url = reverse("reports:review_answers", args=[report.tracking_code])
    posted = {
        "review": review.pk,
        "indicator": "q:residents",
        "remark-residents": "با سامانه نمی‌خواند",
        "accept_rest": "1",
    }
    assert omid.post(url, posted).status_code == 302
    found = {item.indicator: (item.verified, item.reason) for item in review.items.all()}
    assert found["q:residents"] == ({}, "با سامانه نمی‌خواند")
    assert found["q:staff"] == ({"value": "12"}, "")
    posted = {"review": review.pk, "indicator": "q:centre", "accept_rest": "1"}
    assert omid.post(url, posted).status_code == 302
    assert (
        omid.post(reverse("reports:review_hand_in", args=[report.tracking_code]), {"review": review.pk}).status_code
        == 302
    )
    review.refresh_from_db()
    assert review.state == "handed_in"


def test_only_remarked_questions_may_be_corrected(cast, plain_call, client_for):
    report = submitted_plain(cast, plain_call)
    assign(cast, plain_call)
    omid, sara = client_for(cast.omid), client_for(cast.sara)
    judge_all(report, cast.omid, {"residents": "با سامانه نمی‌خواند"})
    page = get(omid, "report_return", report.tracking_code)
    assert "با سامانه نمی‌خواند" in page
    url = reverse("reports:report_return", args=[report.tracking_code])
    assert omid.post(url, {"remark-q:residents": "با سامانه نمی‌خواند"}).status_code == 302
    report = report_of(plain_call, cast.a)
    assert report.state == "returned"
    entry = get(sara, "report_edit", report.tracking_code, "people")
    assert "با سامانه نمی‌خواند" in entry
    outcome = save_section(
        report=report, section="people", base_version=99, changes={"residents": "250", "staff": "99"}, by=cast.sara
    )
    assert outcome.saved == {"residents": "250"}
    assert collect(report).answers["residents"] == "250"
    assert collect(report).answers["staff"] == "12"
    submit_report(report=report, by=cast.reza)
    page = get(omid, "report_review", report.tracking_code, i="q:residents")
    assert "<del>۲۴۰</del>" in page
    assert "<ins>۲۵۰</ins>" in page


def test_it_is_announced_as_reported_without_a_score(cast, plain_call, client_for):
    report, version = announced_plain(cast, plain_call, {"staff": "فهرست کارکنان نیامده است"})
    assert version.total is None
    assert version.score["findings"]["q:staff"]["reason"] == "فهرست کارکنان نیامده است"
    assert version.score["findings"]["q:residents"]["verified"] == {"value": "240"}
    page = get(client_for(cast.reza), "report_result", report.tracking_code)
    assert "فهرست کارکنان نیامده است" in page
    assert '<span class="huge">' not in page


def test_the_result_goes_into_letter_export_and_lists_without_a_figure(cast, plain_call, client_for):
    report, _version = announced_plain(cast, plain_call)
    reza = client_for(cast.reza)
    letter = get(reza, "letter_page", report.tracking_code)
    assert "پذیرفته، به همان صورت که گزارش شد" in letter
    assert "از ۱۰۰" not in letter
    paper = reza.get(reverse("reports:letter", args=[report.tracking_code])).content
    assert unsaid(paper, "پذیرفته، به همان صورت که گزارش شد", "نه امتیازی هست و نه رتبه‌ای") == []
    laleh = client_for(cast.laleh)
    announced = get(laleh, "announce", plain_call.pk, show="announced")
    assert "بدون امتیاز" in announced
    assert laleh.get(reverse("reports:analysis_league", args=[plain_call.pk])).status_code == 404


def test_the_unit_contests_a_remark_and_the_provider_takes_it_back(cast, plain_call, client_for):
    report, _version = announced_plain(cast, plain_call, {"staff": "فهرست کارکنان نیامده است"})
    reza, laleh = client_for(cast.reza), client_for(cast.laleh)
    url = reverse("reports:contest", args=[report.tracking_code])
    page = reza.get(url, {"tick": "q:staff"}).content.decode()
    assert "شمار کارکنان" in page
    assert "از ۱۰۰" not in page
    filed = reza.post(url, {"tick": "q:staff", "why:q:staff": "فهرست در پیوست گزارش هست", "text": ""})
    assert filed.status_code == 302
    dispute = report.objections.get().dispute
    shown = get(laleh, "dispute", dispute.pk)
    assert "فهرست در پیوست گزارش هست" in shown
    lines = reverse("reports:dispute_lines", args=[dispute.pk])
    assert laleh.post(lines, {"answer:q:staff": "accepted"}).status_code == 302
    offer = reverse("reports:dispute_offer", args=[dispute.pk])
    assert 'value="accepted" selected' in " ".join(laleh.get(offer).content.decode().split())
    assert laleh.post(offer, {"v:q:staff:value": "accepted", "text": "فهرست دیده شد"}).status_code == 302
    accept = reverse("reports:dispute_answer", args=[dispute.pk, 1, "accept"])
    assert reza.post(accept).status_code == 302
    version = report.results.latest("announced_at")
    assert version.score["findings"]["q:staff"]["verified"] == {"value": "12"}
    assert version.remarks == 0
    assert "پذیرفته، به همان صورت که گزارش شد" in get(reza, "report_result", report.tracking_code)


def test_files_say_of_each_question_whether_it_was_accepted_or_remarked_on(cast, plain_call):
    report, _version = announced_plain(cast, plain_call, {"staff": "فهرست کارکنان نیامده است"})
    for kind in (REPORTS_CSV, REPORTS_XLSX, REPORTS_JSONL):
        row = next(r for r in read(made(cast.laleh, kind, call=plain_call.pk)) if r["tracking_code"] == report.tracking_code)  # fmt: skip
        assert [row[f"q:{name}.{part}"] for name in ("residents", "staff") for part in ("state", "remark")] == [
            "accepted", "", "remarked", "فهرست کارکنان نیامده است"
        ], kind  # fmt: skip
    other = next(r for r in read(made(cast.laleh, REPORTS_CSV, call=plain_call.pk)) if r["unit_code"] == cast.b.code)
    assert (other["q:staff.state"], other["q:staff.remark"]) == ("", "")


def test_the_report_of_the_period_says_what_there_is(cast, plain_call, client_for):
    announced_plain(cast, plain_call, {"staff": "فهرست کارکنان نیامده است"})
    laleh = client_for(cast.laleh)
    url = reverse("reports:analysis_period_report", args=[plain_call.pk])
    assert url in get(laleh, "call_export", plain_call.pk)
    assert laleh.get(url).status_code == 200
    assert laleh.post(url, {"ending": "pdf"}).status_code == 302
    for kind in (PERIOD_PDF, PERIOD_XLSX):
        export = made(cast.laleh, kind, call=plain_call.pk)
        data = export.file.read()
        if kind == PERIOD_PDF:
            assert unsaid(data, "در این فرم چیزی امتیاز ندارد", "شمار کارکنان", "فهرست کارکنان نیامده است") == []
            continue
        book = load_workbook(io.BytesIO(data))
        questions = {row["نام"]: row for row in sheet_rows(book["پرسش‌ها"])}
        asked = questions["residents"]
        assert (asked["پاسخ‌گرفته"], asked["پذیرفته‌شده"], asked["با تذکر"], asked["در مجموع"]) == ("1", "1", "0", "240")
        assert questions["services"]["پاسخ‌ها با هم"] == "اینترنت: ۱، ورزشگاه: ۱"
        assert [row["تذکر"] for row in sheet_rows(book["تذکرها"])] == ["فهرست کارکنان نیامده است"]
    assert client_for(cast.reza).get(url).status_code in (403, 404)


def test_a_missed_report_is_not_said_to_get_a_zero(cast, plain_call, client_for, clock):
    clock.move_to(plain_call.closes_at + plain_call.grace)
    report = report_of(plain_call, cast.a)
    page = client_for(cast.reza).get(reverse("reports:track"), {"code": report.tracking_code}).content.decode()
    review = get(client_for(cast.omid), "report_review", report.tracking_code)
    assert "اعلام نتیجه‌ها گفته می‌شود" in review
    assert "نتیجه نیز همین را می‌گوید" in page


def test_every_check_of_what_is_stored_holds(cast, plain_call):
    announced_plain(cast, plain_call, {"staff": "فهرست کارکنان نیامده است"})
    assert list(broken()) == []


def test_of_two_choices_of_one_name_lists_of_changes_say_the_one_that_was_offered(cast, plain_call, client_for):
    there = {**ANSWERS, "place": {**ANSWERS["place"], "province": "fars", "town": "centre"}}
    report = fill_plain(report_of(plain_call, cast.a), cast.sara, there)
    submit_report(report=report, by=cast.reza)
    assign(cast, plain_call)
    omid = client_for(cast.omid)
    assert "مرکز فارس" in get(omid, "report_review", report.tracking_code)
    remarks = {"q:province": "استان را درست کنید"}
    return_for_correction(report=report, remarks=remarks, by=cast.omid)
    report = report_of(plain_call, cast.a)
    save_section(report=report, section="place", base_version=99, changes={"province": "yazd"}, by=cast.sara)
    page = get(client_for(cast.reza), "report_sign", report.tracking_code)
    changes = page.split('id="changes"')[1].split("</table>")[0]
    assert "<del>مرکز فارس</del>" in changes
    assert "<ins>مرکز یزد</ins>" in changes
