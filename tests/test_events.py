"""What is recorded has a name and words: every verb of an Event is listed by its app, and no page prints its identifier."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from reports.enums import ReportVerb
from reports.pages.report.history import STEPS
from reports.queries.calls import OF_UNITS
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.verbs import VERBS, AnyVerb, words_of_verb
from sla.enums import AgreementVerb
from tests.calls import published_call, report_of, submitted_report
from tests.test_architecture import APPS, BASE, dotted, name_of, nodes_of, python_files, template_files
from units.actions.events import record
from units.enums import UnitVerb
from units.models import Event

PRODUCT = (*APPS, "sajad_portal", "bench")
MEMBERS = [verb for verbs in dict.fromkeys(VERBS.values()) for verb in verbs]
UNKNOWN = "count_sheep"
IDENTIFIER = re.compile(r"\b[a-z]+_[a-z_]+\b")


# ------------------------------------------------------------------------------------- what the code records
class Recorders(ast.NodeVisitor):
    """The functions and dataclasses of a module that take a verb (annotated so): {name: (at which place, of what noun)}."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, str | None]] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        places = [i for i, each in enumerate(node.args.args) if _is_verb(each.annotation)]
        if places:
            self.found[node.name] = places[0], next(filter(None, map(_noun, ast.walk(node))), None)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
        places = [i for i, each in enumerate(fields) if _is_verb(each.annotation)]
        if places:
            self.found[node.name] = places[0], None
        self.generic_visit(node)


def _is_verb(annotation: ast.AST | None) -> bool:
    return annotation is not None and dotted(annotation).endswith("Verb")


def _noun(node: ast.AST) -> str | None:
    """The noun that a call names: record("…", noun="report")."""
    for keyword in node.keywords if isinstance(node, ast.Call) else ():
        if keyword.arg == "noun" and isinstance(keyword.value, ast.Constant):
            return keyword.value.value
    return None


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(nodes_of(path))


def speaking_files() -> list[Path]:
    """The modules that could record a verb or look for one."""
    return [p for p in python_files(*PRODUCT) if re.search(r"verb|record", p.read_text("utf-8"), re.IGNORECASE)]


def imports_of(path: Path) -> Iterator[tuple[str, Path, str]]:
    """(what it is called here, the module of ours that it comes from, what it is called there), without importing anything."""
    for node in nodes(path):
        if not isinstance(node, ast.ImportFrom):
            continue
        home = path.parents[node.level - 1] if node.level else BASE
        for part in (node.module or "").split("."):
            home /= part
        found = next((p for p in (home.with_suffix(".py"), home / "__init__.py") if p.exists()), None)
        if found:
            yield from ((alias.asname or alias.name, found, alias.name) for alias in node.names)


@cache
def own_recorders(path: Path) -> dict[str, tuple[int, str | None]]:
    own = Recorders()
    own.visit(ast.parse(path.read_text("utf-8")))
    return own.found


def recorders_of(path: Path) -> dict[str, tuple[int, str | None]]:
    """Those of the module itself and those that it imports."""
    theirs = {here: own_recorders(home).get(there) for here, home, there in imports_of(path)}
    return {**{name: found for name, found in theirs.items() if found}, **own_recorders(path)}


def enumerations_of(path: Path) -> dict[str, type[AnyVerb]]:
    """The enumerations of verbs that the module imports, by the name that each has there."""
    found = ((here, getattr(importlib.import_module(module_of(home)), there, None)) for here, home, there in imports_of(path)
             if "enums" in (home.stem, home.parent.name))  # fmt: skip
    return {here: each for here, each in found if isinstance(each, type) and issubclass(each, AnyVerb)}


def module_of(path: Path) -> str:
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def verbs_passed(path: Path) -> Iterator[tuple[ast.expr, str | None]]:
    """Each expression that says which verb is recorded or looked for, with the noun where it is plain."""
    recorders = recorders_of(path)
    for node in nodes(path):
        if not isinstance(node, ast.Call):
            continue
        place, noun = recorders.get(node.func.id, (None, None)) if isinstance(node.func, ast.Name) else (None, None)
        if place is not None and len(node.args) > place:
            yield node.args[place], _noun(node) or noun
        for keyword in node.keywords:
            if keyword.arg and re.fullmatch(r"(event__)?verb(__in)?", keyword.arg):
                yield keyword.value, _noun(node) or noun


