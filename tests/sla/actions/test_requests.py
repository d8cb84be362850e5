"""A general request from the draft to the filing: written by anybody of the unit, filed by whom its type names."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from reports.actions.payments import follow_payments
from reports.invariants import broken
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.request_decisions import decide_request
from sla.actions.request_types import close_request_type
from sla.actions.requests import (
    draft_request,
    edit_request,
    file_request,
    pay_for_request,
    remove_request_file,
    withdraw_general_request,
    write_about_request,
)
from sla.actions.settling import settle_payment
from sla.enums import Decision, Filers, GeneralState, GeneralStatus, PaymentState, Side
from sla.models import GeneralRequest, LedgerEntry, Payment, RequestFile
from sla.queries.clocks import elapsed
from sla.queries.requests import visible_requests
from tests.factories import make_membership, make_person, make_service
from tests.general import FEE, WHY, a_pdf, accept_terms, again, drafted, filed, make_general_type, paid, priced
from tests.payments import back_to
from units.enums import Role
from units.models import Event, Notice


@pytest.fixture
def kind(cast):
    return make_general_type(cast)


def refusal_of(verb, **given) -> str:
    with pytest.raises(Refused) as refusal:
        verb(**given)
    return refusal.value.code


# -------------------------------------------------------------------------------------------------------- the draft
def test_an_expert_drafts_and_nobody_of_the_provider_sees_it(cast, kind):
    general = drafted(cast, kind)

    assert (again(general).status, general.request) == (GeneralStatus.DRAFT, None)
    assert list(visible_requests(cast.reza)) == [general]
    assert not visible_requests(cast.laleh).exists()
    assert not visible_requests(cast.nader).exists()
    assert not visible_requests(cast.admin).exists()
    assert not Notice.objects.filter(event__noun="general_request").exists()


def test_a_stranger_of_another_unit_drafts_nothing_for_this_one(cast, kind):
    with pytest.raises(Forbidden):
        draft_request(unit=cast.a, request_type=kind, reason=WHY, by=cast.kamran)


def test_a_draft_changes_as_often_as_its_unit_likes(cast, kind):
    general = drafted(cast, kind)
    edit_request(general=general, reason="متن تازه", by=cast.reza, files=[a_pdf()])

    assert again(general).reason == "متن تازه"
    assert [file.name for file in general.files.all()] == ["sanad.pdf"]


def test_a_file_of_a_draft_is_taken_out_with_its_bytes(cast, kind, django_capture_on_commit_callbacks):
    general = drafted(cast, kind, files=[a_pdf()])
    stored = general.files.get()
    with django_capture_on_commit_callbacks(execute=True):
        remove_request_file(file=stored, by=cast.sara)

    assert not general.files.exists()
    assert not stored.file.storage.exists(stored.file.name)


def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_kept(cast, kind):
    fake = SimpleUploadedFile("sanad.pdf", b"MZ not a pdf")

    assert refusal_of(draft_request, unit=cast.a, request_type=kind, by=cast.sara, files=[fake]) == "file-content"
    assert not GeneralRequest.objects.exists()


def test_open_requests_of_a_unit_share_its_room_and_what_is_decided_gives_it_back(cast, kind, settings):
    settings.EVIDENCE_UNIT_FILES = 2
    first = filed(cast, kind, files=[a_pdf("1.pdf"), a_pdf("2.pdf")])
    assert refusal_of(drafted, cast=cast, kind=kind, files=[a_pdf("3.pdf")]) == "no-room"
    assert GeneralRequest.objects.count() == 1

    decide_request(general=first, decision=Decision.GRANTED, reason="پذیرفته شد", by=cast.laleh)
    assert drafted(cast, kind, files=[a_pdf("3.pdf")]).files.count() == 1


# -------------------------------------------------------------------------------------------------------- filing it
def test_the_head_files_and_the_clock_starts_at_that_instant(cast, kind):
    general = filed(cast, kind)
    request = general.opened

    assert (general.status, general.filed_by, general.contest_days) == (GeneralStatus.FILED, cast.reza, 10)
    assert (request.price_rials, request.target_working_days, request.agreement.number) == (0, 8, 1)
    assert [interval.starts_at for interval in request.intervals.all()] == [general.filed_at]
    assert cast.laleh in {notice.person for notice in Notice.objects.filter(event__verb="file_request")}
    assert list(broken()) == []


def test_filing_twice_is_one_filing(cast, kind):
    general = filed(cast, kind)
    file_request(general=general, by=cast.reza)

    assert Event.objects.filter(verb="file_request").count() == 1


@pytest.mark.parametrize(
    ("filers", "who"), [(Filers.HEADS, {"reza"}), (Filers.EXPERTS, {"sara"}), (Filers.BOTH, {"reza", "sara"})]
)
def test_who_files_is_what_the_type_says(cast, filers, who):
    kind = make_general_type(cast, filers=filers)
    files = set()
    for name in ("reza", "sara", "kamran", "laleh"):
        general = drafted(cast, kind)
        try:
            file_request(general=general, by=getattr(cast, name))
        except Forbidden:
            assert again(general).state == GeneralState.DRAFT
        else:
            files.add(name)

    assert files == who


def test_without_an_accepted_agreement_nothing_is_filed_and_the_draft_stays(cast):
    service = make_service(cast)
    kind = make_general_type(cast, service)
    for acceptance in service.agreement_versions.get().acceptances.all():
        assert acceptance.unit in (cast.a, cast.b)
    make_membership(head := make_person("child-head"), cast.a_child, Role.HEAD)
    general = draft_request(unit=cast.a_child, request_type=kind, reason=WHY, by=head)

    assert refusal_of(file_request, general=general, by=head) == "not-accepted"
    accept_terms(service, cast.a_child, head)
    assert file_request(general=general, by=head).status == GeneralStatus.FILED


def test_what_is_required_is_asked_for_at_filing(cast):
    kind = make_general_type(cast, needs_files=True)
    general = drafted(cast, kind)
    assert refusal_of(file_request, general=general, by=cast.reza) == "no-files"

    edit_request(general=general, reason="", by=cast.sara, files=[a_pdf()])
    assert refusal_of(file_request, general=general, by=cast.reza) == "no-reason"


def test_a_closed_type_takes_no_request_and_what_was_filed_goes_on(cast, kind):
    early, late = filed(cast, kind), drafted(cast, kind)
    close_request_type(request_type=kind, by=cast.laleh)

    assert refusal_of(file_request, general=late, by=cast.reza) == "no-such-type"
    assert refusal_of(drafted, cast=cast, kind=kind) == "no-such-type"
    decide_request(general=early, decision=Decision.GRANTED, reason="پذیرفته شد", by=cast.laleh)
    assert again(early).state == GeneralState.DECIDED


def test_what_was_filed_stays_as_it_is(cast, kind):
    general = filed(cast, kind)

    assert refusal_of(edit_request, general=general, reason="دیگر", by=cast.sara) == "wrong-state"
    with pytest.raises(DatabaseError), transaction.atomic():
        GeneralRequest.objects.filter(pk=general.pk).update(reason="دیگر")


def test_a_file_of_a_filed_request_is_not_taken_out(cast, kind):
    general = filed(cast, kind, files=[a_pdf()])
    stored = general.files.get()

    assert refusal_of(remove_request_file, file=stored, by=cast.sara) == "wrong-state"
    with pytest.raises(DatabaseError), transaction.atomic():
        RequestFile.objects.filter(pk=stored.pk).delete()


# ------------------------------------------------------------------------------------------------------------ a fee
def test_a_fee_is_frozen_at_filing_and_the_clock_waits_for_it(cast, kind, bank, clock):
    general = filed(cast, priced(kind))
    assert (general.status, general.opened.price_rials) == (GeneralStatus.UNPAID, FEE)
    assert not general.opened.intervals.exists()
    assert not Notice.objects.filter(event__noun="general_request").exists()
    assert (
        refusal_of(decide_request, general=general, decision=Decision.GRANTED, reason="پذیرفته", by=cast.laleh)
        == "unpaid"
    )

    clock.move(hours=3)
    payment = paid(cast, general, bank)
    general = again(general)
    assert payment.state == PaymentState.PAID
    assert general.status == GeneralStatus.FILED
    assert [i.starts_at for i in general.opened.intervals.all()] == [payment.settled_at]
    assert cast.laleh in {notice.person for notice in Notice.objects.filter(event__verb="settle_request")}
    assert list(broken()) == []


def test_a_settlement_that_nobody_followed_is_taken_up_by_the_sweep_once(cast, kind, bank):
    general = filed(cast, priced(kind))
    payment = pay_for_request(general=general, by=cast.reza, return_url=back_to)
    bank.visit(payment)
    settle_payment(payment.order_id)

    assert (follow_payments(), follow_payments()) == (1, 0)
    assert again(general).opened.intervals.count() == 1
    assert Event.objects.filter(verb="settle_request").count() == 1


def test_only_who_files_pays(cast, kind, bank):
    general = filed(cast, priced(kind))

    with pytest.raises(Forbidden):
        pay_for_request(general=general, by=cast.sara, return_url=back_to)
    assert not Payment.objects.exists()


def test_a_paid_request_is_not_paid_again(cast, kind, bank):
    general = filed(cast, priced(kind))
    paid(cast, general, bank)

    assert refusal_of(pay_for_request, general=general, by=cast.reza, return_url=back_to) == "not-payable"


# -------------------------------------------------------------------------------------------------------- the thread
def test_a_question_stops_the_clock_until_the_unit_answers(cast, kind, clock):
    general = filed(cast, kind)
    clock.move(hours=1)
    write_about_request(general=general, text="کدام ترم؟", by=cast.laleh)
    assert again(general).status == GeneralStatus.ASKED
    clock.move(hours=10)
    write_about_request(general=general, text="ترم بهار", by=cast.sara, files=[a_pdf()])
    clock.move(hours=2)
    general = again(general)
    shown = elapsed(general.opened, database_now())

    assert general.status == GeneralStatus.FILED
    assert timedelta(hours=3) <= shown.calendar < timedelta(hours=3, minutes=1)
    assert [m.side for m in general.messages.all()] == [Side.PROVIDER, Side.RECIPIENT]
    assert list(broken()) == []


def test_the_same_message_sent_twice_is_one(cast, kind):
    general = filed(cast, kind)
    for _ in range(2):
        write_about_request(general=general, text="کدام ترم؟", by=cast.laleh, files=[a_pdf()])

    assert general.messages.count() == 1
    assert general.files.count() == 1


def test_nobody_else_writes(cast, kind):
    general = filed(cast, kind)
    for person in (cast.omid, cast.nader, cast.kamran, cast.admin):
        with pytest.raises(Forbidden):
            write_about_request(general=general, text="سلام بر همه", by=person)


# --------------------------------------------------------------------------------------------------------- withdrawn
def test_a_withdrawn_request_is_in_no_figure(cast, kind):
    general = filed(cast, kind)
    withdraw_general_request(general=general, by=cast.reza)
    general = again(general)

    assert (general.state, general.opened.voided_at is not None) == (GeneralState.WITHDRAWN, True)
    assert elapsed(general.opened, database_now()) is None
    assert (
        refusal_of(decide_request, general=general, decision=Decision.GRANTED, reason="پذیرفته", by=cast.laleh)
        == "wrong-state"
    )
    assert list(broken()) == []


def test_a_draft_is_thrown_away_by_whoever_writes_it(cast, kind):
    general = withdraw_general_request(general=drafted(cast, kind), by=cast.sara)

    assert (general.state, general.request) == (GeneralState.WITHDRAWN, None)
    assert list(broken()) == []


def test_an_expert_does_not_withdraw_what_heads_file(cast, kind):
    general = filed(cast, kind)

    with pytest.raises(Forbidden):
        withdraw_general_request(general=general, by=cast.sara)


def test_money_that_comes_after_a_withdrawal_is_not_taken_as_the_fee(cast, kind, bank):
    general = filed(cast, priced(kind))
    payment = pay_for_request(general=general, by=cast.reza, return_url=back_to)
    bank.visit(payment)
    withdraw_general_request(general=general, by=cast.reza)
    payment = settle_payment(payment.order_id)

    assert payment.state == PaymentState.REVERSED
    assert not LedgerEntry.objects.filter(kind="credit").exists()
    assert list(broken()) == []
