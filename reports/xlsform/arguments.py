"""What the functions of expressions are given: text, numbers and nodes, as XPath makes them of an argument."""

from decimal import Decimal

from elementpath.xpath_nodes import XPathNode

from .values import node_text, to_number, to_text
from .xpath import value_of

MAX_TEXT = 4000


class EvaluationError(Exception):
    """An expression that this form's author has to mend."""


def text_at(token, context, index: int = 0) -> str:
    return to_text(value_of(token[index], context))


def number_at(token, context, index: int = 0) -> Decimal:
    return to_number(value_of(token[index], context))


def texts_given(arguments, context) -> list[str]:
    """The text of each argument, and of each node in it."""
    found = []
    for argument in arguments:
        value = value_of(argument, context)
        found += [to_text(item) for item in value] if isinstance(value, list) else [to_text(value)]
    return found


def numbers_given(token, context) -> list[Decimal]:
    """All numbers among the arguments and their nodes; empty answers are left out."""
    found = []
    for argument in token:
        value = value_of(argument, context)
        for item in value if isinstance(value, list) else [value]:
            raw = node_text(item) if isinstance(item, XPathNode) else item
            if raw != "":
                found.append(to_number(raw))
    return found
