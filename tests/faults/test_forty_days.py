"""Beat and workers stand still for forty days. In that time a dispute's month passes, another is owed a view, a call closes,
a return lapses, an objection window ends. Every page is right at once; when the tasks come back, each effect and each
notice happens once; and a clock that jumps back afterwards reopens nothing.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.core import mail
from django.urls import reverse

from reports.actions.calls import publish_call
from reports.actions.extensions import ask_extension, decide_extension
from reports.actions.objections import contest_result, offer_result
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction
from reports.actions.review import TypedFinding
from reports.enums import ReportStatus
from reports.invariants import broken
from reports.models import Call, Report
from reports.pages.public.status import tracked_report
from reports.queries import reports_at
from reports.queries.result_findings import ChangedFinding
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions.disputes import file_dispute
from sla.actions.offers import make_offer
from sla.enums import DisputeStatus, OfferState, Subject
from sla.models import Dispute, Offer
from tests.calls import make_call, published_call, report_of, submitted_report
from tests.contests import contested
from tests.disputes import announced_report_with
from tests.papers import unsaid
from tests.reviews import announced_report, assign
from units.models import Event, Notice

WHY = "شمارش نادرست است."


@dataclass
class Portal:
    """What is under way when the tasks stop."""

    old: Call  # announced: A contested, B's window runs
    new: Call  # open: A submitted and was given it back, B has not begun
    over_result: Dispute
    over_refusal: Dispute
    question: Dispute


@pytest.fixture
def portal(cast, clock) -> Portal:
    old = published_call(cast)
    a = announced_report_with(cast, old, verified={"numerator": "40", "denominator": "100"})
    announced_report(cast, old, cast.b)
    over_result = contest_result(report=a, text=WHY, by=cast.reza)
    typed = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}
    offer_result(dispute=over_result, typed=typed, text="با جایگزین‌ها", by=cast.laleh)
    question = file_dispute(unit=cast.a, agreement=old.agreement, section="data", text="پرسش", by=cast.reza)
    make_offer(dispute=question, text="هر سه پیوست", by=cast.reza)
    now = database_now()
    new = make_call(
        cast, service=old.service, title="فراخوان دیگر", opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(days=20), form_version=old.form_version,
    )  # fmt: skip
    publish_call(call=new, by=cast.laleh)
    assign(cast, new)
    submitted_report(cast, new)
    return_for_correction(report=report_of(new, cast.a), remarks={"HSG-01": "فهرست را پیوست کنید"}, by=cast.omid)
    asked = ask_extension(
        report=report_of(new, cast.b), until=new.closes_at + timedelta(days=2), reason="سیل", by=cast.kamran
    )
    decide_extension(asked=asked, granted_until=None, reason="راه باز است", by=cast.laleh)
    over_refusal = contested(cast, report_of(new, cast.b), Subject.EXTENSION, asked.pk, by=cast.kamran)
    run_all()  # what was due until now is done
    return Portal(old, new, over_result, over_refusal, question)


def run_all(*, backwards: bool = False) -> None:
    """Every task of the schedule, as a worker would run it. In either order: none waits for another."""
    names = list(settings.CELERY_BEAT_SCHEDULE)
    current_app.loader.import_default_modules()
    for name in reversed(names) if backwards else names:
        current_app.tasks[name].apply().get()


def statuses(call: Call) -> dict[str, str]:
    return dict(reports_at(database_now()).filter(call=call).values_list("unit__code", "status"))


def dispute_statuses(portal: Portal) -> list[str]:
    found = Dispute.objects.with_status(database_now()).in_bulk()
    return [found[d.pk].status for d in (portal.over_result, portal.over_refusal, portal.question)]


AFTER = (
    {"KHB": ReportStatus.FINAL, "TGZ": ReportStatus.FINAL},
    {"KHB": ReportStatus.UNDER_REVIEW, "TGZ": ReportStatus.MISSED},
    [DisputeStatus.FINAL, DisputeStatus.FINAL, DisputeStatus.AWAITING_POSITION],
)


def as_it_stands(portal: Portal):
    return statuses(portal.old), statuses(portal.new), dispute_statuses(portal)


@pytest.fixture
def asleep(portal, clock) -> Portal:
    """Forty days on, and no task has run."""
    clock.move(days=40)
    assert max(portal.over_result.final_at, portal.question.final_at) < database_now()
    return portal


# ------------------------------------------------------------------------------------ before any task has run
def test_every_status_is_true_at_once(asleep):
    assert as_it_stands(asleep) == AFTER
    assert Dispute.objects.filter(outcome="", recorded_at__isnull=True).count() == 3, "nothing was recorded"
    assert Report.objects.filter(final_at__isnull=False).count() == 0


def test_the_pages_of_the_report_and_its_result_say_final_and_offer_nothing(client_for, cast, asleep):
    a = report_of(asleep.old, cast.a)
    reza = client_for(cast.reza)
    for name in ("report", "report_result"):
        text = reza.get(reverse(f"reports:{name}", args=[a.tracking_code])).content.decode()
        assert "نتیجهٔ نهایی" in text
        assert reverse("reports:contest", args=[a.tracking_code]) not in text


def test_the_letter_says_that_the_providers_view_stands_and_by_which_rule(client_for, cast, asleep):
    a, b = report_of(asleep.old, cast.a), report_of(asleep.old, cast.b)
    letter = client_for(cast.reza).get(reverse("reports:letter_page", args=[a.tracking_code])).content.decode()
    assert "نظریهٔ خدمت‌دهنده ملاک عمل است" in letter
    assert "سی روز" in letter
    other = client_for(cast.kamran).get(reverse("reports:letter_page", args=[b.tracking_code])).content.decode()
    assert "مهلت اعتراض" in other
    pdf = client_for(cast.reza).get(reverse("reports:letter", args=[a.tracking_code]))
    assert unsaid(pdf.content, "نظریهٔ خدمت‌دهنده ملاک عمل است", a.tracking_code) == []


def test_the_page_of_the_dispute_has_ended_and_takes_no_word(client_for, cast, asleep):
    for dispute, person in ((asleep.over_result, cast.reza), (asleep.over_refusal, cast.kamran)):
        client = client_for(person)
        text = client.get(reverse("reports:dispute", args=[dispute.pk])).content.decode()
        write = reverse("reports:dispute_write", args=[dispute.pk])
        assert "نظریهٔ خدمت‌دهنده نهایی است" in text
        assert write not in text
        assert client.post(write, {"text": "هنوز حرفی هست"}).status_code == 422
    assert not Offer.objects.filter(state=OfferState.ACCEPTED).exists()


def test_the_list_and_the_desk_put_each_where_time_put_it(client_for, cast, asleep):
    laleh = client_for(cast.laleh)
    opened = laleh.get(reverse("reports:disputes")).content.decode()
    ended = laleh.get(reverse("reports:disputes") + "?show=ended").content.decode()
    each = (asleep.question, asleep.over_result, asleep.over_refusal)
    assert [reverse("reports:dispute", args=[d.pk]) in opened for d in each] == [True, False, False]
    assert [reverse("reports:dispute", args=[d.pk]) in ended for d in each] == [False, True, True]
    desk = laleh.get(reverse("reports:desk")).content.decode()
    assert reverse("reports:dispute", args=[asleep.question.pk]) in desk
    assert reverse("reports:dispute", args=[asleep.over_result.pk]) not in desk
    assert reverse("reports:announce", args=[asleep.new.pk]) in desk
    unit = client_for(cast.kamran).get(reverse("reports:desk")).content.decode()
    assert "گزارش «فراخوان دیگر» ارسال نشد" in unit


def test_the_page_of_the_call_says_closed(client_for, cast, asleep):
    text = client_for(cast.laleh).get(reverse("reports:call", args=[asleep.new.pk])).content.decode()
    assert "بسته" in text
    edit = reverse("reports:report_edit", args=[report_of(asleep.new, cast.b).tracking_code])
    assert edit not in client_for(cast.mina).get(
        reverse("reports:report", args=[report_of(asleep.new, cast.b).tracking_code])
    ).content.decode()  # fmt: skip


def test_whoever_tracks_by_code_reads_the_same(client, cast, asleep):
    def track(call, unit):
        code = report_of(call, unit).tracking_code
        assert client.get(reverse("reports:track"), {"code": code}).status_code == 200
        return tracked_report(code, database_now())

    final = track(asleep.old, cast.a)
    assert (final.status, final.steps[-1].at) == ("final", asleep.over_result.final_at)
    assert (track(asleep.new, cast.a).status, track(asleep.new, cast.b).status) == ("under_review", "missed")


# --------------------------------------------------------------------------------------- after they came back
@pytest.mark.parametrize("backwards", [False, True])
def test_when_the_tasks_return_each_effect_and_each_notice_happens_once(cast, asleep, backwards):
    before = as_it_stands(asleep)
    for _turn in range(2):  # what is told on the way is sent by the next turn
        run_all(backwards=backwards)
    told, mails = Notice.objects.count(), len(mail.outbox)
    events = Event.objects.count()
    for again in (not backwards, backwards):
        run_all(backwards=again)
    assert (Event.objects.count(), Notice.objects.count(), len(mail.outbox)) == (events, told, mails)
    assert as_it_stands(asleep) == before == AFTER

    by_the_portal = Event.objects.filter(person__isnull=True).values_list("noun", "key", "verb")
    done = Counter(by_the_portal)
    assert max(done.values()) == 1, [what for what, n in done.items() if n > 1]
    codes = [report_of(asleep.old, unit).tracking_code for unit in (cast.a, cast.b)]
    assert {verb for noun, _key, verb in done if noun == "dispute"} == {"end", "end_negotiation"}
    assert [done["report", code, "final"] for code in codes] == [1, 1]
    assert done["report", report_of(asleep.new, cast.a).tracking_code, "lapse_return"] == 1
    assert done["call", str(asleep.new.pk), "close"] == 1
    assert list(broken()) == []


def test_each_side_is_told_once_of_each_end_and_of_nothing_that_has_passed(cast, asleep):
    run_all()
    run_all()
    for dispute, verb, people in (
        (asleep.over_result, "end", {"reza", "laleh"}),
        (asleep.over_refusal, "end", {"kamran", "laleh"}),
        (asleep.question, "end_negotiation", {"reza", "laleh"}),
    ):
        rows = Notice.objects.filter(
            event__noun="dispute", event__key=str(dispute.pk), event__verb=verb, channel="portal"
        )
        assert Counter(rows.values_list("person__username", flat=True)) == Counter(people)
    assert not Event.objects.filter(noun="dispute", verb="remind").exists()
    assert not Event.objects.filter(noun="call", verb="remind", call_id=asleep.new.pk).exists()


def test_the_recorded_instants_are_those_of_the_deadlines_not_of_the_tasks(cast, asleep):
    run_all()
    asleep.over_result.refresh_from_db()
    a, b = report_of(asleep.old, cast.a), report_of(asleep.old, cast.b)
    assert asleep.over_result.ended_at == asleep.over_result.final_at == a.final_at
    assert b.final_at == b.objection_until
    assert asleep.new.snapshots.get().as_of == asleep.new.closes_at + asleep.new.grace
    round_ = report_of(asleep.new, cast.a).returns.get()
    assert round_.lapsed_at == round_.due_at


def test_a_clock_that_jumps_back_reopens_nothing(client_for, cast, asleep, clock):
    run_all()
    events = Event.objects.count()
    clock.move(days=-39)
    assert as_it_stands(asleep) == AFTER
    run_all()
    assert Event.objects.count() == events
    answer = client_for(cast.reza).post(
        reverse("reports:dispute_write", args=[asleep.over_result.pk]), {"text": "هنوز حرفی هست"}
    )
    assert answer.status_code == 422
    assert client_for(cast.reza).post(
        reverse("reports:contest", args=[report_of(asleep.old, cast.a).tracking_code]), {"text": WHY}
    ).status_code == 422  # fmt: skip
    change = ChangedFinding(verified={"numerator": "85", "denominator": "100"}, reason="دیر شد")
    with pytest.raises(Refused) as refusal:
        announce_result(
            report=report_of(asleep.old, cast.a), by=cast.laleh, reason="بازبینی", changes={"HSG-01": change}
        )
    assert refusal.value.code == "final"
    clock.move(days=39)
    assert list(broken()) == []
