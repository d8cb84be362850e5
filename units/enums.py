"""Who people are and where they work. Pure Python."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.verbs import AnyVerb


class Role(TextChoices):
    REPORTER = "reporter", _("Unit expert")
    HEAD = "head", _("Head of unit")
    REVIEWER = "reviewer", _("Reviewer")
    COORDINATOR = "coordinator", _("Coordinator")
    AUDITOR = "auditor", _("Auditor")


UNIT_ROLES = (Role.REPORTER, Role.HEAD)  # the unit's own people, who report for it
HEADQUARTERS_ROLES = (Role.REVIEWER, Role.COORDINATOR, Role.AUDITOR)  # read over all units; asked for a second factor
DEPUTISED_ROLES = (Role.HEAD, Role.REVIEWER)  # whoever holds one may name somebody to stand in for them


class SeatState(TextChoices):
    """What a seat is at an instant; derived from its moments (`Membership.state_at`), never stored."""

    CONSENT = "consent", _("Waits for the consent of a second person")
    OFFERED = "offered", _("Waits to be accepted")
    HELD = "held", _("In force")
    ENDED = "ended", _("Ended")


class AttributeType(TextChoices):
    """How an attribute of units is written and compared."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    CHOICE = "choice", _("One of some values")


class Channel(TextChoices):
    PORTAL = "portal", _("In the portal")
    EMAIL = "email", _("E-mail")


class BackgroundPart(TextChoices):
    """What works beside the web servers, and says now and then that it lives."""

    WORKER = "worker", _("the worker (portal-worker)")
    BEAT = "beat", _("the timetable (portal-beat)")


class UnitVerb(AnyVerb, nouns=("person", "unit", "membership")):
    CREATE = "create", _("Created")
    RENAME = "rename", _("Renamed")
    MOVE = "move", _("Moved to another place in the tree")
    MERGE = "merge", _("Merged into another unit")
    RETIRE = "retire", _("Retired")
    REINSTATE = "reinstate", _("The unit works again")
    HAND_TO_SUCCESSOR = "hand_to_successor", _("What it left open was handed to another unit")
    LEAVE_OPEN = "leave_open", _("What it left open stays with it")
    GRANT = "grant", _("The seat was given")
    END = "end", _("The seat ended")
    ACCEPT = "accept", _("The seat was accepted")
    DECLINE = "decline", _("The seat was declined")
    LEAVE = "leave", _("The seat was left")
    CONSENT = "consent", _("A second person consented to the seat")
    REFUSE = "refuse", _("A second person refused the seat")
    NAME_DEPUTY = "name_deputy", _("A deputy was named")
    CHANGE_DATES = "change_dates", _("The dates of the seat were changed")
    REMIND = "remind", _("The offer was sent again")
    ASK_CONSENT = "ask_consent", _("A second person’s consent became necessary")
    CONFIRM = "confirm", _("An administrator confirmed the person")
    INVITE = "invite", _("Invited")
    CHANGE_PROFILE = "change_profile", _("The account was changed")
    SET_PASSWORD = "set_password", _("A password was set")
    ASK_FOR_RESET = "ask_for_reset", _("A new password was asked for")
    NAME_DECIDER = "name_decider", _("Somebody was named to decide about the unit’s reports")
    END_DECIDER = "end_decider", _("The naming to decide about the unit’s reports ended")
    SIGN_IN = "sign_in", _("Signed in")
    CORRECT = "correct", _("An administrator corrected the account")
    CLOSE = "close", _("The account was closed")
    REOPEN = "reopen", _("The account was opened again")
    END_SESSIONS = "end_sessions", _("Sessions were ended")
    ADD_FACTOR = "add_factor", _("A second factor was set up")
    RENAME_FACTOR = "rename_factor", _("A security key was renamed")
    REMOVE_FACTOR = "remove_factor", _("A second factor was removed")
    RENEW_CODES = "renew_codes", _("New recovery codes were made")
    USE_CODE = "use_code", _("Signed in with a recovery code")
    CLOSE_FACTOR = "close_factor", _("Wrong codes closed the second factor for a while")
    PROPOSE_FACTOR_RESET = "propose_factor_reset", _("An administrator proposed to remove a lost second factor")
    WITHDRAW_FACTOR_RESET = "withdraw_factor_reset", _("The proposal to remove a lost second factor was taken back")
    RESET_FACTOR = "reset_factor", _("A second administrator confirmed that the lost second factor goes")
    SEEK_NATIONAL_CODE = "seek_national_code", _("Looked for by national code")


class KindVerb(AnyVerb, nouns=("unit_kind", "unit_attribute")):
    CREATE = "create", _("Created")
    CHANGE = "change", _("Changed")
    CLOSE = "close", _("No unit gets it any more")
    REOPEN = "reopen", _("Units may get it again")


class OrganisationVerb(AnyVerb, nouns=("organisation",)):
    DESCRIBE = "describe", _("The organization’s particulars were changed")


class KeepingVerb(AnyVerb, nouns=("keeping",)):
    REMOVE_PASSED = "remove_passed", _("What had been kept long enough was removed")


SEAT_TRANSITIONS = {
    (SeatState.CONSENT, UnitVerb.CONSENT): SeatState.OFFERED,
    (SeatState.CONSENT, UnitVerb.REFUSE): SeatState.ENDED,
    (SeatState.CONSENT, UnitVerb.DECLINE): SeatState.ENDED,
    (SeatState.CONSENT, UnitVerb.END): SeatState.ENDED,
    (SeatState.CONSENT, UnitVerb.CHANGE_DATES): SeatState.CONSENT,
    (SeatState.CONSENT, UnitVerb.REMIND): SeatState.CONSENT,
    (SeatState.OFFERED, UnitVerb.ACCEPT): SeatState.HELD,
    (SeatState.OFFERED, UnitVerb.DECLINE): SeatState.ENDED,
    (SeatState.OFFERED, UnitVerb.END): SeatState.ENDED,
    (SeatState.OFFERED, UnitVerb.ASK_CONSENT): SeatState.CONSENT,
    (SeatState.OFFERED, UnitVerb.CHANGE_DATES): SeatState.OFFERED,
    (SeatState.OFFERED, UnitVerb.REMIND): SeatState.OFFERED,
    (SeatState.HELD, UnitVerb.LEAVE): SeatState.ENDED,
    (SeatState.HELD, UnitVerb.END): SeatState.ENDED,
    (SeatState.HELD, UnitVerb.CHANGE_DATES): SeatState.HELD,
}
