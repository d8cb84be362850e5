"""Files made in the background: ordered once, made once, theirs alone, as long as they may, and no longer than it is kept."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from openpyxl import load_workbook

from reports.actions import exports as verbs
from reports.actions.exports import fetch_export, make_export, make_exports, remove_exports, request_export
from reports.enums import ExportState
from reports.models import Export
from reports.models.background import ATTEMPTS, DEAD_AFTER
from reports.pages.export_files import MAKERS
from reports.rules.exports import EXPORT_KINDS, PERIOD_PDF, PERIOD_XLSX, ExportKind, is_within
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import published_call
from tests.factories import make_membership
from tests.field import Figures, announce_field, field_call
from tests.papers import unsaid
from tests.reviews import announced_report
from units.enums import Role
from units.models import Event, Membership, Notice


@pytest.fixture
def call(cast):
    call = published_call(cast)
    announced_report(cast, call)
    return call


def order(cast, call, by=None, kind=PERIOD_XLSX) -> Export:
    return request_export(kind=kind, parameters={"call": call.pk}, language="fa", by=by or cast.laleh)


def made(cast, call, **given) -> Export:
    export = order(cast, call, **given)
    assert make_export(export.pk, MAKERS)
    return Export.objects.get(pk=export.pk)


def state(export) -> str:
    return Export.objects.get(pk=export.pk).state_at(database_now())


class TestOrdering:
    def test_the_same_order_twice_is_one_export(self, cast, call):
        assert order(cast, call) == order(cast, call)
        assert Event.objects.filter(verb="request_export").count() == 1

    def test_after_it_is_made_the_same_order_is_a_new_one(self, cast, call):
        assert made(cast, call) != order(cast, call)

    @pytest.mark.parametrize("who", ["sara", "reza", "mina", "stranger"])
    def test_the_report_of_a_period_is_for_headquarters(self, cast, call, who):
        with pytest.raises(Forbidden):
            order(cast, call, by=getattr(cast, who))

    def test_nobody_fills_the_queue(self, cast, call, monkeypatch):
        for n in range(verbs.MOST_OPEN):
            extra = ExportKind(f"k{n}", ".csv", lambda *_: True, lambda _p: "k", lambda _p: "k")
            monkeypatch.setitem(EXPORT_KINDS, f"k{n}", extra)
            order(cast, call, kind=f"k{n}")
        with pytest.raises(Refused) as refusal:
            order(cast, call)
        assert refusal.value.code == "too-many-exports"


class TestMaking:
    def test_a_made_file_is_ready_told_of_and_can_be_read(self, cast, call):
        export = made(cast, call)
        assert (export.state_at(database_now()), export.percent) == (ExportState.READY, 100)
        assert [n.person for n in Notice.objects.filter(event__verb="make_export", channel="portal")] == [cast.laleh]
        book = load_workbook(io.BytesIO(export.file.read()))
        assert len(book.sheetnames) == 7

    def test_the_sweep_makes_each_order_once(self, cast, call):
        order(cast, call)
        assert (make_exports(MAKERS), make_exports(MAKERS)) == (1, 0)

    def test_a_second_worker_does_not_take_what_the_first_is_making(self, cast, call):
        export = order(cast, call)
        seen = []
        real = MAKERS[PERIOD_XLSX]

        def slowly(person, parameters, path, progress):
            seen.append((state(export), make_export(export.pk, MAKERS)))
            real(person, parameters, path, progress)

        make_export(export.pk, {PERIOD_XLSX: slowly})
        assert seen == [(ExportState.RUNNING, False)]
        assert Event.objects.filter(verb="make_export").count() == 1

    def test_what_a_dead_worker_left_is_made_by_the_next(self, cast, call, clock):
        export = order(cast, call)
        make_export(export.pk, {PERIOD_XLSX: _dies})
        assert make_export(export.pk, MAKERS) is False
        clock.move(seconds=DEAD_AFTER.total_seconds() + 1)
        assert make_export(export.pk, MAKERS) is True

    def test_a_worker_that_was_taken_for_dead_writes_nothing(self, cast, call, clock):
        export = order(cast, call)
        real = MAKERS[PERIOD_XLSX]

        def sleeps(person, parameters, path, progress):
            clock.move(seconds=DEAD_AFTER.total_seconds() + 1)
            make_export(export.pk, {PERIOD_XLSX: real})
            real(person, parameters, path, progress)

        make_export(export.pk, {PERIOD_XLSX: sleeps})
        assert Event.objects.filter(verb="make_export").count() == 1
        assert len(default_storage.listdir("exports")[1]) >= 1
        assert Export.objects.get(pk=export.pk).attempts == 2

    def test_after_some_attempts_it_has_failed_and_says_so(self, cast, call, clock):
        export = order(cast, call)
        for _attempt in range(ATTEMPTS + 1):
            make_export(export.pk, {PERIOD_XLSX: _dies})
            clock.move(seconds=DEAD_AFTER.total_seconds() + 1)
        assert state(export) == ExportState.FAILED
        assert Export.objects.get(pk=export.pk).trouble

    def test_it_is_not_made_for_somebody_whose_membership_has_ended(self, cast, call):
        export = order(cast, call)
        Membership.objects.filter(person=cast.laleh).update(ends_at=database_now())
        assert make_export(export.pk, MAKERS) is False
        assert state(export) == ExportState.FAILED


def _dies(*_given):
    raise RuntimeError("the lights went out")


class TestFetching:
    def test_only_who_ordered_it_gets_it(self, cast, call, client_for):
        export = made(cast, call)
        address = reverse("reports:export_file", args=[export.key])
        answer = client_for(cast.laleh).get(address)
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
        assert [client_for(p).get(address).status_code for p in (cast.nader, cast.reza)] == [404, 404]
        assert Event.objects.filter(verb="fetch_export").count() == 1

    def test_the_right_is_asked_again(self, cast, call):
        export = made(cast, call, by=cast.nader)
        Membership.objects.filter(person=cast.nader).update(ends_at=database_now())
        cast.nader.__dict__.pop("_memberships", None)
        with pytest.raises(Forbidden):
            fetch_export(export=export, by=cast.nader)

    def test_a_file_of_a_wider_reach_than_today_s_is_not_handed_out(self, cast, call):
        export = made(cast, call, by=cast.nader)
        Membership.objects.filter(person=cast.nader).update(ends_at=database_now())
        make_membership(cast.nader, cast.a, Role.AUDITOR)
        with pytest.raises(Forbidden):
            fetch_export(export=export, by=cast.nader)

    def test_one_that_is_not_ready_is_refused(self, cast, call):
        with pytest.raises(Refused) as refusal:
            fetch_export(export=order(cast, call), by=cast.laleh)
        assert refusal.value.code == "not-ready"

    def test_after_its_time_it_is_gone_at_once_and_its_file_with_the_next_sweep(self, cast, call, clock):
        export = made(cast, call)
        clock.move_to(export.expires_at)
        with pytest.raises(Refused) as refusal:
            fetch_export(export=export, by=cast.laleh)
        assert refusal.value.code == "expired"
        name = export.file.name
        assert default_storage.exists(name)
        assert (remove_exports(), remove_exports()) == (1, 0)
        assert not default_storage.exists(name)
        assert state(export) == ExportState.EXPIRED

    def test_one_microsecond_before_it_expires_it_is_ready(self, cast, call):
        export = made(cast, call)
        assert export.state_at(export.expires_at - timedelta(microseconds=1)) == ExportState.READY
        assert export.state_at(export.expires_at) == ExportState.EXPIRED


class TestPages:
    def test_ordering_leads_to_the_page_that_says_how_far_it_is(self, cast, call, client_for):
        answer = client_for(cast.laleh).post(
            reverse("reports:analysis_period_report", args=[call.pk]), {"ending": "xlsx"}
        )
        export = Export.objects.get()
        assert answer["Location"] == reverse("reports:export", args=[export.key])
        page = client_for(cast.laleh).get(answer["Location"])
        assert "every 3s" in page.content.decode()
        make_exports(MAKERS)
        page = client_for(cast.laleh).get(answer["Location"])
        assert reverse("reports:export_file", args=[export.key]) in page.content.decode()
        assert "every 3s" not in page.content.decode()

    def test_a_strangers_export_is_not_found(self, cast, call, client_for):
        export = order(cast, call)
        assert client_for(cast.nader).get(reverse("reports:export", args=[export.key])).status_code == 404
        assert client_for(cast.nader).post(reverse("reports:export_again", args=[export.key])).status_code == 404

    def test_a_failed_one_can_be_ordered_again(self, cast, call, client_for):
        export = order(cast, call)
        Export.objects.filter(pk=export.pk).update(failed_at=database_now(), trouble="نشد")
        client_for(cast.laleh).post(reverse("reports:export_again", args=[export.key]))
        assert Export.objects.count() == 2

    def test_my_files_are_mine(self, cast, call, client_for):
        made(cast, call)
        mine, theirs = (client_for(p).get(reverse("reports:exports")) for p in (cast.laleh, cast.nader))
        assert [len(page.context["rows"]) for page in (mine, theirs)] == [1, 0]


class TestPeriodReport:
    def test_the_paper_has_a_cover_a_league_the_areas_and_a_page_for_each_unit(self, cast):
        figures = Figures({"cnt": "10", "day": "4", "avg": "50", "rat_n": "1", "rat_d": "2", "wmn": "4"})
        call, units = field_call(cast, 3)
        announce_field(cast, call, units, [figures, figures, Figures({}, missed=True)])
        export = made(cast, call, kind=PERIOD_PDF)
        codes = [unit.name.rpartition(" ")[2] for unit in units]
        assert unsaid(export.file.read(), *codes, "دوره در چند عدد", "جدول رتبه‌ها", "۸۸٫۷۵", "ارسال‌نشده") == []
        # cover, method, league, three areas, three units
        assert export.total == 8

    def test_the_workbook_holds_what_the_facts_say(self, cast):
        first = Figures({"cnt": "7", "day": "4", "avg": "50", "rat_n": "1", "rat_d": "2", "wmn": "4"}, {"cnt": "6"})
        call, units = field_call(cast, 2)
        announce_field(cast, call, units, [first, Figures({"cnt": "3"})])
        book = load_workbook(io.BytesIO(made(cast, call).file.read()))
        sheets = [list(page.iter_rows(values_only=True)) for page in book.worksheets]
        column = sheets[3][0].index("CNT")
        assert {row[0]: row[column] for row in sheets[3][1:]} == {units[0].code: 6, units[1].code: 3}
        assert {row[0]: row[column] for row in sheets[4][1:]} == {units[0].code: 7, units[1].code: 3}

    def test_an_auditor_of_a_subtree_gets_the_units_of_the_subtree(self, cast):
        call, units = field_call(cast, 2)
        announce_field(cast, call, units, [Figures({"cnt": "7"}), Figures({"cnt": "3"})])
        Membership.objects.filter(person=cast.nader).update(ends_at=database_now())
        make_membership(cast.nader, cast.a, Role.AUDITOR)
        book = load_workbook(io.BytesIO(made(cast, call, by=cast.nader).file.read()))
        assert [row[1].value for row in list(book.worksheets[1].iter_rows())[1:]] == [units[0].code]


def test_what_lies_below_a_reach_is_within_it():
    assert is_within(["1.2.", "1.3.4."], ["1."])
    assert not is_within(["1.", "1.3."], ["1.3."])
    assert is_within(["1."], [""])
