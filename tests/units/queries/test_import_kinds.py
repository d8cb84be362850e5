"""`importunits`: a file brings kinds and attributes of its own, and is looked at before anything is stored."""

import pytest
from django.core.management import call_command

from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import make_kinds
from tests.units.actions.test_imports import HEADER, SMALL, bring, refused
from units.actions.imports import import_units, look_at_units
from units.models import Event, Unit, UnitAttribute
from units.queries.import_kinds import Answers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(db):
    make_kinds()


# ------------------------------------------------------------------------------------------ kinds and attributes
OWN = (
    "code,name,kind,parent_code,kind_name,kind_name_en,attribute:استان,attribute:staff:number,شهر\n"
    "S1,مدرسهٔ یکم,school,D1,مدرسه,School,تهران,۱۲,ری\n"
    "D1,منطقهٔ یکم,منطقه,,,,تهران,,\n"
    "S2,مدرسهٔ یکم,school,D2,,,فارس,3,\n"
    "D2,منطقهٔ دوم,منطقه,,,,فارس,,\n"
)


def test_a_file_that_brings_kinds_is_refused_until_somebody_says_that_they_are_to_be_added():
    assert refused(OWN) == [(1, "staff"), (1, "استان"), (2, "kind"), (3, "kind")]
    assert not Unit.objects.exists()


def test_its_kinds_and_attributes_come_with_it_when_somebody_says_so():
    outcome = bring(OWN, create_kinds=True)

    unit = Unit.objects.select_related("kind").get(code="S1")
    assert (outcome.created, outcome.kinds, outcome.attributes) == (4, 2, 2)
    assert (unit.kind.name, unit.kind.name_en, unit.kind_id) == ("مدرسه", "School", "school")
    assert unit.attributes == {"astan": "تهران", "staff": "12"}
    assert Unit.objects.get(code="D1").kind.name == "منطقه"
    assert bring(OWN).unchanged == 4


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("code,name,kind,parent_code\nS1,مدرسه,school,\n", (1, 0)),
        ("code,name,kind,parent_code,attribute:شهر\nD1,اداره,office,,ری\n", (0, 1)),
    ],
)
def test_a_file_may_bring_kinds_alone_or_attributes_alone(text, came):
    outcome = bring(text, create_kinds=True)
    assert (outcome.kinds, outcome.attributes) == came


def test_kinds_are_found_by_code_and_by_either_name():
    bring(HEADER + "A,الف,office,\nB,ب,دفتر,\nC,ج,OFFICE,\n")

    assert set(Unit.objects.values_list("kind", flat=True)) == {"office"}


def test_a_column_of_an_attribute_changes_it_and_what_has_no_column_stays():
    bring(OWN, create_kinds=True)
    outcome = bring("code,name,kind,parent_code,attribute:استان\nD1,منطقهٔ یکم,منطقه,,\n")

    event = Event.objects.get(verb="rename")
    assert (outcome.renamed, event.data["attributes"]) == (1, {"astan": ["تهران", ""]})
    assert Unit.objects.get(code="S1").attributes == {"astan": "تهران", "staff": "12"}


def test_a_value_that_is_none_is_told_by_row_and_column():
    bring(OWN, create_kinds=True)

    assert refused("code,name,kind,parent_code,attribute:staff\nD1,منطقهٔ یکم,منطقه,,بسیار\n") == [(2, "staff")]


def test_a_coordinator_brings_no_kind(cast):
    with pytest.raises(Forbidden) as caught:
        import_units(data=OWN.encode(), by=cast.laleh, under=cast.provider, create_kinds=True)

    assert caught.value.code == "may-not-keep-kinds"
    assert not Unit.objects.filter(code="S1").exists()


def test_what_a_person_said_on_the_preview_names_the_kinds():
    answers = Answers({"منطقه": ("office", "", ""), "school": ("escola", "دبستان", "Primary")}, {"استان": "choice"})

    bring(OWN, create_kinds=True, answers=answers)

    assert Unit.objects.get(code="D1").kind_id == "office"
    assert Unit.objects.get(code="S1").kind.name == "دبستان"
    assert UnitAttribute.objects.get(name="استان").choices == ["تهران", "فارس"]


# ------------------------------------------------------------------------------------------ looked at before
@pytest.mark.parametrize(
    ("text", "brings"),
    [
        (HEADER + "A,الف,school,\n", True),
        ("code,name,kind,parent_code,attribute:شهر\nA,الف,office,,ری\n", True),
        (HEADER + "A,الف,office,\n", False),
    ],
)
def test_a_plan_says_whether_its_file_brings_kinds_or_attributes(text, brings):
    assert look_at_units(data=text.encode(), by=None).brings is brings


def test_a_preview_says_what_the_import_then_does_and_stores_nothing():
    bring(SMALL)
    text = (HEADER + "ORG,سازمان,organization,\nKHB,خوابگاه,directorate,ORG\nX,تازه,office,KHB\n").encode()
    before = (Unit.objects.count(), Event.objects.count())

    plan = look_at_units(data=text, by=None, retire_missing=True)

    assert (Unit.objects.count(), Event.objects.count()) == before
    outcome = import_units(data=text, by=None, retire_missing=True, seen=plan.fingerprint)
    counts = plan.counts
    assert (outcome.created, outcome.renamed, outcome.retired) == (1, 1, 1)
    assert (counts["create"], counts["rename"], counts["retire"]) == (1, 1, 1)


def test_a_preview_that_the_tree_has_overtaken_is_not_stored():
    bring(SMALL)
    text = (HEADER + "KHB,خوابگاه,directorate,ORG\n").encode()
    plan = look_at_units(data=text, by=None)
    Unit.objects.filter(code="KHB").update(name="نام سوم")
    bring(HEADER + "KHB,خوابگاه,directorate,ORG\n")

    with pytest.raises(Refused) as caught:
        import_units(data=text, by=None, seen=plan.fingerprint)
    assert caught.value.code == "changed"


def test_the_command_says_what_it_would_do(capsys, tmp_path):
    bring(SMALL)
    file = tmp_path / "units.csv"
    file.write_text(HEADER + "ORG,سازمان,organization,\nKHB,خوابگاه,مرکز,ORG\n")

    call_command("importunits", file, "--dry-run", "--retire-missing")

    said = capsys.readouterr().out
    assert "created=0 renamed=1 moved=0 retired=1 reinstated=0 unchanged=1 kinds=1 attributes=0" in said
    assert "مرکز" in said
    assert Unit.objects.filter(retired_at=None).count() == 3
