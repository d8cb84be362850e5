"""A file of people on its pages: previewed row by row, stored as it was looked at, its links shown once and whole."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_service
from units.models import Membership, Person

pytestmark = pytest.mark.django_db
FILE = "unit,role,username,first_name,last_name,email\nKHB,head,nima,نیما,راد,\nTGZ,reporter,zahra,زهرا,کاظمی,z@example.ir\n"
HIDDEN = re.compile(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)">')


def send(client, text: str):
    return client.post("/people/-import/", {"file": SimpleUploadedFile("people.csv", text.encode())})


def posted_back(answer) -> dict[str, str]:
    found = {name: unescape(value) for name, value in HIDDEN.findall(answer.content.decode())}
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def test_the_preview_stores_nothing_and_what_was_looked_at_is_invited(cast, client_for):
    client = client_for(cast.laleh)
    preview = send(client, FILE)
    assert not Person.objects.filter(username="nima").exists()
    assert "/password/" not in preview.content.decode()

    done = client.post("/people/-import/store/", posted_back(preview))

    shown = done.content.decode()
    links = re.findall(r"http://\S+/password/\S+?/", shown)
    assert len(links) == 2  # the same link, among all and on its own
    assert len(set(links)) == 1
    assert "no-store" in done["Cache-Control"]
    assert Membership.objects.filter(person__username__in=["nima", "zahra"], accepted_at=None).count() == 2


def test_a_refused_file_names_its_rows(cast, client_for):
    answer = send(client_for(cast.laleh), FILE.replace("head", "شاه").replace("TGZ", "هیچ"))

    assert answer.status_code == 422
    assert [(p.row, p.column) for p in answer.context["problems"]] == [(2, "role")]
    assert "شاه" in answer.content.decode()


def test_who_gives_no_seat_finds_no_page_and_a_broken_preview_stores_nothing(cast, client_for):
    for person in (cast.sara, cast.omid, cast.nader, cast.stranger):
        assert client_for(person).get("/people/-import/").status_code == 403
    client, before = client_for(cast.laleh), Person.objects.count()
    back = posted_back(send(client, FILE))

    for broken, code in (({}, 400), ({**back, "packed": "x"}, 400), ({**back, "seen": "0" * 64}, 409)):
        assert client.post("/people/-import/store/", broken).status_code == code
    assert Person.objects.count() == before


def test_files_of_somebody_who_is_no_administrator_are_counted(cast, client_for):
    client = client_for(cast.reza)
    answers = [send(client, "x").status_code for _n in range(21)]

    assert answers[-2:] == [422, 429]


def test_every_outcome_has_its_words_on_the_preview(cast, client_for):
    make_service(cast)
    text = FILE + "TGZ,head,kamran,,,\nORG,coordinator,mona,مونا,پاک,\nKHB,reviewer,omid,,,\n"

    shown = send(client_for(cast.laleh), text)

    assert shown.status_code == 200
    for words in ("حساب تازه", "به حساب او پیشنهاد می‌شود", "از پیش برقرار است", "نفر دوم باید موافقت کند"):
        assert words in shown.content.decode()
