"""States of the agreement's things, and what may follow what. Pure Python."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.verbs import AnyVerb

from .clients import ClientScope as ClientScope
from .clients import ClientState as ClientState
from .clients import ClientVerb as ClientVerb


class RequestKind(TextChoices):
    PERIODIC_REPORT = "periodic_report", _("Periodic report")
    EXTENSION = "extension", _("Extension request")
    OBJECTION = "objection", _("Objection")
    GENERAL = "general", _("General request")


# By these the portal itself files: a service has one of each, made with it.
SINGLE_KINDS = (RequestKind.EXTENSION, RequestKind.OBJECTION)


# What a coordinator adds: kinds of report that calls ask for, and what units ask for by themselves.
ADDED_KINDS = (RequestKind.PERIODIC_REPORT, RequestKind.GENERAL)


class Filers(TextChoices):
    """Who of a unit files a general request, pays for it and withdraws it; its draft is written by all of them."""

    HEADS = "heads", _("Heads of units")
    EXPERTS = "experts", _("Experts of units")
    BOTH = "both", _("Heads and experts of units")


class GeneralState(TextChoices):
    """Where a general request stands as it is stored."""

    DRAFT = "draft", _("Draft")
    FILED = "filed", _("Filed")
    DECIDED = "decided", _("Decided")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class GeneralStatus(TextChoices):
    """Derived: a filed one waits for its fee, for the provider, or for the unit’s answer to a question."""

    DRAFT = "draft", _("Draft")
    UNPAID = "unpaid", _("Fee to be paid")
    FILED = "filed", _("With the provider")
    ASKED = "asked", _("Waits for the unit’s answer")
    DECIDED = "decided", _("Decided")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN_GENERAL = (GeneralStatus.UNPAID, GeneralStatus.FILED, GeneralStatus.ASKED)
# The provider may decide.
DECIDABLE = (GeneralStatus.FILED, GeneralStatus.ASKED)


class Decision(TextChoices):
    """On a request for more time, and on a general one."""

    GRANTED = "granted", _("Granted")
    PARTLY = "partly", _("Granted in part")
    REFUSED = "refused", _("Refused")


# What may be contested.
NOT_AS_ASKED = (Decision.PARTLY, Decision.REFUSED)


class Nature(TextChoices):
    """As the national card of services words it."""

    GOVERNANCE = "governance", _("Governance")
    OPERATION = "operation", _("Operation")


class Beginning(TextChoices):
    REQUEST = "request", _("At the recipient’s request")
    SCHEDULE = "schedule", _("At a set time, by a call of the provider")
    PROVIDER = "provider", _("By the provider’s decision")
    EVENT = "event", _("Upon a certain event")


class AgreementState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class AgreementStatus(TextChoices):
    """Derived: a published version is superseded by a newer published one of its service."""

    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", _("In force")
    SUPERSEDED = "superseded", _("Superseded")


class DisputeRule(TextChoices):
    CLEAR_DAYS = "30_clear_days", _("Thirty clear days")
    JALALI_MONTH = "jalali_month", _("One Jalali month")


class Answer(TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")


class Coverage(TextChoices):
    """How a unit stands to a published version, as its coverage counts it."""

    WAITING = "waiting", _("Not answered yet")
    REFUSED = "refused", _("Refused")
    HEADLESS = "headless", _("Without a head")
    ACCEPTED = "accepted", _("Accepted")


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
    REQUEST = "request", _("Decision on a request")


# What a dispute is called; `title` is the section of the agreement or the call that it is about.
SUBJECT_NAMES = {
    Subject.INTERPRETATION: _("Interpretation: %(title)s"),
    Subject.RESULT: _("Objection to the result: %(title)s"),
    Subject.EXTENSION: _("Dispute over an extension not granted: %(title)s"),
    Subject.RETURN: _("Dispute over a return for correction: %(title)s"),
    Subject.FEE: _("Dispute over a fee: %(title)s"),
    Subject.MISS: _("Dispute over a missed deadline: %(title)s"),
    Subject.REQUEST: _("Dispute over the decision on a request: %(title)s"),
}


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


OPEN_DISPUTE = (DisputeStatus.NEGOTIATING, DisputeStatus.AWAITING_POSITION)
ENDED_DISPUTE = (DisputeStatus.SETTLED, DisputeStatus.FINAL, DisputeStatus.WITHDRAWN)


class Verdict(TextChoices):
    """How a request's clock stands to its target. Derived from its intervals and the calendar; nothing of it is stored."""

    IDLE = "idle", _("Not submitted")
    RUNNING = "running", _("Within the target so far")
    PAUSED = "paused", _("With the unit; the clock stands still")
    OVERDUE = "overdue", _("Past the target, unanswered")
    MET = "met", _("Target met")
    MISSED = "missed", _("Target missed")
    VOID = "void", _("Void")


class OfferState(TextChoices):
    OPEN = "open", _("On the table")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")
    LAPSED = "lapsed", _("Lapsed")


