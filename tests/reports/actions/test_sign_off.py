"""The head's signature: asked for, taken back, sent back, given."""

import re

import pytest
from django.urls import reverse

from reports.actions.drafts import save_section
from reports.actions.returns import return_for_correction
from reports.actions.sign_off import request_sign_off, send_back, withdraw_request
from reports.actions.submission import submit_report
from reports.models import Report, SignOffRound
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import fill, make_call, published_call, report_of, submitted_report
from units.models import Event, Notice


@pytest.fixture
def report(cast) -> Report:
    return fill(report_of(published_call(cast), cast.a), cast.sara)


def state(report) -> str:
    return Report.objects.get(pk=report.pk).state


def code_of(call, **arguments) -> str:
    with pytest.raises(Refused) as refusal:
        call(**arguments)
    return refusal.value.code


def page(report) -> str:
    return reverse("reports:report_sign", args=[report.tracking_code])


def seen(answer) -> str:
    return re.search(r'name="seen"\s+value="(\w+)"', answer.content.decode())[1]


# ---------------------------------------------------------------------------------------------------------- asking
def test_asking_tells_the_head_and_waits(report, cast):
    round_ = request_sign_off(report=report, by=cast.sara, note="آمار مهر قطعی است.")

    assert state(report) == "awaiting_sign_off"
    assert (round_.number, round_.answers["housed"], round_.note) == (1, "80", "آمار مهر قطعی است.")
    assert Notice.objects.filter(person=cast.reza, event__verb="request_sign_off", urgent=True).exists()


def test_a_second_click_gives_the_open_request(report, cast):
    first = request_sign_off(report=report, by=cast.sara)

    assert request_sign_off(report=report, by=cast.sara) == first
    assert Event.objects.filter(verb="request_sign_off").count() == 1


def test_nothing_is_asked_for_while_something_is_missing(report, cast):
    save_section(report=report, section="welfare", base_version=1, changes={"events": ""}, by=cast.sara)

    assert code_of(request_sign_off, report=report, by=cast.sara) == "incomplete"
    assert state(report) == "draft"
    assert not SignOffRound.objects.exists()


def test_nothing_is_asked_for_after_the_last_moment(report, cast, clock):
    clock.move(days=3, minutes=30)

    assert code_of(request_sign_off, report=report, by=cast.sara) == "closed"


def test_a_call_without_signature_is_submitted_by_the_expert(cast):
    report = fill(report_of(published_call(cast, needs_sign_off=False), cast.a), cast.sara)

    assert code_of(request_sign_off, report=report, by=cast.sara) == "no-sign-off"
    assert submit_report(report=report, by=cast.sara).submitted_by == cast.sara


def test_strangers_and_headquarters_neither_ask_nor_answer(report, cast):
    for person in (cast.mina, cast.omid, cast.laleh, cast.nader):
        with pytest.raises(Forbidden):
            request_sign_off(report=report, by=person)
    request_sign_off(report=report, by=cast.sara)
    for person in (cast.sara, cast.mina, cast.laleh):
        with pytest.raises(Forbidden):
            send_back(report=report, note="نه", by=person)


# -------------------------------------------------------------------------------------------------- back and forth
def test_taking_the_request_back_opens_the_draft(report, cast):
    request_sign_off(report=report, by=cast.sara)
    round_ = withdraw_request(report=report, by=cast.sara)

    assert (state(report), round_.signed, round_.reply) == ("draft", False, "")
    assert code_of(withdraw_request, report=report, by=cast.sara) == "no-request"


def test_sending_back_needs_a_note_and_tells_the_writer(report, cast):
    request_sign_off(report=report, by=cast.sara)
    assert code_of(send_back, report=report, note=" ", by=cast.reza) == "no-reason"

    send_back(report=report, note="عدد اسکان را بازبینی کنید.", by=cast.reza)
    assert state(report) == "draft"
    assert Notice.objects.filter(person=cast.sara, event__verb="send_back").exists()


