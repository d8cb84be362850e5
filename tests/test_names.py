"""Where things lie and what they are called: the rules that keep a stranger from looking in the wrong place.

Which room may import which is the import law's (`pyproject.toml`, `make lint`); that every module lies in a room as well.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.db.models import TextChoices

from reports import enums as report_enums
from sla import enums as sla_enums
from units import enums as unit_enums

BASE = Path(__file__).resolve().parent.parent
APPS = ("units", "sla", "reports")
PACKAGES = (*APPS, "sajad_portal")
Definition = ast.FunctionDef | ast.ClassDef


def files(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from (p for p in sorted((BASE / package).rglob("*.py")) if "migrations" not in p.parts)


def name_of(path: Path) -> str:
    return path.relative_to(BASE).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def public_definitions(*packages: str) -> Iterator[tuple[Path, Definition]]:
    for path in files(*packages):
        for node in tree_of(path).body:
            if isinstance(node, Definition) and not node.name.startswith("_"):
                yield path, node


# ------------------------------------------------------------------------------------------------------------ names
def may_share_names(path: Path) -> bool:
    """A task is called as the sweep that it rings, a tag as what it draws, a command is always `Command`, an operation of the
    interface as the page that it stands beside."""
    return path.name == "tasks.py" or bool({"templatetags", "management", "api"} & set(path.parts))


def test_no_two_public_functions_or_classes_share_a_name():
    places = defaultdict(list)
    for path, node in public_definitions(*PACKAGES):
        if not may_share_names(path):
            places[node.name].append(f"{name_of(path)}:{node.lineno}")

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


# What is called by nobody here: Django, Celery, gunicorn and browsers call them by name.
CALLED_FROM_OUTSIDE = re.compile(
    r"\w+(Admin|Config|Middleware|Backend)|Command|on_starting|when_ready|pre_fork|post_fork|on_exit"
)


def words_of(paths: Iterator[Path]) -> Counter[str]:
    return Counter(word for path in paths for word in re.findall(r"\b\w+\b", path.read_text("utf-8")))


def test_every_public_function_and_class_is_used_by_the_product():
    templates = (p for p in (BASE / "templates").rglob("*") if p.suffix in (".html", ".txt"))
    migrations = (p for app in APPS for p in (BASE / app / "migrations").glob("*.py"))
    used = words_of(files(*PACKAGES)) + words_of(templates) + words_of(migrations)
    unused = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path, node in public_definitions(*PACKAGES)
        if used[node.name] == 1 and not node.decorator_list and not CALLED_FROM_OUTSIDE.fullmatch(node.name)
    ]

    assert unused == []


# ------------------------------------------------------------------------------------------------------ sets of states
def named_sets() -> dict[frozenset[str], str]:
    """{values: NAME} of the sets of states and roles that the enums name."""
    return {
        frozenset(value): name
        for module in (unit_enums, sla_enums, report_enums)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, tuple) and all(isinstance(each, TextChoices) for each in value)
    }


def spelt_out(node: ast.AST, sets: dict[frozenset[str], str]) -> str | None:
    """The name of the set that a literal of enum members spells out."""
    if not isinstance(node, ast.Tuple | ast.List | ast.Set) or len(node.elts) < 2:
        return None
    if not all(isinstance(each, ast.Attribute) and each.attr.isupper() for each in node.elts):
        return None
    return sets.get(frozenset(each.attr.lower() for each in node.elts))


def test_a_set_of_states_that_has_a_name_is_called_by_it():
    sets, found = named_sets(), []
    for path in files(*APPS):
        if path.name == "enums.py" or path.parent.name in ("enums", "models"):  # constraints are frozen as written
            continue
        found += [f"{name_of(path)}:{n.lineno} {name}" for n in ast.walk(tree_of(path)) if (name := spelt_out(n, sets))]

    assert found == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("(S.EXCUSED, S.CANCELLED)", "NOT_ASKED"),
        ("[ReportState.CANCELLED, ReportState.EXCUSED]", "NOT_ASKED"),
        ("{Role.HEAD, Role.REPORTER}", "UNIT_ROLES"),
        ("(S.EXCUSED, S.MISSED)", None),
        ("(S.EXCUSED, other)", None),
    ],
)
def test_a_set_that_is_spelt_out_is_recognised(line, name):
    assert spelt_out(ast.parse(line).body[0].value, named_sets()) == name


# -------------------------------------------------------------------------------------------------------- language
# `sajad_portal.lib.language` has the one way from what is active to `fa` or `en`.
ASKS_DJANGO = {"sajad_portal/lib/language.py"}


def test_one_function_says_which_language_is_active():
    asking = {
        name_of(path)
        for path in files(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name | ast.Attribute)
        and "get_language" in (getattr(node, "id", ""), getattr(node, "attr", ""))
    }

    assert asking == ASKS_DJANGO


# --------------------------------------------------------------------------------------------------------- folders
@pytest.mark.parametrize("app", ["sla", "reports"])
def test_folders_of_views_are_called_as_those_of_their_templates(app):
    folders = {p.name for p in (BASE / app / "views").iterdir() if p.is_dir() and p.name != "__pycache__"}

    assert folders - {p.name for p in (BASE / "templates" / app).iterdir()} == set()


@pytest.mark.parametrize("app", APPS)
def test_tests_lie_in_folders_called_as_those_of_the_source(app):
    tested = {p.parent.relative_to(BASE / "tests" / app) for p in (BASE / "tests" / app).rglob("test_*.py")}

    assert [folder.as_posix() for folder in sorted(tested) if not (BASE / app / folder).is_dir()] == []


# What is told across modules, each file by what it is about.
ABOUT_MORE = {
    "reports/actions/test_deputies.py",  # what a deputy does in a report
    "reports/actions/test_kept_values.py",  # what a form keeps of its own, from draft to revision
    "reports/xlsform/test_foreign_forms.py",  # workbooks that were made for other programs
    "reports/xlsform/test_functions_of_odk.py",  # the specification's list, one by one
    "reports/xlsform/test_second_opinion.py",  # the engine against another evaluation, and random workbooks
    "reports/test_kinds_of_units.py",  # a form with sections for some kinds, the whole way
    "reports/test_forms_without_indicators.py",
    "reports/test_long_names.py",  # the longest names, wherever a name is stored
    "reports/test_rows_reviewed.py",  # a remark on one row, from the review to the letter
    "reports/test_many_workbooks.py",  # from the workbook to the letter
    "reports/test_forms_of_tables.py",  # the whole way of a form that is one table
    "reports/test_two_services.py",  # what is seen of two services
    "reports/test_two_services_files.py",
    "reports/actions/test_request_refunds.py",  # of general requests, whose verbs are in `sla`
    "reports/actions/test_request_successions.py",
    "reports/api/test_client_example.py",  # docs/api_client.py
    "reports/api/test_every_address.py",  # schemathesis
    "reports/api/test_reading.py",  # results, letters, terms, requests, disputes, facts
    "reports/invariants/test_breaks.py",  # what is changed behind the triggers, whatever it is
    "reports/test_not_here.py",  # complaints about other systems of this kind
    "reports/views/calls/test_progress_lists.py",
    "reports/views/entry/test_foreign_pages.py",  # forms that other people wrote
    "reports/views/entry/test_question_kinds.py",
    "reports/views/oversight/test_lists.py",
    "reports/views/public/test_track_verify.py",
    "reports/views/services/test_times.py",
    "sla/actions/test_changes.py",  # of weeks, targets, holidays: what stays
    "sla/actions/test_dispute_guards.py",
    "sla/test_agreement_clauses.py",  # clause by clause
    "units/actions/test_typed_passwords.py",
    "units/test_cast.py",
}


def has_its_module(test: Path) -> bool:
    """Whether `tests/APP/ROOM/test_NAME.py` stands beside `APP/ROOM/NAME.py`, `APP/ROOM/NAME/` or, for a room, `ROOM/test_ROOM.py`."""
    place, name = BASE / test.parent.relative_to(BASE / "tests"), test.stem.removeprefix("test_")
    return (place / f"{name}.py").exists() or (place / name).is_dir() or place.name == name


def test_a_test_bears_the_name_of_its_module():
    tests = [p for app in APPS for p in (BASE / "tests" / app).rglob("test_*.py")]
    other = {p.relative_to(BASE / "tests").as_posix() for p in tests if not has_its_module(p)}

    assert other == ABOUT_MORE


def test_modules_are_imported_at_the_top_of_a_file():
    """So that a reader sees what a module stands on. What is heavy and rarely needed is named here."""
    late = set()
    for path in files(*PACKAGES):
        tree = tree_of(path)
        own = {id(node) for node in tree.body}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.ImportFrom)
                and id(node) not in own
                and (node.level or node.module.startswith(PACKAGES))
            ):
                late.add(f"{name_of(path)} {'.' * node.level}{node.module or ''}")

    assert late == {
        # The gateway that the settings name: the other one's program is not looked at.
        "sla/gateways/__init__.py .sadad",
        "sla/gateways/__init__.py .simulator",
        # Beat imports its timetable before Django is set up.
        "sajad_portal/timetable.py units.actions.heartbeats",
        "sajad_portal/timetable.py units.enums",
        "sajad_portal/timetable.py units.queries.heartbeats",
        # So are the applications of Celery and Django.
        "sajad_portal/apps.py .",
        "sajad_portal/celery.py sajad_portal.watch.keys",
        "sajad_portal/celery.py sajad_portal.watch.measures",
        "sajad_portal/celery.py sajad_portal.watch.reports",
        "sajad_portal/celery.py sajad_portal.watch.tasks",
    }
