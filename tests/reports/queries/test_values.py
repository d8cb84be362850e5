"""A ratio whose form has no row that calculates it is worked out by the portal, and shown wherever a calculated one is."""

from decimal import Decimal

import pytest
from django.urls import reverse

from reports.actions.drafts import save_section
from reports.actions.submission import submit_report
from reports.queries import form_of
from reports.queries.drafts import assess, collect
from reports.queries.earlier_periods import Earlier
from reports.queries.values import value_text
from reports.rules.exports import REPORTS_CSV
from sajad_portal.lib.clock import database_now
from tests.calls import published_call, report_of
from tests.exports import made, read
from tests.forms import FA, workbook
from tests.reviews import assign, review_of

RATIO = "RAT-01"


def form() -> bytes:
    row = {"bind::sajad:indicator": RATIO, "type": "integer"}
    return workbook(
        [
            {"type": "begin_group", "name": "housing", FA: "خوابگاه"},
            {
                **row, "name": "housed", FA: "اسکان‌یافته", "bind::sajad:role": "numerator", "bind::sajad:weight": 100,
                "bind::sajad:standard": 80, "bind::sajad:unit": "٪", "bind::sajad:scale": 100,
            },
            {**row, "name": "eligible", FA: "واجد شرایط", "bind::sajad:role": "denominator"},
            {"type": "end_group"},
        ]
    )  # fmt: skip


@pytest.fixture
def report(cast):
    call = published_call(cast, form=form(), needs_sign_off=True)
    assert form_of(call.form_version).indicator(RATIO).ratio == ""
    report = report_of(call, cast.a)
    save_section(
        report=report, section="housing", base_version=0, changes={"housed": "45", "eligible": "60"}, by=cast.sara
    )
    return report


def card_of(page):
    return next(item for item in page.context["sheet"].items if getattr(item, "code", "") == RATIO)


def test_entry_and_signature_show_what_it_makes(cast, report, client_for):
    entry = client_for(cast.sara).get(reverse("reports:report_edit", args=[report.tracking_code, "housing"]))
    card = card_of(entry)
    assert (card.amount.number, card.amount.percent, card.is_fraction) == (Decimal("75.00"), True, True)

    sign = client_for(cast.reza).get(reverse("reports:report_sign", args=[report.tracking_code]))
    assert [each.amount.number for part in sign.context["parts"] for each in part.cards] == [Decimal("75.00")]
    shown = sign.content.decode().partition("RAT-01</bdi>")[2].partition("</td>")[0]
    assert "۷۵" in shown
    assert "۴۵ اسکان‌یافته" in shown


def test_the_reviewer_and_the_file_have_the_same_value(cast, report, client_for):
    submit_report(report=report, by=cast.reza)
    assign(cast, report.call)
    page = client_for(cast.omid).get(reverse("reports:report_review", args=[report.tracking_code]))
    assert page.context["card"].claimed_score.value == 75
    assert review_of(report, cast.omid)
    rows = {row["unit_code"]: row for row in read(made(cast.laleh, REPORTS_CSV, call=report.call_id))}
    assert rows[cast.a.code][f"{RATIO}.claimed"] == "75"


def test_a_value_far_from_the_units_own_history_is_noticed(cast, report):
    earlier = {RATIO: [Earlier("پیش", "20"), Earlier("پیش", "21"), Earlier("پیش", "20"), Earlier("پیش", "22")]}
    found = assess(report, collect(report), database_now(), earlier=earlier)
    assert set(found.doubts) == {RATIO}


def test_a_denominator_of_zero_makes_nothing(report):
    indicator = form_of(report.call.form_version).indicator(RATIO)
    assert value_text(indicator, {"housed": "45", "eligible": "0"}) == ""
    assert value_text(indicator, {"housed": "", "eligible": "60"}) == ""
    assert value_text(indicator, {"housed": "1", "eligible": "3"}).startswith("33.333333")
