"""Which units have accepted a version, who has not, and reminding their heads."""

from datetime import timedelta

import pytest
from django.urls import reverse

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.agreement_reminders import remind_heads
from sla.actions.agreements import answer_agreement
from sla.enums import Answer
from sla.queries.agreements import coverage_counts, coverage_rows, covered_units
from tests.factories import make_agreement, make_membership, make_person, make_service, make_unit
from units.enums import Role
from units.models import Event, Membership, Notice


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def agreement(service):
    return service.agreement_versions.get(number=1)


def accept(agreement, unit, by):
    return answer_agreement(agreement=agreement, unit=unit, answer=Answer.ACCEPTED, by=by)


def refuse(agreement, unit, by, reason="بند ۶"):
    return answer_agreement(agreement=agreement, unit=unit, answer=Answer.REFUSED, reason=reason, by=by)


def page_of(agreement):
    return reverse("sla:agreement_coverage", args=[agreement.pk])


def seen(agreement):
    return {unit.code: unit.coverage for unit in covered_units(agreement, database_now())}


# ------------------------------------------------------------------------------------------------ who is counted how
def test_each_unit_below_the_provider_is_counted_once(cast, agreement):
    accept(agreement, cast.a, cast.reza)
    refuse(agreement, cast.b, cast.kamran)
    assert seen(agreement) == {"KHB": "accepted", "TGZ": "refused", "KHB-IMN": "headless"}
    assert coverage_counts(covered_units(agreement, database_now())) == {
        "waiting": 0, "refused": 1, "headless": 1, "accepted": 1,
    }  # fmt: skip


def test_after_a_refusal_and_an_acceptance_the_acceptance_stands(cast, agreement):
    refuse(agreement, cast.a, cast.reza)
    given = accept(agreement, cast.a, cast.reza)
    rows = coverage_rows(agreement, covered_units(agreement, database_now()).filter(pk=cast.a.pk), database_now())
    assert (seen(agreement)["KHB"], rows[0].answer, rows[0].heads) == ("accepted", given, [cast.reza])


def test_a_new_version_begins_at_nothing_and_leaves_the_old_coverage(cast, service, agreement):
    accept(agreement, cast.a, cast.reza)
    second = make_agreement(service, 2)
    assert (seen(agreement)["KHB"], seen(second)["KHB"]) == ("accepted", "waiting")


def test_a_unit_whose_head_left_is_headless_until_it_accepts_and_stays_accepted_after(cast, agreement):
    accept(agreement, cast.a, cast.reza)
    Membership.objects.filter(person__in=[cast.reza, cast.kamran]).update(ends_at=database_now() - timedelta(hours=1))
    assert seen(agreement) == {"KHB": "accepted", "TGZ": "headless", "KHB-IMN": "headless"}


def test_a_retired_unit_is_left_out_unless_it_has_answered(cast, agreement):
    accept(agreement, cast.a, cast.reza)
    for unit in (cast.a, cast.b):
        unit.retired_at = database_now() - timedelta(hours=1)
        unit.save()
    assert seen(agreement) == {"KHB": "accepted", "KHB-IMN": "headless"}


# ------------------------------------------------------------------------------------------------ the page
@pytest.mark.parametrize(
    ("who", "status"), [("laleh", 200), ("nader", 200), ("admin", 200), ("reza", 403), ("omid", 403), ("sara", 403)]
)
def test_the_page_is_for_the_providers_coordinators_and_auditors(client_for, cast, agreement, who, status):
    assert client_for(getattr(cast, who)).get(page_of(agreement)).status_code == status


def test_nobody_else_sees_the_counts_on_the_versions_own_page(client, client_for, cast, agreement):
    where = reverse("sla:agreement", args=[agreement.pk])
    assert page_of(agreement) in client_for(cast.laleh).get(where).content.decode()
    for other in (client, client_for(cast.reza)):
        assert page_of(agreement) not in other.get(where).content.decode()


