"""An autosave's answer brings only what the page lacks: whatever is typed, in whatever order, the page then shows what the
same page shows when it is opened anew."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.actions.drafts import save_section
from reports.models import Report
from tests.calls import published_call, report_of

# What an answer may touch, as it is read, and whether it is there at all.
PARTS = """page => [...page.querySelectorAll(
  '#todo-button, #missing li, #missing-count, #section-meta, #bar-state, #rail li, [id^="chip-"], [id^="out-"], [id^="earns-"], '
  + '[id^="hist-"], [id^="doubt-"], [id^="e-q-"], [id^="clash-"], [id^="calc-"], [data-rel], [data-card], [data-doubt]')]
  .filter(part => part.closest('#entry, #missing, .savebar, .rail, .page-head'))
  .map(part => [part.id || part.dataset.rel || part.dataset.card || part.dataset.doubt, part.hidden,
    part.dataset.card ? part.className : '',
    part.matches('[data-rel], [data-card], [data-doubt]') ? '' : part.textContent.replace(/\\s+/g, ' ').trim()])"""
ANEW = f"""async () => {{
  const html = await (await fetch(location.pathname)).text();
  return ({PARTS})(new DOMParser().parseFromString(html, 'text/html'));
}}"""


@pytest.fixture
def report(live_server, cast) -> Report:
    return report_of(published_call(cast), cast.a)


def write(page, name: str, text: str) -> int:
    """Types, waits until it is stored, and gives the length of the answer."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as heard:
        page.locator(f"#q-{name}").fill(text)
    length = len(heard.value.body())
    expect(page.locator("#saved")).to_contain_text("ذخیره شد")
    return length


def test_parts_that_came_one_by_one_are_those_of_the_page_opened_anew(open_page, report, cast):
    page = open_page(reverse("reports:report_edit", args=[report.tracking_code, "housing"]), as_=cast.sara)
    steps = [
        ("eligible", "90"), ("housed", "120"), ("housed", "72"), ("waiting_days", "8"), ("housed", ""), ("housed", "72"),
        ("waiting_days", ""), ("eligible", "80"),
    ]  # fmt: skip
    sent = []
    for name, text in steps:
        sent.append(write(page, name, text))
        assert page.evaluate(f"() => ({PARTS})(document)") == page.evaluate(ANEW), (name, text)
    save_section(report=report, section="housing", base_version=99, changes={"waiting_days": "5"}, by=cast.reza)
    sent.append(write(page, "housed", "60"))
    expect(page.locator("#q-waiting_days")).to_have_value("۵")
    assert page.evaluate(f"() => ({PARTS})(document)") == page.evaluate(ANEW), "a colleague"
    assert max(sent) < 5000
    assert sorted(sent)[len(sent) // 2] < 3000


def test_after_an_upload_everything_comes_once_and_then_little_again(open_page, report, cast):
    page = open_page(reverse("reports:report_edit", args=[report.tracking_code, "housing"]), as_=cast.sara)
    write(page, "housed", "72")
    with page.expect_response(lambda answer: "/evidence/" in answer.url):
        page.locator("input[type=file]").first.set_input_files(
            {"name": "list.csv", "mimeType": "text/csv", "buffer": "نام\nالف\n".encode()}
        )
    expect(page.locator("#ind-HSG-01")).to_contain_text("list.csv")
    whole = write(page, "eligible", "90")
    little = write(page, "eligible", "91")

    assert whole > 2 * little
    assert page.evaluate(f"() => ({PARTS})(document)") == page.evaluate(ANEW)
