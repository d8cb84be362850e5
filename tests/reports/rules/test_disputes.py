"""Who has no vote, who sees what is offered, who announces: in disputes over a result."""

import pytest
from django.urls import reverse

from reports.actions.announcing import announce_results
from reports.actions.objections import accept_result_offer, contest_result, offer_result, write_as_reviewer
from reports.actions.results import announce_result, last_announced
from reports.actions.review import TypedFinding
from reports.invariants import broken
from reports.queries.result_findings import ChangedFinding
from reports.rules import can_announce
from reports.rules.disputes import can_see_offers
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.disputes import write_message
from sla.actions.offers import decline_offer, take_back_offer
from sla.models import Dispute
from tests.calls import published_call, report_of
from tests.disputes import announced_report_with
from tests.factories import make_membership, make_person
from tests.reviews import reviewed_report, second_reviewer
from units.enums import Role

CHANGE = {"HSG-01": ChangedFinding(verified={"numerator": "85", "denominator": "100"}, reason="فهرست پذیرفته شد.")}


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def report(cast, call):
    return announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})


@pytest.fixture
def dispute(cast, report):
    return contest_result(report=report, text="نفر-روزها شمرده نشده است.", by=cast.reza)


@pytest.fixture
def reviewing_coordinator(cast):
    """Omid, who reviewed the report, coordinates at the provider as well."""
    make_membership(cast.omid, cast.provider, Role.COORDINATOR)
    return cast.omid


def offer_of(dispute, by, housed="60"):
    typed = {"HSG-01": TypedFinding(verified={"numerator": housed, "denominator": "100"})}
    return offer_result(dispute=dispute, typed=typed, text="با شمارش جایگزین‌ها", by=by)


def page(client, dispute) -> str:
    return client.get(reverse("reports:dispute", args=[dispute.pk])).content.decode()


# ------------------------------------------------------------------------------- who made the contested score
class TestWithoutAVote:
    def test_filing_notes_who_made_the_score(self, cast, dispute):
        assert set(dispute.without_vote.all()) == {cast.omid}

    def test_a_reviewer_who_coordinates_too_decides_nothing(self, cast, dispute, reviewing_coordinator):
        offer = offer_of(dispute, cast.reza)
        for act in (
            lambda: accept_result_offer(offer=offer, by=reviewing_coordinator),
            lambda: decline_offer(offer=offer, by=reviewing_coordinator),
            lambda: offer_of(dispute, reviewing_coordinator, "70"),
            lambda: write_message(dispute=dispute, text="از سوی سازمان", by=reviewing_coordinator),
        ):
            with pytest.raises(Forbidden):
                act()
        mine = offer_of(dispute, cast.laleh, "55")
        with pytest.raises(Forbidden):
            take_back_offer(offer=mine, by=reviewing_coordinator)

    def test_they_may_write_as_the_reviewer(self, dispute, reviewing_coordinator):
        assert write_as_reviewer(dispute=dispute, text="در فهرست نبودند", by=reviewing_coordinator).side == "provider"

    def test_inside_the_dispute_they_announce_nothing(self, report, dispute, reviewing_coordinator):
        with pytest.raises(Forbidden):
            announce_result(report=report, by=reviewing_coordinator, reason="بازبینی", changes=CHANGE)

    def test_the_page_offers_them_a_box_to_write_and_no_decision(
        self, client_for, cast, report, dispute, reviewing_coordinator
    ):
        offer_of(dispute, cast.reza)
        client = client_for(reviewing_coordinator)
        text = page(client, dispute)
        assert reverse("reports:dispute_write", args=[dispute.pk]) in text
        assert reverse("reports:dispute_answer", args=[dispute.pk, 1, "accept"]) not in text
        assert reverse("reports:dispute_offer", args=[dispute.pk]) not in text
        revise = reverse("reports:result_revise", args=[report.tracking_code])
        assert client.get(revise).status_code == 403
        assert revise not in client.get(reverse("reports:report_result", args=[report.tracking_code])).content.decode()

    def test_they_do_not_file_over_their_own_score(self, report, reviewing_coordinator):
        with pytest.raises(Forbidden):
            contest_result(report=report, text="خودم داوری کردم", by=reviewing_coordinator)

    def test_another_coordinator_decides(self, cast, dispute, reviewing_coordinator):
        accept_result_offer(offer=offer_of(dispute, cast.reza), by=cast.laleh)
        assert list(broken()) == []


