"""Unit A with one thing of every kind and state, for attackers to try themselves on. Nobody of unit B has a part in it."""

from dataclasses import dataclass, field
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.announcement_orders import carry_out, order_announcement
from reports.actions.calls import publish_call
from reports.actions.exports import make_export, request_export
from reports.actions.extensions import ask_extension
from reports.actions.forms import import_form
from reports.actions.objections import contest_result, offer_result
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction
from reports.actions.review import TypedFinding, start_review
from reports.actions.sign_off import request_sign_off
from reports.models import AnnouncementOrder, Call, Export, ExtensionRequest, Report
from reports.pages.export_files import MAKERS
from reports.rules.exports import PERIOD_XLSX
from sajad_portal.lib.clock import database_now
from sla.actions.agreements import draft_agreement
from sla.actions.webhooks import add_webhook
from sla.enums import PaymentState, Slot
from sla.models import AgreementVersion, Dispute, Document, GeneralRequest, Payment, Refund, Service
from tests.calls import PDF, accept, fill, make_call, report_of, submitted_report
from tests.clients import Program, make_program
from tests.factories import make_document, make_holiday, make_membership, make_person, make_service
from tests.forms import workbook
from tests.general import decided, drafted, filed, make_general_type, priced
from tests.people import Cast
from tests.reviews import assign, reviewed_report
from units.enums import Role
from units.models import Person


@dataclass
class World:
    """`strangers` have nothing to do with unit A; `readers` see it and may change nothing of it; all by what they are."""

    cast: Cast
    service: Service
    calls: dict[str, Call]
    reports: dict[str, Report]
    dispute: Dispute
    asked: ExtensionRequest
    payment: Payment
    refund: Refund
    draft: AgreementVersion
    general: dict[str, GeneralRequest]  # unit A's, in each state
    paper: Document  # not published
    export: Export  # ordered by headquarters
    order: AnnouncementOrder  # of the call "announced"
    program: Program  # the head of unit A bound it to their seat
    strangers: dict[str, Person] = field(default_factory=dict)
    readers: dict[str, Person] = field(default_factory=dict)
    keepers: list[Person] = field(default_factory=list)  # who together may do everything that is done with unit A


# A form whose choices stand in a file beside it.
CITY = [{"type": "select_one_from_file cities.csv", "name": "city", "label": "شهر"}]


def make_world(cast: Cast) -> World:
    service = make_service(cast)
    calls = {
        name: _call(cast, service) for name in ("open", "waiting", "reviewing", "returned", "announced", "contested")
    }
    calls["draft"] = make_call(cast, service=service, audience={"units": [cast.a.pk]})
    import_form(
        data=workbook(CITY), name="cities.xlsx", by=cast.laleh, files={"cities.csv": "name,label\nthr,تهران\n".encode()}
    )
    accept(calls["open"], cast.a, cast.reza)
    fill(report_of(calls["open"], cast.a), cast.sara)
    asked = _more_time(cast, calls["open"])
    request_sign_off(report=fill(report_of(calls["waiting"], cast.a), cast.sara), by=cast.sara)
    for name in ("reviewing", "returned"):
        assign(cast, calls[name])
        submitted_report(cast, calls[name])
    start_review(report=report_of(calls["reviewing"], cast.a), by=cast.omid)
    remark = {"HSG-01": "لغو اسکان‌ها را کم کنید."}
    return_for_correction(report=report_of(calls["returned"], cast.a), remarks=remark, by=cast.omid)
    for name in ("announced", "contested"):
        reviewed_report(cast, calls[name])
    announce_result(report=report_of(calls["contested"], cast.a), by=cast.laleh)
    order = order_announcement(call=calls["announced"], which="ready", by=cast.laleh)
    carry_out(order.pk)
    dispute = _dispute(cast, report_of(calls["contested"], cast.a))
    reports = {name: report_of(call, cast.a) for name, call in calls.items() if name != "draft"}
    payment, refund = _money(cast, reports["open"])
    make_holiday(database_now().date() + timedelta(days=200))
    world = World(
        cast, service, calls, reports, dispute, asked, payment, refund, draft_agreement(service=service, by=cast.laleh),
        _requests(cast, service),
        make_document(service, Slot.WORKFLOW, 2, published=False), _export(cast, calls["announced"]), order,
        _program(cast, service),
    )  # fmt: skip
    _people(world)
    return world


def _requests(cast: Cast, service: Service) -> dict[str, GeneralRequest]:
    kind = make_general_type(cast, service)
    return {
        "draft": drafted(cast, kind, files=[SimpleUploadedFile("sanad.pdf", PDF)]),
        "filed": filed(cast, kind, files=[SimpleUploadedFile("sanad.pdf", PDF)]),
        "decided": decided(cast, kind, files=[SimpleUploadedFile("sanad.pdf", PDF)])[0],
        "unpaid": filed(cast, priced(kind), files=[SimpleUploadedFile("sanad.pdf", PDF)]),
    }