def said_in(node: ast.AST) -> Iterator[ast.AST]:
    """The expression and what it is made of; not the keys by which it looks something up."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Subscript) and child is node.slice):
            yield from said_in(child)


def wrong_verbs(path: Path) -> Iterator[str]:
    enumerations = enumerations_of(path)
    for passed, noun in verbs_passed(path):
        for node in said_in(passed):
            where = f"{name_of(path)}:{passed.lineno}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{where} the literal {node.value!r}"
            if not (isinstance(node, ast.Attribute) and dotted(node.value).endswith("Verb")):
                continue
            verbs = enumerations[dotted(node.value)]
            if node.attr not in verbs.__members__:
                yield f"{where} {verbs.__module__} lists no {node.attr}"
            elif noun and VERBS.get(noun) is not verbs:
                yield f"{where} {node.attr} of {verbs.__module__} is said of a {noun}"


def compared_literals(node: ast.AST) -> str | None:
    """`event.verb == "submit"`, also with `in`."""
    if not isinstance(node, ast.Compare):
        return None
    sides = [node.left, *node.comparators]
    if not any(dotted(side).rpartition(".")[2] == "verb" and isinstance(side, ast.Attribute) for side in sides):
        return None
    texts = [n.value for s in sides for n in ast.walk(s) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return f"compares a verb with {texts[0]!r}" if texts else None


def test_each_verb_that_is_recorded_or_looked_for_is_a_member_of_its_nouns_enumeration():
    paths = speaking_files()

    assert sum(1 for path in paths for _said in verbs_passed(path)) > 150
    assert [wrong for path in paths for wrong in wrong_verbs(path)] == []


def test_no_verb_is_compared_with_a_literal():
    found = [
        f"{name_of(path)}:{node.lineno} {what}"
        for path in speaking_files()
        for node in nodes(path)
        if (what := compared_literals(node))
    ]
    found += [
        name_of(path) for path in template_files() if re.search(r"\.verb\s*[!=]=\s*[\"']", path.read_text("utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [('record("submit", noun="report")', "the literal 'submit'"), ('Event(verb="submit")', "the literal 'submit'"),
     ("record(ReportVerb.SUBMIT if a else ReportVerb.VANISH, noun='report')", "reports.enums lists no VANISH"),
     ("record(ReportVerb.SUBMIT, noun='unit')", "SUBMIT of reports.enums is said of a unit"),
     ('Event.objects.filter(verb__in=["a"])', "the literal 'a'"), ("record(ReportVerb.SUBMIT, noun='report')", None)],
)  # fmt: skip
def test_the_walk_sees_each_way_to_be_wrong(line, wrong, monkeypatch):
    """The check itself, on one line of a module that is not there."""
    path = BASE / "reports" / "actions" / "of_this_test.py"
    text = f"from units.actions.events import record\nfrom ..enums import ReportVerb\n{line}\n"
    read = Path.read_text
    nodes.cache_clear()
    monkeypatch.setattr(Path, "read_text", lambda self, *a, **k: text if self == path else read(self, *a, **k))

    assert [each.partition(" ")[2] for each in wrong_verbs(path)] == ([wrong] if wrong else [])


# -------------------------------------------------------------------------------------------------- words
@pytest.mark.parametrize("verb", MEMBERS, ids=lambda verb: f"{type(verb).__module__}-{verb.value}")
def test_a_verb_has_words_in_english_and_in_persian(verb: AnyVerb):
    with translation.override("en"):
        english = str(verb.label)
    with translation.override("fa"):
        persian = str(verb.label)

    assert re.fullmatch(r"[A-Z][A-Za-z’; ]{3,}", english)
    assert english not in (verb.value, verb.name.replace("_", " ").title())
    assert re.fullmatch(r"[آ-یءئؤأٔ‌؛، ]{4,}", persian)


def test_a_verb_that_nobody_lists_is_told_honestly():
    with translation.override("fa"):
        told = {words_of_verb(noun, verb) for noun, verb in (("report", UNKNOWN), ("nothing", "submit"), ("", ""))}

    assert told == {"گامی دیگر"}


def test_one_string_of_two_apps_keeps_the_words_of_its_noun():
    with translation.override("en"):
        assert words_of_verb("payment", "settle") == "The fee was received"
        assert words_of_verb("report", "settle") == "The lead reviewer settled the review"


def test_what_is_stored_is_the_plain_string(db):
    with transaction.atomic():
        event = record(AgreementVerb.REMIND_HEADS, noun="agreement", key=1, at=database_now(), by=None)
        Event.objects.bulk_create([Event(verb=AgreementVerb.REMIND, noun="agreement", key="1", at=database_now())])

    assert type(event.verb) is str
    stored = list(Event.objects.filter(verb__in=list(AgreementVerb)).order_by("id").values_list("verb", flat=True))
    assert [(type(verb), verb) for verb in stored] == [(str, "remind_heads"), (str, "remind")]


# -------------------------------------------------------------------------------------------------- pages
MOMENT = "2026-05-13T12:00:00+03:30"
DATA = {"before": MOMENT, "after": MOMENT, "until": MOMENT, "units": 2, "agreement": 1, "reports": 2, "reviews": 2,
        "announced": 2, "refused": 0, "submitted": 1, "missed": 1, "open": 0, "name": "سارا محمدی"}  # fmt: skip
UNIT_DATA = {
    UnitVerb.RENAME: {"name": ["یک", "دو"]},
    UnitVerb.MOVE: {"parent": ["یک", "دو"]},
    UnitVerb.MERGE: {"successor": "KHB"},
}


def write(noun: str, key, verbs, **columns) -> None:
    data = columns.pop("data", {})
    Event.objects.bulk_create(
        Event(verb=verb, noun=noun, key=str(key), at=database_now(), data=data.get(verb, data.get("", {})), **columns)
        for verb in verbs
    )


def told_by(client, address: str) -> str:
    """What a reader sees of the page's main part."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    main = re.search(r"<main\b.*</main>", answer.content.decode(), re.DOTALL).group()
    return unescape(re.sub(r"<[^>]+>", " ", main))


