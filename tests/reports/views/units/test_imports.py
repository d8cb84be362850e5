"""A file of units on its pages: previewed with what hangs on the units, stored as it was looked at."""

import io
import re
import time
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from tests.calls import published_call
from tests.general import drafted, filed, make_general_type
from units.models import Unit, UnitAttribute, UnitKind

pytestmark = pytest.mark.django_db
HEADER = "code,name,kind,parent_code\n"
TREE = (
    HEADER + "ORG,سازمان امور دانشجویان,organization,\nKHB,اداره کل خوابگاه‌ها,directorate,ORG\n"
    "KHB-IMN,اداره بهسازی و ایمنی,department,KHB\nTGZ,اداره کل تغذیه,directorate,ORG\n"
)
HIDDEN = re.compile(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)">')


def send(client, text: str | bytes, **fields):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post("/units/-import/", {"file": SimpleUploadedFile("units.csv", data), **fields})


def posted_back(answer) -> dict[str, str]:
    """What the page's form would send: the hidden fields, and what stands in the others."""
    return {name: unescape(value) for name, value in HIDDEN.findall(answer.content.decode())}


def groups(answer) -> dict[str, list[tuple[str, str]]]:
    found = answer.context["preview"].groups
    return {str(group.verb): [(line.code, line.hangs) for line in group.lines] for group in found}


def test_the_preview_names_what_ends_and_who_and_what_hangs_on_it(cast, client_for):
    published_call(cast)
    text = (
        HEADER
        + "ORG,سازمان امور دانشجویان,organization,\nKHB,اداره کل خوابگاه‌ها,office,ORG\nKHB-IMN,ایمنی,department,ORG\n"
    )

    answer = send(client_for(cast.admin), text, retire_missing="on")

    assert groups(answer) == {
        "retire": [("TGZ", "۲ نفر، ۱ گزارش باز")],
        "move": [("KHB-IMN", "")],
        "rename": [("KHB", "۲ نفر، ۱ گزارش باز"), ("KHB-IMN", "")],
    }
    assert "TGZ" in answer.content.decode()
    assert Unit.objects.get(code="TGZ").retired_at is None


def test_the_preview_counts_the_open_general_requests_of_what_ends(cast, client_for):
    kind = make_general_type(cast)
    filed(cast, kind), filed(cast, kind), drafted(cast, kind)
    text = HEADER + "ORG,سازمان امور دانشجویان,organization,\nTGZ,اداره کل تغذیه,office,ORG\n"

    answer = send(client_for(cast.admin), text, retire_missing="on")

    assert ("KHB", "۲ نفر، ۲ درخواست باز") in groups(answer)["retire"]


def test_what_was_looked_at_is_stored(cast, client_for):
    client = client_for(cast.admin)
    answer = send(client, TREE.replace("تغذیه", "تغذیه و سلامت"))

    stored = client.post("/units/-import/store/", posted_back(answer))

    assert (stored.status_code, stored["Location"]) == (302, "/units/")
    assert Unit.objects.get(code="TGZ").name == "اداره کل تغذیه و سلامت"


def test_a_file_that_changes_nothing_offers_no_button(cast, client_for):
    answer = send(client_for(cast.admin), TREE)

    assert not answer.context["preview"].changes_something
    assert "چیزی تغییر نمی‌کند" in answer.content.decode()


def test_a_preview_that_was_overtaken_is_shown_anew_and_nothing_is_stored(cast, client_for):
    client = client_for(cast.admin)
    answer = send(client, TREE.replace("تغذیه", "تغذیه و سلامت"))
    Unit.objects.filter(pk=cast.b.pk).update(name="اداره کل تغذیه و سلامت")

    stored = client.post("/units/-import/store/", posted_back(answer))

    assert (stored.status_code, "پیش‌نمایش اکنون دیگر است" in stored.content.decode()) == (409, True)


def test_the_kinds_that_a_file_brings_are_asked_about_and_come_as_they_were_named(cast, client_for):
    client = client_for(cast.admin)
    answer = send(client, "code,name,kind,parent_code,attribute:استان,شهر\nS,مدرسه,دبستان دولتی,KHB,تهران,ری\n")
    plan = answer.context["preview"].plan
    back = posted_back(answer) | {
        "kind-0-code": "primary", "kind-0-name": "دبستان", "kind-0-name_en": "Primary", "attribute-0-type": "choice"
    }  # fmt: skip

    assert ([k.name for k in plan.new_kinds], plan.passed_over) == (["دبستان دولتی"], ["شهر"])
    client.post("/units/-import/store/", back | {"create_kinds": "1"})

    unit = Unit.objects.select_related("kind").get(code="S")
    assert (unit.kind_id, unit.kind.name, unit.parent) == ("primary", "دبستان", cast.a)
    assert UnitAttribute.objects.get().choices == ["تهران"]


