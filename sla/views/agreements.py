"""The agreement's versions: the list, a version's text in its order, its acceptance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sajad_portal.lib.access import access

from .. import queries


@access("public")
def agreements(request: HttpRequest) -> HttpResponse:
    versions = queries.visible_agreements(request.user).order_by("service__title", "-number")
    return render(request, "sla/agreements/list.html", {"versions": versions})


@access("public")
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    version = queries.agreement_for(request.user, pk)
    return render(request, "sla/agreements/page.html", {"agreement": version})
