"""States of reports, calls and what belongs to them, and what may follow what. Pure Python."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CallState(TextChoices):
    """Stored. Whether a published call is open, in grace or closed is derived from its instants."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")


class CallPhase(TextChoices):
    """Derived from state and time."""

    DRAFT = "draft", _("Draft")
    UPCOMING = "upcoming", _("Not yet open")
    OPEN = "open", _("Open")
    GRACE = "grace", _("In the grace period")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class ReportState(TextChoices):
    """What is stored."""

    NOT_STARTED = "not_started", _("Not started")
    DRAFT = "draft", _("Draft")
    AWAITING_SIGN_OFF = "awaiting_sign_off", _("Awaiting the head’s sign-off")
    SUBMITTED = "submitted", _("Submitted")
    UNDER_REVIEW = "under_review", _("Under review")
    RETURNED = "returned", _("Returned for correction")
    ANNOUNCED = "announced", _("Initial result announced")
    EXCUSED = "excused", _("Excused")
    CANCELLED = "cancelled", _("Cancelled")


class ReportStatus(TextChoices):
    """What a reader sees: the stored state, moved on by time (`ReportQuerySet.with_status`)."""

    NOT_STARTED = "not_started", _("Not started")
    DRAFT = "draft", _("Draft")
    AWAITING_SIGN_OFF = "awaiting_sign_off", _("Awaiting the head’s sign-off")
    SUBMITTED = "submitted", _("Submitted")
    UNDER_REVIEW = "under_review", _("Under review")
    RETURNED = "returned", _("Returned for correction")
    ANNOUNCED = "announced", _("Initial result announced")
    CONTESTED = "contested", _("Contested")
    FINAL = "final", _("Final result")
    MISSED = "missed", _("Missed")
    EXCUSED = "excused", _("Excused")
    CANCELLED = "cancelled", _("Cancelled")


class Standing(TextChoices):
    """How a submission stands to its deadline."""

    ON_TIME = "on_time", _("On time")
    EXTENDED = "extended", _("Within the extension")
    IN_GRACE = "in_grace", _("In the grace period")


class ReviewState(TextChoices):
    ASSIGNED = "assigned", _("Assigned")
    HANDED_IN = "handed_in", _("Handed in")
    RELEASED = "released", _("Released")


class ResultKind(TextChoices):
    INITIAL = "initial", _("Initial result")
    REVISED = "revised", _("Revised result")
    OFFER = "offer", _("Result offered in a dispute")


class ExtensionDecision(TextChoices):
    GRANTED = "granted", _("Granted")
    PARTLY = "partly", _("Granted in part")
    REFUSED = "refused", _("Refused")


S = ReportStatus

# Sets of states and statuses that several rooms speak of; a stored state equals the status of its name.
UNSUBMITTED = (S.NOT_STARTED, S.DRAFT, S.AWAITING_SIGN_OFF)  # the unit writes its first submission
UNSENT = (*UNSUBMITTED, S.MISSED)  # nothing was submitted, whether or not it still can be
IN_REVIEW = (S.SUBMITTED, S.UNDER_REVIEW)  # headquarters works on what came
WITH_RESULT = (S.ANNOUNCED, S.CONTESTED, S.FINAL)
NOT_ASKED = (S.EXCUSED, S.CANCELLED)  # out of the denominators of its call

# (status, action) → stored state. A verb looks itself up under the lock with the status that time has made.
REPORT_TRANSITIONS = {
    (S.NOT_STARTED, "draft"): ReportState.DRAFT,
    (S.DRAFT, "draft"): ReportState.DRAFT,
    (S.RETURNED, "draft"): ReportState.RETURNED,
    (S.DRAFT, "request_sign_off"): ReportState.AWAITING_SIGN_OFF,
    (S.RETURNED, "request_sign_off"): ReportState.RETURNED,
    (S.AWAITING_SIGN_OFF, "withdraw"): ReportState.DRAFT,
    (S.RETURNED, "withdraw"): ReportState.RETURNED,
    (S.AWAITING_SIGN_OFF, "send_back"): ReportState.DRAFT,
    (S.RETURNED, "send_back"): ReportState.RETURNED,
    (S.DRAFT, "submit"): ReportState.SUBMITTED,
    (S.AWAITING_SIGN_OFF, "submit"): ReportState.SUBMITTED,
    (S.RETURNED, "submit"): ReportState.SUBMITTED,
    (S.SUBMITTED, "recall"): ReportState.DRAFT,
    (S.SUBMITTED, "start_review"): ReportState.UNDER_REVIEW,
    (S.UNDER_REVIEW, "review"): ReportState.UNDER_REVIEW,
    (S.SUBMITTED, "return"): ReportState.RETURNED,
    (S.UNDER_REVIEW, "return"): ReportState.RETURNED,
    (S.RETURNED, "withdraw_return"): ReportState.UNDER_REVIEW,
    (S.UNDER_REVIEW, "announce"): ReportState.ANNOUNCED,
    (S.SUBMITTED, "announce"): ReportState.ANNOUNCED,
    (S.MISSED, "announce"): ReportState.ANNOUNCED,
    (S.ANNOUNCED, "announce"): ReportState.ANNOUNCED,
    (S.CONTESTED, "announce"): ReportState.ANNOUNCED,
    (S.ANNOUNCED, "contest"): ReportState.ANNOUNCED,
    **{
        (status, "excuse"): ReportState.EXCUSED
        for status in (S.NOT_STARTED, S.DRAFT, S.AWAITING_SIGN_OFF, S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.MISSED)
    },
}

# (state, action) → state. When an action is possible within a state, the phase decides (rules/).
CALL_TRANSITIONS = {
    (CallState.DRAFT, "edit"): CallState.DRAFT,
    (CallState.DRAFT, "publish"): CallState.PUBLISHED,
    (CallState.PUBLISHED, "open_early"): CallState.PUBLISHED,
    (CallState.PUBLISHED, "extend"): CallState.PUBLISHED,
    (CallState.PUBLISHED, "extend_unit"): CallState.PUBLISHED,
    (CallState.PUBLISHED, "close_early"): CallState.PUBLISHED,
    (CallState.PUBLISHED, "ask_unit"): CallState.PUBLISHED,
    (CallState.PUBLISHED, "excuse_unit"): CallState.PUBLISHED,
    (CallState.PUBLISHED, "cancel"): CallState.CANCELLED,
}


class FactState(TextChoices):
    """What analysis makes of an indicator of a result. Only what is scored enters sums, means and medians."""

    SCORED = "scored", _("Scored")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    MISSING = "missing", _("Missing")


class AnnouncedWhich(TextChoices):
    """What an order to announce takes: filters of the announcing page (queries.results.announce_filters)."""

    READY = "ready", _("Ready")
    MISSED = "missed", _("Missed")


class OrderState(TextChoices):
    """Derived from the instants of an order to announce, never stored."""

    WAITING = "waiting", _("Waiting its turn")
    RUNNING = "running", _("Being announced")
    ENDED = "ended", _("Done")
    FAILED = "failed", _("Stopped")


class ExportState(TextChoices):
    """Derived from an export's instants, never stored."""

    WAITING = "waiting", _("Waiting its turn")
    RUNNING = "running", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Could not be made")
    EXPIRED = "expired", _("Expired")
