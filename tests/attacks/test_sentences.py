"""Every form of every page, sent empty and sent with nonsense by those who get furthest: no answer in Persian has a sentence
of Latin letters in it."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from .doors import Sent, every_path, forms_of
from .world import World, make_world

# Every form of every page: minutes, not seconds.
pytestmark = pytest.mark.full

LATIN = re.compile(r"(?:[A-Za-z’']{2,}[\s,.;:]+){2,}[A-Za-z]{2,}")
SILENT = ("script", "style", "code", "textarea", "title")
# Ends the session, or changes the language.
LEFT_OUT = ("/sign-out/", "/language/", "/admin/")
WRONG = {"blank": "", "half": "؟! a@"}


class _Said(HTMLParser):
    """The text of a page in the reader's language: what says that it is code or of another language is left out."""

    VOID = {"input", "br", "img", "hr", "meta", "link", "use", "path", "col", "wbr", "source", "rect", "circle"}

    def __init__(self):
        super().__init__()
        self.text: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        foreign = given.get("lang", "fa") != "fa" or given.get("dir") == "ltr"
        if tag in self.VOID:
            return
        if self.silent or tag in SILENT or foreign:
            self.silent.append(tag)

    def handle_endtag(self, tag):
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.text.append(data)


def said(answer) -> str:
    kind = answer.get("Content-Type", "")
    if kind.startswith("text/html"):
        reader = _Said()
        reader.feed(answer.content.decode())
        return "\n".join(reader.text)
    if kind.startswith("application/json"):
        return " ".join(str(value) for value in answer.json().values() if isinstance(value, str))
    return ""


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


@pytest.fixture(params=["laleh", "reza", "nobody"])
def client(request, world, client_for) -> Client:
    client = Client() if request.param == "nobody" else client_for(getattr(world.cast, request.param))
    client.raise_request_exception = False
    return client


def test_no_answer_has_a_sentence_of_latin_letters(world, client):
    found = []
    sent: dict[tuple, Sent] = forms_of(client, [path for path in every_path(world) if not path.startswith(LEFT_OUT)])
    for form in sent.values():
        if form.action.startswith(LEFT_OUT):
            continue
        for what, value in WRONG.items():
            answer = client.post(form.action, dict.fromkeys(form.fields, value))
            if latin := LATIN.search(said(answer)):
                found.append((form.action, what, answer.status_code, latin[0][:80]))
    assert sent
    assert found == []
