"""Heads and coordinators who click at once: one acceptance, one reminder, a text that is whole; and the twins without the lock."""

from threading import Barrier

import pytest
from django.db import IntegrityError

from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.actions import agreement_reminders, agreement_sections
from sla.actions.agreement_reminders import remind_heads
from sla.actions.agreement_sections import add_section
from sla.actions.agreements import answer_agreement, draft_agreement, publish_agreement
from sla.enums import Answer
from sla.models import Acceptance, AgreementVersion
from sla.text.canonical import hash_of
from tests.factories import make_service
from units.models import Event, Notice

from .races import Runner

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CLICKS = 4


@pytest.fixture
def agreement(cast):
    return make_service(cast).agreement_versions.get()


@pytest.fixture
def unlocked():
    """The guard off: the version and the instant are read, and nobody is held."""

    def read_only(agreement):
        return AgreementVersion.objects.select_related("service__provider").get(pk=agreement.pk), database_now()

    return read_only


def read_by_all(read):
    """The same read, whose answer is given when every click has had it: nobody has written by then."""
    all_have_read = Barrier(CLICKS)

    def held(*args):
        found = read(*args)
        all_have_read.wait()
        return found

    return held


def at_once(*acts) -> list:
    together, runner = Barrier(len(acts)), Runner()
    for act in acts:
        runner.start(lambda act=act: (together.wait(), act())[1])
    return runner.join()


def accept(cast, agreement):
    return answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.ACCEPTED, by=cast.reza)


def test_clicks_at_once_make_one_acceptance(cast, agreement):
    given = at_once(*[lambda: accept(cast, agreement)] * CLICKS)
    assert {each.pk for each in given} == {Acceptance.objects.get().pk}
    assert Event.objects.filter(noun="agreement", verb="accept").count() == 1
    assert list(broken()) == []


def test_an_acceptance_and_a_refusal_at_once_leave_the_unit_accepted_or_the_refusal_before_it(cast, agreement):
    given = at_once(
        lambda: accept(cast, agreement),
        lambda: answer_agreement(agreement=agreement, unit=cast.a, answer=Answer.REFUSED, reason="بند ۶", by=cast.reza),
    )
    answers = list(Acceptance.objects.order_by("id").values_list("answer", flat=True))
    late = [each.code for each in given if isinstance(each, Refused)]
    assert (answers, late) in ((["accepted"], ["already-accepted"]), (["refused", "accepted"], []))
    assert list(broken()) == []


def test_reminders_at_once_reach_each_head_once(cast, agreement):
    given = at_once(*[lambda: remind_heads(agreement=agreement, by=cast.laleh)] * CLICKS)
    assert sorted(each.code for each in given if isinstance(each, Refused)) == ["nobody-waiting"] * (CLICKS - 1)
    assert Notice.objects.filter(event__verb="remind_heads", channel="portal").count() == 2
    assert list(broken()) == []


def test_without_the_lock_a_head_is_reminded_by_every_click(cast, agreement, unlocked, monkeypatch):
    monkeypatch.setattr(agreement_reminders, "lock_agreement", unlocked)
    monkeypatch.setattr(agreement_reminders, "remindable", read_by_all(agreement_reminders.remindable))
    at_once(*[lambda: remind_heads(agreement=agreement, by=cast.laleh)] * CLICKS)
    assert Notice.objects.filter(event__verb="remind_heads", channel="portal").count() == 2 * CLICKS


def test_sections_added_at_once_stand_behind_each_other(cast, agreement):
    draft = draft_agreement(service=agreement.service, by=cast.laleh)
    at_once(*[lambda: add_section(agreement=draft, heading="پیوست", body="<p>متن</p>", by=cast.laleh)] * CLICKS)
    places = list(draft.sections.values_list("position", flat=True))
    assert places == list(range(1, 8 + CLICKS + 1))
    assert list(broken()) == []


def test_without_the_lock_they_want_the_same_place(cast, agreement, unlocked, monkeypatch):
    draft = draft_agreement(service=agreement.service, by=cast.laleh)
    monkeypatch.setattr(agreement_sections, "lock_agreement", unlocked)
    monkeypatch.setattr(agreement_sections, "_new_key", read_by_all(agreement_sections._new_key))
    with pytest.raises(IntegrityError):
        at_once(*[lambda: add_section(agreement=draft, heading="پیوست", body="<p>متن</p>", by=cast.laleh)] * CLICKS)


@pytest.mark.parametrize("turn", range(3))
def test_a_section_is_in_the_published_text_and_under_its_hash_or_refused(cast, agreement, turn):
    draft = draft_agreement(service=agreement.service, by=cast.laleh)
    given = at_once(
        lambda: publish_agreement(agreement=draft, by=cast.laleh),
        lambda: add_section(agreement=draft, heading="پیوست", body="<p>متن</p>", by=cast.laleh),
    )
    published = AgreementVersion.objects.get(pk=draft.pk)
    refused = [each.code for each in given if isinstance(each, Refused)]
    assert (published.sections.count(), refused) in ((9, []), (8, ["agreement-published"]))
    assert hash_of(published) == published.text_hash
    assert list(broken()) == []
