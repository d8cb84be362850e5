"""What a new service begins with: its request types, and the template of its agreement's first version.

The template is the nine clauses of the founding text, its terms in clean wording (ADR 0008). The first of them, the introduction,
is the header clause: it is taken from the service's card and frozen at publishing. Each of the eight sections: key, heading, body,
English heading, English body. The bodies are rich text (sla.text.richtext); every word of a draft can be changed.
"""

from typing import NamedTuple


class SectionText(NamedTuple):
    key: str
    heading: str
    body: str
    heading_en: str = ""
    body_en: str = ""


# code, kind, title, English title, target in working days
REQUEST_TYPES = (
    ("periodic-report", "periodic_report", "گزارش دوره‌ای", "Periodic report", 15),
    ("extension", "extension", "درخواست تمدید مهلت", "Extension request", 3),
    ("objection", "objection", "اعتراض", "Objection", 20),
)

SECTIONS = (
    SectionText(
        "purpose",
        "هدف",
        "<p>این بیانیه، سطح توافق دوجانبهٔ خدمت‌دهنده و خدمت‌گیرنده دربارهٔ خدمت یادشده را مشخص می‌کند و، در صورت لزوم، "
        "روش‌های نظارت و مسئولیت‌های سازمانی را نیز تعیین می‌کند.</p>",
        "Purpose",
        "<p>This statement sets out what provider and recipient have agreed about the service named above and, where "
        "needed, the ways of oversight and the responsibilities within the organization.</p>",
    ),
    SectionText(
        "responsibility",
        "مسئولیت",
        "<p>خدمت‌دهنده اقدامات خود را بر پایهٔ گردش کار، دستورالعمل و آیین‌نامه‌ای سامان می‌دهد که برای این خدمت در "
        "پنجرهٔ واحد خدمات هوشمند سازمان بارگذاری شده است.</p>",
        "Responsibility",
        "<p>The provider arranges its work by the workflow, the directive and the bylaw that are uploaded for this "
        "service in the organization’s single window of smart services.</p>",
    ),
    SectionText(
        "commitments",
        "تعهدات متقابل خدمت‌گیرنده و دستگاه اجرایی",
        "<p>این خدمت تنها از طریق پنجرهٔ واحد خدمات هوشمند خدمت‌دهنده ارائه می‌شود و تابع مقررات کلی توافق‌نامهٔ سطح "
        "خدمات بر بستر مرکز ملی تبادل اطلاعات است.</p>",
        "Mutual commitments of the recipient and the executive body",
        "<p>The service is available only through the provider’s single window of smart services and is subject to the "
        "general terms of service-level agreements on the National Data Exchange.</p>",
    ),
    SectionText(
        "data",
        "داده‌های مرتبط با خدمت",
        "<p>داده‌های مرتبط با خدمت، همان فیلدهای اطلاعاتی است که فایل‌های راهنمای بارگذاری‌شده برای هر خدمت در پنجرهٔ "
        "واحد خدمات هوشمند سازمان آن‌ها را شرح می‌دهند.</p>",
        "Data of the service",
        "<p>The data of the service are the data fields described in the guide files that are uploaded for each service "
        "in the organization’s single window of smart services.</p>",
    ),
    SectionText(
        "costs",
        "هزینه‌ها و پرداخت‌ها",
        "<p>هزینهٔ این خدمت بر اساس جداول برنامه و بودجهٔ سالانه تعیین می‌شود. اگر در این جداول تعرفه‌ای نیامده باشد، "
        "خدمت کاملاً رایگان است. پرداخت به صورت الکترونیکی و از درگاه پرداختی انجام می‌شود که در میان فرایند تعبیه شده "
        "است.</p>",
        "Costs and payments",
        "<p>The cost of the service is set by the tables of the annual budget. Where these tables hold no tariff, the "
        "service is entirely free. Payment is electronic, through the payment gateway within the process.</p>",
    ),
    SectionText(
        "disputes",
        "فرایند حل اختلاف",
        "<p>هرگاه در تفسیر یا چگونگی اجرای این توافق‌نامه اختلافی پیش آید و دو طرف نتوانند ظرف یک ماه با مذاکره آن را "
        "حل کنند، در نهایت نظریهٔ خدمت‌دهنده ملاک عمل خواهد بود.</p>",
        "Settling disputes",
        "<p>Where a dispute arises over the interpretation or the execution of this agreement and the parties cannot "
        "settle it by negotiation within one month, the provider’s view shall in the end prevail.</p>",
    ),
    SectionText(
        "performance",
        "دورهٔ عملکرد",
        "<p>میانگین زمان اعلام نتیجهٔ اولیه از لحظهٔ ارسال درخواست خدمت‌گیرنده حساب می‌شود و به نوع درخواست بستگی "
        "دارد.</p>",
        "Performance period",
        "<p>The mean time to the initial result runs from the moment the recipient sends the request and differs by "
        "type of request.</p>",
    ),
    SectionText(
        "termination",
        "خاتمهٔ عملکرد",
        "<p>زمان پایان این توافق‌نامه، زمان پایان فراخوان ارائهٔ خدمت مربوط است.</p>",
        "Termination",
        "<p>This agreement ends when the call for the service concerned ends.</p>",
    ),
)
