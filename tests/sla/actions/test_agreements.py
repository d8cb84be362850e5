"""Agreement versions: drafted, published for ever, accepted or refused by heads."""

import pytest
from django.db import DatabaseError, transaction

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.agreement_sections import (
    add_section,
    change_dispute_rule,
    edit_section,
    move_section,
    remove_section,
)
from sla.actions.agreements import answer_agreement, draft_agreement, publish_agreement
from sla.actions.services import edit_service
from sla.enums import AgreementState, Answer
from sla.models import Acceptance, AgreementSection, AgreementVersion
from sla.queries import current_agreement, has_accepted, unanswered, visible_agreements
from sla.queries.agreements import coverage_counts, covered_units
from sla.text.canonical import digest_of, hash_of, text_hash
from sla.text.first_terms import SECTIONS
from sla.text.richtext import clean_rich_text
from tests.factories import make_agreement, make_membership, make_person, make_service
from units.enums import Role
from units.models import Event, Notice

EIGHT = ["purpose", "responsibility", "commitments", "data", "costs", "disputes", "performance", "termination"]


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def agreement(service):
    return service.agreement_versions.get(number=1)


@pytest.fixture
def draft(cast, service):
    return draft_agreement(service=service, by=cast.laleh)


def accept(agreement, unit, by):
    return answer_agreement(agreement=agreement, unit=unit, answer=Answer.ACCEPTED, by=by)


# ------------------------------------------------------------------------------------------------ the text
def test_version_1_has_the_clauses_of_the_founding_text_in_their_order_after_the_introduction(agreement):
    assert list(agreement.sections.values_list("key", flat=True)) == EIGHT
    assert agreement.header.service_title == "ارزیابی عملکرد حوزهٔ خدمات دانشجویی سازمان"


def test_every_section_of_version_1_speaks_both_languages():
    assert all(section.heading_en and section.body_en for section in SECTIONS)


def test_the_text_of_version_1_needs_no_cleaning():
    assert [clean_rich_text(s.body) for s in SECTIONS] == [
        s.body.replace('href="https://my.saorg.ir"', 'href="https://my.saorg.ir" rel="noopener noreferrer"')
        for s in SECTIONS
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>متن",
        '<p onclick="x()">متن</p>',
        '<a href="javascript:x()">متن</a>',
        "<img src=x onerror=x()>متن",
        '<p style="position:fixed">متن</p>',
        "<svg><script>1</script></svg>متن",
    ],
)
def test_rich_text_keeps_words_and_loses_what_runs(hostile):
    kept = clean_rich_text(hostile)
    assert "متن" in kept
    assert not any(word in kept for word in ("script", "onclick", "onerror", "javascript", "style", "svg", "alert"))


# ------------------------------------------------------------------------------------------------ drafting
def test_a_draft_begins_as_a_copy_of_the_version_in_force(draft, agreement):
    assert (draft.number, draft.state) == (2, AgreementState.DRAFT)
    assert [s.body for s in draft.sections.all()] == [clean_rich_text(s.body) for s in agreement.sections.all()]


def test_a_second_draft_is_refused(draft, cast, service):
    with pytest.raises(Refused) as refusal:
        draft_agreement(service=service, by=cast.laleh)
    assert refusal.value.code == "draft-exists"


