"""The suite's own promises: what conftest says it does."""

import ast
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.template import Context, Engine, engines
from jinja2 import UndefinedError

from sajad_portal.celery import app
from sajad_portal.lib.clock import database_now
from units.models import Event

from .conftest import BASE, UndefinedVariable
from .plugins.database import empty_tables


def record_an_event() -> Event:
    return Event.objects.create(at=database_now(), verb="test", noun="test", key="1")


@pytest.mark.django_db(transaction=True)
def test_tables_that_only_grow_can_be_emptied_between_tests():
    record_an_event()

    empty_tables(connection.ops, [])

    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_table_that_was_emptied_is_append_only_again():
    record_an_event()
    empty_tables(connection.ops, [])
    event = record_an_event()

    for change in (lambda: Event.objects.filter(pk=event.pk).update(verb="other"), event.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()

    assert Event.objects.get().verb == "test"


def test_a_variable_that_nobody_gave_fails_a_template_of_ours(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.conftest.BASE", tmp_path)
    (tmp_path / "page.html").write_text("{{ nobody_gave_this }}")
    invalid = engines["django"].engine.string_if_invalid

    with pytest.raises(UndefinedVariable, match=r"nobody_gave_this.*page.html:1"):
        Engine(dirs=[tmp_path], string_if_invalid=invalid).get_template("page.html").render(Context())


@pytest.mark.parametrize(
    "source", ["{{ nobody_gave_this }}", "{% if nobody_gave_this %}{% endif %}", "{{ ''.nothing }}"]
)
def test_what_nobody_gave_fails_a_page_wherever_it_is_asked_for(source):
    with pytest.raises(UndefinedError):
        engines["jinja"].from_string(source).render({})


def test_what_none_has_none_of_is_false_in_a_page_and_is_not_printed():
    asked = "{% if nobody.seat.role == 'head' or nobody.seat %}yes{% elif nobody.seat is none %}none{% endif %}"
    assert engines["jinja"].from_string(asked).render({"nobody": None}) == "none"

    with pytest.raises(UndefinedError):
        engines["jinja"].from_string("{{ nobody.seat.role }}").render({"nobody": None})


@pytest.mark.django_db
def test_the_clock_moves_by_what_it_is_told(clock):
    before = database_now()

    clock.move(days=3)

    assert (database_now() - before).days == 3


@pytest.mark.django_db
def test_the_clock_moves_to_an_instant(clock):
    aim = database_now().replace(year=2030, microsecond=0)

    clock.move_to(aim)

    assert 0 <= (database_now() - aim).total_seconds() < 5


@app.task
def note_an_event() -> None:
    record_an_event()


@pytest.mark.redis
def test_a_task_travels_through_redis_to_a_worker_and_back_into_the_database(redis_worker, redis_server, becomes_true):
    note_an_event.delay()

    assert becomes_true(Event.objects.exists)


def test_a_task_runs_at_once_where_no_worker_is_asked_for(db):
    note_an_event.delay()

    assert Event.objects.count() == 1


# --------------------------------------------------------------------------------------------- what can fail
def alternatives(test: ast.expr) -> bool:
    """Does it hold as soon as one of several holds? Values such as `(text or "")` are no matter."""
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.Or) or any(alternatives(value) for value in test.values)
    if isinstance(test, ast.UnaryOp):
        return alternatives(test.operand)
    if isinstance(test, ast.Call) and getattr(test.func, "id", "") in {"all", "any"}:
        return any(alternatives(each.elt) for each in test.args if isinstance(each, ast.GeneratorExp | ast.ListComp))
    return False


def assertions_with_alternatives(code: str) -> list[int]:
    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert) and alternatives(node.test)]
    return [node.lineno for node in found]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("assert a or b", [1]), ("assert c and (a or b)", [1]), ("assert not (a or b)", [1]),
        ("assert all(a or b for a in c)", [1]), ("x = 1\nassert a == b or c, d", [2]),
        ("assert (a or '') == b", []), ("assert [a or b for a in c] == d", []), ("assert a, b or c", []),
    ],
)  # fmt: skip
def test_an_or_in_an_assertion_is_found_where_it_decides(code, found):
    assert assertions_with_alternatives(code) == found


def test_no_assertion_holds_by_an_alternative():
    """One side of an `or` hides that the other is never true: assert each for its own case."""
    files = sorted((BASE / "tests").rglob("*.py"))
    found = {path.relative_to(BASE).as_posix(): assertions_with_alternatives(path.read_text("utf-8")) for path in files}

    assert len(found) > 200
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_paper_is_a_paper_by_its_first_bytes_alone():
    """`tests/papers.py` reads a PDF back; that it begins as one says nothing of what stands in it."""
    bare = re.compile(r"""assert .*(startswith\(b"%PD[F]|== b"%PD[F]|, b"%PD[F]-"\)$)""", re.MULTILINE)
    files = sorted((BASE / "tests").rglob("test_*.py"))
    found = [path.relative_to(BASE).as_posix() for path in files if bare.search(path.read_text("utf-8"))]

    assert found == []
