"""The sample guide: an XLSForm workbook of 39 indicators, built from `sample_measures`. The same every time.

Names of questions: `drm_01` is the indicator's ratio or value, `drm_01_n` and `drm_01_d` its numerator and denominator,
`nut_02_count` the number by which a mean is weighted when units are joined.
"""

from collections.abc import Mapping

from .definition import NAMESPACE
from .sample_measures import AREAS, TIMELINESS, UNITS, Input, Measure, SampleArea
from .writer import SheetRows, write_workbook

FORM_ID = "student-services"
TITLE = "شاخص‌های عملکرد خدمات دانشجویی"

FA, EN = "label::فارسی (fa)", "label::English (en)"
HINT_FA, HINT_EN = "hint::فارسی (fa)", "hint::English (en)"
RULE_FA, RULE_EN = "constraint_message::فارسی (fa)", "constraint_message::English (en)"
ATTRIBUTES = (
    "indicator", "role", "weight", "standard", "floor", "direction", "unit", "unit_en", "aggregate", "scale",
    "weightby", "source", "evidence", "evidence_en", "check", "check_message", "check_message_en", "figure",
)  # fmt: skip
HEADERS = [
    "type", "name", FA, EN, HINT_FA, HINT_EN, "required", "relevant", "constraint", RULE_FA, RULE_EN, "calculation",
    *(f"bind::sajad:{name}" for name in ATTRIBUTES),
]  # fmt: skip
WIDTHS = {FA: 40, EN: 36, HINT_FA: 32, HINT_EN: 32, RULE_FA: 40, RULE_EN: 40, "calculation": 44, "constraint": 40}

_WHEN = {
    True: ("جمع دورهٔ گزارش", "Over the reporting period"),
    False: ("در پایان دورهٔ گزارش", "At the end of the period"),
}

GUIDE = (
    ("این فایل چیست", "راهنمای فیلدهای اطلاعاتی و هم‌زمان تعریف فرم است؛ سامانه فرم را از همین فایل می‌سازد."),
    ("برگهٔ survey", "هر سطر یک پرسش است. گروه‌های سطح اول بخش‌های فرم‌اند و هر بخش یک موضوع را می‌سنجد."),
    ("صورت و مخرج", "برای شاخص‌های نسبتی فقط صورت و مخرج را وارد کنید؛ نسبت را سامانه حساب می‌کند."),
    ("اعداد", "رقم فارسی و لاتین هر دو خوانده می‌شود. مبلغ‌ها به ریال است."),
    ("مستندات", "ستون bind::sajad:evidence می‌گوید برای هر شاخص چه مدرکی لازم است."),
    ("موضوعیت ندارد", "اگر شاخصی در واحد شما موضوعیت ندارد، همین را با دلیل اعلام کنید؛ ارزیاب دربارهٔ آن تصمیم می‌گیرد."),
    ("وزن و استاندارد", "ستون‌های bind::sajad:weight، standard، floor و direction مبنای امتیازند. جمع وزن‌ها ۱۰۰ است."),
    ("ارسال به‌موقع", "این شاخص ورودی ندارد و از رسید ارسال پر می‌شود."),
    (
        "قاعده میان چند پرسش (constraint)",
        "قاعده‌ای که پاسخ نادرست را نمی‌پذیرد؛ می‌تواند از پرسش‌های دیگر نام ببرد، مانند . <= ${drm_01_d}. پیام آن در constraint_message می‌آید.",
    ),
    (
        "هشدار (bind::sajad:check)",
        "قاعده‌ای که پاسخ را می‌پذیرد و اگر برقرار نباشد از واحد توضیح می‌خواهد؛ ارزیاب هشدار و توضیح را کنار هم می‌بیند. "
        "متن آن در bind::sajad:check_message می‌آید. می‌تواند از چند پرسش نام ببرد و مقدار دورهٔ پیش را با sajad:earlier('کد شاخص') "
        "یا sajad:earlier('نام پرسش') بخواند؛ دو دوره پیش‌تر: sajad:earlier('DRM-01', 2). جایی که دورهٔ پیشینی نیست، هشداری داده نمی‌شود.",
    ),
    (
        "یک عدد در چند شاخص (bind::sajad:figure)",
        "نامی مشترک برای عددی که در چند سطر پرسیده می‌شود، مانند شمار دانشجویان؛ اگر دو جا یکی نباشد، سامانه توضیح می‌خواهد. "
        "با فراخوان‌های دیگر همان دوره نیز سنجیده می‌شود.",
    ),
    ("ویرایش", "برای فرم خود، سطرها را تغییر دهید، version را در برگهٔ settings بالا ببرید و فایل را دوباره بارگذاری کنید."),
)  # fmt: skip

