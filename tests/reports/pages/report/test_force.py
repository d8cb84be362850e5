"""How long the agreement is in force for a unit and a call: from timestamps alone, the same in Python and in SQL."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.actions.calls import cancel_call, close_early, excuse_unit, extend_call
from reports.actions.extensions import extend_units
from reports.models import Call, Report
from reports.pages.report.force import force_of
from reports.queries import reports_at
from reports.rules.deadlines import force_ends_at, in_force
from sajad_portal.lib.clock import database_now
from sla.models import ServiceRequest
from tests.calls import published_call, report_of, submitted_report
from tests.papers import unsaid
from tests.reviews import announced_report

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def fresh(report) -> Report:
    return Report.objects.select_related("call", "request", "unit").get(pk=report.pk)


def in_sql(report, at) -> tuple[datetime, bool]:
    row = Report.objects.with_force(at).get(pk=report.pk)
    return row.force_ends_at, row.in_force


def page_of(report):
    return reverse("reports:agreement_of_unit", args=[report.call.agreement_id, report.unit.code])


# ------------------------------------------------------------------------------------------------ until when
def test_it_ends_with_the_calls_last_deadline_to_the_microsecond_and_grace_is_no_part_of_it(cast, call):
    report = report_of(call, cast.a)
    assert call.grace > timedelta()
    assert (in_force(report, call.closes_at - MICROSECOND), in_force(report, call.closes_at)) == (True, False)
    assert in_sql(report, call.closes_at) == (call.closes_at, False)


def test_it_begins_when_the_unit_is_asked(cast, call):
    report = report_of(call, cast.a)
    asked = report.request.created_at
    assert (in_force(report, asked - MICROSECOND), in_force(report, asked)) == (False, True)


def test_a_units_own_extension_moves_its_end_and_nobody_elses(cast, call):
    until = call.closes_at + timedelta(days=2)
    extend_units(call=call, reports=[report_of(call, cast.a)], until=until, by=cast.laleh, reason="سیل")
    ends = [force_ends_at(fresh(report_of(call, unit))) for unit in (cast.a, cast.b)]
    assert ends == [until, call.closes_at]
    assert force_of(fresh(report_of(call, cast.a)), database_now()).why == "مهلت تمدیدشدهٔ واحد"


def test_an_extension_granted_after_the_end_brings_it_back(cast, call, clock):
    clock.move_to(call.closes_at + timedelta(minutes=5))
    report = report_of(call, cast.a)
    assert not in_force(report, clock.now())
    extend_units(call=call, reports=[report], until=clock.now() + timedelta(days=1), by=cast.laleh, reason="قطعی شبکه")
    assert in_force(fresh(report), clock.now())


def test_it_follows_the_call_when_the_call_is_extended_or_closed_early(cast, call):
    later = call.closes_at + timedelta(days=3)
    extend_call(call=call, closes_at=later, by=cast.laleh, reason="درخواست واحدها")
    assert force_ends_at(fresh(report_of(call, cast.a))) == later
    sooner = database_now() + HOUR
    close_early(call=Call.objects.get(pk=call.pk), by=cast.laleh, reason="همه فرستاده‌اند", closes_at=sooner)
    report = fresh(report_of(call, cast.a))
    assert (force_ends_at(report), force_of(report, sooner).why) == (sooner, "فراخوان زودتر بسته شد")


def test_cancelling_ends_it_at_once_and_excusing_for_that_unit(cast, call):
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام شد")
    at = database_now()
    assert [in_force(fresh(report_of(call, unit)), at) for unit in (cast.a, cast.b)] == [True, False]
    cancel_call(call=call, by=cast.laleh, reason="اشتباه در فرم")
    report = fresh(report_of(call, cast.a))
    assert force_ends_at(report) == report.call.cancelled_at
    assert in_sql(report, database_now()) == (report.call.cancelled_at, False)


def test_a_call_cancelled_after_its_deadline_had_ended_it_already(cast, call, clock):
    clock.move_to(call.closes_at + HOUR)
    cancel_call(call=call, by=cast.laleh, reason="اشتباه در فرم")
    assert force_ends_at(fresh(report_of(call, cast.a))) == call.closes_at


def test_a_banks_delay_keeps_the_report_open_but_not_the_agreement(cast, call):
    report = report_of(call, cast.a)
    begun, settled = call.closes_at - HOUR, call.closes_at + call.grace + HOUR
    ServiceRequest.objects.filter(pk=report.request_id).update(bank_begun_at=begun, bank_settled_at=settled)
    row = reports_at(settled).get(pk=report.pk)
    assert row.last_moment == settled + timedelta(hours=2)
    assert (force_ends_at(row), in_sql(row, settled)) == (call.closes_at, (call.closes_at, False))


def test_neither_a_correction_nor_a_contested_result_lengthens_it(cast, call):
    report, _version = announced_report(cast, call)
    assert force_ends_at(fresh(report)) == fresh(report).call.closes_at


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    extension=st.none() | st.integers(-5, 5),
    cancelled=st.none() | st.integers(-5, 5),
    excused=st.none() | st.integers(-5, 5),
    at=st.integers(-6, 6),
    edge=st.sampled_from([-1, 0, 1]),
)
def test_the_rule_is_the_same_in_python_and_in_sql(cast, call, extension, cancelled, excused, at, edge):
    closes = call.closes_at

    def moment(hours):
        return None if hours is None else closes + timedelta(hours=hours)

    report = report_of(call, cast.a)
    Report.objects.filter(pk=report.pk).update(
        extension_until=moment(extension), excused_at=moment(excused),
        excused_by=cast.laleh if excused is not None else None, state="excused" if excused is not None else "not_started",
    )  # fmt: skip
    Call.objects.filter(pk=call.pk).update(
        cancelled_at=moment(cancelled), cancelled_by=cast.laleh if cancelled is not None else None,
        state="cancelled" if cancelled is not None else "published",
    )  # fmt: skip
    report, instant = fresh(report), moment(at) + edge * timedelta(milliseconds=1)
    assert in_sql(report, instant) == (force_ends_at(report), in_force(report, instant))


# ------------------------------------------------------------------------------------------------ where it is shown
def test_unit_page_report_page_call_page_and_desk_say_the_same_while_it_runs_and_after(cast, call, client_for, clock):
    report, reza = report_of(call, cast.a), client_for(cast.reza)
    pages = [
        page_of(report),
        reverse("reports:report", args=[report.tracking_code]),
        reverse("reports:call", args=[call.pk]),
        reverse("reports:desk"),
    ]
    submitted_report(cast, call)
    for page in pages[:3]:
        text = reza.get(page).content.decode()
        assert ("در حال اجرا" in text, "پایان‌یافته" in text) == (True, False), page
    clock.move_to(call.closes_at)
    for page in pages:
        text = reza.get(page).content.decode()
        assert ("در حال اجرا" in text, "پایان‌یافته" in text) == (False, True), page


def test_the_desk_shows_the_force_of_what_is_open(cast, call, client_for):
    assert "در حال اجرا" in client_for(cast.sara).get(reverse("reports:desk")).content.decode()


def test_the_unit_page_shows_who_accepted_when_over_which_text(cast, call, client_for):
    text = client_for(cast.sara).get(page_of(report_of(call, cast.a))).content.decode()
    assert cast.reza.get_full_name() in text
    assert call.agreement.text_hash in text


def test_a_unit_is_seen_by_who_may_see_it_and_is_not_there_for_others(cast, call, client, client_for):
    page = page_of(report_of(call, cast.a))
    answers = {who: client_for(getattr(cast, who)).get(page).status_code for who in ("sara", "laleh", "nader", "mina")}
    assert answers == {"sara": 200, "laleh": 200, "nader": 200, "mina": 404}
    assert client.get(page).status_code == 302
    assert client_for(cast.mina).get(page + "agreement.pdf").status_code == 404


def test_the_units_pdf_says_who_accepted_which_text_for_which_report(cast, call, client_for):
    report = report_of(call, cast.a)
    answer = client_for(cast.reza).get(page_of(report) + "agreement.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert unsaid(
        answer.content, cast.a.name, cast.reza.get_full_name(), "در حال اجرا", report.tracking_code, "تاریخ آخرین ویرایش"
    ) == []  # fmt: skip


def test_the_units_paper_carries_its_acceptance_and_its_force(cast, call, client_for, monkeypatch):
    from django.template.loader import render_to_string

    from reports.views.agreements import unit as agreement_of_unit

    report, printed = report_of(call, cast.a), []

    def laid_out(template, context, sheet):
        printed.append(render_to_string(template, context))
        return b"%PDF-"

    monkeypatch.setattr(agreement_of_unit, "pdf_of", laid_out)
    client_for(cast.reza).get(page_of(report) + "agreement.pdf")
    assert all(word in printed[0] for word in (cast.reza.get_full_name(), "در حال اجرا", report.tracking_code))
    assert "تاریخ آخرین ویرایش" in printed[0]


def test_the_unit_page_asks_as_much_for_three_reports_as_for_one(cast, call, client_for, django_assert_num_queries):
    page, laleh = page_of(report_of(call, cast.a)), client_for(cast.laleh)
    laleh.get(page)
    with django_assert_num_queries(14):
        laleh.get(page)
    for code in ("1405-Q3", "1405-Q4"):
        published_call(cast, service=call.service, period_code=code)
    with django_assert_num_queries(14):
        laleh.get(page)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["سوم", "دوم"]),
        ("?sort=call", ["دوم", "سوم"]),
        ("?sort=force", ["سوم", "دوم"]),
        ("?q=سوم", ["سوم"]),
        ("?q=نیست", []),
    ],
)
def test_the_units_reports_are_searched_and_turned_round(cast, call, client_for, query, titles):
    report = report_of(call, cast.a)
    Call.objects.filter(pk=call.pk).update(title="دوم")
    later = published_call(cast, service=call.service, title="سوم")
    Call.objects.filter(pk=later.pk).update(closes_at=call.closes_at + timedelta(days=9))

    context = client_for(cast.laleh).get(page_of(report) + query).context
    assert [force.report.call.title for force in context["forces"]] == titles


def test_the_units_reports_come_in_pages(cast, call, client_for, monkeypatch):
    monkeypatch.setattr("reports.views.agreements.unit.SIZE", 1)
    page, laleh = page_of(report_of(call, cast.a)), client_for(cast.laleh)
    published_call(cast, service=call.service, title="سوم")

    first = laleh.get(page).context
    second = laleh.get(page + first["listing"].pages.next).context
    assert {force.report.call.title for shown in (first, second) for force in shown["forces"]} == {call.title, "سوم"}
