"""Fills one empty, migrated database for measuring:  python -m bench.seed --units N --calls M

N×M reports of calls that are over (39 indicators, evidence, revisions, reviews with their findings, results, events,
notices) as the demo writes them, and one open call to all N units: not begun, half written, ready to sign, submitted and
partly reviewed. `--over` adds a call that has closed and waits only for its results to be announced.
"""

import argparse
import os
import sys
import time
from datetime import datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from bench.copying import copying  # noqa: E402
from reports.actions.assignment import assign_reviewer  # noqa: E402
from reports.actions.calls import create_call, publish_call  # noqa: E402
from reports.actions.closing import record_openings  # noqa: E402
from reports.actions.submission import submit_report  # noqa: E402
from reports.demo import seeding  # noqa: E402
from reports.demo.figures import filled  # noqa: E402
from reports.demo.history import past_call  # noqa: E402
from reports.demo.kinds import make_kinds  # noqa: E402
from reports.demo.papers import evidence_paper  # noqa: E402
from reports.demo.stories import at_time  # noqa: E402
from reports.enums import ReportVerb  # noqa: E402
from reports.models import Call, DraftSection, Evidence, Report  # noqa: E402
from reports.queries import form_of, reports_at  # noqa: E402
from reports.queries.drafts import assess, collect  # noqa: E402
from sajad_portal.lib.clock import database_now, start_of_day  # noqa: E402
from units.actions.imports import import_units  # noqa: E402
from units.enums import Role  # noqa: E402
from units.models import Event, Membership, Person, Unit  # noqa: E402

DEPARTMENTS = 40  # units between the organisation and those that report, so that the tree is a tree
VARIETY = 200  # different reports; ten thousand units share their figures
# Of the open call's reports, by unit in turn: twenty units, what became of their reports.
NOT_STARTED, HALF, READY, SENT = 3, 3, 10, 4
COMMENT = "در این دوره شیوهٔ گردآوری داده و شمار مشمولان تغییر کرده است."
BEGAN = time.monotonic()


def log(line: str) -> None:
    print(f"  {time.monotonic() - BEGAN:6.1f} s  {line}", file=sys.stderr, flush=True)


def seed(units: int, calls: int, *, over: bool = False, submitted: int = 2000) -> None:
    now = database_now()
    demo, sample = _people_and_terms(now, units)
    periods = seeding.last_quarters(now, calls + 1 + over)
    seeding._accept(demo, sample, periods[0])
    for period in periods[:calls]:
        announced = min(start_of_day(period.ends) + timedelta(days=95), now - timedelta(days=12))
        with transaction.atomic():
            past = past_call(demo.terms, period, demo.heads, sample, announced_at=announced, now=now, variety=VARIETY)
            _notices(past.call)
        log(f"{period.code}: {len(sample)} reports")
    if over:
        call = _closed_call(demo, periods[calls], sample, now)
        log(f"{call.period_code}: closed and reviewed, not announced")
    call = _open_call(demo, periods[-1], now)
    log(f"published to {units} units")
    _fill_in(demo, call, submitted=submitted)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    log("ready")


def _people_and_terms(now: datetime, units: int):
    """The tree has three levels; whoever is asked lies below one of forty departments."""
    lines = ["code,name,kind,parent_code", "ORG,سازمان امور دانشجویان,organization,"]
    lines += [f"D{n:02},ادارهٔ کل نمونهٔ {n},directorate,ORG" for n in range(DEPARTMENTS)]
    lines += [f"L{n:05},واحد نمونهٔ {n},department,D{n % DEPARTMENTS:02}" for n in range(1, units + 1)]
    make_kinds()
    import_units(data="\n".join(lines).encode(), by=None)
    log(f"{units} units")
    sample = list(Unit.objects.filter(code__startswith="L").order_by("id"))
    demo = seeding._terms(now, seeding._people(now, sample))
    log("people and terms")
    return demo, sample


