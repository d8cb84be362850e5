"""One question to a bank over HTTP. Whatever is not a readable JSON object within the time is GatewayUnknown."""

import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from .answers import GatewayUnknown

LONGEST_ANSWER = 2_000_000  # bytes; a day's statement fits


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A bank's interface answers where it is asked; a redirect would take our secret elsewhere."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def ask_bank(url: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """POST `body` as JSON (GET without one) and read the JSON object that comes back, within BANK_TIMEOUT seconds.

    RuntimeError inside a transaction: a bank that thinks for ten seconds must not hold a row for ten seconds.
    """
    refuse_inside_transaction()
    if urlsplit(url).scheme not in ("http", "https"):
        raise GatewayUnknown(f"{url} is no address of a bank")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 the scheme was looked at
        url, data=data, headers={"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
    )
    try:
        with _opener.open(request, timeout=settings.BANK_TIMEOUT) as response:
            found = json.loads(_read(response))
    except (OSError, HTTPException, ValueError) as error:  # URLError, HTTPError and timeouts are OSErrors
        raise GatewayUnknown(f"{type(error).__name__}: {error}") from error
    if not isinstance(found, dict):
        raise GatewayUnknown("the answer is no object")
    return found


def _read(response) -> bytes:
    """The whole body; the time limit of a socket is for each packet, so a bank that drips is watched by the clock."""
    last = time.monotonic() + settings.BANK_TIMEOUT
    parts, size = [], 0
    while part := response.read1(65536):
        parts.append(part)
        size += len(part)
        if size > LONGEST_ANSWER:
            raise ValueError("the answer is too long")
        if time.monotonic() > last:
            raise TimeoutError("the answer took too long")
    return b"".join(parts)


def refuse_inside_transaction() -> None:
    # A test's own transaction does not count, as in `atomic(durable=True)`.
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("A bank is never asked inside a transaction.")
