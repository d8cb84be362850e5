"""What somebody who owns the database may change behind the triggers, one break a test: each is named, by the check that is for it.

One world for all of them; every break is rolled back.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import F, Model, Value
from django.db.models.functions import Concat

from reports.actions.calls import excuse_unit, extend_call, publish_call
from reports.actions.closing import record_closings, record_final_results, record_openings
from reports.actions.extensions import ask_extension, decide_extension
from reports.actions.facts import store_intervals
from reports.actions.objections import contest_result
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction
from reports.actions.review import hand_in_review
from reports.actions.sealing import seal_rows
from reports.actions.submission import recall_submission, submit_report
from reports.invariants import (
    CHECKS,
    broken,
    calls,
    evidence,
    facts,
    files,
    money,
    replay,
    reports,
    reviews,
    terms,
    units,
)
from reports.models import (
    Call,
    CallDocument,
    Evidence,
    ExtensionRequest,
    FactStamp,
    FormFile,
    FormVersion,
    Report,
    ResultVersion,
    ReturnRound,
    Review,
    ReviewItem,
    Revision,
    Snapshot,
)
from reports.queries.analysis import packed
from reports.queries.seals import broken_seals
from sajad_portal.lib.clock import database_now
from sla.actions.agreements import draft_agreement
from sla.actions.requests import write_about_request
from sla.models import (
    Acceptance,
    ClockInterval,
    DisputeMessage,
    Document,
    GeneralRequest,
    ServiceRequest,
    TariffRow,
)
from tests.calls import PDF, at_closing, fill, make_call, published_call, report_of
from tests.conftest import MovableClock
from tests.factories import make_service, make_tariffs
from tests.general import filed, make_general_type
from tests.people import Cast, make_cast
from tests.plugins.database import triggers_suspended
from tests.reviews import announced_report, assign, review_of, verify_all
from units.models import Event, Notice, Person, Unit

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
REMARK = {"HSG-01": "لغو اسکان‌ها را کم کنید."}


# ---------------------------------------------------------------------------------------------------------- the world
@pytest.fixture(scope="module", autouse=True)
def _world(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Two calls that have closed, with whatever may happen to a report, and a general request; all of it sealed."""
    with django_db_blocker.unblock(), ExitStack() as stack, transaction.atomic():
        _make(make_cast(), MovableClock(stack))
        yield
        transaction.set_rollback(True)


def _make(cast: Cast, clock: MovableClock) -> None:
    service = make_service(cast)
    make_tariffs(service, periodic_report=0)
    earlier = published_call(cast, service=service)
    announced_report(cast, earlier)
    excuse_unit(report=report_of(earlier, cast.b), by=cast.laleh, reason="ادغام شد")
    clock.move(days=13)
    record_openings(), record_closings(), record_final_results()

    call = publish_call(call=make_call(cast, service=service, period_code="1405-Q3"), by=cast.laleh)
    extend_call(call=call, closes_at=call.closes_at + DAY, by=cast.laleh, reason="سامانه قطع بود.")
    call.refresh_from_db()
    ours, theirs = fill(report_of(call, cast.a), cast.sara), fill(report_of(call, cast.b), cast.mina)
    asked = ask_extension(report=ours, until=call.closes_at + 5 * DAY, reason="سیل آمد.", by=cast.reza)
    decide_extension(asked=asked, granted_until=call.closes_at + 2 * DAY, reason="راه باز بود.", by=cast.laleh)
    submit_report(report=theirs, by=cast.kamran)
    recall_submission(report=theirs, by=cast.kamran)
    submit_report(report=theirs, by=cast.kamran)
    clock.move_to(at_closing(call, hours=1))
    record_openings(), record_closings()
    submit_report(report=ours, by=cast.reza)
    clock.move_to(at_closing(call, days=3))
    record_closings()
    assign(cast, call)
    _reviewed(cast, theirs)
    announce_result(report=theirs, by=cast.laleh)
    contest_result(report=theirs, text="نفر-روزها شمرده نشده است.", by=cast.kamran)
    return_for_correction(report=ours, remarks=REMARK, by=cast.omid)

    general = filed(cast, make_general_type(cast, service), files=[SimpleUploadedFile("sanad.pdf", PDF)])
    write_about_request(general=general, text="کدام ترم؟", by=cast.laleh)
    clock.move(hours=2)
    write_about_request(general=general, text="ترم پاییز", by=cast.reza)
    draft_agreement(service=service, by=cast.laleh)
    store_intervals()
    seal_rows()


