"""Disputes: filed, argued, answered with the provider’s view. Offers: offers.py; ends: dispute_ends.py.

Every verb locks the dispute's row first and reads the clock after it: an acceptance that waited for the end of the month
is judged by the time after the wait. The functions that take `at` and `membership` are parts of verbs of `reports`,
called inside their transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record, tell
from units.models import Event, Membership, Person, Unit

from .. import notices, rules
from ..calendar.dispute_end import REACH, compute
from ..enums import (
    DISPUTE_TRANSITIONS,
    AgreementState,
    AgreementVerb,
    DisputeStatus,
    OfferState,
    Outcome,
    RequestKind,
    Side,
    Subject,
)
from ..files.attachments import inspect_all
from ..models import AgreementVersion, Dispute, DisputeFile, DisputeMessage, Position
from ..queries import working_calendar
from .filing import answer, file_under


# ---------------------------------------------------------------------------------------------- filing
def file_dispute(
    *, unit: Unit, agreement: AgreementVersion, section: str, text: str, by: Person, files: Sequence[File] = ()
) -> Dispute:
    """File a question of interpretation of one section of the agreement, at any time, from either side.

    It starts without a position of the provider. The same click twice is one dispute; otherwise refused while one over the
    same section is open between the two.
    """
    inspected = inspect_all(files)
    with transaction.atomic():
        unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        at = database_now()
        acting = rules.filing_side(by, unit, agreement.service, at)
        if acting is None:
            raise Forbidden(_("A dispute is filed by the head of the unit or by a coordinator of the provider."))
        if agreement.state != AgreementState.PUBLISHED:
            raise Refused(_("This version is a draft; there is nothing to interpret yet."), code="not-published")
        heading = agreement.sections.filter(key=section).values_list("heading", flat=True).first()
        if heading is None:
            raise Refused(_("Choose the section of the agreement that the dispute is about."), code="no-section")
        noun, key = "agreement_section", f"{agreement.pk}:{section}"
        mine = Dispute.objects.filter(unit=unit, subject_noun=noun, subject_key=key, outcome="", filed_by=by).first()
        if mine is not None:
            return the_same_filing(mine, text, inspected)
        return open_dispute(
            unit=unit, agreement=agreement, subject=Subject.INTERPRETATION, noun=noun, key=key, title=heading, text=text, inspected=inspected, side=acting[0], at=at, by=by, membership=acting[1],
        )  # fmt: skip


def open_dispute(
    *,
    unit: Unit,
    agreement: AgreementVersion,
    subject: str,
    noun: str,
    key: str,
    title: str,
    text: str,
    inspected: Sequence[tuple],
    side: str,
    at: datetime,
    by: Person,
    membership: Membership,
    call_id: int | None = None,
    position: str | None = None,
    without_vote: Iterable[Person] = (),
) -> Dispute:
    """Part of every filing: the end of the month computed once with its calendar, a free request whose clock runs, the
    first message. `position`: the words of the contested act, which stands as position 0; None starts with none.
    `without_vote`: who made the contested score, and who was in the unit's line while the report was open; they decide
    nothing in the dispute over it.
    """
    text = required_text(text)
    filed_on = tehran_date(at)
    end = compute(at, agreement.dispute_rule, working_calendar(filed_on, filed_on + REACH))
    service = agreement.service
    request = file_under(
        unit=unit, request_type=service.request_types.get(kind=RequestKind.OBJECTION), agreement=agreement, at=at,
        free=True,
    )  # fmt: skip
    try:
        with transaction.atomic():
            dispute = Dispute.objects.create(
                request=request, agreement=agreement, unit=unit, subject=subject, subject_noun=noun, subject_key=key,
                call_id=call_id, title=title[:200], filed_at=at, filed_by=by, filed_side=side,
                rule=agreement.dispute_rule, last_day=end.last_day, final_at=end.final_at, calendar=end.snapshot,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(_("A dispute over this is open already. Go on in its thread."), code="dispute-open") from error
    dispute.without_vote.set(without_vote)
    if position is not None:
        Position.objects.create(
            dispute=dispute, number=0, text=position, act_noun=noun, act_key=key, at=at, by=None, membership=None
        )
    event = record_dispute(
        AgreementVerb.FILE, dispute, at=at, by=by, membership=membership, data={"final_at": end.final_at.isoformat()}
    )
    add_message(dispute, side=side, text=text, inspected=inspected, at=at, by=by, membership=membership)
    tell(event, notices.dispute_filed(dispute, at))
    return dispute


def the_same_filing(dispute: Dispute, text: str, inspected: Sequence[tuple], *, alike: bool = True) -> Dispute:
    """The open dispute, where exactly this opened it: a second click, a reload. Refused for other words or files, which
    would go lost behind a success; `alike`: whether what the caller files beside them is the same as well."""
    first = dispute.messages.order_by("pk").first()
    if first is None or not alike or not _is_same(first, text, inspected):
        raise Refused(
            _(
                "You have opened a dispute over this already, with other words. What stands here now was not filed; write it as a message in its thread."
            ),
            code="dispute-open",
        )
    return dispute


# ------------------------------------------------------------------------------------------- the thread
def write_message(*, dispute: Dispute, text: str, by: Person, files: Sequence[File] = ()) -> DisputeMessage:
    """Add to the thread, for one's side. It stays as written. The same sent twice in a row is one message."""
    inspected = inspect_all(files)
    with transaction.atomic():
        dispute, at = lock_dispute(dispute)
        side, membership = acting_side(by, dispute, at)
        next_status(dispute, "write")
        if (again := _just_sent(dispute, by, text, inspected)) is not None:
            return again
        message = add_message(dispute, side=side, text=text, inspected=inspected, at=at, by=by, membership=membership)
        _tell_of_message(message, by, membership, at)
        return message


