"""What the entry page's templates print, put together once for the page and for the answers of autosave and uploads."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, partial

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.periods import label
from units.models import Person

from ...actions.drafts import SaveOutcome, refusal_of
from ...actions.evidence import KINDS
from ...models import DraftSection, Report
from ...queries import asked_of, engine_of
from ...queries.claimed_scores import claim_of_draft
from ...queries.draft_progress import SectionProgress, progress, said_of
from ...queries.drafts import DraftProblem, assess, collect, flatten, remarks_of
from ...queries.earlier_answers import period_before
from ...queries.quotas import unit_room
from ...rules import can_sign
from ...rules.deadlines import report_phase, standing_if_sent, takes_submission
from ...xlsform import FormDefinition, as_typed, display_answer
from ..payments.fees import fee_of_report
from .languages import chosen_words, languages_of
from .pieces import Difference, line_key
from .section import Clash, TypedAnswers
from .sheet import EntrySheet


def page_url(report: Report, page: str, anchor: str = "") -> str:
    """The address of a page of the form, by its key."""
    address = reverse("reports:report_edit", args=[report.tracking_code, page])
    return f"{address}#{anchor}" if anchor else address


def report_parts(request: HttpRequest, report: Report, at: datetime) -> dict:
    """What the bar shows, on any page of a report."""
    call = report.call
    refusal = refusal_of(report, at)
    return {
        "report": report,
        "call": call,
        "period": label(call.period_kind, call.period_starts, call.period_ends),
        "time": report_phase(report, at),
        "refusal": refusal,
        "writable": refusal is None,
        "return_note": _return_note(report),
    }


def _return_note(report: Report) -> str:
    last = report.returns.order_by("-number").first() if report.correction_due_at else None
    return last.note if last else ""


def entry_context(
    request: HttpRequest, report: Report, key: str, at: datetime, *, typed: TypedAnswers | None = None,
    stored: list[DraftSection] | None = None, definition: FormDefinition | None = None,
) -> dict:  # fmt: skip
    """Everything that page.html and _outcome.html print. `stored`: the draft's sections, where they were just read;
    `definition`: the call's form, where the caller holds it.

    Http404 for a page (`key`) that the form does not have, or none of which applies.
    """
    parts = report_parts(request, report, at)
    stored = list(report.draft_sections.all()) if stored is None else stored
    definition = definition or asked_of(report)
    assessment = assess(
        report,
        collect(report, stored, at=at, definition=definition),
        at,
        definition=definition,
        words=chosen_words(request, definition),
    )
    sections = progress(assessment)
    number = next((i for i, item in enumerate(sections) if item.page == key), None)
    page = definition.page(key)
    if number is None or page is None:
        raise Http404
    row = next((row for row in stored if row.section == page.section), None)
    claimed = claim_of_draft(assessment, standing_if_sent(report, at)) if takes_submission(report, at) else None
    sheet = EntrySheet(
        assessment,
        (page,),
        remarks=remarks_of(report),
        writable=parts["writable"],
        typed=typed,
        claimed=claimed,
        language=assessment.language,
        before=lambda: period_before(report),
    )
    after = sections[number + 1] if number + 1 < len(sections) else None
    before = sections[number - 1] if number else None
    unstored = _unstored(sheet, typed or TypedAnswers())
    told = {line["url"] for line in unstored}
    problems = [item for item in assessment.problems if item.page != key or f"#{item.anchor}" not in told]
    weights = [Decimal(indicator.weight or 0) for indicator in definition.indicators]
    own = [Decimal(card.indicator.weight or 0) for card in sheet.cards]
    return {
        **parts,
        "sheet": sheet,
        "assessment": assessment,
        "here": sections[number],
        "languages": languages_of(definition, assessment.language),
        "above": said_of(assessment, page.above_in(assessment.language)),
        "number": number + 1,
        "sections": [_section_link(report, item, item.page == key) for item in sections],
        "weight": sum(own),
        "weights": sum(weights),
        "left": len(problems) + len(unstored),
        "todo": [{**line, "key": line_key(line)} for line in unstored + _todo(report, problems, sections, key)],
        "errors": bool(unstored) or any(problem.kind == "error" for problem in problems),
        "version": row.version if row else 0,
        "saved_at": report.last_saved_at,
        "refused": bool(unstored),
        "previous_url": page_url(report, before.page) if before else "",
        "next_url": page_url(report, after.page)
        if after
        else reverse("reports:report_sign", args=[report.tracking_code]),
        "next_label": after.label if after else _("check and send"),
        "may_sign": can_sign(request.user, report, at),
        "fee_now": partial(fee_of_report, report, request.user, at),  # asked by the whole page, not by each autosave
        "sent_back": cache(partial(_sent_back, report)),  # as the fee: an autosave shows neither
        "sent_back_title": _("The head sent it back:"),
        "accept": ",".join(sorted(KINDS)),
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
        "max_files": settings.EVIDENCE_MAX_FILES,
        "room": cache(partial(unit_room, report, at)),  # as the fee: the whole page asks, and an upload's answer
        "not_saved": None,
    }


def _section_link(report: Report, item: SectionProgress, current: bool) -> dict:
    return {
        "label": item.label,
        "url": page_url(report, item.page),
        "done": item.done,
        "total": item.total,
        "percent": item.percent,
        "trouble": item.trouble,
        "current": current,
    }


def _unstored(sheet: EntrySheet, typed: TypedAnswers) -> list[dict]:
    """What was typed and is not stored, each leading to its field: it could not be read, or a colleague wrote there too."""
    return [
        {
            "kind": "unstored",
            "label": sheet.label_of(item),
            "message": item.error or _("Not saved: a colleague wrote something else here. Choose one."),
            "here": True,
            "url": f"#{item.id}",
        }
        for item in sheet.fields
        if item.name in typed.errors or item.name in typed.clashes
    ]


def _todo(report: Report, problems: list[DraftProblem], sections: list[SectionProgress], here: str) -> list[dict]:
    """What is missing: line by line in the section that is open, one line for each of the others."""
    lines = [
        {
            "kind": problem.kind,
            "label": problem.label,
            "message": problem.message,
            "here": True,
            "url": f"#{problem.anchor}",
        }
        for problem in problems
        if problem.page == here
    ]
    return lines + section_lines(report, problems, [item for item in sections if item.page != here])


def section_lines(report: Report, problems: list[DraftProblem], sections: list[SectionProgress]) -> list[dict]:
    """One line a page that lacks something, leading to the first place."""
    found = []
    for item in sections:
        own = [problem for problem in problems if problem.page == item.page]
        if not own:
            continue
        count = local_digits(len(own))
        found.append(
            {
                "kind": "error" if any(problem.kind == "error" for problem in own) else "missing",
                "label": item.label,
                "message": ngettext("%(n)s item", "%(n)s items", len(own)) % {"n": count},
                "here": False,
                "url": page_url(report, item.page, own[0].anchor),
            }
        )
    return found


def _sent_back(report: Report):
    """The head's note, as long as nothing was asked for since."""
    last = report.sign_offs.order_by("-number").first()
    return last if last and last.signed is False and last.reply else None


