"""States of the agreement's things, and what may follow what. Pure Python."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RequestKind(TextChoices):
    PERIODIC_REPORT = "periodic_report", _("Periodic report")
    EXTENSION = "extension", _("Extension request")
    OBJECTION = "objection", _("Objection")


class AgreementState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class DisputeRule(TextChoices):
    CLEAR_DAYS = "30_clear_days", _("Thirty clear days")
    JALALI_MONTH = "jalali_month", _("One Jalali month")


class Answer(TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")


class Slot(TextChoices):
    USER_GUIDE = "user_guide", _("User guide")
    WORKFLOW = "workflow", _("Workflow")
    FAQ = "faq", _("Frequent questions")
    DIRECTIVE = "directive", _("Directive")
    BYLAW = "bylaw", _("Bylaw")
    GENERAL_TERMS = "general_terms", _("General terms of the national exchange")
    FORM_GUIDE = "form_guide", _("Form guide")


# What publishing a call requires and pins.
PINNED_SLOTS = (Slot.WORKFLOW, Slot.DIRECTIVE, Slot.BYLAW)


class Side(TextChoices):
    RECIPIENT = "recipient", _("Recipient")
    PROVIDER = "provider", _("Provider")


class Subject(TextChoices):
    INTERPRETATION = "interpretation", _("Interpretation of the agreement")
    RESULT = "result", _("Result")
    EXTENSION = "extension", _("Refused extension")
    RETURN = "return", _("Return for correction")
    FEE = "fee", _("Fee")
    MISS = "miss", _("Missed report")


class Outcome(TextChoices):
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FINAL = "final", _("The provider’s view stands")


class DisputeStatus(TextChoices):
    """Derived from timestamps; only the outcome is stored."""

    NEGOTIATING = "negotiating", _("In negotiation")
    AWAITING_POSITION = "awaiting_position", _("Awaiting the provider’s view")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FINAL = "final", _("The provider’s view is final")


class OfferState(TextChoices):
    OPEN = "open", _("On the table")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")
    LAPSED = "lapsed", _("Lapsed")


AGREEMENT_TRANSITIONS = {
    (AgreementState.DRAFT, "edit"): AgreementState.DRAFT,
    (AgreementState.DRAFT, "publish"): AgreementState.PUBLISHED,
}

# (status, action) → status. Each verb looks itself up here under the lock.
DISPUTE_TRANSITIONS = {
    (DisputeStatus.NEGOTIATING, "write"): DisputeStatus.NEGOTIATING,
    (DisputeStatus.NEGOTIATING, "offer"): DisputeStatus.NEGOTIATING,
    (DisputeStatus.NEGOTIATING, "decline"): DisputeStatus.NEGOTIATING,
    (DisputeStatus.NEGOTIATING, "take_back"): DisputeStatus.NEGOTIATING,
    (DisputeStatus.NEGOTIATING, "state_position"): DisputeStatus.NEGOTIATING,
    (DisputeStatus.NEGOTIATING, "accept"): DisputeStatus.SETTLED,
    (DisputeStatus.NEGOTIATING, "withdraw"): DisputeStatus.WITHDRAWN,
    (DisputeStatus.AWAITING_POSITION, "state_position"): DisputeStatus.FINAL,
}
