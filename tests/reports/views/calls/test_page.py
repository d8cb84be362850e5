"""A call's own page: what it counts and lists, its history and snapshots."""

from datetime import timedelta

import pytest

from reports.actions.calls import extend_unit, publish_call
from reports.actions.closing import record_closings
from tests.calls import make_call, published_call, report_of, submitted_report

REASON = "قطعی شبکه در سه استان"


def shown(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


# ------------------------------------------------------------------------------------------------- the numbers
def test_the_page_counts_what_matters(cast, laleh):
    call = published_call(cast)
    submitted_report(cast, call)

    numbers = laleh.get(f"/calls/{call.pk}/").context["numbers"]

    assert (numbers.asked, numbers.submitted, numbers.on_time, numbers.in_grace, numbers.waiting) == (2, 1, 1, 0, 1)
    assert numbers.states == {"submitted": 1, "not_started": 1}


@pytest.mark.parametrize(
    ("query", "units"),
    [("", "ab"), ("?status=submitted", "a"), ("?status=waiting", "b"), ("?status=on_time", "a"), ("?q=تغذيه", "b"),
     ("?status=started", "a"), ("?status=nonsense", "ab"), ("?q=خوابگاهها", "a")],
)  # fmt: skip
def test_the_reports_are_narrowed_by_state_and_words(cast, laleh, query, units):
    call = published_call(cast)
    submitted_report(cast, call)

    rows = laleh.get(f"/calls/{call.pk}/{query}").context["rows"]

    assert {report.unit for report, _standing in rows} == {getattr(cast, name) for name in units}


def test_a_call_asks_as_much_of_the_database_for_three_reports_as_for_one(cast, laleh, django_assert_num_queries):
    one = publish_call(call=make_call(cast, audience={"units": [cast.a.pk]}), by=cast.laleh)
    three = publish_call(
        call=make_call(
            cast, service=one.agreement.service, audience={"units": [cast.a.pk, cast.b.pk, cast.a_child.pk]}
        ),
        by=cast.laleh,
    )
    for page, count in {"": 13, "audience/": 9, "history/": 7}.items():
        with django_assert_num_queries(count, info=page):
            laleh.get(f"/calls/{one.pk}/{page}")
        with django_assert_num_queries(count, info=page):
            laleh.get(f"/calls/{three.pk}/{page}")


def test_the_list_asks_as_much_of_the_database_for_three_calls_as_for_one(cast, laleh, django_assert_num_queries):
    call = published_call(cast)
    laleh.get("/calls/")
    with django_assert_num_queries(9):
        laleh.get("/calls/")

    for title in ("دوم", "سوم"):
        publish_call(call=make_call(cast, service=call.agreement.service, title=title), by=cast.laleh)

    with django_assert_num_queries(9):
        laleh.get("/calls/")


def test_the_list_is_narrowed_by_phase_and_words(cast, laleh):
    call = published_call(cast, title="فراخوان نخست")
    make_call(cast, service=call.agreement.service, title="فراخوان دوم")

    assert [row["call"].title for row in laleh.get("/calls/?phase=draft").context["rows"]] == ["فراخوان دوم"]
    assert [row["call"].title for row in laleh.get("/calls/?q=نخست").context["rows"]] == ["فراخوان نخست"]
    assert [row["call"].title for row in laleh.get("/calls/?q=نخست فراخوان").context["rows"]] == ["فراخوان نخست"]
    assert laleh.get("/calls/?phase=nonsense").context["listing"].narrowings == []


@pytest.mark.parametrize("words", ["سه‌ماههٔ", "سه‌ماهه", "سهماهه", "سه ماهه", "1405", "١٤٠٥", "1405-q2 ارزیابى"])
def test_calls_are_found_in_any_spelling(cast, laleh, words):
    call = published_call(cast, title="ارزیابی سه‌ماههٔ دوم ۱۴۰۵")
    make_call(cast, service=call.agreement.service, title="دیگر", period_code="1404-Q1")

    assert [row["call"].title for row in laleh.get("/calls/", {"q": words}).context["rows"]] == [call.title]


# ------------------------------------------------------------------------------------------- history, snapshots
def test_the_history_tells_what_was_done_with_its_reason(cast, laleh, client_for):
    call = published_call(cast)
    laleh.post(
        f"/calls/{call.pk}/units/excuse/",
        {"report": report_of(call, cast.b).tracking_code, "reason": REASON, "step": "confirmed"},
    )

    assert REASON in shown(laleh.get(f"/calls/{call.pk}/history/"))
    assert cast.b.name not in shown(client_for(cast.sara).get(f"/calls/{call.pk}/history/"))


def test_the_snapshot_names_who_was_missing_at_closing(cast, laleh, clock):
    call = published_call(cast)
    submitted_report(cast, call)
    assert laleh.get(f"/calls/{call.pk}/snapshots/").context["shown"] is None

    clock.move_to(call.closes_at + call.grace + timedelta(seconds=1))
    record_closings()

    answer = laleh.get(f"/calls/{call.pk}/snapshots/")
    assert [report.unit for report in answer.context["rows"]] == [cast.b]
    assert len(answer.context["shown"].submitted) == 1


@pytest.fixture
def closed(cast, clock):
    """A call that closed without a report of A, B and A's office; A had an extension."""
    call = published_call(cast, audience={"units": [cast.a.pk, cast.b.pk, cast.a_child.pk]})
    extend_unit(report=report_of(call, cast.a), until=call.closes_at + timedelta(days=5), by=cast.laleh, reason=REASON)
    clock.move_to(call.closes_at + call.grace + timedelta(seconds=1))
    record_closings()
    return call


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("", ["KHB-IMN", "TGZ", "KHB"]),
        ("?sort=-unit", ["KHB", "TGZ", "KHB-IMN"]),
        ("?then=open", ["KHB"]),
        ("?then=missed", ["KHB-IMN", "TGZ"]),
        ("?then=nonsense", ["KHB-IMN", "TGZ", "KHB"]),
        ("?q=بهسازي", ["KHB-IMN"]),
    ],
)
def test_the_missing_of_a_snapshot_are_searched_sorted_and_narrowed(laleh, closed, query, units):
    answer = laleh.get(f"/calls/{closed.pk}/snapshots/{query}")
    assert [report.unit.code for report in answer.context["rows"]] == units


def test_the_missing_of_a_snapshot_come_in_pages(laleh, closed, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("reports.views.calls.page.SIZE", 2)
    address, seen = "?number=1", []
    laleh.get("/account/")  # the first page after a while writes down that the session is in use
    while address:
        with django_assert_num_queries(8):
            page = laleh.get(f"/calls/{closed.pk}/snapshots/{address}").context["listing"].pages
        seen, address = [*seen, *(report.unit.code for report in page)], page.next
    assert seen == ["KHB-IMN", "TGZ", "KHB"]
    assert laleh.get(f"/calls/{closed.pk}/snapshots/?number=1&q=x").context["listing"].whole == "?number=1"
