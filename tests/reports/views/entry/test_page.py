"""The unit's pages without a script, and as the entry script calls them: what they show, take and refuse."""

import json
import re
from html import unescape

import pytest
from django.urls import reverse

from reports import queries
from reports.actions.drafts import save_section
from reports.actions.returns import return_for_correction
from reports.actions.sign_off import request_sign_off
from reports.actions.submission import submit_report
from reports.models import DraftSection, Report
from reports.queries.drafts import collect
from tests.calls import fill, published_call, report_of, submitted_report
from units.models import Event


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast), cast.a)


def page(name, report, *more):
    return reverse(f"reports:{name}", args=[report.tracking_code, *more])


def edit(report, section="housing"):
    return page("report_edit", report, section)


def typed(base=0, **values) -> dict:
    return {"base": base, **{f"q:{name}": value for name, value in values.items()}}


def answers(report) -> dict:
    return collect(Report.objects.get(pk=report.pk)).answers


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


HTMX = {"HX-Request": "true"}


# --------------------------------------------------------------------------------------------------- who may come in
def test_another_units_code_is_nowhere_for_a_stranger(report, cast, client_for):
    client = client_for(cast.mina)
    for name in ("report", "report_edit", "report_sign", "report_receipt", "report_time"):
        assert client.get(page(name, report)).status_code == 404, name
    assert client.get(edit(report)).status_code == 404
    assert client.post(edit(report), typed(housed="1")).status_code == 404
    for name in ("report_sign", "report_ask", "report_withdraw", "report_send_back", "report_recall", "evidence_add"):
        assert client.post(page(name, report)).status_code == 404, name


def test_an_auditor_reads_the_report_and_writes_nothing(report, cast, client_for):
    client = client_for(cast.nader)

    assert client.get(page("report", report)).status_code == 200
    assert client.get(edit(report)).status_code == 302  # to the report's page
    assert client.post(edit(report), typed(housed="1")).status_code == 403
    assert client.post(page("evidence_add", report) + "?indicator=HSG-01").status_code == 403
    assert client.post(page("report_sign", report), {"seen": "x"}).status_code == 403
    assert not DraftSection.objects.exists()


def test_a_form_that_the_call_does_not_have_is_not_found(report, cast, client_for):
    assert client_for(cast.sara).get(edit(report, "nowhere")).status_code == 404


def test_the_way_in_leads_to_the_first_section_with_something_left(report, cast, client_for):
    fill(report, cast.sara)
    save_section(report=report, section="welfare", base_version=1, changes={"events": ""}, by=cast.sara)

    assert client_for(cast.sara).get(page("report_edit", report)).url == edit(report, "welfare")


# -------------------------------------------------------------------------------------------------- without a script
def test_without_a_script_a_number_that_can_be_two_is_chosen_by_a_button(report, cast, client_for):
    client = client_for(cast.sara)
    asked = client.post(edit(report), typed(housed="72", waiting_days="۱/۲۵۰"))
    assert asked.status_code == 422
    buttons = re.findall(r'name="(reading:[^"]+)"\s+value="([^"]+)"', asked.content.decode())
    assert buttons == [("reading:waiting_days", "1250"), ("reading:waiting_days", "1.25")]
    assert answers(report) == {"housed": "72"}

    pressed = typed(1, housed="72", waiting_days="۱/۲۵۰") | {"reading:waiting_days": "1250"}
    assert client.post(edit(report), pressed).status_code == 302
    assert answers(report) == {"housed": "72", "waiting_days": "1250"}


def test_a_plain_post_saves_and_comes_back(report, cast, client_for):
    answer = client_for(cast.sara).post(edit(report), typed(housed="۷۲", eligible="1,234", waiting_days="۱۲/۵"))

    assert (answer.status_code, answer.url) == (302, edit(report))
    assert answers(report) == {"housed": "72", "eligible": "1234", "waiting_days": "12.5"}


