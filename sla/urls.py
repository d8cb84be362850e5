from django.urls import path

from .views.agreements import coverage as agreement_coverage
from .views.agreements import drafts as agreement_drafts
from .views.agreements import page as agreements
from .views.calendar import page as calendar
from .views.clients import own as own_clients
from .views.clients import page as clients
from .views.clients import webhooks as client_webhooks
from .views.documents import page as documents
from .views.services import new as service_new
from .views.services import page as services
from .views.services import types as request_types
from .views.tariffs import page as tariffs

app_name = "sla"
urlpatterns = [
    path("account/programs/", own_clients.programs, name="programs"),
    path("account/programs/<int:pk>/unbind/", own_clients.program_unbind, name="program_unbind"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/answer/", agreements.agreement_answer, name="agreement_answer"),
    path("agreements/<int:pk>/agreement.pdf", agreements.agreement_pdf, name="agreement_pdf"),
    path("agreements/<int:pk>/changes/", agreements.agreement_changes, name="agreement_changes"),
    path("agreements/<int:pk>/coverage/", agreement_coverage.coverage, name="agreement_coverage"),
    path("agreements/<int:pk>/coverage/remind/", agreement_coverage.remind, name="agreement_remind"),
    path("agreements/<int:pk>/edit/", agreement_drafts.agreement_edit, name="agreement_edit"),
    path("agreements/<int:pk>/edit/add/", agreement_drafts.section_add, name="section_add"),
    path("agreements/<int:pk>/edit/rule/", agreement_drafts.agreement_rule, name="agreement_rule"),
    path("agreements/<int:pk>/edit/<slug:key>/<slug:where>/", agreement_drafts.section_move, name="section_move"),
    path("agreements/<int:pk>/publish/", agreement_drafts.agreement_publish, name="agreement_publish"),
    path("agreements/new/<slug:slug>/", agreement_drafts.agreement_new, name="agreement_new"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/week/", calendar.calendar_week, name="calendar_week"),
    path("calendar/file/", calendar.calendar_file, name="calendar_file"),
    path("calendar/seed/", calendar.calendar_seed, name="calendar_seed"),
    path("calendar/<int:pk>/remove/", calendar.holiday_remove, name="holiday_remove"),
    path("setup/clients/", clients.clients, name="clients"),
    path("setup/clients/new/", clients.client_new, name="client_new"),
    path("setup/clients/<int:pk>/", clients.client, name="client"),
    path("setup/clients/<int:pk>/revoke/", clients.client_revoke, name="client_revoke"),
    path("setup/clients/<int:pk>/token/", clients.client_token, name="client_token"),
    path("setup/clients/<int:pk>/webhooks/", client_webhooks.webhook_new, name="webhook_new"),
    path(
        "setup/clients/<int:pk>/webhooks/<int:webhook_pk>/<slug:action>/",
        client_webhooks.webhook_act,
        name="webhook_act",
    ),
    path("documents/<int:pk>/", documents.document_file, name="document_file"),
    path("documents/<int:pk>/publish/", documents.document_publish, name="document_publish"),
    path("documents/<int:pk>/view/", documents.document_view, name="document_view"),
    path("documents/of/<slug:slug>/", documents.documents, name="documents"),
    # A service's address begins with a letter or a digit, so that nothing that begins with a dash is one.
    path("services/-new/", service_new.service_new, name="service_new"),
    path("services/<slug:slug>/types/", request_types.request_types, name="request_types"),
    path("services/<slug:slug>/types/<slug:code>/", request_types.request_type, name="request_type"),
    path("services/<slug:slug>/edit/", services.service_edit, name="service_edit"),
    path("services/<slug:slug>/tariffs/", tariffs.tariffs, name="tariffs"),
    path("services/<slug:slug>/tariffs/free/", tariffs.tariffs_free, name="tariffs_free"),
    path("services/<slug:slug>/tariffs/publish/", tariffs.tariffs_publish, name="tariffs_publish"),
    path("services/<slug:slug>/tariffs/start.xlsx", tariffs.tariffs_start, name="tariffs_start"),
]