def raw_in(text: str, verbs) -> set[str]:
    words = set(re.findall(r"[a-z_]+", text))
    return {str(verb) for verb in verbs} & words | set(IDENTIFIER.findall(text))


def test_the_history_of_a_call_prints_no_identifier(cast, client_for):
    call = published_call(cast)
    code = report_of(call, cast.b).tracking_code
    write("call", call.pk, [*ReportVerb, UNKNOWN], call_id=call.pk, data={"": DATA})
    write("report", code, OF_UNITS, call_id=call.pk, data={"": DATA})
    client, address, pages = client_for(cast.laleh), f"/calls/{call.pk}/history/", 0

    while address:
        answer = client.get(address)
        assert raw_in(told_by(client, address), [*ReportVerb, UNKNOWN]) == set()
        pages += 1
        following = answer.context["page"].next
        address = f"/calls/{call.pk}/history/{following}" if following else ""

    assert pages > 1


def test_a_step_without_a_sentence_of_its_own_is_told_in_the_verbs_words(cast, client_for):
    call = published_call(cast)
    write("call", call.pk, [ReportVerb.LOWER_FEE, UNKNOWN], call_id=call.pk)

    text = told_by(client_for(cast.laleh), f"/calls/{call.pk}/history/")

    assert "گامی دیگر" in text
    with translation.override("fa"):
        assert str(ReportVerb.LOWER_FEE.label) in text


def test_the_history_of_a_report_prints_no_identifier(cast, client_for):
    call = published_call(cast)
    report, _revision = submitted_report(cast, call)
    write("report", report.tracking_code, [*ReportVerb, UNKNOWN], call_id=call.pk, data={"": DATA})

    text = told_by(client_for(cast.reza), f"/reports/{report.tracking_code}/")

    assert raw_in(text, [*ReportVerb, UNKNOWN]) == set()
    with translation.override("fa"):
        assert [str(verb.label) for verb in STEPS if str(verb.label) not in text] == []


def test_the_history_of_a_unit_and_of_its_people_prints_no_identifier(cast, client_for):
    unit, member = cast.a, cast.membership(cast.sara)
    every = [*UnitVerb, UNKNOWN]
    seat = {"person": cast.sara.pk, "role": "reporter"}
    write("unit", unit.pk, every, unit_id=unit.pk, data={"": {"name": "واحد"}, **UNIT_DATA})
    write("membership", member.pk, every, unit_id=unit.pk, data={"": seat})
    write("person", cast.sara.pk, every, unit_id=unit.pk)
    client, history = client_for(cast.laleh), f"/units/{unit.code}/history/"

    pages = [client.get(history)]
    while following := pages[-1].context["page"].next:
        pages.append(client.get(f"{history}{following}"))
    addresses = [page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"] for page in pages]

    assert sum(len(page.context["told"]) for page in pages) == Event.objects.filter(unit_id=unit.pk).count()
    for address in (*addresses, f"/units/{unit.code}/", f"/units/{unit.code}/people/{member.pk}/"):
        assert raw_in(told_by(client, address), every) == set()


def test_the_calendar_tells_of_its_changes_in_sentences(cast, client_for):
    at = database_now()
    write("holiday", at.date().isoformat(), [AgreementVerb.ADD, AgreementVerb.REMOVE, UNKNOWN])
    write("holiday", "1405", [AgreementVerb.SEED], data={"": {"days": []}})

    assert raw_in(told_by(client_for(cast.laleh), "/calendar/"), [*AgreementVerb, UNKNOWN]) == set()


def test_reminding_heads_is_told_in_persian_where_an_agreements_events_are_looked_up(cast, client_for):
    write("agreement", 1, [AgreementVerb.REMIND_HEADS])

    page = client_for(cast.admin).get(reverse("admin:units_event_changelist")).content.decode()

    assert "به مدیران واحدها یادآوری شد که پاسخ دهند" in page
