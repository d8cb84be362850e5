"""Every page as every role: what it says in Persian is Persian, in the portal's own words and signs (locale/fa/sentences.toml)."""

import pytest
from django.test import Client

from .doors import doors, every_path
from .sentences import Judge, typed_texts
from .world import World, make_world

ROLES = ("sara", "reza", "mina", "omid", "laleh", "nader", "admin", "nobody")
# Ends the session, changes the language, or is Django's; files have tests of their own.
LEFT_OUT = ("/sign-out/", "/language/", "/admin/")
FILES = (".pdf", ".xlsx", ".csv", ".json", ".svg")


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


def faults_of(client: Client, paths: list[str]) -> list[str]:
    """Each fault once, with the first place where it stands; at least some pages were read."""
    judge, found, pages = Judge(typed_texts()), {}, 0
    for path in paths:
        if path.startswith(LEFT_OUT) or path.endswith(FILES):
            continue
        answer = client.get(path)
        if answer.get("Content-Type", "").startswith("text/html"):
            pages += 1
            for kind, what, text in judge.faults(answer.content.decode()):
                found.setdefault((kind, what), f"{kind}: {what}: {path} {text}")
    assert pages > 20
    return list(found.values())


def visitor(world: World, client_for, role: str) -> Client:
    client = Client() if role == "nobody" else client_for(getattr(world.cast, role))
    client.raise_request_exception = False
    return client


def test_a_page_of_each_kind_speaks_persian_to_the_coordinator(world, client_for):
    assert faults_of(visitor(world, client_for, "laleh"), [door.path for door in doors(world)]) == []


@pytest.mark.full
@pytest.mark.parametrize("role", ROLES)
def test_every_page_speaks_persian_to_everybody(world, client_for, role):
    assert faults_of(visitor(world, client_for, role), every_path(world)) == []


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>تا 5 روز</p>", "Latin digit"),
        ("<p>خدمتي که</p>", "Arabic letter"),
        ("<p>این submitted شد</p>", "English or code"),
        ("<p>REQUEST_SIGN_OFF</p>", "raw name"),
        ("<p>تا ۲۰۲۶-۱۲-۰۱</p>", "unformatted date"),
        ("<td>KHB-12</td>", "English or code"),
        ("<h1>ثبت اختلاف: اعتراض به نتیجه: دانشگاه</h1>", "glued title"),
        ("<title>رتبه‌ها : فراخوان</title>", "glued title"),
        ("<p>پرونده پذیرفته نشد</p>", "given up"),
        ("<p>ثبت می شود</p>", "half-space"),
        ("<p>خوابگاه های دختران</p>", "half-space"),
        ("<button aria-label='Remove the file'></button>", "English or code"),
    ],
)
def test_what_is_no_persian_sentence_is_found(html, found):
    assert found in {kind for kind, _what, _where in Judge([]).faults(html)}


@pytest.mark.parametrize(
    "html",
    [
        "<p>تا ۵ روز، ساعت ۱۲:۳۰، <bdi dir='ltr'>KHB-12</bdi> و PDF</p>",
        "<p>کد \u2066order_id\u2069 است</p>",
        "<p lang='en'>Handbook (2008)</p>",
        "<p>نوشتهٔ کسی: من پرونده را در 3 روز فرستادم</p>",
    ],
)
def test_what_is_set_apart_or_typed_is_not_judged(html):
    assert list(Judge(["من پرونده را در 3 روز فرستادم"]).faults(html)) == []
