"""Whom and what the bench asks for in one seeded database, as JSON:  python -m bench.facts [--writers N]

Signed-in sessions are written into the database, as signing in would; nobody's password is needed.
"""

import argparse
import json
import os
import random

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from reports.models import Call, Evidence, Report  # noqa: E402
from reports.queries import form_of  # noqa: E402
from reports.xlsform.answer_kinds import WHOLE  # noqa: E402
from sajad_portal.lib.clock import database_now  # noqa: E402
from units.enums import Role  # noqa: E402
from units.models import Membership, Person, Unit  # noqa: E402

SESSION_HOURS = 12


def sessions_for(people: list[Person]) -> dict[int, str]:
    """{person id: session key}"""
    store = Session.get_session_store_class()
    rows, found = [], {}
    expires = timezone.now() + timezone.timedelta(hours=SESSION_HOURS)  # a session's end is Django's own
    for person in people:
        found[person.pk] = store()._get_new_session_key()
        data = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        rows.append(Session(session_key=found[person.pk], session_data=store().encode(data), expire_date=expires))
    Session.objects.bulk_create(rows, batch_size=1000)
    return found


def facts(writers: int) -> dict:
    open_call = Call.objects.order_by("-closes_at").first()
    past = Call.objects.filter(first_announced_at__isnull=False).order_by("-period_starts").first()
    ready = list(
        open_call.reports.filter(state="draft", submitted_at=None)
        .annotate(n=Count("draft_sections"))
        .filter(n__gte=len(form_of(open_call.form_version).sections) - 1)
        .select_related("unit")
        .order_by("pk")
    )
    random.Random(1405).shuffle(ready)
    ready = ready[:writers]
    announced = list(past.reports.filter(submitted_at__isnull=False).order_by("pk")[:40])
    submitted = list(open_call.reports.filter(state="submitted").order_by("pk")[:40])
    units = [report.unit_id for report in [*ready, *announced]]
    held = Membership.objects.valid_at(database_now()).filter(unit__in=units).select_related("person")
    by_seat = {(m.unit_id, m.role): m.person for m in held}
    named = {name: Person.objects.get(username=name) for name in ("omid", "laleh", "nader")}
    keys = sessions_for([*{p.pk: p for p in [*by_seat.values(), *named.values()]}.values()])

    def seat(report: Report, role: str) -> dict:
        person = by_seat[report.unit_id, role]
        return {"session": keys[person.pk], "person": person.pk}

    definition = form_of(open_call.form_version)
    section = definition.sections[1]
    # Numerators of whole numbers: one less of them breaks no rule of the form.
    parts = [i.inputs["numerator"] for i in definition.indicators_of(section.name) if "numerator" in i.inputs]
    fields = [name for name in parts if definition.question(name).kind is WHOLE]
    wanted = next(i.code for i in definition.indicators_of(section.name))
    department = Unit.objects.filter(code__startswith="D").order_by("pk").first()
    return {
        "people": {
            "reviewer": {"session": keys[named["omid"].pk]},
            "coordinator": {"session": keys[named["laleh"].pk]},
            "auditor": {"session": keys[named["nader"].pk]},
        },
        "open_call": open_call.pk,
        "open_call_units": open_call.reports.count(),
        "past_call": past.pk,
        "past_period": past.period_code,
        "section": section.name,
        "indicator": wanted,
        "department": department.pk,
        "reports": Report.objects.count(),
        "evidence": Evidence.objects.count(),
        "announced": [
            {"code": r.tracking_code, "head": seat(r, Role.HEAD), "reporter": seat(r, Role.REPORTER)} for r in announced
        ],
        "submitted": [r.tracking_code for r in submitted],
        "writers": [
            {
                "code": r.tracking_code,
                "head": seat(r, Role.HEAD),
                "reporter": seat(r, Role.REPORTER),
                "answers": {
                    name: cell["v"]
                    for row in r.draft_sections.filter(section=section.name)
                    for name, cell in row.answers.items()
                    if name in fields
                },
            }
            for r in ready
        ],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=60)
    print(json.dumps(facts(parser.parse_args().writers)))
