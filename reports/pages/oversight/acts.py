"""What was done out of the ordinary course, and the reasons that were given: returns, extensions, early closings, excuses."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.language import current_language
from sla.enums import Decision
from sla.models import RequestDecision
from units.models import Event

from ...enums import ReportVerb
from ...models import Call, ExtensionRequest, FormVersion, Report, ReturnRound
from ...queries import form_of
from ...xlsform.tables import ROW, TABLE, bare
from .scope import Scope, Window

MOST = 8

# (noun, verb) → what it is called here. Each is refused without a reason, but for tries at drafts, which are refused anyway.
ACTS: dict[tuple[str, str], Promise] = {
    ("call", ReportVerb.CLOSE_EARLY): _("Early closing"),
    ("call", ReportVerb.EXTEND): _("Extension of a call"),
    ("report", ReportVerb.EXTEND): _("Extension of a unit"),
    ("report", ReportVerb.EXCUSE): _("Excuse of a unit"),
    ("report", ReportVerb.ASK_LATE): _("Unit asked late"),
    ("call", ReportVerb.OPEN_EARLY): _("Early opening"),
    ("call", ReportVerb.CANCEL): _("Cancelled call"),
    ("report", ReportVerb.TRY_DRAFT): _("Try at a draft from outside the unit"),
}


def act_kind(noun: str, verb: str) -> str:
    return f"{noun}-{verb}".replace("_", "-")


KINDS = {act_kind(*act): label for act, label in ACTS.items()}


# ---------------------------------------------------------------------------------------------------------- returns
@dataclass(frozen=True)
class Returns:
    total: int
    answered: int
    lapsed: int
    withdrawn: int
    indicators: list[tuple[str, str, int]]  # (code, label, how often it was remarked on), the most often first

    @property
    def waiting(self) -> int:
        return self.total - self.answered - self.lapsed - self.withdrawn


def returns_in(scope: Scope, window: Window) -> QuerySet[ReturnRound]:
    return ReturnRound.objects.filter(
        scope.of("report__unit__path", "report__call__agreement__service"), window.of("returned_at")
    )


def returns_of(scope: Scope, window: Window, at: datetime) -> Returns:
    rounds = returns_in(scope, window)
    # A deadline that has passed without an answer is a lapse, recorded or not.
    lapsed = Q(lapsed_at__isnull=False) | ReturnRound.OPEN & Q(due_at__lte=at)
    counts = rounds.aggregate(
        total=Count("pk"),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        lapsed=Count("pk", filter=lapsed),
        withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
    )
    remarked: Counter = Counter()
    for remarks in rounds.values_list("remarks", flat=True).iterator(chunk_size=2000):
        remarked.update({table_code(code) for code in remarks})
    forms = FormVersion.objects.filter(calls__reports__returns__in=rounds).distinct() if remarked else []
    labels = labels_of(forms)
    return Returns(**counts, indicators=[(code, labels.get(code, code), n) for code, n in remarked.most_common(MOST)])


def labels_of(forms) -> dict[str, str]:
    """{indicator code: its label in the page's language} over form versions; a later version has the last word."""
    language = current_language()
    return {i.code: i.label_in(language) for form in forms for i in (*form_of(form).judged, *form_of(form).indicators)}


def table_code(code: str) -> str:
    """Of a row's name (`row:TABLE@ROW`) its table's: rows of many reports are counted together."""
    return f"{TABLE}{bare(code).removeprefix(ROW)}" if code.startswith(ROW) else code


# ------------------------------------------------------------------------------------------------------- extensions
def extensions_in(scope: Scope, window: Window) -> QuerySet[ExtensionRequest]:
    return ExtensionRequest.objects.filter(
        scope.of("report__unit__path", "report__call__agreement__service"), window.of("asked_at")
    )


def extensions_of(scope: Scope, window: Window) -> list[tuple[str, str, int]]:
    """[(decision, its word, how many requests)], those that wait last."""
    counts = dict(extensions_in(scope, window).order_by().values_list("decision").annotate(Count("pk")))
    rows = [(value, str(label), counts.get(value, 0)) for value, label in Decision.choices]
    return [*rows, ("waiting", str(_("Not decided yet")), counts.get("", 0))]


def decisions_of(scope: Scope, window: Window) -> list[tuple[str, str, int]]:
    """[(decision, its word, how many)] of general requests, those by agreement among them."""
    found = RequestDecision.objects.filter(
        scope.of("general__unit__path", "general__request_type__service"), window.of("at")
    )
    counts = dict(found.order_by().values_list("decision").annotate(Count("pk")))
    return [(value, str(label), counts.get(value, 0)) for value, label in Decision.choices]


# ----------------------------------------------------------------------------------------------- closings, excuses
def acts_in(scope: Scope, window: Window) -> QuerySet[Event]:
    """The events of ACTS: about reports within the scope, and about calls that ask one of these or are of a provider in it."""
    reports = Report.objects.filter(scope.of("unit__path", "call__agreement__service"))
    verbs: dict[str, list[str]] = {}
    for noun, verb in ACTS:
        verbs.setdefault(noun, []).append(verb)
    of_calls = Q(noun="call", verb__in=verbs["call"]) & (scope.of("path") | Q(call_id__in=reports.values("call_id")))
    if scope.service:
        of_calls &= Q(call_id__in=Call.objects.filter(agreement__service=scope.service).values("pk"))
    of_reports = Q(noun="report", verb__in=verbs["report"], key__in=reports.values("tracking_code"))
    return Event.objects.filter(window.of("at")).filter(of_calls | of_reports)


def counted_acts(scope: Scope, window: Window) -> list[tuple[str, str, int]]:
    """[(kind, its word, how many)]"""
    counted = acts_in(scope, window).order_by().values_list("noun", "verb").annotate(n=Count("pk"))
    counts = {act_kind(noun, verb): n for noun, verb, n in counted}
    return [(kind, str(label), counts.get(kind, 0)) for kind, label in KINDS.items()]


def of_kind(acts: QuerySet[Event], kind: str) -> QuerySet[Event]:
    for noun, verb in ACTS:
        if act_kind(noun, verb) == kind:
            return acts.filter(noun=noun, verb=verb)
    return acts
