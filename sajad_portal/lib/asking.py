"""Who asks: a script of a page, or a person following a link or sending a form; and whether anybody does anything."""

from django.http import HttpRequest


def asked_by_script(request: HttpRequest) -> bool:
    """HTMX, fetch or XMLHttpRequest, not a person following a link or sending a form."""
    return bool(
        request.headers.get("HX-Request")
        or request.headers.get("X-In-Place")
        or request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.headers.get("Sec-Fetch-Dest") == "empty"
        or request.headers.get("Accept", "").startswith("application/json")
    )


def asks_by_itself(request: HttpRequest) -> bool:
    """A page that is left open asks what is new (portal.js says so): nobody does anything, and no session goes on by it."""
    return "X-By-Itself" in request.headers
