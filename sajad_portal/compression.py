"""Pages leave compressed where no nginx stands before the portal (`make serve`); in production nginx does it (deploy/nginx).

BREACH reads a secret out of the length of a compressed answer that also repeats what an attacker chose. What is secret in
pages: the token of forms, which Django masks anew in every answer; the link that sets a password, whose pages therefore stay as
they are; tracking codes, in lists of people who may see those reports and may search them. A session's cookie stands in no
page, and is sent along with no request of another site but a link that is followed (SameSite=Lax), so that nobody else's page can
ask a thousand times; and Django's middleware adds up to a hundred random bytes to each answer. It takes 0.6 to 1.6 ms for a
page of 30 to 90 kB, which leaves with 6 to 10.

Streams are left alone: what is told as it happens must not wait in a compressor. So are files that are compressed already
(PDF, XLSX, pictures, archives), parts of files, and what is too small to gain.
"""

import re

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# As deploy/nginx/portal.conf has it; a test holds them to each other.
SHOWS_A_SECRET = re.compile(r"^/(password/|units/[^/]+/(invite|people/[^/]+/link)/)")
SHRINKS = frozenset(
    [
        "text/html",
        "text/plain",
        "text/css",
        "text/csv",
        "text/javascript",
        "application/javascript",
        "application/json",
        "image/svg+xml",
    ]
)
LEAST = 1024


class CompressedPages(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0].strip().lower()
        if (
            response.streaming
            or response.status_code == 206
            or kind not in SHRINKS
            or SHOWS_A_SECRET.match(request.path)
        ):
            return response
        if len(response.content) < LEAST:  # type: ignore[attr-defined] # no stream: it has content
            return response
        return super().process_response(request, response)
