"""A worker or beat that is dead is seen by whoever can have it started, and no page says that work is under way meanwhile."""

import pytest
from django.urls import reverse

from reports.actions.exports import request_export
from sajad_portal.lib.clock import database_now
from tests.calls import published_call
from units.actions.heartbeats import say_alive
from units.enums import BackgroundPart
from units.queries.heartbeats import silences, worker_silent_since

pytestmark = pytest.mark.django_db

STANDS_STILL = "کارهای پس‌زمینهٔ سامانه متوقف است"


@pytest.fixture
def alive():
    for part in BackgroundPart:
        say_alive(part=part)


def silent_parts() -> list[str]:
    return [silence.part for silence in silences(database_now())]


def desk_of(client_for, person) -> str:
    return client_for(person).get(reverse("reports:desk")).content.decode()


# ------------------------------------------------------------------------------------------------- who is dead
def test_while_both_speak_nobody_is_silent(alive, clock):
    clock.move(seconds=80)

    assert silent_parts() == []
    assert worker_silent_since(database_now()) is None


def test_a_worker_that_missed_four_words_is_silent_since_its_last(alive, clock):
    before = database_now()
    clock.move(seconds=95)
    say_alive(part=BackgroundPart.BEAT)
    (silence,) = silences(database_now())

    assert silence.part == BackgroundPart.WORKER
    assert silence.since <= before
    assert worker_silent_since(database_now()) == silence.since


def test_without_beat_the_worker_has_nothing_to_do_and_beat_is_named(alive, clock):
    clock.move(minutes=5)

    assert silent_parts() == [BackgroundPart.BEAT]


def test_a_portal_that_never_heard_of_beat_says_so_and_claims_no_time(db):
    (silence,) = silences(database_now())

    assert (silence.part, silence.since) == (BackgroundPart.BEAT, None)
    assert worker_silent_since(database_now()) is None


def test_the_question_is_one(alive, django_assert_num_queries):
    at = database_now()
    with django_assert_num_queries(1):
        silences(at)


# --------------------------------------------------------------------------------------------------- the desks
def test_a_dead_worker_stands_on_the_desks_of_coordinators_and_administrators_with_what_to_do(
    alive, cast, client_for, clock
):
    clock.move(seconds=95)
    say_alive(part=BackgroundPart.BEAT)
    laleh, admin = desk_of(client_for, cast.laleh), desk_of(client_for, cast.admin)

    assert STANDS_STILL in laleh
    assert "portal-worker" in laleh
    assert "systemctl" not in laleh
    assert STANDS_STILL in admin
    assert "systemctl" in admin
    for person in (cast.sara, cast.reza, cast.omid, cast.nader):
        assert STANDS_STILL not in desk_of(client_for, person)


def test_it_is_gone_as_soon_as_the_worker_speaks_again(alive, cast, client_for, clock):
    clock.move(minutes=5)
    for part in BackgroundPart:
        say_alive(part=part)

    assert STANDS_STILL not in desk_of(client_for, cast.laleh)


# ---------------------------------------------------------------------------------------- pages that wait for it
def test_a_file_that_no_worker_makes_is_not_said_to_be_made(alive, cast, client_for, clock, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    call = published_call(cast)
    export = request_export(kind="reports-csv", parameters={"call": call.pk}, language="fa", by=cast.laleh)
    page = reverse("reports:export", args=[export.key])
    going = client_for(cast.laleh).get(page).content.decode()
    clock.move(minutes=5)
    waiting = client_for(cast.laleh).get(page).content.decode()

    assert "در پس‌زمینه ساخته می‌شود" in going
    assert "در پس‌زمینه ساخته می‌شود" not in waiting
    assert "هیچ کارگزاری از سامانه در کار نبوده است" in waiting


def test_a_link_that_no_worker_mails_is_not_said_to_be_on_its_way(alive, client, clock):
    page = reverse("units:password_reset_sent")
    going = client.get(page).content.decode()
    clock.move(minutes=5)
    waiting = client.get(page).content.decode()

    assert "پیوند در راه است" in going
    assert "پیوند در راه است" not in waiting
    assert "رایانامه‌ای نفرستاده است" in waiting
