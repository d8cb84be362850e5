"""The first day out of a file: the same verbs, all or nothing, again without change, wrong lines by their number."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reports.actions.setup import set_up
from reports.files.setup import read_setup
from reports.invariants import broken
from reports.models import Call, FormVersion, Report
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.tables import FileRefused
from sla.models import Service
from tests.calls import PDF
from tests.factories import make_person
from units.actions.memberships import accept_seat
from units.models import Event, Membership, Organisation, Person, Unit, UnitAttribute, UnitKind

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).parents[3] / "deploy" / "setup.sample.yaml"


@pytest.fixture
def admin():
    return make_person("admin", is_superuser=True, is_staff=True)


@pytest.fixture
def folder(tmp_path) -> Path:
    """The shipped sample beside the files that it names, its call opening today."""
    day = format_date(tehran_date(database_now()), "numeric", "en")
    text = SAMPLE.read_text().replace("opens: 1405/10/01", f"opens: {day}")
    text = text.replace("closes: 1405/10/30", "closes: 1420/10/30").replace("review_until: 1405/12/15", "review_until: 1421/01/15")  # fmt: skip
    (tmp_path / "setup.yaml").write_text(text)
    (tmp_path / "units.sample.csv").write_text((SAMPLE.parent / "units.sample.csv").read_text())
    for slot in ("workflow", "directive", "bylaw"):
        (tmp_path / f"{slot}.sample.pdf").write_bytes(PDF + slot.encode())
    return tmp_path


def run(folder: Path, by: Person, name: str = "setup.yaml"):
    return set_up(plan=read_setup((folder / name).read_bytes()), by=by, folder=folder)


def accept_seats() -> None:
    for seat in Membership.objects.filter(accepted_at=None):
        accept_seat(membership=seat, by=seat.person)


def test_a_first_run_goes_as_far_as_an_administrator_can_and_says_what_waits(admin, folder):
    outcome = run(folder, admin)

    assert Organisation.objects.get().portal_name == "سنجه"
    assert sorted(Unit.objects.values_list("code", flat=True)) == ["DORM", "FOOD", "ORG"]
    assert Service.objects.get().provider.code == "ORG"
    assert [name for name, _link in outcome.links] == ["laleh", "omid"]
    assert len(outcome.waiting) == 1
    assert not Call.objects.exists()
    assert not Membership.objects.filter(accepted_at__isnull=False).exists()


def test_once_the_coordinator_has_accepted_the_same_file_leads_to_the_first_call(admin, folder):
    run(folder, admin)
    accept_seats()
    outcome = run(folder, admin)

    assert outcome.waiting == []
    assert Call.objects.get().published_by.username == "laleh"
    assert Report.objects.count() == 3 - 1 + Unit.objects.filter(code="ORG").count()
    assert list(broken()) == []


def test_a_further_run_changes_nothing(admin, folder):
    run(folder, admin)
    accept_seats()
    run(folder, admin)
    events, forms = Event.objects.count(), FormVersion.objects.count()
    outcome = run(folder, admin)

    assert (outcome.done, outcome.links, outcome.waiting) == ([], [], [])
    assert (Event.objects.count(), FormVersion.objects.count()) == (events, forms)


def test_a_changed_file_changes_what_it_says(admin, folder):
    run(folder, admin)
    accept_seats()
    run(folder, admin)
    text = (folder / "setup.yaml").read_text()
    text = text.replace("portal_name: سنجه", "portal_name: سنجش").replace("periodic-report: 15", "periodic-report: 12")
    (folder / "setup.yaml").write_text(text)
    outcome = run(folder, admin)

    assert len(outcome.done) == 2
    assert Organisation.objects.get().portal_name == "سنجش"
    assert Service.objects.get().request_types.get(code="periodic-report").targets.get().working_days == 12


def test_kinds_attributes_and_peers_are_said_in_the_file(admin, folder):
    text = (folder / "setup.yaml").read_text().replace("      # peers: unit_kind", "      peers: unit_attribute:size")
    (folder / "setup.yaml").write_text(text)
    run(folder, admin)
    accept_seats()
    run(folder, admin)

    assert list(UnitKind.objects.values_list("code", "name", "name_en").order_by("code")) == [
        ("department", "اداره", "Department"), ("organization", "سازمان", "Organization")
    ]  # fmt: skip
    size = UnitAttribute.objects.get()
    assert (size.code, size.type, size.choices) == ("size", "choice", ["کوچک", "متوسط", "بزرگ"])
    assert Call.objects.get().peers == "unit_attribute:size"
    (folder / "setup.yaml").write_text(text.replace("name: اندازه, choices", "name: اندازهٔ واحد, choices"))
    run(folder, admin)
    assert UnitAttribute.objects.get().name == "اندازهٔ واحد"


@pytest.mark.parametrize(
    ("changed", "to", "where"),
    [
        ("      # peers: unit_kind", "      peers: everybody", "peers:"),
        ("      # peers: unit_kind", "      peers: unit_attribute:", "peers:"),
        ("      # peers: unit_kind", "      peers: unit_attribute:colour", "title: ارزیابی عملکرد، نیمهٔ"),
        ("choices: [کوچک, متوسط, بزرگ]", "type: choice", "code: size"),
        ("choices: [کوچک, متوسط, بزرگ]", "type: colour", "code: size"),
    ],
)
def test_peers_and_attributes_that_cannot_be_are_told_at_their_line(admin, folder, changed, to, where):
    run(folder, admin)
    accept_seats()
    text = (folder / "setup.yaml").read_text().replace(changed, to)
    (folder / "setup.yaml").write_text(text)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if where in row)
    with pytest.raises(FileRefused) as refused:
        run(folder, admin)

    assert [problem.row for problem in refused.value.problems] == [line]
    assert not Call.objects.exists()


def test_where_a_verb_says_no_nothing_is_stored_and_the_line_is_named(admin, folder):
    text = (folder / "setup.yaml").read_text().replace("provider: ORG", "provider: NOWHERE")
    (folder / "setup.yaml").write_text(text)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "slug: performance" in row)
    with pytest.raises(FileRefused) as refused:
        run(folder, admin)

    assert [problem.row for problem in refused.value.problems] == [line]
    assert (Organisation.objects.count(), Unit.objects.count(), Person.objects.count()) == (0, 0, 1)


def test_every_wrong_line_is_named_at_once():
    text = (
        "organisation:\n  name: سازمان\n  colour: red\ncalendar:\n  weekend: [caturday]\n  hours: [8]\n"
        "people:\n  - username: x\n    seats: [{unit: A, role: king}]\nservices:\n  - slug: s\n    call: {}\n"
    )
    with pytest.raises(FileRefused) as refused:
        read_setup(text.encode())

    assert {problem.row for problem in refused.value.problems} == {2, 3, 5, 6, 8, 9, 11, 12}


@pytest.mark.parametrize(
    ("text", "row"),
    [("a: [", 1), ("a: &x 1\nb: *x\n", 2), ("", 0), ("organisation: {name: a\n\tb}", 2), ("- 1\n", 1)],
    ids=["broken", "reference", "empty", "tab", "list"],
)
def test_what_is_no_such_file_is_refused(text, row):
    with pytest.raises(FileRefused) as refused:
        read_setup(text.encode())

    assert refused.value.problems[0].row == row


def test_only_an_administrator_sets_up(folder):
    with pytest.raises(Forbidden):
        run(folder, make_person("somebody"))


def test_the_command_tells_links_problems_and_what_waits(admin, folder, capsys):
    call_command("setup", folder / "setup.yaml", language="en")
    said = capsys.readouterr().out
    (folder / "bad.yaml").write_text("organisation:\n  nme: x\n")
    with pytest.raises(CommandError) as failed:
        call_command("setup", folder / "bad.yaml", language="en")

    assert "Hand over to laleh: http" in said
    assert "the rest waits until laleh has accepted" in said
    assert failed.value.returncode == 2
    assert "bad.yaml:2:" in capsys.readouterr().err


def test_people_may_stand_in_a_table_and_its_wrong_rows_are_told_at_its_line(admin, folder):
    text = (folder / "setup.yaml").read_text()
    head, _people, tail = text.partition("people:\n  - username: laleh")
    table = f"{head}people: people.csv\n\n# rest\nservices:{tail.partition('services:')[2]}"
    (folder / "table.yaml").write_text(table)
    rows = "unit,role,username,first_name,last_name,email\nORG,coordinator,laleh,لاله,حسینی,\nDORM,head,reza,رضا,کریمی,r@example.ir\n"
    (folder / "people.csv").write_text(rows.replace("DORM", "NONE"))
    with pytest.raises(FileRefused) as refused:
        run(folder, admin, "table.yaml")
    assert [p.row for p in refused.value.problems] == [table[: table.index("\npeople: people.csv")].count("\n") + 2]
    assert not Unit.objects.exists()
    (folder / "people.csv").write_text(rows)

    outcome = run(folder, admin, "table.yaml")

    assert [name for name, _link in outcome.links] == ["laleh"]
    accept_seats()
    run(folder, admin, "table.yaml")
    assert run(folder, admin, "table.yaml").done == []
