"""What is done: forms, calls, reports, reviews, results."""

from .announcing import AnnouncementOrder
from .calls import Call, CallDocument, Snapshot
from .exports import Export
from .facts import FactStamp, IndicatorFact, ResultFact
from .forms import Form, FormFile, FormVersion
from .history import HistoryFigure, HistoryFile
from .reports import (
    DraftSection,
    Evidence,
    EvidenceTotal,
    ExtensionRequest,
    Report,
    ReturnRound,
    Revision,
    SignOffRound,
)
from .results import Objection, ObjectionLine, ResultVersion
from .reviews import Review, ReviewAssignment, ReviewItem
from .seals import Seal

__all__ = [
    "AnnouncementOrder",
    "Call",
    "CallDocument",
    "DraftSection",
    "Evidence",
    "EvidenceTotal",
    "Export",
    "ExtensionRequest",
    "FactStamp",
    "Form",
    "FormFile",
    "FormVersion",
    "HistoryFigure",
    "HistoryFile",
    "IndicatorFact",
    "Objection",
    "ObjectionLine",
    "Report",
    "ResultFact",
    "ResultVersion",
    "ReturnRound",
    "Review",
    "ReviewAssignment",
    "ReviewItem",
    "Revision",
    "Seal",
    "SignOffRound",
    "Snapshot",
]
