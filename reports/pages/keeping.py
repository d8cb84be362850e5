"""The page of what is kept: each table, why, how long, how much of it there is and how it grows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Count, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sajad_portal.lib.numbers import local_number
from sla import models as sla
from sla.actions.client_answers import KEPT_FOR as ANSWERS_KEPT
from sla.actions.webhooks import MESSAGES_KEPT
from units import models as units
from units.actions.sessions import KEPT_FOR as SESSIONS_KEPT
from units.actions.throttle import FORGOTTEN_AFTER

from .. import models as reports
from ..enums import Why
from ..queries.keeping import PASSING, Passing, lasting_claims, lasting_notices

LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Kept:
    """Tables that are kept alike. `instant`: when a row of the first one came, where it has such a moment. `rows`: which of the
    first one's rows are meant, where another line has the rest. `days`: how long; None: for good."""

    why: Why
    words: str | Promise
    models: tuple[type[Model], ...]
    instant: str = ""
    rows: Callable[[], QuerySet] | None = None
    days: Callable[[], int | None] = lambda: None

    def of_first(self) -> QuerySet:
        return self.rows() if self.rows else self.models[0]._default_manager.all()


def _passing(words: str | Promise, which: Passing) -> Kept:
    return Kept(Why.PASSING, words, (which.model,), which.instant, which.rows, lambda: which.days or None)


_NOTICES, _EXPORTS, _DIGESTS, _CLAIMS = PASSING
# Every table of the portal; a test fails for one that is not here.
KEPT: tuple[Kept, ...] = (
    Kept(Why.PROOF, gettext_lazy("The record: who did what, and when"), (units.Event,), "at"),
    Kept(Why.PROOF, gettext_lazy("The seal over the record"), (reports.Seal,), "at"),
    Kept(
        Why.PROOF, gettext_lazy("Submissions, signatures, returns and requests for more time"),
        (reports.Revision, reports.SignOffRound, reports.ReturnRound, reports.ExtensionRequest), "submitted_at",
    ),
    Kept(
        Why.PROOF, gettext_lazy("Results and objections"),
        (reports.ResultVersion, reports.Objection, reports.ObjectionLine), "prepared_at",
    ),
    Kept(Why.PROOF, gettext_lazy("Who had submitted when a call closed"), (reports.Snapshot,), "taken_at"),
    Kept(Why.PROOF, gettext_lazy("Answers to agreements"), (sla.Acceptance,), "at"),
    Kept(Why.PROOF, gettext_lazy("General terms that programs accepted"), (sla.ClientTerms,), "at"),
    Kept(
        Why.PROOF, gettext_lazy("Notices of acts, deadlines and decisions"), (units.Notice,), "created_at", lasting_notices,
    ),
    Kept(Why.PROOF, gettext_lazy("What happens once and has happened"), (units.Once,), "at", lasting_claims),
    Kept(
        Why.WORK, gettext_lazy("Disputes"),
        (sla.Dispute, sla.Position, sla.DisputeMessage, sla.DisputeFile, sla.Offer), "filed_at",
    ),
    Kept(Why.WORK, gettext_lazy("Payments and the ledger"), (sla.LedgerEntry, sla.Payment, sla.Refund, sla.Reconciliation), "at"),
    Kept(Why.WORK, gettext_lazy("Reports and their drafts"), (reports.Report, reports.DraftSection)),
    Kept(
        Why.WORK, gettext_lazy("Evidence; what left its draft before anybody was asked to sign goes after a day"),
        (reports.Evidence, reports.EvidenceTotal), "uploaded_at",
    ),
    Kept(
        Why.WORK, gettext_lazy("Reviews"), (reports.ReviewItem, reports.Review, reports.ReviewAssignment), "saved_at",
    ),
    Kept(
        Why.WORK, gettext_lazy("Requests and their clocks"),
        (
            sla.ServiceRequest, sla.ClockInterval, sla.GeneralRequest, sla.RequestDecision, sla.RequestMessage, sla.RequestFile,
            sla.RequestRoom,
        ), "created_at",
    ),
    Kept(Why.WORK, gettext_lazy("Orders to announce results"), (reports.AnnouncementOrder,), "requested_at"),
    Kept(
        Why.TERMS, gettext_lazy("Units, people and their seats"),
        (
            units.Person, units.Membership, units.Unit, units.UnitKind, units.UnitAttribute, units.Organisation, units.Succession,
            Authenticator, units.FactorReset,
        ), "created_at",
    ),
    Kept(
        Why.TERMS, gettext_lazy("Services, agreements, documents, tariffs and the calendar"),
        (
            sla.Service, sla.RequestType, sla.RequestTarget, sla.AgreementVersion, sla.AgreementSection, sla.Document,
            sla.TariffTable, sla.TariffRow, sla.WorkingWeek, sla.Holiday,
        ),
    ),
    Kept(
        Why.TERMS, gettext_lazy("Programs, the seats lent to them and the addresses to be told"),
        (sla.Client, sla.ClientSeat, sla.Webhook), "created_at",
    ),
    Kept(
        Why.TERMS, gettext_lazy("Forms and calls"),
        (reports.Form, reports.FormVersion, reports.FormFile, reports.Call, reports.CallDocument), "created_at",
    ),
    Kept(
        Why.TERMS, gettext_lazy("Figures of earlier periods that were brought in"),
        (reports.HistoryFile, reports.HistoryFigure), "brought_at",
    ),
    Kept(
        Why.DERIVED, gettext_lazy("Figures of the analysis"), (reports.IndicatorFact, reports.ResultFact, reports.FactStamp),
    ),
    _passing(gettext_lazy("Notices of reminders, work given out and accounts"), _NOTICES),
    _passing(gettext_lazy("The list of files that were made and are gone"), _EXPORTS),
    _passing(gettext_lazy("Which day’s mail has left"), _DIGESTS),
    _passing(gettext_lazy("Which reminder has left"), _CLAIMS),
    Kept(
        Why.PASSING, gettext_lazy("Sessions that are over"), (units.AccountSession, Session), "started_at",
        days=lambda: SESSIONS_KEPT.days,
    ),
    Kept(
        Why.PASSING, gettext_lazy("Browsers that are known again"), (units.KnownDevice,), "used_at",
        days=lambda: settings.KNOWN_DEVICE_AGE.days,
    ),
    Kept(
        Why.PASSING, gettext_lazy("Counts of wrong tries"), (units.Throttle,), "window_starts_at",
        days=lambda: FORGOTTEN_AFTER.days,
    ),
    Kept(Why.PASSING, gettext_lazy("Answers kept for requests that come twice"), (sla.ClientAnswer,), "at", days=lambda: ANSWERS_KEPT.days),
    Kept(
        Why.PASSING, gettext_lazy("Messages to programs"), (sla.WebhookMessage,), "created_at",
        days=lambda: MESSAGES_KEPT.days,
    ),
    Kept(Why.PASSING, gettext_lazy("The last sign of life of each part"), (units.Heartbeat,), "at"),
)  # fmt: skip


