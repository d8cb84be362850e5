"""Every address of the portal, filled with the things of a world, and what a request changed in the database.

The addresses come from the URL resolver: a route that is added is walked without anybody naming it here. What its
placeholders stand for is named in EXAMPLES, by the beginning of the route.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.urls import URLPattern

from reports.enums import ReportVerb
from reports.models import DraftSection, Evidence, FormFile, FormVersion, ResultVersion, Review, ReviewAssignment
from reports.pages.oversight.tables import TABLES
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.periods import PeriodKind, containing
from sla.models import AgreementVersion, DisputeFile, Document, Holiday
from tests.test_access import PLACEHOLDER, views_of_ours
from units.models import AccountSession, Membership, Notice

from .world import World

PARTS = re.compile(r"<(?:\w+:)?(\w+)>")
# What changes without anybody having done anything, or at a sign-in; `reports_factstamp` keeps what a page has worked out of
# the facts, for the next reader.
UNCOUNTED = {
    "django_session", "units_accountsession", "units_throttle", "django_migrations", "sqlite_sequence", "reports_factstamp",
}  # fmt: skip
# A try at a draft is refused and recorded, and nothing but that.
RECORDED = {"units_event": f"verb <> '{ReportVerb.TRY_DRAFT}'"}
# For a route of which nothing real is named in EXAMPLES.
UNKNOWN = {"int": 1, "uuid": "00000000-0000-4000-8000-000000000000"}
# Written into every empty field of a form that is tried.
WORDS = {"until": "1410/01/01", "reason": "دلیل کافی است", "step": "confirmed", "national_code": "", "email": ""}


@dataclass(frozen=True)
class Door:
    """One address: `of_a` where what it leads to is unit A's own, and not everybody's."""

    route: str
    path: str
    pattern: URLPattern
    of_a: bool


def doors(world: World, turn: int = 0) -> list[Door]:
    """Each route once. Where several things may stand behind it, each `turn` tries another one."""
    found = []
    for route, pattern in views_of_ours():
        several = _examples(route, world)
        values, of_a = several[turn % len(several)]
        path = PLACEHOLDER.sub(lambda match, v=values: str(v[PARTS.match(match[0])[1]]), route)
        found.append(Door(route, path, pattern, of_a))
    return found


def _examples(route: str, world: World) -> list[tuple[dict, bool]]:
    names = PARTS.findall(route)
    if not names:
        return [({}, False)]
    known = [(of_a, list(make(world))) for start, of_a, make in EXAMPLES if route.startswith(start)][:1]
    wanted = [(of_a, values) for of_a, made in known for values in made if set(names) <= set(values)]
    if not wanted:
        kinds = {PARTS.match(match[0])[1]: match[1] for match in PLACEHOLDER.finditer(route)}
        wanted = [(False, {name: UNKNOWN.get(kind or "str", "x") for name, kind in kinds.items()})]
    once = {tuple(values[name] for name in names): (values, of_a) for of_a, values in wanted}
    return list(once.values())


def every_path(world: World) -> list[str]:
    """Each address with each thing that may stand behind it."""
    found = []
    for route, _pattern in views_of_ours():
        for values, _of_a in _examples(route, world):
            found.append(PLACEHOLDER.sub(lambda match, v=values: str(v[PARTS.match(match[0])[1]]), route))
    return list(dict.fromkeys(found))


def unknown_routes(world: World) -> list[str]:
    """Routes with placeholders for which EXAMPLES names nothing real."""
    known = {start: {name for values in make(world) for name in values} for start, _of_a, make in EXAMPLES}
    return [
        route
        for route, _pattern in views_of_ours()
        if PARTS.search(route)
        and not any(route.startswith(start) and set(PARTS.findall(route)) <= names for start, names in known.items())
    ]


def _of_reports(world: World) -> Iterator[dict]:
    for report in world.reports.values():
        values = {"code": report.tracking_code}
        evidence = Evidence.objects.filter(report=report).first()
        section = DraftSection.objects.filter(report=report).first()
        values["pk"] = evidence.pk if evidence else 1
        values["section"] = section.section if section else "housing"
        for subject in ("return", "extension", "miss", "fee"):
            yield {**values, "subject": subject, "key": report.pk}


def _of_years(world: World) -> Iterator[dict]:
    for call in world.calls.values():
        for kind in (PeriodKind.YEAR, PeriodKind.ACADEMIC):
            yield {"code": containing(kind, call.period_ends).code}


def _of_calls(world: World) -> Iterator[dict]:
    for call in world.calls.values():
        assignment = ReviewAssignment.objects.filter(call=call).first()
        for action in ("open-early", "extend", "close-early", "ask", "cancel", "remind", "excuse"):
            yield {
                "pk": call.pk,
                "assignment_pk": assignment.pk if assignment else 1,
                "action": action,
                "code": "HSG-01",
                "reviewer_pk": world.cast.omid.pk,
                "key": world.order.key,
            }


def _of_the_interface(world: World) -> Iterator[dict]:
    for values in _of_reports(world):
        yield {**values, "pk": world.calls["open"].pk, "section": "housing", "rest": "nowhere"}
    yield {"code": world.cast.a.code, "pk": world.calls["open"].pk}


def _of_programs(world: World) -> Iterator[dict]:
    for action in ("pause", "resume", "remove"):
        client = world.program.client
        yield {"pk": client.pk, "webhook_pk": client.webhooks.get().pk, "action": action}


def _of_disputes(world: World) -> Iterator[dict]:
    file = DisputeFile.objects.get(message__dispute=world.dispute)
    for action in ("accept", "decline", "take-back"):
        yield {"pk": world.dispute.pk, "file_pk": file.pk, "number": 1, "action": action}


def _of_requests(world: World) -> Iterator[dict]:
    for general in world.general.values():
        yield {"pk": general.pk, "file_pk": general.files.get().pk}


def _of_agreements(world: World) -> Iterator[dict]:
    for agreement in AgreementVersion.objects.all():
        for key in ("purpose", "rule"):
            for where in ("up", "down", "remove"):
                yield {
                    "pk": agreement.pk,
                    "key": key,
                    "where": where,
                    "code": world.cast.a.code,
                    "slug": world.service.slug,
                }


def _of_units(world: World) -> Iterator[dict]:
    for membership in Membership.objects.filter(unit=world.cast.a):
        yield {"code": world.cast.a.code, "pk": membership.pk, "service_pk": world.service.pk}


def _seats(world: World) -> Iterator[dict]:
    """Of the unit's own people; a stranger may have one there that has passed."""
    for membership in Membership.objects.filter(unit=world.cast.a, person__in=[world.cast.reza, world.cast.sara]):
        yield {"pk": membership.pk}


