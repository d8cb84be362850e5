"""Saving a draft field by field; conflicts, refusals, what is missing and what departs from history."""

import pytest

from reports.actions.drafts import save_section
from reports.actions.sign_off import request_sign_off, send_back
from reports.actions.submission import recall_submission, submit_report
from reports.enums import ReportState
from reports.models import DraftSection
from reports.queries.draft_progress import progress
from reports.queries.drafts import COMMENT, NOT_APPLICABLE, assess, collect
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import ANSWERS, fill, published_call, report_of
from units.models import Event


@pytest.fixture
def report(cast):
    return report_of(published_call(cast), cast.a)


def save(report, by, section="housing", base=0, bases=None, **changes):
    return save_section(report=report, section=section, base_version=base, changes=changes, by=by, bases=bases)


def events(report, verb="draft"):
    return Event.objects.filter(noun="report", key=report.tracking_code, verb=verb)


# ------------------------------------------------------------------------------------------------------ what is stored
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("12٫5", "12.5"),
        ("۱۲/۵", "12.5"),
        ("−3", "-3"),
        ("3−", "-3"),
        ("1,234", "1234"),
        ("۱٬۲۳۴٫۵۰", "1234.5"),
        ("", ""),
    ],
)
def test_a_number_is_read_as_people_type_it(report, cast, typed, stored):
    outcome = save(report, cast.sara, waiting_days=typed)

    assert outcome.errors == {}
    assert collect(report).answers.get("waiting_days", "") == stored


def test_letters_in_a_number_are_refused_with_a_sentence_and_the_rest_is_stored(report, cast):
    outcome = save(report, cast.sara, housed="12o", eligible="90")

    assert list(outcome.errors) == ["housed"]
    assert "«o»" in outcome.errors["housed"]
    assert outcome.saved == {"eligible": "90"}
    assert collect(report).answers == {"eligible": "90"}


def test_text_is_stored_normalised(report, cast):
    save(report, cast.sara, section="welfare", canteen_note="سلف مركزي\u200f ")

    assert collect(report).answers["canteen_note"] == "سلف مرکزی"


def test_what_the_section_does_not_ask_is_not_stored(report, cast):
    outcome = save(report, cast.sara, housed="1", state="submitted", score="100", events="4", housing_rate="99")

    assert outcome.saved == {"housed": "1"}
    report.refresh_from_db()
    assert report.state == ReportState.DRAFT


def test_the_first_save_makes_a_draft_and_writes_an_event_without_values(report, cast):
    save(report, cast.sara, housed="80", eligible="100")

    report.refresh_from_db()
    assert (report.state, report.started_at) == (ReportState.DRAFT, report.last_saved_at)
    assert events(report).get().data == {"section": "housing", "version": 1, "fields": ["eligible", "housed"]}


def test_a_save_that_changes_nothing_leaves_no_trace(report, cast):
    save(report, cast.sara, housed="80")
    outcome = save(report, cast.sara, base=1, housed="۸۰")

    assert (outcome.version, outcome.saved) == (1, {})
    assert events(report).count() == 1


# ------------------------------------------------------------------------------------------------------------ conflicts
def test_two_people_in_different_fields_do_not_conflict(report, cast):
    save(report, cast.sara, base=0, housed="80")
    outcome = save(report, cast.reza, base=0, eligible="100")

    assert (outcome.conflicts, outcome.version) == ([], 2)
    assert collect(report).answers == {"housed": "80", "eligible": "100"}


def test_a_field_that_changed_since_the_base_is_a_conflict_and_overwrites_nothing(report, cast):
    save(report, cast.reza, base=0, housed="80")
    outcome = save(report, cast.sara, base=0, housed="75", eligible="100")

    (conflict,) = outcome.conflicts
    assert (conflict.name, conflict.yours, conflict.theirs, conflict.by) == ("housed", "75", "80", cast.reza.pk)
    assert outcome.saved == {"eligible": "100"}
    assert collect(report).answers == {"housed": "80", "eligible": "100"}


