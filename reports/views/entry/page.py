"""Filling in a report, section by section: with a script that saves by itself, and without one."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.sql import prepared
from units.pages.frame import SignedInRequest

from ...actions.drafts import save_section
from ...actions.evidence import add_evidence, remove_evidence
from ...actions.locking import require
from ...models import Report
from ...pages.entry.page import entry_context, page_url, report_parts, state_of, typed_of
from ...pages.entry.pieces import difference, shown_of
from ...pages.entry.section import TypedAnswers
from ...queries import report_for, report_named
from ...queries.draft_progress import progress
from ...queries.drafts import COMMENT, NOT_APPLICABLE, assess, collect
from ...rules import can_ask_extension, unit_membership
from ...xlsform import FormDefinition, section_of
from .rows import PRESSED, press
from .tries import of_a_draft, to_the_report

PREFIX = "q:"


@dataclass
class Posted:
    """A post of the entry form: changes as typed, the version they were made on, and what else was pressed."""

    base: int
    values: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    bases: dict[str, int] = field(default_factory=dict)


def read_post(data: QueryDict) -> Posted:
    """Only `q:` names count. A value equal to `was:` was not touched, so that it never conflicts with a colleague's."""
    posted = Posted(base=_version(data.get("base")))
    for key in data:
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX)
        raw = (
            " ".join(value for value in data.getlist(key) if value) if len(data.getlist(key)) > 1 else data.get(key, "")
        )
        raw = data.get(f"reading:{name}", raw)  # one of the two numbers that the text could be
        posted.values[name] = raw
        if f"base:{name}" in data:
            posted.bases[name] = _version(data.get(f"base:{name}"))
        choice, _at, version = data.get(f"resolve:{name}", "").partition("@")
        if choice == "mine":
            posted.bases[name] = _version(version)
        was = data.get(f"was:{name}")
        if choice != "theirs" and (was is None or _lines(was) != _lines(raw)):
            posted.changes[name] = raw
    return posted


