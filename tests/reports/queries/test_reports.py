"""How a report stood to its deadline stays what it was, through announcing, finality and whatever else becomes of it."""

import pytest

from reports.actions.calls import cancel_call, excuse_unit, extend_unit
from reports.actions.closing import record_closings, record_final_results
from reports.actions.results import announce_result
from reports.actions.review import hand_in_review
from reports.actions.submission import recall_submission, submit_report
from reports.enums import ReportStatus, Timeliness
from reports.models import Report
from reports.queries import reports_at
from reports.queries.calls import numbers_of
from reports.queries.reports import timeliness_of
from reports.rules.exports import REPORTS_CSV
from sajad_portal.lib.clock import database_now
from tests.calls import at_closing, fill, report_of, submitted_report
from tests.exports import made, read
from tests.factories import make_unit
from tests.oversight import get
from tests.reviews import assign, review_of, verify_all
from units.models import Event


def stood(call, unit) -> str:
    return Report.objects.with_timeliness(database_now()).get(call=call, unit=unit).timeliness


def settle(cast, call, clock) -> None:
    """Announce what can be announced and let it become final, as each sweep would."""
    for unit in (cast.a, cast.b):
        report = report_of(call, unit)
        if report.submitted_at is None:
            announce_result(report=report, by=cast.laleh)
    if report_of(call, cast.a).submitted_at:
        assign(cast, call)
        review = review_of(report_of(call, cast.a), cast.omid)
        verify_all(review)
        hand_in_review(review=review, by=cast.omid)
        announce_result(report=review.report, by=cast.laleh)
    clock.move(days=40)
    record_final_results()


@pytest.mark.parametrize(
    ("hours", "extended", "expected"),
    [(-1, False, "on_time"), (0.2, False, "in_grace"), (3, True, "extended"), (5.2, True, "in_grace")],
)
def test_what_came_stands_as_it_came_for_ever(cast, call, clock, hours, extended, expected):
    report = fill(report_of(call, cast.a), cast.sara)
    if extended:
        extend_unit(report=report, until=at_closing(call, hours=5), by=cast.laleh, reason="سیل")
    assert stood(call, cast.a) == ""
    clock.move_to(at_closing(call, hours=hours))
    submit_report(report=report, by=cast.reza)
    assert stood(call, cast.a) == expected
    clock.move_to(at_closing(call, hours=9))
    record_closings()
    settle(cast, call, clock)
    assert reports_at(database_now()).get(pk=report.pk).status == ReportStatus.FINAL
    assert stood(call, cast.a) == expected
    assert timeliness_of(report, database_now()) == Timeliness(expected)


def test_a_submission_taken_back_has_not_come_until_the_deadline_makes_it_count(cast, call, clock):
    report, _revision = submitted_report(cast, call)
    recall_submission(report=report, by=cast.reza)
    assert stood(call, cast.a) == ""
    numbers = numbers_of([call], cast.laleh, database_now())[call.pk]
    assert (numbers.asked, numbers.submitted, numbers.waiting, numbers.missed) == (2, 0, 2, 0)

    clock.move_to(at_closing(call, hours=1))
    assert stood(call, cast.a) == "on_time"
    numbers = numbers_of([call], cast.laleh, database_now())[call.pk]
    assert (numbers.asked, numbers.submitted, numbers.waiting, numbers.missed) == (2, 1, 0, 1)


def test_excused_and_cancelled_reports(cast, call, clock):
    excuse_unit(report=report_of(call, cast.a), by=cast.laleh, reason="ادغام")
    assert stood(call, cast.a) == "excused"
    cancel_call(call=call, by=cast.laleh, reason="خطا در فرم")
    clock.move_to(at_closing(call, hours=1))
    assert (stood(call, cast.a), stood(call, cast.b)) == ("excused", "")


# ------------------------------------------------------------------------ a missed deadline, before and after its result
@pytest.fixture(params=["closed", "announced", "final"])
def over(request, cast, call, clock):
    """A call that A answered on time and B missed: just closed, with results, and with final ones."""
    submitted_report(cast, call)
    clock.move_to(at_closing(call, hours=1))
    record_closings()
    if request.param != "closed":
        announce_result(report=report_of(call, cast.b), by=cast.laleh)
    if request.param == "final":
        settle(cast, call, clock)
    return call


def units_of(rows) -> set:
    return {row["report"].unit_name for row in rows}


def test_every_list_finds_it(cast, over, client_for):
    laleh = client_for(cast.laleh)
    for address in ({"status": "missed"}, {"deadline": "missed"}, {"status": "missed", "call": over.pk}):
        assert units_of(get(laleh, "reports:reports", **address).context["rows"]) == {cast.b.name}
    page = get(laleh, "reports:reports", call=over.pk)
    counts = {choice["value"]: choice["count"] for choice in page.context["listing"].pills[0].choices}
    assert (counts[""], counts["missed"]) == (2, 1)
    assert "مهلت گذشته" in page.content.decode()
    assert units_of(get(laleh, "reports:reports", deadline="on_time").context["rows"]) == {cast.a.name}

    found = get(laleh, "reports:call", over.pk, status="missed").context["rows"]
    assert [(report.unit, timing) for report, timing in found] == [(cast.b, Timeliness.MISSED)]


