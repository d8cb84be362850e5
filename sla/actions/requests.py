"""General requests from the draft to the filing: written by anybody of the unit, filed by whom the type names, paid,
talked about, withdrawn. What is decided: request_decisions.py.

Every verb locks the request's row first and reads the clock after it, so that a decision and a withdrawal at once are one
after the other. Lock order: request, dispute, service request.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record, tell
from units.enums import UNIT_ROLES
from units.models import Event, Membership, Person, Unit
from units.rules import acting_membership

from ..enums import GENERAL_TRANSITIONS, AgreementVerb, GeneralState, GeneralStatus, Side, Subject
from ..files.attachments import inspect_all
from ..models import AgreementVersion, Dispute, GeneralRequest, Payment, RequestFile, RequestMessage, RequestType
from ..notices import requests as notices
from ..queries import current_agreement, has_accepted
from ..queries.payments import is_paid
from ..queries.requests import askable_types, general_request_of
from ..rules.requests import asking_membership, filing_roles, thread_side, withdrawing_roles
from .clocks import pause_clock, resume_clock
from .disputes import lock_dispute, required_text
from .filing import call_off, file_under, take_up
from .payments import look_up, open_attempt, send_to_bank
from .request_files import attach, just_sent

NOT_OVER = {
    Subject.FEE: gettext_lazy("This dispute is over no fee of a request."),
    Subject.REQUEST: gettext_lazy("This dispute is over no decision on a request."),
}


# ---------------------------------------------------------------------------------------------------------- the draft
def draft_request(
    *, unit: Unit, request_type: RequestType, by: Person, reason: str = "", files: Sequence[File] = ()
) -> GeneralRequest:
    """Begin a request of the unit. Nobody but its own people sees it before it is filed. Refused: `no-such-type`."""
    inspected = inspect_all(files)
    with transaction.atomic():
        unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        at = database_now()
        membership = acting_membership(by, unit, None, UNIT_ROLES, at)
        if membership is None:
            raise Forbidden(_("A request is written by the experts and heads of the unit."))
        _require_askable(unit, request_type)
        general = GeneralRequest.objects.create(
            unit=unit, request_type=request_type, reason=normalise(reason), drafted_at=at, drafted_by=by
        )
        attach(general, inspected, at=at, by=by)
        record_request(
            AgreementVerb.DRAFT_REQUEST, general, at=at, by=by, membership=membership, data={"type": request_type.code}
        )
        return general


def edit_request(*, general: GeneralRequest, reason: str, by: Person, files: Sequence[File] = ()) -> GeneralRequest:
    """Write on in the draft; `files` are added to those it has."""
    inspected = inspect_all(files)
    with transaction.atomic():
        general, at = lock_request(general)
        membership = _asking(by, general, at)
        next_request_state(general, "edit")
        reason = normalise(reason)
        if reason == general.reason and not inspected:
            return general
        general.reason = reason
        general.save(update_fields=["reason"])
        attach(general, inspected, at=at, by=by)
        names = [found.name for _upload, found in inspected]
        record_request(AgreementVerb.EDIT_REQUEST, general, at=at, by=by, membership=membership, data={"files": names})
        return general


def remove_request_file(*, file: RequestFile, by: Person) -> None:
    """Take a file out of a draft. A second click changes nothing."""
    with transaction.atomic():
        general, at = lock_request(file.general)
        membership = _asking(by, general, at)
        next_request_state(general, "edit")
        stored = general.files.filter(pk=file.pk).first()
        if stored is None:
            return
        name = str(stored.file.name)
        stored.delete()
        record_request(
            AgreementVerb.EDIT_REQUEST, general, at=at, by=by, membership=membership, data={"removed": stored.name}
        )
        transaction.on_commit(partial(default_storage.delete, name))


# --------------------------------------------------------------------------------------------------- filed, and paid
def file_request(*, general: GeneralRequest, by: Person) -> GeneralRequest:
    """File the draft: under the agreement in force, which the unit has accepted, at the price of today's tariffs.

    The clock starts now, or when the fee has come; then the coordinators are told. A second click changes nothing.
    Refused: unit-ended, no-such-type, no-agreement, not-accepted, no-reason, no-files, no-gateway.
    """
    with transaction.atomic():
        general, at = lock_request(general)
        if general.state == GeneralState.FILED and general.filed_by_id == by.pk:
            return general
        kind = general.request_type
        membership = _asking(by, general, at, filing_roles(kind), _who_files(kind))
        general.state = next_request_state(general, "file")
        agreement = _terms(general)
        if len(general.reason) < 3:
            raise Refused(_("Write what you ask for, and why."), code="no-reason")
        if kind.needs_files and not general.files.exists():
            raise Refused(_("This request needs at least one file. Attach it, then file."), code="no-files")
        general.request = file_under(unit=general.unit, request_type=kind, agreement=agreement, at=at)
        general.filed_at, general.filed_by, general.membership = max(at, general.drafted_at), by, membership
        general.contest_days = kind.contest_days
        general.save(update_fields=["state", "request", "filed_at", "filed_by", "membership", "contest_days"])
        event = record_request(
            AgreementVerb.FILE_REQUEST, general, at=at, by=by, membership=membership,
            data={"request": general.opened.pk, "agreement": agreement.number, "rials": general.opened.price_rials},
        )  # fmt: skip
        if is_paid(general.opened):
            tell(event, notices.request_filed(general, at))
        return GeneralRequest.objects.with_status().get(pk=general.pk)


def _terms(general: GeneralRequest) -> AgreementVersion:
    """The version under which it stands. Refused where its type, or the agreement, does not let it be filed."""
    kind = general.request_type
    _require_askable(general.unit, kind)
    agreement = current_agreement(kind.service)
    if agreement is None:
        raise Refused(
            _("The service has no agreement in force yet, so nothing can be filed. Your draft is kept."),
            code="no-agreement",
        )
    if not has_accepted(general.unit, agreement):
        raise Refused(
            _(
                "The head of the unit accepts the service-level agreement first; then this can be filed. Your draft is kept."
            ),
            code="not-accepted",
        )
    return agreement


def _require_askable(unit: Unit, kind: RequestType) -> None:
    if unit.retired_at:
        raise Refused(
            _("This unit has ended and asks for nothing new. Ask in the name of its successor."), code="unit-ended"
        )
    if not askable_types(unit).filter(pk=kind.pk).exists():
        said = _("“%(type)s” cannot be asked for any more. Choose another type of request.")
        raise Refused(said % {"type": kind.title_here}, code="no-such-type")


def _who_files(kind: RequestType) -> str:
    return _("A request of this type is filed by: %(who)s.") % {"who": kind.get_filers_display()}


def pay_for_request(*, general: GeneralRequest, by: Person, return_url: Callable[[str], str]) -> Payment:
    """An attempt to pay the fee; until it has come nobody decides. Not inside a transaction."""
    if general.request is not None:
        look_up(general.request)
    with transaction.atomic():
        general, at = lock_request(general)
        _asking(by, general, at, filing_roles(general.request_type), _who_files(general.request_type))
        if general.status != GeneralStatus.UNPAID:
            raise Refused(_("There is nothing to pay for this request now. Reload its page."), code="not-payable")
        payment = open_attempt(request=general.opened, by=by, roles=filing_roles(general.request_type))
    return send_to_bank(payment, return_url)


def settle_general_request(pk: int) -> bool:
    """The fee has come: the clock starts at that instant, and the coordinators are told. Whether this run did it."""
    with transaction.atomic():
        general, at = lock_request(GeneralRequest(pk=pk))
        if (GeneralStatus(general.status), "settle") not in GENERAL_TRANSITIONS or not take_up(general.opened, at):
            return False
        event = record_request(AgreementVerb.SETTLE_REQUEST, general, at=at, by=None, membership=None, data={})
        tell(event, notices.request_filed(general, at))
    return True


# ------------------------------------------------------------------------------------------------------ the thread
def write_about_request(
    *, general: GeneralRequest, text: str, by: Person, files: Sequence[File] = ()
) -> RequestMessage:
    """The provider asks: the clock stands still until the unit writes. The unit writes: it runs again.

    It stays as written. The same sent twice in a row is one message.
    """
    inspected = inspect_all(files)
    with transaction.atomic():
        general, at = lock_request(general)
        acting = thread_side(by, general, at)
        if acting is None:
            raise Forbidden(_("The people of the unit write here, and whoever decides about the request."))
        general.state = next_request_state(general, "write")
        if (again := just_sent(general, by, text, inspected)) is not None:
            return again
        side, membership = acting
        message = RequestMessage.objects.create(
            general=general, side=side, text=required_text(text), at=at, by=by, membership=membership
        )
        attach(general, inspected, at=at, by=by, message=message)
        if side == Side.PROVIDER:
            general.asked_at = general.asked_at or at
            pause_clock(general.opened, at)
            verb = AgreementVerb.ASK_ABOUT_REQUEST
        else:
            general.asked_at = None
            resume_clock(general.opened, at)
            verb = AgreementVerb.ANSWER_QUESTION
        general.save(update_fields=["asked_at"])
        event = record_request(verb, general, at=at, by=by, membership=membership, data={"message": message.pk})
        tell(event, notices.written_about_request(message, at))
        return message


# --------------------------------------------------------------------------------------------------------- withdrawn
def withdraw_general_request(*, general: GeneralRequest, by: Person) -> GeneralRequest:
    """The unit asks no more; until it is decided. A fee that was paid is owed back. A second click changes nothing."""
    with transaction.atomic():
        general, at = lock_request(general)
        if general.state == GeneralState.WITHDRAWN:
            return general
        membership = _asking(by, general, at, withdrawing_roles(general), _who_files(general.request_type))
        filed = general.status != GeneralStatus.DRAFT
        general.state = next_request_state(general, "withdraw")
        if filed:
            call_off(general.opened, at)
            at = database_now()  # a settlement under way was waited for; what it took in comes before the withdrawal
        general.withdrawn_at, general.withdrawn_by, general.asked_at = at, by, None
        general.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "asked_at"])
        event = record_request(
            AgreementVerb.WITHDRAW_REQUEST, general, at=at, by=by, membership=membership, data={"filed": filed}
        )
        if filed:
            tell(event, notices.request_withdrawn(general, at))
        return general


# ------------------------------------------------------------------------------------------- shared by the verbs
def lock_request(general: GeneralRequest) -> tuple[GeneralRequest, datetime]:
    """Lock the row, then read the clock, then the request as it stands."""
    GeneralRequest.objects.select_for_update().values_list("pk", flat=True).get(pk=general.pk)
    at = database_now()
    fresh = GeneralRequest.objects.with_status().select_related(
        "unit", "request_type__service__provider", "request__agreement"
    )
    return fresh.get(pk=general.pk), at


def lock_dispute_of_request(dispute: Dispute, subject: Subject) -> tuple[GeneralRequest, Dispute, datetime]:
    """The request that the dispute is over, then the dispute; both as of the clock after the second lock. Refused
    (`no-request`) where it is over something else."""
    found = general_request_of(dispute)
    if found is None or dispute.subject != subject:
        raise Refused(NOT_OVER[subject], code="no-request")
    general, _then = lock_request(found)
    dispute, at = lock_dispute(dispute)
    return general, dispute, at


def next_request_state(general: GeneralRequest, action: str) -> GeneralState:
    """What is stored after the action. Refused (`wrong-state`) where the request, as it stands, does not admit it."""
    state = GENERAL_TRANSITIONS.get((GeneralStatus(general.status), action))
    if state is None:
        said = _("This is not possible any more: the request is “%(status)s”. Reload the page to see how it stands.")
        raise Refused(said % {"status": GeneralStatus(general.status).label}, code="wrong-state")
    return state


def _asking(
    by: Person, general: GeneralRequest, at: datetime, roles: Collection[str] = UNIT_ROLES, said: str = ""
) -> Membership:
    found = asking_membership(by, general, at, roles)
    if found is None:
        raise Forbidden(said or _("A request is written by the experts and heads of the unit."))
    return found


def record_request(
    verb: AgreementVerb, general: GeneralRequest, *, at: datetime, by: Person | None, membership: Membership | None,
    data: dict,
) -> Event:  # fmt: skip
    return record(
        verb, noun="general_request", key=general.pk, at=at, by=by, membership=membership, path=general.unit.path,
        unit_id=general.unit_id, data=data,
    )  # fmt: skip
