"""The seal: what lies under it cannot be changed, removed, put in or moved without `verifyaudit` naming it."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from reports.actions import sealing
from reports.actions.closing import record_closings
from reports.actions.objections import contest_result
from reports.actions.sealing import mail_head, seal_restore, seal_rows
from reports.enums import SealedTable
from reports.models import ResultVersion, Revision, Seal, Snapshot
from reports.queries.seals import broken_seals, heads_of_days, seal_figures
from sajad_portal.lib.clock import database_now
from sla.models import Acceptance, DisputeMessage
from tests.calls import at_closing
from tests.plugins.database import triggers_suspended
from tests.reviews import announced_report
from units.actions.events import record
from units.enums import UnitVerb
from units.models import Event, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def contested(cast, call, clock):
    """A report submitted under an accepted agreement, announced, and contested with a message; the call has closed. All sealed."""
    report, _version = announced_report(cast, call)
    contest_result(report=report, text="نسبت اسکان درست شمرده نشده است.", by=cast.reza)
    clock.move_to(at_closing(call, hours=1))
    record_closings()
    seal_rows()
    return report


def tell(by, **changes) -> Event:
    with transaction.atomic():
        return record(UnitVerb.RENAME, noun="unit", key=1, at=database_now(), by=by, **changes)


def tamper(model, change: Callable) -> None:
    """What somebody does who owns the database."""
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        triggers_suspended(cursor, connection.vendor, [model._meta.db_table]),
    ):
        change()


# --------------------------------------------------------------------------------------------------------- what is sealed
def test_all_that_only_grows_and_each_announced_result_is_sealed_once(contested):
    rows = {table: sum(Seal.objects.filter(table=table).values_list("rows", flat=True)) for table in SealedTable}

    assert rows == {
        "event": Event.objects.count(), "revision": 1, "snapshot": Snapshot.objects.count(), "result": 1,
        "acceptance": Acceptance.objects.count(), "message": 1, "position": 1, "ledger": 0, "restored": 0,
    }  # fmt: skip
    assert list(broken_seals()) == []
    assert seal_rows() == 0


def test_what_comes_later_follows_in_the_chain(cast, contested):
    last = Seal.objects.last()
    tell(cast.laleh)

    assert seal_rows() == 1
    assert (Seal.objects.last().number, Seal.objects.last().previous) == (last.number + 1, last.sha256)
    assert list(broken_seals()) == []


def test_many_rows_take_several_links(cast, monkeypatch):
    monkeypatch.setattr(sealing, "ROWS_A_SEAL", 2)
    before = Event.objects.count()
    for _number in range(5):
        tell(cast.laleh)

    assert seal_rows() == before + 5 + Acceptance.objects.count()
    assert set(Seal.objects.values_list("rows", flat=True)) <= {1, 2}
    assert list(broken_seals()) == []


def test_a_result_that_is_prepared_and_not_announced_is_not_sealed(contested):
    result = ResultVersion.objects.get()
    ResultVersion.objects.create(
        report=contested, number=2, kind=result.kind, score={}, prepared_at=database_now(), verification_code="later", sha256=""
    )  # fmt: skip

    assert seal_rows() == 0
    assert list(broken_seals()) == []


def test_a_second_sealer_goes_away(contested, monkeypatch, cast):
    tell(cast.laleh)
    monkeypatch.setattr(sealing, "try_seal", lambda: False)

    assert seal_rows() == 0
    assert seal_figures().waiting == 1


# --------------------------------------------------------------------------------------------------------- tampering
def first(model):
    return model.objects.order_by("pk").first().pk


def two_swapped() -> None:
    a, b = Event.objects.order_by("pk")[:2]
    Event.objects.filter(pk=a.pk).update(verb=b.verb, noun=b.noun, key=b.key, at=b.at, data=b.data)
    Event.objects.filter(pk=b.pk).update(verb=a.verb, noun=a.noun, key=a.key, at=a.at, data=a.data)


TAMPERING = {
    "an Event's time": (Event, lambda: Event.objects.filter(pk=first(Event)).update(at=F("at") + timedelta(seconds=1)), "event {first}: not as it was sealed"),
    "an Event's person": (
        Event,
        lambda: Event.objects.filter(pk=first(Event)).update(person=Person.objects.last()),
        "event {first}: not as it was sealed",
    ),
    "an Event's data": (Event, lambda: Event.objects.filter(pk=first(Event)).update(data={"reason": "another"}), "event {first}: not as it was sealed"),
    "a revision's standing": (Revision, lambda: Revision.objects.update(standing="grace"), "revision {first}: not as it was sealed"),
    "a revision's receipt": (Revision, lambda: Revision.objects.update(receipt_code="another"), "revision {first}: not as it was sealed"),
    "a letter's code": (ResultVersion, lambda: ResultVersion.objects.update(verification_code="another"), "result {first}: not as it was sealed"),
    "a letter's instant": (ResultVersion, lambda: ResultVersion.objects.update(announced_at=F("announced_at") + timedelta(days=1)), "result {first}: not as it was sealed"),
    "an acceptance's head": (Acceptance, lambda: Acceptance.objects.filter(pk=first(Acceptance)).update(at=F("at") - timedelta(days=1)), "acceptance {first}: not as it was sealed"),
    "a message's words": (DisputeMessage, lambda: DisputeMessage.objects.update(text="واژه‌های دیگر"), "message {first}: not as it was sealed"),
    "a message gone": (DisputeMessage, lambda: DisputeMessage.objects.all()._raw_delete("default"), "message {first}: sealed, and gone"),
    "a snapshot's list": (Snapshot, lambda: Snapshot.objects.update(missed=[]), "snapshot {first}: not as it was sealed"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
def test_what_was_changed_under_the_seal_is_named(contested, what):
    model, change, said = TAMPERING[what]
    pk = first(model)

    tamper(model, change)

    assert list(broken_seals()) == [said.format(first=pk)]


def test_an_event_gone_two_swapped_and_one_put_in_are_named(contested):
    ids = list(Event.objects.order_by("pk").values_list("pk", flat=True))

    tamper(Event, two_swapped)
    assert list(broken_seals()) == [f"event {pk}: not as it was sealed" for pk in ids[:2]]

    tamper(Event, two_swapped)
    assert list(broken_seals()) == []


def test_an_event_taken_out_is_named(contested):
    pk = Event.objects.order_by("pk")[2].pk
    tamper(Event, lambda: Event.objects.filter(pk=pk)._raw_delete("default"))

    assert list(broken_seals()) == [f"event {pk}: sealed, and gone"]


def test_an_event_put_in_where_the_seal_had_none_is_named(cast, contested):
    first_one = Event.objects.order_by("pk").first()
    Event.objects.create(
        pk=first_one.pk - 1, verb="rename", noun="unit", key="1", at=first_one.at, person=cast.laleh, data={}
    )

    assert list(broken_seals()) == [f"event {first_one.pk - 1}: not sealed where it stands, so put in later"]


def test_a_result_announced_behind_the_portals_back_is_named(contested):
    result = ResultVersion.objects.get()
    other = ResultVersion.objects.create(
        report=contested, number=2, kind=result.kind, score={}, prepared_at=database_now(), verification_code="later", sha256="",
        announced_at=result.announced_at, announced_by=result.announced_by,
    )  # fmt: skip

    assert list(broken_seals()) == [f"result {other.pk}: not sealed where it stands, so put in later"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda seals: seals.filter(number=2).update(leaves=b""), ["seal 2: changed"]),
        (lambda seals: seals.filter(number=2).update(at=F("at") + timedelta(seconds=1)), ["seal 2: changed"]),
        (lambda seals: seals.filter(number=2).update(said={"from": "nowhere"}), ["seal 2: changed"]),
        (lambda seals: seals.filter(number=2).update(sha256="0" * 64), ["seal 2: changed", "seal 3: does not follow the one before it"]),
        (lambda seals: seals.filter(number=2)._raw_delete("default"), ["seal 2: gone"]),
    ],
    ids=["leaves", "time", "words", "hash", "gone"],
)  # fmt: skip
def test_a_link_that_was_changed_is_named(contested, change, said):
    tamper(Seal, lambda: change(Seal.objects.all()))

    assert [line for line in broken_seals() if line.startswith("seal")] == said


def test_the_chain_itself_only_grows(contested):
    with pytest.raises((IntegrityError, Exception), match="append-only"), transaction.atomic():  # noqa: PT011
        Seal.objects.update(said={})


# --------------------------------------------------------------------------------------------------------- the command
def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("verifyaudit", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return end.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_prints_figures_and_how_old_the_rest_is(cast, contested, clock):
    tell(cast.laleh)
    clock.move(minutes=5)
    last = Seal.objects.last()

    code, out, _err = run()

    rows = sum(Seal.objects.values_list("rows", flat=True))
    age = int(out.split("unsealed_age=")[1].split("s ")[0])
    assert (code, out.startswith(f"seals={last.number} rows={rows} unsealed_events=1 ")) == (0, True)
    assert 300 <= age < 360
    assert out.strip().endswith(f"head={last.number}:{last.sha256}")


def test_the_command_names_what_is_broken(contested):
    pk = Event.objects.order_by("pk").first().pk
    tamper(Event, lambda: Event.objects.filter(pk=pk).update(data={"x": 1}))

    assert run() == (1, "", f"event {pk}: not as it was sealed\n")


def test_history_that_was_sealed_anew_does_not_have_the_published_head(cast, contested):
    head = Seal.objects.last()
    published = f"{head.number}:{head.sha256}"
    assert run("--published", published)[0] == 0

    # Somebody who owns the database changes a row, throws the chain away and seals again.
    tamper(Event, lambda: Event.objects.filter(pk=first(Event)).update(data={"x": 1}))
    tamper(Seal, lambda: Seal.objects.all()._raw_delete("default"))
    seal_rows()

    assert run()[0] == 0
    assert run("--published", published) == (1, "", f"seal {head.number}: the published head {head.sha256} is not in the chain\n")  # fmt: skip


def test_a_head_that_is_none_is_refused():
    with pytest.raises(CommandError, match="no published head"):
        run("--published", "7:abc")


def test_a_restore_is_told_in_the_chain_with_how_much_is_missing(contested):
    last = Seal.objects.last().number

    code, out, _err = run("--restored-from", "backup of 9 Azar", "--published", f"{last + 3}:{'a' * 64}")

    told = Seal.objects.last()
    assert (code, out) == (0, "restored from backup of 9 Azar: 3 links published after it are missing\n")
    assert (told.table, told.number, told.said["missing"]) == ("restored", last + 1, 3)
    assert list(broken_seals()) == []


# --------------------------------------------------------------------------------------------------------- published
def test_the_last_link_of_each_day_is_published_with_the_restores_of_that_day(cast, contested, clock, client):
    first_day = Seal.objects.last()
    clock.move(days=1)
    tell(cast.laleh)
    seal_rows()
    seal_restore(source="backup", published=0)
    restore = Seal.objects.last()

    assert heads_of_days(30) == [(restore, [restore]), (first_day, [])]
    page = client.get("/verify/seals/").content.decode()
    assert (restore.sha256 in page, first_day.sha256 in page) == (True, True)


def test_yesterdays_head_goes_once_to_whoever_keeps_it(cast, contested, clock, settings):
    settings.SEAL_MAIL_TO = ["archive@example.ir", "press@example.ir"]
    head = Seal.objects.last()
    assert mail_head() == 0  # the day has not ended

    clock.move(days=1)
    tell(cast.laleh)
    seal_rows()

    assert (mail_head(), mail_head()) == (2, 0)
    assert sorted(to for letter in mail.outbox for to in letter.to) == ["archive@example.ir", "press@example.ir"]
    assert all(f"{head.number}:{head.sha256}" in letter.body for letter in mail.outbox)


def no_route():
    raise OSError("no route")


def test_a_mail_that_does_not_leave_is_tried_again(contested, clock, settings, monkeypatch):
    settings.SEAL_MAIL_TO = ["archive@example.ir"]
    clock.move(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "get_connection", no_route)
        with pytest.raises(OSError, match="no route"):
            mail_head()

    assert mail_head() == 1
