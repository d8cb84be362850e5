from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("units.urls")),
    path("", include("sla.urls")),
    path("", include("reports.urls")),
]
