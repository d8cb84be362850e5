"""A coordinator's verbs over a call: what each freezes, moves, and refuses."""

from datetime import timedelta

import pytest

from reports.actions.calls import (
    ask_unit,
    cancel_call,
    close_early,
    create_call,
    edit_call,
    excuse_unit,
    extend_call,
    extend_unit,
    open_early,
    publish_call,
)  # fmt: skip
from reports.enums import CallState, ReportState, ReportStatus
from reports.models import Call, Report
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.enums import PINNED_SLOTS, Slot
from sla.models import ServiceRequest
from tests.calls import at_closing, make_call, report_of, submitted_report
from tests.factories import make_document, make_membership, make_person, make_service, make_unit
from units.actions.units import rename_unit
from units.enums import Role
from units.models import Event, Notice

WHY = "قطعی برق"


def refused(verb, **arguments) -> str:
    with pytest.raises(Refused) as refusal:
        verb(**arguments)
    return refusal.value.code


# -------------------------------------------------------------------------------------------------------- publishing
def test_publishing_makes_a_report_with_a_tracking_code_for_every_unit_asked(cast):
    call = publish_call(call=make_call(cast), by=cast.laleh)
    reports = Report.objects.filter(call=call)
    assert set(reports.values_list("unit__code", flat=True)) == {"KHB", "TGZ"}
    assert all(
        code.startswith("1405Q2-") and len(code) == 21 for code in reports.values_list("tracking_code", flat=True)
    )
    assert {r.price_rials for r in ServiceRequest.objects.all()} == {0}
    assert Event.objects.filter(noun="report", verb="ask").count() == 2


def test_a_second_publishing_changes_nothing(cast):
    call = publish_call(call=make_call(cast), by=cast.laleh)
    assert publish_call(call=call, by=cast.laleh).published_at == call.published_at
    assert (Report.objects.count(), Event.objects.filter(verb="publish", noun="call").count()) == (2, 1)


def test_publishing_pins_the_documents_in_force_for_ever(cast):
    call = publish_call(call=make_call(cast), by=cast.laleh)
    assert {p.document.slot for p in call.pinned.all()} == {Slot.WORKFLOW, Slot.DIRECTIVE, Slot.BYLAW}