@dataclass(frozen=True)
class KeptLine:
    """`lately`: rows of the first table that came in the last 30 days; None where they have no instant. `size`: bytes with indexes,
    of each table once; None where the database does not tell."""

    words: str
    tables: str
    rows: int
    lately: int | None
    size: int | None
    kept: str


@dataclass(frozen=True)
class KeptGroup:
    why: Why
    lines: list[KeptLine]


def kept_groups(at: datetime) -> list[KeptGroup]:
    sizes = _sizes()
    lines = [(kept.why, _line(kept, at, sizes)) for kept in KEPT]
    return [KeptGroup(why, [line for each, line in lines if each == why]) for why in Why]


def _line(kept: Kept, at: datetime, sizes: dict[str, int] | None) -> KeptLine:
    others = sum(model._default_manager.count() for model in kept.models[1:])
    figures = {"n": Count("pk")}
    if kept.instant:
        figures["lately"] = Count("pk", filter=Q(**{f"{kept.instant}__gte": at - LATELY}))
    found = kept.of_first().aggregate(**figures)
    names = [model._meta.db_table for model in kept.models]
    size = None if sizes is None else sum(sizes.pop(name, 0) for name in names)
    days = kept.days()
    for_so_long = ngettext("%(n)s day", "%(n)s days", days) % {"n": local_number(days)} if days else _("for good")
    return KeptLine(str(kept.words), ", ".join(names), found["n"] + others, found.get("lately"), size, for_so_long)


def _sizes() -> dict[str, int] | None:
    """{table: bytes with indexes and what lies beside it}; None where the database does not tell."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return dict(cursor.fetchall())
