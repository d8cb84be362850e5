"""The list of reports: narrowed, sorted, in pages, and as quick over ten years of calls as over one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.actions.calls import cancel_call, excuse_unit
from reports.actions.objections import contest_result
from reports.enums import ReportStatus
from reports.models import Report
from reports.queries import reports_at
from reports.queries.reports import of_status, reports_listed
from sajad_portal.lib.clock import database_now
from tests.calls import published_call, report_of, submitted_report
from tests.factories import make_unit
from tests.reviews import announced_report, assign

pytestmark = pytest.mark.django_db


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


def shown(client, address: str = "") -> list[Report]:
    return [row["report"] for row in client.get(f"/reports/{address}").context["rows"]]


def names(client, address: str = "") -> list[str]:
    return [report.unit_name for report in shown(client, address)]


# -------------------------------------------------------------------------------------------------------- the order
def test_the_newest_call_stands_first_and_in_it_the_units_in_persian_order(cast, laleh):
    older = published_call(cast)
    units = [make_unit(name=name, parent=cast.provider) for name in ("گیلان", "پارس", "چابهار", "اراک")]
    newer = published_call(cast, service=older.agreement.service, audience={"units": [unit.pk for unit in units]})

    assert names(laleh)[:4] == ["اراک", "پارس", "چابهار", "گیلان"]
    assert {report.call for report in shown(laleh)[4:]} == {older}
    assert names(laleh, f"?call={newer.pk}&sort=-unit") == ["گیلان", "چابهار", "پارس", "اراک"]


def test_the_name_and_its_order_are_those_of_the_day_of_the_call(cast, laleh):
    call = published_call(cast)
    was = shown(laleh)
    first = was[0].unit
    first.name = "یزد"
    first.save()
    assert shown(laleh, f"?call={call.pk}") == was


def test_one_call_is_sorted_by_submission_with_the_missing_last(cast, laleh):
    call = published_call(cast)
    report, _revision = submitted_report(cast, call)
    for sort in ("submitted", "-submitted"):
        assert shown(laleh, f"?call={call.pk}&sort={sort}")[0] == report


def test_all_calls_are_not_sorted_by_what_no_index_holds(cast, laleh):
    published_call(cast)
    heads = {head.key: head.url for head in laleh.get("/reports/?cols=submitted").context["listing"].heads}
    assert heads["submitted"] == ""


# -------------------------------------------------------------------------------------------------------- narrowing
@pytest.mark.parametrize(
    ("address", "units"),
    [("?q=خوابگاهها", "a"), ("?q=تغذيه", "b"), ("?status=submitted", "a"), ("?status=not_started", "b"),
     ("?status=nonsense", "ab"), ("?call=0", "ab"), ("?call=%00", "ab"), ("?period=nonsense", "ab"),
     ("?period=1405-Q2", "ab"), ("?q=خوابگاه&status=not_started", "")],
)  # fmt: skip
def test_the_list_is_narrowed_by_what_it_offers_and_the_rest_is_passed_over(cast, laleh, address, units):
    submitted_report(cast, published_call(cast))
    assert {report.unit for report in shown(laleh, address)} == {getattr(cast, name) for name in units}


@pytest.mark.parametrize(
    "address", ["?period=nonsense", "?period=1399-Q1", "?call=0", "?status=nonsense", "?sort=x&cols=x"]
)
def test_what_is_passed_over_is_not_said_to_narrow_the_list(cast, laleh, address):
    published_call(cast)
    listing = laleh.get(f"/reports/{address}").context["listing"]
    assert (listing.narrowed, listing.narrowings) == (False, [])


def test_a_call_that_is_long_over_can_still_be_asked_for(cast, laleh, monkeypatch):
    old = published_call(cast)
    published_call(cast, service=old.agreement.service, period_starts=old.period_ends + timedelta(days=1), period_ends=old.period_ends + timedelta(days=90))  # fmt: skip
    monkeypatch.setattr("reports.views.report.list.RECENT_CALLS", 1)
    assert {report.call for report in shown(laleh, f"?call={old.pk}")} == {old}


def test_a_call_beyond_reach_is_passed_over(cast, client_for):
    mine = published_call(cast, audience={"units": [cast.b.pk]})
    other = published_call(cast, service=mine.agreement.service, audience={"units": [cast.a.pk]})
    assert [report.call for report in shown(client_for(cast.kamran), f"?call={other.pk}")] == [mine]


def test_statuses_are_counted_within_one_call_only(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)
    pills = {f.key: {c["value"]: c["count"] for c in f.choices} for f in laleh.get(f"/reports/?call={call.pk}").context["listing"].pills}  # fmt: skip
    assert pills["status"] == {"": 2, "not_started": 1, "submitted": 1}
    assert laleh.get("/reports/").context["listing"].pills == []


def test_each_status_finds_the_reports_that_have_it(cast, clock):
    """What is said of the stored columns besides leaves nobody out, at any time."""
    calls = [published_call(cast)]
    for _n in range(3):
        calls.append(published_call(cast, service=calls[0].agreement.service))
    for call in calls[:2]:
        assign(cast, call)
        report, _version = announced_report(cast, call)
    contest_result(report=report, text="دلیل ما در پیوست است.", by=cast.reza)
    excuse_unit(report=report_of(calls[2], cast.b), by=cast.laleh, reason="ادغام شده است")
    submitted_report(cast, calls[2])
    cancel_call(call=calls[3], by=cast.laleh, reason="بودجه تأمین نشد")
    met = set()
    for days in (0, 4, 40, 100):
        clock.move(days=days)
        at = database_now()
        of = {status: set() for status in ReportStatus}
        for report in reports_at(at):
            of[ReportStatus(report.status)].add(report.pk)
        for status in ReportStatus:
            assert {r.pk for r in of_status(reports_listed(at), status)} == of[status], (days, status)
        met |= {status for status in ReportStatus if of[status]}
    assert met >= {"final", "announced", "contested", "submitted", "excused", "cancelled", "missed", "not_started"}


# ------------------------------------------------------------------------------------------------------------ speed
@pytest.mark.parametrize("how", [str.lower, lambda code: code.replace("-", " "), lambda code: code[7:16]])
def test_a_report_is_found_by_its_tracking_code(cast, client_for, how):
    call = published_call(cast)
    report = report_of(call, cast.a)
    answer = client_for(cast.laleh).get("/reports/", {"q": how(report.tracking_code)})
    assert report.tracking_code in answer.content.decode()
    assert report_of(call, cast.b).tracking_code not in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["", "?q=واحد&status=submitted", "?sort=unit", "?call={call}", "?cols=unit&cols=code"]
)
def test_three_rows_ask_as_much_of_the_database_as_one(cast, laleh, address):
    one = published_call(cast, audience={"units": [cast.a.pk]})
    numbers = []
    for _n in range(2):
        with CaptureQueriesContext(connection) as asked:
            laleh.get(f"/reports/{address.format(call=one.pk)}")
        numbers.append(len(asked))
        published_call(cast, service=one.agreement.service)
    assert numbers[0] == numbers[1] <= 10
