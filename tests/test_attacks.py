"""What an attacker tried and got: one sentence for each hole that was found open, so that it stays closed."""

import base64

import pytest
from django.contrib import admin
from django.urls import reverse

from reports.actions.submission import submit_report
from reports.models import Evidence
from sajad_portal.lib.admin import ReadOnlyAdmin
from tests.calls import fill, report_of
from tests.factories import PASSWORD, make_membership
from tests.reviews import announced_report, reviewed_report
from units.enums import Role


# -------------------------------------------------------------------------------------------- what is not theirs to see
def test_headquarters_who_report_for_a_unit_learn_its_result_when_the_unit_does(cast, call, client_for):
    reviewed_report(cast, call)
    make_membership(cast.omid, cast.a, Role.REPORTER)
    address = reverse("reports:announce", args=[call.pk])

    assert [row.total for row in rows_of(client_for(cast.omid), address)] == [None]
    assert [row.total for row in rows_of(client_for(cast.laleh), address)] == [96]


def rows_of(client, address):
    return client.get(address).context["rows"]


def test_a_file_of_a_draft_is_seen_by_nobody_outside_the_unit_until_it_is_submitted(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    address = reverse("reports:evidence", args=[report.tracking_code, Evidence.objects.filter(report=report)[0].pk])

    assert [client_for(p).get(address).status_code for p in (cast.omid, cast.laleh, cast.nader)] == [404, 404, 404]
    assert client_for(cast.reza).get(address).status_code == 200

    submit_report(report=report, by=cast.reza)
    assert client_for(cast.omid).get(address).status_code == 200


def test_pages_of_somebody_signed_in_are_kept_in_no_cache(cast, call, client_for):
    report, _version = announced_report(cast, call)
    pages = [reverse("reports:desk"), reverse("reports:report_result", args=[report.tracking_code])]

    assert all("no-store" in client_for(cast.reza).get(page)["Cache-Control"] for page in pages)


# ------------------------------------------------------------------------------------------------------- the admin
@pytest.mark.parametrize("lookup", ["password__startswith", "national_code_hash__startswith", "national_code_cipher"])
def test_the_admin_answers_no_question_about_a_password_or_a_national_code(cast, client_for, lookup):
    address = reverse("admin:units_person_changelist")

    assert client_for(cast.admin).get(address, {lookup: "p"}).status_code == 400
    assert client_for(cast.admin).get(address, {"is_active__exact": "1"}).status_code == 200


def test_nothing_in_the_admin_is_writable_nor_a_second_door_to_the_password(cast, client_for):
    assert [m for m, page in admin.site._registry.items() if not isinstance(page, ReadOnlyAdmin)] == []
    answer = client_for(cast.admin).get("/admin/password_change/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("units:password_change"))


# ------------------------------------------------------------------------------------------------ malformed requests
@pytest.mark.parametrize(
    "cursor", ['["t9999-12-31T23:59:59-23:00",1]', '["t0001-01-01T00:00:00+14:00",1]', "[" * 9000, '["n1e99999999",1]']
)
@pytest.mark.parametrize(
    "page", ["reports:calls", "reports:disputes", "reports:reports", "units:units", "units:notices"]
)
def test_a_cursor_that_was_tampered_with_gives_the_first_page(cast, call, client_for, cursor, page):
    key = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")

    assert client_for(cast.laleh).get(reverse(page), {"after": key}).status_code == 200


@pytest.mark.parametrize(
    ("newest", "after"), [("9" * 5000, ""), ("9" * 25, ""), ("1", "nowhere"), ("1", "//evil.example")]
)
def test_reading_all_notices_takes_any_nonsense_and_stays_here(cast, client_for, newest, after):
    answer = client_for(cast.sara).post(reverse("units:notices_read"), {"newest": newest, "next": after})

    assert (answer.status_code, answer["Location"]) == (302, reverse("units:notices"))


@pytest.mark.parametrize(
    "after", ["nowhere", "//evil.example", "https://evil.example/", "javascript:1", "/\\evil.example"]
)
def test_after_signing_in_one_stays_here_whatever_the_address_said(cast, client, after):
    given = {"name": "sara", "password": PASSWORD, "next": after}

    answer = client.post(reverse("units:sign_in"), given)

    assert (answer.status_code, answer["Location"]) == (302, reverse("reports:desk"))
