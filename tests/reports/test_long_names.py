"""Names as long as a form may have them, in a file of a row of a table within a table: each place that stores a name has room."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence
from reports.actions.judging import judge_answers
from reports.actions.review import hand_in_review, start_review
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row
from reports.models import Evidence, Report, ReviewItem
from reports.xlsform import WorkbookRefused, parse_form
from reports.xlsform.survey import LONGEST_NAME
from tests.calls import PDF, published_call, report_of
from tests.forms import workbook
from tests.reviews import assign, review_of

OUTER, INNER, TEXT, FILE = (letter * LONGEST_NAME for letter in "oitf")
SURVEY = [
    {"type": "begin_repeat", "name": OUTER, "label": "بیرونی"},
    {"type": "text", "name": TEXT, "label": "نام"},
    {"type": "begin_repeat", "name": INNER, "label": "درونی"},
    {"type": "file", "name": FILE, "label": "سند"},
    {"type": "end_repeat"},
    {"type": "end_repeat"},
]


@pytest.mark.django_db
def test_the_longest_names_are_filled_in_reviewed_and_remarked_on(cast):
    call = published_call(cast, form=workbook(SURVEY, settings={"form_id": "long"}))
    report = report_of(call, cast.a)
    around = add_row(report=report, table=OUTER, by=cast.sara)
    row = add_row(report=report, table=INNER, around=around, by=cast.sara)
    save_section(report=report, section=OUTER, base_version=99, changes={f"{TEXT}@{around}": "یک"}, by=cast.sara)
    upload = SimpleUploadedFile("sanad.pdf", PDF)
    add_evidence(report=report, indicator=f"file:{FILE}@{row}", upload=upload, by=cast.sara)
    submit_report(report=report, by=cast.reza)
    assign(cast, call)
    start_review(report=report, by=cast.omid)
    review = review_of(report, cast.omid)
    remarks = {f"table:{OUTER}": None, f"row:{INNER}@{row}": "سند ناخواناست."}
    judge_answers(review=review, remarks=remarks, by=cast.omid)
    hand_in_review(review=review, by=cast.omid)

    assert Evidence.objects.get().indicator == f"file:{FILE}@{row}"
    assert set(ReviewItem.objects.values_list("indicator", flat=True)) == set(remarks)
    assert Report.objects.get(pk=report.pk).draft_sections.get().section == OUTER


def test_a_longer_name_is_refused_at_its_row():
    rows = [{"type": "text", "name": "q" * (LONGEST_NAME + 1), "label": "پرسش"}]
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(workbook(rows))
    (error,) = refused.value.errors
    assert (error["sheet"], error["row"], error["column"]) == ("survey", 2, "name")
    assert "۲۰۰" in error["message"]
