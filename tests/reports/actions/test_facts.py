"""The facts of analysis are what the letters of the results say: after announcing, after another version, after rebuilding."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from reports.actions.facts import rebuild_facts, write_facts
from reports.actions.results import announce_result
from reports.invariants.facts import facts_are_what_results_say
from reports.models import FactStamp, IndicatorFact, ResultFact, ResultVersion
from reports.queries.result_findings import ChangedFinding
from tests.calls import published_call
from tests.field import FEW, FIGURES, MEASURES, announce_field, field_call, undone, value_of, verified_of
from tests.reviews import announced_report


@pytest.fixture
def call(cast):
    return published_call(cast)


def near(found, expected) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return float(found) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@FEW
@given(figures=st.lists(FIGURES, min_size=1, max_size=4))
def test_every_fact_is_what_revisions_and_reviews_say(cast, figures):
    with undone():
        call, units = field_call(cast, len(figures))
        for report, own in zip(announce_field(cast, call, units, figures), figures, strict=True):
            items = verified_of(report)
            facts = {f.indicator: f for f in IndicatorFact.objects.filter(result=report.pk)}
            assert set(facts) == set(MEASURES)
            for code, fact in facts.items():
                if items is None:
                    assert (fact.state, fact.value, fact.points) == ("missing", None, 0)
                    continue
                claimed = {role: own.claimed.get(name, "") for role, name in MEASURES[code][6].items()}
                numbers = {role: float(text) for role, text in claimed.items() if text}
                assert near(fact.claimed_numerator, numbers.get("numerator"))
                assert near(fact.claimed_denominator, numbers.get("denominator"))
                assert near(fact.claimed_value, value_of(code, {"na": False, **numbers})), code
                value = value_of(code, items[code])
                state = "not_applicable" if items[code]["na"] else "missing" if value is None else "scored"
                assert fact.state == state
                assert near(fact.value, value_of(code, {**items[code], "na": False})), code  # what was found stays
                assert near(fact.weightby, _number(own.claimed.get(MEASURES[code][7])))
        assert list(facts_are_what_results_say()) == []  # which works them out anew from what the letters say


def _number(text):
    return float(text) if text else None


def test_the_facts_of_a_report_are_those_of_its_letter(cast, call):
    report, version = announced_report(cast, call)
    facts = IndicatorFact.objects.filter(result=report.pk)
    said = {i["code"]: (i["points"], i["effective_weight"]) for i in version.score["indicators"]}
    assert {f.indicator: (f.points, f.weight) for f in facts} == {
        c: (Decimal(p), Decimal(w)) for c, (p, w) in said.items()
    }
    assert ResultFact.objects.get(report=report).total == version.total


def test_another_version_replaces_the_facts_of_the_first(cast, call):
    report, _version = announced_report(cast, call)
    first = FactStamp.objects.get(call=call).stamp
    fewer = {"HSG-01": ChangedFinding(verified={"numerator": "40", "denominator": "100"}, reason="شمارش دوباره")}
    second = announce_result(report=report, by=cast.laleh, changes=fewer, reason="خطای شمارش")
    fact = IndicatorFact.objects.get(result=report.pk, indicator="HSG-01")
    assert (fact.claimed_numerator, fact.numerator) == (80, 40)
    assert (fact.claimed_value, fact.value) == (80, 40)  # what is claimed is not what was verified
    assert ResultFact.objects.get(report=report).version_id == second.pk
    assert FactStamp.objects.get(call=call).stamp != first
    assert list(facts_are_what_results_say()) == []


def test_a_missed_report_has_facts_that_hold_nothing_and_no_place(cast, call, clock):
    clock.move(days=4)
    from tests.calls import report_of

    report = report_of(call, cast.b)
    announce_result(report=report, by=cast.laleh)
    fact = ResultFact.objects.get(report=report)
    assert (fact.missed, fact.total, fact.sort_total) == (True, 0, ResultFact.NO_REPORT)
    states = IndicatorFact.objects.filter(result=report.pk).exclude(indicator="MGT-01").values_list("state", flat=True)
    assert set(states) == {"missing"}


def test_an_announcement_that_fails_leaves_no_facts(cast, call):
    from tests.reviews import reviewed_report

    report = reviewed_report(cast, call)
    with undone():
        announce_result(report=report, by=cast.laleh)
    assert not ResultFact.objects.exists()
    assert not FactStamp.objects.exists()


def test_facts_are_written_in_a_transaction_only(cast, call, transactional_db):
    report, version = announced_report(cast, call)
    with pytest.raises(RuntimeError):
        write_facts([(report, version)])


class TestRebuilding:
    def test_writes_again_what_was_lost_or_bent(self, cast, call):
        report, _version = announced_report(cast, call)
        before = list(IndicatorFact.objects.order_by("indicator").values_list("indicator", "value", "points"))
        IndicatorFact.objects.filter(indicator="HSG-01").update(value=1)
        IndicatorFact.objects.filter(indicator="WLF-01").delete()
        out = StringIO()
        call_command("rebuildfacts", stdout=out)
        assert list(IndicatorFact.objects.order_by("indicator").values_list("indicator", "value", "points")) == before
        assert out.getvalue() == "1 results\n"

    def test_the_invariant_names_what_is_bent_lost_or_too_much(self, cast, call):
        report, _version = announced_report(cast, call)
        code = report.tracking_code
        IndicatorFact.objects.filter(indicator="HSG-01").update(value=1)
        IndicatorFact.objects.filter(indicator="WLF-01").delete()
        ResultFact.objects.update(total=3)
        assert [row.partition(" is not")[0] for row in facts_are_what_results_say()] == [
            f"fact: the result of report {code}", f"fact: HSG-01 of report {code}", f"fact: WLF-01 of report {code}",
        ]  # fmt: skip
        assert ResultVersion.objects.count() == 1

    def test_takes_the_version_that_was_announced_last_whatever_its_number(self, cast, call):
        report, version = announced_report(cast, call)
        fields = {
            f.attname: getattr(version, f.attname) for f in ResultVersion._meta.concrete_fields if not f.primary_key
        }
        before = version.announced_at - timedelta(microseconds=1)
        ResultVersion.objects.create(
            **fields | {"number": 2, "prepared_at": before, "announced_at": before, "verification_code": "another"}
        )
        assert rebuild_facts([call]) == 1
        assert ResultFact.objects.get(report=report).version_id == version.pk