def test_the_page_says_who_accepted_when_and_why_others_refused(client_for, cast, agreement):
    accept(agreement, cast.a, cast.reza)
    refuse(agreement, cast.b, cast.kamran, reason="تعرفه روشن نیست")
    text = client_for(cast.laleh).get(page_of(agreement)).content.decode()
    assert cast.reza.get_full_name() in text
    assert "تعرفه روشن نیست" in text


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("?only=accepted", ["KHB"]),
        ("?only=waiting", ["TGZ"]),
        ("?only=headless", ["KHB-IMN"]),
        ("?only=refused", []),
        ("?only=nonsense", ["KHB-IMN", "TGZ", "KHB"]),
        ("?q=تغذيه", ["TGZ"]),
        ("?only=waiting&q=خوابگاه", []),
        ("?sort=-unit", ["KHB", "TGZ", "KHB-IMN"]),
        ("?sort=answer", ["TGZ", "KHB-IMN", "KHB"]),
        ("?sort=-answer", ["KHB", "KHB-IMN", "TGZ"]),
        ("?sort=-when", ["KHB", "TGZ", "KHB-IMN"]),
        ("?sort=nonsense", ["KHB-IMN", "TGZ", "KHB"]),
    ],
)
def test_the_list_is_narrowed_and_sorted(client_for, cast, agreement, query, codes):
    accept(agreement, cast.a, cast.reza)
    rows = client_for(cast.laleh).get(page_of(agreement) + query).context["rows"]
    assert [row.unit.code for row in rows] == codes


def test_what_was_answered_first_stands_first_in_the_order_of_answers(client_for, cast, agreement, clock):
    refuse(agreement, cast.b, cast.kamran)
    clock.move(hours=1)
    accept(agreement, cast.a, cast.reza)
    laleh = client_for(cast.laleh)

    rows = {sort: laleh.get(page_of(agreement) + f"?sort={sort}").context["rows"] for sort in ("when", "-when")}
    assert [row.unit.code for row in rows["when"]] == ["TGZ", "KHB", "KHB-IMN"]
    assert [row.unit.code for row in rows["-when"]] == ["KHB", "TGZ", "KHB-IMN"]


@pytest.mark.parametrize("query", ["?only=nonsense", "?only=", "?period=1405-Q1", "?sort=nonsense&cols=nonsense"])
def test_what_the_list_does_not_know_narrows_nothing(client_for, cast, agreement, query):
    listing = client_for(cast.laleh).get(page_of(agreement) + query).context["listing"]
    assert (listing.narrowings, len(listing.heads)) == ([], 5)


def test_the_list_goes_on_by_key(client_for, cast, agreement):
    for number in range(60):
        make_unit(f"U{number:03}", f"واحد {number:03}", parent=cast.provider)
    first = client_for(cast.laleh).get(page_of(agreement))
    second = client_for(cast.laleh).get(page_of(agreement) + first.context["listing"].pages.next)
    codes = [row.unit.code for page in (first, second) for row in page.context["rows"]]
    assert (len(codes), len(set(codes))) == (63, 63)


def test_the_page_asks_the_same_number_of_questions_at_one_and_at_three(
    client_for, cast, agreement, django_assert_num_queries
):
    laleh = client_for(cast.laleh)
    accept(agreement, cast.a, cast.reza)
    laleh.get(page_of(agreement))
    with django_assert_num_queries(12):
        laleh.get(page_of(agreement) + "?only=accepted")
    for number in range(2):
        unit = make_unit(f"N{number}", parent=cast.provider)
        head = make_person(f"head{number}")
        make_membership(head, unit, Role.HEAD)
        accept(agreement, unit, head)
    with django_assert_num_queries(12):
        laleh.get(page_of(agreement) + "?only=accepted")


# ------------------------------------------------------------------------------------------------ reminding
def reminded(verb="remind_heads"):
    return sorted(Notice.objects.filter(event__verb=verb, channel="portal").values_list("person__username", flat=True))


def test_only_heads_whose_units_have_not_accepted_are_reminded(cast, agreement):
    accept(agreement, cast.a, cast.reza)
    assert remind_heads(agreement=agreement, by=cast.laleh, note="تا فردا") == [cast.b]
    notice = Notice.objects.get(event__verb="remind_heads", channel="portal")
    assert (notice.person, notice.body.splitlines()[0]) == (cast.kamran, "تا فردا")
    assert Event.objects.get(noun="agreement", verb="remind").unit_id == cast.b.pk


def test_a_refusing_unit_is_reminded_too_and_one_without_a_head_cannot_be(cast, agreement):
    refuse(agreement, cast.b, cast.kamran)
    assert remind_heads(agreement=agreement, by=cast.laleh, units=[cast.b, cast.a_child]) == [cast.b]


