"""Drafting an agreement in the browser, and its text on paper."""

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse

from sla.actions.agreement_sections import edit_section
from sla.actions.agreements import draft_agreement
from sla.models import AgreementVersion
from sla.views.agreements import page as agreements
from tests.factories import make_agreement, make_service
from tests.papers import unsaid


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def draft(cast, service):
    return draft_agreement(service=service, by=cast.laleh)


def edit_of(draft):
    return reverse("sla:agreement_edit", args=[draft.pk])


def place_of(draft, key, where):
    return reverse("sla:section_move", args=[draft.pk, key, where])


def keys(draft):
    return list(draft.sections.values_list("key", flat=True))


# ------------------------------------------------------------------------------------------------ drafting
def test_a_section_is_typed_as_a_letter_and_opened_again_as_it_was_typed(client_for, cast, draft):
    laleh = client_for(cast.laleh)
    typed = "مدارک:\n\n- **گزارش**\n- مستندات"
    laleh.post(edit_of(draft), {"section": "data", "data-heading": "داده‌ها", "data-body": typed})
    assert draft.sections.get(key="data").body == "<p>مدارک:</p><ul><li><b>گزارش</b></li><li>مستندات</li></ul>"
    forms = {row["section"].key: row["form"] for row in laleh.get(edit_of(draft)).context["rows"]}
    assert forms["data"].initial["body"] == typed


def test_who_writes_over_another_keeps_what_they_typed_and_sees_what_is_stored(client_for, cast, draft):
    laleh = client_for(cast.laleh)
    seen = {row["section"].key: row["seen"] for row in laleh.get(edit_of(draft)).context["rows"]}["costs"]
    edit_section(agreement=draft, key="costs", heading="هزینه", body="<p>متن همکار</p>", by=cast.laleh)
    typed = {"section": "costs", "costs-heading": "هزینه", "costs-body": "متن من", "costs-seen": seen}
    answer = laleh.post(edit_of(draft), typed)
    assert answer.status_code == 422
    assert all(text in answer.content.decode() for text in ("متن من", "متن همکار"))
    row = next(row for row in answer.context["rows"] if row["section"].key == "costs")
    assert laleh.post(edit_of(draft), {**typed, "costs-seen": row["seen"]}).status_code == 302
    assert draft.sections.get(key="costs").body == "<p>متن من</p>"


def test_sections_are_added_moved_and_taken_out_in_the_browser(client_for, cast, draft):
    laleh = client_for(cast.laleh)
    before = keys(draft)
    added = {"new-heading": "پیوست", "new-body": "متن", "new-heading_en": "Annex", "new-body_en": ""}
    assert laleh.post(reverse("sla:section_add", args=[draft.pk]), added)["Location"].endswith("#annex")
    laleh.post(place_of(draft, "annex", "up"))
    laleh.post(place_of(draft, "purpose", "down"))
    laleh.post(place_of(draft, "data", "remove"))
    rest = [key for key in before if key not in ("purpose", "data")]
    assert keys(draft) == [rest[0], "purpose", *rest[1:-1], "annex", rest[-1]]
    assert laleh.post(place_of(draft, "annex", "sideways")).status_code == 404


def test_an_empty_new_section_stays_on_the_page_and_stores_nothing(client_for, cast, draft):
    answer = client_for(cast.laleh).post(
        reverse("sla:section_add", args=[draft.pk]), {"new-heading": "پیوست", "new-body": "<script>x</script>"}
    )
    assert (answer.status_code, len(keys(draft))) == (422, 8)
    assert "پیوست" in answer.content.decode()


def test_the_rule_of_the_month_is_chosen_in_the_browser(client_for, cast, draft):
    laleh, where = client_for(cast.laleh), reverse("sla:agreement_rule", args=[draft.pk])
    assert laleh.post(where, {"dispute_rule": "jalali_month"}).status_code == 302
    assert laleh.post(where, {"dispute_rule": "never"}).status_code == 409
    draft.refresh_from_db()
    assert draft.dispute_rule == "jalali_month"


@pytest.mark.parametrize("who", ["reza", "omid", "nader", "admin"])
def test_nobody_else_writes_a_draft_which_for_them_is_not_even_there(client_for, cast, draft, who):
    person = client_for(getattr(cast, who))
    places = [place_of(draft, "data", where) for where in ("up", "down", "remove")]
    places += [reverse(f"sla:{name}", args=[draft.pk]) for name in ("section_add", "agreement_rule", "agreement_edit")]
    assert {person.post(place).status_code for place in places} == {404}
    assert len(keys(draft)) == 8


def test_a_published_version_is_written_nowhere(client_for, cast, service):
    published = service.agreement_versions.get()
    laleh = client_for(cast.laleh)
    assert laleh.post(place_of(published, "data", "remove")).status_code == 404
    assert laleh.get(edit_of(published)).status_code == 404


def test_the_draft_is_read_before_it_is_published_with_the_cards_own_header(client_for, cast, draft):
    text = client_for(cast.laleh).get(reverse("sla:agreement", args=[draft.pk])).content.decode()
    assert "پیش‌نویس" in text
    assert "ارزیابی عملکرد حوزهٔ خدمات دانشجویی سازمان" in text


# ------------------------------------------------------------------------------------------------ on paper
@pytest.fixture
def printed(monkeypatch):
    """The HTML of each paper instead of its layout."""
    papers = []

    def laid_out(template, context, sheet):
        papers.append(render_to_string(template, context))
        return b"%PDF-"

    monkeypatch.setattr(agreements, "pdf_of", laid_out)
    cache.clear()
    return papers


def paper_of(version):
    return reverse("sla:agreement_pdf", args=[version.pk])


def test_the_paper_follows_the_founding_document(client, service, printed):
    version = service.agreement_versions.get()
    client.get(paper_of(version))
    said = [
        "تاریخ آخرین ویرایش", "۱۴۰۵/۰۲/۲۳", "راهنمای کاربری توافق‌نامهٔ سطح خدمت", "نسخهٔ سند", "سجاد", "مقدمه", "خدمت / فرایند",
        "تعریف خدمت", "خدمت‌گیرنده", "خدمت‌دهنده", "پنجرهٔ واحد خدمات هوشمند سازمان", "my.saorg.ir",
        *(f"<h2>{section.heading}</h2>" for section in version.sections.all()), version.text_hash,
    ]  # fmt: skip
    places = [printed[0].index(text) for text in said]
    assert places == sorted(places)


def test_the_paper_is_laid_out_once_a_language_because_its_text_never_changes(client, service, printed):
    version = service.agreement_versions.get()
    for _reading in range(2):
        client.get(paper_of(version))
    client.cookies["django_language"] = "en"
    client.get(paper_of(version))
    assert [("Purpose" in paper) for paper in printed] == [False, True]


def test_a_drafts_paper_says_so_and_is_for_its_writers(client, client_for, cast, service, printed):
    draft = make_agreement(service, 2, published=False)
    assert client.get(paper_of(draft)).status_code == 404
    assert client_for(cast.laleh).get(paper_of(draft)).status_code == 200
    assert "پیش‌نویس: در اجرا نیست" in printed[0]


def test_the_paper_is_a_pdf_with_its_own_name(client, service):
    cache.clear()
    answer = client.get(paper_of(AgreementVersion.objects.get()))
    assert answer["Content-Type"] == "application/pdf"
    said = [section.heading for section in AgreementVersion.objects.get().sections.all()]
    assert len(said) == 8
    assert unsaid(answer.content, "راهنمای کاربری", "my.saorg.ir", *said) == []
    assert 'filename="agreement-performance-1.pdf"' in answer["Content-Disposition"]
