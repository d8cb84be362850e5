"""The functions of ODK's XForms that choose, compare and walk the form. Each is `f(token, context)`; importing registers them.

What each gives is said by https://getodk.github.io/xforms-spec/#xpath-functions, and where that refers to it by XPath 1.0.
"""

from decimal import Decimal

from .arguments import EvaluationError, number_at, text_at
from .values import ARITHMETIC, NAN, boolean, to_number, to_text
from .xpath import NoEarlierValue, function, value_of


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
    back = int(number_at(self, context, 1)) if len(self) > 1 else 1
    values = context.earlier.get(text_at(self, context), ())
    if not 1 <= back <= len(values):
        raise NoEarlierValue
    return values[-back]


@function("is-selected", 2)
@function("selected", 2)
def _selected(self, context=None):
    return text_at(self, context, 1).strip() in text_at(self, context).split()


@function("selected-at", 2)
def _selected_at(self, context=None):
    index, names = number_at(self, context, 1), text_at(self, context).split()
    return names[int(index)] if index.is_finite() and 0 <= index < len(names) else ""


@function("count-selected", 1)
def _count_selected(self, context=None):
    return Decimal(len(text_at(self, context).split()))


@function("choice-name", 2)
def _choice_name(self, context=None):
    return context.choice_label(text_at(self, context, 1).strip(), text_at(self, context))


@function("itext", 1)
def _itext(self, context=None):
    return context.form.itext(text_at(self, context), context.language)


@function("instance", 1)
def _instance(self, context=None):
    name = text_at(self, context)
    if name not in context.instances:
        if context.edition == 1:
            raise EvaluationError(f"instance('{name}')")
        return []  # of a file that the form came without; whoever imported it was told
    return [context.instances[name]]


@function("pulldata", (4, None))
def _pulldata(self, context=None):
    """Short for instance(id)/root/item[column = key]/wanted, the first of them; "" without the list or the key."""
    wanted, column, key = (text_at(self, context, index) for index in (1, 2, 3))
    context.spend()
    return context.form.looked_up(text_at(self, context).removesuffix(".csv"), column).get(key, {}).get(wanted, "")


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
    raw = text_at(self, context)
    return raw in ("1", "true") if context.edition > 1 else raw.strip().lower() in ("1", "true")


@function("checklist", (3, None))
def _checklist(self, context=None):
    hits = sum(boolean(value_of(argument, context)) for argument in self[2:])
    return _lies_between(Decimal(hits), number_at(self, context), number_at(self, context, 1))


@function("weighted-checklist", (4, None))
def _weighted_checklist(self, context=None):
    """Pairs of a condition and what it weighs; of nodes, each pairs with the one at its place."""
    if len(self) % 2:
        raise EvaluationError("weighted-checklist() of an odd number of arguments")
    total = Decimal(0)
    for index in range(2, len(self), 2):
        met, weights = (_each(value_of(self[place], context)) for place in (index, index + 1))
        for answer, weight in zip(met, weights, strict=False):
            if boolean(answer):
                total = ARITHMETIC.add(total, to_number(weight))
    return _lies_between(total, number_at(self, context), number_at(self, context, 1))


def _each(value) -> list:
    return [[node] for node in value] if isinstance(value, list) else [value]


def _lies_between(total: Decimal, least: Decimal, most: Decimal) -> bool:
    """Bounds of -1 do not apply; with a bound that is no number nothing can be said, so it is false."""
    if any(number.is_nan() for number in (total, least, most)):
        return False
    return (least == -1 or total >= least) and (most == -1 or total <= most)


# --------------------------------------------------------------------- nodes
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


@function("position", (0, 1))
def _position(self, context=None):
    if not len(self):
        return Decimal(context.position)
    nodes = value_of(self[0], context)
    if not isinstance(nodes, list) or not nodes:
        return NAN
    node = nodes[0]
    if id(node) in context.numbers:
        return Decimal(context.numbers[id(node)])
    same = [child for child in node.parent.children if child.name == node.name] if node.parent is not None else [node]
    return Decimal(same.index(node) + 1)


@function("indexed-repeat", (3, 7))
def _indexed_repeat(self, context=None):
    found = value_of(self[0], context)
    for index in range(1, len(self) - 1, 2):
        groups = value_of(self[index], context)
        place = number_at(self, context, index + 1)
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
