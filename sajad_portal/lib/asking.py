"""Who asks: a script of a page, or a person following a link or sending a form."""

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