class PaymentState(TextChoices):
    """Where one attempt at the bank stands. Who is asking the bank right now is told by `claimed_at`, not by a state."""

    BEGUN = "begun", _("Being prepared")
    REDIRECTED = "redirected", _("At the bank")
    UNKNOWN = "unknown", _("Awaiting the bank’s word")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Not paid")
    EXPIRED = "expired", _("Expired")
    SURPLUS = "surplus", _("To be given back")
    REVERSED = "reversed", _("Given back by the bank")
    REFUNDED = "refunded", _("Refunded")


class PaymentReason(TextChoices):
    """Why an attempt did not pay the fee."""

    NO_TOKEN = "no_token", _("The bank could not be reached; the person was not sent there.")
    NEVER_SENT = "never_sent", _("The person was not sent to the bank.")
    NOT_PAID = "not_paid", _("The bank says that nothing was paid.")
    TAKEN_BACK = "taken_back", _("The bank gave the money back by itself.")
    TIME_OVER = "time_over", _("Nothing was paid before the time at the bank ran out.")
    INCOMPLETE = "incomplete", _("The bank’s answer lacks what it must say; it is asked again.")
    UNREADABLE = "unreadable", _("The bank did not answer, or not readably; it is asked again.")
    OTHER_AMOUNT = "other_amount", _("The bank took another amount than the fee.")
    OTHER_ORDER = "other_order", _("The bank’s answer belongs to another order.")
    OTHER_TERMINAL = "other_terminal", _("The bank’s answer belongs to another terminal.")
    USED_REFERENCE = "used_reference", _("The bank’s reference has paid another order already.")
    PAID_TWICE = "paid_twice", _("The fee was paid already by another attempt.")
    VOIDED = "voided", _("The request was cancelled or excused before the bank’s word came.")


class EntryKind(TextChoices):
    """What a line of the ledger is. Credits and surpluses came in; reversals and refunds went out."""

    CREDIT = "credit", _("Fee received")
    SURPLUS = "surplus", _("Received without being owed")
    REVERSAL = "reversal", _("Given back by the bank")
    REFUND = "refund", _("Refund paid out")


class RefundState(TextChoices):
    """Derived from a refund’s instants."""

    PROPOSED = "proposed", _("Proposed")
    CONSENTED = "consented", _("Agreed, to be paid out")
    PAID_OUT = "paid_out", _("Paid out")
    DECLINED = "declined", _("Declined")


# An attempt that may still pay: a request has at most one. An expired one may turn out paid all the same.
LIVE_PAYMENTS = (PaymentState.BEGUN, PaymentState.REDIRECTED, PaymentState.UNKNOWN)
# What the bank is asked about.
ASKED_PAYMENTS = (PaymentState.REDIRECTED, PaymentState.UNKNOWN, PaymentState.EXPIRED)
# The bank has confirmed that money came in.
RECEIVED_PAYMENTS = (PaymentState.PAID, PaymentState.SURPLUS, PaymentState.REVERSED, PaymentState.REFUNDED)
ENDED_PAYMENTS = (PaymentState.FAILED, PaymentState.EXPIRED)


