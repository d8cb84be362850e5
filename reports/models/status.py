"""The status of a report at an instant, its last moment and the agreement's force, as SQL over its row, its call and its request.

`querysets.py` annotates them; `rules/deadlines.py` says the same of a loaded row, and property tests hold the two together. Written
as text, because it stands in nearly every query of the portal (lib/sql.py says what that saves).
"""

from sajad_portal.lib.sql import Dialect
from sla.enums import Outcome

from ..enums import CallState, ReportState, ReportStatus, Timeliness

S, R = ReportState, ReportStatus

OF_DEADLINE = {"closes_at": "call__closes_at", "extension_until": "extension_until"}
OF_BASE = {**OF_DEADLINE, "grace": "call__grace"}
OF_LAST_MOMENT = {**OF_BASE, "begun": "request__bank_begun_at", "settled": "request__bank_settled_at"}
OF_FORCE = {**OF_DEADLINE, "cancelled_at": "call__cancelled_at", "excused_at": "excused_at"}
OF_OPEN = {
    **OF_LAST_MOMENT, "state": "state", "closed_for": "closed_for", "call_state": "call__state", "opens_at": "call__opens_at",
}  # fmt: skip
OF_STATUS = {
    **OF_LAST_MOMENT, "state": "state", "closed_for": "closed_for", "call_state": "call__state", "pk": "pk",
    "final_at": "final_at", "objection_until": "objection_until", "correction_due_at": "correction_due_at",
}  # fmt: skip
OF_STATUS_BEFORE_RESULT = {
    name: path for name, path in OF_STATUS.items() if name not in ("final_at", "objection_until")
}

OF_TIMELINESS = {
    **OF_LAST_MOMENT, "state": "state", "closed_for": "closed_for", "call_state": "call__state", "pk": "pk",
    "submitted_at": "submitted_at",
}  # fmt: skip

OF_LAST_MOMENT_AWAITING = {**OF_BASE, "request": "request_id"}
OF_STATUS_AWAITING = {
    **{name: path for name, path in OF_STATUS_BEFORE_RESULT.items() if name not in ("begun", "settled")}, "request": "request_id",
}  # fmt: skip


def deadline_sql(sql: Dialect) -> str:
    """The later of the call's closing and the unit's extension."""
    return sql.greatest("{closes_at}", "COALESCE({extension_until}, {closes_at})")


def base(sql: Dialect) -> str:
    return sql.plus(deadline_sql(sql), "{grace}")


def last_moment_sql(sql: Dialect) -> str:
    """Exclusive. A bank attempt begun before the base and settled at or after it gives settlement + 2 hours."""
    until = base(sql)
    return (
        f"CASE WHEN {{begun}} < {until} AND {{settled}} >= {until} "
        f"THEN {sql.plus('{settled}', sql.two_hours)} ELSE {until} END"
    )


def passed(sql: Dialect) -> str:
    """The last moment lies behind `at`, or the closing sweep has latched it: a clock that jumps back reopens nothing."""
    return f"({last_moment_sql(sql)}) <= {sql.greatest('COALESCE({closed_for}, {at})', '{at}')}"


def is_open_sql(sql: Dialect) -> str:
    return (
        f"CASE WHEN {{call_state}} = '{CallState.PUBLISHED}' AND {{opens_at}} <= {{at}} AND {{state}} <> '{S.EXCUSED}' "
        f"AND NOT ({passed(sql)}) THEN TRUE ELSE FALSE END"
    )