def test_the_numbers_of_the_call_and_its_progress_count_it(cast, over, client_for):
    laleh = client_for(cast.laleh)
    numbers = get(laleh, "reports:call", over.pk).context["numbers"]
    assert (numbers.asked, numbers.submitted, numbers.missed, numbers.started) == (2, 1, 1, 1)
    tile = next(t for t in get(laleh, "reports:call", over.pk).context["tiles"] if t["label"] == "مهلت گذشته")
    assert (tile["value"], tile["url"]) == (1, f"/calls/{over.pk}/?status=missed#reports")

    branch = get(laleh, "reports:call_progress", over.pk).context["branch"]
    assert branch.here.numbers.timings == {"on_time": 1, "missed": 1}
    rows = get(laleh, "reports:progress_sections", over.pk).context["rows"]
    cells = {row.report.unit: {cell.state for cell in row.cells} for row in rows}
    assert cells[cast.b] == {"missed"}
    assert "missed" not in cells[cast.a]


def test_the_closing_record_names_it(cast, over, client_for):
    words = "۱ ارسال‌شده، ۱ ارسال‌نشده، ۰ هنوز باز"
    assert words in get(client_for(cast.laleh), "reports:call_history", over.pk).content.decode()


def test_a_closing_recorded_without_its_figures_is_told_from_its_snapshot(cast, over, client_for, monkeypatch):
    event = Event.objects.get(noun="call", verb="close", key=str(over.pk))
    bare = {key: value for key, value in event.data.items() if key in ("as_of", "submitted")}
    read_event = Event.from_db.__func__

    def as_it_was(cls, db, names, values):
        row = read_event(cls, db, names, values)
        if row.pk == event.pk:
            row.data = dict(bare)
        return row

    monkeypatch.setattr(Event, "from_db", classmethod(as_it_was))
    page = get(client_for(cast.laleh), "reports:call_history", over.pk).content.decode()
    assert "۱ ارسال‌شده، ۱ ارسال‌نشده، ۰ هنوز باز" in page


def test_desk_report_tracking_oversight_and_files_say_it(cast, over, client_for, client):
    report = report_of(over, cast.b)
    past = get(client_for(cast.kamran), "reports:desk").context["unit"].past
    assert [row["timing"] for row in past if row["report"].pk == report.pk] == [Timeliness.MISSED]
    assert get(client_for(cast.kamran), "reports:report", report.tracking_code).context["timing"] == Timeliness.MISSED
    steps = get(client, "reports:track", code=report.tracking_code).context["found"].steps
    assert [(step.icon, step.at) for step in steps if step.icon == "s-missed"] == [
        ("s-missed", at_closing(over, minutes=30))
    ]

    nader = client_for(cast.nader)
    counts = {value: n for value, _word, n in get(nader, "reports:oversight").context["deadlines"]}
    assert counts == {"on_time": 1, "extended": 0, "in_grace": 0, "missed": 1, "excused": 0}
    lines = get(nader, "reports:oversight_list", "deadlines", deadline="missed").context["lines"]
    assert [line.values[0] for line in lines] == [cast.b.name]

    for parameters in ({"call": over.pk}, {"list": True}):
        rows = read(made(cast.laleh, REPORTS_CSV, **parameters))
        assert {row["unit_code"]: row["standing"] for row in rows} == {"KHB": "on_time", "TGZ": "missed"}
    for key in ("status", "deadline"):
        assert [row["unit_code"] for row in read(made(cast.laleh, REPORTS_CSV, list=True, **{key: "missed"}))] == [
            "TGZ"
        ]


def test_a_bar_that_shows_those_without_a_result_leads_to_just_those(cast, call, clock, client_for):
    from reports.actions.calls import ask_unit

    third = make_unit("THD", "واحد سوم", parent=cast.provider)
    ask_unit(call=call, unit=third, by=cast.laleh, reason="از قلم افتاده")
    clock.move_to(at_closing(call, hours=1))
    announce_result(report=report_of(call, cast.b), by=cast.laleh)
    laleh = client_for(cast.laleh)
    page = get(laleh, "reports:call", call.pk)
    assert (page.context["numbers"].missed, page.context["numbers"].states["missed"]) == (3, 2)
    assert "?status=missed_waiting" in page.content.decode()
    waiting = get(laleh, "reports:call", call.pk, status="missed_waiting").context["rows"]
    assert {report.unit for report, _timing in waiting} == {cast.a, third}
