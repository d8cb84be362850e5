"""Counting tries: so many and no more, however many hosts ask at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from units.actions.throttle import Tally, count_attempt, forget_attempts, forget_old_attempts, give_back, throttle_key
from units.models import Throttle

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_as_many_tries_as_the_limit_are_allowed_and_the_next_is_not():
    tallies = [count_attempt("track:x", 3, MINUTE) for _ in range(4)]

    assert [tally.allowed for tally in tallies] == [True, True, True, False]
    assert [tally.left for tally in tallies] == [2, 1, 0, 0]


@pytest.mark.django_db
def test_another_key_has_tries_of_its_own():
    count_attempt("track:x", 1, MINUTE)

    assert count_attempt("track:y", 1, MINUTE).allowed


@pytest.mark.django_db
def test_the_door_stays_closed_for_the_whole_window_after_the_last_allowed_try(clock):
    count_attempt("track:x", 2, MINUTE)
    clock.move(seconds=50)
    count_attempt("track:x", 2, MINUTE)
    clock.move(seconds=55)

    assert not count_attempt("track:x", 2, MINUTE).allowed

    clock.move(seconds=6)

    assert count_attempt("track:x", 2, MINUTE).allowed


@pytest.mark.django_db
def test_a_try_given_back_may_be_made_again():
    count_attempt("track:x", 1, MINUTE)
    give_back("track:x")

    assert count_attempt("track:x", 1, MINUTE).allowed


@pytest.mark.django_db
def test_forgotten_tries_do_not_count():
    for _ in range(5):
        count_attempt("track:x", 1, MINUTE)
    forget_attempts("track:x")

    assert count_attempt("track:x", 1, MINUTE).allowed


@pytest.mark.django_db
def test_insisting_refuses_with_the_time_to_wait():
    at = database_now()

    with pytest.raises(Refused, match="۱۰ دقیقه") as refused:
        Tally(2, 1, at, at + timedelta(minutes=10), timedelta(minutes=10)).insist()

    assert (refused.value.code, refused.value.status) == ("too-many-tries", 429)


@pytest.mark.django_db
def test_old_counts_are_swept_and_young_ones_stay(clock):
    count_attempt("track:old", 1, MINUTE)
    clock.move(days=3)
    count_attempt("track:young", 1, MINUTE)

    assert forget_old_attempts() == 1
    assert list(Throttle.objects.values_list("key", flat=True)) == ["track:young"]


def test_a_key_tells_neither_name_nor_address():
    key = throttle_key("sign-in", "sara", "10.0.0.1")

    assert "sara" not in key
    assert "10.0.0.1" not in key
    assert key != throttle_key("sign-in", "sara1", "0.0.0.1")
    assert len(key) <= 100


@pytest.mark.django_db(transaction=True)
def test_of_many_simultaneous_tries_only_the_limit_is_allowed():
    allowed, start = [], threading.Barrier(12)

    def attempt():
        try:
            start.wait()
            allowed.append(count_attempt("sign-in:x", 5, MINUTE).allowed)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(allowed) == 12
    assert 1 <= sum(allowed) <= 5
