"""The admin looks things up and changes nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse

from reports.admin import ReadOnlyAdmin
from reports.models import Call, Report
from tests.calls import published_call, submitted_report

OURS = [model for model, page in admin.site._registry.items() if model._meta.app_label == "reports"]


@pytest.fixture
def filled(cast):
    call = published_call(cast)
    submitted_report(cast, call)
    return call


def test_every_noun_is_listed_for_the_administrator(cast, client_for, filled):
    client = client_for(cast.admin)

    answers = {
        model._meta.model_name: client.get(reverse(f"admin:reports_{model._meta.model_name}_changelist")).status_code
        for model in OURS
    }

    assert answers == dict.fromkeys(answers, 200)
    assert len(answers) == 15


def test_no_admin_page_of_ours_is_of_the_writing_kind():
    assert [model for model in OURS if not isinstance(admin.site._registry[model], ReadOnlyAdmin)] == []


@pytest.mark.parametrize("model", [Call, Report])
def test_a_post_to_the_admin_changes_nothing(cast, client_for, filled, model):
    thing = model.objects.first()
    before = thing.state
    address = reverse(f"admin:reports_{model._meta.model_name}_change", args=[thing.pk])

    assert client_for(cast.admin).get(address).status_code == 200
    assert client_for(cast.admin).post(address, {"state": "cancelled"}).status_code == 403

    thing.refresh_from_db()
    assert thing.state == before


def test_a_coordinator_is_sent_to_the_admins_door(cast, client_for, filled):
    assert client_for(cast.laleh).get(reverse("admin:reports_call_changelist")).status_code == 302
