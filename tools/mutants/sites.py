"""Where a change can be made, and the change itself: all by syntax tree, inside functions only.

What stands at a module's or class's level runs once, when it is imported; a fork of a loaded pytest cannot try it there.
"""

import ast
import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent

# Verbs, rules, scores, what a state is derived from, clocks, money, the engine of forms, importers.
ROOMS = (
    "reports/actions", "reports/rules", "reports/scoring", "reports/models/status.py", "reports/models/querysets.py",
    "reports/models/reports.py", "reports/queries/results.py", "reports/queries/result_findings.py",
    "reports/queries/payments.py", "reports/queries/clocks.py", "reports/xlsform",
    "sla/actions", "sla/rules", "sla/calendar", "sla/gateways", "sla/files", "sla/queries/clocks.py",
    "sla/queries/tariffs.py", "sla/queries/payments.py", "sla/queries/weeks.py",
    "units/actions", "units/rules.py", "units/files", "units/queries/import_plan.py", "units/queries/import_kinds.py",
    "units/queries/tree.py", "units/queries/lines.py",
    "sajad_portal/lib/clock.py", "sajad_portal/lib/jalali.py", "sajad_portal/lib/periods.py",
)  # fmt: skip
NOT_TRIED = {"reports/xlsform/sample_form.py", "reports/xlsform/sample_measures.py"}  # words of a sample, no engine

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COUNTED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
LOOKED_UP = {"__lt": "__lte", "__lte": "__lt", "__gt": "__gte", "__gte": "__gt", "__startswith": "__contains"}
ASKING = {"filter", "exclude", "get", "Q"}  # calls in which a condition can be left out
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """One change. `number` tells apart those of a function that read alike; a line may move, the rest stays."""

    path: str  # from the root
    function: str  # qualified as Python does
    line: int
    change: str
    number: int

    @property
    def key(self) -> str:
        return f"{self.path}|{self.function}|{self.change}|{self.number}"


def files(only: list[str]) -> list[str]:
    """The files of ROOMS, those below `only` where it names some."""
    found = set()
    for room in ROOMS:
        place = BASE / room
        found |= {p.relative_to(BASE).as_posix() for p in (place.rglob("*.py") if place.is_dir() else [place])}
    return sorted(
        p for p in found - NOT_TRIED if not only or any(p == o or p.startswith(f"{o.rstrip('/')}/") for o in only)
    )


def all_of(path: str) -> list[Mutant]:
    return [mutant for mutant, _ in _mutants(path, ast.parse((BASE / path).read_text("utf-8")))]


def sample(seed: int, count: int, only: list[str]) -> list[Mutant]:
    """`count` of all changes, the same for the same seed and code."""
    every = [mutant for path in files(only) for mutant in all_of(path)]
    random.Random(seed).shuffle(every)  # noqa: S311 a sample, no secret
    return every[:count]


def applied(key: str) -> ast.Module:
    """The module's tree with this change made. LookupError where the code has no such place any more."""
    path = key.split("|", 1)[0]
    tree = ast.parse((BASE / path).read_text("utf-8"))
    for mutant, make in _mutants(path, tree):
        if mutant.key == key:
            make()
            return ast.fix_missing_locations(tree)
    raise LookupError(key)


