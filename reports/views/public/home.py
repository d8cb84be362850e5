"""The front door: the desk for who has signed in, the service for everybody else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sla.models import Service


@access("public")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("reports:desk")
    slugs = list(Service.objects.order_by("pk").values_list("slug", flat=True)[:2])
    return redirect("reports:service", slugs[0]) if len(slugs) == 1 else redirect("reports:services")
