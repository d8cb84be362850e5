"""What the demo does not have and a later portal must still understand, told through the verbs: run once, before a dump.

Every kind of evidence, every way a report may go, disputes with attachments and offers, fees paid at the simulated bank,
refunds, a reconciliation, files made and waiting, orders to announce, people and units that change. It uses verbs, models
and `tests.forms` only, so that it runs in any checkout that has them under these names.
"""

from datetime import datetime, timedelta

from reports.actions.announcement_orders import announce_ordered, order_announcement
from reports.actions.announcing import announce_results
from reports.actions.assignment import assign_reviewer, end_assignment, hand_over_reviews, reassign_review
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
)
from reports.actions.cloning import clone_for_next_period
from reports.actions.closing import (
    record_closing,
    record_closings,
    record_final_results,
    record_lapsed_corrections,
    record_openings,
)
from reports.actions.contests import contest_act
from reports.actions.deadline_reminders import remind_of_deadlines
from reports.actions.dispute_offers import accept_act_offer, offer_act
from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence, remove_evidence
from reports.actions.exports import fetch_export, request_export
from reports.actions.extensions import ask_extension, decide_extension, extend_units
from reports.actions.facts import store_intervals
from reports.actions.forms import confirm_form, import_form
from reports.actions.judging import judge_answers
from reports.actions.objections import accept_result_offer, contest_result, offer_result, write_as_reviewer
from reports.actions.payments import follow_payment, pay_for_report
from reports.actions.refunds import consent_refund, decline_refund, propose_refund, record_payout
from reports.actions.reminders import remind_units
from reports.actions.returns import return_for_correction, withdraw_return
from reports.actions.review import (
    TypedFinding,
    hand_in_review,
    save_review_item,
    settle_review,
    start_review,
    take_lead,
)
from reports.actions.revising import revise_result
from reports.actions.sign_off import request_sign_off, send_back, withdraw_request
from reports.actions.submission import recall_submission, submit_report
from reports.models import Call, Report, Review, ReviewAssignment
from reports.queries import form_of
from reports.tasks import make_exports
from sajad_portal.lib import clock
from sajad_portal.lib.clock import database_now
from sla.actions.dispute_ends import record_dispute_ends, remind_of_dispute_ends, withdraw_dispute
from sla.actions.disputes import state_position, write_message
from sla.actions.offers import decline_offer, take_back_offer
from sla.actions.settling import settle_payment
from sla.enums import Answer, Subject
from sla.models import Acceptance, Payment, Service
from tests.forms import small_form
from units.enums import Role
from units.models import Membership, Person, Unit
from units.tasks import send_digests, send_notices

from . import story_of_people
from .papers import PDF, PNG, file, files

BACK = "http://testserver/payments/return/{}/".format
WHY = "برای آزمون ارتقا."
ANSWERS = {
    "housing": {"housed": "۸۰", "eligible": "100", "waiting_days": "8"},
    "welfare": {
        "events": "4", "has_canteen": "yes", "canteen_note": "دو سلف", "survey_date": "1405/06/20", "confirmed": "OK",
    },
}  # fmt: skip
VERIFIED = {
    "HSG-01": {"numerator": "80", "denominator": "100"}, "HSG-02": {"value": "8"}, "WLF-01": {"value": "4"},
}  # fmt: skip


def person(username: str) -> Person:
    return Person.objects.get(username=username)


def at(days_ago: float):
    """The portal's clock so many days before the story is told."""
    return clock.shifted(TOLD - timedelta(days=days_ago) - database_now())


TOLD: datetime  # when the story is told: `tell` reads the clock


# ------------------------------------------------------------------------------------------------------------- pieces
def holder(unit: Unit, role: Role) -> Person:
    held = Membership.objects.valid_at(database_now()).filter(unit=unit, role=role).select_related("person")
    return held.order_by("pk")[0].person


def expert(report: Report) -> Person:
    return holder(report.unit, Role.REPORTER)


def head(report: Report) -> Person:
    return holder(report.unit, Role.HEAD)


def fresh(report: Report) -> Report:
    return Report.objects.select_related("call", "unit", "request").get(pk=report.pk)


