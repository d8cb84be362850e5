"""More time: the head asks with a reason, the coordinator grants it, grants another date or refuses."""

from datetime import timedelta

import pytest

from reports.actions.calls import excuse_unit
from reports.actions.extensions import ask_extension, decide_extension
from reports.actions.submission import submit_report
from reports.models import ExtensionRequest, Report
from reports.queries import report_for
from reports.rules.deadlines import is_open
from sajad_portal.lib.clock import database_now, end_of_day, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import format_date
from sla.enums import Decision
from tests.calls import fill, published_call, report_of, submitted_report
from units.models import Event, Notice

REASON = "کارشناس واحد در مأموریت است."


@pytest.fixture
def call(cast):
    return published_call(cast)


def ask(cast, call, *, days: float = 5, by=None, reason: str = REASON) -> ExtensionRequest:
    until = call.closes_at + timedelta(days=days)
    return ask_extension(report=report_of(call, cast.a), until=until, reason=reason, by=by or cast.reza)


def decide(cast, asked, *, until=None, by=None, reason: str = "تا پایان هفته کافی است.") -> ExtensionRequest:
    return decide_extension(asked=asked, granted_until=until, reason=reason, by=by or cast.laleh)


# ---------------------------------------------------------------------------------------------------- asking
def test_a_head_asks_and_the_coordinators_are_told(cast, call):
    asked = ask(cast, call)

    assert (asked.report, asked.asked_by, asked.decision) == (report_of(call, cast.a), cast.reza, "")
    assert Event.objects.get(verb="ask_extension").membership == cast.membership(cast.reza)
    told = Notice.objects.filter(event__verb="ask_extension", channel="portal")
    assert [(notice.person, notice.url) for notice in told] == [(cast.laleh, f"/extensions/{asked.pk}/")]


def test_asking_opens_a_free_service_request_whose_clock_runs_until_the_decision(cast, call):
    asked = ask(cast, call)
    request = asked.request
    assert (request.request_type.kind, request.price_rials, request.unit) == ("extension", 0, cast.a)
    assert request.intervals.get().ends_at is None

    decide(cast, asked)

    request.refresh_from_db()
    assert request.stopped_at is not None
    assert request.intervals.get().ends_at is not None


@pytest.mark.parametrize("person", ["sara", "mina", "kamran", "omid", "laleh", "nader", "stranger", "admin"])
def test_only_the_head_of_the_unit_asks(cast, call, person):
    with pytest.raises(Forbidden):
        ask(cast, call, by=getattr(cast, person))

    assert not ExtensionRequest.objects.exists()


def test_the_same_click_twice_is_one_request(cast, call):
    assert ask(cast, call) == ask(cast, call)
    assert Event.objects.filter(verb="ask_extension").count() == 1


def test_a_second_request_waits_for_the_first_to_be_decided(cast, call):
    first = ask(cast, call)
    with pytest.raises(Refused) as refusal:
        ask(cast, call, days=6)
    assert refusal.value.code == "asked-already"

    decide(cast, first)

    assert ask(cast, call, days=6).pk != first.pk


def test_a_time_that_is_not_later_is_refused(cast, call):
    with pytest.raises(Refused) as refusal:
        ask(cast, call, days=0)
    assert refusal.value.code == "not-later"


def test_a_request_wants_a_reason(cast, call):
    with pytest.raises(Refused) as refusal:
        ask(cast, call, reason=" ")
    assert refusal.value.code == "no-reason"


def test_a_missed_report_can_still_ask_after_the_closing(cast, call, clock):
    clock.move_to(call.closes_at + call.grace + timedelta(hours=1))

    asked = ask(cast, call)
    decide(cast, asked, until=asked.asked_until)

    report = report_for(cast.reza, asked.report.tracking_code, database_now())
    assert (report.status, is_open(report, database_now())) == ("not_started", True)


def test_whoever_has_submitted_needs_no_more_time(cast, call):
    submitted_report(cast, call)

    with pytest.raises(Refused) as refusal:
        ask(cast, call)
    assert refusal.value.code == "not-waiting"


def test_an_excused_unit_cannot_ask(cast, call):
    excuse_unit(report=report_of(call, cast.a), by=cast.laleh, reason=REASON)

    with pytest.raises(Refused):
        ask(cast, call)


