from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from units.views.account import set_language, sign_in
from units.views.proving import factor_asked

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("", include("units.urls")),
    path("", include("sla.urls")),
    path("", include("reports.urls")),
    # The same pages, by the names that allauth leads to.
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/factor/", factor_asked, name="mfa_authenticate"),
]
# Django's own look-up pages speak English and name things as the tables do: for whoever works on the code, not for an office.
if settings.ADMIN_PAGES:
    urlpatterns.insert(1, path("admin/", admin.site.urls))

handler500 = "sajad_portal.lib.refusals.failed"
