"""Two files for the room of one, at the same instant, on PostgreSQL: one is stored. Each guard has a twin without it."""

import threading
from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions import quotas
from reports.actions.evidence import add_evidence
from reports.actions.quotas import NoRoom
from reports.invariants import broken
from reports.models import Evidence, EvidenceTotal, Report
from reports.queries import reports_at
from sajad_portal.lib import clock
from tests.calls import PDF, published_call, report_of
from tests.people import make_cast

from .races import PATIENCE, Runner

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(report: Report, by, number: int):
    file = SimpleUploadedFile(f"{number}.pdf", PDF + bytes([number]))
    return add_evidence(report=report, indicator="HSG-01", upload=file, by=by)


def meet(monkeypatch, where: str) -> None:
    """Both uploads have counted before either goes on, where nothing keeps one of them waiting."""
    together, real = threading.Barrier(2), getattr(quotas, where)

    def counted(*args):
        found = real(*args)
        with suppress(threading.BrokenBarrierError):  # the other one waits for a lock: that is the guard
            together.wait(1)
        return found

    monkeypatch.setattr(quotas, where, counted)


def at_once(first: tuple, second: tuple) -> list:
    runner = Runner()
    for number, (report, by) in enumerate((first, second), 1):
        runner.start(upload, report, by, number)
    return runner.join(PATIENCE)


def two_people_of_a_unit() -> list:
    cast = make_cast()
    report = report_of(published_call(cast, unit_quota_files=1), cast.a)
    return at_once((report, cast.sara), (report, cast.reza))


def two_units() -> list:
    cast = make_cast()
    call = published_call(cast, quota_files=1)
    upload_first = report_of(call, cast.a), report_of(call, cast.b)
    EvidenceTotal.objects.create(call=call)
    return at_once((upload_first[0], cast.sara), (upload_first[1], cast.mina))


def no_report_lock(report, *, alone: bool = False):
    at = clock.database_now()
    return reports_at(at).get(pk=report.pk), at


def no_total_lock(call_id: int) -> EvidenceTotal:
    return EvidenceTotal.objects.get(call=call_id)


def test_two_people_of_a_unit_do_not_share_the_room_of_one_file(monkeypatch):
    meet(monkeypatch, "stored_room")
    results = two_people_of_a_unit()

    assert [type(result) for result in results].count(NoRoom) == 1
    assert Evidence.objects.count() == 1
    assert list(broken()) == []


def test_without_the_reports_lock_they_do(monkeypatch):
    meet(monkeypatch, "stored_room")
    monkeypatch.setattr("reports.actions.evidence.lock_report", no_report_lock)
    two_people_of_a_unit()

    assert Evidence.objects.count() == 2


def test_two_units_do_not_share_the_calls_last_room(monkeypatch):
    meet(monkeypatch, "hold_total")
    results = two_units()

    assert [type(result) for result in results].count(NoRoom) == 1
    assert Evidence.objects.count() == 1
    assert list(broken()) == []


def test_without_the_totals_lock_they_do(monkeypatch):
    monkeypatch.setattr(quotas, "hold_total", no_total_lock)
    meet(monkeypatch, "hold_total")
    two_units()

    assert Evidence.objects.count() == 2


def test_the_first_two_files_of_a_call_count_it_once():
    cast = make_cast()
    call = published_call(cast)
    at_once((report_of(call, cast.a), cast.sara), (report_of(call, cast.b), cast.mina))

    assert EvidenceTotal.objects.get(call=call).files == 2
    assert list(broken()) == []