def test_save_and_go_on_leads_to_the_next_section_and_from_the_last_to_the_check(report, cast, client_for):
    client = client_for(cast.sara)

    assert client.post(edit(report), {**typed(housed="1"), "go": "next"}).url == edit(report, "welfare")
    assert client.post(edit(report, "welfare"), {**typed(events="1"), "go": "next"}).url == page("report_sign", report)


def test_what_cannot_be_read_stays_in_its_field_with_its_sentence(report, cast, client_for):
    answer = client_for(cast.sara).post(edit(report), typed(housed="12o", eligible="90"))

    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'value="12o"' in html
    assert "حرف «o» آمده است" in html
    assert answers(report) == {"eligible": "90"}


def test_posted_state_and_score_change_nothing(report, cast, client_for):
    forged = {**typed(housed="72"), "state": "announced", "score": "100", "q:state": "final", "q:score": "100"}
    client_for(cast.sara).post(edit(report), forged)

    report.refresh_from_db()
    assert (report.state, answers(report)) == ("draft", {"housed": "72"})


def test_a_field_that_was_not_touched_never_conflicts(report, cast, client_for):
    save_section(report=report, section="housing", base_version=0, changes={"housed": "80"}, by=cast.reza)
    untouched = {**typed(base=0, housed="", eligible="100"), "was:housed": "", "was:eligible": ""}
    answer = client_for(cast.sara).post(edit(report), untouched)

    assert answer.status_code == 302
    assert answers(report) == {"housed": "80", "eligible": "100"}


def test_a_conflict_shows_both_values_and_is_settled_by_choosing(report, cast, client_for):
    client = client_for(cast.sara)
    save_section(report=report, section="housing", base_version=0, changes={"housed": "80"}, by=cast.reza)
    answer = client.post(edit(report), {**typed(base=0, housed="75"), "was:housed": ""})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "رضا کریمی" in html
    assert re.search(r'name="base:housed"\s+value="0"', html)
    assert answers(report)["housed"] == "80"

    kept = {**typed(base=1, housed="75"), "base:housed": "0", "was:housed": "۸۰"}
    assert client.post(edit(report), kept).status_code == 422  # nothing chosen yet: still a conflict
    assert client.post(edit(report), {**kept, "resolve:housed": "theirs@1"}).status_code == 302
    assert answers(report)["housed"] == "80"
    assert client.post(edit(report), {**kept, "resolve:housed": "mine@1"}).status_code == 302
    assert answers(report)["housed"] == "75"


def test_after_the_closing_the_page_gives_the_words_back(report, cast, client_for, clock):
    clock.move(days=4)
    answer = client_for(cast.sara).post(edit(report), typed(housed="72"))

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "دیگر چیزی ذخیره نمی‌شود" in html
    assert "اسکان‌یافته: 72" in html
    assert not DraftSection.objects.exists()


def test_in_grace_the_page_says_that_the_deadline_has_passed_and_still_accepts(report, cast, client_for, clock):
    clock.move(days=3, minutes=5)

    assert (
        "مهلت گذشته است؛ تا پایان مهلت ارفاقی می‌توان ارسال کرد"
        in client_for(cast.sara).get(edit(report)).content.decode()
    )


def test_the_grace_is_not_told_in_advance(report, cast, client_for):
    client = client_for(cast.sara)

    for address in (edit(report), page("report", report), page("report_sign", report)):
        assert "ارفاقی" not in text_of(client.get(address))


def test_a_timely_report_is_filled_by_the_portal(report, cast, client_for):
    html = client_for(cast.sara).get(edit(report, "welfare")).content.decode()

    assert "سامانه پر می‌کند" in html
    assert 'name="q:on_time"' not in html


