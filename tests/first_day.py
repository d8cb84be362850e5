"""The first period of a portal that `setup FILE.yaml` has just made, each step on its page by whoever does it there: a report
filled, signed, reviewed and announced, its result contested; a general request filed, refused and contested.

It runs in a process of its own that imports nothing of the tests or of any `demo` (`test_first_day.py`). Each step ends in what
the page leads to, and `live` in what the tables then say.
"""

import re

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reports.models import Call, Report, ResultVersion
from reports.queries import form_of
from reports.queries.findings import reviewed_indicators
from sajad_portal.lib.clock import database_now
from sla.enums import DisputeStatus, Subject
from sla.models import Dispute, GeneralRequest
from units.models import Person

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PASSWORD = "the-first-period-of-all"  # noqa: S105


class Somebody:
    """A person before the portal, signed in; a page that says anything but yes ends the story."""

    def __init__(self, username: str = "") -> None:
        self.client = Client(HTTP_HOST="portal.example.ir")
        if username:
            person = Person.objects.get(username=username)
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
            self.client.force_login(person)

    def read(self, path: str) -> str:
        answer = self.client.get(path, secure=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def post(self, path: str, given: dict):
        """The answer; before what weighs the portal asks who it is, and the same form goes on with the password."""
        answer = self.client.post(path, given, secure=True)
        if answer.status_code == 403 and "proof:password" in answer.content.decode():
            return self.client.post(path, {**given, "proof:password": PASSWORD}, secure=True)
        return answer

    def send(self, path: str, **given) -> str:
        """Where it leads."""
        answer = self.post(path, given)
        assert answer.status_code == 302, (path, answer.status_code, _said(answer.content.decode()))
        return answer["Location"]


def _said(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"(?s).*<main|<[^>]+>", " ", page))[:3000]


def value_of(page: str, attribute: str, name: str) -> str:
    field = re.search(rf'<input[^>]*\b{attribute}="{name}"[^>]*>', page)
    assert field, (name, _said(page))
    return re.search(r'\bvalue="([^"]*)"', field[0])[1]


def rows() -> dict[str, list]:
    """Everything that is stored, by table; not the sessions, which live with each click."""
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    return {
        model._meta.db_table: sorted(map(repr, model._base_manager.values_list()))
        for model in models
        if model._meta.db_table not in ("django_session", "units_accountsession")
    }


def live() -> None:
    """From the published call to a contested result and a contested request."""
    reza, omid, laleh = (Somebody(name) for name in ("reza", "omid", "laleh"))
    call = Call.objects.get()
    report = Report.objects.get(call=call, unit__code="DORM")
    reza.send(f"/agreements/{call.agreement_id}/answer/", answer="accepted")
    sign(reza, report, fill(invited(laleh, "sara", unit="DORM", role="reporter"), report))
    review(laleh, omid, report)
    announce(laleh, report)
    result = reza.read(f"/reports/{report.tracking_code}/result/")
    assert f"/reports/{report.tracking_code}/contest/" in result
    reza.send(f"/reports/{report.tracking_code}/contest/", text="Our beds were counted twice.")
    refuse_and_contest(laleh, reza, ask(reza))
    found = (
        Dispute.objects.with_status(database_now())
        .order_by("pk")
        .values_list("subject", "status", "unit__code", "filed_by__username")
    )
    wanted = [(subject, DisputeStatus.NEGOTIATING, "DORM", "reza") for subject in (Subject.RESULT, Subject.REQUEST)]
    assert list(found) == wanted, list(found)


def invited(coordinator: Somebody, username: str, *, unit: str, role: str) -> Somebody:
    """Opens the link that the coordinator was shown, and sets a password: that accepts the seat."""
    given = {"role": role, "username": username, "first_name": "Sara", "last_name": "Ahmadi"}
    shown = coordinator.post(f"/units/{unit}/invite/", given).content.decode()
    link = value_of(shown, "id", "hand-over").removeprefix("https://portal.example.ir")
    person = Somebody()
    opened = person.client.get(link, secure=True)["Location"]
    person.send(opened, new=PASSWORD, again=PASSWORD)
    assert "Sara" in person.read("/desk/")
    return person


