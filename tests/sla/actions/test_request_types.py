"""Request types as data: added and changed by the provider's coordinators, closed and never deleted."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.request_types import (
    TypeTerms,
    add_request_type,
    close_request_type,
    edit_request_type,
    reopen_request_type,
)
from sla.actions.tariffs import publish_tariffs
from sla.enums import Filers, RequestKind
from sla.models import RequestType
from sla.queries.measures import measured_times
from sla.queries.requests import askable_types
from sla.queries.tariffs import fiscal_year, price_of_filing
from tests.factories import make_service
from tests.general import filed, make_general_type
from units.models import Event


@pytest.fixture
def service(cast):
    return make_service(cast)


def refusal_of(verb, **given) -> str:
    with pytest.raises(Refused) as refusal:
        verb(**given)
    return refusal.value.code


def add(service, by, **given):
    fields = {"code": "leave", "title": "درخواست مرخصی", "target_working_days": 5, "kind": RequestKind.GENERAL}
    return add_request_type(service=service, by=by, **fields | given)


def test_a_general_request_has_terms_of_its_own(cast, service):
    terms = TypeTerms(description="نام و روزها", filers=Filers.BOTH, needs_files=True, contest_days=15)
    kind = RequestType.objects.get(pk=add(service, cast.laleh, terms=terms).pk)

    said = (kind.kind, kind.description, kind.filers, kind.needs_files, kind.contest_days, kind.target_working_days)
    assert said == ("general", "نام و روزها", "both", True, 15, 5)
    assert list(askable_types(cast.a)) == [kind]
    assert Event.objects.get(verb="add_type").data["contest_days"] == 15


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": RequestKind.OBJECTION}, "bad-kind"),
        ({"kind": "other"}, "bad-kind"),
        ({"terms": TypeTerms(filers="everybody")}, "bad-filers"),
        ({"terms": TypeTerms(contest_days=0)}, "bad-contest-days"),
        ({"terms": TypeTerms(contest_days=366)}, "bad-contest-days"),
        ({"code": "Leave"}, "bad-type-code"),
        ({"title": " "}, "no-title"),
        ({"target_working_days": 0}, "bad-target"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_stored(cast, service, given, code):
    count = RequestType.objects.count()

    assert refusal_of(add, service=service, by=cast.laleh, **given) == code
    assert RequestType.objects.count() == count


def test_the_database_keeps_nonsense_out(cast, service):
    kind = add(service, cast.laleh)
    for name, value in (("filers", "nobody"), ("contest_days", 0), ("contest_days", 366)):
        with pytest.raises(IntegrityError), transaction.atomic():
            RequestType.objects.filter(pk=kind.pk).update(**{name: value})


@pytest.mark.parametrize("name", ["reza", "omid", "nader", "admin"])
def test_only_a_coordinator_of_the_provider_keeps_them(cast, service, name):
    kind = add(service, cast.laleh)
    for verb in (
        lambda by: add(service, by, code="other"),
        lambda by: edit_request_type(request_type=kind, title="دیگر", by=by),
        lambda by: close_request_type(request_type=kind, by=by),
        lambda by: reopen_request_type(request_type=kind, by=by),
    ):
        with pytest.raises(Forbidden):
            verb(getattr(cast, name))


def test_a_type_in_use_is_closed_opened_again_and_never_deleted(cast, service):
    kind = make_general_type(cast, service)
    filed(cast, kind)
    close_request_type(request_type=kind, by=cast.laleh)
    assert not askable_types(cast.a).exists()
    with pytest.raises(ProtectedError):
        kind.delete()

    reopen_request_type(request_type=kind, by=cast.laleh)
    assert list(askable_types(cast.a)) == [kind]


def test_the_same_again_changes_nothing_and_another_title_leaves_the_terms(cast, service):
    kind = add(service, cast.laleh, terms=TypeTerms(contest_days=15))
    edit_request_type(request_type=kind, title=kind.title, terms=TypeTerms(contest_days=15), by=cast.laleh)
    assert not Event.objects.filter(verb="edit_type").exists()

    edit_request_type(request_type=kind, title="درخواست مرخصی ساعتی", by=cast.laleh)
    assert RequestType.objects.get(pk=kind.pk).contest_days == 15


def test_a_tariff_names_it_and_the_service_page_publishes_its_times(cast, service, client):
    kind = make_general_type(cast, service)
    at = database_now()
    table = f"نوع درخواست,مبلغ (ریال),شناسهٔ واریز,یادداشت\n{kind.code},۵۰۰۰۰,,\n".encode("utf-8-sig")
    publish_tariffs(service=service, year=fiscal_year(at), data=table, name="t.csv", by=cast.laleh)

    assert price_of_filing(kind, at).rials == 50_000
    assert kind in [measured.request_type for measured in measured_times(service, at)]
    assert kind.title in client.get(reverse("reports:service", args=[service.slug])).content.decode()


# ---------------------------------------------------------------------------------------------------------- its pages
def test_a_coordinator_adds_one_by_the_page_and_changes_it_later(cast, service, client):
    client.force_login(cast.laleh)
    address = reverse("sla:request_types", args=[service.slug])
    given = {
        "new-kind": "general", "new-title": "درخواست مرخصی", "new-code": "leave", "new-target_working_days": "۵",
        "new-description": "نام و روزها", "new-filers": "both", "new-needs_files": "on", "new-contest_days": "۱۵",
    }  # fmt: skip
    assert client.post(address, given).status_code == 302
    kind = RequestType.objects.get(code="leave")
    assert (kind.filers, kind.needs_files, kind.contest_days) == ("both", True, 15)

    page = reverse("sla:request_type", args=[service.slug, "leave"])
    changed = {"do": "title", "title": "درخواست مرخصی", "description": "", "filers": "heads", "contest_days": ""}
    assert client.post(page, changed).status_code == 302
    kind.refresh_from_db()
    assert (kind.filers, kind.needs_files, kind.contest_days, kind.description) == ("heads", False, None, "")


def test_a_report_type_is_asked_for_no_terms_of_a_request(cast, service, client):
    client.force_login(cast.laleh)
    page = client.get(reverse("sla:request_type", args=[service.slug, "periodic-report"]))

    assert "contest_days" not in page.context["title_form"].fields
    assert "description" in page.context["title_form"].fields


def test_days_that_are_no_number_are_told_beside_their_field(cast, service, client):
    client.force_login(cast.laleh)
    given = {
        "new-kind": "general", "new-title": "درخواست مرخصی", "new-code": "leave", "new-target_working_days": "5",
        "new-filers": "both", "new-contest_days": "۴۰۰",
    }  # fmt: skip
    answer = client.post(reverse("sla:request_types", args=[service.slug]), given)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["contest_days"]
