"""Broken rows of accounts and sessions are named."""

import pytest

from reports.invariants.accounts import (
    an_administrator_is_open,
    closed_accounts_have_no_session,
    closing_and_opening_take_turns,
)
from units.actions.accounts import close_account, reopen_account
from units.models import AccountSession, Person

pytestmark = pytest.mark.django_db


def closed(cast, person):
    return close_account(person=person, reason="از سازمان رفته است.", by=cast.admin)


def test_what_the_verbs_leave_is_right(cast, client_for):
    client_for(cast.sara)
    closed(cast, cast.sara)
    reopen_account(person=cast.sara, by=cast.admin)
    closed(cast, cast.sara)

    for check in (an_administrator_is_open, closed_accounts_have_no_session, closing_and_opening_take_turns):
        assert list(check()) == []


def test_a_portal_without_an_open_administrator_is_named(cast):
    Person.objects.filter(is_superuser=True).update(is_active=False)

    assert len(list(an_administrator_is_open())) == 1


def test_a_portal_in_which_nobody_is_an_administrator_yet_is_not(cast):
    Person.objects.filter(is_superuser=True).update(is_superuser=False)

    assert list(an_administrator_is_open()) == []


def test_a_session_of_a_closed_account_is_named(cast, client_for):
    client_for(cast.sara)
    Person.objects.filter(pk=cast.sara.pk).update(is_active=False)

    row = AccountSession.objects.get()
    assert list(closed_accounts_have_no_session()) == [
        f"session {row.pk}: goes on, and the account of person {cast.sara.pk} is closed"
    ]


@pytest.mark.parametrize("active", [True, False])
def test_an_account_that_is_not_as_its_last_event_says_is_named(cast, active):
    closed(cast, cast.sara)
    if not active:
        reopen_account(person=cast.sara, by=cast.admin)
    Person.objects.filter(pk=cast.sara.pk).update(is_active=active)

    assert len(list(closing_and_opening_take_turns())) == 1
