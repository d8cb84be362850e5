from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from sajad_portal.lib.access import access


@access("signed-in")
def null(request: HttpRequest) -> HttpResponse:
    """What every signed-in page pays before it begins: session, person, the whole chain."""
    return HttpResponse(b"ok")


urlpatterns = [path("bench-null/", null), path("", include("sajad_portal.urls"))]
