"""`importunits`: the whole file or nothing, with every problem by row and column."""

import pytest
from django.core.management import CommandError, call_command

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.tables import FileProblem, FileRefused
from tests.factories import make_kinds, make_person, make_unit
from units.actions.imports import import_units
from units.files.units import read_units
from units.models import Event, Succession, Unit

pytestmark = pytest.mark.django_db
HEADER = "code,name,kind,parent_code\n"
SMALL = HEADER + "ORG,سازمان,organization,\nKHB,خوابگاه‌ها,directorate,ORG\nKHB-IMN,ایمنی,department,KHB\n"


@pytest.fixture(autouse=True)
def kinds(db):
    make_kinds()


def bring(text: str, encoding="utf-8", **options):
    return import_units(data=text.encode(encoding), by=None, **options)


def refused(text: str | bytes, **options) -> list[tuple[int, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(FileRefused) as caught:
        import_units(data=data, by=None, **options)
    return [(problem.row, problem.column) for problem in caught.value.problems]


def tree() -> dict[str, str]:
    return {u.code: u.parent.code if u.parent else "" for u in Unit.objects.select_related("parent")}


# ------------------------------------------------------------------------------------------ what it does
def test_a_file_makes_the_tree_with_its_paths():
    outcome = bring(SMALL)

    org, khb, imn = (Unit.objects.get(code=code) for code in ("ORG", "KHB", "KHB-IMN"))
    assert (outcome.created, outcome.renamed, outcome.moved) == (3, 0, 0)
    assert imn.path == f"{org.pk}.{khb.pk}.{imn.pk}."
    assert org.path == f"{org.pk}."
    assert [u.depth for u in (org, khb, imn)] == [0, 1, 2]
    assert khb.search_key == "خوابگاهها khb"


def test_rows_may_come_in_any_order():
    lines = SMALL.removeprefix(HEADER).splitlines()
    bring(HEADER + "\n".join(reversed(lines)))

    assert tree() == {"ORG": "", "KHB": "ORG", "KHB-IMN": "KHB"}


def test_the_same_file_twice_changes_nothing_and_records_nothing():
    bring(SMALL)
    before = Event.objects.count()

    outcome = bring(SMALL)

    assert (outcome.unchanged, outcome.created) == (3, 0)
    assert Event.objects.count() == before == 3


def test_a_new_name_renames_and_history_says_from_what():
    bring(SMALL)
    outcome = bring(SMALL.replace("خوابگاه‌ها", "اداره کل خوابگاه‌ها"))

    event = Event.objects.get(verb="rename")
    assert outcome.renamed == 1
    assert event.data["name"] == ["خوابگاه‌ها", "اداره کل خوابگاه‌ها"]
    assert Unit.objects.get(code="KHB").search_key == "اداره کل خوابگاهها khb"


def test_a_new_parent_moves_everything_below_also_what_the_file_does_not_name():
    bring(SMALL + "DKH,معاونت,deputy,ORG\n")
    below = make_unit("KHB-X", parent=Unit.objects.get(code="KHB-IMN"))

    outcome = bring("code,name,kind,parent_code\nKHB,خوابگاه‌ها,directorate,DKH\n")

    below.refresh_from_db()
    khb = Unit.objects.get(code="KHB")
    assert outcome.moved == 1
    assert khb.path.startswith(Unit.objects.get(code="DKH").path)
    assert below.path.startswith(khb.path)
    assert below.depth == 4
    assert Event.objects.get(verb="move").data["parent"] == ["ORG", "DKH"]


def test_what_a_file_leaves_out_stays():
    bring(SMALL)
    outcome = bring(HEADER + "ORG,سازمان,organization,\n")

    assert outcome.retired == 0
    assert not Unit.objects.filter(retired_at__isnull=False).exists()


def test_what_a_file_leaves_out_is_retired_only_when_asked_and_only_below_its_roots():
    bring(SMALL)
    elsewhere = make_unit("UNI", "دانشگاه")

    outcome = bring(HEADER + "ORG,سازمان,organization,\nKHB,خوابگاه‌ها,directorate,ORG\n", retire_missing=True)

    elsewhere.refresh_from_db()
    assert outcome.retired == 1
    assert Unit.objects.get(code="KHB-IMN").retired_at is not None
    assert elsewhere.retired_at is None


def test_a_file_below_a_unit_retires_what_it_leaves_out_there_and_never_the_unit_itself():
    bring(SMALL)
    khb = Unit.objects.get(code="KHB")

    outcome = bring(HEADER + "KHB-2,بهداشت,department,\n", under=khb, retire_missing=True)

    assert (outcome.created, outcome.retired) == (1, 1)
    assert set(Unit.objects.filter(retired_at=None).values_list("code", flat=True)) == {"ORG", "KHB", "KHB-2"}


def test_a_retired_unit_that_comes_back_works_again():
    bring(SMALL)
    bring(HEADER + "ORG,سازمان,organization,\nKHB,خوابگاه‌ها,directorate,ORG\n", retire_missing=True)

    outcome = bring(SMALL)

    assert outcome.reinstated == 1
    assert Unit.objects.get(code="KHB-IMN").retired_at is None


def test_a_unit_that_a_file_brings_back_acts_on_its_own_again():
    bring(SMALL)
    gone, heir = Unit.objects.get(code="KHB-IMN"), Unit.objects.get(code="KHB")
    bring(HEADER + "ORG,سازمان,organization,\nKHB,خوابگاه‌ها,directorate,ORG\n", retire_missing=True)
    now = database_now()
    taken = Succession.objects.create(unit=gone, successor=heir, reason="ادغام", at=now, by=make_person())

    bring(SMALL)

    taken.refresh_from_db()
    assert now <= taken.ended_at <= database_now()


def test_under_gives_the_rows_without_a_parent_a_place():
    bring(SMALL)
    bring(HEADER + "U1,دانشگاه یک,public,\n", under=Unit.objects.get(code="ORG"))

    assert tree()["U1"] == "ORG"


def test_names_may_recur_under_other_parents():
    outcome = bring(SMALL + "TGZ,تغذیه,directorate,ORG\nTGZ-1,ایمنی,department,TGZ\n")

    assert outcome.created == 5


# ------------------------------------------------------------------------------------------ how it reads
def test_arabic_letters_and_digits_are_normalised():
    bring(HEADER + "T٢,تربيت بدني  كشور,directorate,\n")

    unit = Unit.objects.get()
    assert (unit.code, unit.name) == ("T2", "تربیت بدنی کشور")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_the_usual_encodings_are_read(encoding):
    # Windows' old code page has the half space, and only the Arabic ي; UTF-8 files from Excel begin with a mark.
    bring(SMALL.replace("ی", "ي"), encoding=encoding)

    assert Unit.objects.get(code="KHB").name == "خوابگاه‌ها"


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_separate_too(mark):
    bring(SMALL.replace(",", mark))

    assert len(tree()) == 3


def test_the_header_may_be_persian_and_in_another_order():
    bring("نام واحد,کد,کد والد,نوع\nسازمان,ORG,,سازمان\n")

    assert Unit.objects.get().kind_id == "organization"


def test_codes_meet_whatever_their_case():
    bring(SMALL)
    outcome = bring(HEADER + "khb,خوابگاه‌ها,directorate,org\n")

    assert outcome.unchanged == 1
    assert Unit.objects.get(name="خوابگاه‌ها").code == "KHB"


def test_blank_rows_count_as_a_spreadsheet_counts_them():
    assert refused(HEADER + "\n\nA,,office,\n") == [(4, "name")]


# ------------------------------------------------------------------------------------------ what it refuses
def test_every_problem_is_told_at_once_by_row_and_column_and_nothing_is_stored():
    text = HEADER + (
        "A,الف,office,\n"
        "A,ب,office,\n"  # the code twice
        "B B,ج,office,\n"  # a space in the code
        "C,,office,\n"  # no name
        "D,د,palace,\n"  # no such kind
        "E,ه,office,NOPE\n"  # no such parent
        "F,و,office,F\n"  # below itself
    )

    found = refused(text)

    assert found == [(3, "code"), (4, "code"), (5, "name"), (6, "kind"), (7, "parent_code"), (8, "parent_code")]
    assert Unit.objects.count() == Event.objects.count() == 0


def test_a_circle_is_told_once_at_its_first_row():
    text = HEADER + "A,الف,office,C\nB,ب,office,A\nC,ج,office,B\nD,د,office,A\n"

    with pytest.raises(FileRefused) as caught:
        bring(text)

    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "parent_code")]
    assert "A ← C ← B ← A" in str(caught.value.problems[0])


