"""Announcing a whole call by one press: ordered once, carried out once, by whoever may still announce when its turn comes."""

import pytest
from django.urls import reverse

from reports.actions import announcement_orders as verbs
from reports.actions.announcement_orders import announce_ordered, carry_out, order_announcement
from reports.actions.announcing import announce_results
from reports.enums import OrderState, ReportState
from reports.invariants import broken
from reports.models import AnnouncementOrder, Report, ResultVersion
from reports.models.background import ATTEMPTS, DEAD_AFTER
from reports.views.result import announce
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import published_call
from tests.factories import make_membership, make_person
from tests.field import Figures, field_call, store
from tests.reviews import reviewed_report
from units.enums import Role
from units.models import Event, Membership, Notice

GOOD = Figures({"cnt": "10", "day": "4", "avg": "50", "rat_n": "1", "rat_d": "2", "wmn": "4"})
MISSED = Figures({}, missed=True)
COUNT = 5
ORDER_PAGE = 8  # one of them: whether a worker is alive


@pytest.fixture
def call(cast):
    """Five units whose reports are reviewed, and one that sent nothing."""
    call, units = field_call(cast, COUNT + 1)
    for unit in units:
        store(cast, call, unit, MISSED if unit == units[-1] else GOOD)
    return call


@pytest.fixture(autouse=True)
def small_portions(monkeypatch):
    monkeypatch.setattr(verbs, "PORTION", 2)


def order(cast, call, *, which="ready", by=None) -> AnnouncementOrder:
    return order_announcement(call=call, which=which, by=by or cast.laleh)


def fresh(found: AnnouncementOrder) -> AnnouncementOrder:
    return AnnouncementOrder.objects.get(pk=found.pk)


def state(found: AnnouncementOrder) -> str:
    return fresh(found).state_at(database_now())


def meanwhile(monkeypatch, what) -> None:
    """`what()` happens after each portion is announced and before the worker has written that it is."""

    def then(**given):
        made = announce_results(**given)
        what()
        return made

    monkeypatch.setattr(verbs, "announce_results", then)


def dies() -> None:
    raise RuntimeError("the lights went out")


class TestOrdering:
    def test_a_second_click_is_the_same_order(self, cast, call):
        assert order(cast, call) == order(cast, call)
        assert Event.objects.filter(verb="order_announcement").count() == 1

    def test_another_coordinator_s_click_is_the_same_order_too(self, cast, call):
        shirin = make_person("shirin")
        make_membership(shirin, cast.provider, Role.COORDINATOR)
        assert order(cast, call) == order(cast, call, by=shirin)
        assert fresh(order(cast, call)).requested_by == cast.laleh

    def test_the_missed_ones_are_an_order_of_their_own(self, cast, call):
        assert (order(cast, call).total, order(cast, call, which="missed").total) == (COUNT, 1)

    def test_when_it_is_done_nothing_is_left_to_order(self, cast, call):
        assert carry_out(order(cast, call).pk)
        with pytest.raises(Refused) as refusal:
            order(cast, call)
        assert refusal.value.code == "nothing-to-announce"

    @pytest.mark.parametrize("who", ["omid", "nader", "sara", "reza", "stranger"])
    def test_only_a_coordinator_of_the_provider_orders(self, cast, call, who):
        with pytest.raises(Forbidden):
            order(cast, call, by=getattr(cast, who))
        assert not AnnouncementOrder.objects.exists()


