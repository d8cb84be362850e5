"""One figure, one date, one instant: pages of a report that speak of the same thing say the same."""

import re
from datetime import timedelta

import pytest
from django.utils import translation

from reports.actions.drafts import save_section
from reports.actions.submission import submit_report
from reports.queries.clocks import clocks_of
from sajad_portal.lib.clock import database_now, end_of_day, tehran_date
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.jalali import format_date
from tests.calls import fill, published_call, report_of, submitted_report
from tests.oversight import get
from tests.payments import priced_call

DAY = timedelta(days=1)


@pytest.fixture
def midnight_call(cast):
    closes = end_of_day(tehran_date(database_now()) + 3 * DAY)
    return published_call(cast, closes_at=closes, review_until=closes + 60 * DAY)


def test_one_date_is_promised_for_the_result(cast, call, client_for):
    report, _revision = submitted_report(cast, call)
    page = get(client_for(cast.reza), "reports:report", report.tracking_code)
    reading = page.context["reading"]
    with translation.override("fa"):
        promised, planned = format_date(reading.runs_out, "full"), format_date(tehran_date(call.review_until), "full")
    text = page.content.decode()
    assert promised in page.context["result_due"]
    assert text.count(promised) >= 2  # whose turn it is, and the clock
    assert planned not in text


def test_a_target_that_has_passed_is_said_and_the_plan_named(cast, call, client_for, clock):
    report, _revision = submitted_report(cast, call)
    clock.move_to(call.review_until - 2 * DAY)
    page = get(client_for(cast.reza), "reports:report", report.tracking_code)
    assert page.context["result_due"].startswith("هدف زمانی گذشته است؛")
    clock.move_to(call.review_until)
    page = get(client_for(cast.reza), "reports:report", report.tracking_code)
    assert page.context["result_due"] == "هدف زمانی گذشته و نتیجهٔ اولیه هنوز اعلام نشده است."
    assert clocks_of([report], database_now())[report.request_id].runs_out is None


def test_while_the_fee_is_unpaid_nothing_says_that_it_can_be_sent(cast, client_for):
    call = priced_call(cast)
    report = fill(report_of(call, cast.a), cast.sara)
    page = get(client_for(cast.reza), "reports:report", report.tracking_code)
    text = page.content.decode()
    assert (page.context["left"], page.context["fee_first"]) == (0, True)
    assert "پیش از ارسال، تعرفه باید پرداخت شود" in text
    assert "می‌توان ارسال کرد" not in text
    entry = get(client_for(cast.sara), "reports:report_edit", report.tracking_code, "housing").content.decode()
    assert "چیزی کم نیست" not in entry


def test_the_receipt_names_the_deadline_as_every_page_does(cast, midnight_call, client_for):
    report, _revision = submitted_report(cast, midnight_call)
    with translation.override("fa"):
        words = until(midnight_call.closes_at)
    assert words.startswith("پایان ")
    receipt = get(client_for(cast.reza), "reports:report_receipt", report.tracking_code).content.decode()
    assert words in receipt
    with translation.override("fa"):
        assert format_date(tehran_date(midnight_call.closes_at), "long") not in receipt
        assert (
            words.removeprefix("پایان ")
            in get(client_for(cast.reza), "reports:report", report.tracking_code).content.decode()
        )


def test_desk_report_and_signature_count_the_same_things_left(cast, call, client_for):
    report = report_of(call, cast.a)
    save_section(report=report, section="housing", base_version=0, changes={"housed": "5"}, by=cast.sara)
    sara = client_for(cast.sara)
    left = get(sara, "reports:report", report.tracking_code).context["left"]
    assert left > 1
    assert get(sara, "reports:desk").context["unit"].hero.problems == left
    assert get(sara, "reports:report_edit", report.tracking_code, "housing").context["left"] == left
    assert len(get(sara, "reports:report_sign", report.tracking_code).context["problems"]) == left


def test_an_untouched_section_is_read_out_as_untouched(cast, call, client_for):
    report = report_of(call, cast.a)
    sara = client_for(cast.sara)
    page = get(sara, "reports:report_edit", report.tracking_code, "housing").content.decode()
    assert "هنوز هیچ‌کدام پر نشده" in page
    assert not re.search("(?<![۰-۹])۰ از [۰-۹]+ کامل", page)
    fill(report, cast.sara)
    page = get(sara, "reports:report_edit", report.tracking_code, "housing").content.decode()
    assert "هنوز هیچ‌کدام پر نشده" not in page


def test_a_submission_in_the_last_second_keeps_its_words(cast, midnight_call, clock, client_for):
    report = fill(report_of(midnight_call, cast.a), cast.sara)
    clock.move_to(midnight_call.closes_at + timedelta(minutes=5))
    submit_report(report=report, by=cast.reza)
    receipt = get(client_for(cast.reza), "reports:report_receipt", report.tracking_code).context["receipt"]
    with translation.override("fa"):
        assert until(midnight_call.closes_at) in receipt.rule
