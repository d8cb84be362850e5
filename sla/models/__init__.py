"""Under what terms: the service, its agreement, documents, working calendar, service requests and disputes."""

from .agreements import Acceptance, AgreementSection, AgreementVersion
from .disputes import Dispute, DisputeFile, DisputeMessage, Offer, Position
from .documents import Document, Holiday
from .requests import ClockInterval, ServiceRequest
from .services import RequestType, Service
from .shared import both_or_neither

__all__ = [
    "Acceptance",
    "AgreementSection",
    "AgreementVersion",
    "ClockInterval",
    "Dispute",
    "DisputeFile",
    "DisputeMessage",
    "Document",
    "Holiday",
    "Offer",
    "Position",
    "RequestType",
    "Service",
    "ServiceRequest",
    "both_or_neither",
]
