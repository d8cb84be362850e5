"""Bulk work on a call of ten thousand units:  python -m bench.sweeps closing|announcing   (JSON)"""

import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

import django

django.setup()

from django.db import connection  # noqa: E402

from reports.actions.announcing import announce_results  # noqa: E402
from reports.actions.closing import record_closings  # noqa: E402
from reports.models import Call, Report, ResultVersion, Snapshot  # noqa: E402
from reports.queries.results import announce_filters  # noqa: E402
from sajad_portal.lib.clock import database_now  # noqa: E402
from units.models import Notice, Person  # noqa: E402


def closing() -> dict:
    """The open call's last moment has just passed; the sweep latches its reports, takes the snapshot and tells people."""
    call = Call.objects.order_by("-closes_at").first()
    now = database_now()
    Call.objects.filter(pk=call.pk).update(closes_at=now - call.grace)
    done = record_closings()
    return {"reports": done, "snapshot": Snapshot.objects.filter(call=call).count()}


def announcing() -> dict:
    """Every reviewed report of the closed call is announced by the provider's coordinator."""
    call = Call.objects.filter(first_announced_at=None, closes_at__lt=database_now()).get()
    laleh = Person.objects.get(username="laleh")
    at = database_now()
    ready = Report.objects.with_status(at).filter(announce_filters()["ready"], call=call).order_by("pk")
    made = announce_results(reports=ready, by=laleh)
    refused = {found.refusal for found in made if found.version is None}
    return {
        "reports": len(made),
        "results": ResultVersion.objects.filter(report__call=call).count(),
        "refused": sorted(refused),
    }


def main() -> None:
    counted = 0

    def count(execute, sql, params, many, context):
        nonlocal counted
        counted += 1
        return execute(sql, params, many, context)

    notices, began = Notice.objects.count(), time.perf_counter()
    with connection.execute_wrapper(count):
        found = {"closing": closing, "announcing": announcing}[sys.argv[1]]()
    found |= {
        "seconds": round(time.perf_counter() - began, 2),
        "sql": counted,
        "notices": Notice.objects.count() - notices,
    }
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