SPECIFIC = (
    "شاخص‌های عمومی و اختصاصی",
    "سطری از نوع calculate که bind::sajad:source دارد، نوع یا ویژگی واحد را به فرم می‌آورد (unit_kind، unit_code یا "
    "unit_attribute:نام). با آن در ستون relevant یک بخش فقط از برخی واحدها پرسیده می‌شود؛ وزن بخش‌هایی که از واحد پرسیده نمی‌شود "
    "در جمع نمی‌آید.",
)


def build(
    *, version: str = "1405-1", reads: Mapping[str, str] | None = None, asked_where: Mapping[str, str] | None = None
) -> bytes:
    """The workbook's bytes. `reads` {name: what of the unit it holds}; `asked_where` {area: the condition under which it is asked}."""
    of_unit = [{"type": "calculate", "name": name, "bind::sajad:source": what} for name, what in (reads or {}).items()]
    survey = [*of_unit, *(row for area in AREAS for row in _area(area, (asked_where or {}).get(area.name, "")))]
    guide = [*GUIDE[:-1], *([SPECIFIC] if asked_where else []), GUIDE[-1]]
    return write_workbook(
        {
            "survey": SheetRows(HEADERS, survey, WIDTHS),
            "choices": SheetRows(
                ["list_name", "name", FA, EN],
                [
                    {"list_name": "yes_no", "name": "yes", FA: "بلی", EN: "Yes"},
                    {"list_name": "yes_no", "name": "no", FA: "خیر", EN: "No"},
                ],
            ),
            "settings": SheetRows(
                ["form_title", "form_id", "version", "default_language", "namespaces"],
                [
                    {
                        "form_title": TITLE,
                        "form_id": FORM_ID,
                        "version": version,
                        "default_language": "فارسی (fa)",
                        "namespaces": f'sajad="{NAMESPACE}"',
                    }
                ],
                {"form_title": 40, "namespaces": 60, "version": 12},
            ),
            "راهنما": SheetRows(
                ["موضوع", "توضیح"], [{"موضوع": topic, "توضیح": text} for topic, text in guide], {"توضیح": 100}
            ),
        },
        title=TITLE,
    )


def _area(area: SampleArea, relevant: str) -> list[dict]:
    rows: list[dict] = [
        {
            "type": "begin_group",
            "name": area.name,
            FA: area.fa,
            EN: area.en,
            **({"relevant": relevant} if relevant else {}),
        }
    ]
    for measure in area.measures:
        rows += _measure(measure)
    if area.name == "management":
        rows += _closing_questions()
    return [*rows, {"type": "end_group", "name": area.name}]


def _name(measure: Measure) -> str:
    return measure.code.lower().replace("-", "_")


def _measure(measure: Measure) -> list[dict]:
    name = _name(measure)
    if measure.code == TIMELINESS:
        note = ("سامانه این شاخص را از رسید ارسال پر می‌کند.", "The portal fills this from the receipt.")
        head = {"type": "note", "name": name, FA: measure.fa, EN: measure.en, HINT_FA: note[0], HINT_EN: note[1]}
        return [{**head, **_head_attributes(measure), "bind::sajad:source": "timeliness"}]
    if len(measure.figures) == 1:
        value = _figure(measure, name, measure.figures[0], "value", None)
        value |= {FA: measure.fa, EN: measure.en, **_value_hint(measure), **_head_attributes(measure)}
        return [value, *_count(measure, name)]
    over, under = measure.figures
    scale = f" * {measure.scale}" if measure.scale != "1" else ""
    return [
        _figure(measure, f"{name}_n", over, "numerator", under if measure.capped else None),
        _figure(measure, f"{name}_d", under, "denominator", None),
        {
            "type": "calculate",
            "name": name,
            FA: measure.fa,
            EN: measure.en,
            "calculation": f"if(${{{name}_d}} > 0, ${{{name}_n}} div ${{{name}_d}}{scale}, '')",
            **_head_attributes(measure),
        },
    ]


