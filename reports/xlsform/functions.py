"""The functions of ODK's XForms that forms use. Each is `f(token, context)`; importing the module registers them."""

import math
import uuid
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from elementpath.xpath_nodes import XPathNode

from sajad_portal.lib.text import latin_digits

from . import patterns
from .values import ARITHMETIC, NAN, boolean, node_text, to_number, to_text
from .xpath import NoEarlierValue, function, value_of

MAX_TEXT = 4000


class EvaluationError(Exception):
    """An expression that this form's author has to mend."""


def _text(token, context, index: int = 0) -> str:
    return to_text(value_of(token[index], context))


def _number(token, context, index: int = 0) -> Decimal:
    return to_number(value_of(token[index], context))


def _given(token, context) -> list[Decimal]:
    """All numbers among the arguments and their nodes; empty answers are left out."""
    found = []
    for argument in token:
        value = value_of(argument, context)
        for item in value if isinstance(value, list) else [value]:
            raw = node_text(item) if isinstance(item, XPathNode) else item
            if raw != "":
                found.append(to_number(raw))
    return found


# ----------------------------------------------------------------- choosing
@function("if", 3)
def _if(self, context=None):
    return value_of(self[1 if boolean(value_of(self[0], context)) else 2], context)


@function("coalesce", (1, None))
def _coalesce(self, context=None):
    for argument in self:
        value = value_of(argument, context)
        if to_text(value) != "":
            return value
    return ""


@function("earlier", (1, 2))
def _earlier(self, context=None):
    """sajad:earlier('HSG-02') is the value of the last earlier period, sajad:earlier('HSG-02', 2) that of the one before."""
    back = int(_number(self, context, 1)) if len(self) > 1 else 1
    values = context.earlier.get(_text(self, context), ())
    if not 1 <= back <= len(values):
        raise NoEarlierValue
    return values[-back]


@function("once", 1)
def _once(self, context=None):
    held = node_text(context.current) if context.current is not None else ""
    return held or value_of(self[0], context)


@function("selected", 2)
def _selected(self, context=None):
    return _text(self, context, 1).strip() in _text(self, context).split()


@function("selected-at", 2)
def _selected_at(self, context=None):
    index, names = _number(self, context, 1), _text(self, context).split()
    return names[int(index)] if index.is_finite() and 0 <= index < len(names) else ""


@function("count-selected", 1)
def _count_selected(self, context=None):
    return Decimal(len(_text(self, context).split()))


@function("choice-name", 2)
def _choice_name(self, context=None):
    return context.form.choice_label(_text(self, context, 1).strip(), _text(self, context), context.language)


@function("itext", 1)
def _itext(self, context=None):
    return context.form.itext(_text(self, context), context.language)


@function("instance", 1)
def _instance(self, context=None):
    name = _text(self, context)
    if name not in context.instances:
        raise EvaluationError(f"instance('{name}')")
    return [context.instances[name]]


@function("current", 0)
def _current(self, context=None):
    return [context.current if context.current is not None else context.root]


# --------------------------------------------------------------------- logic
@function("not", 1)
def _not(self, context=None):
    return not boolean(value_of(self[0], context))


@function("true", 0)
def _true(self, context=None):
    return True


@function("false", 0)
def _false(self, context=None):
    return False


@function("boolean", 1)
def _boolean(self, context=None):
    return boolean(value_of(self[0], context))


@function("boolean-from-string", 1)
def _boolean_from_string(self, context=None):
    return _text(self, context).strip().lower() in ("1", "true")


@function("checklist", (3, None))
def _checklist(self, context=None):
    least, most = _number(self, context), _number(self, context, 1)
    hits = sum(boolean(value_of(argument, context)) for argument in self[2:])
    return (least < 0 or hits >= least) and (most < 0 or hits <= most)


# ---------------------------------------------------------------------- text
@function("string", (0, 1))
def _string(self, context=None):
    return to_text(value_of(self[0], context)) if len(self) else to_text(context.item)


@function("concat", (1, None))
def _concat(self, context=None):
    parts = []
    for argument in self:
        value = value_of(argument, context)
        parts += [to_text(item) for item in value] if isinstance(value, list) else [to_text(value)]
    return "".join(parts)[:MAX_TEXT]


@function("join", (1, None))
def _join(self, context=None):
    parts = []
    for argument in self[1:]:
        value = value_of(argument, context)
        parts += [to_text(item) for item in value] if isinstance(value, list) else [to_text(value)]
    return _text(self, context).join(parts)[:MAX_TEXT]


@function("string-length", (0, 1))
def _string_length(self, context=None):
    return Decimal(len(_text(self, context) if len(self) else to_text(context.item)))


@function("substr", (2, 3))
def _substr(self, context=None):
    raw, start = _text(self, context), _number(self, context, 1)
    end = _number(self, context, 2) if len(self) > 2 else Decimal(len(raw))
    if not start.is_finite() or not end.is_finite():
        return ""
    return raw[int(start) : int(end)]


@function("substring", (2, 3))
def _substring(self, context=None):
    raw, start = _text(self, context), _number(self, context, 1)
    if not start.is_finite():
        return ""
    start = start.to_integral_value(ROUND_HALF_UP)
    if len(self) < 3:
        return raw[max(int(start) - 1, 0) :]
    length = _number(self, context, 2)
    if not length.is_finite():
        return raw[max(int(start) - 1, 0) :] if length == Decimal("Infinity") else ""
    end = int(start) - 1 + int(length.to_integral_value(ROUND_HALF_UP))
    return raw[max(int(start) - 1, 0) : max(end, 0)]


