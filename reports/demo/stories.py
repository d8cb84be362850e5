"""What is going on in the demo, told through the verbs at their instants: drafts, a return, two disputes that ended and one that has not."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sajad_portal.lib import clock
from sajad_portal.lib.clock import database_now
from sla.actions.dispute_ends import record_dispute_ends
from sla.actions.disputes import write_message
from units.enums import Role
from units.models import Membership, Person, Unit

from ..actions import closing
from ..actions.drafts import save_section
from ..actions.objections import accept_result_offer, contest_result, offer_result
from ..actions.returns import return_for_correction
from ..actions.review import TypedFinding, start_review
from ..actions.sign_off import request_sign_off
from ..actions.submission import submit_report
from ..models import Call, Evidence, Report
from ..queries import asked_of, reports_at
from ..queries.drafts import COMMENT, assess, collect
from ..queries.result_findings import findings_of_version
from ..xlsform import as_typed
from .figures import filled, stable_number
from .papers import evidence_paper

SETTLED, EXPIRED, CONTESTED = "TGZ", "RFH", "KHB"
DISPUTED = (SETTLED, EXPIRED, CONTESTED)


def at_time(instant: datetime):
    """The portal's clock moved to `instant`, so that verbs record the past as they would have then."""
    return clock.shifted(instant - database_now())


# --------------------------------------------------------------------------------------------------------- disputes
def tell_disputes(demo, past, *, latest: bool) -> None:
    """In the calls before the latest, one dispute is settled and one runs out; in the latest, one is being negotiated."""
    by_code = {report.unit.code: report for report in past.reports}
    announced = past.call.first_announced_at
    if latest:
        report = Report.objects.get(pk=by_code[CONTESTED].pk)
        _contest(
            demo,
            report,
            announced + timedelta(days=3, hours=2),
            "دربارهٔ دو شاخص اسکان، فهرست جایگزین‌ها شمرده نشده است. فهرست پیوست مستندات است؛ لطفاً بازبینی شود.",
        )
        return
    for code, end in ((SETTLED, _settle), (EXPIRED, _run_out)):
        report = Report.objects.get(pk=by_code[code].pk)
        if report.final_at is None:
            end(demo, report, announced)


def _contest(demo, report: Report, at: datetime, text: str):
    with at_time(at):
        return contest_result(report=report, text=text, by=demo.heads[report.unit_id].person)


def _settle(demo, report: Report, announced: datetime) -> None:
    dispute = _contest(
        demo,
        report,
        announced + timedelta(days=4),
        "پرداخت‌های پایان دوره دو روز دیرتر در صورت‌حساب نشسته است. صورت‌حساب را پیوست کرده‌ایم.",
    )
    laleh, head = demo.people["laleh"], demo.heads[report.unit_id].person
    version = report.results.get(number=1)
    with at_time(announced + timedelta(days=9)):
        offer = offer_result(
            dispute=dispute, typed=_better(demo, version), by=laleh,
            text="مستند تازه پذیرفته شد. مقدار صحت‌سنجی‌شدهٔ سه شاخص به مقدار اعلامی واحد برمی‌گردد.",
        )  # fmt: skip
    with at_time(announced + timedelta(days=11)):
        accept_result_offer(offer=offer, by=head)


def _better(demo, version) -> dict[str, TypedFinding]:
    """Some findings as the unit claimed them; where nothing differed, one indicator a little higher."""
    findings = findings_of_version(version)
    differing = {code: found for code, found in findings.items() if found.differs} or dict(list(findings.items())[:1])
    return {
        code: TypedFinding(verified=dict(found.claimed), reason="مستند تازهٔ واحد پذیرفته شد.")
        for code, found in list(differing.items())[:3]
    }


def _run_out(demo, report: Report, announced: datetime) -> None:
    dispute = _contest(
        demo, report, announced + timedelta(days=5), "وصول مطالبات در پایان دوره به دلیل تعطیلی بانک‌ها جابه‌جا شده است."
    )
    with at_time(announced + timedelta(days=12)):
        write_message(
            dispute=dispute, by=demo.people["laleh"],
            text="تاریخ وصول در دستورالعمل، تاریخ نشستن مبلغ در حساب است. اگر مستند دیگری هست پیوست کنید.",
        )  # fmt: skip


