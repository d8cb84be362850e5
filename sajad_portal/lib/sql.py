"""What Django's query language makes dear: long conditions, and planning the same statement again and again.

Conditions that are clearer, and far cheaper, as SQL than as a tree of expressions: Django resolves, copies and compiles a nested Case anew for every query, and repeats it wherever an annotation refers to
another: a status of nine branches became 25,000 letters and 15 ms of compiling. `Written` compiles each column once.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, Expression, F, Field, Func, QuerySet, Subquery

_HOLE = re.compile(r"\{(\w+)\}")

# What the two databases write differently. SQLite keeps instants as text and durations as microseconds, as Django does.
_POSTGRESQL = {
    "greatest": "GREATEST",
    "least": "LEAST",
    "plus": "({} + {})",
    "minus": "({} - {})",
    "between": "({} - {})",
    "two_hours": "interval '2 hours'",
    "day": "interval '1 day'",
}
_SQLITE = {
    "greatest": "MAX",
    "least": "MIN",
    "plus": "django_format_dtdelta('+', {}, {})",
    "minus": "django_format_dtdelta('-', {}, {})",
    "between": "django_timestamp_diff({}, {})",
    "two_hours": "7200000000",
    "day": "86400000000",
}


class Dialect:
    """`greatest(a, b)`, `least(a, b)`, `plus(instant, duration)`, `minus(instant, duration)`, `between(later, earlier)`: texts
    made of texts; `day` times a number is a duration. Nulls are the writer's business: SQLite's MAX of a NULL is NULL,
    PostgreSQL's GREATEST leaves it out."""

    def __init__(self, words: dict[str, str]):
        self._words = words
        self.two_hours, self.day = words["two_hours"], words["day"]

    def greatest(self, *texts: str) -> str:
        return f"{self._words['greatest']}({', '.join(texts)})"

    def least(self, *texts: str) -> str:
        return f"{self._words['least']}({', '.join(texts)})"

    def plus(self, instant: str, duration: str) -> str:
        return self._words["plus"].format(instant, duration)

    def minus(self, instant: str, duration: str) -> str:
        return self._words["minus"].format(instant, duration)

    def between(self, later: str, earlier: str) -> str:
        return self._words["between"].format(later, earlier)


_DIALECTS = {"postgresql": Dialect(_POSTGRESQL), "sqlite": Dialect(_SQLITE)}


@lru_cache(maxsize=64)
def _pieces(write, vendor: str) -> list[str]:
    """Text, name of a hole, text, name of a hole, …"""
    return _HOLE.split(write(_DIALECTS[vendor]))


class Written(Expression):
    """SQL text with holes. `write(dialect)` gives the text; `{name}` is a column of `columns` {name: path} or one of `values`.

    `write` is a module's function, called once a process and database. Values are passed as parameters, never as text.
    """

    def __init__(self, write, columns: dict[str, str], output_field: Field, **values):
        super().__init__(output_field=output_field)
        self.write, self.names, self.values = write, tuple(columns), values
        self.columns = [F(path) for path in columns.values()]

    @property
    def identity(self):
        return (Written, self.write, self.names, tuple(self.columns), tuple(self.values.items()))

    def get_source_expressions(self):
        return self.columns

    def set_source_expressions(self, exprs):
        self.columns = exprs

    def as_sql(self, compiler, connection):
        known = {}
        for name, column in zip(self.names, self.columns, strict=True):
            known[name], params = compiler.compile(column)
            if params:
                raise TypeError(f"{name} is not a plain column")
        text, found = [], []
        for n, piece in enumerate(_pieces(self.write, connection.vendor)):
            if n % 2 == 0:
                text.append(piece.replace("%", "%%"))
            elif piece in known:
                text.append(known[piece])
            else:
                value = self.values[piece]
                text.append("%s")
                found.append(connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value)
        return "".join(text), found


class _Found(Subquery):
    empty_result_set_value = NotImplemented  # where nothing can be found, nothing is among it


class InSubquery(Func):
    """`Among("call_id", queryset of one column)`: a condition as `call_id__in`, for a few rows that are found first.

    PostgreSQL then looks each of them up by an index. Joined, as Django writes it, few rows of one table make it read the
    other from end to end wherever it believes that most of it belongs to them.
    """

    arity = 2
    output_field = BooleanField()

    def __init__(self, column: str, found: QuerySet):
        super().__init__(F(column), _Found(found))

    def as_sql(self, compiler, connection, function=None, template=None, arg_joiner=None, **extra_context):
        return super().as_sql(compiler, connection, function, "%(expressions)s", " IN ", **extra_context)

    def as_postgresql(self, compiler, connection, **context):
        return super().as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(ARRAY")


@contextmanager
def prepared() -> Iterator[None]:
    """Inside, or in a function that it decorates, PostgreSQL plans a statement once a connection instead of each time:
    planning a report with its call, unit, request and status takes five times as long as finding it.

    For pages and verbs about one report or one unit, whose statements find a few rows by a key, so that one plan is as good
    as another. What counts or searches is planned for the values it is asked with, and belongs outside.
    """
    connection.ensure_connection()
    if connection.vendor != "postgresql" or not settings.PREPARE_STATEMENTS:
        yield
        return
    server = connection.connection
    before, server.prepare_threshold = server.prepare_threshold, 1
    try:
        yield
    finally:
        server.prepare_threshold = before
