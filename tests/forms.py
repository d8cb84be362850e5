"""Workbooks for tests: small enough to read, with one of each kind of question."""

from functools import cache

from reports.xlsform.definition import NAMESPACE
from reports.xlsform.writer import SheetRows, write_workbook

SURVEY = [
    "type",
    "name",
    "label::فارسی(fa)",
    "label::English(en)",
    "hint::فارسی(fa)",
    "required",
    "relevant",
    "constraint",
    "constraint_message::فارسی(fa)",
    "constraint_message::English(en)",
    "calculation",
    "bind::sajad:indicator",
    "bind::sajad:role",
    "bind::sajad:weight",
    "bind::sajad:standard",
    "bind::sajad:floor",
    "bind::sajad:direction",
    "bind::sajad:unit",
    "bind::sajad:evidence",
    "bind::sajad:aggregate",
    "bind::sajad:scale",
    "bind::sajad:source",
]
FA, EN = "label::فارسی(fa)", "label::English(en)"


def workbook(
    survey: list[dict],
    *,
    choices: list[dict] | None = None,
    settings: dict | None = None,
    survey_headers: list[str] | None = None,
    choices_headers: list[str] | None = None,
) -> bytes:
    """A workbook from survey rows; headers are the keys that occur, in the order in which they first occur."""

    def keys(rows: list[dict]) -> list[str]:
        return list(dict.fromkeys(key for row in rows for key in row))

    settings = {
        "form_title": "فرم آزمون",
        "form_id": "test-form",
        "version": "1",
        "namespaces": f'sajad="{NAMESPACE}"',
        **(settings or {}),
    }
    sheets = {"survey": SheetRows(survey_headers or keys(survey) or ["type", "name", "label"], survey)}
    if choices is not None:
        sheets["choices"] = SheetRows(choices_headers or keys(choices), choices)
    sheets["settings"] = SheetRows(list(settings), [settings])
    return write_workbook(sheets)


@cache
def small_form(*, version: str = "1", form_id: str = "small") -> bytes:
    """Four indicators in two sections.

    ``housing`` (خوابگاه): HSG-01 ratio ٪ ↑ weight 50 standard 80, evidence needed (housed / eligible → housing_rate);
    HSG-02 value ↓ weight 20 standard 10 (waiting_days). ``welfare`` (رفاه): WLF-01 count ↑ weight 20 standard 5
    (events), MGT-01 timeliness weight 10. Beside them: select_one `has_canteen`, text `canteen_note` (relevant when
    yes, required), date `survey_date`, acknowledge `confirmed` (required).
    """
    survey = [
        {"type": "begin_group", "name": "housing", FA: "خوابگاه", EN: "Housing"},
        {
            "type": "integer",
            "name": "housed",
            FA: "اسکان‌یافته",
            EN: "Housed",
            "required": "yes",
            "constraint": ". >= 0 and (${eligible} = '' or . <= ${eligible})",
            "constraint_message::فارسی(fa)": "اسکان‌یافته نمی‌تواند بیشتر از متقاضی واجد شرایط باشد.",
            "constraint_message::English(en)": "Housed cannot be more than eligible.",
            "bind::sajad:indicator": "HSG-01",
            "bind::sajad:role": "numerator",
        },
        {
            "type": "integer",
            "name": "eligible",
            FA: "متقاضی واجد شرایط",
            EN: "Eligible applicants",
            "required": "yes",
            "constraint": ". >= 0",
            "bind::sajad:indicator": "HSG-01",
            "bind::sajad:role": "denominator",
        },
        {
            "type": "calculate",
            "name": "housing_rate",
            FA: "اسکان متقاضیان",
            EN: "Applicants housed",
            "calculation": "if(${eligible} > 0, ${housed} div ${eligible} * 100, '')",
            "bind::sajad:indicator": "HSG-01",
            "bind::sajad:weight": 50,
            "bind::sajad:standard": 80,
            "bind::sajad:floor": 40,
            "bind::sajad:direction": "up",
            "bind::sajad:unit": "٪",
            "bind::sajad:evidence": "فهرست اسکان‌یافتگان با مهر خوابگاه",
            "bind::sajad:aggregate": "ratio",
            "bind::sajad:scale": 100,
        },
        {
            "type": "decimal",
            "name": "waiting_days",
            FA: "انتظار اسکان",
            EN: "Waiting days",
            "required": "yes",
            "bind::sajad:indicator": "HSG-02",
            "bind::sajad:role": "value",
            "bind::sajad:weight": 20,
            "bind::sajad:standard": 10,
            "bind::sajad:floor": 40,
            "bind::sajad:direction": "down",
            "bind::sajad:unit": "روز",
            "bind::sajad:aggregate": "mean",
        },
        {"type": "end_group"},
        {"type": "begin_group", "name": "welfare", FA: "رفاه", EN: "Welfare"},
        {"type": "select_one yes_no", "name": "has_canteen", FA: "سلف فعال است؟", EN: "Is the canteen open?"},
        {
            "type": "text",
            "name": "canteen_note",
            FA: "توضیح سلف",
            EN: "About the canteen",
            "required": "yes",
            "relevant": "${has_canteen} = 'yes'",
        },
        {
            "type": "integer",
            "name": "events",
            FA: "رویدادهای برگزارشده",
            EN: "Events held",
            "required": "yes",
            "bind::sajad:indicator": "WLF-01",
            "bind::sajad:role": "value",
            "bind::sajad:weight": 20,
            "bind::sajad:standard": 5,
            "bind::sajad:direction": "up",
            "bind::sajad:unit": "تعداد",
            "bind::sajad:aggregate": "sum",
        },
        {"type": "date", "name": "survey_date", FA: "تاریخ نظرسنجی", EN: "Date of the survey"},
        {
            "type": "acknowledge",
            "name": "confirmed",
            FA: "درستی داده‌ها را تأیید می‌کنم",
            EN: "I confirm",
            "required": "yes",
        },
        {
            "type": "note",
            "name": "on_time",
            FA: "ارسال به‌موقع گزارش",
            EN: "Report sent on time",
            "bind::sajad:indicator": "MGT-01",
            "bind::sajad:weight": 10,
            "bind::sajad:standard": 1,
            "bind::sajad:direction": "up",
            "bind::sajad:unit": "بلی/خیر",
            "bind::sajad:source": "timeliness",
        },
        {"type": "end_group"},
    ]
    choices = [
        {"list_name": "yes_no", "name": "yes", FA: "بله", EN: "Yes"},
        {"list_name": "yes_no", "name": "no", FA: "خیر", EN: "No"},
    ]
    return workbook(
        survey,
        choices=choices,
        settings={
            "form_title": "فرم کوچک",
            "form_id": form_id,
            "version": version,
            "default_language": "فارسی(fa)",
        },
        survey_headers=SURVEY,
    )


# A complete, consistent set of answers to `small_form()`.
SMALL_ANSWERS = {
    "housed": "72",
    "eligible": "90",
    "waiting_days": "12.5",
    "has_canteen": "yes",
    "canteen_note": "سلف در دو نوبت فعال است.",
    "events": "4",
    "survey_date": "2026-06-01",
    "confirmed": "OK",
}
