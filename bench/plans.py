"""EXPLAIN of every statement of every page:  python -m bench.plans   (JSON: {work: [tables scanned whole]})

A table grows where it has more rows than FEW in the largest database; a page that reads one from end to end gets slower
with every report.
"""

import json
import os
from http.cookies import SimpleCookie

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.client import Request  # noqa: E402
from bench.facts import facts  # noqa: E402
from bench.grow import FEW  # noqa: E402
from bench.pages import PAGES  # noqa: E402


def growing_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [FEW])
        return {name for (name,) in cursor.fetchall()}


def scanned(plan: dict, tables: set[str]) -> set[str]:
    here = {plan["Relation Name"]} if plan["Node Type"].endswith("Seq Scan") else set()
    return (here & tables).union(*(scanned(child, tables) for child in plan.get("Plans", ())))


def ask(client: Client, asked: Request) -> None:
    client.cookies = SimpleCookie(asked.headers["Cookie"])
    answer = client.get(asked.path, headers={"x-forwarded-proto": "https", "host": "127.0.0.1"})
    if answer.status_code != 200:
        raise RuntimeError(f"{asked.path}: {answer.status_code}")


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    tables, known, client, found = growing_tables(), facts(8), Client(), {}
    for page in PAGES:
        statements: list[tuple[str, tuple]] = []

        def keep(execute, sql, params, many, context, kept=statements):
            if sql.lstrip().upper().startswith("SELECT"):
                kept.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(keep):
            ask(client, page.ask(known, 0))
        whole: set[str] = set()
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                whole |= scanned(cursor.fetchone()[0][0]["Plan"], tables)
        found[page.work] = sorted(whole)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