def _call(cast: Cast, service: Service) -> Call:
    return publish_call(call=make_call(cast, service=service, audience={"units": [cast.a.pk]}), by=cast.laleh)


def _more_time(cast: Cast, call: Call) -> ExtensionRequest:
    until = call.closes_at + timedelta(days=5)
    return ask_extension(report=report_of(call, cast.a), until=until, reason="سامانهٔ داخلی قطع بود.", by=cast.reza)


def _dispute(cast: Cast, report: Report) -> Dispute:
    upload = SimpleUploadedFile("sanad.pdf", PDF)
    dispute = contest_result(report=report, text="نفر-روزها شمرده نشده است.", by=cast.reza, files=[upload])
    typed = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}
    second = make_person("second", "زهرا دوم")  # who made no part of the score
    make_membership(second, cast.provider, Role.COORDINATOR)
    offer_result(dispute=dispute, typed=typed, text="با شمارش جایگزین‌ها", by=second)
    return dispute


def _money(cast: Cast, report: Report) -> tuple[Payment, Refund]:
    """Money came for a report that is free, and a coordinator proposed to give it back."""
    at = database_now()
    payment = Payment.objects.create(
        request=report.request, order_id="ORDER-OF-A", amount_rials=1000, gateway="simulator", terminal="1",
        token="token-of-a", state=PaymentState.PAID, begun_at=at, begun_by=cast.reza,
        membership=cast.membership(cast.reza), expires_at=at, redirected_at=at, settled_at=at, received_rials=1000,
        reference="reference-of-a",
    )  # fmt: skip
    refund = Refund.objects.create(
        payment=payment, rials=1000, reason="رایگان است", proposed_at=at, proposed_by=cast.laleh
    )
    return payment, refund


def _program(cast: Cast, service: Service) -> Program:
    program = make_program(cast, service, cast.reza)
    add_webhook(client=program.client, address="https://program.example/told", by=cast.laleh)
    return program


def _export(cast: Cast, call: Call) -> Export:
    export = request_export(kind=PERIOD_XLSX, parameters={"call": call.pk}, language="fa", by=cast.laleh)
    make_export(export.pk, MAKERS)
    return Export.objects.get(pk=export.pk)


def _people(world: World) -> None:
    cast, now = world.cast, database_now()

    def somebody(username: str, unit, role: Role, **fields) -> Person:
        person = make_person(username)
        make_membership(person, unit, role, **fields)
        return person

    world.strangers = {
        "the reporter of another unit": cast.mina,
        "the head of another unit": cast.kamran,
        "a coordinator of another unit": somebody("coordinator-b", cast.b, Role.COORDINATOR),
        "a reviewer of another unit": somebody("reviewer-b", cast.b, Role.REVIEWER),
        "an auditor of another unit": somebody("auditor-b", cast.b, Role.AUDITOR),
        "the reporter of a unit below": somebody("reporter-below", cast.a_child, Role.REPORTER),
        "the head of a unit below": somebody("head-below", cast.a_child, Role.HEAD),
        "a coordinator of a unit below": somebody("coordinator-below", cast.a_child, Role.COORDINATOR),
        "a head whose time has passed": somebody("was-head", cast.a, Role.HEAD, ends_at=now - timedelta(seconds=1)),
        "a head whose time comes": somebody("will-be-head", cast.a, Role.HEAD, starts_at=now + timedelta(days=1)),
        "a coordinator whose time has passed": somebody(
            "was-coordinator", cast.provider, Role.COORDINATOR, ends_at=now - timedelta(seconds=1)
        ),
        "somebody without a role": cast.stranger,
    }
    world.readers = {
        "the auditor": cast.nader,
        "an auditor of the unit": somebody("auditor-a", cast.a, Role.AUDITOR),
        "a reviewer without a report": somebody("reviewer-without", cast.provider, Role.REVIEWER),
        "a reviewer who reports for the unit above": _conflicted(
            somebody("conflicted", cast.provider, Role.REVIEWER), cast
        ),
        "the reporter of the unit above": somebody("reporter-above", cast.provider, Role.REPORTER),
        "a reviewer of the unit": somebody("reviewer-a", cast.a, Role.REVIEWER),
    }
    keyholder = make_person("keyholder")
    Authenticator.objects.create(
        user=keyholder, type=Authenticator.Type.WEBAUTHN, data={"name": "کلید", "credential": {}}
    )
    second = Person.objects.get(username="second")
    world.keepers = [cast.sara, cast.reza, cast.omid, cast.laleh, second, cast.admin]


def _conflicted(person: Person, cast: Cast) -> Person:
    make_membership(person, cast.provider, Role.REPORTER)
    return person