def test_who_was_reminded_within_a_day_is_left_in_peace(cast, agreement, clock):
    assert len(remind_heads(agreement=agreement, by=cast.laleh)) == 2
    with pytest.raises(Refused) as refusal:
        remind_heads(agreement=agreement, by=cast.laleh)
    assert (refusal.value.code, reminded()) == ("nobody-waiting", ["kamran", "reza"])
    clock.move(days=1)
    assert len(remind_heads(agreement=agreement, by=cast.laleh, units=[cast.a])) == 1


def test_a_draft_is_nothing_to_be_reminded_of(cast, service):
    draft = make_agreement(service, 2, published=False)
    with pytest.raises(Refused) as refusal:
        remind_heads(agreement=draft, by=cast.laleh)
    assert refusal.value.code == "not-published"


@pytest.mark.parametrize("who", ["reza", "omid", "nader", "admin"])
def test_only_a_coordinator_of_the_provider_reminds(client_for, cast, agreement, who):
    person = getattr(cast, who)
    with pytest.raises(Forbidden):
        remind_heads(agreement=agreement, by=person)
    answer = client_for(person).post(reminding(agreement), {"everyone": "1", "step": "confirmed"})
    assert answer.status_code == 403
    assert reminded() == []


def reminding(agreement):
    return reverse("sla:agreement_remind", args=[agreement.pk])


def test_the_page_names_the_heads_and_the_text_and_tells_nobody_before_it_is_confirmed(client_for, cast, agreement):
    laleh = client_for(cast.laleh)
    page = laleh.post(reminding(agreement), {"unit": [cast.b.pk, cast.a_child.pk]})

    assert page.context["units"] == [(cast.b, [cast.kamran])]
    assert page.context["kept"] == [("unit", cast.b.pk), ("unit", cast.a_child.pk)]
    assert cast.kamran.get_full_name() in page.content.decode()
    assert page.context["subject"] in page.content.decode()
    assert reminded() == []


def test_the_ticked_units_are_reminded_once_it_is_confirmed(client_for, cast, agreement):
    laleh, ticked = client_for(cast.laleh), {"unit": [cast.b.pk, cast.a_child.pk]}
    laleh.post(reminding(agreement), ticked | {"step": "confirmed", "note": "لطفاً"})
    assert reminded() == ["kamran"]

    page = laleh.post(reminding(agreement), {"everyone": "1"})
    assert (page.context["units"], page.context["lately"]) == ([(cast.a, [cast.reza])], 1)
    laleh.post(reminding(agreement), {"everyone": "1", "step": "confirmed"})
    assert reminded() == ["kamran", "reza"]


@pytest.mark.parametrize("step", [{}, {"step": "confirmed"}])
def test_with_nobody_left_to_remind_the_list_says_why(client_for, cast, agreement, step):
    laleh = client_for(cast.laleh)
    remind_heads(agreement=agreement, by=cast.laleh)

    answer = laleh.post(reminding(agreement), {"everyone": "1", **step}, follow=True)
    assert "کسی برای یادآوری نمانده است" in answer.content.decode()
    assert reminded() == ["kamran", "reza"]


@pytest.mark.parametrize("nothing", [{}, {"unit": "x"}, {"unit": "9" * 30}])
def test_with_no_unit_ticked_nobody_is_reminded(client_for, cast, agreement, nothing):
    assert client_for(cast.laleh).post(reminding(agreement), nothing | {"step": "confirmed"}).status_code == 302
    assert reminded() == []


def test_a_word_that_is_too_long_is_given_back_to_be_shortened(client_for, cast, agreement):
    answer = client_for(cast.laleh).post(
        reminding(agreement), {"everyone": "1", "step": "confirmed", "note": "ا" * 501}
    )
    assert (answer.status_code, answer.context["kept"], reminded()) == (422, [("everyone", "1")], [])


def test_the_boxes_and_the_buttons_are_for_who_may_remind(client_for, cast, agreement):
    assert 'name="unit"' in client_for(cast.laleh).get(page_of(agreement)).content.decode()
    assert 'name="unit"' not in client_for(cast.nader).get(page_of(agreement)).content.decode()
