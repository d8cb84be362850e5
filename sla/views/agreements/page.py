"""The agreement's versions: the list, a version's text in its order, on paper, what changed, a head's answer."""

from django.contrib import messages
from django.core.cache import cache
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.language import current_language
from sajad_portal.lib.pdf import pdf_of, pdf_response
from units.pages.frame import SignedInRequest
from units.queries.successions import inherited_units

from ... import queries, rules
from ...actions.agreements import answer_agreement
from ...enums import AgreementState, Answer
from ...forms import RefusalForm
from ...models import AgreementVersion, Service
from ...pages import comparison
from ...queries import agreements as queries_agreements

# A published text never changes, so neither does its paper.
PAPER_LASTS = 86_400


@access("public")
@require_GET
def agreements(request: HttpRequest) -> HttpResponse:
    at = database_now()
    versions = (
        queries.visible_agreements(request.user)
        .annotate(accepted=Count("acceptances", filter=Q(acceptances__answer=Answer.ACCEPTED)))
        .order_by("service__title", "-number")
    )
    services = Service.objects.filter(closed_at=None).select_related("provider").prefetch_related("agreement_versions")
    context = {
        "versions": versions,
        "waiting": queries.unanswered(request.user, at),
        "drafting": [
            (s, _next_step(s)) for s in services.order_by("title") if rules.is_provider_coordinator(request.user, s, at)
        ],
    }
    return render(request, "sla/agreements/list.html", context)


def _next_step(service: Service) -> str:
    """What a coordinator does next to the text of this service's agreement."""
    versions = service.agreement_versions.all()
    if any(version.state == AgreementState.DRAFT for version in versions):
        return _("Work on the draft")
    return _("Write the next version") if versions else _("Write the first version from the shipped text")


@access("public")
@require_GET
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    at = database_now()
    version = queries.agreement_for(request.user, pk)
    oversees = rules.can_see_coverage(request.user, version, at)
    units = [*rules.own_units(request.user, at), *inherited_units(request.user, at)]
    context = {
        "agreement": version,
        "sections": version.sections.all(),
        "current": queries.current_agreement(version.service),
        "before": queries_agreements.version_before(version),
        "mine": [
            (unit, queries.acceptance_of(unit, version), rules.can_answer_agreement(request.user, version, unit, at))
            for unit in (units if version.state == AgreementState.PUBLISHED else [])
        ],
        "counts": _counts(version, at) if oversees else None,
        "can_edit": rules.can_edit_agreement(request.user, version, at),
        "can_dispute": rules.can_file_disputes(request.user, at) and version.state == AgreementState.PUBLISHED,
    }
    return render(request, "sla/agreements/page.html", context)


def _counts(version: AgreementVersion, at) -> dict[str, int]:
    return queries_agreements.coverage_counts(queries_agreements.covered_units(version, at))


@access("public")
@require_GET
def agreement_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The text on paper. A unit's copy with its acceptance is reports' (views/agreement_of_unit.py)."""
    version = queries.agreement_for(request.user, pk)
    draft = version.state == AgreementState.DRAFT
    key = f"agreement-paper:{version.text_hash}:{current_language()}"
    pdf = None if draft else cache.get(key)
    if pdf is None:
        context = {"agreement": version, "sections": version.sections.all()}
        pdf = pdf_of("sla/agreements/pdf.html", context, "css/pdf/agreement.css")
        if not draft:
            cache.set(key, pdf, PAPER_LASTS)
    return pdf_response(pdf, f"agreement-{version.service.slug}-{version.number}.pdf")


@access("public")
@require_GET
def agreement_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Word by word against the version before, or against any other: `?since=` its number."""
    version = queries.agreement_for(request.user, pk)
    others = [other for other in queries_agreements.other_versions(request.user, version) if other != version]
    asked = request.GET.get("since", "")
    since = next((other for other in others if str(other.number) == asked), None)
    if since is None:
        since = queries_agreements.version_before(version) or next(iter(others), None)
    clauses = comparison.compare_versions(since, version) if since else []
    context = {
        "agreement": version,
        "since": since,
        "others": others,
        "clauses": clauses,
        "touched": [clause for clause in clauses if clause.kind != comparison.AS_WAS],
        "added": sum(clause.added for clause in clauses),
        "removed": sum(clause.removed for clause in clauses),
    }
    return render(request, "sla/agreements/changes.html", context)


@access("can_answer_agreement")
def agreement_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    version = queries.agreement_for(request.user, pk)
    units = rules.answered_units(request.user, at)
    unit = next((u for u in units if u.code == request.GET.get("unit")), units[0] if units else None)
    if unit is None:
        raise Forbidden(_("Only the head of a unit answers to the agreement. Ask the head of your unit to read it."))
    form = RefusalForm(request.POST if request.POST.get("answer") == Answer.REFUSED else None)
    if request.method == "POST" and (request.POST.get("answer") == Answer.ACCEPTED or form.is_valid()):
        answer = Answer.ACCEPTED if request.POST.get("answer") == Answer.ACCEPTED else Answer.REFUSED
        reason = form.cleaned_data["reason"] if answer == Answer.REFUSED else ""
        answer_agreement(agreement=version, unit=unit, answer=answer, reason=reason, by=request.user)
        messages.success(
            request,
            _("The agreement is accepted for %(unit)s.") % {"unit": unit.name}
            if answer == Answer.ACCEPTED
            else _("The refusal is recorded; the organization has been told."),
        )
        return redirect("sla:agreement", version.pk)
    context = {
        "agreement": version,
        "sections": version.sections.all(),
        "unit": unit,
        "units": units,
        "accepted": queries.acceptance_of(unit, version),
        "answers": queries.agreement_answers(unit, version),
        "may": rules.can_answer_agreement(request.user, version, unit, at),
        "form": form,
    }
    return render(request, "sla/agreements/answer.html", context, status=422 if form.errors else 200)
