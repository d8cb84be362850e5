"""A lock that is held for long, on PostgreSQL: who reads does not wait, who writes is told in seconds and loses nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from reports.models import DraftSection, Report
from sajad_portal.lib.locks import CALL, share_call
from sajad_portal.lib.refusals import is_busy
from tests.calls import published_call, report_of
from tests.people import make_cast

from .races import PATIENCE, Runner, advisory_waiters, spin_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

BOUND = 2  # seconds a writer may wait in these tests
SOON = 1.5  # what is asked of a page on a machine that does other work too


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast), cast.a)


@contextmanager
def lost_holder(call_id: int) -> Iterator[None]:
    """Somebody holds the call and does nothing more: a host that vanished in the middle of closing."""
    where = connection.get_connection_params()
    with psycopg.connect(
        **{key: where[key] for key in ("host", "port", "user", "password", "dbname") if key in where}
    ) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CALL, call_id])
        yield
        other.rollback()


@pytest.fixture
def held(report, settings) -> Iterator[Report]:
    with lost_holder(report.call_id):
        yield report


def impatient(seconds: float = BOUND) -> None:
    """This thread's connection waits as a web server's does; its twin leaves it out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{int(seconds * 1000)}ms'")


def browser_of(person, **more) -> Client:
    client = Client(raise_request_exception=False, **more)
    client.force_login(person)
    return client


def address(name: str, report: Report, *more: str) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code, *more])


TYPED = {"base": 0, "q:housed": "412", "q:capacity": "500"}


def test_pages_that_are_read_answer_at_once_while_a_calls_lock_is_held(held, cast):
    impatient()
    begun = time.monotonic()
    pages = [
        (cast.sara, address("report", held)),
        (cast.sara, address("report_edit", held, "housing")),
        (cast.sara, address("report_time", held)),
        (cast.reza, address("report_sign", held)),
        (cast.sara, reverse("reports:desk")),
        (cast.laleh, reverse("reports:desk")),
        (cast.laleh, reverse("reports:call", args=[held.call_id])),
        (cast.laleh, reverse("reports:call_progress", args=[held.call_id])),
        (cast.omid, reverse("reports:desk")),
    ]
    answers = {f"{person} {page}": browser_of(person).get(page).status_code for person, page in pages}
    waited = time.monotonic() - begun

    assert set(answers.values()) == {200}, answers
    assert waited < SOON * len(pages)


def test_a_script_that_cannot_save_gets_503_with_a_time_to_come_back_and_json(held, cast):
    impatient()
    begun = time.monotonic()
    answer = browser_of(cast.sara).post(address("report_edit", held, "housing"), TYPED, headers={"HX-Request": "true"})

    assert answer.status_code == 503
    assert 3 <= int(answer["Retry-After"]) <= 10
    assert answer.json()["code"] == "busy"
    assert time.monotonic() - begun < BOUND + SOON
    assert not DraftSection.objects.exists()


def test_a_form_without_a_script_comes_back_with_what_was_typed_and_can_be_sent_again(report, cast):
    impatient()
    client = browser_of(cast.sara)
    with lost_holder(report.call_id):
        answer = client.post(address("report_edit", report, "housing"), TYPED)
    page = answer.content.decode()

    assert answer.status_code == 503
    assert answer["Content-Language"] == "fa"
    assert 'name="q:housed" hidden>\n412</textarea>' in page
    assert "دوباره بفرستید" in page
    again = client.post(address("report_edit", report, "housing"), TYPED)
    assert again.status_code == 302
    assert DraftSection.objects.get().answers["housed"]["v"] == "412"


def test_without_a_bound_the_writer_waits_for_as_long_as_the_lock_is_held(report, cast):
    """The twin: no lock_timeout. The answer comes when the holder goes, and not before."""
    client, runner = browser_of(cast.sara), Runner()
    with lost_holder(report.call_id):
        begun = time.monotonic()
        runner.start(client.post, address("report_edit", report, "housing"), TYPED)
        spin_until(lambda: advisory_waiters() == 1)
        runner.threads[0].join(BOUND * 1.5)
        assert runner.threads[0].is_alive()
    assert runner.join()[0].status_code == 302
    assert time.monotonic() - begun > BOUND


def test_threads_beyond_those_that_may_wait_are_told_in_a_moment(held, settings):
    """So that a process with four threads has some left for who signs in."""
    settings.LOCK_WAITERS = 2
    told: list[float] = []

    def submit() -> str:
        impatient(PATIENCE)
        begun = time.monotonic()
        try:
            with transaction.atomic():
                share_call(held.call_id)
        except OperationalError:
            told.append(time.monotonic() - begun)
            return "told"
        return "held"

    runner = Runner()
    for _ in range(2):
        runner.start(submit)
    spin_until(lambda: advisory_waiters() == 2)
    for _ in range(6):
        runner.start(submit)
    for thread in runner.threads[2:]:
        thread.join(PATIENCE)
    assert len(told) == 6
    assert max(told) < SOON
    assert [thread.is_alive() for thread in runner.threads[:2]] == [True, True]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()"
        )
    runner.join()


def test_a_short_try_leaves_the_connections_own_bound_as_it_was(report, settings):
    settings.LOCK_WAITERS = 0
    runner, holding, enough = Runner(), threading.Event(), threading.Event()

    def hold_shortly():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CALL, report.call_id])
            holding.set()
            enough.wait(PATIENCE)

    def let_go():
        spin_until(lambda: advisory_waiters() == 1)
        enough.set()

    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
    runner.start(hold_shortly)
    holding.wait(PATIENCE)
    runner.start(let_go)
    with transaction.atomic(), connection.cursor() as cursor:
        share_call(report.call_id)
        cursor.execute("SHOW lock_timeout")
        inside = cursor.fetchone()
    runner.join()
    assert inside == before == ("1min",)  # waits.py, for tests


def test_a_statement_that_took_too_long_and_a_connection_that_broke_are_a_busy_portal_too(report):
    def ask(statement: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '100ms'")
            cursor.execute(statement)

    with pytest.raises(OperationalError) as too_long:
        ask("SELECT pg_sleep(20)")
    with pytest.raises(OperationalError) as broken:
        ask("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()

    assert is_busy(too_long.value)
    assert is_busy(broken.value)


def test_a_statement_that_is_wrong_is_a_fault_of_ours(db):
    with pytest.raises(ProgrammingError) as wrong:
        Report.objects.extra(where=["nowhere"]).exists()

    assert not is_busy(wrong.value)