@pytest.mark.parametrize("who", ["reza", "omid", "nader", "stranger", "admin"])
def test_only_a_coordinator_of_the_provider_drafts_edits_and_publishes(cast, service, draft, who):
    person = getattr(cast, who)
    for act in (
        lambda: draft_agreement(service=service, by=person),
        lambda: edit_section(agreement=draft, key="purpose", heading="هدف", body="متن", by=person),
        lambda: add_section(agreement=draft, heading="تازه", body="متن", by=person),
        lambda: move_section(agreement=draft, key="purpose", up=False, by=person),
        lambda: remove_section(agreement=draft, key="purpose", by=person),
        lambda: change_dispute_rule(agreement=draft, rule="jalali_month", by=person),
        lambda: publish_agreement(agreement=draft, by=person),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_coordinator_of_a_unit_below_does_not_publish(cast, draft):
    other = make_person("parviz")
    make_membership(other, cast.a, Role.COORDINATOR)
    with pytest.raises(Forbidden):
        publish_agreement(agreement=draft, by=other)


def test_an_edited_section_is_cleaned_and_counts_as_the_last_edit(cast, draft):
    AgreementVersion.objects.filter(pk=draft.pk).update(edited_on="2020-01-01")
    edit_section(agreement=draft, key="purpose", heading=" هدف‌ها ", body="<p>متن <script>x</script></p>", by=cast.laleh)
    section = draft.sections.get(key="purpose")
    draft.refresh_from_db()
    assert (section.heading, section.body) == ("هدف‌ها", "<p>متن </p>")
    assert draft.edited_on.year > 2020


def test_a_section_without_text_is_refused(cast, draft):
    with pytest.raises(Refused) as refusal:
        edit_section(agreement=draft, key="purpose", heading="هدف", body="<script>x</script>", by=cast.laleh)
    assert refusal.value.code == "section-empty"


def test_a_section_that_somebody_else_changed_meanwhile_is_not_overwritten(cast, draft):
    seen = digest_of(draft.sections.get(key="costs"))
    edit_section(agreement=draft, key="costs", heading="هزینه", body="<p>یک</p>", by=cast.laleh, seen=seen)
    with pytest.raises(Refused) as refusal:
        edit_section(agreement=draft, key="costs", heading="هزینه", body="<p>دو</p>", by=cast.laleh, seen=seen)
    assert (refusal.value.code, draft.sections.get(key="costs").body) == ("section-changed", "<p>یک</p>")


def test_a_new_section_stands_at_the_end_under_a_key_that_no_version_uses(cast, draft):
    first = add_section(agreement=draft, heading="پیوست", body="<p>متن</p>", heading_en="Costs", by=cast.laleh)
    second = add_section(agreement=draft, heading="پیوست", body="<p>متن</p>", by=cast.laleh)
    assert [first.key, second.key] == ["costs-2", "clause-1"]
    assert list(draft.sections.values_list("key", flat=True)) == [*EIGHT, "costs-2", "clause-1"]


def test_a_section_taken_out_of_a_draft_stays_in_the_version_in_force(cast, draft, agreement):
    remove_section(agreement=draft, key="data", by=cast.laleh)
    assert list(draft.sections.values_list("key", flat=True)) == [key for key in EIGHT if key != "data"]
    assert agreement.sections.filter(key="data").exists()
    with pytest.raises(Refused) as refusal:
        remove_section(agreement=draft, key="data", by=cast.laleh)
    assert refusal.value.code == "no-section"


def test_sections_change_places_and_the_ends_of_the_line_hold(cast, draft):
    move_section(agreement=draft, key="responsibility", up=True, by=cast.laleh)
    move_section(agreement=draft, key="responsibility", up=True, by=cast.laleh)
    move_section(agreement=draft, key="termination", up=False, by=cast.laleh)
    move_section(agreement=draft, key="data", up=False, by=cast.laleh)
    assert list(draft.sections.values_list("key", flat=True)) == [
        "responsibility", "purpose", "commitments", "costs", "data", "disputes", "performance", "termination",
    ]  # fmt: skip
    assert Event.objects.filter(noun="agreement", verb="move_section").count() == 2


def test_the_rule_of_a_draft_is_one_that_the_portal_knows(cast, draft):
    change_dispute_rule(agreement=draft, rule="jalali_month", by=cast.laleh)
    draft.refresh_from_db()
    assert draft.dispute_rule == "jalali_month"
    with pytest.raises(Refused) as refusal:
        change_dispute_rule(agreement=draft, rule="whenever", by=cast.laleh)
    assert refusal.value.code == "unknown-rule"


# ------------------------------------------------------------------------------------------------ publishing
def test_publishing_fixes_the_hash_of_the_text_and_supersedes(cast, draft, service):
    published = publish_agreement(agreement=draft, by=cast.laleh)
    assert (published.text_hash, current_agreement(service)) == (hash_of(published), published)


def test_the_hash_changes_with_every_letter_with_the_header_and_with_the_rule(agreement):
    sections, header = list(agreement.sections.all()), agreement.header.as_list()
    before = text_hash(1, agreement.edited_on, "30_clear_days", header, sections)
    assert text_hash(1, agreement.edited_on, "jalali_month", header, sections) != before
    assert text_hash(1, agreement.edited_on, "30_clear_days", [*header[:-1], "other.ir"], sections) != before
    sections[3].body += "."
    assert text_hash(1, agreement.edited_on, "30_clear_days", header, sections) != before


def test_a_published_version_keeps_its_header_when_the_service_is_renamed(cast, service, agreement):
    text, header = agreement.text_hash, agreement.header
    edit_service(service=service, title="نام تازه", window="other.saorg.ir", by=cast.laleh)
    cast.provider.name = "سازمان دیگر"
    cast.provider.save()
    agreement = AgreementVersion.objects.get(pk=agreement.pk)
    assert (agreement.header, hash_of(agreement)) == (header, text)


def test_a_draft_follows_the_service_card_until_it_is_published(cast, service, draft):
    AgreementVersion.objects.filter(pk=draft.pk).update(edited_on="2020-01-01")
    edit_service(service=service, title="نام تازه", by=cast.laleh)
    draft = AgreementVersion.objects.get(pk=draft.pk)
    assert (draft.header.service_title, draft.edited_on.year > 2020) == ("نام تازه", True)
    published = publish_agreement(agreement=draft, by=cast.laleh)
    assert (published.service_title, hash_of(published)) == ("نام تازه", published.text_hash)


def test_a_published_version_is_superseded_by_a_newer_one_and_not_by_a_draft(cast, service, agreement, draft):
    def states():
        return list(service.agreement_versions.with_status().order_by("number").values_list("status", flat=True))

    assert states() == ["in_force", "draft"]
    publish_agreement(agreement=draft, by=cast.laleh)
    assert states() == ["superseded", "in_force"]


def test_publishing_asks_every_head_anew(cast, draft):
    publish_agreement(agreement=draft, by=cast.laleh)
    told = Notice.objects.filter(event__verb="publish", channel="portal").values_list("person__username", flat=True)
    assert sorted(told) == ["kamran", "reza"]


def test_a_published_version_is_not_published_or_edited_again(cast, agreement):
    for act in (
        lambda: publish_agreement(agreement=agreement, by=cast.laleh),
        lambda: edit_section(agreement=agreement, key="purpose", heading="هدف", body="متن", by=cast.laleh),
        lambda: add_section(agreement=agreement, heading="تازه", body="متن", by=cast.laleh),
        lambda: move_section(agreement=agreement, key="purpose", up=False, by=cast.laleh),
        lambda: remove_section(agreement=agreement, key="purpose", by=cast.laleh),
        lambda: change_dispute_rule(agreement=agreement, rule="jalali_month", by=cast.laleh),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "agreement-published"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda a: AgreementVersion.objects.filter(pk=a.pk).update(dispute_rule="jalali_month"),
        lambda a: AgreementVersion.objects.filter(pk=a.pk).update(service_title="دیگر"),
        lambda a: AgreementVersion.objects.filter(pk=a.pk).delete(),
        lambda a: AgreementSection.objects.filter(agreement=a, key="costs").update(body="گران"),
        lambda a: AgreementSection.objects.filter(agreement=a, key="costs").delete(),
        lambda a: AgreementSection.objects.create(agreement=a, key="new", position=10, heading="تازه", body="متن"),
    ],
)
def test_the_database_itself_keeps_a_published_version(agreement, tamper):
    with pytest.raises(DatabaseError), transaction.atomic():
        tamper(agreement)


