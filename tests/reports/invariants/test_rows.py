"""`checkinvariants` over rows of tables: what is made by SQL behind the verbs is named, each by the check that is for it."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from reports.actions.evidence import add_evidence
from reports.actions.judging import judge_answers
from reports.actions.returns import return_for_correction
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row, remove_row
from reports.invariants import CHECKS, broken, rows
from reports.models import DraftSection, Evidence, Report, ReturnRound, ReviewItem, Revision
from tests.calls import PDF, accept, published_call, report_of
from tests.plugins.database import triggers_suspended
from tests.reviews import assign, review_of
from tests.tables import dormitory, save, table_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(cast) -> Report:
    """Returned with a remark on a row that has a file and a row inside it."""
    call = published_call(cast, form=table_form())
    report = report_of(call, cast.a)
    save(report, "about", cast.sara, most="500", span="2")
    one = dormitory(report, cast.sara, "یک", beds="40")
    room = add_row(report=report, table="rooms", around=one, by=cast.sara)
    save(report, "dorms", cast.sara, **{f"room__{room}": "۱۰۱"})
    save(report, "months", cast.sara, guests__n2="9")
    save(report, "kinds", cast.sara, **{"staff__c-cook": "3"})
    add_evidence(report=report, indicator=f"file:plan@{one}", upload=SimpleUploadedFile("n.pdf", PDF), by=cast.sara)
    accept(call, cast.a, cast.reza)
    submit_report(report=report, by=cast.reza)
    assign(cast, call)
    report = report_of(call, cast.a)
    remarks = {f"row:dorms@{one}": "خوانا نیست", "row:months@n2": "کم است"}
    judge_answers(review=review_of(report, cast.omid), remarks=remarks, by=cast.omid)
    return_for_correction(report=report, remarks=remarks, by=cast.omid)
    return report_of(call, cast.a)


def draft(**cells: str) -> None:
    section = DraftSection.objects.get(section="dorms")
    new = {name.replace("__", "@"): {"v": value, "n": 1, "by": None, "at": ""} for name, value in cells.items()}
    DraftSection.objects.filter(pk=section.pk).update(answers={**section.answers, **new})


def revision(change: Callable[[dict], dict]) -> None:
    found = Revision.objects.get()
    Revision.objects.update(answers=change(dict(found.answers)))


def without_outer_row(answers: dict) -> dict:
    return {name: value for name, value in answers.items() if not name.startswith("row:dorms@")}


BREAKS = {
    "a cell of a row that nobody added": (lambda: draft(beds__zzzzzzzz="4"), rows.rows_are_of_their_tables),
    "a row of a table that the form has not": (
        lambda: draft(**{"row:halls__zzzzzzzz": "1"}), rows.rows_are_of_their_tables,
    ),
    "a row that is too deep": (lambda: draft(**{"row:dorms__aaaa.bbbb": "1"}), rows.rows_are_of_their_tables),
    "rows under an outer row that is gone": (
        lambda: revision(without_outer_row), rows.submitted_rows_are_there,
    ),
    "a submitted cell of no table": (
        lambda: revision(lambda answers: {**answers, "most@zzzzzzzz": "1"}), rows.submitted_rows_are_there,
    ),
    "a remark on a row that no submission has": (
        lambda: ReturnRound.objects.update(remarks={"row:dorms@zzzzzzzz": "نیست"}), rows.remarks_are_on_submitted_rows,
    ),
    "a remark on a table that the form has not": (
        lambda: ReturnRound.objects.update(remarks={"table:halls": "نیست"}), rows.remarks_are_on_submitted_rows,
    ),
    "a finding on a row that no submission has": (
        lambda: ReviewItem.objects.filter(indicator="row:months@n2").update(indicator="row:months@x2"),
        rows.remarks_are_on_submitted_rows,
    ),
    "a file in a row that was never there": (
        lambda: Evidence.objects.update(indicator="file:plan@zzzzzzzz"), rows.files_are_in_rows,
    ),
    "a file in a question that stands in no table": (
        lambda: Evidence.objects.update(indicator="file:most@zzzzzzzz"), rows.files_are_in_rows,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_each_break_is_named_by_its_check(what, report):
    make, check = BREAKS[what]
    assert list(broken()) == []
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor, triggers_suspended(cursor, connection.vendor, tables):
        make()
    assert len(list(check())) > 0
    assert check in CHECKS
    others = [each.name for each in rows.ROW_CHECKS if each != check and list(each())]
    assert others in ([], ["files_are_in_rows"], ["remarks_are_on_submitted_rows"])


def test_a_row_that_was_taken_out_of_the_draft_may_keep_what_was_in_it(cast):
    report = report_of(published_call(cast, form=table_form()), cast.a)
    row = dormitory(report, cast.sara, "یک")
    remove_row(report=report, table="dorms", row=row, base_version=99, by=cast.sara)
    assert list(broken()) == []