def write_for_provider(
    *, dispute: Dispute, text: str, by: Person, membership: Membership, at: datetime, inspected: Sequence[tuple]
) -> DisputeMessage:
    """Part of a verb of `reports`, which has locked the dispute and knows that `by` reviewed what is contested."""
    next_status(dispute, "write")
    if (again := _just_sent(dispute, by, text, inspected)) is not None:
        return again
    message = add_message(
        dispute, side=Side.PROVIDER, text=text, inspected=inspected, at=at, by=by, membership=membership
    )
    _tell_of_message(message, by, membership, at)
    return message


def add_message(
    dispute: Dispute,
    *,
    side: str,
    text: str,
    inspected: Sequence[tuple],
    at: datetime,
    by: Person,
    membership: Membership,
) -> DisputeMessage:
    message = DisputeMessage.objects.create(
        dispute=dispute, side=side, text=required_text(text), at=at, by=by, membership=membership
    )
    for upload, found in inspected:
        upload.name = found.name
        DisputeFile.objects.create(
            message=message, name=found.name, file=upload, media_type=found.media_type, size=found.size,
            sha256=found.sha256,
        )  # fmt: skip
    return message


def _just_sent(dispute: Dispute, by: Person, text: str, inspected: Sequence[tuple]) -> DisputeMessage | None:
    """The last message of the thread, where it is this very one: its answer was lost, or the page was sent again."""
    last = dispute.messages.order_by("-pk").first()
    return last if last is not None and last.by_id == by.pk and _is_same(last, text, inspected) else None


def _is_same(message: DisputeMessage, text: str, inspected: Sequence[tuple]) -> bool:
    sent = sorted((found.name, found.sha256) for _upload, found in inspected)
    return message.text == normalise(text) and sorted(message.files.values_list("name", "sha256")) == sent


def _tell_of_message(message: DisputeMessage, by: Person, membership: Membership, at: datetime) -> None:
    event = record_dispute(
        AgreementVerb.WRITE, message.dispute, at=at, by=by, membership=membership, data={"message": message.pk}
    )
    tell(event, notices.message_written(message, at))


# ---------------------------------------------------------------------------------------- the provider’s view
def state_position(*, dispute: Dispute, text: str, by: Person) -> Position:
    """The provider's view in words. During the month it stands until it is replaced; where the month has passed without one
    (a question of interpretation), recording it ends the dispute at that instant. A result is replaced by another result.
    """
    with transaction.atomic():
        dispute, at = lock_dispute(dispute)
        acting = rules.side_of(by, dispute, at)
        if acting is None or acting[0] != Side.PROVIDER:
            raise Forbidden(_("Only a coordinator of the provider states its view."))
        if rules.is_over_a_result(dispute):
            raise Refused(
                _("Here the result is the provider’s view. Announce a new version to replace it."),
                code="act-is-position",
            )
        text = normalise(text)
        if len(text) < 3:
            raise Refused(_("Write the provider’s view in full; it is what stands in the end."), code="empty-text")
        target = next_status(dispute, "state_position")
        position = _add_position(dispute, text=text, at=at, by=by, membership=acting[1])
        event = record_dispute(
            AgreementVerb.STATE_POSITION,
            dispute,
            at=at,
            by=by,
            membership=acting[1],
            data={"position": position.number},
        )
        if target == DisputeStatus.FINAL:
            event = end_dispute(dispute, Outcome.FINAL, ended_at=at, at=at, by=by, membership=acting[1])
            tell(event, notices.dispute_final(dispute, at))
        else:
            tell(event, notices.position_stated(position, at))
        return position


