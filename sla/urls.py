from django.urls import path

from .views import agreements, calendar, documents

app_name = "sla"
urlpatterns = [
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/answer/", agreements.agreement_answer, name="agreement_answer"),
    path("agreements/<int:pk>/edit/", agreements.agreement_edit, name="agreement_edit"),
    path("agreements/<int:pk>/publish/", agreements.agreement_publish, name="agreement_publish"),
    path("agreements/new/<slug:slug>/", agreements.agreement_new, name="agreement_new"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/seed/", calendar.calendar_seed, name="calendar_seed"),
    path("calendar/<int:pk>/remove/", calendar.holiday_remove, name="holiday_remove"),
    path("documents/<int:pk>/", documents.document_file, name="document_file"),
    path("documents/<int:pk>/publish/", documents.document_publish, name="document_publish"),
    path("documents/of/<slug:slug>/", documents.documents, name="documents"),
]
