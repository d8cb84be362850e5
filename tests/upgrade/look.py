"""What a portal says of what is stored, as JSON: written at the dump's commit (expected.json), compared after every later one.

    cd CHECKOUT && python …/tests/upgrade/look.py [SECTION …]

A section is a function of look_at_rows.py or look_at_pages.py. They read models and pages only, so that they run in the
checkout of another commit as well.
"""

import json
import os
import sys

ROWS = (
    "rows", "events", "statuses", "receipts", "results", "reviews", "agreements", "forms", "disputes", "money", "files",
    "orders", "people",
)  # fmt: skip
PAGES = ("public", "session", "raw", "instants")


def main(wanted: list[str]) -> None:
    sys.path.insert(0, os.getcwd())  # the checkout, before this file's own folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")
    import django

    django.setup()
    import look_at_pages
    import look_at_rows
    from django.conf import settings

    from sajad_portal.lib.clock import database_now

    settings.ALLOWED_HOSTS = ["*"]
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    at = database_now()
    seen = {"at": at.isoformat()}
    for name in wanted or (*ROWS, *PAGES):
        seen[name] = getattr(look_at_rows if name in ROWS else look_at_pages, name)(at)
    json.dump(seen, sys.stdout, ensure_ascii=False, indent=0, sort_keys=True, default=look_at_rows.plain)


if __name__ == "__main__":
    main(sys.argv[1:])
