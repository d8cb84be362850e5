"""Drafting the next version: section by section, in order, then published for ever."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.pages.frame import SignedInRequest

from ... import queries, rules
from ...actions.agreement_sections import add_section, change_dispute_rule, edit_section, move_section, remove_section
from ...actions.agreements import draft_agreement, publish_agreement
from ...enums import AgreementState
from ...forms import RuleForm, SectionForm
from ...models import AgreementVersion, Service
from ...queries import agreements as queries_agreements
from ...text.canonical import digest_of

NEW = "new"  # the prefix of the form for a section that is not there yet
MOVES = ("up", "down", "remove")


@access("is_provider_coordinator")
@require_POST
def agreement_new(request: SignedInRequest, slug: str) -> HttpResponse:
    service = get_object_or_404(Service, slug=slug)
    draft = service.agreement_versions.filter(state=AgreementState.DRAFT).first()
    if draft is None or not rules.is_provider_coordinator(request.user, service, database_now()):
        draft = draft_agreement(service=service, by=request.user)
    return redirect("sla:agreement_edit", draft.pk)


@access("can_edit_agreement")
def agreement_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Each section is a form of its own: what is wrong in one keeps nobody from saving another."""
    version = _draft(request, pk)
    key = request.POST.get("section", "")
    rows, status = [], 200
    for section in version.sections.all():
        typed = request.POST if section.key == key else None
        form = SectionForm.of(section, typed)
        clash = False
        if typed is not None and form.is_valid():
            try:
                edit_section(
                    agreement=version, key=key, by=request.user, seen=typed.get(f"{key}-seen", ""), **form.cleaned_data
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
                clash = refusal.code == "section-changed"
            else:
                messages.success(request, _("“%(section)s” is saved.") % {"section": form.cleaned_data["heading"]})
                return _back(version, key)
        status = 422 if form.errors else status
        rows.append({"section": section, "form": form, "seen": digest_of(section), "clash": clash})
    return _page(request, version, rows, SectionForm(prefix=NEW, auto_id=f"{NEW}_%s"), status)


@access("can_edit_agreement")
@require_POST
def section_add(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _draft(request, pk)
    form = SectionForm(request.POST, prefix=NEW, auto_id=f"{NEW}_%s")
    if form.is_valid():
        try:
            section = add_section(agreement=version, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("“%(section)s” is added at the end.") % {"section": section.heading})
            return _back(version, section.key)
    rows = [
        {"section": section, "form": SectionForm.of(section), "seen": digest_of(section), "clash": False}
        for section in version.sections.all()
    ]
    return _page(request, version, rows, form, 422)


@access("can_edit_agreement")
@require_POST
def section_move(request: SignedInRequest, pk: int, key: str, where: str) -> HttpResponse:
    """One place up, one place down, or out of the draft."""
    version = _draft(request, pk)
    if where not in MOVES:
        raise Http404
    if where == "remove":
        remove_section(agreement=version, key=key, by=request.user)
        messages.success(request, _("The section is taken out of the draft."))
        return redirect("sla:agreement_edit", version.pk)
    move_section(agreement=version, key=key, up=where == "up", by=request.user)
    return _back(version, key)


@access("can_edit_agreement")
@require_POST
def agreement_rule(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _draft(request, pk)
    change_dispute_rule(agreement=version, rule=request.POST.get("dispute_rule", ""), by=request.user)
    messages.success(request, _("The rule is saved."))
    return _back(version, "rule")


@access("can_edit_agreement")
@require_POST
def agreement_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    version = publish_agreement(agreement=queries.agreement_for(request.user, pk), by=request.user)
    messages.success(request, _("The version is in force. Every head has been asked to accept it."))
    return redirect("sla:agreement", version.pk)


def _draft(request: SignedInRequest, pk: int) -> AgreementVersion:
    version = queries.agreement_for(request.user, pk)
    at = database_now()
    if not rules.is_provider_coordinator(request.user, version.service, at):
        raise Forbidden(_("Only a coordinator of the providing unit does this."))
    if not rules.can_edit_agreement(request.user, version, at):
        raise Http404
    return version


def _page(
    request: SignedInRequest, version: AgreementVersion, rows: list, new: SectionForm, status: int
) -> HttpResponse:
    context = {
        "agreement": version,
        "rows": rows,
        "new": new,
        "rule": RuleForm(initial={"dispute_rule": version.dispute_rule}),
        "before": queries_agreements.version_before(version),
    }
    return render(request, "sla/agreements/edit.html", context, status=status)


def _back(version: AgreementVersion, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('sla:agreement_edit', args=[version.pk])}#{anchor}")
