"""Multiplies a seeded database inside PostgreSQL:  python -m bench.grow --times 10

Every unit with its people, reports and all that hangs on them is copied `times - 1` times under new keys and codes. For
measuring how pages grow: copies keep the hashes of what they were copied from, so `checkinvariants` is not for them.
"""

import argparse
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection  # noqa: E402

from bench.seed import log  # noqa: E402

# What belongs to a unit. People and units only where they are the sample's own; Events only those of reports and seats.
OWNED = (
    "units.unit", "units.person", "units.membership", "sla.acceptance", "sla.servicerequest", "sla.clockinterval",
    "reports.report", "reports.draftsection", "reports.evidence", "reports.revision", "reports.review", "reports.reviewitem",
    "reports.resultversion", "reports.resultfact", "reports.indicatorfact", "units.event", "units.notice",
)  # fmt: skip
ONLY = {
    "units.unit": "code LIKE 'L%%'",
    "units.person": "username LIKE 'demo%%'",
    "units.membership": "unit_id IN (SELECT id FROM units_unit WHERE code LIKE 'L%%' AND code NOT LIKE '%%X%%')",
    "units.event": "noun = 'report'",
    "units.notice": "event_id IN (SELECT id FROM units_event WHERE noun = 'report')",
}
SUFFIXED = {"code", "username", "tracking_code", "receipt_code", "verification_code", "search_key"}
PATHS = {("units.unit", "path"), ("reports.report", "unit_path"), ("units.event", "path")}
FEW = 3000  # rows of a table that no page is expected to grow with


def grow(times: int) -> None:
    models = [apps.get_model(name) for name in OWNED]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'")
        cursor.execute("SELECT relname, n_live_tup FROM pg_stat_user_tables WHERE n_live_tup > %s", [FEW])
        known = {model._meta.db_table for model in models} | {"django_session"}
        if unknown := [name for name, _rows in cursor.fetchall() if name not in known]:
            log(f"not multiplied: {', '.join(unknown)}")
        step = {}
        for model in models:
            key = model._meta.pk.column
            cursor.execute(f"SELECT coalesce(max({key}), 0) FROM {model._meta.db_table}")
            step[model] = cursor.fetchone()[0]
        for model in models:  # a row that is keyed by another's key moves with it
            if model._meta.pk.is_relation:
                step[model] = step[model._meta.pk.related_model]
        bounds = {}
        for model in models:
            where = ONLY.get(model._meta.label_lower)
            if where:
                cursor.execute(
                    f"CREATE TEMP TABLE own_{model._meta.model_name} AS SELECT id FROM {model._meta.db_table} WHERE {where}"
                    % ()
                )
                cursor.execute(f"CREATE UNIQUE INDEX ON own_{model._meta.model_name} (id)")
                cursor.execute(f"SELECT min(id), max(id) FROM own_{model._meta.model_name}")
                bounds[model] = cursor.fetchone()
        for model in models:
            columns = [field.column for field in model._meta.concrete_fields]
            chosen = ", ".join(_copied(model, field, step, bounds) for field in model._meta.concrete_fields)
            own = f"WHERE t.id IN (SELECT id FROM own_{model._meta.model_name})" if model in bounds else ""
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {chosen} "
                f"FROM {model._meta.db_table} t CROSS JOIN generate_series(1, %s) k {own}",
                [times - 1],
            )
            if not model._meta.pk.is_relation:
                sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
                cursor.execute(f"SELECT setval({sequence}, (SELECT max(id) FROM {model._meta.db_table}))")
            log(f"{model._meta.label} × {times}")
        cursor.execute("VACUUM ANALYZE")
    log("ready")


def _copied(model, field, step: dict, bounds: dict) -> str:
    """The copy's value of one column; `t` is the row, `k` the number of the copy."""
    column = f"t.{field.column}"
    if field.primary_key and not field.is_relation:
        return f"t.id + k * {step[model]}"
    if field.is_relation and field.related_model in step:
        moved = f"{column} + k * {step[field.related_model]}"
        if field.related_model not in bounds:
            return moved
        low, high = bounds[field.related_model]
        return f"CASE WHEN {column} BETWEEN {low} AND {high} THEN {moved} ELSE {column} END"
    if (model._meta.label_lower, field.name) in PATHS:
        units = next(m for m in step if m._meta.label_lower == "units.unit")
        return (
            f"regexp_replace({column}, '([0-9]+)\\.$', '') || "
            f"(substring({column} from '([0-9]+)\\.$')::bigint + k * {step[units]})::text || '.'"
        )
    if model._meta.label_lower == "units.event":
        if field.name == "key":
            return "t.key || 'X' || k"
        if field.name == "unit_id":
            units = next(m for m in step if m._meta.label_lower == "units.unit")
            return f"t.unit_id + k * {step[units]}"
    if field.name in SUFFIXED and not field.null:
        return f"{column} || 'X' || k"
    return column


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, required=True)
    grow(parser.parse_args().times)