def _sessions(world: World) -> Iterator[dict]:
    at = database_now()
    session, _new = AccountSession.objects.get_or_create(
        key_hash="x" * 64, defaults={"person": world.cast.reza, "started_at": at, "last_seen_at": at}
    )
    yield {"pk": session.pk}


def _of_the_head(world: World) -> Iterator[dict]:
    """A seat for which its own person, and nobody else, may name a deputy."""
    yield {"code": world.cast.a.code, "pk": world.cast.membership(world.cast.reza).pk}


def _of_payments(world: World) -> Iterator[dict]:
    yield {"order_id": world.payment.order_id, "pk": world.refund.pk}


def _rows(model, **values):
    return lambda world: ({"pk": row.pk, **values} for row in model.objects.order_by("pk")[:4])


# (how the route begins, whether what lies behind it is unit A's own, what may stand for its placeholders); the first wins.
EXAMPLES = [
    ("/account/programs/", True, lambda world: [{"pk": world.program.seats[0].pk}]),
    ("/api/v1/", False, _of_the_interface),  # by a token only: tests/reports/api
    ("/setup/clients/", False, _of_programs),
    ("/account/factors/", True, _rows(Authenticator)),
    ("/account/seats/", True, _seats),
    ("/account/sessions/", True, _sessions),
    ("/agreements/<int:pk>/units/", True, _of_agreements),
    ("/agreements/", False, _of_agreements),
    ("/analysis/calls/", True, _of_calls),
    ("/analysis/units/", True, _of_units),
    ("/analysis/years/", False, _of_years),
    ("/calendar/", False, _rows(Holiday)),
    ("/calls/", True, _of_calls),
    ("/disputes/", True, _of_disputes),
    ("/documents/of/", False, lambda world: [{"slug": world.service.slug}]),
    ("/documents/", False, _rows(Document)),
    ("/exports/", True, lambda world: [{"key": world.export.key}]),
    ("/extensions/", True, lambda world: [{"pk": world.asked.pk}]),
    ("/forms/files/", False, lambda world: [{"sha256": file.sha256} for file in FormFile.objects.all()]),
    ("/forms/", False, _rows(FormVersion)),
    ("/notices/", True, lambda world: [{"pk": n.pk} for n in Notice.objects.filter(person=world.cast.reza)[:3]]),
    ("/oversight/", False, lambda world: [{"key": key} for key in [*TABLES, "figures"]]),
    ("/password/", False, lambda world: [{"uid": "MQ", "token": "x-y"}]),
    ("/payments/return/", False, _of_payments),
    ("/people/", False, lambda world: [{"pk": world.cast.reza.pk}]),
    ("/payments/", True, _of_payments),
    ("/reports/", True, _of_reports),
    ("/requests/room/", True, _of_units),
    ("/requests/", True, _of_requests),
    ("/services/<slug:slug>/types/", False, lambda world: [{"slug": world.service.slug, "code": "extension"}]),
    ("/services/", False, lambda world: [{"slug": world.service.slug}]),
    ("/units/<str:code>/people/<int:pk>/deputy/", True, _of_the_head),
    ("/units/-<described:noun>/", False, lambda world: [{"noun": "kinds", "code": "office"}]),
    ("/units/", True, _of_units),
    ("/verify/", False, lambda world: [{"code": v.verification_code} for v in ResultVersion.objects.all()[:1]]),
]