# -------------------------------------------------------------------------------------------- the provider files
def test_the_provider_contests_its_own_announced_result(cast, report):
    dispute = contest_result(report=report, text="خطای شمارش در بازبینی ماست.", by=cast.laleh)
    assert (dispute.filed_side, dispute.positions.get().act_key) == ("provider", str(last_announced(report).pk))
    with pytest.raises(Forbidden):
        withdraw_dispute(dispute=dispute, by=cast.reza)
    accept_result_offer(offer=offer_of(dispute, cast.laleh), by=cast.reza)
    assert list(broken()) == []


# ---------------------------------------------------------------------------------------------- what is offered
class TestPreparedScores:
    """83.5 of 100 stands in the offer and nowhere else."""

    @pytest.fixture
    def offered(self, cast, dispute):
        offer_of(dispute, cast.laleh)
        return dispute

    @pytest.mark.parametrize("who", ["sara", "reza", "laleh", "nader"])
    def test_the_two_sides_and_the_auditor_read_them(self, client_for, cast, offered, who):
        text = page(client_for(getattr(cast, who)), offered)
        assert ("۸۳٫۵" in text, "۳۷٫۵۰" in text) == (True, True)

    @pytest.mark.parametrize("who", ["omid", "admin"])
    def test_other_readers_do_not(self, client_for, cast, offered, who):
        text = page(client_for(getattr(cast, who)), offered)
        assert ("۸۳٫۵" in text, "۳۷٫۵۰" in text) == (False, False)
        assert "میان دو طرف" in text

    def test_nor_a_reviewer_or_coordinator_above_who_speaks_for_nobody(self, cast, offered):
        parisa = second_reviewer(cast)
        above = make_person("behnam", "بهنام کیا")
        make_membership(above, cast.a, Role.COORDINATOR)
        at = database_now()
        assert (can_see_offers(parisa, offered, at), can_see_offers(above, offered, at)) == (False, False)

    def test_once_accepted_it_is_announced_and_everybody_reads_it(self, client_for, cast, offered):
        accept_result_offer(offer=offered.offers.get(), by=cast.reza)
        assert "۸۳٫۵" in page(client_for(cast.omid), offered)

    def test_a_declined_one_stays_between_the_two_sides(self, client_for, cast, offered):
        decline_offer(offer=offered.offers.get(), by=cast.reza)
        assert "۸۳٫۵" not in page(client_for(cast.omid), offered)
        assert "۸۳٫۵" in page(client_for(cast.reza), offered)


# -------------------------------------------------------------------------------------------------- announcing
class TestOnesOwnUnit:
    @pytest.mark.parametrize("where", ["a", "a_child", "provider"])
    @pytest.mark.parametrize("role", [Role.REPORTER, Role.HEAD])
    def test_who_reports_in_its_line_announces_no_result(self, cast, call, where, role):
        report = reviewed_report(cast, call)
        make_membership(cast.laleh, getattr(cast, where), role)
        with pytest.raises(Forbidden):
            announce_result(report=report, by=cast.laleh)
        assert last_announced(report) is None

    def test_page_and_verb_agree(self, client_for, cast, call):
        report = reviewed_report(cast, call)
        make_membership(cast.laleh, cast.a, Role.REPORTER)
        laleh = client_for(cast.laleh)
        where = reverse("reports:announce", args=[call.pk])
        assert f'value="{report.tracking_code}"' not in laleh.get(where).content.decode()
        laleh.post(where, {"report": report.tracking_code, "step": "confirmed"})
        assert last_announced(report) is None
        assert not can_announce(cast.laleh, report_of(call, cast.a), database_now())

    def test_of_many_it_stops_only_that_one(self, cast, call):
        a, b = reviewed_report(cast, call), reviewed_report(cast, call, cast.b)
        make_membership(cast.laleh, cast.a, Role.REPORTER)
        done = announce_results(reports=[a, b], by=cast.laleh)
        assert [bool(one.version) for one in done] == [False, True]

    def test_a_new_version_is_refused_as_well(self, cast, report):
        make_membership(cast.laleh, cast.a_child, Role.REPORTER)
        with pytest.raises(Forbidden):
            announce_result(report=report, by=cast.laleh, reason="بازبینی", changes=CHANGE)

    def test_in_a_dispute_they_decide_nothing(self, client_for, cast, dispute):
        offer = offer_of(dispute, cast.reza)
        make_membership(cast.laleh, cast.a_child, Role.REPORTER)
        with pytest.raises(Forbidden):
            accept_result_offer(offer=offer, by=cast.laleh)
        assert reverse("reports:dispute_answer", args=[dispute.pk, 1, "accept"]) not in page(
            client_for(cast.laleh), dispute
        )
        assert Dispute.objects.get().outcome == ""