def publish(units: list[Unit], opens: float, closes: float, **fields) -> Call:
    """A call to these units, published a day before it opens; `opens` and `closes` in days before the story is told."""
    service = Service.objects.order_by("pk")[0]
    laleh = person("laleh")
    with at(opens + 1):
        version = import_form(data=small_form(), name="small.xlsx", by=laleh)
        if version.confirmed_at is None:
            version = confirm_form(version=version, by=laleh)
        basics = {
            "title": "فراخوان آزمون ارتقا", "period_kind": "month", "period_code": "1405-M05",
            "period_starts": datetime(2026, 7, 23).date(), "period_ends": datetime(2026, 8, 23).date(),  # noqa: DTZ001
            "form_version": version, "agreement": service.agreement_versions.get(number=1),
            "request_type": service.request_types.get(code="periodic-report"), "audience": {"units": [u.pk for u in units]},
            "opens_at": TOLD - timedelta(days=opens), "closes_at": TOLD - timedelta(days=closes),
            "grace": timedelta(minutes=30), "review_until": TOLD + timedelta(days=60), **fields,
        }  # fmt: skip
        call = create_call(by=laleh, **basics)
        edit_call(call=call, by=laleh, title=f"{basics['title']}، {call.pk}")
        publish_call(call=Call.objects.get(pk=call.pk), by=laleh)
    return Call.objects.get(pk=call.pk)


def reports_of(call: Call) -> list[Report]:
    return list(call.reports.select_related("call", "unit", "request").order_by("pk"))


def write(report: Report, *, every_kind: bool = False) -> None:
    by = expert(report)
    for section, changes in ANSWERS.items():
        outcome = save_section(report=report, section=section, base_version=0, changes=changes, by=by)
        if outcome.errors:
            raise ValueError(outcome.errors)
    for name, body in (files() if every_kind else {"فهرست.pdf": PDF}).items():
        add_evidence(report=report, indicator="HSG-01", upload=file(name, body), by=by)


def review(report: Report, by: str, **otherwise: dict) -> None:
    """Everything verified as claimed, except for `otherwise` {indicator: {role: text}}; handed in."""
    found = Review.objects.select_related("report__call__form_version").get(report=report, reviewer=person(by))
    start_review(report=report, by=found.reviewer)
    for code, verified in (VERIFIED | {code.replace("_", "-"): value for code, value in otherwise.items()}).items():
        typed = TypedFinding(verified=verified, reason=WHY)
        save_review_item(review=found, indicator=code, typed=typed, by=found.reviewer)
    alone = {each.code: None for each in form_of(report.call.form_version).judged if each.is_alone}
    judge_answers(review=found, remarks=alone, by=found.reviewer)
    hand_in_review(review=found, by=found.reviewer)


def found_review(report: Report, by: str) -> Review:
    return Review.objects.select_related("report").filter(report=report, reviewer=person(by)).order_by("-pk")[0]


# ----------------------------------------------------------------------------------------------------------- the story
def tell(bank, log=print) -> None:
    """`bank(payment, outcome)` is what a payer chooses at the simulated bank."""
    global TOLD
    TOLD = database_now()
    with at(70):
        story_of_people.before()
    accepted = Acceptance.objects.filter(answer=Answer.ACCEPTED).values("unit")
    units = list(
        Unit.objects.filter(pk__in=accepted, memberships__role=Role.HEAD, memberships__ends_at=None)
        .exclude(code__in=("KHB", "TGZ", "RFH", "UM")).exclude(children__isnull=False).distinct().order_by("code")
    )  # fmt: skip
    log(f"{len(units)} units to choose from")
    _reports_that_went_every_way(units[:9], units[9])
    log("reports")
    _calls_that_changed(units[10:13])
    log("calls")
    _money(units[13:18], bank)
    log("money")
    story_of_people.after(units[18:24])
    log("people, units, agreement")
    _files_and_orders()
    log("files")
    _sweeps()


