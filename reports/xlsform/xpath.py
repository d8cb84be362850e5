"""XPath 1.0 as XLSForm authors mean it: elementpath's parser and paths, our operators and functions.

elementpath alone is wrong for ODK: `'' > 3` raises, dates do not compare, `sum()` over an empty answer is NaN, numbers
are floats, and no ODK function exists. Every token class we change is NEW: changing the inherited ones would change
XPath1Parser for the whole process.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence, Sized
from copy import copy
from datetime import datetime
from decimal import Decimal
from typing import Any

from elementpath import XPath1Parser, XPathContext
from elementpath.exceptions import ElementPathError
from elementpath.namespaces import XPATH_FUNCTIONS_NAMESPACE
from elementpath.tdop import Parser
from elementpath.xpath_nodes import ElementNode, XPathNode
from elementpath.xpath_tokens import XPathFunction, XPathToken

from .values import ARITHMETIC, LITERAL, boolean, node_list, node_text, parse_time, part_of_day, to_number, to_text

_COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MAX_EXPRESSION = 8000
MAX_DEPTH = 60
# Steps that one evaluation of a whole form may take: nodes walked, values compared, letters matched. A form of thousands
# of questions takes tens of thousands; `//*[count(//*[…])]` would take a server for days.
MAX_WORK = 1_000_000


class TooMuchWork(Exception):
    """The form's expressions take more than MAX_WORK steps; what is left of them is not evaluated."""


class NoEarlierValue(Exception):
    """A check reads an earlier period's value, and there is none: nothing can be said."""


class FormContext(XPathContext):
    """An evaluation: the tree, the instant, and the form's lists. `current` is the node of the question evaluated.

    `work` holds the steps that are left, for all copies of the context together.
    """

    at: datetime
    item: Any  # None where the question has no node
    current: XPathNode | None = None
    form: Any = None  # the engine's Form
    language: str = "fa"
    nodes: dict[str, XPathNode]
    rows: Mapping[str, list[XPathNode]] = {}  # of tables: the nodes of all rows
    own: Mapping[str, XPathNode] = {}  # of the row that is evaluated, and of the rows around it
    numbers: Mapping[int, int] = {}  # {id of a row's node: the number of the row}
    instances: dict[str, XPathNode]
    person: Mapping[str, str] = {}  # who evaluates: username…
    edition: int = (
        2  # of the reader of the form: what a function gave in a form that was read earlier, it gives for ever
    )
    choice_label: Callable[[str, str], str]  # (path of a question, names) → labels
    chance: Any = None  # functions_chance.Chance
    earlier: Mapping[str, Sequence[str]]  # {indicator or question: its values in earlier periods, oldest first}
    work: list[int]

    def spend(self, steps: int = 1) -> None:
        self.work[0] -= steps
        if self.work[0] < 0:
            raise TooMuchWork(f"more than {MAX_WORK} steps")

    def iter_matching_nodes(self, name, default_namespace=None):
        # It looks at every child, also where it yields none.
        self.spend(1 + (len(getattr(self.item, "children", None) or ()) if self.axis is None else 0))
        return super().iter_matching_nodes(name, default_namespace)

    def __copy__(self) -> "FormContext":
        # elementpath's own copy resets the axis, which a copied argument needs; ours is the same, with less work.
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.document, new.root, new.item = self.document, self.root, self.item
        new.size, new.position, new.axis = self.size, self.position, None
        new.namespaces, new.variables = self.namespaces, self.variables
        self.spend()
        return new


def _counted(name: str) -> None:
    """Each node that an axis walks over is a step."""
    walk = getattr(XPathContext, name)

    def walked(self: FormContext, *args, **kwargs):
        for item in walk(self, *args, **kwargs):
            self.spend()
            yield item

    setattr(FormContext, name, walked)


for _axis in ("children_or_self", "siblings", "descendants", "ancestors", "preceding", "followings"):
    _counted(f"iter_{_axis}")


class FormParser(XPath1Parser):
    """The parser of a form's expressions."""

    PATH_STEP_LABELS = ("axis", "function", "kind test")

    def parse(self, source: str) -> XPathToken:
        # Without XPath1Parser's static evaluation: our functions need their context.
        cls = type(self)
        if cls.tokenizer is None:
            cls.tokenizer = self.create_tokenizer(self.symbol_table)
        return Parser.parse(self, source)


