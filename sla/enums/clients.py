"""Programs: what they may ask for, where they stand, what is recorded of them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.verbs import AnyVerb


class ClientScope(TextChoices):
    """What a client may ask the interface for, at most; each seat still says what of it."""

    UNITS = "units:read", _("Units")
    CALLS = "calls:read", _("Calls and forms")
    REPORTS = "reports:read", _("Reports, their drafts and receipts")
    WRITE = "reports:write", _("Write drafts")
    SUBMIT = "reports:submit", _("Submit reports, ask for the signature")
    RESULTS = "results:read", _("Results and letters")
    REQUESTS = "requests:read", _("General requests")
    DISPUTES = "disputes:read", _("Disputes")
    FACTS = "facts:read", _("Facts for analysis")


class ClientState(TextChoices):
    """Derived from a client’s instants."""

    ACTIVE = "active", _("In use")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class ClientVerb(AnyVerb, nouns=("client", "webhook")):
    CREATE = "create", _("The program was admitted")
    RENEW_TOKEN = "renew_token", _("The program got a new token")
    REVOKE = "revoke", _("The program was shut out")
    ACCEPT_TERMS = "accept_terms", _("The program accepted the general terms")
    BIND = "bind", _("Somebody bound the program to their seat")
    UNBIND = "unbind", _("Somebody unbound the program from their seat")
    ADD_WEBHOOK = "add_webhook", _("An address to be told was added")
    PAUSE_WEBHOOK = "pause_webhook", _("An address is told nothing for now")
    RESUME_WEBHOOK = "resume_webhook", _("An address is told again")
    REMOVE_WEBHOOK = "remove_webhook", _("An address to be told was taken away")
