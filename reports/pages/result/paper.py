"""What the templates of a result's letter get, on screen, in print, and for programs."""

from datetime import datetime

from sajad_portal.lib import periods
from sajad_portal.lib.language import current_language
from sajad_portal.lib.pdf import pdf_of
from units.models import Person

from ...models import Report, ResultVersion
from ...queries import form_of
from ...queries.results import peers_of
from ..payments.fees import fee_of_report
from .letter import letter_of
from .page import result_view


def letter_context(
    report: Report, versions: list[ResultVersion], version: ResultVersion, person: Person, at: datetime
) -> dict:
    """`versions`: all that were announced, the one that stands last; `version`: the one that the letter is about."""
    call, peers = report.call, peers_of(report)
    return {
        "report": report,
        "call": call,
        "period": periods.label(call.period_kind, call.period_starts, call.period_ends),
        "version": version,
        "letter": letter_of(report, version, versions[-1], current_language()),
        "result": result_view(version, form_of(call.form_version), current_language(), peers, None, names=False),
        "peers": peers,
        "fee": fee_of_report(report, person, at),
    }


def letter_pdf(context: dict) -> bytes:
    return pdf_of("letters/pdf.html", context, "css/pdf/letter.css")


def letter_name(context: dict) -> str:
    return f"result-{context['report'].tracking_code}-{context['version'].number}.pdf"
