"""How the portal is used: a page for each role's way, and how deadlines are counted."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access


@dataclass(frozen=True)
class HelpChapter:
    key: str
    icon: str
    title: Promise
    steps: tuple[Promise, ...]


CHAPTERS = (
    HelpChapter(
        "expert", "pencil-square", _("Unit expert: filling in a report"),
        (
            _("Your desk shows the open report with its deadline. Go on where you left off."),
            _("What you write is saved a moment later, also when the network fails or your session ends: it stays in this browser and is sent afterwards."),
            _("Write figures with Persian or Latin digits. A ratio is worked out from its two figures."),
            _("Attach the evidence that an indicator asks for. Where a value departs from your unit’s earlier periods, write why."),
            _("The list of what is missing leads to each place. When it is empty, ask the head for the signature."),
        ),
    ),
    HelpChapter(
        "head", "person-check", _("Head of unit: signing, accepting, contesting"),
        (
            _("Accept the service agreement once for each version; without it nothing can be submitted."),
            _("Before signing you see what has changed since you last looked. Send the report back with a note, or sign and submit it."),
            _("The receipt carries the tracking code and says whether the report came on time, within an extension or in grace."),
            _("Until a reviewer starts and before the deadline you can take a submission back."),
            _("If there is not enough time, ask for an extension on the report’s page, before or shortly after the closing."),
            _("You can contest a result until the end of its objection window. A month of negotiation follows; without agreement the provider’s view is final."),
        ),
    ),
    HelpChapter(
        "reviewer", "clipboard2-check", _("Reviewer: verifying and scoring"),
        (
            _("Your queue is ordered by the deadline of the service. Nobody reviews a unit that they report for, or one above or below it."),
            _("For each indicator you see the claim, the evidence and earlier periods. Accept the figures or write those that the evidence shows, with the reason."),
            _("Ratios and scores are worked out from the verified figures and explain themselves."),
            _("Return the report with a remark on each indicator that has to be corrected; the service clock pauses meanwhile."),
            _("Hand in when every indicator has a finding. Where reviewers differ, a lead settles."),
        ),
    ),
    HelpChapter(
        "coordinator", "collection", _("Coordinator: calls and results"),
        (
            _("Import the form as an XLSForm workbook; what is broken is named by sheet, row and column, and nothing is stored."),
            _("Write the call’s draft, look at who is asked, and publish it. Publishing freezes the form, the agreement and the documents."),
            _("Extending, closing early, excusing a unit and cancelling need a reason, which is kept and told to those concerned."),
            _("Announce results when the review is settled, one or many at once."),
            _("In a dispute you speak for the provider: answer, offer, or state the provider’s view before the month ends."),
        ),
    ),
    HelpChapter(
        "fees", "credit-card", _("Fees: paying, receipts, money back"),
        (
            _("Whether a call costs anything, and by which row of the tariff table, stands on its page and on the report’s. Nothing there means that it is free."),
            _("The head pays at the bank before submitting. Only what the bank confirms to the portal itself counts; closing the browser loses nothing."),
            _("If the bank does not answer, do not pay again: the portal asks the bank by itself and tells you. A report paid for is never charged twice."),
            _("A payment that was under way when the deadline passed leaves two hours for submitting after the bank’s confirmation."),
            _("Money that bought nothing stands on the refund list and is given back with the consent of two people. Receipts and the statement are under “Payments”."),
        ),
    ),
    HelpChapter(
        "oversight", "eye", _("Auditor: oversight and analysis"),
        (
            _("You read everything within your units and change nothing."),
            _("“Oversight” shows targets met and missed, overdue positions, reasons for returns and extensions, and disputes by outcome; every table can be taken away as a file."),
            _("“Analysis” cuts announced results by unit, period and indicator. Ratios are worked out from summed figures, never averaged."),
            _("The interval beside a rank says how far it moves when the weights vary by a quarter. Units whose intervals overlap should not be told apart by their rank."),
        ),
    ),
    HelpChapter(
        "deadlines", "clock", _("How deadlines are counted"),
        (
            _("A day that ends something ends at midnight in Tehran. The verdict is the portal’s own clock, which stands at the foot of each page."),
            _("Days for correction and objection are calendar days: the first is not counted, and a last day on a holiday moves on to the next working day."),
            _("The month of a dispute is counted by the rule of the agreement; the dispute’s page shows each day and why it counts."),
            _("A grace period, where a call has one, still takes the report and says so on the receipt."),
        ),
    ),
)  # fmt: skip


@access("public")
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "reports/help/page.html", {"chapters": CHAPTERS})