def test_writing_the_same_value_is_no_conflict(report, cast):
    save(report, cast.reza, base=0, housed="80")

    assert save(report, cast.sara, base=0, housed="80").conflicts == []


def test_choosing_mine_replaces_the_value_that_was_shown(report, cast):
    save(report, cast.reza, base=0, housed="80")
    (conflict,) = save(report, cast.sara, base=0, housed="75").conflicts
    outcome = save(report, cast.sara, base=0, bases={"housed": conflict.version}, housed="75")

    assert outcome.conflicts == []
    assert collect(report).answers["housed"] == "75"


def test_a_third_change_after_choosing_is_a_conflict_again(report, cast):
    save(report, cast.reza, base=0, housed="80")
    (conflict,) = save(report, cast.sara, base=0, housed="75").conflicts
    save(report, cast.reza, base=1, housed="81")
    outcome = save(report, cast.sara, base=0, bases={"housed": conflict.version}, housed="75")

    assert [c.theirs for c in outcome.conflicts] == ["81"]


# ------------------------------------------------------------------------------------------------- who, and until when
def test_a_colleague_of_another_unit_and_headquarters_are_forbidden(report, cast):
    for person in (cast.mina, cast.omid, cast.laleh, cast.nader, cast.admin):
        with pytest.raises(Forbidden):
            save(report, person, housed="1")
    assert not DraftSection.objects.exists()


def test_after_the_last_moment_nothing_is_stored(report, cast, clock):
    clock.move(days=3, minutes=30)
    with pytest.raises(Refused) as refusal:
        save(report, cast.sara, housed="1")

    assert refusal.value.code == "closed"
    assert not DraftSection.objects.exists()


def test_in_grace_drafting_goes_on(report, cast, clock):
    clock.move(days=3, minutes=10)

    assert save(report, cast.sara, housed="1").saved == {"housed": "1"}


def test_before_the_opening_nothing_is_stored(report, cast, clock):
    clock.move(hours=-2)
    with pytest.raises(Refused) as refusal:
        save(report, cast.sara, housed="1")

    assert refusal.value.code == "not-open"


def test_while_the_head_reads_it_nobody_changes_the_draft(report, cast):
    fill(report, cast.sara)
    request_sign_off(report=report, by=cast.sara)
    with pytest.raises(Refused) as refusal:
        save(report, cast.sara, base=1, housed="1")
    assert refusal.value.code == "awaiting-sign-off"

    send_back(report=report, note="عدد اسکان را بازبینی کنید", by=cast.reza)
    assert save(report, cast.sara, base=1, housed="79").saved == {"housed": "79"}


# -------------------------------------------------------------------------------------------------- what is still to do
def test_an_empty_draft_lists_what_is_missing_in_the_order_of_the_form(report, cast):
    found = assess(report, collect(report), database_now()).problems

    assert [(p.kind, p.question or p.indicator) for p in found] == [
        ("missing", "housed"), ("missing", "eligible"), ("evidence", "HSG-01"), ("missing", "waiting_days"),
        ("missing", "events"), ("missing", "confirmed"),
    ]  # fmt: skip


def test_a_full_draft_has_no_problems(report, cast):
    fill(report, cast.sara)

    assert assess(report, collect(report), database_now()).problems == []


def test_a_broken_constraint_is_stored_and_named(report, cast):
    save(report, cast.sara, housed="120", eligible="100")
    found = assess(report, collect(report), database_now()).problems

    assert [(p.question, p.message) for p in found if p.kind == "error"] == [
        ("housed", "اسکان‌یافته نمی‌تواند بیشتر از متقاضی واجد شرایط باشد.")
    ]


