"""The demo is told through the verbs or written as they would have: consistent, complete, and never in production."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from reports.demo.money import FEE
from reports.enums import CallPhase, ReportStatus
from reports.invariants import broken
from reports.models import Call, FormVersion, Report, ResultVersion, Revision
from reports.pages.calls.history import call_steps
from reports.queries import asked_of, reports_at
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.verbs import VERBS
from sla.enums import Answer
from sla.models import Acceptance, Dispute, Payment, Refund
from units.enums import Role
from units.models import Event, Membership, Unit


def run(*arguments: str) -> None:
    call_command("seeddemo", *arguments, stdout=StringIO())


@pytest.mark.full
def test_the_demo_has_the_tree_the_form_six_quarters_and_two_open_calls(db, client_for):
    run()
    now = database_now()
    assert Unit.objects.filter(code__in=["ORG", "KHB", "TGZ", "RFH"]).count() == 4
    assert Unit.objects.filter(parent__code="UNI").count() == 143
    assert list(FormVersion.objects.order_by("number").values_list("indicator_count", flat=True)) == [39, 39]
    phases = dict(Call.objects.with_phase(now).values_list("phase").annotate(n=Count("id")))
    assert phases == {CallPhase.CLOSED: 6, CallPhase.OPEN: 2}
    assert sorted(Dispute.objects.values_list("outcome", flat=True)) == ["", "", "final", "settled"]
    statuses = set(reports_at(now).values_list("status", flat=True))
    assert statuses >= {
        ReportStatus.NOT_STARTED, ReportStatus.DRAFT, ReportStatus.AWAITING_SIGN_OFF, ReportStatus.SUBMITTED,
        ReportStatus.UNDER_REVIEW, ReportStatus.RETURNED, ReportStatus.ANNOUNCED, ReportStatus.CONTESTED, ReportStatus.FINAL,
    }  # fmt: skip
    without = Call.objects.get(needs_sign_off=False)
    asked = without.reports.values("unit")
    assert without.reports.count() == 143
    assert Acceptance.objects.filter(unit__in=asked, answer=Answer.ACCEPTED).count() == 137
    assert Acceptance.objects.get(answer=Answer.REFUSED).reason
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    totals = ResultVersion.objects.filter(missed=False).values_list("total", flat=True)
    assert all(40 < total < 100 for total in totals)
    assert list(broken()) == []
    told = call_steps(Event.objects.filter(noun="call"), {})
    assert [step["title"] for step in told if "_" in step["title"]] == []
    recorded = set(Event.objects.values_list("noun", "verb"))
    assert [(noun, verb) for noun, verb in recorded if verb not in VERBS[noun].values] == []
    laleh = Membership.objects.get(person__username="laleh").person
    for path in ("/desk/", "/calls/", "/units/", "/units/KHB/", "/disputes/", "/reports/", "/review/"):
        assert client_for(laleh).get(path).status_code == 200, path


@pytest.mark.full
def test_departments_are_asked_of_their_own_field_and_of_what_all_are_asked(db):
    run()
    call = Call.objects.get(form_version__number=2)
    asked = {
        report.unit.code: [section.name for section in asked_of(report).sections if section.name]
        for report in reports_at(database_now()).filter(call=call).select_related("unit")
    }
    assert {code: asked[code] for code in ("KHB", "KHB-IMN", "TRB", "RFH", "EDR")} == {
        "KHB": ["dormitory", "service_quality", "management"],
        "KHB-IMN": ["dormitory", "service_quality", "management"],
        "TRB": ["sports", "service_quality", "management"],
        "RFH": ["welfare", "service_quality", "management"],
        "EDR": ["service_quality", "management"],
    }
    assert call.peers == "unit_attribute:field"
    sports = Revision.objects.get(report__call=call, report__unit__code="TRB")
    assert [name for name in sports.answers if name.startswith(("drm_", "nut_", "lon_"))] == []
    assert sorted(sports.claimed_score["indicators"]) == sorted(
        indicator.code for indicator in asked_of(sports.report).indicators
    )
    universities = Call.objects.get(needs_sign_off=False).reports.select_related("call__form_version").first()
    assert len(asked_of(universities).indicators) == 39


@pytest.mark.full
def test_the_demo_charges_the_universities_and_tells_a_payment_of_each_kind(db, settings, client_for):
    settings.PAYMENT_GATEWAY = "simulator"
    run()

    assert dict(Call.objects.filter(published_at__isnull=False).order_by().values_list("price_rials").annotate(n=Count("id"))) == {
        0: 7, FEE: 1,
    }  # fmt: skip
    states = dict(Payment.objects.values_list("state").annotate(n=Count("id")))
    assert states == {"paid": 13, "failed": 1, "unknown": 1}
    assert list(Refund.objects.values_list("proposed_by__username", "consented_at")) == [("samira", None)]
    assert list(broken()) == []
    for name in ("laleh", "babak", "nader"):
        client = client_for(Membership.objects.get(person__username=name).person)
        for path in ("/desk/", "/payments/"):
            assert client.get(path).status_code == 200, (name, path)


def test_the_large_demo_makes_as_many_reports_as_asked_for(db):
    run("--units", "12", "--calls", "3")
    assert Report.objects.count() == 36
    assert list(broken()) == []


def test_a_portal_in_use_takes_no_demo(cast):
    with pytest.raises(CommandError, match="empty"):
        run()


def test_a_production_portal_takes_no_demo(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="known passwords"):
        run()
