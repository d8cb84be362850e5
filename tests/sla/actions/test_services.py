"""Services and their request types: created by an administrator, kept by the provider's coordinators."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.agreements import draft_agreement
from sla.actions.request_types import (
    add_request_type,
    close_request_type,
    edit_request_type,
    reopen_request_type,
)
from sla.actions.services import create_service
from sla.actions.tariffs import declare_free
from sla.models import RequestType, Service
from sla.queries.tariffs import fiscal_year, table_in_force
from tests.factories import make_service, make_tariffs
from units.models import Event

CARD = {"title": "خدمت", "description": "تعریف", "recipients": "ادارات", "window": "my.example.ir"}
NEW = {"slug": "second", "code": "10011400001", **CARD}


def refusal(code, verb, /, **given):
    with pytest.raises(Refused) as refused:
        verb(**given)
    assert refused.value.code == code


def test_a_new_service_has_one_type_of_each_kind_with_its_target(cast):
    service = create_service(provider=cast.provider, by=cast.admin, targets={"extension": 5}, **NEW)
    types = list(service.request_types.order_by("pk").values_list("code", "kind", "target_working_days"))

    assert types == [
        ("periodic-report", "periodic_report", 15),
        ("extension", "extension", 5),
        ("objection", "objection", 20),
    ]
    assert Event.objects.get(noun="service", verb="create_service").person == cast.admin


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"slug": "Big Words"}, "bad-slug"),
        ({"slug": "-new"}, "bad-slug"),
        ({"code": "کد"}, "bad-code"),
        ({"title": ""}, "card-incomplete"),
        ({"nature": "odd"}, "card-choice"),
        ({"targets": {"objection": 0}}, "bad-target"),
    ],
)
def test_what_is_no_service_is_refused_and_leaves_nothing(cast, changed, code):
    refusal(code, create_service, provider=cast.provider, by=cast.admin, **{**NEW, **changed})

    assert (Service.objects.count(), RequestType.objects.count()) == (0, 0)


def test_an_address_or_id_is_used_once(cast):
    create_service(provider=cast.provider, by=cast.admin, **NEW)

    refusal("service-exists", create_service, provider=cast.a, by=cast.admin, **NEW)


def test_a_coordinator_creates_none(cast):
    with pytest.raises(Forbidden):
        create_service(provider=cast.provider, by=cast.laleh, **NEW)


@pytest.mark.parametrize("column", ["slug", "code", "provider_id"])
def test_the_database_keeps_address_id_and_provider(cast, column):
    service = make_service(cast)
    other = {"slug": "other", "code": "other", "provider_id": cast.a.pk}[column]
    with pytest.raises(DatabaseError), transaction.atomic():
        Service.objects.filter(pk=service.pk).update(**{column: other})


@pytest.mark.parametrize("kind", ["extension", "objection"])
def test_the_database_keeps_a_second_type_of_a_single_kind_out(cast, kind):
    service = make_service(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestType.objects.create(service=service, kind=kind, code="other", title="دیگر", target_working_days=3)


def test_a_type_is_added_renamed_closed_and_opened_again(cast):
    service = make_service(cast)
    kind = add_request_type(service=service, code="monthly", title="ماهانه", target_working_days=7, by=cast.laleh)
    edit_request_type(request_type=kind, title="گزارش ماهانه", by=cast.laleh)
    close_request_type(request_type=kind, by=cast.laleh)
    closed = RequestType.objects.get(pk=kind.pk)
    reopen_request_type(request_type=kind, by=cast.laleh)
    kind.refresh_from_db()

    assert (closed.title, closed.closed_by) == ("گزارش ماهانه", cast.laleh)
    assert (kind.closed_at, kind.closed_by) == (None, None)
    assert list(Event.objects.filter(noun="request_type").order_by("pk").values_list("verb", flat=True)) == ["add_type", "edit_type", "close", "reopen"]  # fmt: skip


def test_a_type_by_which_the_portal_files_is_not_closed(cast):
    service = make_service(cast)

    refusal("type-needed", close_request_type, request_type=service.request_types.get(code="objection"), by=cast.laleh)


def test_a_code_is_used_once_and_shaped(cast):
    service = make_service(cast)
    new = {"service": service, "title": "دیگر", "target_working_days": 3, "by": cast.laleh}

    refusal("type-exists", add_request_type, code="extension", **new)
    refusal("bad-type-code", add_request_type, code="کد", **new)


def test_the_first_draft_is_the_shipped_text_in_the_order_of_the_seed(cast):
    service = create_service(provider=cast.provider, by=cast.admin, **NEW)
    draft = draft_agreement(service=service, by=cast.laleh)

    assert list(draft.sections.values_list("key", flat=True)) == [
        "purpose", "responsibility", "commitments", "data", "costs", "disputes", "performance", "termination"
    ]  # fmt: skip


def test_free_this_year_is_said_aloud_once_and_replaces_a_table(cast):
    service = make_service(cast)
    kind, year = service.request_types.get(code="periodic-report"), fiscal_year(database_now())
    make_tariffs(service, periodic_report=1000)
    declared = declare_free(service=service, year=year, by=cast.laleh)
    again = declare_free(service=service, year=year, by=cast.laleh)

    assert (declared.number, again.pk, table_in_force(service, year).pk) == (2, declared.pk, declared.pk)
    assert list(declared.rows.all()) == []
    assert Event.objects.filter(noun="tariffs", verb="declare_free").count() == 1
    refusal("wrong-year", declare_free, service=service, year=year - 1, by=cast.laleh)
    with pytest.raises(Forbidden):
        declare_free(service=service, year=year, by=cast.reza)
    assert kind.service == service