def test_an_indicator_that_does_not_apply_needs_neither_value_nor_evidence(report, cast):
    save(report, cast.sara, **{NOT_APPLICABLE + "HSG-01": "این واحد خوابگاه ندارد."})
    found = assess(report, collect(report), database_now()).problems

    assert "HSG-01" not in {p.indicator for p in found}


def test_progress_counts_indicators_and_required_questions(report, cast):
    save(report, cast.sara, waiting_days="8")
    shown = progress(assess(report, collect(report), database_now()))

    assert [(p.page, p.done, p.total) for p in shown] == [("housing", 1, 2), ("welfare", 0, 2)]


def earlier_quarters(cast, *values):
    """Submitted reports of the quarters before, oldest first, with that many days of waiting."""
    from datetime import timedelta

    from sajad_portal.lib.periods import regular

    service = None
    for index, value in enumerate(values, start=1):
        period = regular("quarter", 1404, index)
        past = published_call(
            cast, **({"service": service} if service else {}), title=f"دورهٔ {index}",
            period_code=period.code, period_starts=period.starts, period_ends=period.ends,
        )  # fmt: skip
        service = past.agreement.service
        report = report_of(past, cast.a)
        fill(report, cast.sara, {**ANSWERS, "housing": {**ANSWERS["housing"], "waiting_days": value}})
        submit_report(report=report, by=cast.reza)
    now = database_now()
    return published_call(cast, service=service, closes_at=now + timedelta(days=3))


def test_a_value_far_from_the_units_own_past_asks_for_a_comment(cast, monkeypatch):
    call = earlier_quarters(cast, "8", "9", "7")
    report = report_of(call, cast.a)
    save(report, cast.sara, waiting_days="16")
    found = [p for p in assess(report, collect(report), database_now()).problems if p.kind == "comment"]

    assert [(p.indicator, p.question) for p in found] == [("HSG-02", "comment:HSG-02")]
    assert "۱۰۰٪" in found[0].message

    save(report, cast.sara, base=1, **{COMMENT + "HSG-02": "خوابگاه دوم در تعمیر بود."})
    assert not [p for p in assess(report, collect(report), database_now()).problems if p.kind == "comment"]


def test_four_earlier_values_tell_what_is_usual(cast):
    call = earlier_quarters(cast, "9", "10", "11", "10")
    report = report_of(call, cast.a)
    save(report, cast.sara, waiting_days="13")
    assert not [p for p in assess(report, collect(report), database_now()).problems if p.kind == "comment"]

    save(report, cast.sara, base=1, waiting_days="14")
    found = [p for p in assess(report, collect(report), database_now()).problems if p.kind == "comment"]

    # They lie 1, 0, 1, 0 away from their median 10: 3.5 × 1.4826 × 1.363 × 0.5 = 3.54.
    assert found[0].message.startswith("این مقدار بالاتر از بازهٔ معمول ۴ دورهٔ پیش (۶٫۴۶ تا ۱۳٫۵۴) است.")


# ------------------------------------------------------------------------------------------------------------- a return
def test_words_after_a_recall_do_not_slip_into_a_correction(report, cast):
    from reports.actions.returns import return_for_correction

    fill(report, cast.sara)
    submit_report(report=report, by=cast.reza)
    recall_submission(report=report, by=cast.reza)
    save(report, cast.sara, base=1, housed="79", waiting_days="9")
    submit_report(report=report, by=cast.reza)
    recall_submission(report=report, by=cast.reza)
    save(report, cast.sara, base=2, housed="60", waiting_days="30")
    submit_report(report=report, by=cast.reza)
    return_for_correction(report=report, remarks={"HSG-02": "روزهای انتظار را بازبینی کنید."}, note="", by=cast.laleh)

    outcome = save(report, cast.sara, base=3, housed="1", waiting_days="20")

    assert list(outcome.errors) == ["housed"]
    report.refresh_from_db()
    assert report.state == ReportState.RETURNED
    draft = collect(report)
    assert (draft.answers["housed"], draft.answers["waiting_days"]) == ("60", "20")
