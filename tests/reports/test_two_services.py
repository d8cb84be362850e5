"""Two services of one provider, each with its own types, tariffs, agreement, calls, reports, requests and money: no page,
list, figure or file about one says anything of the other, and where both stand each is named."""

import re

import pytest
from django.test import Client

from reports.actions.extensions import decide_extension
from reports.invariants.terms import services_are_kept_apart
from reports.queries.analysis import standings
from reports.queries.facts_cache import facts_of
from reports.queries.services import open_calls, what_is_open
from sajad_portal.lib.clock import database_now
from sla.actions.agreements import publish_agreement
from sla.actions.disputes import write_message
from sla.actions.request_decisions import decide_request
from sla.enums import Decision
from sla.queries.measures import measured_times
from sla.queries.tariffs import tariff_for
from tests.attacks.doors import doors
from tests.attacks.world import World, make_world
from tests.people import Cast
from tests.second_service import MARK, Second, fill_second_service
from units.models import Notice

READERS = ("laleh", "nader", "reza")  # a coordinator, an auditor, a head whose unit reports to both
# Where things of every service stand beside each other, or what a person is told; all else is about one thing.
BESIDE = re.compile(
    r"/(analysis/(units/\w+/|years/.*)?|agreements/|calls/(new/)?|desk/|disputes/(new/)?|exports/|forms/\d+/|notices/|oversight/.*|payments/(|export.*"
    r"|ledger/|statement/|refunds/|reconciliation/)|requests/(new/)?|reports/(export/)?|review/|services/|setup/|units/\w+/(retire|left-open)/)"
)
# Not the pages' own: when they were made, how long something still takes, files that are made anew each time.
RESTLESS = re.compile(r"/(account|exports|password)/|\.(pdf|xlsx)$|/guide/$|/live/$|/time/$")
PLACES = [
    "/analysis/", "/analysis/years/1405-Y/", "/analysis/years/1405-Y/results/", "/calls/", "/desk/", "/disputes/", "/oversight/", "/oversight/requests/", "/payments/", "/reports/",
    "/services/", "/agreements/",
]  # fmt: skip


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


def words_of(answer) -> str:
    """What stands on a page, between its head and its foot, or in a file of text."""
    body = answer.content.decode()
    if answer["Content-Type"].startswith("text/html"):
        body = re.sub(r"(?s).*?<main.*?>(.*)</main>.*", r"\1", body)
        body = re.sub(r"(?s)<(script|style|svg|option|input|dialog).*?(</\1>|>)", " ", body)
        body = re.sub(r'<time[^>]*>.*?</time>|<[^>]+datetime="[^>]*>[^<]*|data-\w+="[^"]*"', " ", body)
        body = re.sub(r"(?s)<[^>]+>", " ", body)
    return re.sub(r"\s+", " ", body)


def told(cast: Cast, paths: list[str]) -> dict[tuple[str, str], str]:
    found = {}
    for name in READERS:
        client = Client()
        client.force_login(getattr(cast, name))
        for path in paths:
            answer = client.get(path)
            if answer.status_code == 200 and not answer.streaming and answer["Content-Type"].startswith("text/"):
                found[name, path] = words_of(answer)
    return found


def of_the_first(world: World) -> list[str]:
    every = dict.fromkeys(door.path for door in doors(world))
    return [path for path in every if not BESIDE.fullmatch(path) and not RESTLESS.search(path)]


def digits_gone(text: str) -> str:
    """Minutes and seconds run on while the second service is filled: of a page only what is no number is compared."""
    return re.sub(r"[\d۰-۹:٫٬/]+", "#", text)


@pytest.mark.full
@pytest.mark.sqlite
def test_no_page_about_one_service_says_anything_of_another(cast, world):
    paths = of_the_first(world)
    before = told(cast, paths)
    second = fill_second_service(cast)

    after = told(cast, paths)

    assert len(after) > 120
    assert [key for key, text in after.items() if any(said in text for said in (MARK, *second.codes))] == []
    assert [key for key, text in after.items() if digits_gone(text) != digits_gone(before[key])] == []


