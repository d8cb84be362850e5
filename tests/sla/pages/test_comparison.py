"""Two versions of an agreement compared, and the page that shows it."""

import pytest
from django.urls import reverse

from sla.actions.agreement_sections import add_section, change_dispute_rule, edit_section, move_section, remove_section
from sla.actions.agreements import draft_agreement, publish_agreement
from sla.actions.services import edit_service
from sla.pages.comparison import compare_versions
from tests.factories import make_agreement, make_service


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def agreement(service):
    return service.agreement_versions.get(number=1)


@pytest.fixture
def draft(cast, service):
    return draft_agreement(service=service, by=cast.laleh)


def kinds(old, new):
    old.refresh_from_db()
    new.refresh_from_db()
    return {clause.key: clause.kind for clause in compare_versions(old, new) if clause.kind != "as_was"}


def changes_of(version, since=""):
    return reverse("sla:agreement_changes", args=[version.pk]) + (f"?since={since}" if since else "")


def test_a_copy_differs_in_nothing(agreement, draft):
    assert kinds(agreement, draft) == {}


def test_each_way_of_changing_a_version_is_named(cast, service, agreement, draft):
    edit_section(agreement=draft, key="disputes", heading="حل اختلاف", body="<p>ظرف دو ماه</p>", by=cast.laleh)
    add_section(agreement=draft, heading="پیوست", body="<p>تازه</p>", heading_en="Annex", by=cast.laleh)
    remove_section(agreement=draft, key="data", by=cast.laleh)
    move_section(agreement=draft, key="purpose", up=False, by=cast.laleh)
    change_dispute_rule(agreement=draft, rule="jalali_month", by=cast.laleh)
    edit_service(service=service, recipients="همهٔ واحدها", by=cast.laleh)
    found = kinds(agreement, type(draft).objects.get(pk=draft.pk))
    moved = [key for key, kind in found.items() if kind == "moved"]
    assert moved == ["purpose"]
    assert {key: kind for key, kind in found.items() if kind != "moved"} == {
        "introduction": "changed", "dispute-rule": "changed", "disputes": "changed", "annex": "new", "data": "gone",
    }  # fmt: skip


def test_a_clause_taken_out_is_shown_where_it_stood(cast, agreement, draft):
    remove_section(agreement=draft, key="data", by=cast.laleh)
    order = [clause.key for clause in compare_versions(agreement, draft)]
    assert order[order.index("data") - 1 : order.index("data") + 2] == ["commitments", "data", "costs"]


def test_bold_alone_is_a_change_of_layout_and_not_of_words(cast, agreement, draft):
    section = draft.sections.get(key="purpose")
    body = section.body.replace("سطح توافق", "<b>سطح توافق</b>")
    edit_section(
        agreement=draft, key="purpose", heading=section.heading, body=body, heading_en=section.heading_en,
        body_en=section.body_en, by=cast.laleh,
    )  # fmt: skip
    assert kinds(agreement, draft) == {"purpose": "markup"}


def test_a_change_of_the_english_text_alone_is_a_change(cast, agreement, draft):
    section = draft.sections.get(key="purpose")
    edit_section(
        agreement=draft, key="purpose", heading=section.heading, body=section.body, heading_en="Aim", body_en="Aim.",
        by=cast.laleh,
    )  # fmt: skip
    assert kinds(agreement, draft) == {"purpose": "changed"}


def test_the_page_marks_words_in_words_and_signs_and_counts_them(client, cast, service, agreement):
    second = make_agreement(service, 2, published=False)
    edit_section(agreement=second, key="termination", heading="خاتمهٔ عملکرد", body="<p>زمان دیگر</p>", by=cast.laleh)
    publish_agreement(agreement=second, by=cast.laleh)
    text = client.get(changes_of(second)).content.decode()
    assert "<ins>" in text
    assert "<del>" in text
    assert "افزوده:" in text
    assert "حذف‌شده:" in text


def test_any_two_versions_are_compared_and_drafts_only_by_their_writers(client, client_for, cast, service, agreement):
    second, third = make_agreement(service, 2), make_agreement(service, 3)
    draft = make_agreement(service, 4, published=False)
    assert client.get(changes_of(third)).context["since"] == second
    assert client.get(changes_of(third, since=1)).context["since"] == agreement
    assert client.get(changes_of(agreement, since=3)).context["since"] == third
    assert client.get(changes_of(draft)).status_code == 404
    assert draft not in client.get(changes_of(third, since=4)).context["others"]
    assert client_for(cast.laleh).get(changes_of(draft)).context["since"] == third


def test_a_first_version_has_nothing_to_compare_with(client, agreement):
    answer = client.get(changes_of(agreement))
    assert (answer.status_code, answer.context["since"]) == (200, None)
