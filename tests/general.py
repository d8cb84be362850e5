"""General requests for tests, made through the verbs: a type, a draft, one that is filed, paid, decided."""

from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.payments import follow_payment
from sla.actions.agreements import answer_agreement
from sla.actions.request_decisions import contest_decision, decide_request
from sla.actions.request_types import TypeTerms, add_request_type
from sla.actions.requests import draft_request, file_request, pay_for_request
from sla.actions.settling import settle_payment
from sla.enums import Answer, Decision, Filers, RequestKind
from sla.models import (
    Dispute,
    GeneralRequest,
    Payment,
    RequestDecision,
    RequestType,
    Service,
    TariffRow,
)
from sla.queries import has_accepted
from units.models import Person, Unit

from .calls import PDF
from .factories import make_service, make_tariffs
from .payments import back_to
from .people import Cast

WHY = "نسبت اسکان این ترم با تعریف تازهٔ شاخص نمی‌خواند."
FEE = 300_000


def make_general_type(cast: Cast, service: Service | None = None, **terms) -> RequestType:
    """«درخواست بازنگری شاخص»: heads file it, its refusal can be contested for ten days; the units have accepted the agreement."""
    service = service or make_service(cast)
    terms = {"filers": Filers.HEADS, "contest_days": 10, **terms}
    kind = add_request_type(
        service=service, code="indicator-revision", title="درخواست بازنگری شاخص", title_en="Revision of an indicator",
        target_working_days=8, kind=RequestKind.GENERAL, terms=TypeTerms(**terms), by=cast.laleh,
    )  # fmt: skip
    for unit, head in ((cast.a, cast.reza), (cast.b, cast.kamran)):
        accept_terms(service, unit, head)
    return kind


def accept_terms(service: Service, unit: Unit, head: Person) -> None:
    agreement = service.agreement_versions.get(number=1)
    if not has_accepted(unit, agreement):
        answer_agreement(agreement=agreement, unit=unit, answer=Answer.ACCEPTED, by=head)


def priced(kind: RequestType, rials: int = FEE) -> RequestType:
    """The type costs that much from now on."""
    table = make_tariffs(kind.service)
    TariffRow.objects.create(table=table, request_type=kind, rials=rials, line=2)
    return kind


def a_pdf(name: str = "sanad.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF)


def drafted(cast: Cast, kind: RequestType, *, files=()) -> GeneralRequest:
    """Sara's draft for unit A."""
    return draft_request(unit=cast.a, request_type=kind, reason=WHY, by=cast.sara, files=files)


def filed(cast: Cast, kind: RequestType, *, files=()) -> GeneralRequest:
    """Filed by Reza, who heads unit A."""
    return file_request(general=drafted(cast, kind, files=files), by=cast.reza)


def paid(cast: Cast, general: GeneralRequest, bank) -> Payment:
    """Its fee, paid by Reza at the bank and followed up."""
    payment = pay_for_request(general=general, by=cast.reza, return_url=back_to)
    bank.visit(payment)
    payment = settle_payment(payment.order_id)
    follow_payment(payment)
    return payment


def decided(
    cast: Cast, kind: RequestType, decision: str = Decision.PARTLY, *, files=()
) -> tuple[GeneralRequest, RequestDecision]:
    general = filed(cast, kind, files=files)
    made = decide_request(general=general, decision=decision, reason="از ترم آینده پذیرفته است.", by=cast.laleh)
    return again(general), made


def contested_request(cast: Cast, kind: RequestType) -> tuple[GeneralRequest, Dispute]:
    general, _made = decided(cast, kind)
    return general, contest_decision(general=general, text="این ترم را هم می‌خواهیم.", by=cast.reza)


def again(general: GeneralRequest) -> GeneralRequest:
    """As it stands now."""
    return GeneralRequest.objects.with_status().select_related(
        "unit", "request_type__service__provider", "request__agreement"
    ).get(pk=general.pk)  # fmt: skip
