"""Tries at a draft from outside its unit: refused whatever happens here, and recorded."""

from datetime import timedelta

from django.db import transaction

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import TRACKING_GROUPS, clean_code
from units.actions.events import record
from units.actions.throttle import count_attempt, throttle_key
from units.models import Person

from ..enums import UNSUBMITTED, ReportState, ReportVerb
from ..models import Report
from ..rules import unit_membership

HOUR = timedelta(hours=1)


def record_draft_try(*, code: str, by: Person) -> bool:
    """Somebody was refused something of this report's draft; whether it was recorded: once an hour for a person and a report.

    Nothing for the unit's own people, for a code that no report has, and where there is no draft: what was submitted is
    everybody's who may read the report. No notice goes out and no page of the person changes, so that nobody learns from it
    whether the report is there. RuntimeError inside a transaction.
    """
    found = Report.objects.filter(tracking_code=clean_code(code, groups=TRACKING_GROUPS)).first()
    if found is None or found.state not in (*UNSUBMITTED, ReportState.RETURNED):
        return False
    if unit_membership(by, found, database_now()):
        return False
    if not count_attempt(throttle_key("draft", str(by.pk), str(found.pk)), 1, HOUR).allowed:
        return False
    with transaction.atomic():
        record(
            ReportVerb.TRY_DRAFT, noun="report", key=found.tracking_code, at=database_now(), by=by, path=found.unit_path,
            unit_id=found.unit_id, call_id=found.call_id,
        )  # fmt: skip
    return True
