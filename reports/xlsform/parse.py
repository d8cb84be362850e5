"""From an uploaded workbook to a FormDefinition.

Our own checks run first, because pyxform stops at its first error and a person wants all of them at once. pyxform then
binds every expression to absolute paths; we keep what it bound, never substituting `${name}` by hand.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from sajad_portal.lib.text import normalise

from . import sheets
from .checks import check_earlier, check_expressions, check_references, check_tables
from .datasets import offered_from
from .definition import READER, Choice, FormDefinition, Group, Indicator, Question, Section
from .indicators import read_indicators
from .labels import Text, file_for
from .lacks import Lacks
from .levels import with_levels
from .lists import ChoiceLists, read_lists
from .prepare import unrolled
from .question_types import FREE_TEXT, HEADING, question_type
from .reading import read_workbook
from .references import paths_in
from .sources import from_unit
from .survey import SurveyItem, is_searched, own_language, read_items, read_settings
from .told import media_named, told_of_files, told_of_questions, told_of_sheets, told_of_translations
from .unsupported import Unsupported
from .workbook import Problems
from .xform import BoundForm, bind_form, stem

_OTHER: Text = {"fa": "سایر", "en": "Other"}
_OTHER_TEXT: Text = {"fa": "سایر (توضیح دهید)", "en": "Other (please specify)"}

_USUAL_MESSAGES: dict[str, Text] = {"phone number": {"fa": "فقط رقم بنویسید.", "en": "Enter numbers only."}}


def parse_form(data: bytes, *, file_name: str = "", files: Mapping[str, bytes] | None = None) -> FormDefinition:
    """The definition in that workbook (.xlsx or .xls). Raises WorkbookRefused with everything that is wrong; stores nothing.

    `file_name` names a form whose settings give no form_id; `files` are those that came beside it, by their names.
    """
    problems = Problems()
    book = unrolled(read_workbook(data), problems)
    warnings: list[str] = []
    settings = read_settings(book, problems)
    language = own_language(settings)
    lists = read_lists(book, problems, warnings, language)
    lists.add_files(files or {})
    items = read_items(book, lists, problems, language)
    indicators = with_levels(read_indicators(items, problems), items, lists.lists, problems)
    check_references(items, problems)
    check_earlier(items, problems)
    check_tables(items, lists.lists, problems)
    problems.refuse_if_any()
    bound = bind_form(book, file_name, problems, warnings)
    warnings += told_of_sheets(book, items, indicators)
    kept = _kept_files(files or {}, items, lists, bound, warnings)
    told, missing = told_of_files(items, lists.lists, kept)
    definition = replace(
        _build(items, lists.lists, indicators, settings, bound, file_name, warnings + told),
        files=kept,
        missing_media=missing,
    )
    check_expressions(definition, items, problems)
    problems.refuse_if_any()
    return definition


def _kept_files(
    files: Mapping[str, bytes], items: list[SurveyItem], lists: ChoiceLists, bound: BoundForm, warnings: list[str]
) -> dict[str, str]:
    """{name: SHA-256} of the files that the workbook names; the others are left out, and said to be."""
    pictured = [file_for(name, files) or name for name in media_named(items, lists.lists)]
    named = {name.lower() for name in (*bound.sources.values(), *pictured)}
    for name in files:
        if name.lower() not in named:
            lists.lists.pop(name.rpartition(".")[0], None)
            warnings.append(_("The workbook does not name the file %(name)s, so it was left out.") % {"name": name})
    return {name: sha256(data).hexdigest() for name, data in files.items() if name.lower() in named}


def _build(
    items: list[SurveyItem],
    lists: dict[str, tuple[Choice, ...]],
    indicators: list[Indicator],
    settings: dict[str, str],
    bound: BoundForm,
    file_name: str,
    warnings: list[str],
) -> FormDefinition:
    root = bound.root
    form_id = settings.get("form_id") or stem(file_name) or bound.form_id
    sections: list[Section] = []
    groups: list[Group] = []
    questions: list[Question] = []
    metadata: dict[str, str] = {}
    foreign: list[SurveyItem] = []
    lacks = Lacks(lists, bound.sources)
    for item in items:
        path = f"/{root}/{item.path}"
        if item.kind.what == "begin":
            top = item.parents[0] if item.parents else item
            is_repeat = item.kind.type == "repeat"
            if not item.parents:
                sections.append(Section(item.name, item.texts.get("label", {}), path, item.row.number))
            groups.append(
                Group(
                    item.name,
                    path,
                    item.texts.get("label", {}),
                    lacks.read(item, path, "relevant", bound.bind(path, "relevant")),
                    top.name,
                    is_repeat,
                    item.row.number,
                    item.cells.get("appearance", ""),
                    lacks.read(item, path, "count", bound.count(path)) if is_repeat else "",
                    item.cells.get("sajad:rows", "") if is_repeat else "",
                )
            )
        elif item.kind.what == "metadata":
            metadata[path] = item.kind.type
            if item.kind.type in sheets.NOT_IN_A_BROWSER:
                foreign.append(item)
        elif item.kind.what == "external":
            continue  # what reads it says so where it is missing
        elif item.kind.what == "foreign":
            foreign.append(item)
        else:
            questions.extend(lacks.taken_out(item, question) for question in _question(item, path, lists, bound))
    if any(not q.section and not q.repeat and (q.is_shown or not q.source) for q in questions):
        sections.insert(0, Section("", {}, f"/{root}"))
    languages = _languages(items)
    warnings += [*told_of_questions(questions, items), *told_of_translations(items, languages)]
    survey = [item for item in items if item.kind.what != "metadata"]
    return FormDefinition(
        form_id=form_id,
        title=normalise(settings.get("form_title", "")) or form_id,
        version=bound.version,
        languages=languages,
        root=root,
        sections=tuple(sections),
        groups=tuple(groups),
        questions=tuple(questions),
        indicators=tuple(indicators),
        unsupported=(*_unsupported(foreign, questions, groups, root, bound), *lacks.found),
        metadata=metadata,
        lists=dict(lists),
        counts={
            "questions": sum(item.kind.what in ("question", "foreign") for item in survey),
            "groups": sum(item.kind.what == "begin" and item.kind.type == "group" for item in survey),
            "repeats": sum(item.kind.what == "begin" and item.kind.type == "repeat" for item in survey),
            "choice_lists": len(lists),
            "constraints": sum(bool(item.cells.get("constraint")) for item in items),
            "relevants": sum(bool(item.cells.get("relevant")) for item in items),
            "calculations": sum(bool(item.cells.get("calculation")) for item in items),
        },
        warnings=tuple(warnings),
        reader=READER,
    )


def _question(item: SurveyItem, path: str, lists: dict, bound: BoundForm) -> list[Question]:
    kind = item.kind
    choices = lists.get(kind.list_name, ())
    parameters = dict(re.findall(r"([\w-]+)\s*=\s*([^\s;,]+)", item.cells.get("parameters", "")))
    if kind.file:
        value, label = ("id", "title") if kind.file.lower().endswith(".geojson") else ("name", "label")
        choices = offered_from(choices, parameters.get("value", value), parameters.get("label", label))
    if choices and "label" in item.cells.get("appearance", "").split():
        # The heading of a table of questions: it shows what the choices are called, and nobody answers it.
        kind, choices = sheets.Kind("question", HEADING, kind.list_name), ()
    if kind.or_other and choices and not any(choice.name == "other" for choice in choices):
        choices = (*choices, Choice("other", _OTHER))
    if accepted := question_type(kind.type).accepts(item.spelled):
        parameters["accept"] = accepted
    top = item.parents[0] if item.parents else None
    repeats = [block for block in item.parents if block.kind.type == "repeat"]
    root = f"/{bound.root}"
    common: dict[str, Any] = {
        "row": item.row.number,
        "section": top.name if top else "",
        "group": f"{root}/{item.parents[-1].path}" if item.parents else "",
        "repeat": f"{root}/{repeats[0].path}" if repeats else "",
        "table": f"{root}/{repeats[-1].path}" if repeats else "",
    }
    question = Question(
        name=item.key,
        type=kind.type,
        path=path,
        label=item.texts.get("label", {}),
        hint=_joined(item.texts.get("hint", {}), item.texts.get("guidance_hint", {})),
        required="" if bound.bind(path, "required") == "false()" else bound.bind(path, "required"),
        required_message=item.texts.get("required_message", {}),
        constraint=bound.bind(path, "constraint"),
        constraint_message=item.texts.get("constraint_message", {}) or _USUAL_MESSAGES.get(item.spelled, {}),
        relevant=bound.bind(path, "relevant"),
        calculation=bound.bind(path, "calculate") or bound.triggered.get(path, ""),
        triggers=tuple(bound.triggers.get(path, ())) if not bound.bind(path, "calculate") else (),
        choice_seed=bound.seeds.get(path, ""),
        default=bound.defaults.get(path, ""),
        dynamic_default=bound.set_values.get(path, ""),
        read_only=""
        if not kind.answer.has_answer or bound.bind(path, "readonly") == "false()"
        else bound.bind(path, "readonly"),
        appearance=item.cells.get("appearance", ""),
        choices=choices,
        choice_list=kind.list_name,
        choice_filter=bound.filters.get(path, ""),
        parameters=parameters,
        indicator=item.cells.get("sajad:indicator", ""),
        role=item.cells.get("sajad:role", "").lower(),
        check=bound.bind(path, "sajad:check"),
        check_message=_check_message(item),
        figure=item.cells.get("sajad:figure", ""),
        media={kind: item.texts[kind] for kind in sheets.MEDIA if kind in item.texts},
        **common,
    )
    question = from_unit(item, question)
    other = f"{path}_other"
    if kind.or_other and other in bound.binds:
        extra = Question(
            name=f"{item.key}_other",
            type=FREE_TEXT,
            path=other,
            label=_OTHER_TEXT,
            relevant=bound.bind(other, "relevant"),
            **common,
        )
        return [question, extra]
    return [question]


def _check_message(item: SurveyItem) -> Text:
    words = {code: item.cells.get(f"sajad:check_message{end}", "") for code, end in (("fa", ""), ("en", "_en"))}
    return {code: normalise(text) for code, text in words.items() if text}


def _joined(hint: Text, guidance: Text) -> Text:
    """A phone folds the guidance away; a page has room for it under the hint."""
    return {
        code: "\n".join(text for text in (hint.get(code), guidance.get(code)) if text) for code in {**hint, **guidance}
    }


def _languages(items: list[SurveyItem]) -> tuple[str, ...]:
    """Of the labels; the form's own is among them, and what stands in for a missing text is no language."""
    found = dict.fromkeys(code for item in items for code in item.texts.get("label", {}))
    return tuple(code for code in found if code != "default" or len(found) == 1)


def _unsupported(foreign: list[SurveyItem], questions, groups, root: str, bound: BoundForm) -> list[Unsupported]:
    readers: dict[str, list[str]] = {}
    for source in (*questions, *groups):
        expressions = [source.relevant]
        if isinstance(source, Question):
            expressions += [source.constraint, source.calculation, source.required, source.choice_filter, source.check]
        for path in {path for text in expressions for path in paths_in(text, root)}:
            readers.setdefault(path, []).append(source.name)
    return [
        Unsupported(
            row=item.row.number,
            type="search()" if is_searched(item.cells) else item.cells["type"].split()[0],
            name=item.name,
            path=f"/{root}/{item.path}",
            required=bound.bind(f"/{root}/{item.path}", "required") not in ("", "false()"),
            referenced_by=tuple(readers.get(f"/{root}/{item.path}", ())),
            file=item.kind.file,
        )
        for item in foreign
    ]
