"""How much an autosave answers: what the page lacks, by the mark that the page sends along."""

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.urls import reverse

from reports.actions.drafts import save_section
from reports.models import Report
from tests.calls import published_call, report_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast), cast.a)


@pytest.fixture
def page(report, cast, client_for):
    """`page(housed="72")` sends it as the script does, and gives the answer; the mark goes from answer to answer."""
    client, address = client_for(cast.sara), reverse("reports:report_edit", args=[report.tracking_code, "housing"])
    html = client.get(address).content.decode()
    kept = {"shown": re.search(r'data-shown="([^"]+)"', html)[1], "base": "0"}

    def send(**fields) -> str:
        body = {**kept, "person": cast.sara.pk, **{f"q:{name}": value for name, value in fields.items()}}
        answer = client.post(address, body, headers=HTMX)
        assert answer.status_code == 200
        state = state_of(answer.content.decode())
        kept.update(shown=state["shown"], base=str(state["version"]))
        return answer.content.decode()

    send.kept = kept
    return send


def state_of(html: str) -> dict:
    return json.loads(unescape(re.search(r'id="entry-state"[^>]*>(.*?)</div>', html, re.DOTALL)[1]))


def brought(html: str) -> set[str]:
    """Ids of what is swapped."""
    return set(re.findall(r'id="([^"]+)"[^>]*?hx-swap-oob', html))


def test_a_field_that_changes_nothing_else_brings_next_to_nothing(page):
    page(housed="72", eligible="90")
    answer = page(housed="73")

    assert len(answer.encode()) < 3000
    assert {"entry-state", "saved", "out-HSG-01"} <= brought(answer)
    assert not any("HSG-02" in name for name in brought(answer))


def test_the_same_value_again_brings_the_time_alone(page):
    page(housed="72", eligible="90")
    answer = page(housed="72")

    assert brought(answer) == {"entry-state", "saved"}
    assert len(answer.encode()) < 1500


def test_an_error_comes_with_its_chip_its_line_and_its_mark_and_goes_so(page):
    page(eligible="90")
    wrong = page(housed="120")
    assert {"e-q-housed", "chip-HSG-01", "missing-count"} <= brought(wrong)
    assert state_of(wrong)["invalid"]["housed"] is True
    assert state_of(wrong)["statuses"]["HSG-01"] == "error"

    mended = page(housed="72")
    assert {"e-q-housed", "chip-HSG-01"} <= brought(mended)
    assert state_of(mended)["invalid"]["housed"] is False


def test_what_a_colleague_wrote_comes_with_all_that_follows_from_it(page, report, cast):
    page(housed="72")
    save_section(report=report, section="housing", base_version=9, changes={"waiting_days": "8"}, by=cast.reza)
    answer = page(eligible="90")

    assert state_of(answer)["others"] == {"waiting_days": "۸"}
    assert {"chip-HSG-01", "chip-HSG-02"} <= brought(answer)


@pytest.mark.parametrize("mark", ["", "nonsense", "0.0.0", "00000000." + "A" * 400 + "."])
def test_a_page_whose_mark_says_nothing_gets_everything(page, mark):
    page(housed="72", eligible="90")
    page.kept["shown"] = mark
    answer = page(housed="72")

    assert {
        "rail",
        "missing",
        "section-meta",
        "chip-HSG-01",
        "chip-HSG-02",
        "e-q-housed",
        "e-q-waiting_days",
    } <= brought(answer)


def test_it_asks_for_earlier_periods_once(page, django_assert_num_queries):
    page(housed="72", eligible="90")
    lock = connection.vendor == "postgresql"  # an advisory lock is a statement there
    with django_assert_num_queries(17 + lock) as asked:
        page(housed="73")
    assert (
        sum(
            "reports_revision" in query["sql"] and "report__unit_id" not in query["sql"]
            for query in asked.captured_queries
        )
        == 1
    )
