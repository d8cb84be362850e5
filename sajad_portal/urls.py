from django.contrib import admin
from django.urls import include, path

from units.views.account import set_language, sign_in

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("", include("units.urls")),
    path("", include("sla.urls")),
    path("", include("reports.urls")),
    path("sign-in/", sign_in, name="account_login"),  # the same page, by the name that allauth leads back to
]

handler500 = "sajad_portal.lib.refusals.failed"
