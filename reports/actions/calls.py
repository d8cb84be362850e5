"""A coordinator's verbs over a call: write it, publish it, move its instants, ask and excuse units, cancel it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import TRACKING_GROUPS, new_code
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.clocks import open_requests, void_clocks
from sla.enums import AgreementState, RequestKind
from sla.gateways import require_gateway
from sla.models import RequestType
from sla.queries import pinned_documents
from sla.queries.tariffs import tariff_for
from sla.rules import provider_membership
from units.actions.events import record, tell
from units.models import Event, Membership, Person, Unit

from .. import notices
from ..enums import CallState, ReportState, ReportVerb
from ..models import Call, CallDocument, Report
from ..queries import asked_units, form_of
from ..queries.findings import not_reviewed
from ..queries.peers import peers_by_form
from ..queries.terms import terms_told
from ..rules import can_prepare_calls
from ..rules.offered_acts import CANCEL, EXCUSE, EXTENSION
from .assignment import assign_for_new_report
from .deciding import require_decider, require_outside_line, require_over_call
from .locking import hold_service, lock_call, lock_report, next_call_state, next_report_state, require, require_reason
from .peers import check_sources
from .restating import ALL, TIME, restate
from .time_limits import require_askable, require_earlier_closing, require_later_closing, require_more_time

EDITABLE = (
    "title", "period_kind", "period_code", "period_starts", "period_ends", "form_version", "agreement", "request_type", "audience",
    "opens_at", "closes_at", "grace", "correction_days", "correction_rounds", "objection_days", "review_until", "needs_sign_off",
    "reviewers_per_section", "shows_reviewers", "peers",
)  # fmt: skip


def _record(
    verb: ReportVerb, call: Call, *, at: datetime, by: Person | None, membership: Membership | None, data: dict
) -> Event:
    return record(
        verb, noun="call", key=call.pk, at=at, by=by, membership=membership,
        path=call.service.provider.path, unit_id=call.service.provider_id, call_id=call.pk, data=data,
    )  # fmt: skip


def _check_dates(call: Call) -> None:
    if call.closes_at <= call.opens_at:
        raise Refused(_("The call must close after it opens. Choose a later closing."), code="closes-before-opening")
    if call.period_ends < call.period_starts:
        raise Refused(_("The period must end on or after the day it starts."), code="period-order")
    if call.review_until < call.closes_at:
        raise Refused(
            _("Reviewing cannot end before the call closes. Choose a later day."), code="review-before-closing"
        )


def _check_one_service(call: Call) -> RequestType:
    """The agreement and the request type, which is one of reports, are one service's."""
    kind = RequestType.objects.select_related("service").get(pk=call.request_type_id)
    if kind.service_id != call.agreement.service_id:
        raise Refused(_("This request type belongs to another service than the agreement."), code="other-service")
    if kind.kind != RequestKind.PERIODIC_REPORT:
        raise Refused(_("A call asks for reports; choose a request type of that kind."), code="no-report-type")
    return kind


def _check_terms(call: Call) -> None:
    """And both are open."""
    hold_service(call.agreement.service_id)
    kind = _check_one_service(call)
    if kind.service.closed_at:
        raise Refused(_("The service is closed. Open it again on its page first."), code="service-closed")
    if kind.closed_at:
        raise Refused(_("This request type is closed. Choose another, or open it again."), code="type-closed")


def create_call(*, by: Person, **fields) -> Call:
    """Write a call's draft. `fields` as in EDITABLE. Refused where dates are out of order; Forbidden for a non-coordinator."""
    with transaction.atomic():
        at = database_now()
        if not can_prepare_calls(by, at):
            raise Forbidden(_("Only a coordinator writes calls."))
        call = Call(created_at=at, created_by=by, **{name: fields[name] for name in EDITABLE if name in fields})
        _check_dates(call)
        _check_terms(call)
        call.save()
        membership = provider_membership(by, call.service, at)
        _record(ReportVerb.CREATE, call, at=at, by=by, membership=membership, data={"title": call.title})
    return call