def test_a_section_cannot_be_slipped_into_a_published_version(agreement, draft):
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementSection.objects.filter(agreement=draft, key="costs").update(agreement=agreement, key="x", position=99)


# ------------------------------------------------------------------------------------------------ answering
def test_a_head_accepts_for_the_unit_over_the_hash_of_the_text(cast, agreement):
    given = accept(agreement, cast.a, cast.reza)
    assert (given.unit, given.by, given.text_hash) == (cast.a, cast.reza, agreement.text_hash)
    assert given.membership == cast.membership(cast.reza)
    assert (has_accepted(cast.a, agreement), has_accepted(cast.b, agreement)) == (True, False)


def test_a_second_click_gives_the_same_acceptance(cast, agreement):
    assert accept(agreement, cast.a, cast.reza) == accept(agreement, cast.a, cast.reza)
    assert Event.objects.filter(noun="agreement", verb="accept").count() == 1


@pytest.mark.parametrize("who", ["sara", "mina", "kamran", "laleh", "omid", "nader", "stranger", "admin"])
def test_nobody_but_the_head_of_exactly_this_unit_answers(cast, agreement, who):
    with pytest.raises(Forbidden):
        accept(agreement, cast.a, getattr(cast, who))


def test_a_head_of_the_unit_above_does_not_answer_for_the_one_below(cast, agreement):
    with pytest.raises(Forbidden):
        accept(agreement, cast.a_child, cast.reza)


