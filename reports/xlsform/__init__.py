"""Form definitions: read an XLSForm workbook, keep it as plain data, evaluate it. Imports no Django model.

Reading (`parse.py`, `workbook.py`)
    ``parse_form(data: bytes) -> FormDefinition``
        Raises ``WorkbookRefused`` (a ``Refused``); its ``errors`` is a list of
        ``{"sheet": str, "row": int | None, "column": str | None, "message": str}``, as many as could be found at once.
    ``FormDefinition.to_json() -> dict`` / ``FormDefinition.from_json(dict)``: what a form version stores.
    ``FormDefinition.summary() -> dict``: the object that ``importform --json`` prints.
    ``FormDefinition.needs_confirmation``: unsupported rows that are required or that another expression reads.

The definition (`definition.py`), all frozen
    ``.form_id .title .version .languages .sections .questions .indicators .unsupported .warnings .groups .repeats``
    ``Section``: name, label {language: text}, relevant. Questions outside any group are in the section ``""``.
    ``Question``: name (the key of its answer, unique in the form), type, path, row, label, hint, required,
        required_message, constraint, constraint_message, relevant, calculation, default, read_only, appearance,
        choices, choice_filter, section, group, repeat, parameters, indicator (code or ""), role.
        ``.label_in(language)`` ``.hint_in(language)`` ``.is_input`` (a person answers it) ``.is_shown``.
        ``.kind`` (an ``AnswerKind``, by its type: `question_types.py` is the one table of them, `answer_kinds.py` says what
        depends on the kind), ``.is_written`` ``.takes_file`` ``.chosen(value)``.
    ``Indicator``: code, label, section, inputs {role: question name}, ratio (name of the calculate, or ""), weight,
        standard, floor, direction (up|down), unit, evidence (what is needed; "" is none), score
        (default|linear|bands|manual), bands, aggregate, scale, weightby, source ("" | "timeliness"). Numbers are
        decimal strings; "" where not given. ``.label_in() .unit_in() .evidence_in()``
    ``definition.question(name)`` ``definition.indicator(code)`` ``definition.questions_of(section_name)``
    ``definition.indicators_of(section_name)`` ``definition.shown`` (questions an entry page shows, in order)
    ``definition.inputs_of(code)`` (the questions a person answers for that indicator)
    ``definition.pages`` (`pages.py`): on which it is filled in; ``definition.page_of(name)``: the key of a question's, an indicator's
    ``definition.dependents(names) -> set[str]``: every question calculated, directly or not, from these.

Answers (`answers.py`): canonical strings, "" is no answer
    ``clean_answer(question, raw) -> str`` raises ``Refused``; ``display_answer(question, value, language) -> str``;
    ``as_typed(question, value, language) -> str``: as a person would type it;
    ``with_answers(label, definition, values, language)`` puts answers for the ``${name}`` in a label;
    ``words_with_answers`` does it in the author's markup (`markup.py`), cleaned, as HTML.
    integer and decimal are plain decimals ("12.5"), date is Gregorian ISO, select_multiple is names joined by spaces in
    the order of the choices, acknowledge is "OK". A file's answer is whatever key the caller stores; it is not cleaned.

Evaluating (`engine.py`)
    ``Form(definition)`` compiles every expression once; ``form_for(definition, key=version_pk)`` caches it a process.
    ``form.evaluate(answers: dict[str, str], *, at: datetime, person: dict | None = None, language: str | None = None)
    -> Evaluation``: ``values`` (every question, calculations included, irrelevant ones ""), ``calculated`` (calculations
    only, in dependency order), ``relevant``, ``required``, ``errors`` {name: message}, ``missing`` [names],
    ``choices`` {name: tuple[Choice, ...]}, ``relevant_sections`` {section: bool}, ``read_only``. Never raises for any answers.
    ``form.defaults(at=…) -> dict[str, str]``: what a fresh draft starts with.
"""

from .answers import as_typed, clean_answer, display_answer, with_answers, words_with_answers
from .definition import FormDefinition, Indicator, Question, Section
from .engine import FormEngine, engine_for
from .labels import Choice
from .pages import NO_SECTION, FormPage, section_of
from .parse import parse_form
from .run import Evaluation
from .workbook import WorkbookRefused

__all__ = [
    "NO_SECTION",
    "Choice",
    "Evaluation",
    "FormDefinition",
    "FormEngine",
    "FormPage",
    "Indicator",
    "Question",
    "Section",
    "WorkbookRefused",
    "as_typed",
    "clean_answer",
    "display_answer",
    "engine_for",
    "parse_form",
    "section_of",
    "with_answers",
    "words_with_answers",
]