class AgreementVerb(
    AnyVerb,
    nouns=(
        "agreement",
        "document",
        "holiday",
        "working_week",
        "service",
        "request_type",
        "request_room",
        "tariffs",
        "dispute",
        "payment",
        "reconciliation",
        "general_request",
    ),
):
    # Agreements, documents, tariffs, the service's card.
    CREATE_SERVICE = "create_service", _("The service was created")
    CLOSE = "close", _("It was closed")
    REOPEN = "reopen", _("It was opened again")
    ADD_TYPE = "add_type", _("A request type was added")
    EDIT_TYPE = "edit_type", _("A request type was changed")
    SET_TARGET = "set_target", _("A target was set")
    DECLARE_FREE = "declare_free", _("The year was declared free of charge")
    DRAFT = "draft", _("A draft was begun")
    EDIT = "edit", _("The service’s card was changed")
    EDIT_SECTION = "edit_section", _("A section was changed")
    ADD_SECTION = "add_section", _("A section was added")
    REMOVE_SECTION = "remove_section", _("A section was taken out")
    MOVE_SECTION = "move_section", _("A section was moved")
    CHANGE_RULE = "change_rule", _("The rule for counting the month of disputes was changed")
    UPLOAD = "upload", _("A version of the document was uploaded")
    PUBLISH = "publish", _("It was published")
    ACCEPT = "accept", _("The agreement was accepted")
    REFUSE = "refuse", _("The agreement was refused")
    REMIND = "remind", _("A reminder was sent")  # of an agreement: to one unit; of a dispute: to both sides
    REMIND_HEADS = "remind_heads", _("The heads of units were reminded to answer")
    # The working calendar.
    SET_WEEK = "set_week", _("The weekend and the working hours were set")
    ADD = "add", _("A day off was added")
    REMOVE = "remove", _("A day off became a working day")
    SEED = "seed", _("Days off were added")
    # Disputes.
    FILE = "file", _("The dispute was filed")
    WRITE = "write", _("A message was written")
    STATE_POSITION = "state_position", _("The provider stated its view")
    REPLACE_POSITION = "replace_position", _("The provider’s view was replaced")
    OFFER = "offer", _("An offer was made")
    DECLINE = "decline", _("An offer was declined")
    TAKE_BACK = "take_back", _("An offer was taken back")
    END_NEGOTIATION = "end_negotiation", _("The time to negotiate ended")
    END = "end", _("The dispute ended")
    # General requests.
    DRAFT_REQUEST = "draft_request", _("A request was begun")
    EDIT_REQUEST = "edit_request", _("The draft of the request was changed")
    FILE_REQUEST = "file_request", _("The request was filed")
    SETTLE_REQUEST = "settle_request", _("The fee of the request came; its clock runs")
    ASK_ABOUT_REQUEST = "ask_about_request", _("The provider asked about the request")
    ANSWER_QUESTION = "answer_question", _("The unit wrote about its request")
    DECIDE_REQUEST = "decide_request", _("The request was decided")
    DECIDE_AGAIN = "decide_again", _("The request was decided anew")
    CONTEST_DECISION = "contest_decision", _("The decision on the request was contested")
    LACK_ROOM = "lack_room", _("A file for a request found no room")
    GIVE_ROOM = "give_room", _("The unit’s requests were given more room for files")
    CONTEST_FEE = "contest_fee", _("The fee of the request was contested")
    LOWER_FEE = "lower_fee", _("The fee of the request was lowered by agreement")
    WITHDRAW_REQUEST = "withdraw_request", _("The request was withdrawn")
    # Payments. What the bank’s word makes of an attempt is told by the name of its action in PAYMENT_TRANSITIONS.
    BEGIN = "begin", _("The payment was begun")
    REDIRECT = "redirect", _("The person was sent to the bank")
    WAIT = "wait", _("The bank waits for the payer")
    DOUBT = "doubt", _("The bank’s word is awaited")
    FAIL = "fail", _("Nothing was paid")
    EXPIRE = "expire", _("The time to pay ran out")
    SETTLE = "settle", _("The fee was received")
    EXCEED = "exceed", _("Money was received that was not owed")
    REVERSE = "reverse", _("The bank gave the money back")
    REFUSE_REVERSAL = "refuse_reversal", _("The bank did not give the money back; it is to be refunded")
    PROPOSE_REFUND = "propose_refund", _("A refund was proposed")
    CONSENT_REFUND = "consent_refund", _("The refund was agreed to")
    DECLINE_REFUND = "decline_refund", _("The refund was declined")
    PAY_OUT_REFUND = "pay_out_refund", _("The refund was paid out")
    RECONCILE = "reconcile", _("A statement of the bank was compared with the ledger")


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

# (status, action) → the state that is stored. `settle`: the fee has come; `replace`: an accepted offer is a new decision.
GENERAL_TRANSITIONS = {
    (GeneralStatus.DRAFT, "edit"): GeneralState.DRAFT,
    (GeneralStatus.DRAFT, "file"): GeneralState.FILED,
    (GeneralStatus.DRAFT, "withdraw"): GeneralState.WITHDRAWN,
    (GeneralStatus.UNPAID, "pay"): GeneralState.FILED,
    **{(status, "settle"): GeneralState.FILED for status in DECIDABLE},
    **{(status, "write"): GeneralState.FILED for status in DECIDABLE},
    **{(status, "decide"): GeneralState.DECIDED for status in DECIDABLE},
    **{(status, "withdraw"): GeneralState.WITHDRAWN for status in OPEN_GENERAL},
    (GeneralStatus.DECIDED, "contest"): GeneralState.DECIDED,
    (GeneralStatus.DECIDED, "replace"): GeneralState.DECIDED,
}

# (state, what the bank’s word or a person makes of it) → state.
PAYMENT_TRANSITIONS = {
    (PaymentState.BEGUN, "redirect"): PaymentState.REDIRECTED,
    (PaymentState.BEGUN, "fail"): PaymentState.FAILED,
    (PaymentState.BEGUN, "expire"): PaymentState.EXPIRED,
    (PaymentState.REDIRECTED, "doubt"): PaymentState.UNKNOWN,
    (PaymentState.UNKNOWN, "doubt"): PaymentState.UNKNOWN,
    (PaymentState.EXPIRED, "doubt"): PaymentState.EXPIRED,
    (PaymentState.REDIRECTED, "wait"): PaymentState.REDIRECTED,
    (PaymentState.UNKNOWN, "wait"): PaymentState.REDIRECTED,
    (PaymentState.EXPIRED, "wait"): PaymentState.EXPIRED,
    **{(state, "settle"): PaymentState.PAID for state in ASKED_PAYMENTS},
    **{(state, "fail"): PaymentState.FAILED for state in ASKED_PAYMENTS},
    **{(state, "expire"): PaymentState.EXPIRED for state in ASKED_PAYMENTS},
    **{(state, "exceed"): PaymentState.SURPLUS for state in ASKED_PAYMENTS},
    (PaymentState.SURPLUS, "reverse"): PaymentState.REVERSED,
    (PaymentState.SURPLUS, "refund"): PaymentState.REFUNDED,
    (PaymentState.PAID, "refund"): PaymentState.REFUNDED,
}
