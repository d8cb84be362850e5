"""The coordinator's verbs over a call on their pages: the consequence first, then the act."""

from datetime import timedelta

import pytest

from reports.actions.calls import publish_call
from reports.enums import CallState, ReportState
from reports.models import Call, Report
from sajad_portal.lib.clock import database_now, end_of_day, tehran_date
from sajad_portal.lib.jalali import format_date, from_jalali
from sajad_portal.lib.periods import PeriodKind
from tests.calls import make_call, published_call, report_of, submitted_report
from units.models import Event, Notice

REASON = "قطعی شبکه در سه استان"


def typed(at) -> str:
    """A day as a person types it."""
    return format_date(at, "numeric", "en")


def shown(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


# -------------------------------------------------------------------------------------- verbs and consequences
def test_the_consequence_is_told_before_the_deadline_moves(cast, laleh):
    call = published_call(cast)
    later = call.closes_at + timedelta(days=5)
    given = {"until": typed(later), "reason": REASON}

    told = laleh.post(f"/calls/{call.pk}/do/extend/", given)
    call.refresh_from_db()
    assert call.closes_at < later
    assert len(told.context["sentences"]) == 3

    laleh.post(f"/calls/{call.pk}/do/extend/", {**given, "step": "confirmed"})
    call.refresh_from_db()
    assert call.closes_at == end_of_day(tehran_date(later))
    assert Event.objects.get(verb="extend", noun="call").data["reason"] == REASON


def test_going_back_from_the_confirmation_keeps_what_was_written(cast, laleh):
    call = published_call(cast)

    answer = laleh.post(f"/calls/{call.pk}/do/cancel/", {"reason": REASON, "back": "1"})

    assert "sentences" not in answer.context
    assert REASON in shown(answer)


@pytest.mark.parametrize("action", ["extend", "close-early", "ask", "cancel"])
def test_a_verb_wants_a_reason(cast, laleh, action):
    call = published_call(cast)

    answer = laleh.post(f"/calls/{call.pk}/do/{action}/", {"reason": " ", "step": "confirmed"})

    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors


def test_a_refusal_of_the_verb_is_on_the_form(cast, laleh):
    call = published_call(cast)

    answer = laleh.post(f"/calls/{call.pk}/do/extend/", {"until": "1405/01/01", "reason": REASON, "step": "confirmed"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["until"]


def test_closing_early_closes_at_once_where_no_instant_is_given(cast, laleh):
    call = published_call(cast)

    laleh.post(f"/calls/{call.pk}/do/close-early/", {"reason": REASON, "step": "confirmed"})

    call.refresh_from_db()
    assert call.closes_at <= database_now()


def test_one_more_unit_is_asked_by_its_code(cast, laleh):
    call = published_call(cast)

    laleh.post(f"/calls/{call.pk}/do/ask/", {"unit": cast.a_child.code, "reason": REASON, "step": "confirmed"})

    assert Report.objects.filter(call=call, unit=cast.a_child).exists()


def test_an_upcoming_call_is_opened_early(cast, laleh):
    now = database_now()
    call = published_call(cast, opens_at=now + timedelta(days=1))

    laleh.post(f"/calls/{call.pk}/do/open-early/", {"reason": REASON, "step": "confirmed"})

    call.refresh_from_db()
    assert call.opens_at <= database_now()


def test_a_verb_that_means_nothing_now_is_refused(cast, laleh):
    call = published_call(cast)

    answer = laleh.post(f"/calls/{call.pk}/do/open-early/", {"reason": REASON, "step": "confirmed"})

    assert answer.status_code == 409


@pytest.mark.parametrize("action", ["nonsense", "remind"])
def test_an_unknown_verb_is_not_there(cast, laleh, action):
    call = published_call(cast)

    assert laleh.get(f"/calls/{call.pk}/do/{action}/").status_code == 404


def test_a_cancelled_call_says_so_and_offers_nothing(cast, laleh):
    call = published_call(cast)
    laleh.post(f"/calls/{call.pk}/do/cancel/", {"reason": REASON, "step": "confirmed"})

    answer = laleh.get(f"/calls/{call.pk}/")

    assert (answer.context["call"].phase, answer.context["actions"]) == ("cancelled", [])


# ------------------------------------------------------------------------------------------------- chosen units
def chosen(call, *units) -> list[str]:
    return [report_of(call, unit).tracking_code for unit in units]


def test_chosen_units_are_extended_together(cast, laleh):
    call = published_call(cast)
    later = call.closes_at + timedelta(days=5)
    given = {"report": chosen(call, cast.a, cast.b), "until": typed(later), "reason": REASON}

    asked = laleh.post(f"/calls/{call.pk}/units/extend/", {"report": given["report"]})
    told = laleh.post(f"/calls/{call.pk}/units/extend/", {**given, "step": "filled"})
    laleh.post(f"/calls/{call.pk}/units/extend/", {**given, "step": "confirmed"})

    assert (asked.context["count"], "sentences" in asked.context) == (2, False)
    assert told.context["sentences"]
    assert {report_of(call, unit).extension_until for unit in (cast.a, cast.b)} == {end_of_day(tehran_date(later))}


def test_one_that_cannot_be_extended_leaves_all_as_they_were(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)
    later = typed(call.closes_at + timedelta(days=5))

    answer = laleh.post(
        f"/calls/{call.pk}/units/extend/",
        {"report": chosen(call, cast.a, cast.b), "until": later, "reason": REASON, "step": "confirmed"},
    )

    assert answer.status_code == 422
    assert cast.a.name in str(answer.context["form"].non_field_errors())
    assert report_of(call, cast.b).extension_until is None


def test_an_excused_unit_leaves_the_denominators(cast, laleh):
    call = published_call(cast)

    laleh.post(
        f"/calls/{call.pk}/units/excuse/", {"report": chosen(call, cast.b), "reason": REASON, "step": "confirmed"}
    )

    assert report_of(call, cast.b).state == ReportState.EXCUSED
    assert laleh.get(f"/calls/{call.pk}/").context["numbers"].asked == 1


def test_a_reminder_reaches_those_who_have_not_submitted(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)
    Notice.objects.all().delete()

    laleh.post(f"/calls/{call.pk}/units/remind/", {"everyone": "1", "note": "تا پنجشنبه بفرستید.", "step": "confirmed"})

    told = Notice.objects.filter(event__verb="remind_units", channel="portal")
    assert {notice.person for notice in told} == {cast.mina, cast.kamran}
    assert "تا پنجشنبه بفرستید." in told[0].body


def test_a_reminder_shows_whom_it_would_reach_before_it_leaves(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)

    answer = laleh.post(f"/calls/{call.pk}/units/remind/", {"everyone": "1"})

    assert [report.unit for report in answer.context["shown"]] == [cast.b]
    assert not Event.objects.filter(verb="remind_units").exists()


def test_a_reminder_to_whoever_has_submitted_is_refused(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)

    answer = laleh.post(f"/calls/{call.pk}/units/remind/", {"report": chosen(call, cast.a), "step": "confirmed"})

    assert answer.status_code == 422
    assert not Event.objects.filter(verb="remind_units").exists()


def test_nothing_ticked_leads_back_to_the_table(cast, laleh):
    call = published_call(cast)

    assert laleh.post(f"/calls/{call.pk}/units/remind/").url == f"/calls/{call.pk}/"


def test_a_code_of_another_call_chooses_nobody(cast, laleh):
    call = published_call(cast)
    other = publish_call(call=make_call(cast, service=call.agreement.service), by=cast.laleh)

    answer = laleh.post(f"/calls/{call.pk}/units/excuse/", {"report": chosen(other, cast.a)})

    assert answer.url == f"/calls/{call.pk}/"


OTHERS = ("sara", "reza", "omid", "nader", "admin")


def test_only_the_providers_coordinator_acts_on_a_call_or_its_units(cast, client_for):
    call = published_call(cast)
    given = {"report": chosen(call, cast.a), "reason": REASON, "step": "confirmed"}
    doors = [f"do/{action}/" for action in ("extend", "close-early", "ask", "cancel")]
    doors += [f"units/{action}/" for action in ("remind", "extend", "excuse")]

    for name in OTHERS:
        client = client_for(getattr(cast, name))
        answers = {door: client.post(f"/calls/{call.pk}/{door}", given).status_code for door in doors}
        assert answers == dict.fromkeys(doors, 403), name


# ----------------------------------------------------------------------------------------------------- the clone
def test_a_clone_is_a_draft_for_the_next_period_with_its_dates_moved(cast, laleh):
    call = published_call(cast)
    moved = from_jalali(1405, 9, 30) - from_jalali(1405, 6, 31)

    answer = laleh.post(f"/calls/{call.pk}/clone/")

    copy = Call.objects.exclude(pk=call.pk).get()
    assert answer.url == f"/calls/{copy.pk}/edit/"
    assert (copy.state, copy.period_code, copy.title) == (
        CallState.DRAFT, "1405-Q3", "ارزیابی عملکرد خدمات دانشجویی، سه‌ماههٔ سوم ۱۴۰۵",
    )  # fmt: skip
    assert (copy.opens_at, copy.closes_at) == (call.opens_at + moved, call.closes_at + moved)
    assert (copy.audience, copy.grace, copy.published_at) == (call.audience, call.grace, None)


def test_an_academic_year_is_cloned_to_the_next(cast, laleh):
    call = published_call(
        cast, period_kind=PeriodKind.ACADEMIC, period_code="1404-A",
        period_starts=from_jalali(1404, 7, 1), period_ends=from_jalali(1405, 6, 31),
    )  # fmt: skip

    laleh.post(f"/calls/{call.pk}/clone/")

    assert Call.objects.exclude(pk=call.pk).get().period_code == "1405-A"


# -------------------------------------------------------------------------- what is refused is said in the preview
PAST = "1404/01/01"


@pytest.mark.parametrize(
    ("door", "more", "field"),
    [
        ("do/extend/", {"until": PAST}, "until"),
        ("do/close-early/", {"until": "1410/01/01"}, "until"),
        ("do/ask/", {"unit": "A", "until": ""}, "unit"),
        ("do/ask/", {"unit": "A1", "until": PAST}, "until"),
        ("units/extend/", {"until": PAST, "step": "filled"}, "until"),
    ],
)
def test_a_date_or_unit_that_the_verb_refuses_is_refused_by_the_preview(cast, laleh, door, more, field):
    call = published_call(cast)
    cast.a.code, cast.a_child.code = "A", "A1"
    cast.a.save()
    cast.a_child.save()
    given = {**more, "reason": REASON, "report": report_of(call, cast.a).tracking_code}

    answer = laleh.post(f"/calls/{call.pk}/{door}", given)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert "sentences" not in answer.context


def test_a_preview_over_units_names_the_one_that_waits_for_nothing(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)
    codes = [report_of(call, unit).tracking_code for unit in (cast.a, cast.b)]

    answer = laleh.post(
        f"/calls/{call.pk}/units/extend/",
        {"report": codes, "until": typed(call.closes_at + timedelta(days=5)), "reason": REASON, "step": "filled"},
    )

    assert cast.a.name in str(answer.context["form"].errors)
    assert "sentences" not in answer.context


# ------------------------------------------------------------------------------------------------ before publishing
class TestBeforePublishing:
    def warned(self, laleh, call) -> list[str]:
        return laleh.get(f"/calls/{call.pk}/publish/").context["warned"]

    def test_an_opening_in_the_past_and_missing_reviewers_are_said(self, cast, laleh):
        opening, reviewers = self.warned(laleh, make_call(cast))
        assert "گذشته" in opening
        assert "ارزیاب" in reviewers

    def test_a_period_that_is_not_over_at_the_opening_is_said(self, cast, laleh):
        now = database_now()
        call = make_call(cast, opens_at=now + timedelta(days=1), period_ends=tehran_date(now + timedelta(days=1)))
        assert any("دوره" in sentence for sentence in self.warned(laleh, call))

    def test_nothing_is_said_where_nothing_is_odd(self, cast, laleh):
        now = database_now()
        call = make_call(cast, opens_at=now + timedelta(days=1), period_ends=tehran_date(now))
        call.assignments.create(reviewer=cast.omid, unit=cast.provider, assigned_at=now, assigned_by=cast.laleh)
        assert self.warned(laleh, call) == []

    def test_it_forbids_nothing(self, cast, laleh):
        call = make_call(cast)
        laleh.post(f"/calls/{call.pk}/publish/")
        call.refresh_from_db()
        assert call.state == CallState.PUBLISHED
