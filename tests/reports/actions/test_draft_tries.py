"""Whoever knocks at a draft from outside its unit is refused as before, and recorded once an hour."""

import pytest
from django.db import DatabaseError
from django.urls import reverse

from reports.actions.draft_tries import record_draft_try
from reports.enums import ReportVerb
from reports.views.entry import tries
from tests.calls import fill, report_of, submitted_report
from units.models import Event, Notice


@pytest.fixture
def draft(cast, call):
    """Unit A's, with a file that no revision names."""
    return fill(report_of(call, cast.a), cast.sara)


def recorded() -> list[tuple]:
    found = Event.objects.filter(verb=ReportVerb.TRY_DRAFT).order_by("pk")
    return list(found.values_list("noun", "key", "person__username", "data"))


def doors_of(draft) -> list[str]:
    code, file = draft.tracking_code, draft.evidence.first()
    return [
        reverse("reports:report_edit", args=[code]),
        reverse("reports:report_edit", args=[code, "housing"]),
        reverse("reports:report_sign", args=[code]),
        reverse("reports:evidence", args=[code, file.pk]),
    ]


def test_a_stranger_is_told_of_no_draft_and_one_try_an_hour_is_recorded(cast, draft, client_for, clock):
    client, told = client_for(cast.mina), Notice.objects.count()

    assert {client.get(path).status_code for path in doors_of(draft)} == {404}
    assert recorded() == [("report", draft.tracking_code, "mina", {})]

    clock.move(hours=1, seconds=1)
    client.get(doors_of(draft)[0])

    assert len(recorded()) == 2
    assert Notice.objects.count() == told


def test_an_auditor_who_reads_the_report_is_kept_from_the_draft_and_recorded(cast, draft, client_for):
    client = client_for(cast.nader)

    assert [client.get(path).status_code for path in doors_of(draft)] == [302, 302, 302, 404]
    assert recorded() == [("report", draft.tracking_code, "nader", {})]


def test_a_try_to_write_is_recorded(cast, draft, client_for):
    assert client_for(cast.nader).post(doors_of(draft)[1], {"q:housed": "1"}).status_code == 403
    assert recorded() == [("report", draft.tracking_code, "nader", {})]


def test_the_units_own_people_leave_no_such_trace(cast, draft, client_for):
    for person in (cast.sara, cast.reza):
        for path in doors_of(draft):
            client_for(person).get(path)

    assert recorded() == []


def test_what_is_submitted_is_no_draft(cast, call):
    report, _revision = submitted_report(cast, call)

    assert record_draft_try(code=report.tracking_code, by=cast.mina) is False
    assert record_draft_try(code="1405Q2-0000-0000-0000", by=cast.mina) is False
    assert recorded() == []


def test_a_refusal_stays_one_where_it_cannot_be_recorded(cast, draft, client_for, monkeypatch, caplog):
    def fails(**_given):
        raise DatabaseError("no room")

    monkeypatch.setattr(tries, "record_draft_try", fails)

    assert {client_for(cast.mina).get(path).status_code for path in doors_of(draft)} == {404}
    assert "could not be recorded" in caplog.text


def test_an_auditor_finds_the_tries_in_the_list_of_acts(cast, draft, client_for):
    record_draft_try(code=draft.tracking_code, by=cast.mina)

    page = client_for(cast.nader).get(reverse("reports:oversight_list", args=["acts"]), {"kind": "report-try-draft"})

    assert cast.mina.get_full_name() in page.content.decode()
