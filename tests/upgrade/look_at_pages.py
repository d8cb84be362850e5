"""Sections of look.py: what pages show of what is stored."""

import re
from datetime import datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from look_at_rows import CHANGED, utc

from reports.enums import ReportStatus
from reports.models import AnnouncementOrder, Export, Report
from sla.models import AgreementVersion, Dispute, Service
from units.models import Event, Person, Unit

FAILED = "<main>failed</main>"


class _Visible(HTMLParser):
    """The words of a page's <main>."""

    def __init__(self):
        super().__init__()
        self.words, self.inside, self.hidden = [], 0, 0

    def handle_starttag(self, tag, attrs):
        self.inside += tag == "main"
        self.hidden += tag in ("script", "style", "svg", "template", "select", "textarea")

    def handle_endtag(self, tag):
        self.inside -= tag == "main"
        self.hidden -= tag in ("script", "style", "svg", "template", "select", "textarea")

    def handle_data(self, data):
        if self.inside and not self.hidden:
            self.words.append(data)


def words_of(html: str) -> str:
    reader = _Visible()
    reader.feed(html)
    return " ".join(" ".join(reader.words).split())


class Browser:
    """Somebody's browser in Persian; each public page is asked for from another address, as counts are kept of them."""

    asked = 0

    def __init__(self, username: str = ""):
        self.client = Client(raise_request_exception=False)
        if username:
            self.client.force_login(Person.objects.get(username=username))

    def text(self, path: str) -> str:
        return words_of(self.html(path))

    def html(self, path: str) -> str:
        Browser.asked += 1
        answer = self.client.get(path, REMOTE_ADDR=f"10.0.{Browser.asked // 250}.{Browser.asked % 250 + 1}")
        # A page that fails says nothing, and is missed where it is compared; a portal may have had one that a later one mends.
        return answer.content.decode() if answer.status_code == 200 else FAILED


def bare(word: str) -> str:
    return word.strip("«»().،,:؛")


def figures(text: str, pattern: str = r"\d") -> list[str]:
    """Codes, numbers, dates, hashes: what a page says, whatever words it says it in."""
    return sorted({bare(word) for word in text.split() if re.search(pattern, word)})


SCORES = r"\d[٫-]\d"  # what of a page that counts down the days, hours and minutes stays the same


def public(at) -> dict:
    """/track/ and /verify/ of a report in each status, a letter and a receipt: the figures, and whether the status is told."""
    anybody, laleh, found = Browser(), Browser("laleh"), {}
    chosen = {report.status: report for report in Report.objects.with_status(at).order_by("pk")}
    for status, report in sorted(chosen.items()):
        code, label = report.tracking_code, str(ReportStatus(status).label)
        paths = {f"/track/?code={code.lower()}": anybody}
        for version in report.results.filter(announced_at__isnull=False).order_by("number"):
            paths[f"/verify/{version.verification_code}/"] = anybody
            paths[f"/reports/{code}/letter/?version={version.number}"] = laleh
            paths[f"/reports/{code}/result/"] = laleh
        if report.revisions.exists():
            paths[f"/reports/{code}/receipt/"] = laleh
        for path, browser in paths.items():
            text = browser.text(path)
            said = figures(text, SCORES) if path.endswith("/result/") else figures(text)
            found[path] = {"status": status if label in text else None, "figures": said}
    return found


def session(at) -> dict:
    """Who had signed in before still is: the cookie of the dump opens their own page."""
    mine = str(Person.objects.get(username=CHANGED[0]).pk)
    key = next(row.pk for row in Session.objects.all() if row.get_decoded().get("_auth_user_id") == mine)
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    answer = client.get("/account/")
    return {"status": answer.status_code, "name": CHANGED[0] in answer.content.decode()}


def raw(at) -> dict:
    """{page: identifiers that it prints instead of words}: empty where every stored verb, state and reason has its words."""
    identifiers = {
        "failed",
        *(name for event in Event.objects.values_list("noun", "verb").distinct() for name in event),
    }
    return {
        path: sorted(identifiers & {bare(word) for html in found for word in words_of(html).split()})
        for path, found in _pages().items()
    }


def instants(at) -> dict:
    """{page: the instants that it tells of}: an event that is told no more is missing among them.

    Without those of the minutes in which it is looked at: many a page tells when it was made.
    """

    def told(html: str) -> set[datetime]:
        found = {datetime.fromisoformat(text) for text in re.findall(TIME, html)}
        return {one for one in found if not timedelta(0) <= one - at < timedelta(minutes=10)}

    return {path: sorted({utc(one) for html in found for one in told(html)}) for path, found in _pages().items()}


TIME = r'<time datetime="([^"]+[+-]\d\d:\d\d)"'


@cache
def _pages() -> dict[str, list[str]]:
    """{path: the pages of it} of whatever tells of events: calls, units, reports, disputes, payments, files, terms. As Laleh."""
    calls = sorted(_one_of_each_verb("call"))
    paths = [f"/calls/{pk}/" for pk in calls]
    paths += [f"/reports/{code}/" for code in sorted(_one_of_each_verb("report"))]
    paths += [f"/disputes/{pk}/" for pk in Dispute.objects.values_list("pk", flat=True)]
    paths += [f"/payments/{order}/" for order in sorted(_one_of_each_verb("payment"))]
    paths += [f"/exports/{key}/" for key in Export.objects.values_list("key", flat=True)]
    paths += [f"/calls/{order.call_id}/announce/{order.key}/" for order in AnnouncementOrder.objects.all()]
    paths += [f"/agreements/{pk}/" for pk in AgreementVersion.objects.values_list("pk", flat=True)]
    paths += [f"/services/{slug}/" for slug in Service.objects.values_list("slug", flat=True)]
    paths += [f"/payments/{name}/" for name in ("refunds", "reconciliation")]
    paths += [f"/{name}/" for name in ("desk", "notices", "calendar", "oversight", "exports")]
    histories = [f"/calls/{pk}/history/" for pk in calls]
    histories += [f"/units/{code}/history/" for code in sorted(_units_with_history())]
    laleh = Browser("laleh")
    return {path: [laleh.html(path)] for path in paths} | {path: list(_whole(laleh, path)) for path in histories}


def _whole(browser: Browser, path: str):
    """Every page of a list: the first and what its rel=next leads to."""
    asked = path
    for _ in range(20):
        html = browser.html(asked)
        yield html
        following = re.search(r'rel="next"\s+href="([^"]+)"', html)
        if following is None:
            return
        asked = f"{path}?{urlsplit(following[1].replace('&amp;', '&')).query}"


def _one_of_each_verb(noun: str) -> set[str]:
    return set(dict(Event.objects.filter(noun=noun).order_by("pk").values_list("verb", "key")).values())


def _units_with_history() -> set[str]:
    """A unit for each verb that was ever recorded about units, seats and people."""
    told = Event.objects.filter(noun__in=("unit", "membership", "person"), unit_id__isnull=False)
    chosen = dict(told.order_by("pk").values_list("verb", "unit_id")).values()
    return set(Unit.objects.filter(pk__in=chosen).values_list("code", flat=True))