def _version(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


@access("can_draft")
@of_a_draft
@require_GET
def start(request: SignedInRequest, code: str) -> HttpResponse:
    """To the first section in which something is left to do."""
    at = database_now()
    report = report_for(request.user, code, at)
    shown = progress(assess(report, collect(report, at=at), at))
    first = next((item for item in shown if item.done < item.total), shown[0] if shown else None)
    if not unit_membership(request.user, report, at):
        return to_the_report(request, report)
    if first is None:
        return redirect("reports:report", report.tracking_code)
    return redirect(page_url(report, first.page))


@access("can_draft")
@of_a_draft
@never_cache
@require_http_methods(["GET", "POST"])
@prepared()
def edit(request: SignedInRequest, code: str, section: str) -> HttpResponse:
    if request.method == "POST":
        return _save(request, report_named(code), section)
    at = database_now()
    report = report_for(request.user, code, at)
    if not unit_membership(request.user, report, at):
        return to_the_report(request, report)
    return _page(request, entry_context(request, report, section, at))


def _save(request: SignedInRequest, report: Report, key: str) -> HttpResponse:
    posted = read_post(request.POST)
    try:
        _same_person(request)
        outcome = save_section(
            report=report, section=section_of(key), base_version=posted.base, changes=posted.changes, bases=posted.bases,
            by=request.user,
        )  # fmt: skip
    except Refused as refusal:
        return _not_saved(request, report, key, posted, refusal)
    troubles = [] if request.htmx else _files(request, report)
    place = "" if request.htmx else _pressed(request, report, outcome.version, troubles)
    at, report = outcome.now, outcome.report
    bases = {conflict.name: posted.bases.get(conflict.name, posted.base) for conflict in outcome.conflicts}
    typed = typed_of(outcome, posted.values, bases)
    context = entry_context(
        request, report, key, at, typed=typed, stored=outcome.sections if request.htmx else None,
        definition=outcome.definition,
    )  # fmt: skip
    if request.htmx:
        lacks = difference(context, request.POST.get("shown", ""))
        context |= {"lacks": lacks, "state": state_of(context, outcome, posted.base, lacks)}
        return render(request, "reports/entry/_outcome.html", context)
    if not outcome.errors and not outcome.conflicts and not troubles:
        return _onwards(request, report, key, context["next_url"], place)
    for trouble in troubles:
        messages.error(request, trouble)
    return _page(request, context, status=422)


def _same_person(request: SignedInRequest) -> None:
    """A page that outlived its session may be sent under another person's: their name must not stand on these words."""
    person = request.POST.get("person")
    if person and person != str(request.user.pk):
        raise Refused(
            _("This page belongs to somebody else’s session. Sign in as the same person, or open the page anew."),
            code="other-person",
        )


def _pressed(request: SignedInRequest, report: Report, version: int, troubles: list[str]) -> str:
    """What a button of a table asks for, done; where on the page it leads. `version`: of the section, as the person has it now."""
    pressed = request.POST.get(PRESSED, "")
    try:
        return press(report, pressed, base=_seen(request, version), by=request.user) if pressed else ""
    except Refused as refusal:
        troubles.append(refusal.message)
        return ""


def _seen(request: SignedInRequest, version: int) -> int:
    """What the person saved just now they have seen; what stood there before only if their page had it."""
    base = _version(request.POST.get("base"))
    return version if version == base + 1 else base


def _onwards(request: SignedInRequest, report: Report, key: str, next_url: str, place: str = "") -> HttpResponse:
    if place:
        return redirect(page_url(report, key, place))
    if request.POST.get("go") == "next":
        return redirect(next_url)
    messages.success(request, _("Saved."))
    return redirect(page_url(report, key))


def _files(request: SignedInRequest, report: Report) -> list[str]:
    """Without a script, files come and go with the form. The sentences of what was refused."""
    troubles = []
    for key in request.FILES:
        if key.startswith("file:") and (upload := request.FILES.get(key)) is not None:
            try:
                add_evidence(report=report, indicator=key.removeprefix("file:"), upload=upload, by=request.user)
            except Refused as refusal:
                troubles.append(str(refusal))
    evidence = report.evidence.filter(pk=_version(request.POST.get("remove"))).first()
    if evidence:
        try:
            remove_evidence(report=report, evidence=evidence, by=request.user)
        except Refused as refusal:
            troubles.append(str(refusal))
    return troubles


def _not_saved(request: SignedInRequest, report: Report, key: str, posted: Posted, refusal: Refused) -> HttpResponse:
    """The call closed while typing, or the like: what was typed stays on the page, with a way to carry it off.

    Http404 for a stranger, Forbidden for a reader: the draft is the unit's own.
    """
    at = database_now()
    report = report_for(request.user, report.tracking_code, at)
    require(unit_membership(request.user, report, at), _("Only the unit’s own experts and head change its report."))
    typed = TypedAnswers(values=posted.values)
    context = entry_context(request, report, key, at, typed=typed)
    context["not_saved"] = {
        "message": refusal.message,
        "code": refusal.code,
        "lines": _lines_of(context["assessment"].definition, posted),
        "extension_url": _extension_url(request, report, at),
    }
    if request.htmx:
        return render(request, "reports/entry/_refused.html", context, status=409)
    return _page(request, context, status=refusal.status)


def _page(request: SignedInRequest, context: dict, status: int = 200) -> HttpResponse:
    return render(request, "reports/entry/page.html", {**context, "shown": shown_of(context)}, status=status)


def _lines_of(definition: FormDefinition, posted: Posted) -> list[tuple[str, str]]:
    """(question, what was typed) of what was not stored."""
    language, found = current_language(), []
    for name, raw in posted.changes.items():
        question = definition.question(name)
        indicator = definition.indicator(name.removeprefix(COMMENT).removeprefix(NOT_APPLICABLE))
        about = question.label_in(language) if question else indicator.label_in(language) if indicator else ""
        if about and raw.strip():
            found.append((about, raw))
    return found


def _extension_url(request: SignedInRequest, report: Report, at: datetime) -> str:
    if not can_ask_extension(request.user, report, at):
        return ""
    return reverse("reports:extension_ask", args=[report.tracking_code])


@access("can_read")
@never_cache
@require_GET
@prepared()
def time_left(request: SignedInRequest, code: str) -> HttpResponse:
    """The bar's time, asked again now and then: an extension, a closing or the grace shows by itself."""
    at = database_now()
    report = report_for(request.user, code, at)
    return render(request, "reports/entry/_time_answer.html", report_parts(request, report, at))
