"""Every page that the demo's people can reach, as axe and a narrow window see it: one page of each kind that links lead to.

The catalogue of pages is not written down anywhere: whoever links to a new page has it looked at.
"""

from datetime import date
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve
from playwright.sync_api import Error

from tests.factories import make_unit
from tests.field import Figures, announce_field, field_call
from units.models import Person

from .walking import complaints, overflow, unstyled

# What is no page: files, and addresses that answer a script or another program.
NO_PAGE = (
    ".pdf",
    ".csv",
    ".xlsx",
    ".json",
    "/file/",
    "/guide/",
    "/time/",
    "/sign-out/",
    "/media/",
    "/static/",
    "/admin/",
    "/api/",  # described for who writes programs, by a library's page: tests/browser/test_interface_docs.py
)


def kind(address: str) -> str:
    """What the address is one of: its view, and which list where a word in the address says so."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    more = [str(value) for value in match.kwargs.values() if str(value).isalpha() and str(value).islower()]
    return " ".join([match.view_name, *more])


def walk(page, *, begin: tuple[str, ...] = ("/desk/",), within: tuple[str, ...] = ("/",)) -> list[str]:
    """Faults of one page of each kind that links lead to from `begin`, of those whose addresses begin with `within`."""
    waiting, seen, faults = list(begin), {kind(address) for address in begin}, []
    while waiting:
        address = waiting.pop(0)
        try:
            answer = page.goto(address)
        except Error as error:
            if "Download is starting" not in str(error):
                raise
            continue
        if answer is None or answer.status != 200 or overflow(page):
            faults.append(f"{address}: {answer and answer.status}, {overflow(page)} px too wide")
        faults += [f"{address}: {fault}" for fault in complaints(page)]
        faults += [f"{address}: .{name} has no style any more" for name in unstyled(page)]
        for link in page.locator("a[href]:not([download])").evaluate_all("links => links.map(link => link.href)"):
            path, found = urlsplit(link).path, kind(link)
            here = urlsplit(link).netloc == urlsplit(page.url).netloc and path.startswith(within)
            if here and found and found not in seen and not any(part in path for part in NO_PAGE):
                seen.add(found)
                waiting.append(path)
    assert len(seen) > 10
    return faults


@pytest.fixture
def demo(transactional_db, settings):
    settings.PAYMENT_GATEWAY = "simulator"
    call_command("seeddemo", stdout=StringIO())


def opened(open_page, name: str, look: str):
    person = Person.objects.get(username=name)
    page = open_page("/account/", as_=person, phone="phone" in look, language="en" if "English" in look else "fa")
    page.evaluate(f"document.cookie = 'theme={'dark' if 'dark' in look else 'light'};path=/'")
    return page


@pytest.mark.long
def test_analysis_and_oversight_on_a_phone_in_the_dark(open_page, live_server, cast):
    units = [cast.a, cast.b, *(make_unit(parent=cast.b, kind=cast.a.kind) for _n in range(3))]
    call, units = field_call(cast, 0, units=units)
    good, gone = Figures({"cnt": "10", "day": "4", "rat_n": "8", "rat_d": "10"}), Figures({}, missed=True)
    announce_field(cast, call, units, [good, good, good, good, gone])
    later, _units = field_call(
        cast, 0, units=units, service=call.service, period_code="1405-Q3", period_starts=date(2026, 9, 23), period_ends=date(2026, 12, 21)
    )  # fmt: skip
    announce_field(cast, later, units, [good, gone, good, good, good])
    page = opened(open_page, "nader", "phone, dark")
    assert walk(page, begin=("/analysis/", "/oversight/"), within=("/analysis/", "/oversight/")) == []


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("sara", "phone"), ("kamran", "wide, dark, English"), ("omid", "wide"), ("laleh", "wide"), ("laleh", "phone, dark"),
        ("laleh", "wide, English"), ("nader", "phone, English"),
    ],
)  # fmt: skip
def test_every_page_of_everybody(open_page, demo, name, look):
    assert walk(opened(open_page, name, look)) == []
