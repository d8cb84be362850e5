"""Whoever is refused something of a draft is recorded; the refusal stays what it was."""

import logging
from collections.abc import Callable
from functools import wraps

from django.db import DatabaseError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from sajad_portal.lib.errors import Forbidden
from units.pages.frame import SignedInRequest

from ...actions.draft_tries import record_draft_try
from ...models import Report

logger = logging.getLogger(__name__)


def of_a_draft(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Marks a view of a draft, whose address names the report by its `code`."""

    @wraps(view)
    def watched(request: SignedInRequest, code: str, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, code, *args, **kwargs)
        except (Http404, Forbidden):
            _note(request, code)
            raise

    return watched


def to_the_report(request: SignedInRequest, report: Report) -> HttpResponse:
    """A reader of the report, who is not the unit's own, asked for a page of its draft."""
    _note(request, report.tracking_code)
    return redirect("reports:report", report.tracking_code)


def _note(request: SignedInRequest, code: str) -> None:
    try:
        record_draft_try(code=code, by=request.user)
    except DatabaseError:  # what was refused stays refused
        logger.exception("A try at the draft of a report could not be recorded.")