def figures(world: World) -> dict:
    at, service = database_now(), world.service
    announced = world.calls["announced"]
    return {
        "open": [(call.pk, call.asked, call.sent) for call in open_calls(service, at)],
        "in use": what_is_open(service, at),
        "times": measured_times(service, at),
        "tariffs": [tariff_for(kind, at) for kind in service.request_types.all()],
        "standings": standings(facts_of(announced)),
    }


def oversight_of(cast: Cast, slug: str) -> dict:
    client = Client()
    client.force_login(cast.nader)
    shown = client.get(f"/oversight/?service={slug}").context
    lines = [
        (line.key, line.whole.figures, [month.figures for month in line.months], line.open) for line in shown["lines"]
    ]
    names = ("totals", "months", "returns", "extensions", "acts", "disputes", "position_count")
    rows = {
        key: client.get(f"/oversight/{key}/?service={slug}").context["lines"]
        for key in ("requests", "returns", "extensions", "acts", "disputes", "answers")
    }
    coverage = [one.agreement.service.slug for one in shown["coverage"]]
    return {"lines": lines, "coverage": coverage, **{name: shown[name] for name in names}, **rows}


def test_the_figures_of_one_service_are_the_same_after_another_is_filled(cast, world):
    before, watched = figures(world), oversight_of(cast, "performance")
    assert all(watched[name] for name in ("requests", "disputes", "lines"))

    second = fill_second_service(cast)

    assert figures(world) == before
    again = oversight_of(cast, "performance")
    assert [name for name in again if name != "requests" and again[name] != watched[name]] == []
    assert [line.url for line in again["requests"]] == [line.url for line in watched["requests"]]
    assert figures_of_second(cast, second)
    assert list(services_are_kept_apart()) == []


def figures_of_second(cast: Cast, second: Second) -> bool:
    """What is asked for alone is there, and only it."""
    found = oversight_of(cast, "second")
    assert {key.partition(".")[0] for key, *_figures in found["lines"]} == {"second"}
    assert {line.url for line in found["requests"]} == {f"/reports/{second.reports['contested'].tracking_code}/"}
    assert {line.values[1] for line in found["extensions"]} == {second.calls["open"].title}
    return found["coverage"] == ["second"]


@pytest.mark.sqlite
def test_where_both_stand_each_is_named(cast, world):
    second = fill_second_service(cast)
    titles = {world.service.title, second.service.title}

    both = {key: text for key, text in told(cast, PLACES).items() if MARK in text}
    del both["reza", "/payments/"]  # his unit’s statement: nothing of the first service costs anything

    assert len(both) > 25
    assert {key: missing for key, text in both.items() if (missing := {t for t in titles if t not in text})} == {}
    what_people_are_told_names_the_service(cast, world)


def what_people_are_told_names_the_service(cast: Cast, world: World) -> None:
    """Things done in the first service once there are two."""
    before = Notice.objects.order_by("-pk").first().pk
    decide_extension(asked=world.asked, granted_until=None, reason="مهلت کافی بود.", by=cast.laleh)
    decide_request(general=world.general["filed"], decision=Decision.REFUSED, reason="کافی نیست.", by=cast.laleh)
    write_message(dispute=world.dispute, text="فهرست را ببینید.", by=cast.reza)
    publish_agreement(agreement=world.draft, by=cast.laleh)

    told = list(Notice.objects.filter(pk__gt=before).values_list("subject", flat=True))
    assert len(set(told)) == 4
    assert [subject for subject in told if world.service.title not in subject] == []


@pytest.mark.sqlite
def test_with_one_service_no_page_says_a_word_about_it(cast, world):
    client = Client()
    client.force_login(cast.laleh)

    for path in ("/calls/", "/reports/", "/disputes/", "/oversight/requests/", "/payments/"):
        listing = client.get(path).context["listing"]
        assert not listing.shows["service"], path
        assert "service" not in {found.key for found in listing.filters}, path