def edit_call(*, call: Call, by: Person, **changes) -> Call:
    """Change a draft. A published call changes only through its own verbs."""
    with transaction.atomic():
        call, at = lock_call(call)
        membership = provider_membership(by, call.service, at)
        if not (membership or (call.created_by_id == by.pk and can_prepare_calls(by, at))):
            raise Forbidden(_("Only its writer and the provider’s coordinators change a call’s draft."))
        call.state = next_call_state(call, "edit")
        before = call.service
        changed = [name for name in EDITABLE if name in changes and getattr(call, name) != changes[name]]
        for name in changed:
            setattr(call, name, changes[name])
        _check_dates(call)
        _check_one_service(call)
        if call.service != before:
            _check_terms(call)
        call.save()
        _record(ReportVerb.EDIT, call, at=at, by=by, membership=membership, data=_changed(call, changed))
    return call


def _changed(call: Call, names: list[str]) -> dict:
    """What the Event of a change says: which fields, and what units learn of their reviewers from now on."""
    told = {"shows_reviewers": call.shows_reviewers} if "shows_reviewers" in names else {}
    return {"fields": names, **told}


def publish_call(*, call: Call, by: Person) -> Call:
    """Freeze the terms and make a report with its tracking code for every unit asked. A second click changes nothing."""
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(
            provider_membership(by, call.service, at), _("Only a coordinator of the provider publishes a call.")
        )
        if call.state == CallState.PUBLISHED:
            return call
        call.state = next_call_state(call, "publish")
        _check_publishable(call, at)
        documents = pinned_documents(call.service)  # Refused where workflow, directive or bylaw is missing
        units = list(asked_units(call.audience, at))
        if not units:
            raise Refused(_("Nobody is asked yet. Choose the units of this call first."), code="nobody-asked")
        call.published_at, call.published_by = at, by
        # Frozen here: what is published later moves no price that was told. A late unit gets the same.
        call.tariff = tariff_for(call.request_type, at)
        call.price_rials = call.tariff.rials if call.tariff else 0
        require_gateway(call.price_rials)
        call.peers = call.peers or peers_by_form(form_of(call.form_version))
        call.save(update_fields=["state", "published_at", "published_by", "price_rials", "tariff", "peers"])
        CallDocument.objects.bulk_create(CallDocument(call=call, document=document) for document in documents)
        ask_units(call, units, at=at, by=by, membership=membership)
        _record(
            ReportVerb.PUBLISH, call, at=at, by=by, membership=membership,
            data={
                "units": len(units), "agreement": call.agreement.number, "documents": [d.pk for d in documents],
                "price_rials": call.price_rials, "tariff": call.tariff_id, "shows_reviewers": call.shows_reviewers,
                **terms_told(call),
            },
        )  # fmt: skip
    return call


def _check_publishable(call: Call, at: datetime) -> None:
    _check_dates(call)
    _check_terms(call)
    if call.closes_at <= at:
        raise Refused(_("The closing has passed already. Choose a later closing."), code="closing-passed")
    if call.agreement.state != AgreementState.PUBLISHED:
        raise Refused(_("The agreement version is still a draft. Publish it first."), code="agreement-draft")
    check_sources(call)
    if call.form_version.confirmed_at is None:
        raise Refused(
            _("The form has questions that need your confirmation. Open the form and confirm it first."),
            code="form-unconfirmed",
        )


def ask_units(
    call: Call, units: list[Unit], *, at: datetime, by: Person, membership: Membership | None
) -> list[Report]:
    """Part of publishing and of a late addition: requests and reports in bulk, an Event for each. Runs inside a verb."""
    requests = open_requests(
        units=units, request_type=call.request_type, agreement=call.agreement, price_rials=call.price_rials, at=at,
        tariff=call.tariff,
    )  # fmt: skip
    prefix = call.period_code.replace("-", "").upper()
    asked = [
        Report(
            call=call, unit=unit, unit_name=unit.name, unit_sort_key=unit.sort_key, unit_path=unit.path, unit_kind=unit.kind_id,
            unit_attributes=unit.attributes, request=request, tracking_code=new_code(prefix, groups=TRACKING_GROUPS),
        )
        for unit, request in zip(units, requests, strict=True)
    ]  # fmt: skip
    for report in asked:
        report.not_reviewed = not_reviewed(report)
    reports = Report.objects.bulk_create(asked, batch_size=1000)
    Event.objects.bulk_create(
        [
            Event(
                at=at, verb=ReportVerb.ASK, noun="report", key=report.tracking_code, path=report.unit_path, unit_id=report.unit_id,
                call_id=call.pk, person=by, membership=membership, data={"kind": report.unit_kind, "attributes": report.unit_attributes},
            )
            for report in reports
        ],
        batch_size=1000,
    )  # fmt: skip
    return reports


