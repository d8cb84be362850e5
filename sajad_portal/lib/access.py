"""Every view says which rule guards it. `tests/test_access.py` walks the resolver and fails on a view that does not."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required

PUBLIC = "public"
CLIENT = "client"  # programs, by a token: nobody signs in, and the door of the interface lets in (reports/api/door.py)


def access(rule: str) -> Callable[[Callable], Callable]:
    """Mark a view with the rule that guards it: `public`, `signed-in`, `client`, or the name of the predicate it asks."""

    def mark(view: Callable) -> Callable:
        view.access_rule = rule  # type: ignore[attr-defined]
        return login_not_required(view) if rule in (PUBLIC, CLIENT) else view

    return mark
