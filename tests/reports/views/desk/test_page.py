"""The desk: what waits for whom, by deadline."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.actions.calls import publish_call
from reports.actions.extensions import ask_extension
from reports.actions.objections import contest_result
from reports.actions.returns import return_for_correction
from reports.actions.sign_off import request_sign_off
from reports.queries import form_of
from reports.queries.desk import standing_of_calls
from reports.queries.results import announce_filters, reports_of_call
from reports.queries.review import counts_by_filter
from sajad_portal.lib.clock import database_now
from sla.actions.requests import write_about_request
from tests.calls import at_closing, fill, make_call, published_call, report_of, submitted_report
from tests.factories import make_membership, make_person, make_unit
from tests.general import decided, filed, make_general_type
from tests.reviews import announced_report, assign, reviewed_report
from units.actions.accounts import close_account
from units.actions.memberships import end_membership
from units.enums import Role

pytestmark = pytest.mark.django_db


def desk(client_for, person, query: str = ""):
    return client_for(person).get(f"/desk/{query}", follow=bool(query))


def titles(answer) -> list[str]:
    return [item.title for item in answer.context["items"]]


def has(answer, *words: str) -> bool:
    return any(all(word in title for word in words) for title in titles(answer))


# ------------------------------------------------------------------------------------------- the unit's
def test_the_open_report_is_the_largest_thing_on_the_experts_desk(cast, call, client_for):
    answer = desk(client_for, cast.sara)

    page = answer.content.decode()
    assert answer.context["hero"].report == report_of(call, cast.a)
    assert "شروع گزارش" in page
    assert reverse("reports:report_edit", args=[report_of(call, cast.a).tracking_code]) in page


def test_the_hero_says_how_far_the_report_is(cast, call, client_for):
    fill(report_of(call, cast.a), cast.sara)

    hero = desk(client_for, cast.sara).context["hero"]

    assert (hero.problems, hero.done) == (0, hero.total)
    assert hero.total > 0


def test_evidence_that_is_missing_in_a_begun_section_waits_for_the_expert(cast, call, client_for):
    from reports.actions.drafts import save_section

    report = report_of(call, cast.a)
    save_section(
        report=report, section="housing", base_version=0, changes={"housed": "120", "eligible": "100"}, by=cast.sara
    )

    answer = desk(client_for, cast.sara)

    assert any(f"{report.tracking_code}/edit/housing/#" in item.url for item in answer.context["items"])


def test_a_report_that_waits_for_a_signature_is_on_the_heads_desk(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    request_sign_off(report=report, by=cast.sara)

    assert has(desk(client_for, cast.reza), "بازبینی و امضا")
    assert has(desk(client_for, cast.sara), "در انتظار امضای مدیر")
    assert desk(client_for, cast.reza).context["hero"].may_sign
    assert not desk(client_for, cast.sara).context["hero"].may_sign


def test_a_return_stands_first_with_its_own_deadline_and_the_remark(cast, call, client_for):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)
    indicator = form_of(call.form_version).indicators[0].code
    return_for_correction(report=report, remarks={indicator: "فهرست پرداخت را بیاورید"}, by=cast.omid)

    answer = desk(client_for, cast.sara)

    first = answer.context["items"][0]
    report.refresh_from_db()
    assert "۱ شاخص عودت‌شده" in first.title
    assert (first.note, first.due) == ("فهرست پرداخت را بیاورید", report.correction_due_at)


def test_a_result_to_contest_is_on_the_heads_desk_only(cast, call, client_for):
    report, _version = announced_report(cast, call)

    head = desk(client_for, cast.reza)
    assert has(head, "نتیجهٔ اولیه")
    assert head.context["items"][0].due == report.objection_until
    assert not has(desk(client_for, cast.sara), "نتیجهٔ اولیه")


def test_the_agreement_to_accept_is_on_the_heads_desk_by_the_calls_deadline(cast, client_for):

    call = publish_call(call=make_call(cast), by=cast.laleh)

    head = next(i for i in desk(client_for, cast.reza).context["items"] if "توافق‌نامه" in i.title)
    assert head.due == call.closes_at
    assert has(desk(client_for, cast.sara), "یادآوری به مدیر")


def test_a_missed_report_tells_the_head_what_can_still_be_done(cast, call, client_for, clock):
    clock.move_to(at_closing(call, hours=1))

    answer = desk(client_for, cast.reza)

    assert answer.context["hero"] is None
    assert has(answer, "ارسال نشد")
    assert not has(desk(client_for, cast.sara), "ارسال نشد")


def test_the_reports_of_another_unit_are_on_nobodys_desk(cast, call, client_for):
    code = report_of(call, cast.a).tracking_code

    for person in (cast.mina, cast.kamran, cast.stranger):
        assert code not in desk(client_for, person).content.decode()


def test_a_head_whose_membership_ended_finds_an_empty_desk(cast, call, client_for):
    end_membership(membership=cast.membership(cast.reza), by=cast.laleh)

    answer = desk(client_for, cast.reza)

    assert (answer.context["hero"], answer.context["items"]) == (None, [])


def test_a_dispute_is_on_the_desks_of_both_sides(cast, call, client_for):

    report, _version = announced_report(cast, call)
    contest_result(report=report, text="صورت درست شمرده نشده است.", by=cast.reza)

    assert has(desk(client_for, cast.reza), "در مذاکره")
    assert has(desk(client_for, cast.laleh), "در مذاکره")
    assert not has(desk(client_for, cast.mina), "در مذاکره")


# ------------------------------------------------------------------------------------------ the reviewer's
def test_the_reviewer_has_the_queue_and_where_to_go_on(cast, call, client_for):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)

    answer = desk(client_for, cast.omid)

    assert answer.context["review"].next == report
    assert answer.context["review"].counts["todo"] == 1
    assert "ادامهٔ ارزیابی" in answer.content.decode()


def test_a_reviewer_without_work_is_told_where_it_comes_from(cast, client_for):
    assert "چیزی برای ارزیابی نیست" in desk(client_for, cast.omid).content.decode()


# -------------------------------------------------------------------------------------- the coordinator's
def test_the_coordinator_sees_running_calls_with_their_numbers(cast, call, client_for):
    submitted_report(cast, call)

    shown, *_rest = desk(client_for, cast.laleh).context["headquarters"].calls

    assert (shown, shown.came_count, shown.asked_count) == (call, 1, 2)


def test_who_has_not_submitted_shortly_before_closing_is_to_be_chased(cast, call, client_for, clock):
    clock.move_to(at_closing(call, days=-2))

    assert has(desk(client_for, cast.laleh), "۲ واحد", "نفرستاده")


def test_a_unit_without_a_head_near_closing_is_on_the_coordinators_desk(cast, call, client_for):
    assert not has(desk(client_for, cast.laleh), "کسی را ندارد که امضا")

    end_membership(membership=cast.membership(cast.reza), by=cast.laleh)

    assert has(desk(client_for, cast.laleh), "۱ واحد", "کسی را ندارد که امضا")


def test_where_the_only_head_is_closed_the_desks_say_so_until_another_can_sign(cast, call, client_for):
    nobody = "کسی نمی‌تواند برای این واحد امضا کند"
    assert nobody not in desk(client_for, cast.sara).content.decode()

    close_account(person=cast.reza, reason="از سازمان رفته است.", by=cast.admin)
    assert has(desk(client_for, cast.laleh), "۱ واحد", "کسی را ندارد که امضا")
    assert nobody in desk(client_for, cast.sara).content.decode()
    assert "رضا کریمی" not in desk(client_for, cast.sara).content.decode()

    make_membership(cast.stranger, cast.a, Role.HEAD)
    assert nobody not in desk(client_for, cast.sara).content.decode()
    assert not has(desk(client_for, cast.laleh), "کسی را ندارد که امضا")
    fill(report_of(call, cast.a), cast.sara)
    sign = reverse("reports:report_sign", args=[report_of(call, cast.a).tracking_code])
    assert client_for(cast.stranger).get(sign).status_code == 200


def test_requests_for_more_time_wait_for_the_coordinator(cast, call, client_for):
    ask_extension(
        report=report_of(call, cast.a), until=call.closes_at + timedelta(days=5), reason="قطعی شبکه", by=cast.reza
    )

    assert has(desk(client_for, cast.laleh), "۱ درخواست تمدید")


def test_a_silent_reviewer_is_named_after_five_days(cast, call, client_for, clock):
    submitted_report(cast, call)
    assign(cast, call)
    assert not has(desk(client_for, cast.laleh), "امید رحیمی")

    clock.move(days=6)

    assert has(desk(client_for, cast.laleh), "امید رحیمی", "شروع نکرده")


def test_results_that_are_ready_wait_to_be_announced_and_missed_ones_too(cast, call, client_for, clock):
    reviewed_report(cast, call)
    clock.move_to(at_closing(call, hours=1))

    answer = desk(client_for, cast.laleh)

    assert has(answer, "اعلام ۱ نتیجه")
    assert has(answer, "۱ گزارش ارسال‌نشده")


def test_the_desk_counts_to_announce_what_the_announcing_page_lists(cast, call, clock):
    reviewed_report(cast, call)
    for moment in (at_closing(call, days=-1), at_closing(call, hours=1)):
        clock.move_to(moment)
        at, closed = database_now(), moment > call.closes_at
        listed = counts_by_filter(reports_of_call(call, at), announce_filters(call))
        counted = {row["call_id"]: row for row in standing_of_calls(Q(call=call), Q(call=call), at)}[call.pk]
        for name in ("ready", "missed", "reviewing"):
            assert counted[name] == (listed[name] if closed or name == "ready" else 0)
    assert (counted["ready"], counted["missed"]) == (1, 1)


def test_a_draft_waits_to_be_published(cast, client_for):
    make_call(cast)

    assert has(desk(client_for, cast.laleh), "را منتشر کنید")


def test_a_coordinator_of_one_unit_chases_there_and_decides_nothing(cast, call, client_for, clock):
    local = make_person("local")
    make_membership(local, cast.a, Role.COORDINATOR)
    ask_extension(
        report=report_of(call, cast.b), until=call.closes_at + timedelta(days=5), reason="قطعی شبکه", by=cast.kamran
    )
    clock.move_to(at_closing(call, days=-2))

    answer = desk(client_for, local)

    assert has(answer, "۱ واحد", "نفرستاده")
    assert not has(answer, "درخواست تمدید")


# ------------------------------------------------------------------------------------------- the auditor's
def test_the_auditor_sees_calls_and_what_is_overdue_and_no_verbs(cast, call, client_for, clock):
    clock.move_to(at_closing(call, hours=1))

    answer = desk(client_for, cast.nader)

    assert has(answer, "۲ گزارش ارسال‌نشده")
    assert reverse("reports:announce", args=[call.pk]) not in answer.content.decode()


def test_the_auditor_sees_general_requests_that_nobody_decided_in_time_and_where_they_are_listed(
    cast, client_for, clock
):
    kind = make_general_type(cast)
    general, waiting, _decided = filed(cast, kind), filed(cast, kind), decided(cast, kind)
    clock.move(days=15)
    write_about_request(general=waiting, text="کدام ترم؟", by=cast.laleh)
    clock.move(days=15)

    answer = desk(client_for, cast.nader)

    line = next(item for item in answer.context["items"] if "درخواست بازنگری شاخص" in item.title)
    assert (line.title, line.tone) == ("۱ درخواست «درخواست بازنگری شاخص» از زمان هدف خدمت گذشته است", "bad")
    listed = client_for(cast.nader).get(line.url)
    assert reverse("reports:request", args=[general.pk]) in [row.url for row in listed.context["lines"]]
    assert desk(client_for, cast.kamran).context["items"] == []


# ------------------------------------------------------------------------------------------- everybody's
def test_what_runs_out_first_stands_first(cast, call, client_for, clock):
    published_call(cast, service=call.service, title="فراخوان دیگر", closes_at=database_now() + timedelta(days=1))
    due = [item.due for item in desk(client_for, cast.sara).context["items"] if item.due]

    assert due == sorted(due)


def test_acting_as_filters_the_desk_and_nothing_else(cast, call, client_for):
    make_membership(cast.sara, cast.b, Role.REPORTER)
    mine = cast.membership(cast.sara)
    client = client_for(cast.sara)
    other = report_of(call, cast.b)

    client.get(f"/desk/?as={mine.pk}")
    page = client.get("/desk/").content.decode()

    assert other.tracking_code not in page
    assert client.get(reverse("reports:report", args=[other.tracking_code])).status_code == 200
    client.get("/desk/?as=all")
    assert other.tracking_code in client.get("/desk/").content.decode()


def test_acting_as_somebody_elses_membership_is_ignored(cast, call, client_for):
    client = client_for(cast.sara)
    client.get(f"/desk/?as={cast.membership(cast.laleh).pk}")

    assert client.get("/desk/").context["headquarters"] is None


def test_a_stranger_is_told_who_gives_a_role_and_an_administrator_what_they_do(cast, client_for):
    assert "هنوز در واحدی سمت ندارید" in desk(client_for, cast.stranger).content.decode()
    assert "راهبری سامانه" in desk(client_for, cast.admin).content.decode()


def test_the_desk_in_english_is_left_to_right(cast, call, client_for):
    client = client_for(cast.sara)
    client.cookies["django_language"] = "en"

    page = client.get("/desk/").content.decode()

    assert 'dir="ltr"' in page
    assert "Begin the report" in page


@pytest.mark.parametrize("name", ["sara", "reza", "omid", "laleh", "nader"])
def test_the_number_of_questions_does_not_grow_with_the_rows(cast, call, client_for, name, clock):
    def another(number: int) -> None:
        """One more of everything: a unit with its people, an open report, a submitted one, a call, a request."""
        unit = make_unit(f"N{number}", f"واحد {number}", parent=cast.provider)
        make_membership(make_person(), unit, Role.HEAD)
        for person in (cast.sara, cast.reza):
            make_membership(person, unit, cast.membership(person).role)
        units = {"units": [unit.pk]}
        more = published_call(cast, service=call.service, title=f"فراخوان {number}", audience=units)
        from reports.actions.submission import submit_report
        from tests.calls import accept

        accept(more, unit, cast.reza)
        ask_extension(
            report=fill(report_of(more, unit), cast.sara),
            until=more.closes_at + timedelta(days=5),
            reason="قطعی شبکه",
            by=cast.reza,
        )
        done = published_call(cast, service=call.service, title=f"فراخوان دیگر {number}", audience=units)
        accept(done, unit, cast.reza)
        report = fill(report_of(done, unit), cast.sara)
        submit_report(report=report, by=cast.reza)
        assign(cast, done)

    person = getattr(cast, name)
    fill(report_of(call, cast.a), cast.sara)
    another(1)
    client = client_for(person)
    client.get("/desk/")
    with CaptureQueriesContext(connection) as at_one:
        assert client.get("/desk/").status_code == 200
    another(2)
    another(3)
    with CaptureQueriesContext(connection) as at_three:
        assert client.get("/desk/").status_code == 200

    assert len(at_three) == len(at_one)
    assert len(at_one) <= 40