def open_early(*, call: Call, by: Person, reason: str) -> Call:
    """Open a published call now instead of at its opening."""
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(require_over_call(by, call, at))
        reason = require_reason(reason)
        next_call_state(call, "open_early")
        if call.opens_at <= at:
            raise Refused(_("The call is open already."), code="already-open")
        before, call.opens_at = call.opens_at, at
        call.save(update_fields=["opens_at"])
        _record(
            ReportVerb.OPEN_EARLY,
            call,
            at=at,
            by=by,
            membership=membership,
            data={"before": before.isoformat(), "reason": reason},
        )
    return call


def extend_call(*, call: Call, closes_at: datetime, by: Person, reason: str) -> Call:
    """Move the closing of all units later, before or after it has passed. The review's end moves along.

    A report whose result is announced stays as it is: its state takes no submission.
    """
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(require_over_call(by, call, at))
        reason = require_reason(reason)
        next_call_state(call, "extend")
        require_later_closing(call, closes_at, at)
        before = call.closes_at
        call.review_until += closes_at - before
        call.closes_at, call.closed_early_at = closes_at, None
        call.save(update_fields=["closes_at", "review_until", "closed_early_at"])
        event = _record(
            ReportVerb.EXTEND, call, at=at, by=by, membership=membership,
            data={"before": before.isoformat(), "after": closes_at.isoformat(), "reason": reason},
        )  # fmt: skip
        tell(event, notices.call_extended(call, reason, at))
        restate(
            call,
            TIME,
            act_noun=EXTENSION,
            act_key=closes_at.isoformat(),
            text=reason,
            at=at,
            by=by,
            membership=membership,
        )
    return call


def close_early(*, call: Call, by: Person, reason: str, closes_at: datetime | None = None) -> Call:
    """Replace the closing by an earlier one: now, or an instant still ahead. Units' own extensions stand."""
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(require_over_call(by, call, at))
        reason = require_reason(reason)
        next_call_state(call, "close_early")
        closes_at = require_earlier_closing(call, closes_at, at)
        before, call.closes_at, call.closed_early_at = call.closes_at, closes_at, at
        call.save(update_fields=["closes_at", "closed_early_at"])
        event = _record(
            ReportVerb.CLOSE_EARLY, call, at=at, by=by, membership=membership,
            data={"before": before.isoformat(), "after": closes_at.isoformat(), "reason": reason},
        )  # fmt: skip
        tell(event, notices.call_closes_early(call, reason, at))
    return call


def extend_unit(*, report: Report, until: datetime, by: Person, reason: str) -> Report:
    """Move one unit's last moment later, before or after it has passed. Refused once its result is announced."""
    with transaction.atomic():
        report, at = lock_report(report, alone=True)
        membership = require_decider(by, report, at)
        reason = require_reason(reason)
        next_call_state(report.call, "extend_unit")
        grant_extension(report, until, at=at, by=by, membership=membership, reason=reason)
    return report


def grant_extension(
    report: Report, until: datetime, *, at: datetime, by: Person, membership: Membership, reason: str
) -> Event:
    """Part of `extend_unit` and of granting a request: the report is locked, the caller has asked who may."""
    require_more_time(report, until, at)
    before, report.extension_until = report.extension_until, until
    report.save(update_fields=["extension_until"])
    event = record(
        ReportVerb.EXTEND, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
        unit_id=report.unit_id, call_id=report.call_id,
        data={"before": before.isoformat() if before else None, "after": until.isoformat(), "reason": reason},
    )  # fmt: skip
    tell(event, notices.unit_extended(report, reason, at))
    restate(
        report, TIME, act_noun=EXTENSION, act_key=until.isoformat(), text=reason, at=at, by=by, membership=membership
    )
    return event


