"""Django's admin looks things up and changes nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse

from sajad_portal.lib.admin import ReadOnlyAdmin
from units.models import Membership, Person

pytestmark = pytest.mark.django_db
OURS = ("units", "sla", "reports")


def test_every_noun_of_ours_is_read_only_there():
    ours = [entry for model, entry in admin.site._registry.items() if model._meta.app_label in OURS]

    assert len(ours) >= 7
    assert [type(entry).__name__ for entry in ours if not isinstance(entry, ReadOnlyAdmin)] == []


@pytest.mark.parametrize("model", ["person", "unit", "membership", "event", "notice", "digest", "throttle"])
def test_lists_and_rows_are_shown_and_nothing_is_added(cast, client_for, model):
    client = client_for(cast.admin)

    assert client.get(reverse(f"admin:units_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:units_{model}_add")).status_code == 403


def test_a_post_changes_nothing(cast, client_for):
    client = client_for(cast.admin)
    member = cast.membership(cast.sara)

    answer = client.post(reverse("admin:units_membership_change", args=[member.pk]), {"role": "head"})

    assert answer.status_code == 403
    assert Membership.objects.get(pk=member.pk).role == "reporter"
    assert client.post(reverse("admin:units_membership_delete", args=[member.pk]), {"post": "yes"}).status_code == 403


def test_neither_password_nor_national_code_is_shown(cast, client_for):
    page = client_for(cast.admin).get(reverse("admin:units_person_change", args=[cast.sara.pk])).content.decode()
    sara = Person.objects.get(pk=cast.sara.pk)

    assert sara.password not in page
    assert "national_code" not in page


def test_the_admin_has_no_door_of_its_own(client, cast):
    assert client.get("/admin/").status_code == 302
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.url.startswith("/sign-in/?next=")
    assert client.post("/admin/login/", {"username": "admin", "password": "x"}).status_code == 302


def test_who_is_no_administrator_is_told_so(cast, client_for):
    assert client_for(cast.laleh).get("/admin/", follow=True).status_code == 403