# ------------------------------------------------------------------------------------------- what is sent
def plausible(world: World) -> dict[str, str]:
    """A body with something sensible under every name that a form of ours uses, and what no form of ours asks for."""
    review = Review.objects.filter(reviewer=world.cast.omid).order_by("pk").first()
    return {
        **WORDS, "text": "متن کافی است", "note": "یادداشت", "reply": "پاسخ", "title": "عنوان", "name": "نام", "code": "TGZ",
        "unit": "TGZ", "role": "head", "kind": "office", "username": "mallory", "first_name": "م", "last_name": "ل",
        "q:housed": "1", "was:housed": "2", "base": "9", "indicator": "HSG-01", "points": "50", "v-value": "1",
        "review": str(review.pk), "remark-HSG-01": "بازنویسی شود", "settle_reason": "کافی است", "everything": "ready",
        "everyone": "1", "report": world.reports["reviewing"].tracking_code, "decision": "granted", "answer": "accepted",
        "dispute_rule": "jalali_month", "day": "1405/01/20", "year": "1405", "reference": "paid-out",
        # what nobody may say about themselves
        "state": "announced", "score": "100", "total": "100", "is_superuser": "1", "is_staff": "on", "id": "1", "pk": "1",
        "person": str(world.cast.reza.pk), "by": str(world.cast.laleh.pk), "membership": "1", "call": "1", "price_rials": "0",
    }  # fmt: skip


@dataclass
class Sent:
    """A form as a page gave it, filled in."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The forms of a page that change something, filled in as a person would who agrees with everything."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.found, self.form, self.choice, self.area = path, [], None, "", ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.form = None
            if (given.get("method") or "").lower() == "post":
                self.form = Sent(given.get("action") or self.path)
                self.found.append(self.form)
        elif self.form is not None and name and name != "csrfmiddlewaretoken":
            if tag == "select":
                self.choice = name
            elif tag == "textarea":
                self.form.fields[name] = WORDS.get(name, "متن کافی است")
            elif tag in ("input", "button") and given.get("type") != "file":
                if given.get("type") in ("radio", "checkbox"):
                    self.form.fields.setdefault(name, value or "on")
                else:
                    self.form.fields[name] = value or WORDS.get(name, "۱")
        elif tag == "option" and self.choice and self.form is not None and value:
            self.form.fields.setdefault(self.choice, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.choice = ""
        elif tag == "form":
            self.form = None


def forms_of(client: Client, paths: Iterable[str]) -> dict[tuple, Sent]:
    """Every form that these pages offer, once each address and set of names."""
    found: dict[tuple, Sent] = {}
    for path in paths:
        answer = client.get(path)
        if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
            reader = _Forms(path)
            reader.feed(answer.content.decode())
            for form in reader.found:
                found.setdefault((form.action, *sorted(form.fields)), form)
    return found


# ------------------------------------------------------------------------------------------- what came of it
def snapshot() -> dict[str, str]:
    """{table: a hash of all its rows, without those of RECORDED}."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - UNCOUNTED):
            cursor.execute(f'SELECT * FROM "{table}" WHERE {RECORDED.get(table, "1 = 1")}')
            rows = "\n".join(sorted(map(repr, cursor.fetchall())))
            found[table] = hashlib.sha256(rows.encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> list[str]:
    """Tables that are not as they were."""
    after = snapshot()
    return sorted(table for table in before if before[table] != after[table])
