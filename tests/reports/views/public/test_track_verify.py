"""Tracking and verifying: for anybody who holds a code, without signing in; status and dates, nothing else."""

import pytest
from django.urls import reverse

from reports.actions.objections import contest_result, offer_result
from reports.actions.results import announce_result
from reports.actions.review import TypedFinding
from reports.models import ResultVersion
from reports.queries.result_findings import ChangedFinding
from reports.views.public.track import TRIES
from tests.calls import published_call, report_of, submitted_report
from tests.reviews import announced_report

HOUSING = "HSG-01"
FEWER = {HOUSING: ChangedFinding(verified={"numerator": "40", "denominator": "100"}, reason="شمارش دوباره")}

HOW = [
    str.lower,
    lambda code: code.replace("-", " - "),
    lambda code: code.replace("-", " "),
    lambda code: code.replace("-", "").lower(),
    lambda code: f" {code} ",
]


@pytest.fixture
def call(cast):
    return published_call(cast)


def track(client, code: str):
    return client.get(reverse("reports:track"), {"code": code})


def verify(client, code: str):
    return client.get(reverse("reports:verify_code", args=[code]))


class TestTracking:
    def test_it_tells_the_status_and_the_dates(self, cast, call, client):
        report, revision = submitted_report(cast, call)
        found = track(client, report.tracking_code).context["found"]
        steps = [(step.at, step.todo) for step in found.steps]
        assert (found.status, steps) == (
            "submitted", [(revision.submitted_at, False), (report.call.review_until, True)],
        )  # fmt: skip

    def test_it_says_what_comes_next_and_by_when(self, cast, call, client, client_for):
        report, _revision = submitted_report(cast, call)
        found = track(client, report.tracking_code).context["found"]
        receipt = client_for(cast.reza).get(reverse("reports:report_receipt", args=[report.tracking_code]))
        assert "روز برای اعتراض" in found.what_next
        assert receipt.context["what_next"] == found.what_next
        assert [step.at for step in receipt.context["steps"]] == [report.call.review_until]

    def test_it_tells_nothing_of_the_report_itself(self, cast, call, client):
        report, _version = announced_report(cast, call)
        text = track(client, report.tracking_code).content.decode()
        for secret in (cast.a.name, cast.sara.last_name, cast.reza.last_name, "خوابگاه", "۹۶"):
            assert secret not in text

    @pytest.mark.parametrize("how", HOW)
    def test_how_it_is_typed_makes_no_difference(self, cast, call, client, how):
        report = report_of(call, cast.a)
        assert track(client, how(report.tracking_code)).context["found"].code == report.tracking_code

    def test_an_unknown_code_says_what_to_check(self, client, db):
        answer = track(client, "1405Q2-AAAA-BBBB-CCCC-DDDD")
        assert (answer.status_code, answer.context["found"]) == (404, None)

    def test_every_status_has_its_words(self, cast, call, client, clock):
        report, _version = announced_report(cast, call)
        assert track(client, report.tracking_code).context["found"].steps[-1].todo is True
        contest_result(report=report, text="شمارش نادرست است.", by=cast.reza)
        assert track(client, report.tracking_code).context["found"].status == "contested"
        clock.move(days=60)
        assert track(client, report.tracking_code).context["found"].status == "final"
        assert track(client, report_of(call, cast.b).tracking_code).context["found"].status == "missed"

    def test_too_many_tries_are_turned_away(self, cast, call, client):
        for _turn in range(TRIES):
            assert track(client, "AAAA").status_code == 404
        answer = track(client, report_of(call, cast.a).tracking_code)
        assert answer.status_code == 429

    def test_the_empty_form_costs_no_try(self, client, db):
        for _turn in range(TRIES + 2):
            assert client.get(reverse("reports:track")).status_code == 200


class TestVerifying:
    def test_a_genuine_letter_is_confirmed_with_its_dates(self, cast, call, client):
        _report, version = announced_report(cast, call)
        found = verify(client, version.verification_code).context["found"]
        assert (found.version, found.stands) == (version, True)

    @pytest.mark.parametrize("how", HOW)
    def test_how_it_is_typed_makes_no_difference(self, cast, call, client, how):
        _report, version = announced_report(cast, call)
        answer = client.get(reverse("reports:verify"), {"code": how(version.verification_code)}, follow=True)
        assert answer.context["found"].version == version

    def test_it_tells_neither_the_unit_nor_the_score(self, cast, call, client):
        _report, version = announced_report(cast, call)
        text = verify(client, version.verification_code).content.decode()
        for secret in (cast.a.name, cast.reza.last_name, "۹۶"):
            assert secret not in text

    def test_a_replaced_letter_is_genuine_and_no_longer_stands(self, cast, call, client):
        report, version = announced_report(cast, call)
        announce_result(report=report, by=cast.laleh, changes=FEWER, reason="خطای شمارش")
        assert verify(client, version.verification_code).context["found"].stands is False

    def test_an_offer_that_was_never_announced_is_no_letter(self, cast, call, client):
        report, _version = announced_report(cast, call)
        dispute = contest_result(report=report, text="شمارش نادرست است.", by=cast.reza)
        typed = {HOUSING: TypedFinding(verified={"numerator": "79", "denominator": "100"})}
        offer_result(dispute=dispute, typed=typed, text="یک نفر کم می‌شود.", by=cast.laleh)
        offered = ResultVersion.objects.get(announced_at=None)
        assert verify(client, offered.verification_code).status_code == 404

    def test_a_tracking_code_verifies_nothing(self, cast, call, client):
        report, _version = announced_report(cast, call)
        assert verify(client, report.tracking_code).status_code == 404

    def test_the_form_leads_to_an_address_that_can_be_passed_on(self, cast, call, client):
        _report, version = announced_report(cast, call)
        answer = client.get(reverse("reports:verify"), {"code": version.verification_code.lower()}, follow=True)
        assert answer.context["found"].version == version

    def test_too_many_tries_are_turned_away(self, client, db):
        for _turn in range(TRIES):
            assert verify(client, "AAAA-BBBB").status_code == 404
        assert verify(client, "AAAA-BBBB").status_code == 429