# ---------------------------------------------------------------------------------------------- as the script calls
def test_an_autosave_answers_with_state_and_never_with_an_input(report, cast, client_for):
    answer = client_for(cast.sara).post(edit(report), typed(housed="72", eligible="90"), headers=HTMX)
    html = answer.content.decode()

    assert answer.status_code == 200
    assert "<input" not in re.sub(r'<input type="hidden"[^>]*>', "", html)
    assert "<textarea" not in html
    state = json.loads(unescape(re.search(r'id="entry-state"[^>]*>(.*?)</div>', html, re.DOTALL)[1]))
    assert (state["version"], state["saved"], state["others"]) == (1, ["eligible", "housed"], {})


def test_an_autosave_tells_what_colleagues_wrote_meanwhile(report, cast, client_for):
    save_section(report=report, section="housing", base_version=0, changes={"waiting_days": "8"}, by=cast.reza)
    html = client_for(cast.sara).post(edit(report), typed(housed="72"), headers=HTMX).content.decode()

    state = json.loads(unescape(re.search(r'id="entry-state"[^>]*>(.*?)</div>', html, re.DOTALL)[1]))
    assert state["others"] == {"waiting_days": "۸"}


class Counted(dict):
    """The forms that the process keeps; `times` one was looked up."""

    times = 0

    def __getitem__(self, key):
        self.times += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("way", ["the first autosave", "a later one", "without a script", "refused", "in a return"])
def test_a_post_looks_its_form_up_once(report, cast, client_for, monkeypatch, way):
    client, body = client_for(cast.sara), typed(housed="72", eligible="90")
    if way == "a later one":
        client.post(edit(report), body, headers=HTMX)
    elif way == "refused":
        body["person"] = cast.reza.pk
    elif way == "in a return":
        report, _revision = submitted_report(cast, report.call)
        return_for_correction(report=report, remarks={"HSG-01": "بازبینی"}, note="", by=cast.laleh)
    forms = Counted(queries._FORMS)
    monkeypatch.setattr(queries, "_FORMS", forms)
    answer = client.post(edit(report), body, headers={} if way == "without a script" else HTMX)

    expected = {"without a script": 302, "refused": 409}.get(way, 200)
    assert (answer.status_code, forms.times) == (expected, 1)


def test_a_session_that_ended_answers_401_and_stores_nothing(report, client):
    answer = client.post(edit(report), typed(housed="72"), headers=HTMX)

    assert (answer.status_code, answer.headers["X-Signed-Out"]) == (401, "1")
    assert not DraftSection.objects.exists()


def test_a_page_of_another_persons_session_is_refused(report, cast, client_for):
    answer = client_for(cast.reza).post(edit(report), {**typed(housed="72"), "person": cast.sara.pk}, headers=HTMX)

    assert answer.status_code == 409
    assert not DraftSection.objects.exists()


def test_the_time_left_can_be_asked_again(report, cast, client_for, clock):
    client = client_for(cast.sara)
    assert 'data-phase="open"' in client.get(page("report_time", report)).content.decode()
    clock.move(days=3, minutes=1)
    assert 'data-phase="grace"' in client.get(page("report_time", report)).content.decode()
    clock.move(days=1)
    assert 'data-phase="closed"' in client.get(page("report_time", report)).content.decode()


# ------------------------------------------------------------------------------------------------------- a return
def test_during_a_return_only_remarked_indicators_can_be_typed_into(cast, client_for):
    call = published_call(cast)
    report, _revision = submitted_report(cast, call)
    return_for_correction(report=report, remarks={"HSG-02": "روزها را بازبینی کنید."}, note="", by=cast.laleh)
    html = client_for(cast.sara).get(edit(report)).content.decode()

    assert "روزها را بازبینی کنید." in html
    assert "readonly" in re.search(r'<input[^>]*name="q:housed"[^>]*>', html)[0]
    assert "readonly" not in re.search(r'<input[^>]*name="q:waiting_days"[^>]*>', html)[0]