def status(sql: Dialect) -> str:
    """First match decides (the design's section on reports)."""
    # One question about the disputes over its results, not one for each word: PostgreSQL plans every subquery it reads.
    still_open = "sd.outcome = '' AND sd.recorded_at IS NULL AND sd.final_at > {at}"
    ended = (
        f"sd.outcome IN ('{Outcome.SETTLED}', '{Outcome.FINAL}') "
        "OR sd.outcome = '' AND (sd.recorded_at IS NOT NULL OR sd.final_at <= {at})"
    )
    disputed = (
        f"(SELECT CASE WHEN COUNT(CASE WHEN {still_open} THEN 1 END) > 0 THEN '{R.CONTESTED}' "  # noqa: S608
        f"WHEN COUNT(CASE WHEN {ended} THEN 1 END) > 0 THEN '{R.FINAL}' END "
        "FROM reports_objection so JOIN sla_dispute sd ON sd.id = so.dispute_id WHERE so.report_id = {pk})"
    )
    return f"""CASE
        WHEN {{state}} = '{S.EXCUSED}' THEN '{R.EXCUSED}'
        WHEN {{state}} = '{S.CANCELLED}' OR {{call_state}} = '{CallState.CANCELLED}' THEN '{R.CANCELLED}'
        WHEN {{state}} = '{S.ANNOUNCED}' THEN CASE
            WHEN {{final_at}} IS NOT NULL THEN '{R.FINAL}'
            ELSE COALESCE({disputed}, CASE WHEN {{objection_until}} <= {{at}} THEN '{R.FINAL}' ELSE '{R.ANNOUNCED}' END) END
        {_before_result(sql)}
        ELSE {{state}} END"""


def status_before_result(sql: Dialect) -> str:
    """The same of a report that is not announced: without the question about disputes, which takes PostgreSQL as long to plan
    as the rest together."""
    return f"""CASE
        WHEN {{state}} = '{S.EXCUSED}' THEN '{R.EXCUSED}'
        WHEN {{state}} = '{S.CANCELLED}' OR {{call_state}} = '{CallState.CANCELLED}' THEN '{R.CANCELLED}'
        {_before_result(sql)}
        ELSE {{state}} END"""


def _asked_of_request(write, sql: Dialect) -> str:
    """What `write` says with the bank's two instants looked up where they are needed: for lists that would otherwise join every
    request there is for the sake of the few that a bank kept waiting."""
    looked_up = "(SELECT sq.bank_{0}_at FROM sla_servicerequest sq WHERE sq.id = {{request}})"
    return write(sql).replace("{begun}", looked_up.format("begun")).replace("{settled}", looked_up.format("settled"))


def status_awaiting_result(sql: Dialect) -> str:
    return _asked_of_request(status_before_result, sql)


def last_moment_awaiting_result(sql: Dialect) -> str:
    return _asked_of_request(last_moment_sql, sql)


def _before_result(sql: Dialect) -> str:
    has_revision = "EXISTS (SELECT 1 FROM reports_revision sr WHERE sr.report_id = {pk})"
    return f"""WHEN {{state}} = '{S.RETURNED}' AND {{correction_due_at}} <= {{at}} THEN '{R.UNDER_REVIEW}'
        WHEN {{state}} IN ('{S.NOT_STARTED}', '{S.DRAFT}', '{S.AWAITING_SIGN_OFF}') AND {passed(sql)}
            THEN CASE WHEN {has_revision} THEN '{R.SUBMITTED}' ELSE '{R.MISSED}' END"""


def timeliness(sql: Dialect) -> str:
    """A word of `Timeliness`, or "" while the report can still come. A submission that was taken back is none until its last
    moment has passed; then it counts again. `submitted_at` is set as long as there is a revision."""
    first = (
        "(SELECT sr.standing FROM reports_revision sr WHERE sr.report_id = {pk} AND sr.correction_round = 0 "
        "ORDER BY sr.number DESC LIMIT 1)"
    )
    return f"""CASE
        WHEN {{state}} = '{S.EXCUSED}' THEN '{Timeliness.EXCUSED}'
        WHEN {{state}} = '{S.CANCELLED}' OR {{call_state}} = '{CallState.CANCELLED}' THEN ''
        WHEN {{state}} IN ('{S.NOT_STARTED}', '{S.DRAFT}', '{S.AWAITING_SIGN_OFF}') AND NOT ({passed(sql)}) THEN ''
        WHEN {{submitted_at}} IS NULL THEN '{Timeliness.MISSED}'
        ELSE {first} END"""


def force_ends(sql: Dialect) -> str:
    """The last deadline, or the cancelling or excusing before it. Grace, corrections and a bank's delay are no part of it."""
    until = deadline_sql(sql)
    return sql.least(until, f"COALESCE({{cancelled_at}}, {until})", f"COALESCE({{excused_at}}, {until})")
