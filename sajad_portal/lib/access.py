"""Every view says which rule guards it. `tests/test_access.py` walks the resolver and fails on a view that does not.

And how fresh the proof must be of who is there: `units/views/proving.py` asks for it, `tests/test_freshness.py` names every address.
"""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required

PUBLIC = "public"
CLIENT = "client"  # programs, by a token: nobody signs in, and the door of the interface lets in (reports/api/door.py)
# A sign-in, a password or a factor given in that time suffices: for a report's signature; for money, seats, disputes, results.
SIGNING = timedelta(hours=12)
DECIDING = timedelta(minutes=15)


def access(
    rule: str, *, fresh: timedelta | None = None, to_read: bool = False, before_factor: bool = False
) -> Callable[[Callable], Callable]:
    """Mark a view with the rule that guards it: `public`, `signed-in`, `client`, or the name of the predicate it asks.

    `fresh`: a form is taken only so long after the person proved who they are; else they are asked, and it goes on.
    `to_read`: the page too. `before_factor`: open to who has still to set up the second factor that their role needs.
    """

    def mark(view: Callable) -> Callable:
        view.access_rule = rule  # type: ignore[attr-defined]
        view.fresh_within = fresh  # type: ignore[attr-defined]
        view.fresh_to_read = to_read  # type: ignore[attr-defined]
        view.before_factor = before_factor  # type: ignore[attr-defined]
        return login_not_required(view) if rule in (PUBLIC, CLIENT) else view

    return mark