def _notices(call: Call) -> None:
    """What the heads were told of the past, read and mailed: a notice in the portal and a mail for each result."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO units_notice (event_id, person_id, channel, subject, body, url, urgent, created_at, read_at, sent_at, attempts, next_attempt_at)
            SELECT e.id, m.person_id, c.channel, 'نتیجهٔ اولیهٔ گزارش شما اعلام شد',
                   'نتیجهٔ اولیه و امتیاز هر شاخص با دلیل آن در صفحهٔ گزارش است. تا پایان مهلت اعتراض می‌توانید اعتراض کنید.',
                   '/reports/' || e.key || '/result/', false, e.at,
                   CASE WHEN c.channel = 'portal' THEN e.at + interval '1 day' END,
                   CASE WHEN c.channel = 'email' THEN e.at + interval '1 minute' END, 0, e.at
            FROM units_event e JOIN units_membership m ON m.unit_id = e.unit_id AND m.role = 'head'
            CROSS JOIN (VALUES ('portal'), ('email')) AS c (channel)
            WHERE e.call_id = %s AND e.verb = 'announce'
            """,
            [call.pk],
        )


def _closed_call(demo, period, sample: list[Unit], now: datetime) -> Call:
    """A past call whose announcing is taken out again: every report reviewed, no result yet."""
    with transaction.atomic():
        past = past_call(
            demo.terms, period, demo.heads, sample, announced_at=now - timedelta(days=3), now=now, variety=VARIETY
        )
        call = past.call
        with connection.cursor() as cursor:
            of_call = "report_id IN (SELECT id FROM reports_report WHERE call_id = %(call)s)"
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"DELETE FROM reports_resultversion WHERE {of_call}", {"call": call.pk})
            for facts in ("indicatorfact", "resultfact", "factstamp"):
                cursor.execute(f"DELETE FROM reports_{facts} WHERE call_id = %s", [call.pk])
            for statement in (
                "DELETE FROM units_event WHERE call_id = %(call)s AND verb IN ('announce', 'final')",
                "UPDATE reports_call SET first_announced_at = NULL, review_until = now() + interval '20 days' WHERE id = %(call)s",
                "UPDATE sla_servicerequest SET stopped_at = NULL "
                "WHERE id IN (SELECT request_id FROM reports_report WHERE call_id = %(call)s)",
                "UPDATE sla_clockinterval SET ends_at = NULL "
                "WHERE request_id IN (SELECT request_id FROM reports_report WHERE call_id = %(call)s)",
                "UPDATE reports_report SET announced_at = NULL, objection_until = NULL, final_at = NULL, "
                "state = CASE WHEN submitted_at IS NULL THEN 'draft' ELSE 'under_review' END WHERE call_id = %(call)s",
            ):
                cursor.execute(statement, {"call": call.pk})
    return call


def _open_call(demo, period, now: datetime) -> Call:
    laleh = demo.people["laleh"]
    with at_time(now - timedelta(days=20)):
        call = create_call(
            by=laleh, title=f"ارزیابی عملکرد خدمات دانشجویی، {period.label('fa')}", period_kind=period.kind,
            period_code=period.code, period_starts=period.starts, period_ends=period.ends, form_version=demo.form_version,
            agreement=demo.agreement, request_type=demo.terms.request_type, audience={"kinds": ["department"]},
            opens_at=now - timedelta(days=15), closes_at=now + timedelta(days=10), grace=timedelta(minutes=30),
            review_until=now + timedelta(days=45),
        )  # fmt: skip
        publish_call(call=call, by=laleh)
        assign_reviewer(
            call=call, reviewer=demo.people["omid"], unit=demo.service.provider, section="", lead=False, by=laleh
        )
    with at_time(now - timedelta(days=15)):
        record_openings()
    return Call.objects.get(pk=call.pk)