def ask_unit(*, call: Call, unit: Unit, by: Person, reason: str, until: datetime | None = None) -> Report:
    """Add a unit to a published call. After the closing it needs an extension of its own, `until`."""
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(provider_membership(by, call.service, at))
        require_outside_line(by, unit, call, at)
        reason = require_reason(reason)
        next_call_state(call, "ask_unit")
        require_askable(call, unit, until, at)
        report = ask_units(call, [unit], at=at, by=by, membership=membership)[0]
        if until:
            report.extension_until = until
            report.save(update_fields=["extension_until"])
        assign_for_new_report(report, at=at)
        event = record(
            ReportVerb.ASK_LATE, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
            unit_id=unit.pk, call_id=call.pk, data={"reason": reason, "until": until.isoformat() if until else None},
        )  # fmt: skip
        if call.opens_at <= at:
            tell(event, notices.unit_asked(report, at))
    return report


def excuse_unit(*, report: Report, by: Person, reason: str) -> Report:
    """Take a unit out of the call's denominators. Possible until its result is announced."""
    with transaction.atomic():
        report, at = lock_report(report, alone=True)
        membership = require_decider(by, report, at)
        excuse_report(report, reason=require_reason(reason), at=at, by=by, membership=membership)
    return report


def excuse_report(report: Report, *, reason: str, at: datetime, by: Person, membership: Membership) -> None:
    """Part of `excuse_unit` and of settling a dispute: call and report are locked, the caller has asked who may."""
    next_call_state(report.call, "excuse_unit")
    report.state = next_report_state(report, "excuse")
    report.excused_at, report.excused_by, report.correction_due_at = at, by, None
    report.save(update_fields=["state", "excused_at", "excused_by", "correction_due_at"])
    void_clocks([report.request_id], at=at)
    event = record(
        ReportVerb.EXCUSE, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
        unit_id=report.unit_id, call_id=report.call_id, data={"reason": reason},
    )  # fmt: skip
    tell(event, notices.unit_excused(report, reason, at))
    restate(
        report, ALL, act_noun=EXCUSE, act_key=report.tracking_code, text=reason, at=at, by=by, membership=membership
    )


def cancel_call(*, call: Call, by: Person, reason: str) -> Call:
    """Cancel a published call until its first announcement: reports become read-only, their clocks are void."""
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(require_over_call(by, call, at))
        reason = require_reason(reason)
        call.state = next_call_state(call, "cancel")
        if call.first_announced_at:
            raise Refused(_("A result of this call is announced; it can no longer be cancelled."), code="announced")
        call.cancelled_at, call.cancelled_by = at, by
        call.save(update_fields=["state", "cancelled_at", "cancelled_by"])
        reports = Report.objects.filter(call=call).exclude(state=ReportState.EXCUSED)
        void_clocks(list(reports.values_list("request_id", flat=True)), at=at)
        count = reports.update(state=ReportState.CANCELLED, correction_due_at=None)
        event = _record(
            ReportVerb.CANCEL, call, at=at, by=by, membership=membership, data={"reason": reason, "reports": count}
        )
        tell(event, notices.call_cancelled(call, reason, at))
        restate(call, ALL, act_noun=CANCEL, act_key=str(call.pk), text=reason, at=at, by=by, membership=membership)
    return call


def clone_call(*, call: Call, by: Person, shift: timedelta, **changes) -> Call:
    """A new draft like this call, its instants moved by `shift`; `changes` (title, period…) as in EDITABLE."""
    fields = {name: getattr(call, name) for name in EDITABLE}
    for name in ("opens_at", "closes_at", "review_until"):
        fields[name] = fields[name] + shift
    return create_call(by=by, **{**fields, **changes})
