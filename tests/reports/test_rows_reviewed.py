"""A remark on one row of a table, the whole way: from the review page to the letter. The row is known by its key, wherever it stands."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from reports.actions.evidence import add_evidence, remove_evidence
from reports.actions.judging import judge_answers
from reports.actions.objection_lines import TypedLine
from reports.actions.objections import contest_result
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction
from reports.actions.review import hand_in_review, settle_review, take_lead
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row, bring_rows, move_row
from reports.invariants import broken
from reports.models import DraftSection, ObjectionLine, Report, ReviewItem
from reports.pages.review.tables import MOST_ROWS
from reports.queries import asked_of
from reports.queries.drafts import collect
from reports.queries.findings import is_fresh, item_of, reviews_of, revisions_of, settle_report
from sajad_portal.lib.errors import Refused
from tests.calls import PDF, accept, published_call, report_of
from tests.papers import unsaid
from tests.reviews import assign, review_of, second_reviewer, verify_all
from tests.tables import dormitory, lone_table, save, table_form

pytestmark = pytest.mark.django_db


class Sent:
    """A submitted report of two dormitories, the first with a plan and a room; Omid reviews it."""

    def __init__(self, cast):
        self.cast = cast
        self.call = published_call(cast, form=table_form())
        report = report_of(self.call, cast.a)
        save(report, "about", cast.sara, most="500", span="2")
        self.one = dormitory(report, cast.sara, "شهید بهشتی", beds="40")
        self.two = dormitory(report, cast.sara, "شهید چمران", beds="7")
        self.room = add_row(report=report, table="rooms", around=self.one, by=cast.sara)
        save(report, "dorms", cast.sara, **{f"room__{self.room}": "۱۰۱"})
        self.plan = self.file(report, self.one)
        accept(self.call, cast.a, cast.reza)
        submit_report(report=report, by=cast.reza)
        assign(cast, self.call)

    def file(self, report: Report, row: str, name: str = "plan.pdf"):
        upload = SimpleUploadedFile(name, PDF)
        return add_evidence(report=report, indicator=f"file:plan@{row}", upload=upload, by=self.cast.sara)

    @property
    def report(self) -> Report:
        return report_of(self.call, self.cast.a)

    @property
    def review(self):
        return review_of(self.report, self.cast.omid)

    def next_call(self):
        """A call of the next period on the same form, after this report was sent."""
        return published_call(
            self.cast, service=self.call.service, form=table_form(), period_code="1405-Q3",
            period_starts=date(2026, 9, 23), period_ends=date(2026, 12, 21),
        )  # fmt: skip

    def row(self, row: str, table: str = "dorms") -> str:
        return f"row:{table}@{row}"

    def judge(self, **remarks) -> None:
        judge_answers(review=self.review, remarks={self.row(r): text for r, text in remarks.items()}, by=self.cast.omid)

    def found(self) -> dict[str, tuple[bool, str]]:
        items = ReviewItem.objects.filter(review=self.review)
        return {item.indicator: (bool(item.verified), item.reason) for item in items}


@pytest.fixture
def sent(cast) -> Sent:
    return Sent(cast)


def get(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(f"reports:{name}", args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode(errors="replace")


def page_of(sent: Sent, table: str) -> str:
    """The key of the page of the form on which the table stands."""
    definition = asked_of(sent.report)
    return next(page.key for page in definition.pages if definition.table(table).path in page.tables)


def field(code: str) -> str:
    return "q-" + code.replace(":", "-").replace("@", "-at-").replace(".", "-")


def test_a_row_is_remarked_on_returned_corrected_and_announced(sent, cast, client_for):
    omid, reza, code = client_for(cast.omid), client_for(cast.reza), sent.report.tracking_code
    # the review page: both rows, the file, a remark on the first
    page = get(omid, "report_review", code, i="table:dorms")
    assert "شهید بهشتی" in page
    assert "plan.pdf" in page
    assert f'name="remark-{field(sent.row(sent.one))}"' in page
    typed = {
        "review": sent.review.pk, "indicator": "table:dorms", "accept_rest": "1",
        f"remark-{field(sent.row(sent.one))}": "نقشه خوانا نیست.",
    }  # fmt: skip
    assert omid.post(reverse("reports:review_answers", args=[code]), typed).status_code == 302
    assert sent.found()["table:dorms"] == (False, "")
    assert sent.found()[sent.row(sent.one)] == (False, "نقشه خوانا نیست.")
    # the page of the return has the remark at its row
    page = get(omid, "report_return", code)
    assert "نقشه خوانا نیست." in page
    answer = omid.post(
        reverse("reports:report_return", args=[code]), {f"remark-{sent.row(sent.one)}": "نقشه خوانا نیست."}
    )
    assert answer.status_code == 302
    # the unit: the remark at its row; rows move only within a remark on the table, so nothing else changes
    page = get(client_for(cast.sara), "report_edit", code, page_of(sent, "dorms"))
    assert "نقشه خوانا نیست." in page
    report = sent.report
    assert save(report, "dorms", cast.sara, **{f"beds__{sent.two}": "9"}).errors
    assert not save(report, "dorms", cast.sara, **{f"beds__{sent.one}": "41"}).errors
    remove_evidence(report=report, evidence=sent.plan, by=cast.sara)
    sent.file(report, sent.one, "plan2.pdf")
    with pytest.raises(Refused):
        sent.file(report, sent.two)
    move_row(report=report, table="dorms", row=sent.one, up=False, by=cast.sara)
    submit_report(report=report, by=cast.reza)
    # the second review: the row beside its former version, moved, under its own key
    page = get(omid, "report_review", code, i=sent.row(sent.one))
    assert "<del>۴۰</del>" in page
    assert "<ins>۴۱</ins>" in page
    assert "plan2.pdf" in page
    assert "نقشه خوانا نیست." in page
    with pytest.raises(Refused):
        hand_in_review(review=sent.review, by=cast.omid)
    verify_all(sent.review, but=("table:dorms",))
    judge_answers(review=sent.review, remarks={"table:dorms": None, sent.row(sent.one): "تخت‌ها کم شد."}, by=cast.omid)
    hand_in_review(review=sent.review, by=cast.omid)
    version = announce_result(report=sent.report, by=cast.laleh)
    findings = version.score["findings"]
    assert findings[sent.row(sent.one)]["reason"] == "تخت‌ها کم شد."
    assert findings["table:dorms"]["verified"] == {}
    for name in ("report_result", "letter_page"):
        page = get(reza, name, code)
        assert "شهید بهشتی" in page, name
        assert "تخت‌ها کم شد." in page, name
    get(reza, "report", code)
    assert list(broken()) == []


def test_a_row_that_no_submission_has_is_not_judged(sent):
    with pytest.raises(Refused):
        sent.judge(zzzzzzzz="نیست")


def test_a_table_whose_rows_are_all_accepted_is_accepted(sent):
    sent.judge(**{sent.one: None})
    assert "table:dorms" not in sent.found()
    sent.judge(**{sent.two: None})
    assert sent.found()["table:dorms"] == (True, "")


def test_a_remark_on_a_row_takes_the_table_back_and_its_end_gives_it_back(sent, cast):
    judge_answers(review=sent.review, remarks={"table:dorms": None}, by=cast.omid)
    sent.judge(**{sent.two: "کم است"})
    assert sent.found()["table:dorms"] == (False, "")
    sent.judge(**{sent.two: None})
    assert sent.found()["table:dorms"] == (True, "")


def test_moving_a_row_leaves_its_finding_and_asks_for_the_table_again(sent, cast):
    judge_answers(review=sent.review, remarks={"table:dorms": None, sent.row(sent.one): None}, by=cast.omid)
    omid = cast.omid

    return_for_correction(report=sent.report, remarks={"table:dorms": "به ترتیب بنویسید"}, by=omid)
    move_row(report=sent.report, table="dorms", row=sent.one, up=False, by=cast.sara)
    submit_report(report=sent.report, by=cast.reza)
    revisions, definition = revisions_of(sent.report), asked_of(sent.report)

    review = reviews_of(sent.report)[0]
    fresh = {
        code: is_fresh(item_of(review, code), definition.judged_as(code), revisions)
        for code in ("table:dorms", sent.row(sent.one))
    }
    assert fresh == {"table:dorms": False, sent.row(sent.one): True}


def test_of_two_reviewers_who_differ_on_a_row_the_lead_settles(sent, cast):
    parisa = second_reviewer(cast)
    assign(cast, sent.call, parisa)
    other = review_of(sent.report, parisa)
    verify_all(sent.review, but=("table:dorms",))
    verify_all(other, but=("table:dorms",))
    judge_answers(review=sent.review, remarks={"table:dorms": None, sent.row(sent.one): "کم است"}, by=cast.omid)
    judge_answers(
        review=other, remarks={"table:dorms": None, sent.row(sent.two): "زیاد است", sent.row(sent.one): None}, by=parisa
    )
    hand_in_review(review=sent.review, by=cast.omid)
    hand_in_review(review=other, by=parisa)
    stands = settle_report(asked_of(sent.report), reviews_of(sent.report), revisions_of(sent.report))
    assert stands["table:dorms"].stand == "disputed"
    with pytest.raises(Refused):
        announce_result(report=sent.report, by=cast.laleh)
    lead = take_lead(report=sent.report, by=cast.laleh)
    judge_answers(review=lead, remarks={"table:dorms": None, sent.row(sent.two): "زیاد است"}, by=cast.laleh)
    settle_review(review=lead, by=cast.laleh)
    version = announce_result(report=sent.report, by=cast.laleh)
    found = version.score["findings"]
    assert (bool(found[sent.row(sent.one)]["verified"]), found[sent.row(sent.two)]["reason"]) == (True, "زیاد است")
    assert list(broken()) == []


# ------------------------------------------------------------------------------------------------ from the period before
def test_the_rows_of_the_last_period_are_brought_under_their_keys(sent, cast, client_for):
    call = sent.next_call()
    report, sara = report_of(call, cast.a), client_for(cast.sara)
    definition = asked_of(report)
    key = next(page.key for page in definition.pages if definition.table("dorms").path in page.tables)
    assert "bring:dorms" in get(sara, "report_edit", report.tracking_code, key)
    answer = sara.post(reverse("reports:report_edit", args=[report.tracking_code, key]), {"row": "bring:dorms"})
    assert answer.status_code == 302
    written = collect(report_of(call, cast.a)).answers
    brought = {name: written[name] for name in written if "@" in name}
    assert brought == {
        f"row:dorms@{sent.one}": "1", f"dorm@{sent.one}": "شهید بهشتی", f"beds@{sent.one}": "40",
        f"row:dorms@{sent.two}": "2", f"dorm@{sent.two}": "شهید چمران", f"beds@{sent.two}": "7",
        f"row:rooms@{sent.room}": "1", f"room@{sent.room}": "۱۰۱",
    }  # fmt: skip
    assert collect(report_of(call, cast.a)).evidence == []
    with pytest.raises(Refused):
        bring_rows(report=report_of(call, cast.a), table="dorms", by=cast.sara)
    assert "bring:dorms" not in get(sara, "report_edit", report.tracking_code, key)
    assert list(broken()) == []


def test_where_nothing_was_sent_before_there_is_nothing_to_bring(cast, client_for):
    report = report_of(published_call(cast, form=table_form()), cast.a)
    with pytest.raises(Refused):
        bring_rows(report=report, table="dorms", by=cast.sara)


def test_the_review_shows_a_row_beside_its_last_period(sent, cast, client_for):
    call = sent.next_call()
    report = report_of(call, cast.a)
    save(report, "about", cast.sara, most="500")
    bring_rows(report=report, table="dorms", by=cast.sara)
    save(report, "dorms", cast.sara, **{f"beds__{sent.one}": "55"})
    submit_report(report=report, by=cast.reza)
    assign(cast, call)
    page = get(client_for(cast.omid), "report_review", report.tracking_code, i="table:dorms")
    assert "۵۵" in page
    assert "۱۴۰۵: ۴۰" in page


# -------------------------------------------------------------------------------------------------------- two hundred rows
def test_a_letter_about_two_hundred_rows_stays_a_letter(cast, client_for):
    call = published_call(cast, form=lone_table())
    report = report_of(call, cast.a)
    keys = [f"k{number:07}" for number in range(200)]
    add_row(report=report, table="things", by=cast.sara)
    section = DraftSection.objects.get(report=report, section="things")
    cells = {f"row:things@{key}": str(number) for number, key in enumerate(keys)}
    cells |= {f"thing@{key}": f"تخت {number}" for number, key in enumerate(keys)}
    section.answers = {name: {"v": value, "n": 1, "by": cast.sara.pk, "at": ""} for name, value in cells.items()}
    section.save()
    submit_report(report=report_of(call, cast.a), by=cast.reza)
    assign(cast, call)
    review = review_of(report_of(call, cast.a), cast.omid)
    judge_answers(
        review=review, remarks={"table:things": None, f"row:things@{keys[150]}": "دو بار آمده است."}, by=cast.omid
    )
    hand_in_review(review=review, by=cast.omid)
    announce_result(report=report_of(call, cast.a), by=cast.laleh)
    paper = client_for(cast.reza).get(reverse("reports:letter", args=[report.tracking_code])).content
    assert len(PdfReader(io.BytesIO(paper)).pages) == 2
    assert unsaid(paper, "دو بار آمده است.", "سطر ۱۵۱", "تخت 19", "۲۰ سطر نخست از ۲۰۰ سطر") == []
    assert unsaid(paper, "تخت 21") == ["تخت 21"]
    page = get(client_for(cast.omid), "report_review", report.tracking_code, i=f"row:things@{keys[150]}")
    assert "تخت 150" in page
    assert page.count('class="judged-row') == MOST_ROWS + 1
    assert len(page) < 250_000


def test_the_head_contests_a_remark_on_a_row(sent, cast, client_for):
    verify_all(sent.review, but=("table:dorms",))
    judge_answers(review=sent.review, remarks={"table:dorms": None, sent.row(sent.one): "کم است."}, by=cast.omid)
    hand_in_review(review=sent.review, by=cast.omid)
    announce_result(report=sent.report, by=cast.laleh)
    code = sent.row(sent.one)
    page = get(client_for(cast.reza), "contest", sent.report.tracking_code, tick=code)
    assert "شهید بهشتی" in page
    dispute = contest_result(report=sent.report, text="", by=cast.reza, lines={code: TypedLine(reason="سند داریم.")})
    assert [line.indicator for line in ObjectionLine.objects.all()] == [code]
    with pytest.raises(Refused):
        contest_result(report=sent.report, text="", by=cast.reza, lines={"row:dorms@zzzzzzzz": TypedLine(reason="سند")})
    get(client_for(cast.reza), "dispute", dispute.pk)
    assert list(broken()) == []
