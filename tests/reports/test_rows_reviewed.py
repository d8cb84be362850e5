"""A remark on one row of a table, the whole way: from the review page to the letter. The row is known by its key, wherever it stands."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.evidence import add_evidence, remove_evidence
from reports.actions.judging import judge_answers
from reports.actions.results import announce_result
from reports.actions.review import hand_in_review, settle_review, take_lead
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row, move_row
from reports.invariants import broken
from reports.models import Report, ReviewItem
from reports.queries import asked_of
from reports.queries.findings import reviews_of, revisions_of, settle_report
from sajad_portal.lib.errors import Refused
from tests.calls import PDF, accept, published_call, report_of
from tests.reviews import assign, review_of, second_reviewer, verify_all
from tests.tables import dormitory, save, table_form

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
    from reports.actions.returns import return_for_correction

    return_for_correction(report=sent.report, remarks={"table:dorms": "به ترتیب بنویسید"}, by=omid)
    move_row(report=sent.report, table="dorms", row=sent.one, up=False, by=cast.sara)
    submit_report(report=sent.report, by=cast.reza)
    revisions, definition = revisions_of(sent.report), asked_of(sent.report)
    from reports.queries.findings import is_fresh, item_of

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
