"""The sections of a draft: written, added, moved, taken out; and the rule by which it counts a dispute's month."""

from datetime import datetime
from itertools import chain, count

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record
from units.models import Membership, Person

from ..enums import AgreementVerb, DisputeRule
from ..models import AgreementSection, AgreementVersion
from ..text.canonical import digest_of
from ..text.richtext import clean_rich_text, says_something
from .agreements import lock_agreement, next_version_state, provider_of

# Between the positions in use and where sections wait while they change places: positions are unique at every instant.
ASIDE = 1000


def edit_section(
    *,
    agreement: AgreementVersion,
    key: str,
    heading: str,
    body: str,
    by: Person,
    heading_en: str = "",
    body_en: str = "",
    seen: str = "",
) -> AgreementSection:
    """Change one section of a draft. The last-edit date of the version becomes today.

    `seen`: the digest of the section as the writer saw it; Refused (`section-changed`) where it is another by now, so
    that of two people who write at once neither overwrites the other unawares.
    """
    with transaction.atomic():
        agreement, at, membership = _draft(agreement, by)
        section = _section(agreement, key)
        if seen and seen != digest_of(section):
            raise Refused(
                _(
                    "Somebody has changed this section since you opened it. What is stored stands below your text; "
                    "bring the two together and save again."
                ),
                code="section-changed",
            )
        _write(section, heading, body, heading_en, body_en)
        section.save()
        _changed(AgreementVerb.EDIT_SECTION, agreement, at, by, membership, section=key)
        return section


def add_section(
    *, agreement: AgreementVersion, heading: str, body: str, by: Person, heading_en: str = "", body_en: str = ""
) -> AgreementSection:
    """A new section at the end of a draft. Its key is new to the service, so that versions stay comparable."""
    with transaction.atomic():
        agreement, at, membership = _draft(agreement, by)
        last = agreement.sections.order_by("-position").first()
        section = AgreementSection(agreement=agreement, position=last.position + 1 if last else 1)
        _write(section, heading, body, heading_en, body_en)
        section.key = _new_key(agreement, section.heading_en)
        section.save()
        _changed(AgreementVerb.ADD_SECTION, agreement, at, by, membership, section=section.key, heading=section.heading)
        return section


def remove_section(*, agreement: AgreementVersion, key: str, by: Person) -> None:
    """Take a section out of a draft. The version in force keeps its own."""
    with transaction.atomic():
        agreement, at, membership = _draft(agreement, by)
        section = _section(agreement, key)
        heading = section.heading
        section.delete()
        _changed(AgreementVerb.REMOVE_SECTION, agreement, at, by, membership, section=key, heading=heading)


def move_section(*, agreement: AgreementVersion, key: str, up: bool, by: Person) -> None:
    """Change places with the section before (`up`) or after. At the end of the line nothing happens."""
    with transaction.atomic():
        agreement, at, membership = _draft(agreement, by)
        section = _section(agreement, key)
        rows = agreement.sections
        if up:
            other = rows.filter(position__lt=section.position).order_by("-position").first()
        else:
            other = rows.filter(position__gt=section.position).order_by("position").first()
        if other is None:
            return
        first, second = section.position, other.position
        for moved, position in ((section, first + ASIDE), (other, first), (section, second)):
            moved.position = position
            moved.save(update_fields=["position"])
        _changed(AgreementVerb.MOVE_SECTION, agreement, at, by, membership, section=key, to=second)


def change_dispute_rule(*, agreement: AgreementVersion, rule: str, by: Person) -> AgreementVersion:
    """By which rule disputes filed under this version count the month of negotiation."""
    with transaction.atomic():
        agreement, at, membership = _draft(agreement, by)
        if rule not in DisputeRule.values:
            raise Refused(_("There is no such rule for counting the month."), code="unknown-rule")
        before, agreement.dispute_rule = agreement.dispute_rule, rule
        if before != rule:
            agreement.save(update_fields=["dispute_rule"])
            _changed(AgreementVerb.CHANGE_RULE, agreement, at, by, membership, before=before, after=rule)
        return agreement


def _draft(agreement: AgreementVersion, by: Person) -> tuple[AgreementVersion, datetime, Membership]:
    """The locked draft, the instant after the lock, and the membership that may write it."""
    locked, at = lock_agreement(agreement)
    membership = provider_of(by, locked.service, at)
    next_version_state(locked, "edit")
    return locked, at, membership


def _section(agreement: AgreementVersion, key: str) -> AgreementSection:
    section = agreement.sections.filter(key=key).first()
    if section is None:
        raise Refused(
            _("This section is no longer in the draft. Open the draft again to see how it stands."), code="no-section"
        )
    return section


def _write(section: AgreementSection, heading: str, body: str, heading_en: str, body_en: str) -> None:
    section.heading, section.heading_en = normalise(heading), normalise(heading_en)
    section.body, section.body_en = clean_rich_text(body), clean_rich_text(body_en)
    if not (section.heading and says_something(section.body)):
        raise Refused(_("A section needs a heading and a text in Persian."), code="section-empty")


def _new_key(agreement: AgreementVersion, heading_en: str) -> str:
    """A key that no version of the service uses: from the English heading, else a number."""
    used = set(
        AgreementSection.objects.filter(agreement__service=agreement.service_id)
        .values_list("key", flat=True)
        .distinct()
    )
    stem = slugify(heading_en)[:40]
    names = chain([stem] if stem else [], (f"{stem or 'clause'}-{number}" for number in count(2 if stem else 1)))
    return next(name for name in names if name not in used)


def _changed(
    verb: AgreementVerb, agreement: AgreementVersion, at: datetime, by: Person, membership: Membership, **data: object
) -> None:
    """The version was edited today, and the trail says by whom."""
    agreement.edited_on = tehran_date(at)
    agreement.save(update_fields=["edited_on"])
    provider = agreement.service.provider
    record(
        verb, noun="agreement", key=agreement.pk, at=at, by=by, membership=membership, path=provider.path,
        unit_id=provider.pk, data=data,
    )  # fmt: skip