# -------------------------------------------------------------------------------------------------- deciding
def test_a_request_granted_whole_moves_the_units_deadline(cast, call):
    asked = decide(cast, asked := ask(cast, call), until=asked.asked_until)

    assert (asked.decision, asked.decided_by) == (Decision.GRANTED, cast.laleh)
    assert report_of(call, cast.a).extension_until == asked.asked_until
    assert report_of(call, cast.b).extension_until is None


def test_a_request_granted_in_part_moves_it_as_far_as_granted(cast, call):
    until = call.closes_at + timedelta(days=2)

    asked = decide(cast, ask(cast, call), until=until)

    assert (asked.decision, report_of(call, cast.a).extension_until) == (Decision.PARTLY, until)


def test_a_refusal_moves_nothing_and_is_told_with_its_reason(cast, call):
    asked = decide(cast, ask(cast, call), reason="فرصت کافی بوده است.")

    assert (asked.decision, asked.granted_until) == (Decision.REFUSED, None)
    assert report_of(call, cast.a).extension_until is None
    told = Notice.objects.filter(event__verb="decide_extension", channel="portal")
    assert {notice.person for notice in told} == {cast.sara, cast.reza}
    assert "فرصت کافی بوده است." in told[0].body


@pytest.mark.parametrize("person", ["sara", "reza", "omid", "nader", "admin"])
def test_only_a_coordinator_of_the_provider_decides(cast, call, person):
    asked = ask(cast, call)

    with pytest.raises(Forbidden):
        decide(cast, asked, by=getattr(cast, person))


def test_a_request_is_decided_once(cast, call):
    asked = ask(cast, call)
    decide(cast, asked)

    with pytest.raises(Refused) as refusal:
        decide(cast, asked, until=asked.asked_until)
    assert refusal.value.code == "decided-already"


def test_what_was_submitted_meanwhile_gets_no_more_time_and_the_request_stays_open(cast, call):
    asked = ask(cast, call)
    submit_report(report=fill(report_of(call, cast.a), cast.sara), by=cast.reza)

    with pytest.raises(Refused) as refusal:
        decide(cast, asked, until=asked.asked_until)

    asked.refresh_from_db()
    assert (refusal.value.code, asked.decided_at) == ("not-waiting", None)
    assert decide(cast, asked).decision == Decision.REFUSED


def test_a_decision_whose_event_fails_changes_nothing(cast, call, monkeypatch):
    asked = ask(cast, call)

    def broken(*args, **kwargs):
        raise RuntimeError("no event")

    monkeypatch.setattr("reports.actions.extensions.record", broken)
    with pytest.raises(RuntimeError):
        decide(cast, asked, until=asked.asked_until)

    asked.refresh_from_db()
    assert (asked.decided_at, report_of(call, cast.a).extension_until) == (None, None)


# ----------------------------------------------------------------------------------------------------- pages
def typed(at) -> str:
    return format_date(at, "numeric", "en")


def test_the_head_asks_on_the_page_and_sees_what_became_of_it(cast, call, client_for):
    page = f"/reports/{report_of(call, cast.a).tracking_code}/extension/"
    head = client_for(cast.reza)
    until = call.closes_at + timedelta(days=5)

    head.post(page, {"until": typed(until), "reason": REASON})
    asked = ExtensionRequest.objects.get()
    assert asked.asked_until == end_of_day(tehran_date(until))
    assert head.get(page).context["form"] is None

    decide(cast, asked, until=call.closes_at + timedelta(days=1), reason="یک روز کافی است.")
    assert "یک روز کافی است." in head.get(page).content.decode()


def test_the_expert_reads_the_page_and_cannot_ask(cast, call, client_for):
    page = f"/reports/{report_of(call, cast.a).tracking_code}/extension/"
    expert = client_for(cast.sara)

    assert expert.get(page).context["form"] is None
    assert expert.post(page, {"until": "1405/12/01", "reason": REASON}).status_code == 403


def test_another_units_page_is_not_there(cast, call, client_for):
    page = f"/reports/{report_of(call, cast.a).tracking_code}/extension/"

    assert client_for(cast.kamran).get(page).status_code == 404