def _reviewed(cast: Cast, report: Report) -> None:
    review = review_of(report, cast.omid)
    verify_all(review)
    hand_in_review(review=review, by=cast.omid)


# --------------------------------------------------------------------------------------------------------- the breaks
def earlier() -> Call:
    return Call.objects.order_by("pk")[0]


def call() -> Call:
    return Call.objects.order_by("pk")[1]


def ours() -> Report:
    """Returned and extended."""
    return Report.objects.get(call=call(), unit__code="KHB")


def theirs() -> Report:
    """Announced and contested."""
    return Report.objects.get(call=call(), unit__code="TGZ")


def final() -> Report:
    return Report.objects.get(call=earlier(), unit__code="KHB")


def change(row: Model, **fields) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**fields)


def change_all(model: type[Model], **fields) -> None:
    model._base_manager.update(**fields)


def gone(row: Model) -> None:
    Notice.objects.filter(event=row.pk if isinstance(row, Event) else 0).delete()
    type(row)._base_manager.filter(pk=row.pk)._raw_delete("default")


def stretches(report: Report):
    return ClockInterval.objects.filter(request=report.request_id).order_by("starts_at")


def another_agreement(row: ServiceRequest) -> None:
    change(row, agreement=row.agreement.service.agreement_versions.latest("number"))


def somebody() -> Person:
    return Person.objects.get(username="nader")