# ------------------------------------------------------------------------------------------- the report's own pages
def test_the_reports_page_opens_in_every_state(cast, client_for, clock):
    call = published_call(cast)
    report = report_of(call, cast.a)
    readers = [client_for(person) for person in (cast.sara, cast.nader)]

    def look(words):
        for reader in readers:
            answer = reader.get(page("report", report))
            assert answer.status_code == 200
            assert words in text_of(answer)

    look("شروع‌نشده")
    fill(report, cast.sara)
    look("پیش‌نویس")
    request_sign_off(report=report, by=cast.sara)
    look("در انتظار امضای مدیر")
    submit_report(report=report, by=cast.reza)
    look("ارسال شده")
    return_for_correction(report=report, remarks={"HSG-02": "بازبینی"}, note="", by=cast.laleh)
    look("عودت برای اصلاح")
    clock.move(days=30)
    look("در حال ارزیابی")


def test_a_draft_is_shown_to_the_unit_alone(report, cast, client_for):
    save_section(report=report, section="housing", base_version=0, changes={"housed": "72"}, by=cast.sara)

    assert "ادامهٔ تکمیل" in text_of(client_for(cast.sara).get(page("report", report)))
    assert "ادامهٔ تکمیل" not in text_of(client_for(cast.omid).get(page("report", report)))


def test_the_receipt_names_code_standing_rule_and_fingerprint(cast, client_for, clock):
    call = published_call(cast)
    report = fill(report_of(call, cast.a), cast.sara)
    clock.move(days=3, minutes=10)
    revision = submit_report(report=report, by=cast.reza)
    words = text_of(client_for(cast.sara).get(page("report_receipt", report)))

    for part in (report.tracking_code, revision.receipt_code, revision.sha256, "در مهلت ارفاقی", "پس از پایان مهلت"):
        assert part in words


def test_a_report_without_a_submission_has_no_receipt(report, cast, client_for):
    assert client_for(cast.sara).get(page("report_receipt", report)).status_code == 404


def test_the_list_is_filtered_by_status_call_period_and_unit(cast, client_for):
    call = published_call(cast)
    save_section(
        report=report_of(call, cast.a), section="housing", base_version=0, changes={"housed": "1"}, by=cast.sara
    )
    client = client_for(cast.laleh)

    def units(**query) -> list[str]:
        answer = client.get(reverse("reports:reports"), query)
        return [row["report"].unit_name for row in answer.context["rows"]]

    assert units() == [cast.b.name, cast.a.name]
    assert units(status="draft") == [cast.a.name]
    assert units(q="تغذيه") == [cast.b.name]
    assert units(call=call.pk, period="1405-Q2") == [cast.b.name, cast.a.name]
    assert units(period="1405-Q2") == [cast.b.name, cast.a.name]
    assert units(q="نیست") == []
    assert [
        row["report"].unit_name for row in client_for(cast.sara).get(reverse("reports:reports")).context["rows"]
    ] == [cast.a.name]


def test_the_list_costs_as_many_queries_for_three_rows_as_for_one(cast, client_for, django_assert_num_queries):
    client = client_for(cast.sara)
    first = published_call(cast)
    client.get(reverse("reports:reports"))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("reports:reports"))
    from reports.actions.calls import publish_call
    from tests.calls import make_call

    for number in (2, 3):
        publish_call(call=make_call(cast, service=first.agreement.service, title=f"فراخوان {number}"), by=cast.laleh)
    with django_assert_num_queries(LIST_QUERIES):
        answer = client.get(reverse("reports:reports"))
    assert len(answer.context["rows"]) == 3


LIST_QUERIES = 8


def test_recalling_opens_the_report_again(cast, client_for):
    report, _revision = submitted_report(cast, published_call(cast))
    client_for(cast.reza).post(page("report_recall", report))

    report.refresh_from_db()
    assert report.state == "draft"
    assert Event.objects.filter(verb="recall", key=report.tracking_code).count() == 1