def _figure(measure: Measure, name: str, figure: Input, role: str, within: Input | None) -> dict:
    """One figure; `within`: the denominator it is a part of."""
    row = {
        "type": figure.kind,
        "name": name,
        FA: figure.fa,
        EN: figure.en,
        HINT_FA: _WHEN[measure.during][0],
        HINT_EN: _WHEN[measure.during][1],
        "required": "yes",
        "bind::sajad:indicator": measure.code,
        "bind::sajad:role": role,
        "bind::sajad:check": figure.check,
        "bind::sajad:check_message": figure.check_fa,
        "bind::sajad:check_message_en": figure.check_en,
        "bind::sajad:figure": f"{figure.figure}_{'in_period' if measure.during else 'at_end'}" if figure.figure else "",
    }
    if within:
        other = f"${{{_name(measure)}_d}}"
        # While the denominator is still empty there is nothing to compare with.
        row["constraint"] = f". >= 0 and ({other} = '' or . <= {other})"
        row[RULE_FA] = f"«{figure.fa}» نباید منفی یا بیشتر از «{within.fa}» باشد. هر دو عدد را بازبینی کنید."
        row[RULE_EN] = f"“{figure.en}” cannot be negative or more than “{within.en}”. Check both figures."
    elif figure.most:
        low = "1" if measure.unit == "نمرهٔ ۱ تا ۵" else "0"
        persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
        row["constraint"] = f". >= {low} and . <= {figure.most}"
        row[RULE_FA] = f"عددی از {low.translate(persian)} تا {figure.most.translate(persian)} بنویسید."
        row[RULE_EN] = f"Write a number from {low} to {figure.most}."
    else:
        row["constraint"] = ". >= 0"
        row[RULE_FA] = "عدد منفی در این‌جا معنا ندارد."
        row[RULE_EN] = "A negative number makes no sense here."
    return row


def _value_hint(measure: Measure) -> dict:
    figure = measure.figures[0]
    if measure.during:
        return {HINT_FA: f"{figure.fa} در دورهٔ گزارش", HINT_EN: f"{figure.en} over the reporting period"}
    return {HINT_FA: f"{figure.fa} در پایان دورهٔ گزارش", HINT_EN: f"{figure.en} at the end of the period"}


def _count(measure: Measure, name: str) -> list[dict]:
    if measure.count is None:
        return []
    return [
        {
            "type": "integer",
            "name": f"{name}_count",
            FA: measure.count.fa,
            EN: measure.count.en,
            HINT_FA: "برای میانگین وزنی در سطح بالاتر به کار می‌رود.",
            HINT_EN: "Used for weighted means at higher levels.",
            "constraint": ". >= 0",
            RULE_FA: "عدد منفی در این‌جا معنا ندارد.",
            RULE_EN: "A negative number makes no sense here.",
        }
    ]


def _head_attributes(measure: Measure) -> dict:
    given = {
        "indicator": measure.code,
        "weight": float(measure.weight),
        "standard": float(measure.standard),
        "floor": float(measure.floor),
        "direction": measure.direction,
        "unit": measure.unit,
        "unit_en": UNITS[measure.unit],
        "aggregate": measure.aggregate,
        "scale": float(measure.scale),
        "weightby": f"{_name(measure)}_count" if measure.count else "",
        "evidence": measure.evidence,
        "evidence_en": measure.evidence_en,
    }
    return {f"bind::sajad:{name}": value for name, value in given.items() if value != ""}


def _closing_questions() -> list[dict]:
    return [
        {
            "type": "select_one yes_no",
            "name": "data_checked",
            FA: "آیا داده‌های این گزارش در واحد بازبینی شده است؟",
            EN: "Have the figures of this report been checked in the unit?",
        },
        {
            "type": "text",
            "name": "data_checked_by",
            FA: "نام و سمت بازبین",
            EN: "Name and position of who checked them",
            "required": "yes",
            "relevant": "${data_checked} = 'yes'",
        },
    ]