def _reports_that_went_every_way(units: list[Unit], late: Unit) -> None:
    laleh, samira = person("laleh"), person("samira")
    call = publish(units, 60, 46)
    full, returned, kept, lapsed, excused, _missed, extended, refused, hurried = reports_of(call)
    with at(59):
        record_openings()
        for who in ("omid", "parisa"):
            assign_reviewer(call=call, reviewer=person(who), unit=call.service.provider, by=laleh)
    with at(58):
        write(full, every_kind=True)
        remove_evidence(report=full, evidence=full.evidence.order_by("-pk")[0], by=expert(full))
        request_sign_off(report=full, by=expert(full), note=WHY)
        send_back(report=fresh(full), note=WHY, by=head(full))
        request_sign_off(report=fresh(full), by=expert(full))
        withdraw_request(report=fresh(full), by=expert(full))
        request_sign_off(report=fresh(full), by=expert(full))
        submit_report(report=fresh(full), by=head(full))
        recall_submission(report=fresh(full), by=head(full))
        submit_report(report=fresh(full), by=head(full))
        remind_units(call=call, reports=reports_of(call), by=laleh, note=WHY)
    with at(57):
        asked_late = ask_unit(call=call, unit=late, by=laleh, reason=WHY, until=TOLD - timedelta(days=45))
        extend_call(call=call, closes_at=TOLD - timedelta(days=45), by=laleh, reason=WHY)
        excuse_unit(report=fresh(excused), by=laleh, reason=WHY)
        extend_unit(report=fresh(hurried), until=TOLD - timedelta(days=44), by=laleh, reason=WHY)
        asked = ask_extension(report=fresh(extended), until=TOLD - timedelta(days=42), reason=WHY, by=head(extended))
        decide_extension(asked=asked, granted_until=TOLD - timedelta(days=43), reason=WHY, by=laleh)
        asked = ask_extension(report=fresh(refused), until=TOLD - timedelta(days=40), reason=WHY, by=head(refused))
        asked = decide_extension(asked=asked, granted_until=None, reason=WHY, by=laleh)
        extend_units(
            call=call, reports=[fresh(asked_late), fresh(kept)], until=TOLD - timedelta(days=44), reason=WHY, by=laleh
        )
    with at(56):
        dispute = contest_act(
            report=fresh(refused), subject=Subject.EXTENSION, key=asked.pk, text=WHY, by=head(refused), files=[file()]
        )
        state_position(dispute=dispute, text="نظر خدمت‌دهنده همان است.", by=laleh)
        withdraw_dispute(dispute=dispute, by=head(refused), reason=WHY)
        for report in (returned, kept, lapsed, extended, refused, hurried):
            write(fresh(report))
            submit_report(report=fresh(report), by=head(report))
    with at(41):
        record_closing(call.pk)
        for report in (returned, kept, lapsed):
            start_review(report=fresh(report), by=person("omid"))
            return_for_correction(report=fresh(report), remarks={"HSG-01": WHY}, by=person("omid"), note=WHY)
        withdraw_return(report=fresh(kept), by=laleh, reason=WHY)
        dispute = contest_act(
            report=fresh(lapsed), subject=Subject.RETURN, key=lapsed.returns.get().pk, text=WHY, by=head(lapsed)
        )
        write_message(dispute=dispute, text=WHY, by=laleh, files=[file("پاسخ.txt", "متن".encode())])
    with at(40):
        by = expert(returned)
        save_section(report=fresh(returned), section="housing", base_version=99, changes={"housed": "78"}, by=by)
        submit_report(report=fresh(returned), by=head(returned))
    with at(30):
        record_lapsed_corrections()
        review(fresh(full), "omid")
        review(fresh(full), "parisa", HSG_02={"value": "9"})
        lead = take_lead(report=fresh(full), by=samira)
        typed = TypedFinding(verified={"value": "9"}, reason=WHY, note=WHY)
        save_review_item(review=lead, indicator="HSG-02", typed=typed, by=samira)
        settle_review(review=lead, by=samira, reason=WHY)
        for report in (returned, extended, hurried):
            review(
                fresh(report),
                "omid",
                **({"HSG_01": {"numerator": "78", "denominator": "100"}} if report == returned else {}),
            )
            lead = take_lead(report=fresh(report), by=samira)
            settle_review(review=lead, by=samira, reason=WHY)
        reassign_review(review=found_review(refused, "parisa"), reviewer=person("bita"), by=laleh, reason=WHY)
        hand_over_reviews(
            call=call, reviews=[found_review(lapsed, "parisa")], reviewer=person("bita"), by=laleh, reason=WHY
        )
        assignment = ReviewAssignment.objects.get(call=call, reviewer=person("parisa"))
        end_assignment(assignment=assignment, by=laleh, reason=WHY)
    with at(29):
        order_announcement(call=call, which="ready", by=laleh)
        announce_ordered()
        revise_result(
            report=fresh(extended),
            typed={"WLF-01": TypedFinding(verified={"value": "3"}, reason=WHY)},
            reason=WHY,
            by=laleh,
        )
    _disputed(full, returned, hurried)
    with at(3):
        record_final_results()
        announce_results(reports=[fresh(asked_late)], by=laleh)
    order_announcement(call=call, which="missed", by=laleh)  # waits for a worker in the dump


