"""The page that says what is kept and for how long: for administrators, with every table of the portal."""

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.actions.keeping import remove_passed
from reports.enums import ReportVerb, Why
from reports.pages.keeping import KEPT, KeptGroup, KeptLine, kept_groups
from sajad_portal.lib.clock import database_now
from tests.reports.actions.test_keeping import told

OURS = ("units", "sla", "reports")


def passing_notices_of(groups: list[KeptGroup]) -> KeptLine:
    (passing,) = [group for group in groups if group.why == Why.PASSING]
    return next(line for line in passing.lines if line.tables == "units_notice")


def test_every_table_of_the_portal_is_on_it():
    named = {model for kept in KEPT for model in kept.models}
    ours = {model for app in OURS for model in apps.get_app_config(app).get_models()}

    assert named == ours | {Session, Authenticator}


@pytest.mark.django_db
def test_it_shows_rows_growth_and_days(cast, client_for, clock, settings):
    told("call", ReportVerb.REMIND, cast)
    clock.move(days=settings.KEEP_NOTICES_DAYS + 1)
    remove_passed()

    page = client_for(cast.admin).get("/setup/keeping/").content.decode()

    assert "یادآوری" in page
    assert "۴۰۰ روز" in page
    assert "units_notice" in page


@pytest.mark.django_db
def test_a_new_row_is_growth_for_thirty_days(cast, clock):
    told("call", ReportVerb.REMIND, cast)
    line = passing_notices_of(kept_groups(database_now()))
    clock.move(days=31)
    later = passing_notices_of(kept_groups(database_now()))

    assert (line.lately, later.lately, later.rows) == (line.rows, 0, line.rows)


@pytest.mark.django_db
@pytest.mark.postgres
def test_each_table_takes_room_and_is_counted_once(cast):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('units_notice')")
        (notices,) = cursor.fetchone()

    sizes = [
        line.size for group in kept_groups(database_now()) for line in group.lines if line.tables == "units_notice"
    ]

    assert sorted(sizes) == [0, notices]


@pytest.mark.django_db
def test_more_rows_ask_no_more_questions(cast, client_for, django_assert_num_queries, clock):
    client = client_for(cast.admin)
    client.get("/setup/keeping/")
    with CaptureQueriesContext(connection) as before:
        client.get("/setup/keeping/")
    for _time in range(3):
        told("call", ReportVerb.REMIND, cast)
    with django_assert_num_queries(len(before)):
        client.get("/setup/keeping/")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["laleh", "sara", "nader"])
def test_nobody_else_sees_it(cast, client_for, who):
    assert client_for(getattr(cast, who)).get("/setup/keeping/").status_code == 403


@pytest.mark.django_db
def test_the_list_of_steps_leads_there_for_administrators_only(cast, client_for):
    assert 'href="/setup/keeping/"' in client_for(cast.admin).get("/setup/").content.decode()
    assert 'href="/setup/keeping/"' not in client_for(cast.laleh).get("/setup/").content.decode()