# ----------------------------------------------------------------------------------------- the answer to an autosave
def typed_of(outcome: SaveOutcome, values: Mapping[str, str], base: Mapping[str, int]) -> TypedAnswers:
    """What was posted, with the outcome's refusals and conflicts as the page shows them."""
    answers = flatten(outcome.sections) if outcome.conflicts else {}
    engine = engine_of(outcome.report)
    people = {person.pk: person for person in Person.objects.filter(pk__in={c.by for c in outcome.conflicts if c.by})}
    clashes, language = {}, current_language()
    for conflict in outcome.conflicts:
        question = outcome.definition.question(conflict.name)
        person = people.get(conflict.by) if conflict.by else None

        def shown(value: str, question=question) -> str:
            offered = engine.offered(question.name, answers, at=outcome.now) if question else ()
            return display_answer(question, value, language, offered) if question else value

        clashes[conflict.name] = Clash(
            yours=shown(conflict.yours),
            theirs=shown(conflict.theirs),
            theirs_typed=as_typed(question, conflict.theirs, language) if question else conflict.theirs,
            who=person.get_full_name() if person else _("A colleague"),
            at=datetime.fromisoformat(conflict.at) if conflict.at else None,
            version=conflict.version,
            base=base.get(conflict.name, 0),
        )
    kept = {name: value for name, value in values.items() if name in outcome.errors or name in clashes}
    return TypedAnswers(values=kept, errors=outcome.errors, readings=outcome.readings, clashes=clashes)


def state_of(context: dict, outcome: SaveOutcome, base: int, lacks: Difference) -> str:
    """What entry.js needs to know, as JSON: versions, what others wrote meanwhile, what applies and what is wrong, and the mark
    of the page as it is then. Of fields and cards only those that the page lacks.

    `written` are numbers as they are stored, to stand in their boxes."""
    sheet = context["sheet"]
    cards = [card for card in sheet.cards if lacks.fields is None or card.code in lacks.fields]
    items = [item for item in sheet.fields if lacks.fields is None or item.name in lacks.fields]
    others, here = {}, {item.name for item in sheet.fields}
    for name, cell in outcome.answers.items():
        if name in here and cell["n"] > base and name not in outcome.saved:
            question = outcome.definition.question(name)
            others[name] = as_typed(question, cell["v"], sheet.language) if question else cell["v"]
    state = {
        "version": outcome.version,
        "saved": sorted(outcome.saved),
        "written": {
            item.name: item.was for item in sheet.fields if item.name in outcome.saved and item.control == "number"
        },
        "refused": sorted(outcome.errors),
        "conflicts": sorted(conflict.name for conflict in outcome.conflicts),
        "others": others,
        "relevant": {item.name: item.relevant for item in items},
        "parts": {part.id: part.relevant for part in sheet.parts if lacks.fields is None or part.id in lacks.fields},
        "locked": {item.name: not item.editable for item in items if item.locks},
        "required": {item.name: item.required for item in items if item.turns},
        "cards": {card.code: card.relevant for card in cards},
        "statuses": {card.code: card.status for card in cards},
        "doubt": {card.code: bool(card.doubt or card.comment.value) for card in cards},
        "invalid": {item.name: bool(item.error) for item in items},
        "options": {
            item.name: [[value, text] for value, text, _chosen in item.options]
            for item in items
            if item.control == "select"
        },
        "shown": lacks.shown,
    }
    return json.dumps(state, ensure_ascii=False)