@function("substring-before", 2)
def _substring_before(self, context=None):
    before, found, _rest = _text(self, context).partition(_text(self, context, 1) or "\0")
    return before if found else ""


@function("substring-after", 2)
def _substring_after(self, context=None):
    mark = _text(self, context, 1)
    raw = _text(self, context)
    return raw.partition(mark)[2] if mark else raw


@function("contains", 2)
def _contains(self, context=None):
    return _text(self, context, 1) in _text(self, context)


@function("starts-with", 2)
def _starts_with(self, context=None):
    return _text(self, context).startswith(_text(self, context, 1))


@function("ends-with", 2)
def _ends_with(self, context=None):
    return _text(self, context).endswith(_text(self, context, 1))


@function("normalize-space", (0, 1))
def _normalize_space(self, context=None):
    return " ".join((_text(self, context) if len(self) else to_text(context.item)).split())


@function("translate", 3)
def _translate(self, context=None):
    old, new = _text(self, context, 1), _text(self, context, 2)
    table: dict[int, str | None] = {}
    for index, letter in enumerate(old):
        table.setdefault(ord(letter), new[index] if index < len(new) else None)
    return _text(self, context).translate(table)


@function("regex", 2)
def _regex(self, context=None):
    """Whole-text match in linear time (`patterns`); Persian digits count as digits."""
    raw = latin_digits(_text(self, context))[:MAX_TEXT]
    return patterns.matches(_text(self, context, 1), raw, context.spend)


@function("uuid", (0, 1))
def _uuid(self, context=None):
    return str(uuid.uuid4())


# ------------------------------------------------------------------- numbers
@function("number", (0, 1))
def _number_function(self, context=None):
    return to_number(value_of(self[0], context)) if len(self) else to_number([context.item])


@function("int", 1)
def _int(self, context=None):
    value = _number(self, context)
    return value.to_integral_value(ROUND_DOWN) if value.is_finite() else NAN


@function("round", (1, 2))
def _round(self, context=None):
    value = _number(self, context)
    places = _number(self, context, 1) if len(self) > 1 else Decimal(0)
    if not value.is_finite() or not places.is_finite() or abs(places) > 30 or value.adjusted() > 30:
        return value if value.is_finite() else NAN
    return value.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP, context=ARITHMETIC)


@function("floor", 1)
def _floor(self, context=None):
    value = _number(self, context)
    return value.to_integral_value(ROUND_FLOOR) if value.is_finite() else NAN


@function("ceiling", 1)
def _ceiling(self, context=None):
    value = _number(self, context)
    return value.to_integral_value(ROUND_CEILING) if value.is_finite() else NAN


@function("abs", 1)
def _abs(self, context=None):
    return ARITHMETIC.abs(_number(self, context))


@function("pow", 2)
def _pow(self, context=None):
    base, power = _number(self, context), _number(self, context, 1)
    if not (base.is_finite() and power.is_finite()) or abs(power) > 1000:
        return NAN
    return ARITHMETIC.power(base, power)


@function("sqrt", 1)
def _sqrt(self, context=None):
    return ARITHMETIC.sqrt(_number(self, context))


@function("exp", 1)
def _exp(self, context=None):
    value = _number(self, context)
    return ARITHMETIC.exp(value) if value.is_finite() and abs(value) < 900 else NAN


@function("log", 1)
def _log(self, context=None):
    value = _number(self, context)
    return ARITHMETIC.ln(value) if value.is_finite() and value > 0 else NAN


@function("log10", 1)
def _log10(self, context=None):
    value = _number(self, context)
    return ARITHMETIC.log10(value) if value.is_finite() and value > 0 else NAN


@function("pi", 0)
def _pi(self, context=None):
    return Decimal(str(math.pi))


@function("sum", (1, None))
def _sum(self, context=None):
    total = Decimal(0)
    for value in _given(self, context):
        total = ARITHMETIC.add(total, value)
    return total


@function("min", (1, None))
def _min(self, context=None):
    given = _given(self, context)
    return NAN if not given or any(value.is_nan() for value in given) else min(given)


@function("max", (1, None))
def _max(self, context=None):
    given = _given(self, context)
    return NAN if not given or any(value.is_nan() for value in given) else max(given)


@function("count", 1)
def _count(self, context=None):
    value = value_of(self[0], context)
    return Decimal(len(value) if isinstance(value, list) else 1)


@function("count-non-empty", (1, None))
def _count_non_empty(self, context=None):
    found = 0
    for argument in self:
        value = value_of(argument, context)
        found += sum(to_text(item) != "" for item in (value if isinstance(value, list) else [value]))
    return Decimal(found)


# --------------------------------------------------------------------- nodes
@function("position", (0, 1))
def _position(self, context=None):
    if not len(self):
        return Decimal(context.position)
    nodes = value_of(self[0], context)
    if not isinstance(nodes, list) or not nodes:
        return NAN
    node = nodes[0]
    same = [child for child in node.parent.children if child.name == node.name] if node.parent is not None else [node]
    return Decimal(same.index(node) + 1)


@function("indexed-repeat", (3, 7))
def _indexed_repeat(self, context=None):
    found = value_of(self[0], context)
    for index in range(1, len(self) - 1, 2):
        groups = value_of(self[index], context)
        place = _number(self, context, index + 1)
        if not isinstance(groups, list) or not place.is_finite() or not 1 <= place <= len(groups):
            return ""
        chosen = groups[int(place) - 1]
        found = [node for node in found if _inside(node, chosen)]
    return found


def _inside(node, ancestor) -> bool:
    while node is not None:
        if node is ancestor:
            return True
        node = node.parent
    return False
