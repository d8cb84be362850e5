"""Agreement versions: drafted, published for ever, accepted or refused by the heads of units."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record, tell
from units.models import Membership, Person, Unit

from .. import notices, rules
from ..enums import AGREEMENT_TRANSITIONS, AgreementState, AgreementVerb, Answer, DisputeRule
from ..models import Acceptance, AgreementSection, AgreementVersion, Service
from ..models.headers import HEADER_FIELDS, Header
from ..queries import acceptance_of, current_agreement
from ..text.canonical import SECTION_FIELDS, text_hash
from ..text.first_terms import SECTIONS
from ..text.richtext import clean_rich_text


def draft_agreement(
    *, service: Service, by: Person, sections: Iterable | None = None, dispute_rule: str = DisputeRule.CLEAR_DAYS
) -> AgreementVersion:
    """A new draft; without `sections` (objects with key, heading, body, heading_en, body_en) a copy of the version in force,
    and where there is none the shipped template."""
    with transaction.atomic():
        Service.objects.select_for_update().get(pk=service.pk)
        at = database_now()
        membership = provider_of(by, service, at)
        versions = service.agreement_versions
        if versions.filter(state=AgreementState.DRAFT).exists():
            raise Refused(_("There is a draft already. Edit it, or publish it first."), code="draft-exists")
        if sections is None:
            current = current_agreement(service)
            sections = list(current.sections.all()) if current else SECTIONS
        number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
        agreement = AgreementVersion.objects.create(
            service=service, number=number, edited_on=tehran_date(at), dispute_rule=dispute_rule
        )
        AgreementSection.objects.bulk_create(
            AgreementSection(agreement=agreement, position=place, **_section_text(section))
            for place, section in enumerate(sections, 1)
        )
        record(
            AgreementVerb.DRAFT, noun="agreement", key=agreement.pk, at=at, by=by, membership=membership,
            path=service.provider.path, unit_id=service.provider_id, data={"version": number},
        )  # fmt: skip
        return agreement


def publish_agreement(*, agreement: AgreementVersion, by: Person) -> AgreementVersion:
    """From now on this version is in force, its text immutable, its hash fixed; every head is asked to accept it."""
    with transaction.atomic():
        agreement, at = lock_agreement(agreement)
        membership = provider_of(by, agreement.service, at)
        state = next_version_state(agreement, "publish")
        sections = list(agreement.sections.all())
        if not sections:
            raise Refused(_("An agreement without sections cannot be published."), code="no-sections")
        header = Header.of(agreement.service)
        for name, text in zip(HEADER_FIELDS, header.as_list(), strict=True):
            setattr(agreement, name, text)
        agreement.text_hash = text_hash(
            agreement.number, agreement.edited_on, agreement.dispute_rule, header.as_list(), sections
        )
        agreement.state, agreement.published_at, agreement.published_by = state, at, by
        agreement.save()
        event = record(
            AgreementVerb.PUBLISH, noun="agreement", key=agreement.pk, at=at, by=by, membership=membership,
            path=agreement.service.provider.path, unit_id=agreement.service.provider_id,
            data={"version": agreement.number, "hash": agreement.text_hash},
        )  # fmt: skip
        tell(event, notices.agreement_published(agreement, at))
        return agreement


def answer_agreement(
    *, agreement: AgreementVersion, unit: Unit, answer: str, by: Person, reason: str = ""
) -> Acceptance:
    """The head accepts or refuses this version for the unit, over the hash of its text.

    A second acceptance gives the first one again, so does the same refusal; after an acceptance a refusal is refused.
    The unit's row is the lock: two clicks at once make one acceptance, and the database keeps a second one out.
    """
    with transaction.atomic():
        unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        agreement = AgreementVersion.objects.select_related("service__provider").get(pk=agreement.pk)
        at = database_now()
        membership = rules.head_membership(by, unit, at)
        if membership is None:
            raise Forbidden(_("Only the head of this unit answers to the agreement on its behalf."))
        if agreement.state != AgreementState.PUBLISHED:
            raise Refused(_("This version is still a draft; there is nothing to accept yet."), code="not-published")
        accepted = acceptance_of(unit, agreement)
        if accepted and answer == Answer.ACCEPTED:
            return accepted
        if accepted:
            raise Refused(
                _(
                    "The unit has accepted this version on record. It stays in force; a disagreement is filed as a dispute."
                ),
                code="already-accepted",
            )
        reason = normalise(reason) if answer == Answer.REFUSED else ""
        if answer == Answer.REFUSED and len(reason) < 3:
            raise Refused(_("Write why the unit refuses; the organization reads it."), code="no-reason")
        last = Acceptance.objects.filter(agreement=agreement, unit=unit).order_by("-id").first()
        if last and last.answer == answer and last.reason == reason:
            return last
        given = Acceptance.objects.create(
            agreement=agreement, unit=unit, answer=Answer(answer), reason=reason, text_hash=agreement.text_hash,
            at=at, by=by, membership=membership,
        )  # fmt: skip
        event = record(
            AgreementVerb.ACCEPT if answer == Answer.ACCEPTED else AgreementVerb.REFUSE,
            noun="agreement", key=agreement.pk, at=at, by=by, membership=membership, path=unit.path, unit_id=unit.pk,
            data={"acceptance": given.pk, "hash": agreement.text_hash, "reason": reason},
        )  # fmt: skip
        tell(event, notices.agreement_answered(given, at))
        return given


def lock_agreement(agreement: AgreementVersion) -> tuple[AgreementVersion, datetime]:
    """The row under lock, and the instant after it."""
    locked = AgreementVersion.objects.select_for_update(of=("self",)).select_related("service__provider")
    return locked.get(pk=agreement.pk), database_now()


def next_version_state(agreement: AgreementVersion, action: str) -> str:
    """Where the action leads. Refused (`agreement-published`) where the version takes none."""
    target = AGREEMENT_TRANSITIONS.get((AgreementState(agreement.state), action))
    if target is None:
        raise Refused(
            _("A published version never changes. Start a new draft from it instead."), code="agreement-published"
        )
    return target


def provider_of(by: Person, service: Service, at: datetime) -> Membership:
    """The membership that speaks for the provider. Forbidden for anybody else."""
    membership = rules.provider_membership(by, service, at)
    if membership is None:
        raise Forbidden(_("Only a coordinator of the providing unit does this."))
    return membership


def _section_text(section) -> dict:
    text = {name: getattr(section, name) for name in SECTION_FIELDS}
    headings = {name: normalise(text[name]) for name in ("heading", "heading_en")}
    return {**text, **headings, "body": clean_rich_text(text["body"]), "body_en": clean_rich_text(text["body_en"])}