def test_signing_decides_the_round(report, cast):
    request_sign_off(report=report, by=cast.sara)
    submit_report(report=report, by=cast.reza)

    round_ = SignOffRound.objects.get()
    assert (round_.signed, round_.decided_by) == (True, cast.reza)


def test_asking_during_a_return_leaves_it_returned_and_holds_the_draft(cast):
    report, _revision = submitted_report(cast, published_call(cast))
    return_for_correction(report=report, remarks={"HSG-02": "بازبینی کنید."}, note="", by=cast.laleh)
    save_section(report=report, section="housing", base_version=1, changes={"waiting_days": "9"}, by=cast.sara)
    request_sign_off(report=report, by=cast.sara)
    assert state(report) == "returned"
    assert (
        code_of(
            save_section, report=report, section="housing", base_version=2, changes={"waiting_days": "10"}, by=cast.sara
        )
        == "awaiting-sign-off"
    )

    send_back(report=report, note="ده روز بنویسید.", by=cast.reza)
    assert state(report) == "returned"
    save_section(report=report, section="housing", base_version=2, changes={"waiting_days": "10"}, by=cast.sara)
    revision = submit_report(report=report, by=cast.reza)
    assert (state(report), revision.answers["waiting_days"], revision.correction_round) == ("submitted", "10", 1)


# -------------------------------------------------------------------------------------------------------- the page
def test_the_head_sees_what_changed_since_the_last_round(report, cast, client_for):
    request_sign_off(report=report, by=cast.sara)
    send_back(report=report, note="عدد اسکان را بازبینی کنید.", by=cast.reza)
    save_section(report=report, section="housing", base_version=1, changes={"housed": "79"}, by=cast.sara)
    request_sign_off(report=report, by=cast.sara)
    answer = client_for(cast.reza).get(page(report))

    (change,) = answer.context["changes"]
    assert (change.old, change.new, change.section) == ("۸۰", "۷۹", "خوابگاه")


def test_the_head_signs_and_gets_the_receipt(report, cast, client_for):
    request_sign_off(report=report, by=cast.sara)
    client = client_for(cast.reza)
    answer = client.post(page(report), {"seen": seen(client.get(page(report)))})

    assert answer.url == reverse("reports:report_receipt", args=[report.tracking_code])
    assert client.post(page(report), {"seen": "anything"}).url == answer.url  # a repeated click
    assert report.revisions.count() == 1


def test_a_page_older_than_the_draft_signs_nothing(report, cast, client_for):
    client = client_for(cast.reza)
    stale = seen(client.get(page(report)))
    save_section(report=report, section="housing", base_version=1, changes={"housed": "60"}, by=cast.sara)
    answer = client.post(page(report), {"seen": stale})

    assert answer.status_code == 409
    assert "تغییر کرده" in answer.content.decode()
    assert not report.revisions.exists()


def test_without_the_agreement_the_page_leads_to_it_and_nothing_is_signed(cast, client_for):
    from reports.actions.calls import publish_call

    report = fill(report_of(publish_call(call=make_call(cast), by=cast.laleh), cast.a), cast.sara)
    client = client_for(cast.reza)
    html = client.get(page(report)).content.decode()

    assert reverse("sla:agreement", args=[report.call.agreement_id]) in html
    assert 'name="seen"' not in html
    assert code_of(submit_report, report=report, by=cast.reza) == "not-accepted"


def test_the_expert_asks_from_the_same_page(report, cast, client_for):
    client = client_for(cast.sara)
    assert client.get(page(report)).status_code == 200
    client.post(reverse("reports:report_ask", args=[report.tracking_code]), {"note": "سلام"})

    assert SignOffRound.objects.get().note == "سلام"
    assert "پس گرفتن درخواست" in client.get(page(report)).content.decode()


def test_sending_back_without_a_note_says_so_on_the_page(report, cast, client_for):
    request_sign_off(report=report, by=cast.sara)
    answer = client_for(cast.reza).post(reverse("reports:report_send_back", args=[report.tracking_code]), {"note": ""})

    assert answer.status_code == 409
    assert 'data-code="no-reason"' in answer.content.decode()
    assert state(report) == "awaiting_sign_off"
