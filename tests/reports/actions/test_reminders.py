"""What the page of a reminder says before it goes is what goes: the people, the channels, the words."""

from datetime import timedelta

import pytest

from reports.actions.calls import extend_unit
from reports.actions.reminders import remind_units
from reports.pages.calls.reminder import preview
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import format_date
from tests.calls import published_call, report_of, submitted_report
from tests.factories import make_membership
from units.enums import Channel, Role
from units.models import Notice

NOTE = "سامانه تا پایان هفته پشتیبانی شبانه دارد."


@pytest.fixture
def call(cast):
    cast.reza.email, cast.mina.language = "reza@example.ir", "en"
    cast.reza.save()
    cast.mina.save()
    make_membership(cast.sara, cast.b, Role.REPORTER)
    return published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})


def seen(call):
    at = database_now()
    return preview(call, reports_at(at).filter(call=call), NOTE, at)


def test_the_preview_names_exactly_who_gets_what_by_which_channel(cast, call):
    shown = seen(call)
    texts = {language: (subject, body) for language, subject, body in shown.texts}

    remind_units(call=call, reports=list(call.reports.all()), by=cast.laleh, note=NOTE)

    sent = Notice.objects.filter(event__verb="remind_units")
    assert {(n.person_id, str(Channel(n.channel).label)) for n in sent} == {
        (one.person.pk, channel) for one in shown.told for channel in one.channels
    }
    for notice in sent.select_related("person"):
        assert (notice.subject, notice.body) == texts[notice.person.language]
    assert set(texts) == {"fa", "en"}
    assert next(one.units for one in shown.told if one.person == cast.sara) == [cast.a.name, cast.b.name]


def test_it_names_the_units_where_nobody_works_and_those_left_out(cast, call):
    submitted_report(cast, call)

    shown = seen(call)

    assert {report.unit for report in shown.nobody} == {cast.provider, cast.a_child}
    assert [report.unit for report in shown.left_out] == [cast.a]
    assert {one.person for one in shown.told} == {cast.mina, cast.kamran, cast.sara}


def test_nothing_is_sent_before_the_second_yes(cast, call, client_for):
    laleh, address = client_for(cast.laleh), f"/calls/{call.pk}/units/remind/"
    chosen = {"report": [report_of(call, cast.a).tracking_code, report_of(call, cast.a_child).tracking_code]}

    told = laleh.post(address, {**chosen, "note": NOTE, "step": "filled"})

    page = told.content.decode()
    assert not Notice.objects.filter(event__verb="remind_units").exists()
    assert {one.person for one in told.context["preview"].told} == {cast.sara, cast.reza}
    assert NOTE in page
    assert cast.a_child.name in page
    assert cast.reza.email in page

    laleh.post(address, {**chosen, "note": NOTE, "step": "confirmed"})
    assert Notice.objects.filter(event__verb="remind_units").values("person").distinct().count() == 2


def test_a_unit_with_an_extension_is_told_its_own_deadline(cast, call):
    extend_unit(report=report_of(call, cast.b), until=call.closes_at + timedelta(days=40), by=cast.laleh, reason="سیل")
    shown = seen(call)

    remind_units(call=call, reports=list(call.reports.all()), by=cast.laleh, note=NOTE)

    sent = Notice.objects.filter(event__verb="remind_units", channel="portal")
    body = {notice.person.username: notice.body for notice in sent.select_related("person")}
    own = format_date(tehran_date(call.closes_at + timedelta(days=40)), "full", "fa")
    assert own in body["kamran"]
    assert own not in body["reza"]
    assert {(notice.person.language, notice.subject, notice.body) for notice in sent} <= set(shown.texts)
