"""States of reports, calls and what belongs to them, and what may follow what. Pure Python."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sajad_portal.lib.verbs import AnyVerb


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


class Timeliness(TextChoices):
    """How a report stood to its deadline, for good: derived beside the status (`ReportQuerySet.with_timeliness`), whatever
    became of the report afterwards. The first three are a `Standing` of the same name."""

    ON_TIME = "on_time", _("On time")
    EXTENDED = "extended", _("Within the extension")
    IN_GRACE = "in_grace", _("In the grace period")
    MISSED = "missed", _("Deadline missed")
    EXCUSED = "excused", _("Excused")


class LineAnswer(TextChoices):
    """What the provider says to one contested indicator."""

    ACCEPTED = "accepted", _("Accepted")
    PARTLY = "partly", _("Accepted in part")
    REFUSED = "refused", _("Not accepted")


class ReviewState(TextChoices):
    ASSIGNED = "assigned", _("Assigned")
    HANDED_IN = "handed_in", _("Handed in")
    RELEASED = "released", _("Released")


class ResultKind(TextChoices):
    INITIAL = "initial", _("Initial result")
    REVISED = "revised", _("Revised result")
    OFFER = "offer", _("Result offered in a dispute")


S = ReportStatus

# Sets of states and statuses that several rooms speak of; a stored state equals the status of its name.
UNSUBMITTED = (S.NOT_STARTED, S.DRAFT, S.AWAITING_SIGN_OFF)  # the unit writes its first submission
UNSENT = (*UNSUBMITTED, S.MISSED)  # nothing was submitted, whether or not it still can be
IN_REVIEW = (S.SUBMITTED, S.UNDER_REVIEW)  # headquarters works on what came
WITH_RESULT = (S.ANNOUNCED, S.CONTESTED, S.FINAL)
CAME = (Timeliness.ON_TIME, Timeliness.EXTENDED, Timeliness.IN_GRACE)
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


class ReportVerb(AnyVerb, nouns=("call", "report", "export", "form_version", "history")):
    # Calls, and what a coordinator does to all of their units or to one.
    CREATE = "create", _("The draft was written")
    EDIT = "edit", _("The draft was changed")
    PUBLISH = "publish", _("The call was published")
    OPEN = "open", _("Opened")
    OPEN_EARLY = "open_early", _("Opened early")
    EXTEND = "extend", _("The deadline was extended")
    CLOSE_EARLY = "close_early", _("The closing was brought forward")
    CLOSE = "close", _("The closing was recorded")
    CANCEL = "cancel", _("The call was cancelled")
    ASK = "ask", _("Asked for this report")
    ASK_LATE = "ask_late", _("Asked after the call had opened")
    EXCUSE = "excuse", _("The unit was excused")
    HAND_TO_SUCCESSOR = "hand_to_successor", _("The unit has ended; its report was handed to another one")
    LEAVE_OPEN = "leave_open", _("The unit has ended; its report stays with it")
    REMIND = "remind", _("The portal reminded of the closing")
    REMIND_UNITS = "remind_units", _("A reminder was sent to units")
    REMIND_HEADS = "remind_heads", _("Heads were told that nobody in their units has written yet")
    ASSIGN_REVIEWER = "assign_reviewer", _("A reviewer was assigned")
    END_ASSIGNMENT = "end_assignment", _("A reviewer was released")
    REASSIGN_REVIEW = "reassign_review", _("The review went to another reviewer")
    HAND_OVER_REVIEWS = "hand_over_reviews", _("Reviews were handed over")
    ORDER_ANNOUNCEMENT = "order_announcement", _("Results were ordered to be announced")
    END_ANNOUNCEMENT_ORDER = "end_announcement_order", _("The results were announced as ordered")
    FAIL_ANNOUNCEMENT_ORDER = "fail_announcement_order", _("The announcing of results stopped")
    # A report, from the first draft to the final result.
    DRAFT = "draft", _("The answers were saved")
    BRING_WORKBOOK = "bring_workbook", _("Answers were brought in from a workbook")
    ADD_EVIDENCE = "add_evidence", _("A file was added to the evidence")
    REMOVE_EVIDENCE = "remove_evidence", _("A file was taken out of the evidence")
    REACH_QUOTA = "reach_quota", _("There was no room for another file")
    RAISE_QUOTA = "raise_quota", _("More room for files was given")
    REQUEST_SIGN_OFF = "request_sign_off", _("The head’s signature was asked for")
    WITHDRAW = "withdraw", _("The request for the signature was taken back")
    SEND_BACK = "send_back", _("The head sent the draft back")
    SUBMIT = "submit", _("Submitted")
    RECALL = "recall", _("The submission was taken back")
    ASK_EXTENSION = "ask_extension", _("An extension was asked for")
    ASK_EXTENSION_PAID = "ask_extension_paid", _("The fee of the extension request was paid")
    DECIDE_EXTENSION = "decide_extension", _("The extension request was decided")
    HOLD_OPEN = "hold_open", _("The bank confirmed the fee after the deadline; the report is open")
    LOWER_FEE = "lower_fee", _("The fee was lowered by agreement")
    START_REVIEW = "start_review", _("The review began")
    REVIEW_ITEM = "review_item", _("An indicator was reviewed")
    REVIEW_ANSWERS = "review_answers", _("Answers were reviewed")
    HAND_IN = "hand_in", _("A review was handed in")
    TAKE_LEAD = "take_lead", _("A coordinator took the lead of the review")
    SETTLE = "settle", _("The lead reviewer settled the review")
    REVIEW_COMPLETE = "review_complete", _("The review is complete")
    RETURN = "return", _("Returned for correction")
    ANSWER_RETURN = "answer_return", _("The correction was sent")
    LAPSE_RETURN = "lapse_return", _("The time to correct ended without an answer")
    WITHDRAW_RETURN = "withdraw_return", _("The return was taken back")
    ANNOUNCE = "announce", _("The result was announced")
    CONTEST = "contest", _("The result was contested")
    ANSWER_OBJECTION = "answer_objection", _("Contested indicators were answered")
    CONTEST_ACT = "contest_act", _("A dispute was filed")
    FINAL = "final", _("The result became final")
    TRY_DRAFT = "try_draft", _("Somebody outside the unit tried to reach the draft")
    # Files made on request, and forms.
    REQUEST_EXPORT = "request_export", _("The file was asked for")
    MAKE_EXPORT = "make_export", _("The file was made")
    FAIL_EXPORT = "fail_export", _("The file could not be made")
    FETCH_EXPORT = "fetch_export", _("The file was downloaded")
    IMPORT_FORM = "import_form", _("The form was read from a workbook")
    BRING_HISTORY = "bring_history", _("Figures of earlier periods were brought in")
    CONFIRM_FORM = "confirm_form", _("The form was confirmed without what the portal cannot ask")


class Fate(TextChoices):
    """What becomes of what a retired unit left open in one call."""

    HAND = "hand", _("Hand it to the successor")
    EXCUSE = "excuse", _("Excuse it")
    LEAVE = "leave", _("Leave it as it is")


class FactState(TextChoices):
    """What analysis makes of an indicator of a result. Only what is scored enters sums, means and medians."""

    SCORED = "scored", _("Scored")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    MISSING = "missing", _("Missing")


class QuestionState(TextChoices):
    """What became of a question that is reviewed and not scored."""

    ACCEPTED = "accepted", pgettext_lazy("a question, by a reviewer", "Accepted as reported")
    REMARKED = "remarked", pgettext_lazy("a question, by a reviewer", "Remarked on")


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


class SealedTable(TextChoices):
    """What the seal covers. All but results only grow; a result is sealed with the Event that announced it."""

    EVENT = "event", _("Audit trail")
    REVISION = "revision", _("Submitted revisions")
    SNAPSHOT = "snapshot", _("Completeness at closing")
    RESULT = "result", _("Announced results")
    ACCEPTANCE = "acceptance", _("Acceptances of the agreement")
    MESSAGE = "message", _("Messages of disputes")
    POSITION = "position", _("Positions in disputes")
    LEDGER = "ledger", _("Ledger")
    RESTORED = "restored", _("Restored from a backup")


class Why(TextChoices):
    """Why a table's rows are kept, and with it how long."""

    PROOF = "proof", _("What was done, and what proves it")
    WORK = "work", _("Reports, requests, disputes and money")
    TERMS = "terms", _("Under what it was done: units, people, terms, forms, calls")
    DERIVED = "derived", _("Worked out from other rows, and made anew with them")
    PASSING = "passing", _("What passes")
