"""The draft by the interface: the verbs of the pages, whole or not at all, and what two writers do to each other."""

import pytest

from reports.actions.drafts import save_section
from reports.enums import ReportVerb
from reports.models import DraftSection, Revision
from tests.calls import ANSWERS, fill, published_call, report_of
from tests.clients import Program, make_program
from tests.reports.api.test_door import code
from units.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_call(cast):
    return published_call(cast, needs_sign_off=False)


@pytest.fixture
def program(cast, open_call) -> Program:
    return make_program(cast, open_call.service, cast.sara)


@pytest.fixture
def report(cast, open_call):
    return report_of(open_call, cast.a)


def write(program: Program, report, section: str, answers: dict, tag: str = '"0"', **headers):
    path = f"reports/{report.tracking_code}/draft/{section}"
    return program.ask("PATCH", path, {"answers": answers}, If_Match=tag, **headers)


def stored(report, section: str = "housing") -> dict:
    row = DraftSection.objects.filter(report=report, section=section).first()
    return {name: cell["v"] for name, cell in row.answers.items()} if row else {}


def test_a_section_is_written_as_on_the_page_and_recorded_for_both(program, report, cast):
    answer = write(program, report, "housing", {"housed": 80, "eligible": "۱۰۰", "waiting_days": 7.5})

    assert (answer.status_code, answer["ETag"]) == (200, '"1"')
    assert answer.json()["answers"] == {"housed": "80", "eligible": "100", "waiting_days": "7.5"}
    event = Event.objects.filter(verb=ReportVerb.DRAFT).latest("id")
    assert (event.person, event.membership.unit, event.data["client"]["name"]) == (
        cast.sara,
        cast.a,
        program.client.name,
    )
    assert event.who == f"{cast.sara}، از راه برنامهٔ {program.client.name}"


def test_a_change_without_its_version_or_on_an_old_one_stores_nothing(program, report, cast):
    path = f"reports/{report.tracking_code}/draft/housing"
    assert code(program.ask("PATCH", path, {"answers": {"housed": 80}})) == (428, "no-if-match")
    save_section(report=report, section="housing", base_version=0, changes={"housed": "70"}, by=cast.reza)

    assert code(write(program, report, "housing", {"housed": 80})) == (412, "changed")
    assert stored(report)["housed"] == "70"
    assert write(program, report, "housing", {"housed": 80}, program.get(path)["ETag"]).status_code == 200


def test_what_cannot_be_read_is_named_field_by_field_and_nothing_is_stored(program, report):
    answer = write(program, report, "housing", {"housed": "many", "eligible": 100})

    assert code(answer) == (422, "bad-values")
    assert [each["name"] for each in answer.json()["errors"]] == ["housed"]
    assert stored(report) == {}
    assert code(write(program, report, "housing", {"events": 4})) == (422, "unknown-field")
    assert code(write(program, report, "sheep", {"events": 4})) == (404, "not-found")


def test_the_sentence_of_a_refusal_is_the_pages(program, report, cast, clock):
    clock.move(days=4)

    answer = write(program, report, "housing", {"housed": 80}, Accept_Language="en")

    assert code(answer) == (409, "closed")
    assert answer.json()["detail"].startswith("The call has closed and nothing more is stored.")


def test_what_is_missing_is_told_and_a_complete_draft_is_submitted_once(program, report, cast):
    path = f"reports/{report.tracking_code}"
    missing = program.get(f"{path}/validation").json()
    assert (missing["complete"], missing["problems"][0]["kind"]) == (False, "missing")
    fill(report, cast.sara)
    whole = program.get(f"{path}/draft")
    assert {each["section"]: each["answers"] for each in whole.json()["sections"]}["housing"] == ANSWERS["housing"]

    assert code(program.ask("POST", f"{path}/submit")) == (428, "no-if-match")
    assert code(program.ask("POST", f"{path}/submit", If_Match='"0"')) == (412, "changed")
    first = program.ask("POST", f"{path}/submit", If_Match=whole["ETag"])
    second = program.ask("POST", f"{path}/submit", If_Match=whole["ETag"])

    assert first.status_code == 200
    assert first.json() == second.json() == program.get(f"{path}/receipts").json()[0]
    assert Revision.objects.get(report=report).submitted_by == cast.sara


def test_where_the_head_signs_a_program_only_asks_for_the_signature(cast):
    call = published_call(cast)
    report = fill(report_of(call, cast.a), cast.sara)
    expert, head = make_program(cast, call.service, cast.sara), make_program(cast, call.service, cast.reza)
    path = f"reports/{report.tracking_code}"
    tag = expert.get(f"{path}/draft")["ETag"]

    for program in (expert, head):
        assert code(program.ask("POST", f"{path}/submit", If_Match=tag)) == (409, "signature-needed")
    asked = expert.ask("POST", f"{path}/sign-off", {"note": "آماده است"})

    assert asked.json()["round"] == 1
    assert report.sign_offs.get().requested_by == cast.sara


def test_a_draft_is_its_units_own_and_a_try_is_recorded(cast, open_call, report):
    program = make_program(cast, open_call.service, cast.laleh)

    for method, path in (("GET", "draft"), ("GET", "draft/housing"), ("GET", "validation"), ("POST", "submit")):
        assert code(program.ask(method, f"reports/{report.tracking_code}/{path}", If_Match='"0"')) == (403, "forbidden")
    assert write(program, report, "housing", {"housed": 1}).status_code == 403
    assert Event.objects.filter(verb=ReportVerb.TRY_DRAFT).get().person == cast.laleh


def test_a_strangers_program_does_not_find_the_report(cast, open_call, report):
    program = make_program(cast, open_call.service, cast.mina)

    for path in ("", "/draft", "/draft/housing", "/validation", "/receipts", "/results", "/letter.pdf"):
        assert code(program.get(f"reports/{report.tracking_code}{path}")) == (404, "not-found")


# ------------------------------------------------------------------------------------------------- asked twice
def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(program, report):
    first = write(program, report, "housing", {"housed": 80}, Idempotency_Key="once")
    second = write(program, report, "housing", {"housed": 80}, Idempotency_Key="once")

    assert (first.status_code, second.content, second["ETag"]) == (200, first.content, first["ETag"])
    assert second["Idempotent-Replayed"] == "true"
    assert Event.objects.filter(verb=ReportVerb.DRAFT).count() == 1


def test_the_key_on_another_request_is_refused(program, report):
    write(program, report, "housing", {"housed": 80}, Idempotency_Key="once")

    assert code(write(program, report, "housing", {"housed": 81}, Idempotency_Key="once")) == (422, "key-used")


def test_after_a_day_the_key_is_free_again(program, report, clock):
    write(program, report, "housing", {"housed": 80}, Idempotency_Key="once")
    clock.move(hours=24, seconds=1)

    again = write(program, report, "housing", {"housed": 81}, '"1"', Idempotency_Key="once")

    assert (again.status_code, stored(report)["housed"]) == (200, "81")