class TestCarryingOut:
    def test_all_that_were_ordered_are_announced_and_who_ordered_is_told(self, cast, call):
        found = order(cast, call)
        assert carry_out(found.pk)
        found = fresh(found)
        assert (found.announced, found.refused, found.percent) == (COUNT, [], 100)
        assert (state(found), ResultVersion.objects.count()) == (OrderState.ENDED, COUNT)
        told = Notice.objects.filter(event__verb="end_announcement_order", channel="portal")
        assert [notice.person for notice in told] == [cast.laleh]

    def test_what_an_order_announced_leaves_no_invariant_broken(self, cast):
        call = published_call(cast)
        for unit in (cast.a, cast.b):
            reviewed_report(cast, call, unit)
        assert carry_out(order(cast, call).pk)
        assert ResultVersion.objects.count() == 2
        assert list(broken()) == []

    def test_the_sweep_carries_each_order_out_once(self, cast, call):
        order(cast, call)
        order(cast, call, which="missed")
        assert (announce_ordered(), announce_ordered()) == (2, 0)
        assert Report.objects.filter(call=call, state=ReportState.ANNOUNCED).count() == COUNT + 1

    def test_what_becomes_ready_after_the_order_is_not_in_it(self, cast, call):
        waiting = Report.objects.filter(call=call, reviews__isnull=False).order_by("pk").first()
        waiting.reviews.update(state="assigned", handed_in_at=None)
        found = order(cast, call)
        waiting.reviews.update(state="handed_in", handed_in_at=database_now())
        assert carry_out(found.pk)
        assert not ResultVersion.objects.filter(report=waiting).exists()

    def test_one_that_is_refused_is_listed_with_its_reason_and_stops_no_other(self, cast, call):
        unsettled = Report.objects.filter(call=call, reviews__isnull=False).order_by("pk")[1]
        unsettled.reviews.get().items.all().delete()
        found = order(cast, call)
        assert carry_out(found.pk)
        found = fresh(found)
        assert found.announced == COUNT - 1
        assert [(row["report"], row["unit"], bool(row["why"])) for row in found.refused] == [
            (unsettled.tracking_code, unsettled.unit_name, True)
        ]

    def test_a_conflict_of_interest_leaves_out_that_report_alone(self, cast, call):
        own = Report.objects.filter(call=call, reviews__isnull=False).order_by("pk")[0]
        make_membership(cast.laleh, own.unit, Role.REPORTER)
        found = order(cast, call)
        assert carry_out(found.pk)
        assert [row["report"] for row in fresh(found).refused] == [own.tracking_code]
        assert fresh(found).announced == COUNT - 1

    def test_a_membership_that_ends_stops_the_order_at_the_next_portion(self, cast, call, monkeypatch):
        found = order(cast, call)
        meanwhile(monkeypatch, lambda: Membership.objects.filter(person=cast.laleh).update(ends_at=database_now()))
        assert carry_out(found.pk) is False
        found = fresh(found)
        assert (state(found), found.done, found.announced) == (OrderState.FAILED, 2, 2)
        assert found.trouble
        assert Notice.objects.filter(event__verb="fail_announcement_order", person=cast.laleh).exists()

    def test_the_number_of_statements_does_not_grow_with_the_reports_of_a_portion(
        self, cast, call, monkeypatch, django_assert_num_queries
    ):
        monkeypatch.setattr(verbs, "PORTION", 10)
        first = order(cast, call, which="missed")
        assert carry_out(first.pk)
        counts = []
        ready = list(Report.objects.filter(call=call, reviews__isnull=False).order_by("pk"))
        for some in (ready[:1], ready[1:]):
            found = AnnouncementOrder.objects.create(
                key=f"order-{len(some)}", call=call, which="ready", reports=[r.pk for r in some], total=len(some),
                requested_at=database_now(), requested_by=cast.laleh,
            )  # fmt: skip
            with django_assert_num_queries(44, exact=False) as seen:
                assert carry_out(found.pk)
            counts.append(len(seen))
        assert counts[0] == counts[1]


class TestDeadWorkers:
    def test_what_a_dead_worker_left_is_announced_by_the_next_and_nothing_twice(self, cast, call, monkeypatch, clock):
        found = order(cast, call)
        with monkeypatch.context() as patched:
            meanwhile(patched, dies)
            assert carry_out(found.pk) is False
        # Two are announced, and the order does not say so.
        assert (ResultVersion.objects.count(), fresh(found).done) == (2, 0)
        assert carry_out(found.pk) is False  # still in the dead one's hands
        clock.move(seconds=DEAD_AFTER.total_seconds() + 1)
        assert carry_out(found.pk) is True
        assert (fresh(found).announced, ResultVersion.objects.count()) == (COUNT, COUNT)
        assert Event.objects.filter(noun="report", verb="announce").count() == COUNT

    def test_a_second_worker_does_not_take_what_the_first_is_announcing(self, cast, call, monkeypatch):
        found, seen = order(cast, call), []
        meanwhile(monkeypatch, lambda: seen.append((state(found), carry_out(found.pk))))
        assert carry_out(found.pk)
        assert set(seen) == {(OrderState.RUNNING, False)}

    def test_after_some_attempts_it_has_stopped_and_says_so(self, cast, call, monkeypatch, clock):
        found = order(cast, call)
        monkeypatch.setattr(verbs, "announce_results", lambda **given: dies())
        for _attempt in range(ATTEMPTS + 1):
            carry_out(found.pk)
            clock.move(seconds=DEAD_AFTER.total_seconds() + 1)
        assert (state(found), bool(fresh(found).trouble)) == (OrderState.FAILED, True)
        assert order(cast, call) != found  # the rest can be ordered anew

    def overtaken(self, cast, call, monkeypatch, clock) -> AnnouncementOrder:
        """A worker falls asleep over its last portion; the next one ends the order; then the first wakes up."""
        found, portions = order(cast, call), []

        def sleeps():
            portions.append(True)
            if len(portions) == 3:
                clock.move(seconds=DEAD_AFTER.total_seconds() + 1)
                assert carry_out(found.pk) is True

        meanwhile(monkeypatch, sleeps)
        carry_out(found.pk)
        return fresh(found)

    def test_a_worker_that_was_taken_for_dead_writes_nothing(self, cast, call, monkeypatch, clock):
        found = self.overtaken(cast, call, monkeypatch, clock)
        assert (found.attempts, found.announced, found.done) == (2, COUNT, COUNT)
        assert Event.objects.filter(verb="end_announcement_order").count() == 1
        assert ResultVersion.objects.count() == COUNT

    def test_without_the_claim_both_workers_end_it(self, cast, call, monkeypatch, clock):
        """The twin: who does not ask whether the order is still theirs ends it a second time, and tells of it twice."""
        monkeypatch.setattr(verbs, "claimed_order", lambda found: AnnouncementOrder.objects.filter(pk=found.pk))
        self.overtaken(cast, call, monkeypatch, clock)
        assert Event.objects.filter(verb="end_announcement_order").count() == 2
        assert ResultVersion.objects.count() == COUNT  # the lock on each report still holds


