"""The end of a service: only when nothing of it is open."""

import pytest

from reports.actions.calls import create_call, edit_call, publish_call
from reports.actions.services import close_service, reopen_service
from reports.enums import CallState
from reports.models import Call
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.request_types import add_request_type, close_request_type
from sla.models import Service
from tests.calls import make_call, published_call
from tests.factories import make_service


def refusal(code, verb, /, **given):
    with pytest.raises(Refused) as refused:
        verb(**given)
    assert refused.value.code == code


def test_a_service_with_a_draft_an_open_call_or_a_request_is_in_use(cast, clock):
    draft = make_call(cast)
    refusal("service-in-use", close_service, service=draft.service, by=cast.laleh, reason="پایان کار")
    publish_call(call=draft, by=cast.laleh)
    clock.move(days=30)  # the call has closed; its reports have no result

    refusal("service-in-use", close_service, service=draft.service, by=cast.laleh, reason="پایان کار")


def test_a_closed_service_takes_no_call_until_it_is_opened_again(cast):
    service = make_service(cast)
    close_service(service=service, by=cast.laleh, reason="پایان کار")
    close_service(service=service, by=cast.laleh, reason="پایان کار")
    call = make_call(cast, service=service)
    refusal("service-closed", publish_call, call=call, by=cast.laleh)
    reopen_service(service=service, by=cast.laleh, reason="دوباره")

    assert publish_call(call=call, by=cast.laleh).state == CallState.PUBLISHED
    assert Service.objects.get().closed_at is None


def test_only_a_coordinator_of_the_provider_closes_it(cast):
    service = make_service(cast)
    for person in (cast.admin, cast.reza, cast.nader):
        with pytest.raises(Forbidden):
            close_service(service=service, by=person, reason="پایان کار")


def test_a_call_takes_no_closed_type_none_of_another_service_and_none_that_is_no_report(cast):
    call = published_call(cast)
    other = make_service(cast, slug="second")
    closed = add_request_type(
        service=call.service, code="monthly", title="ماهانه", target_working_days=3, by=cast.laleh
    )
    close_request_type(request_type=closed, by=cast.laleh)
    fields = {
        name: getattr(call, name)
        for name in (
            "title", "period_kind", "period_code", "period_starts", "period_ends", "form_version", "agreement", "audience",
            "opens_at", "closes_at", "review_until",
        )
    }  # fmt: skip

    refusal("type-closed", create_call, by=cast.laleh, request_type=closed, **fields)
    refusal("other-service", create_call, by=cast.laleh, request_type=other.request_types.first(), **fields)
    refusal("no-report-type", create_call, by=cast.laleh, request_type=call.service.request_types.get(code="objection"), **fields)  # fmt: skip
    assert Call.objects.count() == 1


def test_a_draft_is_not_moved_between_services_by_halves(cast):
    draft = make_call(cast)
    other = make_service(cast, slug="second")
    terms = {"agreement": other.agreement_versions.get(), "request_type": other.request_types.get(code="periodic-report")}  # fmt: skip

    for name, value in terms.items():
        refusal("other-service", edit_call, call=draft, by=cast.laleh, **{name: value})
    assert edit_call(call=draft, by=cast.laleh, **terms).service == other
