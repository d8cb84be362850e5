"""The ways of oversight: the figures of a period, the lists behind them, and both as files."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.sheets import csv_response, xlsx_response
from units.pages.frame import SignedInRequest

from ...pages.oversight.page import oversight_context
from ...pages.oversight.scope import Scope, Window, oversight_scope, window_of
from ...pages.oversight.sheets import figures_sheet
from ...pages.oversight.tables import TABLES, Table
from ...rules.oversight import can_oversee

SIZE = 30


def _asked(request: SignedInRequest) -> tuple[Scope, Window, datetime]:
    """Over which units, in which period, as of when. Forbidden for whoever oversees nothing."""
    at = database_now()
    if not can_oversee(request.user, at):
        raise Forbidden(_("These pages are for auditors and coordinators. Your own reports stand on your desk."))
    scope = oversight_scope(request.user, at, request.GET.get("service", ""))
    return scope, window_of(request.GET.get("period", ""), at), at


def _table(key: str) -> Table:
    if key not in TABLES:
        raise Http404
    return TABLES[key]


@access("can_oversee")
@require_safe
def oversight(request: SignedInRequest) -> HttpResponse:
    scope, window, at = _asked(request)
    return render(request, "reports/oversight/page.html", oversight_context(scope, window, at))


@access("can_oversee")
@require_safe
def oversight_list(request: SignedInRequest, key: str) -> HttpResponse:
    scope, window, at = _asked(request)
    table = _table(key)
    listed = table.listing.of(request, also=("service",) if scope.several else ())
    page = listed.page(table.found(listed, scope, window, at), size=SIZE)
    context = {
        "scope": scope,
        "window": window,
        "table": table,
        "listing": listed,
        "lines": table.shown(listed, page.items, at),
        "tables": _tabs(table, scope, window),
    }
    return render(request, "reports/oversight/list.html", context)


def _tabs(current: Table, scope: Scope, window: Window) -> list[dict]:
    return [
        {
            "url": f"{reverse('reports:oversight_list', args=[table.key])}?period={window.code}{scope.more}",
            "label": table.title,
            "count": None,
            "current": table is current,
        }
        for table in TABLES.values()
    ]


@access("can_oversee")
@require_safe
def oversight_csv(request: SignedInRequest, key: str) -> HttpResponse:
    """One list as the page has it, all of its pages and columns; `figures` is the table of targets."""
    scope, window, at = _asked(request)
    if key == "figures":
        return csv_response(figures_sheet(scope, window, at), f"oversight-figures-{window.code}")
    table = _table(key)
    listed = table.listing.of(request)
    rows = listed.ordered(table.found(listed, scope, window, at))
    return csv_response(table.sheet(rows, at), f"oversight-{key}-{window.code}")


@access("can_oversee")
@require_safe
def oversight_xlsx(request: SignedInRequest) -> HttpResponse:
    """The figures and every list of the period, a sheet each."""
    scope, window, at = _asked(request)
    sheets = [
        table.sheet(table.listing.of(request).ordered(table.rows(scope, window, at, {})), at)
        for table in TABLES.values()
    ]
    return xlsx_response([figures_sheet(scope, window, at), *sheets], f"oversight-{window.code}")
