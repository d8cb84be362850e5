"""Markup and script in every text that a person can write, on every page, paper and mail that shows it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import CharField, JSONField, TextField

from tests.plugins.database import triggers_suspended
from units.models import Notice, Person
from units.notices.mail import digest_mail, notice_mail

from .doors import doors
from .world import World, make_world

EVIL = (
    "متن </script><script>zq()</script><img src=x onerror=zq()>\"><svg/onload=zq()> ' onmouseover='zq() "
    '" autofocus onfocus="zq() {{ 7|add:"7" }}{{ 4321*7 }}{{ 4321 * 7 }}{% zq %}{% if %} javascript:zq() </textarea></title></style><a href=javascript:zq()>'
)

# Every address for everybody: minutes, not seconds.
pytestmark = pytest.mark.full
SHORT = "م\"><img src=x onerror='zq()'>"
PROSE = re.compile("[\u0600-\u06ff]")  # what a person wrote holds Persian letters; codes and keys do not
# What a page hands to its scripts; text that ended the element early would leave something that is no JSON.
DATA = re.compile(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', re.DOTALL)


@pytest.fixture
def world(cast) -> World:
    found = make_world(cast)
    poison()
    return found


def poison() -> None:
    """Replace all prose in the database, in columns and inside JSON, by markup that would run."""
    for model in apps.get_models():
        if model._meta.app_label not in ("units", "sla", "reports"):
            continue
        fields = [
            f for f in model._meta.concrete_fields if isinstance(f, CharField | TextField | JSONField) and not f.choices
        ]
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            triggers_suspended(cursor, connection.vendor, [model._meta.db_table]),
        ):
            for row in model.objects.all() if fields else ():
                changes = {f.attname: poisoned(f, getattr(row, f.attname)) for f in fields}
                model.objects.filter(pk=row.pk).update(**changes)


def poisoned(field, value):
    if isinstance(field, JSONField):
        return _inside(value)
    if not isinstance(value, str) or not PROSE.search(value):
        return value
    limit = field.max_length or len(EVIL)
    return EVIL if limit >= len(EVIL) else SHORT[:limit]


def _inside(value):
    if isinstance(value, dict):
        return {key: _inside(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_inside(each) for each in value]
    return EVIL if isinstance(value, str) and PROSE.search(value) else value


class Reader(HTMLParser):
    """Reads a page as a browser does, and names what would run in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.runs.append("<script>")
        self.runs += [f"{tag} {name}" for name in given if name.startswith("on") or "zq" in name]
        for name in ("href", "src", "action", "formaction", "data", "xlink:href"):
            value = re.sub(r"[\s\x00-\x1f]", "", given.get(name, "")).lower()
            if value.startswith(("javascript:", "vbscript:", "data:text")) or value == "x":
                self.runs.append(f"{tag} {name}={value[:30]}")

    def handle_data(self, data: str) -> None:
        self.words += data


def what_runs(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return sorted(set(reader.runs))


def test_the_reader_sees_what_would_run():
    assert what_runs(f"<p>{EVIL}</p>") == [
        "<script>",
        "a href=javascript:zq()",
        "img onerror",
        "img src=x",
        "svg onload",
    ]


def test_nothing_that_anybody_writes_runs_on_any_page(world, client_for):
    found, shown = [], 0
    for turn, person in enumerate((world.cast.laleh, world.cast.reza, world.cast.omid)):
        client = client_for(person)
        for door in doors(world, turn):
            answer = client.get(door.path) if not door.path.endswith(".pdf") else {}
            if answer.get("Content-Type", "").startswith("text/html"):
                page = answer.content.decode()
                shown += "zq()" in page
                found += [(door.path, "an expression worked out")] * ("30247" in page)
                found += [(door.path, runs) for runs in what_runs(page)]
                found += [(door.path, data) for data in DATA.findall(page) if json.loads(data) is None]

    assert sorted(set(found)) == []
    assert shown > 100  # the texts were there to run


def test_nothing_that_anybody_writes_runs_on_paper(world, client_for, monkeypatch):
    papers: list[str] = []

    class Paper:
        pages: tuple = ()

        def __init__(self, string: str, **_given) -> None:
            papers.append(string)

        def render(self, **_given) -> "Paper":
            return self

        def write_pdf(self, **_given) -> bytes:
            return b"%PDF-"

    monkeypatch.setattr("weasyprint.HTML", Paper)
    client = client_for(world.cast.laleh)
    for door in [door for turn in range(6) for door in doors(world, turn) if door.path.endswith(".pdf")]:
        client.get(door.path)

    assert sorted({runs for paper in papers for runs in what_runs(paper)}) == []
    assert sum("zq()" in paper for paper in papers) > 3


def mails(world: World) -> Iterator:
    for notice in Notice.objects.select_related("event", "person").filter(person__email__gt=""):
        yield notice_mail(notice)
    for person in Person.objects.filter(email__gt=""):
        if told := list(Notice.objects.filter(person=person)):
            yield digest_mail(person, told)


def test_nothing_that_anybody_writes_runs_in_a_mail_or_becomes_a_header(world):
    sent = list(mails(world))

    assert (
        sorted(
            {
                runs
                for mail in sent
                for body, kind in mail.alternatives
                if kind == "text/html"
                for runs in what_runs(body)
            }
        )
        == []
    )
    assert [mail.subject for mail in sent if "\n" in mail.subject] == []
    assert sum("zq()" in mail.body for mail in sent) > 5
