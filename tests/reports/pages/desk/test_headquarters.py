"""What the desk of the provider's coordinators leads to."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reports.actions.objection_lines import TypedAnswer, TypedLine, answer_objection
from reports.actions.objections import contest_result
from sajad_portal.lib.clock import database_now
from tests.calls import at_closing, published_call, submitted_report
from tests.reports.views.desk.test_page import desk, has
from tests.reviews import announced_report, assign, reviewed_report

pytestmark = pytest.mark.django_db


def test_a_result_that_is_ready_waits_to_be_announced_before_its_call_has_closed(cast, client_for):
    call = published_call(cast, closes_at=database_now() + timedelta(days=40))
    reviewed_report(cast, call)

    answer = desk(client_for, cast.laleh)

    assert has(answer, "اعلام ۱ نتیجه")
    assert len(client_for(cast.laleh).get(reverse("reports:announce", args=[call.pk])).context["rows"]) == 1


def test_a_call_without_reviewers_says_so_until_somebody_is_assigned(cast, call, client_for):
    item = next(item for item in desk(client_for, cast.laleh).context["items"] if "ارزیاب ندارد" in item.title)
    assert (item.url, "۲ گزارش" in item.title) == (reverse("reports:call_reviewers", args=[call.pk]), True)

    assign(cast, call)

    assert not has(desk(client_for, cast.laleh), "ارزیاب ندارد")


def test_a_head_whose_seat_ends_before_the_closing_cannot_sign_then(cast, call, client_for):
    assert not has(desk(client_for, cast.laleh), "کسی را ندارد که")
    seat = cast.membership(cast.reza)
    seat.ends_at = call.closes_at - timedelta(hours=1)
    seat.save(update_fields=["ends_at"])

    item = next(item for item in desk(client_for, cast.laleh).context["items"] if "کسی را ندارد که" in item.title)

    listed = client_for(cast.laleh).get(item.url).context["rows"]
    assert ([row.report.unit for row in listed], "۱ واحد" in item.title) == ([cast.a], True)


def test_who_has_not_sent_leads_to_just_those_with_their_peoples_numbers(cast, call, client_for, clock):
    submitted_report(cast, call)
    clock.move_to(at_closing(call, days=-2))
    item = next(item for item in desk(client_for, cast.laleh).context["items"] if "نفرستاده" in item.title)

    listed = client_for(cast.laleh).get(item.url)

    assert [row.report.unit for row in listed.context["rows"]] == [cast.b]
    assert {contact.person for contact in listed.context["rows"][0].contacts} == {cast.mina, cast.kamran}


def test_contested_indicators_wait_for_the_providers_answer(cast, call, client_for):
    report, _version = announced_report(cast, call)
    line = TypedLine({"numerator": "90", "denominator": "100"}, reason="فهرست دوباره شمرده شد")
    dispute = contest_result(report=report, text="", by=cast.reza, lines={"HSG-01": line})

    item = next(item for item in desk(client_for, cast.laleh).context["items"] if "شاخص مورد اعتراض" in item.title)

    assert item.url == reverse("reports:dispute", args=[dispute.pk]) + "#lines"
    answer_objection(dispute=dispute, answers={"HSG-01": TypedAnswer("accepted")}, by=cast.laleh)
    assert not has(desk(client_for, cast.laleh), "شاخص مورد اعتراض")
