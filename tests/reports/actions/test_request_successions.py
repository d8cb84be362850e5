"""A retired unit's open general requests: named as lost, handed to the successor or left, decided outside both lines."""

import pytest
from django.urls import reverse

from reports.actions.successions import settle_left_open
from reports.enums import Fate
from reports.invariants import broken
from reports.queries.open_matters import open_matters
from reports.queries.requests import lost_requests
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.request_decisions import contest_decision, decide_request
from sla.actions.requests import draft_request, file_request, pay_for_request, write_about_request
from sla.enums import Decision, GeneralStatus
from sla.queries.requests import visible_requests
from tests.factories import make_membership, make_person
from tests.general import again, decided, drafted, filed, make_general_type, priced
from tests.payments import back_to
from units.actions.units import retire_unit
from units.enums import Role
from units.models import Event, Notice

WHY = "ادغام دو اداره کل"


@pytest.fixture
def kind(cast):
    return make_general_type(cast)


def merge(cast) -> None:
    retire_unit(unit=cast.a, by=cast.laleh, reason=WHY, successor=cast.b)
    cast.a.refresh_from_db()


def hand(cast, fate=Fate.HAND) -> int:
    return settle_left_open(unit=cast.a, fates={None: fate}, by=cast.laleh, reason=WHY, successor=cast.b)


def fresh(person):
    for kept in ("_memberships", "_memberships_at", "_inherited_at"):
        person.__dict__.pop(kept, None)
    return person


def test_a_request_that_has_lost_its_unit_is_named_on_the_coordinators_desk(cast, kind, client):
    general = filed(cast, kind)
    at = database_now()
    assert not lost_requests([cast.provider.pk], at).exists()
    merge(cast)

    assert list(lost_requests([cast.provider.pk], at)) == [general]
    client.force_login(cast.laleh)
    items = client.get(reverse("reports:desk")).context["items"]
    address = reverse("reports:unit_left_open", args=[cast.a.code])
    assert [item.url for item in items if item.url == address] == [address]
    assert general.request_type.title in client.get(address).content.decode()


def test_the_successors_people_answer_and_contest_what_was_handed_to_them(cast, kind):
    general = filed(cast, kind)
    write_about_request(general=general, text="کدام ترم؟", by=cast.laleh)
    merge(cast)
    assert not visible_requests(fresh(cast.mina)).exists()

    assert hand(cast) == 1
    assert list(visible_requests(fresh(cast.mina))) == [general]
    write_about_request(general=general, text="ترم بهار", by=fresh(cast.mina))
    decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=cast.laleh)
    dispute = contest_decision(general=general, text="نمی‌پذیریم.", by=fresh(cast.kamran))
    assert dispute.filed_side == "recipient"
    assert again(general).unit == cast.a
    assert list(broken()) == []


def test_they_are_told_and_the_history_of_the_unit_says_it(cast, kind):
    general = filed(cast, kind)
    merge(cast)
    hand(cast)

    event = Event.objects.get(verb="hand_to_successor", noun="unit")
    urls = set(Notice.objects.filter(event=event, person__in=[cast.mina, cast.kamran]).values_list("url", flat=True))
    assert urls == {reverse("reports:request", args=[general.pk])}
    assert not lost_requests([cast.provider.pk], database_now()).exists()


def test_the_successors_head_pays_its_fee(cast, kind, bank):
    general = filed(cast, priced(kind))
    merge(cast)
    with pytest.raises(Forbidden):
        pay_for_request(general=general, by=fresh(cast.kamran), return_url=back_to)
    hand(cast)

    payment = pay_for_request(general=general, by=fresh(cast.kamran), return_url=back_to)
    assert payment.begun_by == cast.kamran


def test_who_reports_for_the_successor_decides_nothing_of_it(cast, kind):
    general = filed(cast, kind)
    zahra = make_person("zahra", "زهرا رضایی")
    make_membership(zahra, cast.provider, Role.COORDINATOR)
    make_membership(zahra, cast.b, Role.REPORTER)
    merge(cast)
    hand(cast)

    with pytest.raises(Forbidden):
        decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=fresh(zahra))


def test_what_is_left_is_asked_about_no_more(cast, kind):
    general = filed(cast, kind)
    merge(cast)
    hand(cast, Fate.LEAVE)

    assert not lost_requests([cast.provider.pk], database_now()).exists()
    assert not visible_requests(fresh(cast.mina)).exists()
    assert again(general).status == GeneralStatus.FILED


def test_a_request_is_not_excused(cast, kind):
    filed(cast, kind)
    merge(cast)

    with pytest.raises(Refused) as refusal:
        hand(cast, Fate.EXCUSE)
    assert refusal.value.code == "no-report"


def test_a_decision_in_its_days_is_an_open_matter_and_a_draft_or_an_old_decision_is_none(cast, kind, clock):
    _general, made = decided(cast, kind)
    drafted(cast, kind)
    matters = open_matters([cast.a], database_now())
    assert [len(matter.requests) for matter in matters] == [1]

    clock.move_to(made.contest_until)
    assert open_matters([cast.a], database_now()) == []


def test_open_matters_ask_as_much_for_three_as_for_one(cast, kind, django_assert_num_queries):
    for _ in range(3):
        filed(cast, kind)
    with django_assert_num_queries(4):  # no report, so nothing is asked of payments' rows
        assert [len(matter.requests) for matter in open_matters([cast.a], database_now())] == [3]


def test_a_unit_that_has_ended_files_nothing_new(cast, kind):
    general = drafted(cast, kind)
    merge(cast)
    with pytest.raises(Refused) as refusal:
        file_request(general=general, by=fresh(cast.reza))
    assert refusal.value.code == "unit-ended"
    with pytest.raises(Refused):
        draft_request(unit=cast.a, request_type=kind, by=cast.sara)