def test_without_the_word_of_a_person_no_kind_comes(cast, client_for):
    client = client_for(cast.admin)
    answer = send(client, HEADER + "S,مدرسه,دبستان,KHB\n")

    assert client.post("/units/-import/store/", posted_back(answer)).status_code == 422
    assert not Unit.objects.filter(code="S").exists()


def test_problems_are_told_by_row_and_column(cast, client_for):
    answer = send(client_for(cast.admin), HEADER + "A A,الف,office,NOPE\n")

    assert answer.status_code == 422
    assert [(p.row, p.column) for p in answer.context["problems"]] == [(2, "code"), (2, "parent_code")]


def test_a_workbook_is_taken_too(cast, client_for):
    book, out = Workbook(), io.BytesIO()
    for row in (["code", "name", "kind", "parent_code"], ["W", "واحد کارپوشه", "دفتر", "KHB"]):
        book.active.append(row)
    book.save(out)
    client = client_for(cast.admin)

    client.post("/units/-import/store/", posted_back(send(client, out.getvalue())))

    assert Unit.objects.get(code="W").parent == cast.a


@pytest.mark.parametrize("who", ["reza", "sara", "omid", "nader", "stranger"])
def test_who_keeps_no_tree_brings_no_file(cast, client_for, who):
    client = client_for(getattr(cast, who))

    assert client.get("/units/-import/").status_code == 403
    assert send(client, TREE).status_code == 403


def test_a_coordinator_brings_units_below_theirs_only(cast, client_for):
    client = client_for(cast.laleh)

    assert send(client, HEADER + "N,نو,office,\n").status_code == 403
    answer = send(client, HEADER + "N,نو,office,\n", under="KHB")
    assert client.post("/units/-import/store/", posted_back(answer)).status_code == 302
    assert Unit.objects.get(code="N").parent == cast.a


@pytest.mark.parametrize("broken", [{"packed": "!"}, {"packed": "AAAA"}, {"seen": ""}, {"packed": ""}])
def test_a_preview_that_came_back_broken_is_refused(cast, client_for, broken):
    client = client_for(cast.admin)
    back = posted_back(send(client, TREE.replace("تغذیه", "نان")))

    assert client.post("/units/-import/store/", back | broken).status_code == 400
    assert Unit.objects.get(code="TGZ").name == "اداره کل تغذیه"


def four_thousand() -> str:
    """Children before their parents; the same forty names recur below every district; kinds and an attribute of its own."""
    rows = [f"S{d:03}-{n:02},دبستان شمارهٔ {n},دبستان,D{d:03},منطقهٔ {d % 7}" for d in range(99) for n in range(40)]
    rows += [f"D{d:03},منطقهٔ {d},district,P,منطقهٔ {d % 7}" for d in range(99)]
    return "code,name,kind,parent_code,attribute:zone\n" + "\n".join([*rows, "P,استان,province,,\n"])


@pytest.mark.full
def test_four_thousand_units_are_previewed_and_stored_in_twenty_seconds_and_again_without_change(
    cast, client_for, record_property
):
    client, text = client_for(cast.admin), four_thousand()
    begun = time.monotonic()
    answer = send(client, text)
    seen = time.monotonic()
    stored = client.post("/units/-import/store/", posted_back(answer) | {"create_kinds": "1"})
    done = time.monotonic()
    again = send(client, text).context["preview"]

    for name, seconds in (("preview", seen - begun), ("store", done - seen), ("again", time.monotonic() - done)):
        record_property(name, round(seconds, 2))
        print(f"{name}: {seconds:.2f} s")
    assert stored.status_code == 302
    assert Unit.objects.count() == 4 + 99 * 41 + 1
    assert UnitKind.objects.filter(name__in=["دبستان", "district", "province"]).count() == 3
    assert (again.plan.unchanged, again.changes_something) == (99 * 41 + 1, False)
    assert time.monotonic() - begun < 20