# ------------------------------------------------------------------------------------------- the changes
def _mutants(path: str, tree: ast.Module) -> Iterator[tuple[Mutant, callable]]:
    """Each change with a function that makes it in `tree`. Only one may be made."""
    seen: dict[tuple[str, str], int] = {}
    for function, name in _functions(tree, ""):
        for node, holder, field, index in _inside(function):
            for after, show in _changes(node):
                change = f"{_text(node)} → {show}"
                number = seen[name, change] = seen.get((name, change), 0) + 1
                yield Mutant(path, name, node.lineno, change, number), _maker(holder, field, index, after)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[ast.AST, str]]:
    """Functions and methods, not those inside functions: these are part of the outer one."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            yield child, f"{prefix}{child.name}"
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _functions(child, prefix)


def _inside(function: ast.AST) -> Iterator[tuple[ast.AST, ast.AST, str, int | None]]:
    """Every node that runs when the function does: (node, what holds it, in which field, at which index)."""
    todo = [(statement, function, "body", i) for i, statement in enumerate(function.body)]
    while todo:
        node, holder, field, index = todo.pop(0)
        if not hasattr(node, "lineno") and not isinstance(node, ast.comprehension | ast.withitem | ast.match_case):
            continue
        if hasattr(node, "lineno"):
            yield node, holder, field, index
        if isinstance(node, ast.JoinedStr) or _only_says(node):
            continue
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "args") and isinstance(
                node, (*FUNCTIONS, ast.AnnAssign)
            ):
                continue
            for i, each in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(each, ast.AST):
                    todo.append((each, node, name, i))


def _only_says(node: ast.AST) -> bool:
    """What words are made of: a translation, a log line."""
    name = node.func if isinstance(node, ast.Call) else None
    called = getattr(name, "id", getattr(name, "attr", ""))
    return called in {"_", "gettext", "ngettext", "pgettext", "format_lazy", "info", "warning", "exception", "debug"}


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What could stand here instead, with its text."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield _shown(node, lambda new: new.ops.__setitem__(0, COMPARED[type(node.ops[0])]()))
    elif isinstance(node, ast.BoolOp):
        yield _shown(node, lambda new: setattr(new, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand, _text(node.operand)
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in COUNTED and not _of_words(node):
        yield _shown(node, lambda new: setattr(new, "op", COUNTED[type(node.op)]()))
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield _shown(node, lambda new: setattr(new, "value", node.value + 1))
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield _shown(node, lambda new: setattr(new, "value", not node.value))
    elif isinstance(node, ast.Return) and not (node.value is None or isinstance(node.value, ast.Constant)):
        yield ast.copy_location(ast.Return(ast.copy_location(ast.Constant(None), node)), node), "return None"
    elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        new = copy.deepcopy(node)
        new.test = ast.copy_location(ast.UnaryOp(ast.Not(), new.test), node.test)
        yield new, f"if not ({_text(node.test)})"
    elif _is_left_out(node):
        yield ast.copy_location(ast.Pass(), node), "pass"
    elif isinstance(node, ast.Call):
        yield from _conditions(node)


def _is_left_out(node: ast.AST) -> bool:
    """A statement whose effect is what a test should miss: a refusal, a call, a field or an entry that is set."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call) and not _only_says(node.value)
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    return isinstance(node, ast.Raise)


def _conditions(node: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    """Of a query: a lookup's boundary moved, a condition left out."""
    asked = getattr(node.func, "attr", getattr(node.func, "id", "")) in ASKING
    for i, keyword in enumerate(node.keywords):
        for ending, other in LOOKED_UP.items():
            if keyword.arg and keyword.arg.endswith(ending):
                moved = keyword.arg.removesuffix(ending) + other
                yield _shown(node, lambda new, i=i, moved=moved: setattr(new.keywords[i], "arg", moved))
        if asked and keyword.arg and len(node.keywords) + len(node.args) > 1:
            yield _shown(node, lambda new, i=i: new.keywords.pop(i))


def _of_words(node: ast.AST) -> bool:
    """`"%s" % x` and the like: no arithmetic."""
    return any(
        isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str))
        for n in ast.walk(node)
    )


def _shown(node: ast.AST, change) -> tuple[ast.AST, str]:
    new = copy.deepcopy(node)
    change(new)
    return new, _text(new)


def _text(node: ast.AST) -> str:
    """One line, short enough for a table."""
    if isinstance(node, ast.If):
        return f"if {_text(node.test)}"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 110 else f"{text[:70]} … {text[-35:]}"


def _maker(holder: ast.AST, field: str, index: int | None, after: ast.AST):
    def make() -> None:
        if index is None:
            setattr(holder, field, after)
        else:
            getattr(holder, field)[index] = after

    return make
