"""Every page that the demo's people can reach, as axe and a narrow window see it: one page of each kind that links lead to.

The catalogue of pages is not written down anywhere: whoever links to a new page has it looked at.
"""

from io import StringIO
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve

from units.models import Person

from .walking import complaints, overflow

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
)
MOST = 90  # pages a person: the walk ends by itself well before


def kind(address: str) -> str:
    """What the address is one of: its view, and which list where a word in the address says so."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    more = [str(value) for value in match.kwargs.values() if str(value).isalpha() and str(value).islower()]
    return " ".join([match.view_name, *more])


def walk(page, *, only=()) -> list[str]:
    """Faults of one page of each kind, from the desk on. `only`: beginnings of the addresses that are looked at."""
    waiting, seen, faults = ["/desk/"], {"reports:desk"}, []
    while waiting:
        address = waiting.pop(0)
        answer = page.goto(address)
        assert answer is not None
        if not only or address.startswith(only):
            if answer.status != 200 or overflow(page):
                faults.append(f"{address}: {answer.status}, {overflow(page)} px too wide")
            faults += [f"{address}: {fault}" for fault in complaints(page)]
        links = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
        for link in links:
            path = urlsplit(urljoin(page.url, link)).path
            if urlsplit(link).netloc != urlsplit(page.url).netloc or any(part in path for part in NO_PAGE):
                continue
            found = kind(path)
            if found and found not in seen:
                seen.add(found)
                waiting.append(path)
    assert 10 < len(seen) < MOST
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


def test_the_auditors_pages_on_a_phone_in_the_dark(open_page, demo):
    page = opened(open_page, "nader", "phone, dark")
    assert walk(page, only=("/analysis", "/oversight", "/payments", "/agreements", "/services")) == []


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
