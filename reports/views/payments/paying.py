"""To the bank, and back. What the bank's address says on the way back is a hint to ask the bank, and nothing else."""

from datetime import timedelta

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.address import client_address
from sajad_portal.lib.clock import database_now
from sla.actions.requests import pay_for_request
from sla.actions.settling import settle_payment
from sla.enums import ASKED_PAYMENTS, PaymentState
from sla.gateways import bank_page
from sla.models import GeneralRequest, Payment
from sla.queries.requests import general_request_for, visible_requests
from units.actions.throttle import count_attempt, throttle_key
from units.pages.frame import SignedInRequest

from ...actions.payments import follow_payment, pay_for_extension, pay_for_report
from ...models import ExtensionRequest, Report
from ...pages.payments.attempt import says_of
from ...queries import report_for, reports_at, visible_reports

GUESSES, ASKED, WINDOW = 30, 60, timedelta(minutes=10)


@access("can_pay")
@require_POST
def report_pay(request: SignedInRequest, code: str) -> HttpResponse:
    """Begin to pay the report's fee and go to the bank."""
    report = report_for(request.user, code, database_now())
    return _to_bank(pay_for_report(report=report, by=request.user, return_url=_return_url(request)))


@access("can_pay_extension")
@require_POST
def extension_pay(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin to pay an extension request's fee and go to the bank."""
    asked = get_object_or_404(ExtensionRequest.objects.select_related("request", "report"), pk=pk)
    report_for(request.user, asked.report.tracking_code, database_now())  # 404 for a stranger
    return _to_bank(pay_for_extension(asked=asked, by=request.user, return_url=_return_url(request)))


@access("can_pay_request")
@require_POST
def request_pay(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin to pay a general request's fee and go to the bank."""
    general = general_request_for(request.user, pk)
    return _to_bank(pay_for_request(general=general, by=request.user, return_url=_return_url(request)))


def _return_url(request: HttpRequest):
    return lambda order_id: request.build_absolute_uri(reverse("reports:payment_return", args=[order_id]))


def _to_bank(payment: Payment) -> HttpResponse:
    answer = HttpResponseRedirect(bank_page(payment))
    # The national switch wants to see from which site a payer comes; the site, not the page.
    answer["Referrer-Policy"] = "strict-origin"
    return answer


@access("public")
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def payment_return(request: HttpRequest, order_id: str) -> HttpResponse:
    """Where the bank sends the payer back, and where it may call by itself: we ask the bank, and show what the ledger says.

    Open to anybody who has the order number (100 random bits): the payer may come back in another browser. It shows no more
    than how the payment went; who may see the report is signed in and gets the way to it.
    """
    payment = Payment.objects.filter(order_id=order_id).first()
    if payment is None:
        count_attempt(throttle_key("payment-guess", client_address(request)), GUESSES, WINDOW).insist()
        raise Http404
    # Beyond the count the page still tells what is known; only the bank is not asked again.
    undecided = payment.state in ASKED_PAYMENTS and request.method != "HEAD"
    if undecided and count_attempt(throttle_key("payment", order_id), ASKED, WINDOW).allowed:
        payment = settle_payment(order_id) or payment
        if payment.state == PaymentState.PAID:
            follow_payment(payment)
    if request.method == "POST":
        # A form that a bank's page sends brings no session along; the GET that follows does.
        return redirect("reports:payment_return", order_id)
    context = {
        "payment": payment,
        "says": says_of(payment),
        "report": _report_of(payment, request.user),
        "general": _general_of(payment, request.user),
    }
    return render(request, "reports/payments/return.html", context)


def _report_of(payment: Payment, person) -> Report | None:
    """The report that the payment is about, for who may see it."""
    if not person.is_authenticated:
        return None
    about = Q(request=payment.request_id) | Q(extension_requests__request=payment.request_id)
    return reports_at(database_now()).filter(about, visible_reports(person)).first()


def _general_of(payment: Payment, person) -> GeneralRequest | None:
    """The general request that it is about, for who may see it."""
    if not person.is_authenticated:
        return None
    return visible_requests(person).filter(request=payment.request_id).first()