class TestPages:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch):
        monkeypatch.setattr(announce, "AT_ONCE", 2)

    def page(self, call) -> str:
        return reverse("reports:announce", args=[call.pk])

    def confirm(self, client, call, which="ready"):
        return client.post(self.page(call), {"everything": which, "step": "confirmed"})

    def test_before_it_is_ordered_the_page_says_how_many_and_orders_nothing(self, cast, call, client_for):
        page = client_for(cast.laleh).post(self.page(call), {"everything": "ready"})
        assert (page.context["count"], page.context["which"]) == (COUNT, "ready")
        assert not AnnouncementOrder.objects.exists()

    def test_confirmed_it_is_ordered_and_the_page_of_the_order_follows(self, cast, call, client_for):
        client = client_for(cast.laleh)
        answer = self.confirm(client, call)
        found = AnnouncementOrder.objects.get()
        assert answer.url == reverse("reports:announce_order", args=[call.pk, found.key])
        assert (found.total, ResultVersion.objects.count()) == (COUNT, 0)
        assert self.confirm(client, call).url == answer.url  # the second click
        assert client.post(self.page(call), {"everything": "ready"}).url == answer.url

    def test_a_few_are_announced_at_once(self, cast, call, client_for):
        client = client_for(cast.laleh)
        page = client.post(self.page(call), {"everything": "missed"})
        codes = [row.report.tracking_code for row in page.context["rows"]]
        client.post(self.page(call), {"report": codes, "step": "confirmed"})
        assert (ResultVersion.objects.count(), AnnouncementOrder.objects.exists()) == (1, False)

    def test_the_page_asks_again_until_it_is_done_and_then_names_what_was_left_out(self, cast, call, client_for):
        unsettled = Report.objects.filter(call=call, reviews__isnull=False).order_by("pk")[1]
        unsettled.reviews.get().items.all().delete()
        client = client_for(cast.laleh)
        address = self.confirm(client, call).url
        assert b"every 2s" in client.get(address, headers={"HX-Request": "true"}).content
        assert address in client.get(self.page(call)).content.decode()
        announce_ordered()
        done = client.get(address)
        assert b"every 2s" not in done.content
        assert unsettled.unit_name in done.content.decode()

    @pytest.mark.parametrize(
        ("who", "status"), [("laleh", 200), ("nader", 200), ("omid", 200), ("reza", 403), ("stranger", 404)]
    )
    def test_who_oversees_the_call_sees_its_orders(self, cast, call, client_for, who, status):
        make_membership(cast.reza, Report.objects.filter(call=call).first().unit, Role.HEAD)
        found = order(cast, call)
        address = reverse("reports:announce_order", args=[call.pk, found.key])
        assert client_for(getattr(cast, who)).get(address).status_code == status

    def test_an_order_is_found_under_its_own_call_only(self, cast, call, client_for):
        other, _units = field_call(cast, 1, service=call.service)
        address = reverse("reports:announce_order", args=[other.pk, order(cast, call).key])
        assert client_for(cast.laleh).get(address).status_code == 404

    def test_the_page_of_an_order_asks_as_much_for_few_reports_as_for_many(
        self, cast, call, client_for, django_assert_num_queries
    ):
        client = client_for(cast.laleh)
        addresses = [self.confirm(client, call).url]
        missed = order(cast, call, which="missed")
        addresses.append(reverse("reports:announce_order", args=[call.pk, missed.key]))
        client.get(addresses[0])
        for address in addresses:
            with django_assert_num_queries(ORDER_PAGE):
                client.get(address)
