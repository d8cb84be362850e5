"""Contesting an act other than the result, from either side, within the objection days of the act."""

from collections.abc import Sequence

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sla.actions.disputes import open_dispute, the_same_filing
from sla.files.attachments import inspect_all
from sla.models import Dispute
from units.actions.events import record
from units.models import Person

from ..enums import ReportVerb
from ..models import Report
from ..queries.lines import once_in_line
from ..rules import side_over_report
from ..rules.contestable_acts import Act, act_of
from .locking import lock_report, require


def contest_act(
    *, report: Report, subject: str, key: int, text: str, by: Person, files: Sequence[File] = ()
) -> Dispute:
    """File a dispute over an extension not granted, a return, a fee or a missed deadline. The act is position 0.

    The head files for the unit, a coordinator of the provider for the provider. A second click gives the dispute that the
    first one opened. Refused: no-act, dispute-open, decided-already, objection-window-passed.
    """
    inspected = inspect_all(files)
    with transaction.atomic():
        report, at = lock_report(report)
        acting = require(
            side_over_report(by, report, at),
            _("A dispute is filed by the head of the unit or by a coordinator of the provider."),
        )
        act = act_of(report, subject, key, at)
        if act is None:
            raise Refused(
                _("There is nothing of this kind to contest any more. Reload the page of the report."), code="no-act"
            )
        if act.dispute and act.is_disputed and act.dispute.filed_by_id == by.pk:
            return the_same_filing(act.dispute, text, inspected)
        _require_contestable(act, at)
        dispute = open_dispute(
            unit=report.unit, agreement=report.call.agreement, subject=act.subject, noun=act.noun, key=str(act.key),
            title=report.call.title, text=text, inspected=inspected, side=acting[0], at=at, by=by, membership=acting[1],
            call_id=report.call_id, position=act.text,
            without_vote=Person.objects.filter(pk__in=once_in_line(report, at)),
        )  # fmt: skip
        record(
            ReportVerb.CONTEST_ACT, noun="report", key=report.tracking_code, at=at, by=by, membership=acting[1],
            path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
            data={"subject": str(act.subject), "of": act.key, "dispute": dispute.pk},
        )  # fmt: skip
        return dispute


def _require_contestable(act: Act, at) -> None:
    if act.is_disputed:
        raise Refused(_("A dispute over this is open already. Go on in its thread."), code="dispute-open")
    if act.dispute is not None:
        raise Refused(
            _("A dispute over this has ended, and what it ended with stands. Its thread stays readable."),
            code="decided-already",
        )
    if at >= act.until:
        raise Refused(_("The days for objecting to this have passed; it stands."), code="objection-window-passed")
