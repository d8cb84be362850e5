"""What the desk of a unit's people leads to."""

import pytest
from django.urls import reverse

from reports.actions.calls import publish_call
from reports.actions.sign_off import request_sign_off, send_back
from tests.calls import fill, make_call, published_call, report_of
from tests.contests import with_fee
from tests.reports.views.desk.test_page import desk, has

pytestmark = pytest.mark.django_db


def test_a_complete_report_is_to_be_sent_now_by_who_sends_it(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    sign = reverse("reports:report_sign", args=[report.tracking_code])

    head, expert = desk(client_for, cast.reza), desk(client_for, cast.sara)

    assert (head.context["hero"].may_send, expert.context["hero"].may_send) == (True, False)
    assert (has(head, "آمادهٔ ارسال"), has(expert, "آمادهٔ ارسال")) == (True, False)
    assert next(item.url for item in head.context["items"] if "آمادهٔ ارسال" in item.title) == sign
    assert next(item.url for item in expert.context["items"] if "امضای مدیر را بخواهید" in item.title) == sign


def test_where_no_signature_is_wanted_the_expert_sends(cast, client_for):
    call = published_call(cast, needs_sign_off=False)
    fill(report_of(call, cast.a), cast.sara)

    assert desk(client_for, cast.sara).context["hero"].may_send


def test_unpaid_it_is_not_ready_and_the_fee_waits_instead(cast, call, client_for):
    with_fee(fill(report_of(call, cast.a), cast.sara))

    head = desk(client_for, cast.reza)

    assert (head.context["hero"].may_send, has(head, "آمادهٔ ارسال"), has(head, "پرداخت")) == (False, False, True)


def test_under_an_agreement_that_is_not_accepted_it_is_not_ready(cast, client_for):
    call = publish_call(call=make_call(cast), by=cast.laleh)
    fill(report_of(call, cast.a), cast.sara)

    head = desk(client_for, cast.reza)

    assert (head.context["hero"].may_send, has(head, "پذیرش توافق‌نامه")) == (False, True)


def test_a_draft_that_the_head_sent_back_waits_with_the_note(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    request_sign_off(report=report, by=cast.sara)
    send_back(report=report, note="جمع بخش خوابگاه را بازبینی کنید", by=cast.reza)

    item = next(item for item in desk(client_for, cast.sara).context["items"] if "برگردانده" in item.title)

    assert (item.note, item.url) == (
        "جمع بخش خوابگاه را بازبینی کنید", reverse("reports:report_edit", args=[report.tracking_code]),
    )  # fmt: skip
    assert not has(desk(client_for, cast.reza), "برگردانده")
    request_sign_off(report=report_of(call, cast.a), by=cast.sara)
    assert not has(desk(client_for, cast.sara), "برگردانده")