BREAKS: dict[str, tuple[Callable[[], object], Callable]] = {
    # reports
    "submitted_at": (lambda: change(theirs(), submitted_at=F("submitted_at") - SECOND), reports.submissions_are_their_revisions),
    "submitted_at erased": (lambda: change(final(), submitted_at=None), reports.submissions_are_their_revisions),
    "objection_until": (lambda: change(theirs(), objection_until=F("objection_until") + DAY), reports.objections_end_as_told),
    "announced_at": (lambda: change(theirs(), announced_at=F("announced_at") - SECOND), reports.objections_end_as_told),
    "final_at": (lambda: change(final(), final_at=F("final_at") - SECOND), reports.final_instants_are_told_of),
    "final_at erased": (lambda: change(final(), final_at=None), reports.final_instants_are_told_of),
    "closed_for erased": (lambda: change(theirs(), closed_for=None), reports.closings_are_latched),
    "closed_for of an extension": (lambda: change(ours(), closed_for=F("closed_for") - DAY), reports.closings_are_latched),
    "an extension": (lambda: change(theirs(), extension_until=call().closes_at + DAY), reports.extensions_are_told_of),
    "an extension erased": (lambda: change(ours(), extension_until=None), reports.extensions_are_told_of),
    "an excuse moved": (lambda: change_all(Report, excused_at=F("excused_at") - DAY), reports.excuses_are_told_of),
    "who excused": (lambda: Report.objects.exclude(excused_at=None).update(excused_by=somebody()), reports.excuses_are_told_of),
    "a frozen path": (lambda: change(theirs(), unit_path=ours().unit_path), reports.frozen_paths_are_as_asked),
    "a correction's deadline": (lambda: change(ours(), correction_due_at=F("correction_due_at") + DAY), reports.corrections_are_their_returns),
    "a return's deadline": (lambda: change_all(ReturnRound, due_at=F("due_at") + DAY), reports.corrections_are_their_returns),
    "a return uncounted": (lambda: change(ours(), correction_round=0), reports.corrections_are_their_returns),
    "what was granted": (lambda: change_all(ExtensionRequest, granted_until=F("granted_until") + DAY), reports.decisions_on_extensions_are_told_of),
    "when it was decided": (lambda: change_all(ExtensionRequest, decided_at=F("decided_at") + SECOND), reports.decisions_on_extensions_are_told_of),
    "an acceptance gone": (lambda: gone(Acceptance.objects.get(unit__code="TGZ")), reports.submitters_had_accepted),
    # calls
    "a closing": (lambda: change(call(), closes_at=F("closes_at") - SECOND), calls.calls_open_and_close_as_told),
    "a closing that was never extended": (lambda: change(earlier(), closes_at=F("closes_at") + DAY), calls.calls_open_and_close_as_told),
    "an opening": (lambda: change(call(), opens_at=F("opens_at") - DAY), calls.calls_open_and_close_as_told),
    "the end of review": (lambda: change(call(), review_until=F("review_until") + DAY), calls.calls_open_and_close_as_told),
    "brought forward": (lambda: change(call(), closed_early_at=F("closes_at")), calls.calls_open_and_close_as_told),
    "grace": (lambda: change(call(), grace=DAY), calls.calls_keep_what_publishing_froze),
    "the days to contest": (lambda: change(call(), objection_days=40), calls.calls_keep_what_publishing_froze),
    "a call's price": (lambda: change(call(), price_rials=5), calls.calls_keep_what_publishing_froze),
    "a call's agreement": (lambda: change(call(), agreement=call().agreement.service.agreement_versions.latest("number")), calls.calls_keep_what_publishing_froze),
    "a pinned document gone": (lambda: gone(CallDocument.objects.filter(call=call()).first()), calls.calls_keep_what_publishing_froze),
    "a form's definition": (lambda: change_all(FormVersion, definition={"title": "فرم دیگر"}), calls.forms_are_what_was_imported),
    "a form's workbook": (lambda: change_all(FormVersion, sha256="0" * 64), calls.forms_are_what_was_imported),
    "the edition that read a form": (lambda: change_all(FormVersion, reader=1), calls.forms_are_what_was_imported),
    "a file beside a form's workbook": (lambda: FormFile.objects.create(version=FormVersion.objects.first(), name="a.csv", size=1, sha256="0" * 64), calls.forms_are_what_was_imported),
    "what a form is kept by": (lambda: change_all(FormVersion, definition_sha256="0" * 64), calls.forms_are_what_was_imported),
    "the first announcement erased": (lambda: change(call(), first_announced_at=None), calls.first_announcements_are_kept),
    "the first announcement moved": (lambda: change(call(), first_announced_at=F("first_announced_at") + DAY), calls.first_announcements_are_kept),
    "a snapshot gone": (lambda: gone(Snapshot.objects.filter(call=call()).last()), calls.snapshots_are_told_of),
    "a snapshot's missed": (lambda: change(Snapshot.objects.filter(call=call()).last(), missed=["x"]), calls.snapshots_are_told_of),
    # money
    "a request's price": (lambda: change(theirs().request, price_rials=5), money.prices_are_those_of_their_tariff),
    "a tariff row": (lambda: change_all(TariffRow, rials=5), money.prices_are_those_of_their_tariff),
    "a request without its tariff": (lambda: change(theirs().request, tariff=None), money.requests_are_under_their_terms),
    "a report's request under another agreement": (lambda: another_agreement(theirs().request), terms.services_are_kept_apart),
    "an extension's request under another agreement": (lambda: another_agreement(ExtensionRequest.objects.get().request), money.requests_are_under_their_terms),
    "another unit's request": (lambda: change(theirs().request, unit=ours().unit), money.requests_are_under_their_terms),
    # clocks
    "a stretch gone": (lambda: gone(stretches(theirs())[0]), replay.clocks_of_reports_ran_as_told),
    "every stretch gone": (lambda: stretches(final())._raw_delete("default"), replay.clocks_of_reports_ran_as_told),
    "a stretch shortened": (lambda: change(stretches(theirs())[1], ends_at=F("ends_at") - SECOND), replay.clocks_of_reports_ran_as_told),
    "a stretch begun later": (lambda: change(stretches(final())[0], starts_at=F("starts_at") + SECOND / 1000), replay.clocks_of_reports_ran_as_told),
    "a decision's clock shortened": (lambda: ClockInterval.objects.filter(request__extension_request__isnull=False).update(ends_at=F("starts_at")), replay.clocks_of_other_requests_ran_as_told),
    "a question's pause undone": (lambda: gone(ClockInterval.objects.filter(request__general__isnull=False).first()), replay.clocks_of_other_requests_ran_as_told),
    # reviews, evidence, facts
    "a reviewer": (lambda: change_all(Review, reviewer=somebody()), reviews.reviewers_were_given_their_reviews),
    "who handed in": (lambda: change(review_of(theirs(), Person.objects.get(username="omid")), reviewer=somebody()), reviews.reviews_are_done_by_their_reviewers),
    "a finding": (lambda: ReviewItem.objects.filter(review__report=theirs(), indicator="HSG-01").update(verified={"numerator": "1", "denominator": "100"}), reviews.findings_are_what_was_announced),
    "a finding's reason": (lambda: ReviewItem.objects.filter(review__report=theirs(), indicator="HSG-01").update(reason="دیگر"), reviews.findings_are_what_was_announced),
    "a finding gone": (lambda: ReviewItem.objects.filter(review__report=theirs()).delete(), reviews.findings_are_what_was_announced),
    "a finding written later": (lambda: ReviewItem.objects.filter(review__report=theirs()).update(saved_at=database_now()), reviews.findings_are_what_was_announced),
    "evidence gone": (lambda: gone(Evidence.objects.filter(report=theirs()).first()), evidence.named_files_are_there),
    "evidence replaced": (lambda: Evidence.objects.filter(report=theirs()).update(sha256="0" * 64), evidence.named_files_are_there),
    "places in the league": (lambda: FactStamp.objects.filter(call=call()).update(intervals=packed({theirs().pk: (7, 9)})), facts.intervals_are_what_facts_make),
    # units and people
    "a unit's path": (lambda: change(theirs().unit, path=ours().unit.path), units.paths_follow_the_tree),
    "a root's path": (lambda: Unit.objects.filter(parent=None).update(path="9."), units.paths_follow_the_tree),
    "an extension's Event gone": (lambda: gone(Event.objects.get(noun="report", verb="extend")), reports.extensions_are_told_of),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_each_break_is_named_by_its_check(what):
    make, check = BREAKS[what]
    assert list(check()) == []

    behind_the_triggers(make)

    assert list(check()) != []
    assert check in CHECKS


@pytest.mark.postgres  # SQLite cannot take a constraint away inside a transaction
def test_a_notice_sent_twice_is_named_where_nothing_forbids_it():
    once = next(c for c in Notice._meta.constraints if c.name == "notice_once")

    def twice() -> None:
        notice = Notice.objects.order_by("pk")[0]
        with connection.schema_editor() as editor:
            editor.remove_constraint(Notice, once)
        notice.pk = None
        notice.save(force_insert=True)

    behind_the_triggers(twice)

    assert list(units.notices_are_told_once()) != []


def behind_the_triggers(make: Callable[[], object]) -> None:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with triggers_suspended(cursor, connection.vendor, tables):
            make()


# What only the seal tells: each table that only grows, in what no check holds against another row.
UNDER_THE_SEAL: dict[str, Callable[[], object]] = {
    "an Event's time": lambda: change_all(Event, at=F("at") - SECOND),
    "an Event's person": lambda: Event.objects.filter(verb="submit").update(
        person=Person.objects.get(username="nader")
    ),
    "an Event's data": lambda: Event.objects.filter(verb="extend").update(data={"reason": "دیگر"}),
    "a seat's Event gone": lambda: gone(Event.objects.filter(noun="call").first()),
    "a revision's standing": lambda: change_all(Revision, standing="grace"),
    "a revision's receipt": lambda: change_all(Revision, receipt_code=Concat("receipt_code", Value("x"))),
    "a revision's rule": lambda: change_all(Revision, rule={}),
    "who submitted": lambda: change_all(Revision, submitted_by=Person.objects.get(username="nader")),
    "a letter's code": lambda: change_all(ResultVersion, verification_code=Concat("verification_code", Value("x"))),
    "a result's instant": lambda: change_all(ResultVersion, announced_at=F("announced_at") - SECOND),
    "a snapshot's missed": lambda: change_all(Snapshot, missed=["x"]),
    "a snapshot gone": lambda: gone(Snapshot.objects.last()),
    "a message": lambda: change_all(DisputeMessage, text="دیگر"),
    "a message gone": lambda: gone(DisputeMessage.objects.get()),
    "an acceptance gone": lambda: gone(Acceptance.objects.last()),
}


@pytest.mark.parametrize("what", UNDER_THE_SEAL)
def test_what_no_check_can_tell_breaks_the_seal(what):
    behind_the_triggers(UNDER_THE_SEAL[what])

    assert list(broken_seals()) != []


@pytest.mark.parametrize(
    ("row", "field", "check"),
    [
        (lambda: Document.objects.last(), "file", files.documents_are_on_disk),
        (lambda: FormVersion.objects.last(), "workbook", files.workbooks_are_on_disk),
        (lambda: Evidence.objects.last(), "file", files.evidence_is_on_disk),
        (lambda: GeneralRequest.objects.get().files.get(), "file", files.request_files_are_on_disk),
    ],
)
def test_a_file_that_is_not_what_its_row_says_is_named_where_files_are_read(row, field, check):
    behind_the_triggers(lambda: change(row(), sha256="0" * 64))
    assert f"{row().pk}: its file has changed" in " ".join(check())

    behind_the_triggers(lambda: change(row(), **{field: "nowhere.pdf"}))
    assert f"{row().pk}: its file is gone" in " ".join(check())


def test_a_world_that_nobody_touched_is_sound():
    assert (list(broken()), list(broken_seals())) == ([], [])
