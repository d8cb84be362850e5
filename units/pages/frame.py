"""What the frame of every page needs: who is here, where they may go, what is new, and what time it is."""

from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.middleware import HtmxDetails

from sajad_portal.lib.clock import database_now, last_reading

from ..enums import Role
from ..models import Membership, Person
from ..queries import memberships_of
from ..queries.factors import has_factor
from ..queries.notices import unread_of
from ..queries.organisation import organisation
from ..rules import is_asked_for_factor

THEMES = ("light", "dark")
EVERYBODY = frozenset(Role.values)
HEADQUARTERS = frozenset({Role.REVIEWER, Role.COORDINATOR})
# (key, address, words, icon, roles that come for it). A superuser without a membership sees people and units.
PLACES = (
    ("desk", "reports:desk", _("Desk"), "inbox", EVERYBODY),
    ("calls", "reports:calls", _("Calls"), "megaphone", EVERYBODY),
    ("reports", "reports:reports", _("Reports"), "file-earmark-text", EVERYBODY - {Role.REVIEWER}),
    ("review", "reports:review_queue", _("Review"), "clipboard2-check", HEADQUARTERS),
    ("disputes", "reports:disputes", _("Disputes"), "chat-square-text", EVERYBODY),
    ("requests", "reports:requests", _("General requests"), "envelope", EVERYBODY),
    ("oversight", "reports:oversight", _("Oversight"), "eye", frozenset({Role.AUDITOR, Role.COORDINATOR})),
    ("analysis", "reports:analysis", _("Analysis"), "graph-up", EVERYBODY - {Role.REPORTER}),
    ("services", "reports:services", _("Services"), "grid", EVERYBODY),
    ("payments", "reports:payments", _("Payments"), "credit-card", EVERYBODY - {Role.REPORTER, Role.REVIEWER}),
    ("units", "units:units", _("Units"), "diagram-3", EVERYBODY - {Role.REPORTER}),
    ("setup", "reports:setup", _("Setting up"), "sliders", frozenset[Role]()),
    ("forms", "reports:forms", _("Forms"), "file-earmark-ruled", frozenset({Role.COORDINATOR})),
    ("people", "units:people", _("People"), "people", frozenset[Role]()),
)
PUBLIC_PLACES = (
    ("services", "reports:services", _("Services"), "grid"),
    ("track", "reports:track", _("Track"), "search"),
    ("verify", "reports:verify", _("Verify a letter"), "shield-check"),
)
ADMINISTRATOR_PLACES = ("setup", "people", "units", "services", "forms")
IN_BAND, IN_TABS = 6, 4


class SignedInRequest(HttpRequest):
    """What reaches a view that is not public: `SignInRequiredMiddleware` lets nobody in who has not signed in."""

    user: Person
    htmx: HtmxDetails


def actor(request: HttpRequest) -> Person:
    """Who acts on a page that everybody may read; a rule that passes nobody who is not signed in has been asked before."""
    assert isinstance(request.user, Person), "asked without a rule"
    return request.user


class Shell:
    """Asked lazily: a fragment, a download or an error page pays for nothing that it does not show."""

    def __init__(self, request: HttpRequest):
        self._request = request

    @cached_property
    def person(self) -> Person | None:
        user = getattr(self._request, "user", None)
        return user if user and user.is_authenticated else None

    @property
    def signed_in(self) -> bool:
        return self.person is not None

    @property
    def theme(self) -> str:
        chosen = self._request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else "light"

    @property
    def idle(self) -> int:
        """How many seconds a session outlasts that nobody uses; 0 where it does not end by that."""
        return int(settings.SESSION_IDLE.total_seconds())

    @cached_property
    def now(self) -> datetime:
        """The portal's time: the database's clock, asked once a page, and not again where the view has asked."""
        return last_reading() or database_now()

    @cached_property
    def memberships(self) -> list[Membership]:
        return memberships_of(self.person) if self.signed_in else []

    @cached_property
    def unread(self) -> int:
        return unread_of(self.person) if self.signed_in else 0

    @cached_property
    def factor_from(self) -> date | None:
        """The day from which this person's role needs a second factor, where they have none; for the desk."""
        if self.person is None or not is_asked_for_factor(self.person, self.now) or has_factor(self.person):
            return None
        return organisation().factor_from

    @cached_property
    def home(self) -> str:
        return reverse("reports:desk" if self.signed_in else "reports:services")

    @cached_property
    def nav(self) -> list[dict]:
        """The places of this person, the present one marked: `key`, `url`, `label`, `icon`, `current`."""
        if self.person is None:
            places = [(key, reverse(name), label, icon) for key, name, label, icon in PUBLIC_PLACES]
        else:
            roles = {membership.role for membership in self.memberships}
            places = [
                (key, reverse(name), label, icon)
                for key, name, label, icon, wanted in PLACES
                if roles & wanted or (self.person.is_superuser and key in ADMINISTRATOR_PLACES)
            ]
        path = self._request.path
        # Reviewing is done at /reports/<code>/review/; whoever has the queue came from there.
        if "/review/" in path and any(key == "review" for key, *_rest in places):
            path = reverse("reports:review_queue")
        here = max((url for _k, url, _l, _i in places if path.startswith(url)), key=len, default=None)
        return [
            {"key": key, "url": url, "label": label, "icon": icon, "current": url == here}
            for key, url, label, icon in places
        ]

    @property
    def in_band(self) -> list[dict]:
        return self.nav[:IN_BAND]

    @property
    def beyond_band(self) -> list[dict]:
        return self.nav[IN_BAND:]

    @property
    def in_tabs(self) -> list[dict]:
        return self.nav if len(self.nav) <= IN_TABS + 1 else self.nav[:IN_TABS]

    @property
    def beyond_tabs(self) -> list[dict]:
        return self.nav[len(self.in_tabs) :]


def shell(request: HttpRequest) -> dict:
    return {"shell": Shell(request)}
