"""The last hour before a call closes, on the pages: seconds left, no head, no session, no scheduler.

Each ends with what is stored, what the page told the person, and `checkinvariants`.
"""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.calls import extend_unit
from reports.actions.closing import record_closings
from reports.enums import ReportStatus, Standing
from reports.invariants import broken
from reports.models import Report, Revision
from reports.queries import reports_at
from reports.queries.drafts import collect
from sajad_portal.lib.clock import database_now
from tests.calls import at_closing, fill, published_call, report_of
from tests.factories import PASSWORD, make_membership
from tests.faults.races import spin_until
from units.actions.memberships import end_membership
from units.enums import Role
from units.models import Notice

from .walking import press, says, words


@pytest.fixture
def call(live_server, cast):
    return published_call(cast)


@pytest.fixture
def report(call, cast) -> Report:
    return fill(report_of(call, cast.a), cast.sara)


def page_of(name: str, report: Report, *more) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code, *more])


def statuses(call) -> dict[str, str]:
    return dict(reports_at(database_now()).filter(call=call).values_list("unit__code", "status"))


def test_in_the_last_second_one_head_gets_a_receipt_and_a_second_later_the_other_is_told_what_to_do(
    open_page, call, report, cast, clock
):
    other = fill(report_of(call, cast.b), cast.mina)
    reza = open_page(page_of("report_sign", report), as_=cast.reza)
    kamran = open_page(page_of("report_sign", other), as_=cast.kamran)

    clock.move_to(at_closing(call, minutes=30, seconds=-20))
    reza.reload()
    says(reza, "مهلت گذشته است؛ تا پایان مهلت ارفاقی می‌توان ارسال کرد")
    press(reza, "Sign and submit the report")
    expect(reza).to_have_url(re.compile("receipt"))
    says(reza, words("In the grace period"))

    clock.move_to(at_closing(call, minutes=30, seconds=1))
    press(kamran, "Sign and submit the report")
    expect(kamran.locator("main")).to_contain_text("پذیرفته نشد")
    expect(kamran.locator("main")).to_contain_text("تمدید")

    revision = Revision.objects.get()
    assert (revision.report_id, revision.standing) == (report.pk, Standing.IN_GRACE)
    assert revision.submitted_at < revision.deadline == at_closing(call, minutes=30)
    assert statuses(call) == {"KHB": ReportStatus.SUBMITTED, "TGZ": ReportStatus.MISSED}
    assert collect(Report.objects.get(pk=other.pk)).answers["housed"] == "80"
    record_closings()
    assert call.snapshots.get().submitted == [[report.tracking_code, revision.sha256]]
    assert list(broken()) == []


def test_a_unit_without_a_head_is_on_the_coordinators_desk_and_a_new_head_signs_in_the_extension(
    open_page, call, report, cast, clock
):
    end_membership(membership=cast.membership(cast.reza), by=cast.laleh, reason="بازنشستگی")
    clock.move_to(at_closing(call, hours=-5))
    reza = open_page("/account/", as_=cast.reza)
    assert reza.goto(page_of("report_sign", report)).status == 404

    laleh = open_page("/desk/", as_=cast.laleh)
    says(laleh, f"۱ واحد هنگام بسته شدن «{call.title}» کسی را ندارد که امضا کند")
    extend_unit(report=report, until=at_closing(call, days=2), by=cast.laleh, reason="واحد مدیر ندارد")
    cast.stranger.refresh_from_db()
    make_membership(cast.stranger, cast.a, Role.HEAD)

    clock.move_to(at_closing(call, hours=3))
    new_head = open_page(page_of("report_sign", report), as_=cast.stranger)
    press(new_head, "Sign and submit the report")
    expect(new_head).to_have_url(re.compile("receipt"))
    says(new_head, words("Within the extension"))

    revision = Revision.objects.get()
    assert (revision.submitted_by, revision.standing) == (cast.stranger, Standing.EXTENDED)
    assert statuses(call)["KHB"] == ReportStatus.SUBMITTED
    assert list(broken()) == []


def test_a_session_that_ran_out_while_typing_loses_nothing_and_the_report_is_sent_in_time(
    open_page, call, report, cast, clock
):
    clock.move_to(at_closing(call, minutes=-10))
    sara = open_page(page_of("report_edit", report, "housing"), as_=cast.sara)
    Session.objects.all().delete()
    sara.locator("#q-housed").fill("79")
    dialog = sara.locator("dialog[open]")
    expect(dialog).to_be_visible()
    dialog.locator("[name=name]").fill("sara")
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("[name=password]").press("Enter")
    spin_until(lambda: collect(Report.objects.get(pk=report.pk)).answers["housed"] == "79")
    expect(sara.locator("#q-housed")).to_have_value("79")

    reza = open_page(page_of("report_sign", report), as_=cast.reza)
    press(reza, "Sign and submit the report")
    expect(reza).to_have_url(re.compile("receipt"))

    revision = Revision.objects.get()
    assert (revision.answers["housed"], revision.standing) == ("79", Standing.ON_TIME)
    assert list(broken()) == []


def test_with_worker_and_beat_dead_for_a_day_every_page_is_right_at_once_and_afterwards_each_effect_happens_once(
    open_page, call, report, cast, clock
):
    reza = open_page(page_of("report_sign", report), as_=cast.reza)
    press(reza, "Sign and submit the report")
    clock.move_to(at_closing(call, days=1))

    kamran = open_page(page_of("report", report_of(call, cast.b)), as_=cast.kamran)
    says(kamran, words("Missed"))
    laleh = open_page(reverse("reports:call", args=[call.pk]), as_=cast.laleh)
    says(laleh, words("Closed"))
    refused = kamran.goto(page_of("report_edit", report_of(call, cast.b), "housing"))
    assert refused.status == 200
    expect(kamran.locator("main input:not([type=hidden]):not([disabled]):not([readonly])")).to_have_count(0)
    assert not call.snapshots.exists()

    assert [record_closings(), record_closings()] == [2, 0]
    snapshot = call.snapshots.get()
    assert snapshot.as_of == at_closing(call, minutes=30)
    assert (len(snapshot.submitted), len(snapshot.missed)) == (1, 1)
    told = Notice.objects.filter(event__verb="close", channel="portal").values_list("person__username", flat=True)
    assert sorted(told) == ["kamran", "laleh", "mina"]
    assert snapshot.taken_at - snapshot.as_of > timedelta(hours=23)
    assert list(broken()) == []
