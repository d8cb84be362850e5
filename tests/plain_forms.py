"""A form as other offices write them, without a word of the portal in it, and how it is filled in, reviewed and announced."""

from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence
from reports.actions.judging import judge_answers
from reports.actions.results import announce_result
from reports.actions.review import hand_in_review
from reports.actions.submission import submit_report
from reports.models import Call, Report, ResultVersion
from reports.queries import form_of
from reports.queries.drafts import collect
from reports.queries.findings import reviewed_indicators
from reports.xlsform.indicator import ALONE
from reports.xlsform.writer import SheetRows, write_workbook

from .calls import report_of
from .people import Cast
from .reviews import assign, review_of

ANSWERS = {
    "place": {"centre": "خوابگاه شهید بهشتی", "province": "fars", "town": "shiraz", "opened": "1395/07/01"},
    "people": {"residents": "240", "staff": "12", "services": ["wifi", "gym"], "remarks": ""},
}


@cache
def plain_form(*, version: str = "1", form_id: str = "visit") -> bytes:
    """Two sections. ``place``: centre (text, required), province, town (select_one with a filter: two choices are named `centre`),
    opened (date). ``people``: residents (integer, required, constraint), staff (integer), per_staff (calculated), services
    (select_multiple), photo (image), remarks (text)."""
    survey = [
        {"type": "begin_group", "name": "place", "label": "محل"},
        {"type": "text", "name": "centre", "label": "نام مرکز", "required": "yes"},
        {"type": "select_one provinces", "name": "province", "label": "استان"},
        {"type": "select_one towns", "name": "town", "label": "شهر", "choice_filter": "province = ${province}"},
        {"type": "date", "name": "opened", "label": "تاریخ گشایش"},
        {"type": "end_group"},
        {"type": "begin_group", "name": "people", "label": "افراد"},
        {"type": "integer", "name": "residents", "label": "شمار ساکنان ${centre}", "required": "yes", "constraint": ". >= 0"},
        {"type": "integer", "name": "staff", "label": "شمار کارکنان"},
        {
            "type": "calculate", "name": "per_staff", "label": "ساکن به ازای هر کارمند",
            "calculation": "if(${staff} > 0, round(${residents} div ${staff}, 1), '')",
        },
        {"type": "select_multiple services", "name": "services", "label": "خدمات"},
        {"type": "image", "name": "photo", "label": "عکس ورودی"},
        {"type": "text", "name": "remarks", "label": "توضیح"},
        {"type": "end_group"},
    ]  # fmt: skip
    choices = [
        {"list_name": "provinces", "name": "fars", "label": "فارس"},
        {"list_name": "provinces", "name": "yazd", "label": "یزد"},
        {"list_name": "towns", "name": "shiraz", "label": "شیراز", "province": "fars"},
        {"list_name": "towns", "name": "centre", "label": "مرکز فارس", "province": "fars"},
        {"list_name": "towns", "name": "centre", "label": "مرکز یزد", "province": "yazd"},
        {"list_name": "services", "name": "wifi", "label": "اینترنت"},
        {"list_name": "services", "name": "gym", "label": "ورزشگاه"},
    ]
    settings = {
        "form_title": "بازدید خوابگاه", "form_id": form_id, "version": version, "allow_choice_duplicates": "yes",
    }  # fmt: skip

    def sheet(rows: list[dict]) -> SheetRows:
        return SheetRows(list(dict.fromkeys(key for row in rows for key in row)), rows)

    return write_workbook({"survey": sheet(survey), "choices": sheet(choices), "settings": sheet([settings])})


def fill_plain(report: Report, by, answers: dict | None = None, *, photo: bool = True) -> Report:
    for section, changes in (answers or ANSWERS).items():
        outcome = save_section(report=report, section=section, base_version=0, changes=changes, by=by)
        assert not outcome.errors, outcome.errors
    if photo and not collect(report).files_of("file:photo"):
        upload = SimpleUploadedFile("door.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
        add_evidence(report=report, indicator="file:photo", upload=upload, by=by)
    return report


def submitted_plain(cast: Cast, call: Call) -> Report:
    report = fill_plain(report_of(call, cast.a), cast.sara)
    submit_report(report=report, by=cast.reza)
    return report_of(call, cast.a)


def judge_all(report: Report, by, remarks: dict[str, str] | None = None) -> None:
    """{question: remark}; all else is accepted."""
    review, remarks = review_of(report, by), remarks or {}
    alone = [i for i in reviewed_indicators(form_of(report.call.form_version), review.section) if i.is_alone]
    found = {each.code: remarks.get(each.code.removeprefix(ALONE)) for each in alone}
    judge_answers(review=review, remarks=found, by=by)


def announced_plain(cast: Cast, call: Call, remarks: dict[str, str] | None = None) -> tuple[Report, ResultVersion]:
    report = submitted_plain(cast, call)
    if not call.assignments.exists():
        assign(cast, call)
    judge_all(report, cast.omid, remarks)
    hand_in_review(review=review_of(report, cast.omid), by=cast.omid)
    version = announce_result(report=report, by=cast.laleh)
    return report_of(call, cast.a), version
