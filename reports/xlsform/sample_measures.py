"""The indicators of the portal's sample form: student services, nine areas, weights that sum to 100.

Our own design, after public evaluation forms of the field. One `Measure` an indicator; amounts are decimal strings.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Input:
    """One figure that a unit reports. `kind`: integer or decimal; `most`: a constant upper limit, "" for none. `figure`: what it
    is called where more than one indicator asks for it; `check` with its words: see the sheet “راهنما”."""

    fa: str
    en: str
    kind: str = "integer"
    most: str = ""
    figure: str = ""
    check: str = ""
    check_fa: str = ""
    check_en: str = ""


@dataclass(frozen=True)
class Measure:
    """`figures` holds (numerator, denominator) or (value,); `count` is what a mean is weighted by when units are joined.

    `during` tells a sum over the period from a figure at its end. `capped`: the numerator is part of the denominator.
    """

    code: str
    fa: str
    en: str
    unit: str
    direction: str
    weight: str
    standard: str
    floor: str
    aggregate: str
    figures: tuple[Input, ...]
    evidence: str
    evidence_en: str
    scale: str = "1"
    during: bool = True
    capped: bool = True
    count: Input | None = None


@dataclass(frozen=True)
class SampleArea:
    name: str
    fa: str
    en: str
    measures: tuple[Measure, ...]


UNITS = {
    "٪": "%",
    "مترمربع": "m²",
    "نفر": "people",
    "نمرهٔ ۱ تا ۵": "score 1 to 5",
    "روز": "days",
    "روز کاری": "working days",
    "تعداد": "number",
    "بلی/خیر": "yes/no",
    "ساعت به‌ازای نفر": "hours a person",
}


def _percent(code, fa, en, weight, standard, floor, numerator, denominator, evidence, evidence_en, **more) -> Measure:
    return Measure(
        code, fa, en, "٪", more.pop("direction", "up"), weight, standard, floor, "ratio",
        (numerator, denominator), evidence, evidence_en, scale="100", **more,
    )  # fmt: skip


def _ratio(
    code, fa, en, unit, direction, weight, standard, floor, numerator, denominator, evidence, evidence_en, **more
):
    return Measure(
        code, fa, en, unit, direction, weight, standard, floor, "ratio",
        (numerator, denominator), evidence, evidence_en, capped=False, **more,
    )  # fmt: skip


def _value(code, fa, en, unit, direction, weight, standard, floor, aggregate, figure, evidence, evidence_en, **more):
    return Measure(
        code, fa, en, unit, direction, weight, standard, floor, aggregate, (figure,), evidence, evidence_en, **more
    )


_STUDENTS = Input("دانشجو", "Students", figure="students")
_NEW = Input("نوورود", "New entrants", figure="new_entrants")
_DORMITORIES = Input("کل خوابگاه‌ها", "All dormitories", figure="dormitories")
_RESIDENTS = Input("ساکنان", "Residents", figure="residents")

DORMITORY = SampleArea("dormitory", "خوابگاه", "Dormitories", (
    _percent("DRM-01", "اسکان متقاضیان واجد شرایط", "Eligible applicants housed", "5", "85", "60",
             Input("اسکان‌یافته", "Housed"), Input("متقاضی واجد شرایط", "Eligible applicants"),
             "فهرست اسکان از سامانهٔ خوابگاه با تأیید مدیر خوابگاه", "Housing list from the dormitory system", during=False),
    _ratio("DRM-02", "سرانهٔ فضای خوابگاه", "Dormitory space per resident", "مترمربع", "up", "3", "7.5", "4",
           Input("زیربنای مفید", "Usable floor area (m²)", "decimal"), _RESIDENTS,
           "نقشه یا صورت‌جلسهٔ مساحت و آمار ساکنان", "Floor plan or area record, and the number of residents", during=False),
    _percent("DRM-03", "اتاق‌های با تراکم استاندارد", "Rooms of standard density", "2", "80", "40",
             Input("اتاق‌های استاندارد", "Standard rooms"), Input("کل اتاق‌ها", "All rooms"),
             "فهرست اتاق‌ها با ظرفیت و شمار ساکنان", "List of rooms with capacity and residents", during=False),
    _percent("DRM-04", "خوابگاه‌های دارای تأییدیهٔ ایمنی", "Dormitories with a safety certificate", "3", "95", "60",
             Input("خوابگاه‌های دارای تأییدیه", "Certified dormitories"), _DORMITORIES,
             "تأییدیه‌های معتبر آتش‌نشانی", "Valid certificates of the fire service", during=False),
    _percent("DRM-05", "خوابگاه‌های رتبهٔ ۱ و ۲", "Dormitories of grades 1 and 2", "2", "60", "20",
             Input("خوابگاه‌های رتبهٔ ۱ و ۲", "Dormitories of grades 1 and 2"), _DORMITORIES,
             "صورت‌جلسهٔ رتبه‌بندی خوابگاه‌ها", "Minutes of the grading", during=False),
    _ratio("DRM-06", "ساکن به‌ازای هر سرپرست", "Residents per supervisor", "نفر", "down", "2", "120", "300",
           _RESIDENTS, Input("سرپرستان", "Supervisors"),
           "احکام سرپرستان و آمار ساکنان", "Appointments of supervisors and the number of residents", during=False),
    _percent("DRM-07", "پیشرفت خوابگاه متأهلان", "Progress of family housing", "2", "90", "40",
             Input("پیشرفت واقعی", "Actual progress (%)", "decimal", "100"),
             Input("پیشرفت برنامه‌ای", "Planned progress (%)", "decimal", "100"),
             "گزارش پیشرفت طرح با امضای ناظر", "Progress report signed by the supervisor", during=False, capped=False),
))  # fmt: skip

NUTRITION = SampleArea("nutrition", "تغذیه", "Nutrition", (
    _percent("NUT-01", "پوشش تغذیهٔ یارانه‌ای", "Coverage of subsidised meals", "3", "90", "60",
             Input("بهره‌مند", "Beneficiaries"), Input("مشمول", "Entitled"),
             "گزارش سامانهٔ تغذیه", "Report of the meal system"),
    _value("NUT-02", "رضایت از کیفیت غذا", "Satisfaction with the food", "نمرهٔ ۱ تا ۵", "up", "3", "4", "2.5", "mean",
           Input("میانگین نظرسنجی", "Mean of the survey", "decimal", "5"),
           "نتیجهٔ نظرسنجی با شمار پاسخ‌دهندگان", "Survey result with the number of respondents",
           count=Input("شمار پاسخ‌دهندگان نظرسنجی غذا", "Respondents of the food survey")),
    _percent("NUT-03", "آشپزخانه‌های صنعتی‌شده", "Industrial kitchens", "2", "70", "20",
             Input("آشپزخانهٔ صنعتی", "Industrial kitchens"), Input("کل آشپزخانه‌ها", "All kitchens"),
             "فهرست آشپزخانه‌ها با وضعیت تجهیز", "List of kitchens with their equipment", during=False),
    _percent("NUT-04", "سلف‌های دارای نمرهٔ بهداشتی قابل قبول", "Canteens with an acceptable hygiene mark", "3", "95", "70",
             Input("قابل قبول", "Acceptable"), Input("بازدیدشده", "Inspected"),
             "برگه‌های بازرسی بهداشت محیط", "Sheets of the hygiene inspections"),
    _percent("NUT-05", "دورریز غذا", "Food waste", "2", "6", "20",
             Input("پرس دورریز", "Meals thrown away"), Input("پرس طبخ‌شده", "Meals cooked"),
             "گزارش ماهانهٔ دورریز سلف‌ها", "Monthly waste reports of the canteens", direction="down"),
))  # fmt: skip

MENTAL_HEALTH = SampleArea("mental_health", "سلامت روان", "Mental health", (
    _percent("MNT-01", "مشارکت نوورودان در کارنامهٔ سلامت روان", "New entrants in the mental health screening", "4", "80", "40",
             Input("تکمیل‌کننده", "Completed"), _NEW,
             "گزارش سامانهٔ کارنامهٔ سلامت روان", "Report of the screening system"),
    _ratio("MNT-02", "دانشجو به‌ازای هر مشاور", "Students per counsellor", "نفر", "down", "3", "1000", "3000",
           replace(
               _STUDENTS, check=". >= ${mnt_01_d} and . <= 3 * sajad:earlier('mnt_02_n')",
               check_fa="شمار دانشجویان کمتر از نوورودان شاخص MNT-01 یا بیش از سه برابر دورهٔ پیش است.",
               check_en="The students are fewer than the new entrants of MNT-01, or more than three times those of the period before.",
           ), Input("مشاور تمام‌وقت معادل", "Counsellors (full-time equivalent)", "decimal"),
           "فهرست مشاوران با ساعت حضور", "List of counsellors with their hours", during=False),
    _percent("MNT-03", "پیگیری موارد نیازمند مداخله", "Follow-up of cases that need intervention", "3", "95", "60",
             Input("پیگیری‌شده", "Followed up"), Input("شناسایی‌شده", "Identified"),
             "آمار بی‌نام پرونده‌ها از مرکز مشاوره", "Anonymous case figures of the counselling centre"),
    _value("MNT-04", "انتظار نوبت مشاوره", "Waiting time for counselling", "روز", "down", "2", "5", "20", "mean",
           Input("میانگین انتظار", "Mean waiting time", "decimal"),
           "گزارش نوبت‌دهی مرکز مشاوره", "Appointment report of the counselling centre",
           count=Input("شمار نوبت‌های مشاوره", "Counselling appointments")),
    _value("MNT-05", "کانون‌های همیار فعال", "Active peer-support clubs", "تعداد", "up", "2", "8", "1", "sum",
           Input("شمارش", "Count"), "فهرست کانون‌ها با تاریخ آخرین برنامه", "List of clubs with their last event", during=False),
))  # fmt: skip

HEALTH = SampleArea("health", "سلامت و بیمه", "Health and insurance", (
    _percent("HLT-01", "پوشش بیمهٔ حوادث", "Accident insurance coverage", "2", "98", "80",
             Input("بیمه‌شده", "Insured"), Input("کل دانشجویان", "All students"),
             "قرارداد بیمه و فهرست بیمه‌شدگان", "Insurance contract and list of the insured", during=False),
    _percent("HLT-02", "غربالگری سلامت جسم نوورودان", "Physical health screening of new entrants", "2", "80", "40",
             Input("غربال‌شده", "Screened"), _NEW,
             "گزارش مرکز بهداشت", "Report of the health centre"),
    _value("HLT-03", "رسیدگی به خسارت بیمه", "Handling of insurance claims", "روز", "down", "2", "15", "60", "mean",
           Input("میانگین رسیدگی", "Mean handling time", "decimal"),
           "فهرست پرونده‌های خسارت با تاریخ ثبت و پرداخت", "List of claims with dates of filing and payment",
           count=Input("شمار پرونده‌های خسارت", "Insurance claims")),
))  # fmt: skip

WELFARE = SampleArea("welfare", "رفاه و وام", "Welfare and loans", (
    _percent("LON-01", "دریافت‌کنندگان وام", "Recipients of loans", "4", "30", "10",
             Input("دریافت‌کننده", "Recipients"), Input("متقاضی", "Applicants"),
             "گزارش صندوق رفاه", "Report of the welfare fund"),
    _percent("LON-02", "تحقق اعتبار وام", "Loan budget spent", "3", "95", "60",
             Input("پرداختی (ریال)", "Paid (rials)"), Input("مصوب (ریال)", "Approved (rials)"),
             "گزارش مالی وام با امضای ذی‌حساب", "Financial report signed by the comptroller"),
    _percent("LON-03", "وصول مطالبات سررسیدشده", "Collection of due instalments", "3", "85", "50",
             Input("وصولی (ریال)", "Collected (rials)"), Input("سررسید (ریال)", "Due (rials)"),
             "گزارش وصول مطالبات صندوق رفاه", "Collection report of the welfare fund"),
    _value("LON-04", "زمان ثبت تا پرداخت وام", "From application to payment of a loan", "روز", "down", "2", "20", "60", "mean",
           Input("میانگین زمان", "Mean time", "decimal"),
           "فهرست وام‌ها با تاریخ ثبت و پرداخت", "List of loans with dates of application and payment",
           count=Input("شمار وام‌های پرداخت‌شده", "Loans paid")),
    _percent("LON-05", "سهم دهک‌های ۱ تا ۳ از وام", "Share of income deciles 1 to 3 in loans", "1", "40", "15",
             Input("وام دهک‌های ۱ تا ۳", "Loans to deciles 1 to 3"), Input("کل وام", "All loans"),
             "گزارش وام به تفکیک دهک", "Loan report by decile"),
))  # fmt: skip

SPORTS = SampleArea("sports", "تربیت بدنی", "Physical education", (
    _ratio("SPT-01", "سرانهٔ فضای ورزشی", "Sports space per student", "مترمربع", "up", "2", "0.6", "0.1",
           Input("مساحت", "SampleArea (m²)", "decimal"), _STUDENTS,
           "فهرست فضاهای ورزشی با مساحت", "List of sports facilities with their area", during=False),
    _percent("SPT-02", "مشارکت در ورزش همگانی", "Participation in sports for all", "3", "25", "5",
             Input("شرکت‌کننده", "Participants"), _STUDENTS,
             "فهرست ثبت‌نام برنامه‌های ورزش همگانی", "Registration lists of the programmes"),
    _value("SPT-03", "رویدادهای ورزشی برگزارشده", "Sports events held", "تعداد", "up", "2", "12", "2", "sum",
           Input("شمارش", "Count"), "گزارش و تصویر رویدادها", "Reports and pictures of the events"),
))  # fmt: skip

SUPPORT = SampleArea("support", "حمایتی", "Support", (
    _percent("SUP-01", "خدمت به دانشجویان دارای معلولیت", "Service to students with disabilities", "3", "95", "60",
             Input("خدمت‌گرفته", "Served"), Input("شناسایی‌شده", "Identified"),
             "آمار بی‌نام خدمات به تفکیک نوع", "Anonymous service figures by kind"),
    _percent("SUP-02", "پاسخ در مهلت به دانشجویان بین‌الملل", "Timely answers to international students", "3", "90", "50",
             Input("پاسخ در مهلت", "Answered in time"), Input("کل درخواست‌ها", "All requests"),
             "گزارش درخواست‌ها با تاریخ ثبت و پاسخ", "Report of requests with dates of filing and answer"),
))  # fmt: skip

SERVICE = SampleArea("service_quality", "کیفیت خدمت", "Quality of service", (
    _percent("SRV-01", "رسیدگی در مهلت توافق‌نامه", "Handled within the agreement's time", "4", "95", "60",
             Input("رسیدگی در مهلت", "Handled in time"), Input("کل مختومه", "All closed"),
             "گزارش سامانهٔ پیشخوان خدمت", "Report of the service desk"),
    _value("SRV-02", "زمان اعلام نتیجهٔ اولیه", "Time to the initial result", "روز کاری", "down", "3", "5", "20", "mean",
           Input("میانگین زمان", "Mean time", "decimal"),
           "گزارش زمان رسیدگی به تفکیک خدمت", "Report of handling times by service",
           count=Input("شمار درخواست‌های دارای نتیجهٔ اولیه", "Requests with an initial result")),
    _percent("SRV-03", "شکایات مختومه در مهلت", "Complaints closed in time", "3", "95", "60",
             Input("شکایت مختومه در مهلت", "Complaints closed in time"), Input("کل شکایات", "All complaints"),
             "گزارش رسیدگی به شکایات", "Report of complaints"),
    _percent("SRV-04", "رضایت خدمت‌گیرندگان", "Satisfaction of recipients", "2", "80", "50",
             Input("راضی", "Satisfied"), Input("پاسخ‌دهنده", "Respondents"),
             "نتیجهٔ نظرسنجی خدمت‌گیرندگان", "Result of the recipients' survey"),
    _percent("SRV-05", "خدمات دارای راهنما و گردش‌کار و پرسش‌ها", "Services with guide, workflow and questions", "2", "100", "50",
             Input("خدمات کامل", "Complete services"), Input("کل خدمات", "All services"),
             "نشانی صفحهٔ خدمات در درگاه", "Address of the service pages", during=False),
))  # fmt: skip

MANAGEMENT = SampleArea("management", "مدیریت", "Management", (
    _percent("MGT-01", "تحقق برنامهٔ عملیاتی", "Operational plan carried out", "3", "90", "50",
             Input("انجام‌شده", "Done"), Input("برنامه‌ریزی‌شده", "Planned"),
             "گزارش پیشرفت برنامهٔ عملیاتی", "Progress report of the operational plan"),
    _percent("MGT-02", "جذب اعتبارات ابلاغی", "Notified budget spent", "2", "95", "60",
             Input("هزینه‌شده", "Spent (rials)"), Input("ابلاغی", "Notified (rials)"),
             "گزارش مالی با امضای ذی‌حساب", "Financial report signed by the comptroller"),
    _value("MGT-03", "ارسال به‌موقع گزارش", "Report sent on time", "بلی/خیر", "up", "2", "1", "0", "none",
           Input("خودکار از رسید", "Taken from the receipt"), "", ""),
    _ratio("MGT-04", "آموزش کارکنان", "Staff training", "ساعت به‌ازای نفر", "up", "1", "20", "5",
           Input("نفرساعت آموزش", "Person-hours of training", "decimal"), Input("کارکنان", "Staff"),
           "گزارش دوره‌های آموزشی با فهرست شرکت‌کنندگان", "Report of courses with their participants"),
))  # fmt: skip

AREAS = (DORMITORY, NUTRITION, MENTAL_HEALTH, HEALTH, WELFARE, SPORTS, SUPPORT, SERVICE, MANAGEMENT)
# Filled by the portal from the receipt.
TIMELINESS = "MGT-03"