def test_a_circle_through_a_unit_that_the_file_does_not_name_is_found():
    bring(SMALL)

    assert refused(HEADER + "ORG,سازمان,organization,KHB-IMN\n") == [(2, "parent_code")]


def test_the_same_name_in_the_same_place_is_refused():
    assert refused(SMALL + "X,خوابگاهها,directorate,ORG\n") == [(5, "name")]


def test_a_parent_that_the_file_itself_would_retire_is_refused():
    bring(SMALL)
    text = HEADER + "ORG,سازمان,organization,\nKHB-IMN,ایمنی,department,KHB\n"

    assert refused(text, retire_missing=True) == [(3, "parent_code")]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", (1, "")),
        (HEADER.encode(), (0, "")),
        ("کد,نام\nA,الف\n".encode(), (1, "kind")),
        (b"PK\x03\x04rubbish", (0, "")),
        (b"code,name,kind,parent_code\nA,\x81\x00\x8d,office,\n", (0, "")),
        ((HEADER + 'A,"الف,office,\n').encode(), (2, "")),
        ((HEADER + "A,الف,office\n").encode(), (2, "")),
        ((HEADER + "A,الف, ب,office,\n").encode(), (2, "")),
        (("code," + HEADER + "A,A,الف,office,\n").encode(), (1, "code")),
    ],
)
def test_a_file_that_is_no_table_of_units_is_refused_in_words(data, place):
    assert refused(data)[0] == place
    assert Unit.objects.count() == 0


