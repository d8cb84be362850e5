from django.urls import path

from .views import agreements

app_name = "sla"
urlpatterns = [
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
]
