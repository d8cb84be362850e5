from django.contrib import admin
from django.urls import include, path

from units.views.account import set_language

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("", include("units.urls")),
    path("", include("sla.urls")),
    path("", include("reports.urls")),
]

handler500 = "sajad_portal.lib.refusals.failed"