@pytest.mark.parametrize(
    ("given", "decision"),
    [({"decision": "granted"}, "granted"), ({"decision": "partly"}, "partly"), ({"decision": "refused"}, "refused")],
)
def test_the_coordinator_decides_on_the_page(cast, call, client_for, given, decision):
    asked = ask(cast, call)
    later = typed(call.closes_at + timedelta(days=1))

    answer = client_for(cast.laleh).post(f"/extensions/{asked.pk}/", {**given, "until": later, "reason": "موافقت شد."})

    asked.refresh_from_db()
    assert (answer.url, asked.decision) == (f"/calls/{call.pk}/extensions/", decision)


def test_another_date_has_to_be_written(cast, call, client_for):
    asked = ask(cast, call)

    answer = client_for(cast.laleh).post(f"/extensions/{asked.pk}/", {"decision": "partly", "reason": "کوتاه‌تر"})

    assert list(answer.context["form"].errors) == ["until"]


@pytest.mark.parametrize(("person", "status"), [("reza", 403), ("nader", 403), ("kamran", 404), ("stranger", 404)])
def test_whoever_does_not_decide_cannot(cast, call, client_for, person, status):
    asked = ask(cast, call)

    answer = client_for(getattr(cast, person)).post(
        f"/extensions/{asked.pk}/", {"decision": "granted", "reason": "موافقت شد."}
    )

    assert answer.status_code == status
    assert not ExtensionRequest.objects.filter(decided_at__isnull=False).exists()


def test_the_calls_requests_are_listed_with_those_that_wait_first(cast, call, client_for):
    asked = ask(cast, call)
    other = ask_extension(
        report=report_of(call, cast.b), until=call.closes_at + timedelta(days=3), reason=REASON, by=cast.kamran
    )
    decide(cast, other, until=other.asked_until)

    context = client_for(cast.laleh).get(f"/calls/{call.pk}/extensions/").context

    assert (context["waiting"], [one for one, _words in context["decided"]]) == ([asked], [other])


@pytest.fixture
def decided(cast, call):
    """Unit A's request was refused, then unit B's granted."""
    for unit, head, days in ((cast.a, cast.reza, 3), (cast.b, cast.kamran, 2)):
        until = call.closes_at + timedelta(days=days)
        asked = ask_extension(report=report_of(call, unit), until=until, reason=REASON, by=head)
        decide(cast, asked, until=None if unit == cast.a else until)


def decided_units(client, call, query: str) -> list[str]:
    context = client.get(f"/calls/{call.pk}/extensions/{query}").context
    return [asked.report.unit.code for asked, _words in context["decided"]]


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("", ["TGZ", "KHB"]),
        ("?sort=decided", ["KHB", "TGZ"]),
        ("?sort=until", ["TGZ", "KHB"]),
        ("?sort=-unit", ["KHB", "TGZ"]),
        ("?decision=refused", ["KHB"]),
        ("?decision=nonsense", ["TGZ", "KHB"]),
        ("?q=خوابگاهها", ["KHB"]),
        ("?q=نیست", []),
    ],
)
def test_what_was_decided_is_searched_sorted_and_narrowed(cast, call, client_for, decided, query, units):
    assert decided_units(client_for(cast.laleh), call, query) == units


def test_what_was_decided_comes_in_pages(cast, call, client_for, decided, monkeypatch):
    monkeypatch.setattr("reports.views.calls.extensions.SIZE", 1)
    client = client_for(cast.laleh)
    after = client.get(f"/calls/{call.pk}/extensions/").context["listing"].pages.next

    assert [decided_units(client, call, query) for query in ("", after)] == [["TGZ"], ["KHB"]]


def test_the_requests_ask_as_much_of_the_database_for_two_as_for_one(
    cast, call, client_for, decided, django_assert_num_queries
):
    client = client_for(cast.laleh)
    for query in ("?decision=refused", ""):
        with django_assert_num_queries(8):
            client.get(f"/calls/{call.pk}/extensions/{query}")


def test_the_calls_page_counts_what_waits(cast, call, client_for):
    ask(cast, call)

    context = client_for(cast.laleh).get(f"/calls/{call.pk}/").context

    assert context["requests"] == 1
    assert [r.unit for r, _s in context["rows"] if r.asks_extension] == [cast.a]
    assert Report.objects.count() == 2