# ----------------------------------------------------------------------------------------------------- the open calls
def tell_open_call(demo, call: Call) -> None:
    """Some submitted, one of them returned; one waits for its head; some are being written; the rest have not begun."""
    reports = {report.unit.code: report for report in call.reports.select_related("unit")}
    now, day = demo.now, timedelta(days=1)
    others = [code for code in reports if code not in ("KHB", "TGZ", "MSH", "RFH", "TRB")]
    for n, code in enumerate(["RFH", "TRB", *others[:6]]):
        _submit(demo, reports[code], now - day * (11 - n) + timedelta(hours=n))
    _sections(demo, reports["KHB"], now - timedelta(hours=5), upto=2)
    _sections(demo, reports["MSH"], now - day * 3, upto=1)
    for n, code in enumerate(others[6:9]):
        _sections(demo, reports[code], now - day * (n + 2), upto=1)
    _sections(demo, reports["TGZ"], now - timedelta(hours=20))
    with at_time(now - timedelta(hours=3)):
        request_sign_off(
            report=reports["TGZ"], by=demo.people["mina"], note="همهٔ شاخص‌ها کامل است؛ لطفاً بازبینی و امضا کنید."
        )
    omid = demo.people["omid"]
    with at_time(now - day * 2):
        for code in ("RFH", "TRB"):
            start_review(report=Report.objects.get(pk=reports[code].pk), by=omid)
    with at_time(now - day - timedelta(hours=6)):
        return_for_correction(
            report=Report.objects.get(pk=reports["RFH"].pk), by=omid,
            remarks={"LON-02": "فهرست پرداخت با رقم تحقق نمی‌خواند؛ صورت‌حساب صندوق را پیوست کنید."},
        )  # fmt: skip


def senders(demo, call: Call) -> dict[Report, datetime]:
    """The universities that have sent theirs, and when."""
    reports = call.reports.select_related("unit", "request").order_by("unit__code")[:12]
    sending = [report for report in reports if report.unit.code != "UM"]
    return {report: demo.now - timedelta(days=5) + timedelta(hours=7 * n) for n, report in enumerate(sending)}


def tell_university_call(demo, call: Call) -> None:
    """A few universities have sent theirs; one is half written."""
    for report, at in senders(demo, call).items():
        _submit(demo, report, at, by_expert=True)
    _sections(demo, call.reports.select_related("unit").get(unit__code="UM"), demo.now - timedelta(days=1), upto=4)


def catch_up() -> None:
    """What time has brought about meanwhile is recorded, as the scheduler would have."""
    for sweep in (closing.record_openings, record_dispute_ends, closing.record_final_results):
        _exhaust(sweep)


def _exhaust(sweep: Callable[[], int]) -> None:
    while sweep():
        pass


def _submit(demo, report: Report, at: datetime, *, by_expert: bool = False) -> None:
    _sections(demo, report, at - timedelta(hours=4))
    person = _expert(report.unit) if by_expert else demo.heads[report.unit_id].person
    with at_time(at):
        submit_report(report=report, by=person)


def _sections(demo, report: Report, at: datetime, *, upto: int | None = None) -> None:
    """The expert writes the first `upto` sections (all: None), with a file for each indicator that wants one."""
    definition = asked_of(report)
    sections = [section for section in definition.sections if definition.questions_of(section.name)][:upto]
    level = round(0.58 + stable_number(report.unit.code) % 30 / 100, 2)
    plausible = filled(report.call.form_version, report.tracking_code, level, at, "")
    expert = _expert(report.unit)
    with at_time(at):
        for section in sections:
            changes = {
                question.name: as_typed(question, plausible.answers[question.name], "en")
                for question in definition.questions_of(section.name)
                if plausible.answers.get(question.name)
            }
            save_section(report=report, section=section.name, base_version=0, changes=changes, by=expert)
        _attach(
            report,
            [i.code for s in sections for i in definition.indicators_of(s.name) if i.evidence],
            expert,
        )
        _comment(demo, report, expert)


def _comment(demo, report: Report, expert: Person) -> None:
    """Why a value departs from the unit's own history, wherever the entry page asks."""
    at = database_now()
    fresh = reports_at(at).get(pk=report.pk)
    assessment = assess(fresh, collect(fresh), at)
    asked = [problem for problem in assessment.problems if problem.kind == "comment"]
    for section in {problem.section for problem in asked}:
        changes = {
            COMMENT + p.indicator: "در این دوره شیوهٔ گردآوری داده و شمار مشمولان تغییر کرده است."
            for p in asked
            if p.section == section
        }
        save_section(report=report, section=section, base_version=10_000, changes=changes, by=expert)


def _attach(report: Report, indicators: list[str], expert: Person) -> None:
    at = database_now()
    Evidence.objects.bulk_create(
        Evidence(
            report=report, indicator=code, name=f"مستند {code}.pdf", uploaded_at=at, uploaded_by=expert, **evidence_paper()
        )
        for code in indicators
    )  # fmt: skip


def _expert(unit: Unit) -> Person:
    held = Membership.objects.valid_at(database_now()).filter(unit=unit, role=Role.REPORTER)
    return held.select_related("person")[0].person
