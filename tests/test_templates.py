"""Pieces of pages are macros: each is called with what it takes, and reads nothing else."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from jinja2 import meta, nodes

from sajad_portal.jinja import LeftOut, Missing

TEMPLATES = Path(settings.BASE_DIR, "templates")


def parsed() -> dict[str, nodes.Template]:
    env = engines["jinja"].env
    return {
        path.relative_to(TEMPLATES).as_posix(): env.parse(path.read_text())
        for path in sorted(TEMPLATES.rglob("*.html"))
    }


def macros(tree: nodes.Template) -> dict[str, tuple[set[str], set[str]]]:
    """name → (its props, those that must be given)"""
    found = {}
    for macro in tree.find_all(nodes.Macro):
        names = [argument.name for argument in macro.args]
        found[macro.name] = (set(names), set(names[: len(names) - len(macro.defaults)]))
    return found


def wrong_calls(name: str, tree: nodes.Template, every: dict[str, nodes.Template]) -> list[str]:
    known, found = macros(tree), []
    for taken in tree.find_all(nodes.FromImport):
        there = macros(every[taken.template.value]) if taken.template.value in every else {}
        for macro in taken.names:
            if macro in there:
                known[macro] = there[macro]
            else:
                found.append(f"{name}: no {macro} in {taken.template.value}")
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in known:
            props, needed = known[call.node.name]
            given = {pair.key for pair in call.kwargs} | set(list(props)[: len(call.args)] if call.args else ())
            if given - props or (needed - given and not call.args):
                found.append(
                    f"{name}:{call.lineno} {call.node.name}: {sorted(given - props)}, lacks {sorted(needed - given)}"
                )
    return found


def test_every_macro_is_called_with_what_it_takes_and_all_that_it_needs():
    every = parsed()

    assert [line for name, tree in every.items() for line in wrong_calls(name, tree, every)] == []


def test_no_macro_reads_what_is_not_given_to_it():
    """A macro sees its props and the environment's functions, nothing of the page that calls it."""
    env, found = engines["jinja"].env, []
    for name, tree in parsed().items():
        if any(isinstance(node, nodes.Macro) for node in tree.body):
            tree.body = [node for node in tree.body if isinstance(node, nodes.FromImport | nodes.Macro)]
            tree.set_environment(env)
            # Set in a branch and read in it is undeclared in the eyes of Jinja2.
            own = {node.target.name for node in tree.find_all((nodes.Assign, nodes.AssignBlock))}
            found += [f"{name}: {variable}" for variable in sorted(meta.find_undeclared_variables(tree) - own)]

    assert found == []


def test_a_call_without_what_a_macro_needs_is_seen():
    env = engines["jinja"].env
    every = {
        "piece.html": env.parse("{% macro piece(a, b='') %}{{ a }}{% endmacro %}"),
        "page.html": env.parse(
            "{% from 'piece.html' import piece %}{{ piece(b=1) }}{{ piece(a=1, c=2) }}{{ piece(a=1) }}"
        ),
    }

    assert wrong_calls("page.html", every["page.html"], every) == [
        "page.html:1 piece: [], lacks ['a']",
        "page.html:1 piece: ['c'], lacks []",
    ]


# Variables of a page that are named as a tag is; their views give them each time, or the page would show the tag's function.
NAMED_AS_A_TAG = {
    ("reports/entry/_outcome.html", "state"),
    ("reports/exports/page.html", "state"),
    ("reports/exports/state.html", "state"),
    ("reports/payments/statement.html", "due"),
    ("reports/requests/write.html", "choice"),
    ("reports/result/announce.html", "state"),
    ("reports/result/order.html", "state"),
    ("reports/result/order_state.html", "state"),
    ("units/kinds.html", "attributes"),
    ("units/member.html", "state"),
}


def test_a_variable_of_a_page_is_named_as_no_tag():
    tags = vars(engines["jinja"].env.globals["tags"])
    found = set()
    for name, tree in parsed().items():
        called = {id(call.node) for call in tree.find_all(nodes.Call)}
        names = list(tree.find_all(nodes.Name))
        bound = {each.name for each in names if each.ctx != "load"}
        free = {each.name for each in names if each.ctx == "load" and id(each) not in called}
        found |= {(name, word) for word in (free - bound) & set(tags)}

    assert found == NAMED_AS_A_TAG


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("a{{ nobody_gave_this }}b", "ab"),
        ("{% if nothing.seat.role %}yes{% else %}no{% endif %}", "no"),
        ("{% if nothing.seat is none %}none{% endif %}", "none"),
        ("{% if nothing.seat == none %}none{% endif %}", "none"),
        ("{% if nothing.seat != 'head' %}other{% endif %}", "other"),
        ("{% for each in nothing.seats %}{{ each }}{% endfor %}", ""),
    ],
)
def test_where_people_work_a_page_goes_on_without_what_nobody_gave(source, drawn, caplog):
    """In a condition as under test; printed, it is nothing and an error in the log."""
    env = engines["jinja"].env
    strict, relaxed = (env.overlay(undefined=kind).from_string(source) for kind in (Missing, LeftOut))

    assert relaxed.render(nothing=None) == drawn
    assert [record.levelname for record in caplog.records] == (["ERROR"] if source.startswith("a{{") else [])
    if not source.startswith("a{{"):
        assert strict.render(nothing=None) == drawn