def fill(expert: Somebody, report: Report) -> str:
    """Whatever the pages of entry ask for, a file wherever they take one, section after section; then for the signature."""
    page = f"/reports/{report.tracking_code}/"
    first = expert.client.get(f"{page}edit/", secure=True)["Location"]
    sections = dict.fromkeys([first, *re.findall(rf"{page}edit/[\w-]+/", expert.read(first))])
    for section in sections:
        expert.send(section, base="0", **typed(expert.read(section)))
    expert.send(f"{page}ask/")
    return page


def typed(page: str) -> dict:
    """A number that suits every scale of the form, a day of its period; of what is chosen, the first; what is ticked, ticked."""
    found: dict = {}
    for field, name in re.findall(r'(<\w+[^>]*\bname="((?:q|file):[^"]+)"[^>]*>)', page):
        if name.startswith("file:"):
            found[name] = SimpleUploadedFile("evidence.pdf", PDF)
        elif not name.startswith(("q:comment:", "q:na:")) and 'type="hidden"' not in field:
            chosen = re.search(r'type="(?:radio|checkbox)".*\bvalue="([^"]*)"', field, re.DOTALL)
            found.setdefault(name, chosen[1] if chosen else "1405/04/20" if "data-day" in field else "4")
    return found


def sign(head: Somebody, report: Report, page: str) -> None:
    """The head signs what the page showed."""
    assert head.send(f"{page}sign/", seen=value_of(head.read(f"{page}sign/"), "name", "seen")) == f"{page}receipt/"
    assert report.revisions.get().submitted_by.username == "reza"


def review(coordinator: Somebody, reviewer: Somebody, report: Report) -> None:
    """As claimed, page after page, as long as they lead to another one."""
    given = {"reviewer": Person.objects.get(username="omid").pk, "section": "", "unit": "ORG"}
    coordinator.send(f"/calls/{report.call_id}/reviewers/", **given)
    page = f"/reports/{report.tracking_code}/review/"
    reviewer.send(f"{page}start/")
    following, count = page, 0
    while "#hand-in" not in following:
        shown = reviewer.read(following)
        given = {name: value_of(shown, "name", name) for name in ("indicator", "review")}
        if 'name="accept_rest"' in shown:
            following = reviewer.send(f"{page}answers/", accept_rest="1", **given)
        else:
            following, count = reviewer.send(f"{page}item/", accept="1", **given), count + 1
    indicators = reviewed_indicators(form_of(report.call.form_version), "")
    assert count == sum(not each.is_alone for each in indicators)
    assert reviewer.send(f"{page}hand-in/", review=given["review"]) == "/review/"


def announce(coordinator: Somebody, report: Report) -> None:
    coordinator.send(f"/calls/{report.call_id}/announce/", report=report.tracking_code, step="confirmed")
    result = ResultVersion.objects.get(report=report)
    assert (result.number, result.announced_by.username) == (1, "laleh")
    assert result.total > 0


def ask(head: Somebody) -> GeneralRequest:
    """A request of the general type that the file named, which wants a file."""
    chosen = re.search(r"/requests/new/\?type=\d+&amp;unit=DORM", head.read("/requests/new/"))
    assert chosen
    files = SimpleUploadedFile("definition.pdf", PDF)
    page = head.send(chosen[0].replace("&amp;", "&"), reason="The indicator counts nights twice.", files=files)
    head.send(f"{page}file/")
    return GeneralRequest.objects.get(filed_by__username="reza", decided_at=None)


def refuse_and_contest(coordinator: Somebody, head: Somebody, general: GeneralRequest) -> None:
    page = f"/requests/{general.pk}/"
    coordinator.send(f"{page}decide/", decision="refused", reason="Every unit counts so.")
    assert f"{page}contest/" in head.read(page)
    dispute = head.send(f"{page}contest/", text="The directive says otherwise.")
    assert "Every unit counts so." in head.read(dispute)