def test_the_acceptance_outlasts_the_head(cast, agreement):
    accept(agreement, cast.a, cast.reza)
    cast.reza.memberships.update(ends_at=agreement.published_at)
    assert has_accepted(cast.a, agreement)


def test_a_refusal_is_recorded_with_its_reason_and_told(cast, agreement):
    given = answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.REFUSED, reason="بند ۶", by=cast.reza)
    assert (given.reason, has_accepted(cast.a, agreement)) == ("بند ۶", False)
    assert Notice.objects.get(event__verb="refuse", channel="portal").person == cast.laleh


def test_a_refusal_without_a_reason_is_refused(cast, agreement):
    with pytest.raises(Refused) as refusal:
        answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.REFUSED, reason=" ", by=cast.reza)
    assert refusal.value.code == "no-reason"


def test_after_a_refusal_the_unit_may_accept_and_both_stay(cast, agreement):
    for _click in range(2):
        answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.REFUSED, reason="بند ۶", by=cast.reza)
    accept(agreement, cast.a, cast.reza)
    assert list(Acceptance.objects.values_list("answer", flat=True).order_by("id")) == ["refused", "accepted"]
    assert coverage_counts(covered_units(agreement, database_now()))["accepted"] == 1


def test_after_an_acceptance_a_refusal_is_refused(cast, agreement):
    accept(agreement, cast.a, cast.reza)
    with pytest.raises(Refused) as refusal:
        answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.REFUSED, reason="پشیمانی", by=cast.reza)
    assert refusal.value.code == "already-accepted"


def test_a_draft_cannot_be_accepted(cast, draft):
    with pytest.raises(Refused) as refusal:
        accept(draft, cast.a, cast.reza)
    assert refusal.value.code == "not-published"


def test_a_new_version_asks_again_and_leaves_the_old_acceptance(cast, service, agreement):
    accept(agreement, cast.a, cast.reza)
    second = make_agreement(service, 2)
    assert (has_accepted(cast.a, agreement), has_accepted(cast.a, second)) == (True, False)
    assert unanswered(cast.reza, agreement.published_at) == [(second, cast.a)]


def test_the_database_keeps_every_answer(cast, agreement):
    given = accept(agreement, cast.a, cast.reza)
    for tamper in (
        lambda: Acceptance.objects.filter(pk=given.pk).update(answer=Answer.REFUSED, reason="x"),
        lambda: Acceptance.objects.filter(pk=given.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            tamper()


def test_drafts_are_seen_by_coordinators_of_the_provider_alone(cast, draft, agreement):
    assert set(visible_agreements(cast.reza)) == {agreement}
    assert set(visible_agreements(cast.laleh)) == {agreement, draft}
