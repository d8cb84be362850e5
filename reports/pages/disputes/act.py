"""A contested act in words: what was done to the unit, as names and values."""

from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits, local_number
from sla.enums import Decision, Subject
from sla.models import GeneralRequest, RequestDecision, ServiceRequest

from ...models import ExtensionRequest, Report, ReturnRound
from ...notices.extensions import decided_in_words
from ...queries import asked_of
from ...queries.judged_rows import label_of


def act_facts(report: Report, subject: str, key: int) -> list[tuple[str, str]]:
    """What is contested, as names and values of a page. Empty where the row is none of this report's."""
    language = current_language()
    if subject == Subject.EXTENSION:
        asked = report.extension_requests.filter(pk=key).first()
        return _of_extension(asked) if asked else []
    if subject == Subject.RETURN:
        round_ = report.returns.filter(pk=key).select_related("returned_by").first()
        return _of_return(report, round_, language) if round_ else []
    if subject == Subject.MISS and key == report.pk:
        return [
            (_("Deadline"), until(report.deadline)),
            (_("Last moment, with the grace"), until(report.last_moment)),
            (_("What came by then"), _("nothing was submitted")),
        ]
    if subject == Subject.FEE:
        requests = ServiceRequest.objects.select_related("request_type", "tariff__table")
        request = requests.filter(pk=key, unit_id=report.unit_id).first()
        return fee_facts(request) if request else []
    return []


def decision_facts(general: GeneralRequest, made: RequestDecision) -> list[tuple[str, str]]:
    """A decision on a general request."""
    return [
        (_("Request"), general.request_type.title_here),
        (_("What was asked, and why"), general.reason),
        (_("Decision"), str(Decision(made.decision).label)),
        (_("Reason of the decision"), made.reason),
    ]


def _of_extension(asked: ExtensionRequest) -> list[tuple[str, str]]:
    return [
        (_("Asked until"), until(asked.asked_until)),
        (_("Reason given by the unit"), asked.reason),
        (_("Decision"), decided_in_words(asked)),
    ]


def _of_return(report: Report, round_: ReturnRound, language: str) -> list[tuple[str, str]]:
    definition = asked_of(report)
    last = report.revisions.filter(submitted_at__lte=round_.returned_at).order_by("number").last()
    rows = [(_("Due"), until(round_.due_at))]
    if round_.note:
        rows.append((_("Note"), round_.note))
    for code, remark in round_.remarks.items():
        judged = definition.judged_as(code)
        rows.append((label_of(definition, judged, last, language) if judged else code, remark))
    return rows


def fee_facts(request: ServiceRequest) -> list[tuple[str, str]]:
    """What was to be paid, for what and by which tariffs."""
    rows = [
        (_("For"), request.request_type.title_here),
        (_("Amount"), _("%(rials)s rials") % {"rials": local_number(request.price_rials)}),
    ]
    if request.tariff:
        table = request.tariff.table
        told = {
            "line": local_digits(request.tariff.line),
            "year": local_digits(table.year),
            "number": local_digits(table.number),
        }
        rows.append((_("Source"), _("row %(line)s of the tariffs of %(year)s, version %(number)s") % told))
    return rows
