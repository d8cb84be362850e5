"""The card of the first service as the demo and the tests show it."""

from typing import Any

SERVICE: dict[str, Any] = {
    "slug": "performance",
    "code": "10011400000",
    "title": "ارزیابی عملکرد حوزهٔ خدمات دانشجویی سازمان",
    "title_en": "Performance review of student services",
    "description": (
        "فرایندی داخلی در سازمان امور دانشجویان که در آن ادارات و بخش‌های زیرمجموعهٔ سازمان، عملکرد خود را در هر دوره "
        "گزارش می‌کنند؛ سازمان آن را می‌سنجد و نتیجه را اعلام می‌کند."
    ),
    "description_en": (
        "An internal process of the Organization of Student Affairs in which its departments and sections report their "
        "performance for each period; the organization verifies and scores it and announces the result."
    ),
    "kind": "G2G",
    "nature": "governance",
    "begins_with": "schedule",
    "required_documents": (
        "گزارش عملکرد دوره، در فرم فراخوان\n"
        "مستندات هر شاخص، چنان‌که راهنمای فیلدهای اطلاعاتی می‌خواهد\n"
        "امضای مدیر واحد در همین سامانه"
    ),
    "required_documents_en": (
        "The report of the period, in the form of the call\n"
        "Evidence for each indicator, as the guide to the data fields asks\n"
        "The sign-off of the head of the unit, in this portal"
    ),
    "recipients": "ادارات سازمان امور دانشجویان",
    "recipients_en": "Departments of the Organization of Student Affairs",
    "window": "my.saorg.ir",
    "hours": "ثبت گزارش: شبانه‌روزی؛ پاسخ‌گویی: شنبه تا چهارشنبه، ۸ تا ۱۶",
    "hours_en": "Reporting: day and night; enquiries: Saturday to Wednesday, 8 to 16",
    "contact": "021-42175000",
    "email": "khadamat@example.ir",
    "address": "تهران، سازمان امور دانشجویان، دفتر برنامه‌ریزی و ارزیابی عملکرد",
    "address_en": "Tehran, Organization of Student Affairs, Office of Planning and Performance Review",
}
