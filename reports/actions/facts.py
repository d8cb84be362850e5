"""Writing the facts of announced results. Parts of the announcing verbs, and the rebuilding of all of them."""

import secrets
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from ..models import Call, FactStamp, IndicatorFact, Report, ResultFact, ResultVersion
from ..queries import form_of
from ..queries.analysis import intervals_in, matrix, packed, without_intervals
from ..queries.facts import COLUMNS, answers_of, indicator_rows, plans_of, result_fact
from ..queries.facts_cache import facts_of

BATCH = 500
# Of a ResultFact, what a later version of the same report changes.
CHANGING = ["version", "total", "sort_total", "missed", "kind", "peers", "unit_path", "period_code", "period_starts"]


def write_facts(announced: Sequence[tuple[Report, ResultVersion]]) -> None:
    """Part of a verb: the facts of these versions replace what was there of their reports. The reports are locked.

    Comes last in the transaction: it marks the change on a row that all announcers of a call share.
    """
    if not announced:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("Facts are written in the transaction of the announcement that they tell of.")
    reports = [report.pk for report, _version in announced]
    IndicatorFact.objects.filter(result__in=reports).delete()
    ResultFact.objects.bulk_create(
        [result_fact(report, version) for report, version in announced],
        update_conflicts=True, unique_fields=["report"], update_fields=CHANGING, batch_size=BATCH,
    )  # fmt: skip
    forms = {report.call.form_version_id: report.call.form_version for report, _version in announced}
    plans = {pk: plans_of(form_of(version)) for pk, version in forms.items()}
    _insert(
        row
        for report, version in announced
        for row in indicator_rows(plans[report.call.form_version_id], report, version, answers_of(version))
    )
    for call_id in sorted({report.call_id for report, _version in announced}):
        _stamp(call_id)


def _insert(rows: Iterable[tuple]) -> None:
    """COPY where the database has it: a fifth of the time that INSERT takes for forty rows a report."""
    if connection.vendor != "postgresql":
        facts = [IndicatorFact(**dict(zip(COLUMNS, row, strict=True))) for row in rows]
        IndicatorFact.objects.bulk_create(facts, batch_size=BATCH)
        return
    rows = list(rows)  # while it copies, the connection answers no question that making a row might ask
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{IndicatorFact._meta.db_table}" ({names}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _stamp(call_id: int) -> None:
    """Whatever was computed from the call's facts is old from this commit on."""
    stamps, stamp = FactStamp.objects.filter(call_id=call_id), secrets.token_hex(8)
    if not stamps.update(stamp=stamp):
        FactStamp.objects.bulk_create([FactStamp(call_id=call_id, stamp=stamp)], ignore_conflicts=True)
        stamps.update(stamp=stamp)


def store_intervals() -> int:
    """A sweep: the intervals of ranks of every call whose facts changed since; how many calls. Twice or late is the same:
    what is stored names the stamp that it was made from, and readers take it for no other."""
    done = 0
    for call in without_intervals():
        facts = facts_of(call)
        found = intervals_in(matrix(facts))
        stamps = FactStamp.objects.filter(call=call, stamp=facts.stamp)
        done += stamps.update(intervals=packed(found), intervals_for=facts.stamp)
    return done


def rebuild_facts(calls: Iterable[Call]) -> int:
    """Write the facts of these calls again out of their results, some hundred reports a transaction; how many reports."""
    done = 0
    for call in calls:
        ids = list(Report.objects.filter(call=call).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            done += _rebuild(ids[start : start + BATCH])
    return done


def _rebuild(ids: list[int]) -> int:
    with transaction.atomic():
        # An announcement of one of them ends before, or waits: what is read below is what stands.
        list(Report.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        reports = Report.objects.select_related("unit", "call__form_version").in_bulk(ids)
        versions = ResultVersion.objects.filter(report__in=ids, announced_at__isnull=False).select_related("revision")
        newest = {version.report_id: version for version in versions.order_by("announced_at", "number")}
        gone = ResultFact.objects.filter(report__in=[pk for pk in ids if pk not in newest])
        IndicatorFact.objects.filter(result__in=gone).delete()
        gone.delete()
        write_facts([(reports[pk], version) for pk, version in sorted(newest.items())])
    return len(newest)