def _fill_in(demo, call: Call, *, submitted: int) -> None:
    """Drafts in bulk; what is submitted goes through the verb, at most `submitted` of them."""
    reports = list(Report.objects.filter(call=call).select_related("unit").order_by("pk"))
    turn = NOT_STARTED + HALF + READY + SENT
    half = [r for i, r in enumerate(reports) if NOT_STARTED <= i % turn < NOT_STARTED + HALF]
    ready = [r for i, r in enumerate(reports) if i % turn >= NOT_STARTED + HALF]
    sent = [r for i, r in enumerate(reports) if i % turn >= NOT_STARTED + HALF + READY][:submitted]
    held = Membership.objects.valid_at(database_now()).filter(role=Role.REPORTER)
    experts = {m.unit_id: m for m in held.select_related("person")}
    at = database_now() - timedelta(days=2)
    _drafts(demo, call, half, experts, at, upto=4)
    _drafts(demo, call, ready, experts, at)
    log(f"{len(half)} half written, {len(ready)} written")
    _comments(ready, at)
    log("with comments where a value departs from the unit's history")
    with at_time(database_now() - timedelta(days=1)):
        for report in sent:
            submit_report(report=report, by=demo.heads[report.unit_id].person)
    log(f"{len(sent)} submitted")


def _drafts(demo, call: Call, reports: list[Report], experts, at: datetime, upto: int | None = None) -> None:
    definition = form_of(demo.form_version)
    sections = definition.sections[:upto]
    wanting = [i.code for section in sections for i in definition.indicators_of(section.name) if i.evidence]
    rows, files, events = [], [], []
    for n, report in enumerate(reports):
        expert = experts[report.unit_id]
        answers = filled(demo.form_version, str(n % VARIETY), 0.9, call.opens_at, "").answers
        for section in sections:
            cells = {
                question.name: {"v": answers[question.name], "n": 1, "by": expert.person_id, "at": at.isoformat()}
                for question in definition.questions_of(section.name)
                if answers.get(question.name)
            }
            rows.append(
                DraftSection(
                    report=report, section=section.name, version=1, answers=cells, saved_at=at, saved_by=expert.person
                )
            )
            events.append(
                Event(
                    at=at, verb=ReportVerb.DRAFT, noun="report", key=report.tracking_code, path=report.unit_path, unit_id=report.unit_id,
                    call_id=call.pk, person=expert.person, membership=expert,
                    data={"section": section.name, "version": 1, "fields": sorted(cells)},
                )
            )  # fmt: skip
        files += [
            Evidence(
                report=report, indicator=code, name=f"مستند {code}.pdf", uploaded_at=at, uploaded_by=expert.person, **evidence_paper()
            )
            for code in wanting
        ]  # fmt: skip
        report.state, report.started_at, report.last_saved_at = "draft", at, at
    DraftSection.objects.bulk_create(rows)
    Evidence.objects.bulk_create(files)
    Event.objects.bulk_create(events)
    Report.objects.bulk_update(reports, ["state", "started_at", "last_saved_at"], batch_size=500)


def _comments(reports: list[Report], at: datetime) -> None:
    """Why a value departs from the unit's own history, wherever the entry page would ask. Refused where else is wanting."""
    changed = []
    fresh = {report.pk: report for report in reports_at(at).filter(pk__in=[report.pk for report in reports])}
    for report in fresh.values():
        found = assess(report, collect(report), at).problems
        if others := [problem for problem in found if problem.kind != "comment"]:
            raise RuntimeError(f"The bench's drafts do not fit the form: {others[:3]}")
        rows = {row.section: row for row in report.draft_sections.all()}
        for problem in found:
            row = rows[problem.section]
            row.answers[problem.question] = {"v": COMMENT, "n": 1, "by": row.saved_by_id, "at": at.isoformat()}
        changed += rows.values()
    DraftSection.objects.bulk_update(changed, ["answers"], batch_size=500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--over", action="store_true", help="and a closed call that waits for its results")
    options = parser.parse_args()
    if Unit.objects.exists() or Person.objects.exists():
        parser.error("this database is in use")
    with copying():
        seed(options.units, options.calls, over=options.over)


if __name__ == "__main__":
    main()
