"""`bulk_create` by COPY, so that a hundred thousand reports are seeded in minutes. For the bench's own databases only."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection, models
from django.db.models.query import QuerySet

CHUNK = 20_000
NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@contextmanager
def copying() -> Iterator[None]:
    """Inside, `bulk_create` writes with COPY, and foreign keys and triggers are not looked at: the rows are the demo's."""
    plain, QuerySet.bulk_create = QuerySet.bulk_create, _bulk_create(QuerySet.bulk_create)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '64MB'")
    try:
        yield
    finally:
        QuerySet.bulk_create = plain
        with connection.cursor() as cursor:
            cursor.execute("RESET session_replication_role; RESET synchronous_commit; RESET work_mem")


def _bulk_create(plain: Callable) -> Callable:
    def bulk_create(self, objs, *args, ignore_conflicts=False, update_conflicts=False, **options):
        if ignore_conflicts or update_conflicts:
            return plain(
                self, objs, *args, ignore_conflicts=ignore_conflicts, update_conflicts=update_conflicts, **options
            )
        rows = list(objs)
        for start in range(0, len(rows), CHUNK):
            copy(self.model, rows[start : start + CHUNK])
        return rows

    return bulk_create


def copy(model: type[models.Model], rows: list[models.Model]) -> None:
    """Write unsaved rows in one COPY and set their keys."""
    fields = model._meta.concrete_fields
    related = [field for field in fields if field.is_relation]
    with connection.cursor() as cursor:
        keys = _new_keys(cursor, model, len(rows))
        for row in rows:
            if keys:
                row.pk = keys.pop()
            for field in related:  # named before the other row had its key
                if row.__dict__[field.attname] is None and field.is_cached(row):
                    other = getattr(row, field.name)
                    row.__dict__[field.attname] = other.pk if other is not None else None
            row._state.adding, row._state.db = False, connection.alias
        texts: dict[int, str] = {}  # of JSON values, which many rows share
        writers = [(field.attname, _writer(field, texts)) for field in fields]
        file = io.StringIO()
        for row in rows:
            values = row.__dict__
            file.write("\t".join([NULL if values[n] is None else write(values[n]) for n, write in writers]))
            file.write("\n")
        columns = ", ".join(f'"{field.column}"' for field in fields)
        with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as to:
            to.write(file.getvalue())


def _new_keys(cursor, model: type[models.Model], count: int) -> list[int]:
    """The next `count` keys, the first last; none where a row is keyed by another one's key."""
    key = model._meta.pk
    if key.is_relation:
        return []
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
        [model._meta.db_table, key.column, count],
    )
    return [pk for (pk,) in reversed(cursor.fetchall())]


def _writer(field: models.Field, texts: dict[int, str]) -> Callable:
    if isinstance(field, models.JSONField):
        keep: list = []  # an id names an object only as long as it lives

        def write_json(value) -> str:
            if id(value) not in texts:
                keep.append(value)
                texts[id(value)] = json.dumps(value, ensure_ascii=False, cls=field.encoder).translate(_ESCAPES)
            return texts[id(value)]

        return write_json
    if isinstance(field, models.DateTimeField):
        return lambda value: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(field, models.BooleanField):
        return lambda value: "t" if value else "f"
    if isinstance(field, models.DurationField):
        return lambda value: f"{value.total_seconds()} seconds"
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        return lambda value: str(value).translate(_ESCAPES)
    return str
