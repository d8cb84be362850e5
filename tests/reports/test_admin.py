"""The admin looks things up and changes nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse

from reports.admin import ReadOnlyAdmin
from reports.models import Call, DraftSection, Evidence, Report, SignOffRound
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
    assert len(answers) == 14


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


def test_no_page_shows_what_a_draft_says(cast, client_for, filled):
    report = filled.reports.exclude(state="submitted").first()
    draft = DraftSection.objects.create(
        report=report, section="a", answers={"q": {"v": "نانوشته"}}, saved_at=filled.created_at, saved_by=cast.sara
    )
    asked = SignOffRound.objects.create(
        report=report, number=1, answers={"q": "نانوشته"}, requested_at=filled.created_at, requested_by=cast.sara
    )
    client = client_for(cast.admin)
    for thing in (draft, asked):
        page = client.get(reverse(f"admin:reports_{thing._meta.model_name}_change", args=[thing.pk])).content.decode()
        assert ("field-report" in page, "نانوشته" in page, "answers" in page) == (True, False, False)
    assert not admin.site.is_registered(Evidence)


@pytest.mark.parametrize(
    "address",
    [
        "sla/payment/?token__startswith=a", "reports/draftsection/?answers__icontains=a",
        "reports/signoffround/?answers__icontains=a", "units/person/?password__startswith=a",
    ],
)  # fmt: skip
def test_what_is_not_shown_cannot_be_asked_for(cast, client_for, address):
    assert client_for(cast.admin).get(f"/admin/{address}").status_code == 400


def test_what_is_shown_can_be_narrowed(cast, client_for, filled):
    client = client_for(cast.admin)
    addresses = (
        "reports/call/?state__exact=published",
        "reports/call/?closes_at__year=2026",
        "units/notice/?sent_at__isempty=1",
    )
    assert [client.get(f"/admin/{address}").status_code for address in addresses] == [200, 200, 200]