def replace_position(
    dispute: Dispute, *, act_noun: str, act_key: str, text: str, at: datetime, by: Person, membership: Membership | None
) -> Position:
    """Part of announcing inside an open dispute: the new act is the provider's view from now on. `final_at` stays.

    `at` is the act's instant. Locks the dispute and asks the clock again: Refused (`dispute-ended`) once the month is over.
    """
    dispute, _now = lock_dispute(dispute)
    next_status(dispute, "state_position")
    position = _add_position(
        dispute, text=text, at=at, by=by, membership=membership, act_noun=act_noun, act_key=act_key
    )
    event = record_dispute(
        AgreementVerb.REPLACE_POSITION,
        dispute,
        at=at,
        by=by,
        membership=membership,
        data={"position": position.number, "act": f"{act_noun}:{act_key}"},
    )
    tell(event, notices.position_stated(position, at))
    return position


def _add_position(
    dispute: Dispute, *, text: str, at: datetime, by: Person, membership: Membership | None,
    act_noun: str = "", act_key: str = "",
) -> Position:  # fmt: skip
    last = dispute.positions.aggregate(last=Max("number"))["last"]
    return Position.objects.create(
        dispute=dispute, number=0 if last is None else last + 1, text=text, act_noun=act_noun, act_key=act_key,
        at=at, by=by, membership=membership,
    )  # fmt: skip


# ------------------------------------------------------------------------------------- shared by the verbs
def lock_dispute(dispute: Dispute) -> tuple[Dispute, datetime]:
    """Lock the row, then read the clock, then the dispute as of that instant."""
    Dispute.objects.select_for_update().values_list("pk", flat=True).get(pk=dispute.pk)
    at = database_now()
    fresh = Dispute.objects.with_status(at).select_related("unit", "agreement__service__provider", "request")
    return fresh.get(pk=dispute.pk), at


def next_status(dispute: Dispute, action: str) -> DisputeStatus:
    """What the dispute becomes. Refused where it, as time has made it, does not admit the action."""
    target = DISPUTE_TRANSITIONS.get((DisputeStatus(dispute.status), action))
    if target is None:
        raise Refused(
            _("This is not possible: the dispute is “%(status)s”, and nothing is added after its end.")
            % {"status": DisputeStatus(dispute.status).label},
            code="dispute-ended",
        )
    return target


def end_dispute(
    dispute: Dispute, outcome: str, *, ended_at: datetime, at: datetime, by: Person | None,
    membership: Membership | None, data: dict | None = None,
) -> Event:  # fmt: skip
    """Part of each end: the outcome, the offers that lapse, the clock that stops, the Event. The row is locked."""
    dispute.outcome, dispute.ended_at, dispute.ended_by, dispute.recorded_at = outcome, ended_at, by, at
    dispute.save(update_fields=["outcome", "ended_at", "ended_by", "recorded_at"])
    close_books(dispute, ended_at)
    return record_dispute(
        AgreementVerb.END, dispute, at=at, by=by, membership=membership,
        data={"outcome": str(outcome), "ended_at": ended_at.isoformat(), **(data or {})},
    )  # fmt: skip


def close_books(dispute: Dispute, ended_at: datetime) -> None:
    """What ends with every dispute: offers on the table lapse, the service clock stops."""
    lapse_offers(dispute, ended_at)
    answer(dispute.request, ended_at)


def lapse_offers(dispute: Dispute, at: datetime) -> None:
    dispute.offers.filter(state=OfferState.OPEN).update(state=OfferState.LAPSED, decided_at=at)


def record_dispute(
    verb: AgreementVerb, dispute: Dispute, *, at: datetime, by: Person | None, membership: Membership | None, data: dict
) -> Event:
    return record(
        verb, noun="dispute", key=dispute.pk, at=at, by=by, membership=membership, path=dispute.unit.path,
        unit_id=dispute.unit_id, call_id=dispute.call_id, data=data,
    )  # fmt: skip


def acting_side(by: Person, dispute: Dispute, at: datetime) -> tuple[Side, Membership]:
    acting = rules.side_of(by, dispute, at)
    if acting is None:
        raise Forbidden(
            _(
                "In a dispute the head of the unit speaks for the unit and a coordinator of the provider for the provider."
            )
        )
    return acting


def required_text(text: str) -> str:
    text = normalise(text)
    if len(text) < 3:
        raise Refused(_("Write what you have to say; an empty message tells nobody anything."), code="empty-text")
    return text