@pytest.mark.parametrize("slot", [Slot.WORKFLOW, Slot.DIRECTIVE, Slot.BYLAW])
def test_without_one_of_the_three_documents_nothing_is_published(cast, slot):
    service = make_service(cast, documents=False)
    for other in set(PINNED_SLOTS) - {slot}:
        make_document(service, other)
    call = make_call(cast, service=service)
    with pytest.raises(Refused):
        publish_call(call=call, by=cast.laleh)
    call.refresh_from_db()
    assert (call.state, Report.objects.count()) == (CallState.DRAFT, 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"audience": {}}, "nobody-asked"),
        ({"opens_at": timedelta(days=-9), "closes_at": timedelta(days=-1)}, "closing-passed"),
    ],
)
def test_what_cannot_work_is_not_published(cast, fields, code):
    now = database_now()
    fields = {name: now + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    assert refused(publish_call, call=make_call(cast, **fields), by=cast.laleh) == code


def test_a_form_that_wants_confirmation_holds_the_call_back(cast):
    call = make_call(cast)
    type(call.form_version).objects.update(confirmed_at=None)
    assert refused(publish_call, call=Call.objects.get(), by=cast.laleh) == "form-unconfirmed"


def test_only_a_coordinator_of_the_provider_publishes(cast):
    below = make_person("below")
    make_membership(below, cast.a, Role.COORDINATOR)
    call = make_call(cast)
    for person in (below, cast.reza, cast.omid, cast.nader, cast.admin):
        with pytest.raises(Forbidden):
            publish_call(call=call, by=person)


def test_the_unit_keeps_the_name_it_was_asked_under(cast, call):
    rename_unit(unit=cast.a, name="اداره کل اسکان", kind=cast.a.kind_id, by=None)
    assert report_of(call, cast.a).unit_name == "اداره کل خوابگاه‌ها"


# ------------------------------------------------------------------------------------------------------------ drafts
def test_a_draft_whose_closing_lies_before_its_opening_is_refused(cast):
    call = make_call(cast)
    assert refused(edit_call, call=call, by=cast.laleh, closes_at=call.opens_at) == "closes-before-opening"


def test_a_published_call_is_not_edited(cast, call):
    assert refused(edit_call, call=call, by=cast.laleh, title="دیگر") == "wrong-state"


def test_an_expert_writes_no_call(cast):
    call = make_call(cast)
    fields = {name: getattr(call, name) for name in ("title", "period_kind", "opens_at", "closes_at", "review_until")}
    with pytest.raises(Forbidden):
        create_call(by=cast.sara, **fields)


# ---------------------------------------------------------------------------------------------------- moving instants
@pytest.mark.parametrize("verb", [extend_call, close_early, cancel_call, open_early])
def test_every_change_of_a_published_call_needs_a_reason(cast, call, verb):
    arguments = {"closes_at": at_closing(call, days=1)} if verb is extend_call else {}
    assert refused(verb, call=call, by=cast.laleh, reason=" ", **arguments) == "no-reason"


@pytest.mark.parametrize("verb", [extend_call, close_early, cancel_call, open_early])
def test_nobody_but_the_providers_coordinator_changes_a_published_call(cast, call, verb):
    arguments = {"closes_at": at_closing(call, days=1)} if verb is extend_call else {}
    for person in (cast.reza, cast.omid, cast.nader, cast.admin):
        with pytest.raises(Forbidden):
            verb(call=call, by=person, reason=WHY, **arguments)


def test_opening_early_opens_now(cast):
    call = publish_call(call=make_call(cast, opens_at=database_now() + timedelta(days=1)), by=cast.laleh)
    open_early(call=call, by=cast.laleh, reason=WHY)
    assert reports_at(database_now()).first().is_open


def test_an_extension_moves_the_end_of_reviewing_along(cast, call):
    extended = extend_call(call=call, closes_at=at_closing(call, days=5), by=cast.laleh, reason=WHY)
    assert extended.review_until == call.review_until + timedelta(days=5)


def test_an_extension_must_lie_after_the_present_closing(cast, call):
    assert refused(extend_call, call=call, closes_at=call.closes_at, by=cast.laleh, reason=WHY) == "not-later"


def test_an_extension_is_told_to_every_unit_at_once(cast, call):
    extend_call(call=call, closes_at=at_closing(call, days=5), by=cast.laleh, reason=WHY)
    told = Notice.objects.filter(event__verb="extend", urgent=True).values_list("person__username", flat=True)
    assert set(told) == {"sara", "reza", "mina", "kamran"}


def test_a_units_extension_leaves_the_others_alone(cast, call):
    extend_unit(report=report_of(call, cast.a), until=at_closing(call, days=5), by=cast.laleh, reason=WHY)
    later = at_closing(call, days=1)
    assert {r.unit.code: r.is_open for r in reports_at(later).filter(call=call)} == {"KHB": True, "TGZ": False}


def test_a_unit_that_has_submitted_needs_no_extension(cast, call):
    report, _revision = submitted_report(cast, call)
    assert (
        refused(extend_unit, report=report, until=at_closing(call, days=5), by=cast.laleh, reason=WHY) == "not-waiting"
    )


def test_a_call_closes_early_now_and_never_in_the_past(cast, call):
    before = database_now()
    closed = close_early(call=call, closes_at=before - timedelta(minutes=10), by=cast.laleh, reason=WHY)
    assert before <= closed.closes_at == closed.closed_early_at <= database_now()


def test_a_call_that_was_closed_early_and_is_extended_is_closed_early_no_more(cast, call):
    close_early(call=call, by=cast.laleh, reason=WHY)
    extend_call(call=call, closes_at=at_closing(call, days=1), by=cast.laleh, reason=WHY)
    assert Call.objects.get(pk=call.pk).closed_early_at is None


def test_a_units_extension_lies_after_its_present_deadline(cast, call):
    report = report_of(call, cast.a)
    own = {"report": report, "by": cast.laleh, "reason": WHY}
    assert refused(extend_unit, until=call.closes_at, **own) == "not-later"
    extend_unit(until=at_closing(call, days=5), **own)
    assert refused(extend_unit, until=at_closing(call, days=5), **own) == "not-later"


def test_a_call_that_has_not_opened_is_cancelled_not_closed(cast):
    call = publish_call(call=make_call(cast, opens_at=database_now() + timedelta(days=1)), by=cast.laleh)
    assert refused(close_early, call=call, by=cast.laleh, reason=WHY) == "not-open-yet"


# -------------------------------------------------------------------------------------------- asking, excusing, ending
def test_a_unit_asked_late_has_a_report_of_its_own(cast, call):
    report = ask_unit(call=call, unit=cast.a_child, by=cast.laleh, reason="از قلم افتاده بود")
    assert reports_at(database_now()).get(pk=report.pk).status == ReportStatus.NOT_STARTED


def test_no_unit_is_asked_twice(cast, call):
    assert refused(ask_unit, call=call, unit=cast.a, by=cast.laleh, reason=WHY) == "asked-already"


def test_a_retired_unit_is_not_asked(cast, call):
    unit = make_unit(parent=cast.provider, retired_at=database_now() - timedelta(days=1))
    assert refused(ask_unit, call=call, unit=unit, by=cast.laleh, reason=WHY) == "retired"


def test_after_the_closing_a_late_unit_needs_a_deadline_of_its_own(cast, call, clock):
    clock.move_to(at_closing(call, hours=2))
    assert refused(ask_unit, call=call, unit=cast.a_child, by=cast.laleh, reason=WHY) == "needs-deadline"
    report = ask_unit(call=call, unit=cast.a_child, by=cast.laleh, reason=WHY, until=at_closing(call, days=3))
    assert reports_at(database_now()).get(pk=report.pk).is_open


def test_an_excused_unit_leaves_the_denominators(cast, call):
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام")
    assert Report.objects.filter(call=call).asked().count() == 1
    assert report_of(call, cast.b).state == ReportState.EXCUSED


def test_cancelling_makes_reports_read_only_and_voids_their_clocks(cast, call):
    submitted_report(cast, call)
    cancel_call(call=call, by=cast.laleh, reason=WHY)
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.CANCELLED}
    assert not ServiceRequest.objects.filter(voided_at=None).exists()


def test_after_the_first_announcement_a_call_is_not_cancelled(cast, call, clock):
    from reports.actions.results import announce_result

    clock.move_to(at_closing(call, hours=1))
    announce_result(report=report_of(call, cast.b), by=cast.laleh)
    assert refused(cancel_call, call=call, by=cast.laleh, reason=WHY) == "announced"
    assert refused(extend_unit, report=report_of(call, cast.b), until=at_closing(call, days=9), by=cast.laleh, reason=WHY) == "not-waiting"  # fmt: skip


def test_an_extension_after_an_announcement_reopens_the_others_and_not_the_announced_one(cast, call, clock):
    from reports.actions.results import announce_result

    clock.move_to(at_closing(call, hours=1))
    announce_result(report=report_of(call, cast.b), by=cast.laleh)
    extend_call(call=call, closes_at=at_closing(call, days=9), by=cast.laleh, reason=WHY)
    assert {r.unit.code: r.status for r in reports_at(database_now()).filter(call=call)} == {
        "KHB": ReportStatus.NOT_STARTED, "TGZ": ReportStatus.ANNOUNCED,
    }  # fmt: skip
