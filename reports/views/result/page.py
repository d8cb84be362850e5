"""The result of a report: its score and every reason for it, what may still happen to it, and all its versions."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib import periods
from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.sql import prepared
from sla.enums import Side
from units.pages.frame import SignedInRequest
from units.queries.events import history

from ...actions.objections import OfferRefused
from ...actions.results import open_dispute_over_result
from ...actions.revising import revise_result
from ...enums import ReportStatus
from ...models import Report, ResultVersion
from ...pages.disputes.closed import why_not_contest
from ...pages.disputes.offer import read_typed, sheet_of
from ...pages.report.history import STEPS, report_steps
from ...pages.result.letter import reason_of, status_sentence
from ...pages.result.page import result_view
from ...queries import form_of, report_for
from ...queries.claimed_scores import claim_of_revision
from ...queries.lines import learns_reviewers
from ...queries.peers import GroupNames, peer_group
from ...queries.results import peers_of, previous_version, versions_of
from ...rules import can_announce, can_contest, contesting_side


def chosen_version(request: SignedInRequest, versions: list[ResultVersion]) -> ResultVersion:
    """The version that `?version=` names, else the one that stands. Http404 where none bears the number."""
    wanted = request.GET.get("version", "")
    if not wanted:
        return versions[-1]
    found = next((v for v in versions if str(v.number) == wanted), None)
    if found is None:
        raise Http404
    return found


@access("can_read")
@require_GET
@prepared()
def report_result(request: SignedInRequest, code: str) -> HttpResponse:
    at = database_now()
    report = report_for(request.user, code, at)
    call = report.call
    context = {
        "report": report,
        "call": call,
        "period": periods.label(call.period_kind, call.period_starts, call.period_ends),
    }
    versions = versions_of(report)
    if not versions:
        return render(request, "reports/result/none.html", context)
    version = chosen_version(request, versions)
    peers, before = peers_of(report), previous_version(report)
    names = learns_reviewers(request.user, report, at)
    definition, language = form_of(call.form_version), current_language()
    claimed = claim_of_revision(report, version.revision) if version.revision else None
    context |= {
        "version": version,
        "stands": version == versions[-1],
        "versions": versions,
        "result": result_view(version, definition, language, peers, before, names=names, claimed=claimed),
        "peers": peers,
        "group": GroupNames(call).phrase(peer_group(report)),
        "before": before,
        "change": _change(version, before),
        "steps": _steps(report, at, names),
        "dispute": open_dispute_over_result(report, at),
        "may_contest": can_contest(request.user, report, at),
        "why_not": why_not_contest(request.user, report, at),
        "stands_how": status_sentence(report, versions[-1], versions[-1], current_language()),
        "reason": reason_of(version, current_language()),
        "may_tick": can_contest(request.user, report, at) and _speaks_for_the_unit(request.user, report, at),
        "may_revise": may_revise(request.user, report, at),
    }
    return render(request, "reports/result/page.html", context)


def _speaks_for_the_unit(person, report: Report, at: datetime) -> bool:
    """Single indicators are contested by the unit: it stands by figures of its own."""
    acting = contesting_side(person, report, at)
    return acting is not None and acting[0] == Side.RECIPIENT and report.revisions.exists()


def may_revise(person, report: Report, at: datetime) -> bool:
    return report.status in (ReportStatus.ANNOUNCED, ReportStatus.CONTESTED) and can_announce(person, report, at)


def _change(version: ResultVersion, before: ResultVersion | None):
    if before is None or before.total is None or version.total is None or before.missed or version.missed:
        return None
    return version.total - before.total


def _steps(report: Report, at: datetime, names: bool) -> list[dict]:
    """What happened, and what will: the end of the objection window."""
    steps = report_steps(history("report", report.tracking_code).filter(verb__in=list(STEPS)), names=names)
    if report.status == ReportStatus.ANNOUNCED and report.objection_until:
        steps.append(
            {
                "icon": "s-final",
                "title": _("Final, if nobody objects"),
                "note": "",
                "at": report.objection_until,
                "now": False,
                "todo": True,
            }
        )
    return steps


@access("can_announce", fresh=DECIDING)
def result_revise(request: SignedInRequest, code: str) -> HttpResponse:
    """Announce another version: which findings change, and why. The old one stays."""
    at = database_now()
    report = report_for(request.user, code, at)
    if not can_announce(request.user, report, at):
        raise Forbidden(_("Only a coordinator of the provider announces results."))
    if not may_revise(request.user, report, at):
        raise Refused(_("Only an announced result that is not final has another version."), code="wrong-state")
    reason, trouble, errors = request.POST.get("reason", ""), "", {}
    if request.method == "POST":
        try:
            revise_result(report=report, typed=read_typed(report, request.POST), reason=reason, by=request.user)
        except OfferRefused as refusal:
            trouble, errors = str(refusal), refusal.errors
        except Refused as refusal:
            if refusal.code not in ("no-change", "no-reason"):
                raise
            trouble = str(refusal)
        else:
            messages.success(request, _("The new version is announced; the unit is told."))
            return redirect("reports:report_result", code)
    context = {
        "report": report,
        "call": report.call,
        "sheet": sheet_of(report, request.POST, errors, current_language()),
        "reason": reason,
        "trouble": trouble,
        "dispute": open_dispute_over_result(report, at),
    }
    return render(request, "reports/result/revise.html", context, status=422 if trouble else 200)