def _disputed(full: Report, settled: Report, replaced: Report) -> None:
    """One over a result that goes on with an open offer, one that an accepted offer settled, one with a new position."""
    laleh, omid = person("laleh"), person("omid")
    better = {"HSG-02": TypedFinding(verified={"value": "8"}, reason=WHY)}
    with at(22):
        for report in (full, settled):
            contest_result(report=fresh(report), text=WHY, by=head(report), files=[file(), file("عکس.png", PNG)])
        first, second = (report.objections.get().dispute for report in (full, settled))
        write_as_reviewer(dispute=first, text=WHY, by=omid)
        offer = offer_result(dispute=first, typed=better, text=WHY, by=head(full))
        decline_offer(offer=offer, by=laleh, reply=WHY)
        taken_back = offer_result(dispute=first, typed=better, text=WHY, by=laleh)
        take_back_offer(offer=taken_back, by=laleh)
        offer_result(dispute=first, typed=better, text=WHY, by=laleh)
        offer = offer_result(
            dispute=second, typed={"HSG-01": TypedFinding(verified=VERIFIED["HSG-01"], reason=WHY)}, text=WHY, by=laleh
        )
        accept_result_offer(offer=offer, by=head(settled))
        contest_result(report=fresh(replaced), text=WHY, by=head(replaced))
        changed = {"WLF-01": TypedFinding(verified={"value": "3"}, reason=WHY)}
        revise_result(report=fresh(replaced), typed=changed, reason=WHY, by=laleh)


def _calls_that_changed(units: list[Unit]) -> None:
    laleh = person("laleh")
    early = publish(units, -5, -20)
    with at(0.5):
        open_early(call=early, by=laleh, reason=WHY)
    early = Call.objects.get(pk=early.pk)
    with at(0.4):
        close_early(call=early, by=laleh, reason=WHY, closes_at=TOLD + timedelta(hours=40))
        record_openings()
        remind_of_deadlines()
    write(reports_of(early)[0])
    cancelled = publish(units, 6, -6)
    with at(5):
        cancel_call(call=cancelled, by=laleh, reason=WHY)
    over = publish(units, 12, 5)
    with at(4):
        record_openings()
        record_closings()
        report = reports_of(over)[0]
        dispute = contest_act(report=report, subject=Subject.MISS, key=report.pk, text=WHY, by=head(report))
        write_message(dispute=dispute, text=WHY, by=head(report), files=[file("همه.zip", files()["همه.zip"])])
        offer_act(dispute=dispute, act="excuse", text=WHY, by=laleh)
    clone_for_next_period(call=over, by=laleh)


def _money(units: list[Unit], bank) -> None:
    laleh, samira = person("laleh"), person("samira")
    service = Service.objects.order_by("pk")[0]
    call = publish(units, 3, -12, request_type=service.request_types.get(code="university-report"))
    with at(2):
        record_openings()
    sent, failed, refunded, declined, lowered = reports_of(call)

    def pay(report: Report, outcome: str = "paid") -> Payment:
        payment = pay_for_report(report=fresh(report), by=head(report), return_url=BACK)
        bank(payment, outcome)
        return settle_payment(payment.order_id)

    pay(sent)
    write(fresh(sent))
    submit_report(report=fresh(sent), by=head(sent))
    pay(failed, "cancelled")
    late = pay_for_report(report=fresh(failed), by=head(failed), return_url=BACK)
    bank(late, "paid")  # comes too late: the unit is excused before the bank is asked
    excuse_unit(report=fresh(failed), by=laleh, reason=WHY)
    settle_payment(late.order_id)
    for report in (refunded, declined):
        payment = pay(report)
        follow_payment(payment)
        excuse_unit(report=fresh(report), by=laleh, reason=WHY)
        refund = propose_refund(payment=payment, reason=WHY, by=samira)
        refund = consent_refund(refund=refund, by=laleh)
        if report == refunded:
            record_payout(refund=refund, reference="PAYA-1405-1", by=laleh)
        else:
            decline_refund(refund=refund, reason=WHY, by=laleh)
    dispute = contest_act(
        report=fresh(lowered), subject=Subject.FEE, key=lowered.request_id, text=WHY, by=head(lowered)
    )
    accept_act_offer(offer=offer_act(dispute=dispute, act="fee", rials=1_000_000, text=WHY, by=laleh), by=head(lowered))
    pay(lowered)


def _files_and_orders() -> None:
    laleh, call = person("laleh"), Call.objects.filter(first_announced_at__isnull=False).order_by("pk").last()
    for kind in ("period-report-xlsx", "period-report-pdf", "reports-csv", "reports-xlsx", "reports-jsonl"):
        export = request_export(kind=kind, parameters={"call": call.pk}, language="fa", by=laleh)
        make_exports()
    export.refresh_from_db()
    fetch_export(export=export, by=laleh)
    request_export(kind="reports-csv", parameters={"call": call.pk}, language="fa", by=laleh)  # waits


def _sweeps() -> None:
    """What the workers would have recorded by now."""
    record_openings()
    record_closings()
    record_lapsed_corrections()
    record_final_results()
    record_dispute_ends()
    remind_of_dispute_ends()
    store_intervals()
    send_notices()
    send_digests()