def test_problems_are_told_in_persian(capsys, tmp_path):
    file = tmp_path / "units.csv"
    file.write_text(HEADER + "A,الف,office,NOPE\n")

    with pytest.raises(CommandError) as caught:
        call_command("importunits", file)

    assert caught.value.returncode == 2
    assert "چیزی ذخیره نشد" in str(caught.value)
    assert "سطر 2، ستون parent_code" in capsys.readouterr().err


def test_the_command_prints_its_figures(capsys, tmp_path):
    file = tmp_path / "units.csv"
    file.write_text(SMALL)

    call_command("importunits", file)

    assert capsys.readouterr().out.split() == [
        "created=3", "renamed=0", "moved=0", "retired=0", "reinstated=0", "unchanged=0",
        "kinds=0", "attributes=0",
    ]  # fmt: skip


def test_a_coordinator_imports_only_below_what_they_coordinate(cast):
    text = (HEADER + "KHB-N,واحد نو,office,\n").encode()

    import_units(data=text, by=cast.laleh, under=cast.a)

    event = Event.objects.get(verb="create")
    assert (tree()["KHB-N"], event.person) == ("KHB", cast.laleh)


def test_a_head_imports_nothing(cast):

    with pytest.raises(Forbidden):
        import_units(data=SMALL.encode(), by=cast.reza, under=cast.a)


def test_a_coordinator_does_not_reach_outside_through_a_file(cast):
    from tests.factories import make_membership, make_person
    from units.enums import Role

    local = make_person("local")
    make_membership(local, cast.a, Role.COORDINATOR)
    text = HEADER + f"TGZ,{cast.b.name},directorate,\n"

    with pytest.raises(FileRefused) as caught:
        import_units(data=text.encode(), by=local, under=cast.a)

    assert caught.value.problems[0].column == "code"
    assert tree()["TGZ"] == "ORG"


def test_rows_keep_their_place():
    rows = read_units(SMALL.encode())

    assert [(row.number, row.code) for row in rows.rows] == [(2, "ORG"), (3, "KHB"), (4, "KHB-IMN")]


def test_a_problem_of_the_whole_file_names_no_row():
    assert str(FileProblem(0, "", "x")) == "x"


def test_five_thousand_units_come_in_each_with_its_event():
    rows = [f"R{i},ریشه {i},office," for i in range(50)]
    rows += [f"U{i},واحد {i},department,R{i % 50}" for i in range(4950)]

    outcome = bring(HEADER + "\n".join(rows))

    assert outcome.created == 5000
    assert Event.objects.count() == 5000