def value_of(token: XPathToken, context: FormContext):
    """An argument's value; the context is copied, because a path moves it."""
    value = node_list(token.evaluate(copy(context)))
    if isinstance(value, list):
        # The text of a group is put together from everything in it.
        groups = sum(
            isinstance(item, ElementNode) and isinstance(item.value, Sized) and len(item.value) > 0 for item in value
        )
        context.spend(len(value) + groups * len(context.nodes))
    return value


def parse_expression(source: str, variables: dict[str, str]) -> XPathToken:
    """The compiled expression. `variables`: {absolute path of a question: variable}, see `name_paths`.

    Raises SyntaxError with what is wrong.
    """
    if len(source) > MAX_EXPRESSION:
        raise SyntaxError(f"longer than {MAX_EXPRESSION} characters")
    _check_depth(source)
    if any("$" in part for part in LITERAL.split(source)[::2]):
        raise SyntaxError("unexpected $")
    try:
        return FormParser().parse(name_paths(source, variables))
    except ElementPathError as error:
        raise SyntaxError(_reason(error)) from None
    except (SyntaxError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SyntaxError(str(error) or type(error).__name__) from None


def _reason(error: Exception) -> str:
    return re.sub(r"^.*?\[err:\w+\]\s*", "", str(error)).strip() or type(error).__name__


def _check_depth(source: str) -> None:
    depth = 0
    for part in LITERAL.split(source)[::2]:
        for letter in part:
            depth += (letter in "([") - (letter in ")]")
            if depth > MAX_DEPTH:
                raise SyntaxError(f"nested deeper than {MAX_DEPTH} levels")


def name_paths(source: str, variables: dict[str, str]) -> str:
    """Absolute paths of questions become variables, which the context resolves to their nodes in one step.

    Only pyxform's own absolute paths, never inside a literal, never as part of a longer path or before a predicate; so
    questions may also be called `date`, `div` or `parent`. Functions lose the prefixes that other programs write before them.
    """
    parts = LITERAL.split(source)
    for index in range(0, len(parts), 2):
        part = re.sub(_PREFIXED, _unprefixed, parts[index])
        parts[index] = _PATH.sub(lambda found: _variable(found, variables), part)
    return "".join(parts)


_PREFIXED = re.compile(r"\b(?:jr:(choice-name|itext)|sajad:(earlier)|cht:([a-z-]+))\s*\(")


def _unprefixed(found: re.Match) -> str:
    return f"{found[1] or found[2] or found[3]}("


_PATH = re.compile(r"(?<![\w.\])])(/[^\W\d][\w.\-]*(?:/[^\W\d][\w.\-]*)+)(?!\s*[\[/])(?![\w.\-:(])")


def _variable(found: re.Match, variables: dict[str, str]) -> str:
    name = variables.get(found[1])
    return f" ${name} " if name else found[0]


# -------------------------------------------------------------------- registering
def _subclass(symbol: str, **members) -> None:
    base = XPath1Parser.symbol_table[symbol]
    FormParser.symbol_table[symbol] = type(f"Form{base.__name__}", (base,), members)


def function(name: str, arguments=None) -> Callable:
    """Register `f(token, context)` as an XPath function. `arguments`: a count, or (least, most or None)."""

    def register(evaluate: Callable) -> Callable:
        FormParser.symbol_table[name] = type(
            f"Form_{name.replace('-', '_')}_Function",
            (XPathFunction,),
            {
                "symbol": name,
                "lookup_name": name,
                "label": "function",
                "nargs": arguments,
                "lbp": 90,
                "rbp": 90,
                "namespace": XPATH_FUNCTIONS_NAMESPACE,
                "sequence_types": (),
                "evaluate": evaluate,
            },
        )
        return evaluate

    return register


# -------------------------------------------------------------------- operators
def _atoms(value) -> list:
    """The things a comparison looks at: the texts of nodes, or the one value."""
    if isinstance(value, list):
        return [node_text(item) if isinstance(item, XPathNode) else item for item in value]
    return [value]


def number_of(value, context: FormContext) -> Decimal:
    """As `to_number`; a time of day counts as a part of a day, as ODK's decimal-time() gives it."""
    found = to_number(value)
    if not found.is_nan() or context.edition == 1:
        return found
    of_day = parse_time(to_text(value))
    return found if of_day is None else part_of_day(of_day)


def _same_times(left: str, right: str, context: FormContext) -> tuple:
    """Of two times of day their instants: a form stores 14:30:00 and its author writes '14:30'."""
    if context.edition > 1 and ":" in left and ":" in right:
        times = parse_time(left), parse_time(right)
        if times[0] and times[1]:
            return part_of_day(times[0]), part_of_day(times[1])
    return left, right


def _compare(symbol: str, left, right, context: FormContext) -> bool:
    """XPath 1.0, 3.4: node lists match if any of their nodes does. `<` and the like always compare as numbers."""
    compare = _COMPARE[symbol]
    equality = symbol in ("=", "!=")
    if equality and (isinstance(left, bool) or isinstance(right, bool)):
        return compare(boolean(left), boolean(right))
    rights = _atoms(right)
    for a in _atoms(left):
        for b in rights:
            context.spend()
            if equality and not isinstance(a, Decimal | int | float) and not isinstance(b, Decimal | int | float):
                if compare(*_same_times(to_text(a), to_text(b), context)):
                    return True
                continue
            x, y = number_of(a, context), number_of(b, context)
            if x.is_nan() or y.is_nan():
                if symbol == "!=":
                    return True
            elif compare(x, y):
                return True
    return False


def _comparison(symbol: str):
    def evaluate(self, context=None):
        return _compare(symbol, value_of(self[0], context), value_of(self[1], context), context)

    return evaluate


for _symbol in _COMPARE:
    _subclass(_symbol, evaluate=_comparison(_symbol))

_subclass(
    "and",
    evaluate=lambda self, context=None: boolean(value_of(self[0], context)) and boolean(value_of(self[1], context)),
)
_subclass(
    "or",
    evaluate=lambda self, context=None: boolean(value_of(self[0], context)) or boolean(value_of(self[1], context)),
)


def _arithmetic(calculate: Callable, *, sign: Callable | None = None):
    def evaluate(self, context=None):
        if len(self) == 1 and sign:
            return sign(number_of(value_of(self[0], context), context))
        return calculate(number_of(value_of(self[0], context), context), number_of(value_of(self[1], context), context))

    return evaluate


def divide(a: Decimal, b: Decimal) -> Decimal:
    """Division that never raises: by zero it is an infinity or NaN, which print as no value."""
    return ARITHMETIC.divide(a, b)


_subclass("+", evaluate=_arithmetic(ARITHMETIC.add, sign=ARITHMETIC.plus))
_subclass("-", evaluate=_arithmetic(ARITHMETIC.subtract, sign=ARITHMETIC.minus))
_subclass("div", evaluate=_arithmetic(divide))
_subclass("mod", evaluate=_arithmetic(ARITHMETIC.remainder))

# Classes that the library makes as it goes, and keeps in a table.
_Asterisk: Any = XPath1Parser.symbol_table["*"]
_Variable: Any = XPath1Parser.symbol_table["$"]
_multiply = _arithmetic(ARITHMETIC.multiply)


class _FormAsterisk(_Asterisk):
    def evaluate(self, context=None):
        return _multiply(self, context) if len(self) else super().evaluate(context)

    def select(self, context=None):
        if len(self):
            yield _multiply(self, context)
        else:
            yield from super().select(context)


FormParser.symbol_table["*"] = _FormAsterisk


class _FormVariable(_Variable):
    """q1 is a question, r1 one in the row that is evaluated, s1 all of one question in all rows of its table."""

    def evaluate(self, context=None):
        name = self.value
        if name[0] == "s":
            context.spend(len(context.rows[name]))
            return list(context.rows[name])
        return [context.own[name] if name[0] == "r" else context.nodes[name]]

    def select(self, context=None):
        yield from self.evaluate(context)


FormParser.symbol_table["$"] = _FormVariable
