"""The letter of a result: who writes to whom, what it says about its own standing, and how one tells that it is ours."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.errors import promised
from sajad_portal.lib.jalali import format_date, to_jalali
from sajad_portal.lib.numbers import format_number, listed, local_digits
from sla.enums import AgreementVerb, DisputeRule, OfferState, Outcome, Side
from sla.models import Dispute, Offer
from sla.queries.services import service_beside
from sla.rules import RESULT
from units.enums import Role
from units.models import Event, Membership, Person
from units.queries import people_with

from ...enums import ReportStatus, ResultKind
from ...models import Report, ResultVersion
from ...queries import asked_of
from ...queries.result_findings import findings_of_version
from ...queries.results import final_instant


@dataclass(frozen=True)
class Signature:
    """Who signs for the provider, and in which seat."""

    person: Person
    membership: Membership | None


@dataclass(frozen=True)
class Letter:
    """What the templates of a letter read, on screen and in print."""

    report: Report
    version: ResultVersion
    number: str
    heads: list[Person]
    signature: Signature
    reason: str
    status: str
    verify_url: str
    verify_address: str  # without the scheme, as one types it
    fingerprint: str
    stands: bool
    service: str  # where there are several


def letter_of(report: Report, version: ResultVersion, standing: ResultVersion, language: str) -> Letter:
    announced_at = promised(version.announced_at, "a letter is of an announced version")
    return Letter(
        report=report,
        version=version,
        number=f"{to_jalali(tehran_date(announced_at))[0]}/{version.pk}",
        heads=list(people_with(report.unit, Role.HEAD, at=announced_at)),
        signature=signature_of(version),
        reason=reason_of(version, language),
        status=status_sentence(report, version, standing, language),
        verify_url=settings.SITE_URL + reverse("reports:verify_code", args=[version.verification_code]),
        verify_address=settings.SITE_URL.partition("://")[2] + reverse("reports:verify"),
        fingerprint=version_fingerprint(version),
        stands=version == standing,
        service=service_beside(report.call),
    )


def signature_of(version: ResultVersion) -> Signature:
    """Whoever speaks for the provider. An offer that the unit's head accepted is the provider's own, and its maker signs it;
    one that the provider accepted, it signs by accepting."""
    announced_by = promised(version.announced_by, "a letter is of an announced version")
    offer = _accepted(version)
    if offer is None or offer.side != Side.PROVIDER:
        return Signature(announced_by, version.membership)
    made = Event.objects.filter(
        noun="dispute", key=str(offer.dispute_id), verb=AgreementVerb.OFFER, data__offer=offer.number
    ).select_related("membership__unit")
    event = made.first()
    return Signature(offer.by, event.membership if event else None)


def reason_of(version: ResultVersion, language: str) -> str:
    """Why there is this version. What was written to the other side with an offer belongs to the negotiation; a version that
    both sides agreed on says that, and what it changes."""
    offer = _accepted(version)
    if offer is None:
        return version.reason
    dispute = offer.dispute
    says = (
        _("The unit accepted the provider’s offer of %(offered)s, in the negotiation that began on %(filed)s.")
        if offer.side == Side.PROVIDER
        else _("The provider accepted the unit’s offer of %(offered)s, in the negotiation that began on %(filed)s.")
    ) % {"offered": format_date(offer.at, "long"), "filed": format_date(dispute.filed_at, "long")}
    changed = _changed(version, language)
    if not changed:
        return says
    what = _("Changed: %(what)s.") % {"what": listed(changed)}
    return f"{says} {what}"


def _changed(version: ResultVersion, language: str) -> list[str]:
    """The indicators, by name, whose finding is not that of the version before."""
    earlier = version.report.results.filter(announced_at__lt=version.announced_at).order_by("announced_at").last()
    before = findings_of_version(earlier) if earlier else {}
    definition = asked_of(version.report)
    found = []
    for code, finding in findings_of_version(version).items():
        indicator, was = definition.indicator(code), before.get(code)
        told = (finding.verified, finding.not_applicable, finding.points)
        if indicator and (was is None or told != (was.verified, was.not_applicable, was.points)):
            found.append(indicator.label_in(language))
    return found


def _accepted(version: ResultVersion) -> Offer | None:
    """The offer whose acceptance announced the version."""
    if version.kind != ResultKind.OFFER:
        return None
    return (
        Offer.objects.filter(act_noun=RESULT, act_key=str(version.pk), state=OfferState.ACCEPTED)
        .select_related("by", "dispute")
        .first()
    )


def version_fingerprint(version: ResultVersion) -> str:
    """The first 20 letters of the version's SHA-256, in fours: what letter and verification page both print."""
    return " ".join(version.sha256[i : i + 4] for i in range(0, 20, 4))


def status_sentence(report: Report, version: ResultVersion, standing: ResultVersion, language: str) -> str:
    """Where the version stands now: initial, contested, settled or final, with the date and the rule."""
    if version != standing:
        return _("This version was replaced by version %(n)s of %(day)s and no longer stands.") % {
            "n": format_number(standing.number, language=language),
            "day": format_date(promised(standing.announced_at, "what stands is announced"), "long"),
        }
    dispute = _last_dispute(report)
    if report.status == ReportStatus.CONTESTED and dispute:
        return _(
            "The result is contested since %(day)s. The two sides negotiate until %(until)s (%(rule)s); without an "
            "agreement the provider’s view is final then."
        ) % {"day": format_date(dispute.filed_at, "full"), "until": until(dispute.final_at), "rule": _rule(dispute)}
    if report.status == ReportStatus.FINAL:
        return _final_sentence(report, dispute)
    return _(
        "This is the initial result. The head of the unit may object until %(until)s; without an objection it is final then."
    ) % {"until": until(report.objections_end)}


def _final_sentence(report: Report, dispute: Dispute | None) -> str:
    at = became_final(report)
    if dispute and dispute.outcome == Outcome.SETTLED:
        return _(
            "The result is settled: final by agreement of the two sides on %(day)s, within the negotiation that began on "
            "%(filed)s (%(rule)s)."
        ) % {"day": format_date(at, "full"), "filed": format_date(dispute.filed_at, "full"), "rule": _rule(dispute)}
    if dispute and dispute.outcome != Outcome.WITHDRAWN:
        return _(
            "The result is final since %(at)s: the month of negotiation (%(rule)s) ended without an agreement and the "
            "provider’s view stands."
        ) % {"at": format_date(at, "full"), "rule": _rule(dispute)}
    if dispute and dispute.ended_at == at:
        return _(
            "The result is final since %(at)s: the objection was withdrawn after the days for objecting had passed."
        ) % {"at": format_date(at, "full")}
    return _(
        "The result is final: the objection window (%(days)s days from the announcement) ended with %(until)s and no "
        "objection is open."
    ) % {"until": until(at), "days": local_digits(report.call.objection_days)}


def _rule(dispute: Dispute) -> str:
    return str(DisputeRule(dispute.rule).label)


def _last_dispute(report: Report) -> Dispute | None:
    return Dispute.objects.filter(objection__report=report).order_by("-filed_at").first()


def became_final(report: Report) -> datetime:
    """When the result became final, latched or not."""
    return report.final_at or final_instant(report)
