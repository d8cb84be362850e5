from django.urls import path

from .views import call, call_actions, call_units, calls, dispute_filing, disputes, extensions, forms

app_name = "reports"
urlpatterns = [
    # calls
    path("calls/", calls.calls, name="calls"),
    path("calls/new/", calls.call_new, name="call_new"),
    path("calls/<int:pk>/", call.call, name="call"),
    path("calls/<int:pk>/audience/", call.call_audience, name="call_audience"),
    path("calls/<int:pk>/clone/", calls.call_clone, name="call_clone"),
    path("calls/<int:pk>/do/<slug:action>/", call_actions.call_action, name="call_action"),
    path("calls/<int:pk>/edit/", calls.call_edit, name="call_edit"),
    path("calls/<int:pk>/extensions/", extensions.extensions, name="extensions"),
    path("calls/<int:pk>/history/", call.call_history_page, name="call_history"),
    path("calls/<int:pk>/progress/", call.call_progress, name="call_progress"),
    path("calls/<int:pk>/publish/", call_actions.call_publish, name="call_publish"),
    path("calls/<int:pk>/snapshots/", call.call_snapshots, name="call_snapshots"),
    path("calls/<int:pk>/units/<slug:action>/", call_units.call_units, name="call_units"),
    path("extensions/<int:pk>/", extensions.extension, name="extension"),
    path("reports/<str:code>/extension/", extensions.extension_ask, name="extension_ask"),
    # disputes
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/new/", dispute_filing.dispute_new, name="dispute_new"),
    path("disputes/<int:pk>/", disputes.dispute, name="dispute"),
    path("disputes/<int:pk>/files/<int:file_pk>/", disputes.dispute_file, name="dispute_file"),
    path("disputes/<int:pk>/offer/", dispute_filing.dispute_offer, name="dispute_offer"),
    path("disputes/<int:pk>/offers/<int:number>/<slug:action>/", disputes.dispute_answer, name="dispute_answer"),
    path("disputes/<int:pk>/position/", disputes.dispute_position, name="dispute_position"),
    path("disputes/<int:pk>/withdraw/", disputes.dispute_withdraw, name="dispute_withdraw"),
    path("disputes/<int:pk>/write/", disputes.dispute_write, name="dispute_write"),
    path("reports/<str:code>/contest/", dispute_filing.contest, name="contest"),
    # forms
    path("forms/", forms.forms, name="forms"),
    path("forms/import/", forms.form_import, name="form_import"),
    path("forms/<int:pk>/", forms.form, name="form"),
    path("forms/<int:pk>/confirm/", forms.form_confirm, name="form_confirm"),
    path("forms/<int:pk>/guide/", forms.form_guide, name="form_guide"),
    path("forms/<int:pk>/preview/", forms.form_preview, name="form_preview"),
]
