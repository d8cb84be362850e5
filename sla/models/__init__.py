"""Under what terms: the service, its agreement, documents, working calendar, service requests and disputes."""

from .agreements import Acceptance, AgreementSection, AgreementVersion
from .clients import Client, ClientAnswer, ClientSeat, ClientTerms, Webhook, WebhookMessage
from .disputes import Dispute, DisputeFile, DisputeMessage, Offer, Position
from .documents import Document, Holiday, WorkingWeek
from .general import GeneralRequest, RequestDecision, RequestFile, RequestMessage, RequestRoom
from .payments import LedgerEntry, Payment, Reconciliation, Refund
from .requests import ClockInterval, ServiceRequest
from .services import RequestTarget, RequestType, Service
from .shared import both_or_neither
from .tariffs import TariffRow, TariffTable

__all__ = [
    "Acceptance",
    "AgreementSection",
    "AgreementVersion",
    "Client",
    "ClientAnswer",
    "ClientSeat",
    "ClientTerms",
    "ClockInterval",
    "Dispute",
    "DisputeFile",
    "DisputeMessage",
    "Document",
    "GeneralRequest",
    "Holiday",
    "LedgerEntry",
    "Offer",
    "Payment",
    "Position",
    "Reconciliation",
    "Refund",
    "RequestDecision",
    "RequestFile",
    "RequestMessage",
    "RequestRoom",
    "RequestTarget",
    "RequestType",
    "Service",
    "ServiceRequest",
    "TariffRow",
    "TariffTable",
    "Webhook",
    "WebhookMessage",
    "WorkingWeek",
    "both_or_neither",
]
