"""The reports of a call of ten thousand units as files:  python -m bench.exports csv xlsx jsonl   (JSON, a line each)

Each format in a process of its own, so that the highest memory is its own. Made as a worker makes it: ordered, claimed,
written, hashed, stored. A worker has read every page's module long before (the notice of a file names an address): so has
this process before the clock starts.
"""

import json
import os
import resource
import subprocess
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from reports.actions.exports import make_export, request_export  # noqa: E402
from reports.models import Call, Export  # noqa: E402
from reports.pages.export_files import MAKERS  # noqa: E402
from units.models import Person  # noqa: E402


def megabytes() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def export(ending: str) -> dict:
    call = Call.objects.filter(first_announced_at__isnull=False).order_by("-period_starts").first()
    by = Person.objects.get(username="laleh")
    ordered = request_export(kind=f"reports-{ending}", parameters={"call": call.pk}, language="fa", by=by)
    assert get_resolver().reverse_dict
    counted = 0

    def count(execute, sql, params, many, context):
        nonlocal counted
        counted += 1
        return execute(sql, params, many, context)

    before, began, cpu = megabytes(), time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        made = make_export(ordered.pk, MAKERS)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert made or Export.objects.filter(pk=ordered.pk, ready_at__isnull=False).exists()  # a running worker was first
    return {
        "format": ending, "reports": call.reports.count(), "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "sql": counted,
        "peak_mb": round(megabytes()), "grown_mb": round(megabytes() - before), "file_mb": round(Export.objects.get(pk=ordered.pk).size / 2**20, 1),
    }  # fmt: skip


def main() -> None:
    endings = sys.argv[1:]
    if len(endings) == 1:
        print(json.dumps(export(endings[0]), ensure_ascii=False))
        return
    for ending in endings:
        subprocess.run([sys.executable, "-m", "bench.exports", ending], check=True)


if __name__ == "__main__":
    main()
