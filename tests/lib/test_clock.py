"""The portal's clock: a page is as of one instant, and nothing outside a request leans on an old one."""

import pytest
from django.utils import timezone

from sajad_portal.lib.clock import database_now, last_reading, one_request
from units.enums import Role
from units.queries import memberships_of

pytestmark = pytest.mark.django_db


def test_a_request_remembers_its_last_reading():
    with one_request():
        assert last_reading() is None

        database_now()
        at = database_now()

        assert last_reading() is at


def test_what_comes_after_a_request_on_the_same_thread_finds_no_reading():
    with one_request():
        database_now()

    assert last_reading() is None


def test_a_reading_outside_a_request_is_not_kept():
    database_now()

    assert last_reading() is None


def test_a_request_that_fails_leaves_no_reading_behind():
    def fail():
        with one_request():
            database_now()
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert last_reading() is None


def test_rights_without_an_instant_are_those_of_the_pages_instant(cast, django_assert_num_queries):
    with one_request():
        at = database_now()
        with django_assert_num_queries(1):
            seen = (memberships_of(cast.sara, at), memberships_of(cast.sara))

    assert [m.role for m in seen[1]] == [Role.REPORTER]
    assert seen[0] is seen[1]


def test_outside_a_request_rights_are_asked_anew_with_the_clock(cast, django_assert_num_queries):
    memberships_of(cast.sara, timezone.now())

    with django_assert_num_queries(2):
        assert [m.role for m in memberships_of(cast.sara)] == [Role.REPORTER]
