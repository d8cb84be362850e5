"""The agreement's versions: the list, a version's text in its order, its acceptance, its drafting."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from .. import queries, rules
from ..actions.agreements import answer_agreement, draft_agreement, edit_section, publish_agreement
from ..enums import AgreementState, Answer
from ..forms import RefusalForm, SectionForm
from ..models import AgreementVersion, Service


@access("public")
def agreements(request: HttpRequest) -> HttpResponse:
    at = database_now()
    versions = list(
        queries.visible_agreements(request.user)
        .annotate(accepted=Count("acceptances", filter=Q(acceptances__answer=Answer.ACCEPTED)))
        .order_by("service__title", "-number")
    )
    newest = queries.newest_numbers(versions)
    services = Service.objects.select_related("provider").order_by("title")
    context = {
        "versions": [(version, newest.get(version.service_id) == version.number) for version in versions],
        "waiting": queries.unanswered(request.user, at),
        "drafting": [s for s in services if rules.is_provider_coordinator(request.user, s, at)],
    }
    return render(request, "sla/agreements/list.html", context)


@access("public")
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    at = database_now()
    version = queries.agreement_for(request.user, pk)
    current = queries.current_agreement(version.service)
    speaks = rules.is_provider_coordinator(request.user, version.service, at)
    context = {
        "agreement": version,
        "sections": version.sections.all(),
        "current": current,
        "is_current": current == version,
        "mine": [
            (unit, queries.acceptance_of(unit, version), rules.can_answer_agreement(request.user, version, unit, at))
            for unit in rules.headed_units(request.user, at)
        ],
        "speaks": speaks,
        "answers": queries.coverage(version) if speaks else None,
        "can_edit": rules.can_edit_agreement(request.user, version, at),
        "can_dispute": rules.can_file_disputes(request.user, at) and version.state == AgreementState.PUBLISHED,
    }
    return render(request, "sla/agreements/page.html", context)


@access("can_answer_agreement")
def agreement_answer(request: HttpRequest, pk: int) -> HttpResponse:
    at = database_now()
    version = queries.agreement_for(request.user, pk)
    units = rules.headed_units(request.user, at)
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
        "answers": queries.answers_of(unit, version),
        "may": rules.can_answer_agreement(request.user, version, unit, at),
        "form": form,
    }
    return render(request, "sla/agreements/answer.html", context, status=422 if form.errors else 200)


# ------------------------------------------------------------------------------------------------ drafting
@access("is_provider_coordinator")
@require_POST
def agreement_new(request: HttpRequest, slug: str) -> HttpResponse:
    service = get_object_or_404(Service, slug=slug)
    draft = service.agreement_versions.filter(state=AgreementState.DRAFT).first()
    if draft is None or not rules.is_provider_coordinator(request.user, service, database_now()):
        draft = draft_agreement(service=service, by=request.user)
    return redirect("sla:agreement_edit", draft.pk)


@access("can_edit_agreement")
def agreement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Each section is a form of its own: what is wrong in one keeps nobody from saving another."""
    version = _draft(request, pk)
    key = request.POST.get("section", "")
    forms, status = [], 200
    for section in version.sections.all():
        typed = request.POST if section.key == key else None
        texts = {name: getattr(section, name) for name in SectionForm.base_fields}
        form = SectionForm(typed, initial=texts, prefix=section.key, auto_id=f"{section.key}_%s")
        if typed is not None and form.is_valid():
            try:
                edit_section(agreement=version, key=key, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("“%(section)s” is saved.") % {"section": form.cleaned_data["heading"]})
                return redirect("sla:agreement_edit", version.pk)
        status = 422 if form.errors else status
        forms.append((section, form))
    return render(request, "sla/agreements/edit.html", {"agreement": version, "forms": forms}, status=status)


@access("can_edit_agreement")
@require_POST
def agreement_publish(request: HttpRequest, pk: int) -> HttpResponse:
    version = publish_agreement(agreement=queries.agreement_for(request.user, pk), by=request.user)
    messages.success(request, _("The version is in force. Every head has been asked to accept it."))
    return redirect("sla:agreement", version.pk)


def _draft(request: HttpRequest, pk: int) -> AgreementVersion:
    version = queries.agreement_for(request.user, pk)
    at = database_now()
    if not rules.is_provider_coordinator(request.user, version.service, at):
        raise Forbidden(_("Only a coordinator of the providing unit does this."))
    if not rules.can_edit_agreement(request.user, version, at):
        raise Http404
    return version
