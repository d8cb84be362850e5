"""The demo's workflow, directive and bylaw: short real PDFs, so that what publishing pins can be opened and read."""

import hashlib
from functools import lru_cache

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from sla.enums import Slot

PAPERS = {
    Slot.WORKFLOW: (
        "گردش کار ارزیابی عملکرد",
        (
            "راهبر فراخوان دوره، فرم و مهلت را تعیین و فراخوان را منتشر می‌کند.",
            "کارشناس هر واحد گزارش را با مستندات تکمیل می‌کند و برای امضای مدیر می‌فرستد.",
            "مدیر واحد گزارش را بررسی، امضا و ارسال می‌کند و رسید با کد رهگیری صادر می‌شود.",
            "ارزیاب مقادیر را با مستندات می‌سنجد و در صورت نیاز گزارش را برای اصلاح بازمی‌گرداند.",
            "نتیجهٔ اولیه اعلام می‌شود و واحد در مهلت اعتراض می‌تواند به آن اعتراض کند.",
            "نتیجه با پایان مهلت اعتراض یا پایان رسیدگی به اختلاف نهایی می‌شود.",
        ),
    ),
    Slot.DIRECTIVE: (
        "دستورالعمل ارزیابی شاخص‌ها",
        (
            "ارزیاب صورت و مخرج هر نسبت را جداگانه می‌سنجد و نسبت از نو حساب می‌شود.",
            "امتیاز هر شاخص از وزن آن بیشتر نمی‌شود و دلیل هر تفاوت برای واحد نوشته می‌شود.",
            "وزن شاخصی که موضوعیت ندارد به نسبت میان شاخص‌های همان بخش تقسیم می‌شود.",
            "ارزیاب گزارش واحدی را که خود یا واحدهای بالا و پایین او گزارش می‌دهند نمی‌سنجد.",
        ),
    ),
    Slot.BYLAW: (
        "آیین‌نامهٔ ارزیابی عملکرد دوره‌ای",
        (
            "گزارش هر دوره فقط از راه پنجرهٔ واحد خدمات هوشمند سازمان پذیرفته می‌شود.",
            "ساعت پایگاه دادهٔ سامانه ملاک پایان مهلت‌هاست.",
            "اختلاف دربارهٔ نتیجه نخست یک ماه با مذاکره دنبال می‌شود و سپس نظریهٔ خدمت‌دهنده ملاک عمل است.",
        ),
    ),
}

# Published a few weeks ago: open calls pin them, the past ones keep what they were published with.
LATER = {
    Slot.DIRECTIVE: (
        "دستورالعمل ارزیابی شاخص‌ها، ویرایش دوم",
        (
            "ارزیاب صورت و مخرج هر نسبت را جداگانه می‌سنجد و نسبت از نو حساب می‌شود.",
            "امتیاز هر شاخص از وزن آن بیشتر نمی‌شود و دلیل هر تفاوت برای واحد نوشته می‌شود.",
            "وزن شاخصی که موضوعیت ندارد به نسبت میان شاخص‌های همان بخش تقسیم می‌شود.",
            "ارزیاب گزارش واحدی را که خود یا واحدهای بالا و پایین او گزارش می‌دهند نمی‌سنجد.",
            "مقداری که از پیشینهٔ واحد دور باشد، فقط با توضیح واحد پذیرفته می‌شود.",
        ),
    ),
    Slot.USER_GUIDE: (
        "راهنمای کاربری سامانه برای واحدها",
        (
            "پس از ورود، گزارش باز واحد در بالای کارتابل دیده می‌شود.",
            "نوشته‌ها خودبه‌خود ذخیره می‌شوند؛ آنچه کم است در کنار صفحه فهرست می‌شود.",
            "کارشناس گزارش کامل را برای مدیر می‌فرستد و مدیر آن را امضا و ارسال می‌کند.",
            "رسید کد رهگیری دارد و وضعیت گزارش با آن، بی‌نیاز از ورود، دیده می‌شود.",
        ),
    ),
    Slot.FAQ: (
        "پرسش‌های پرتکرار واحدها",
        (
            "اگر مهلت کافی نباشد چه کنیم؟ مدیر واحد پیش از پایان مهلت یا کمی پس از آن درخواست تمدید می‌دهد.",
            "شاخصی به ما مربوط نیست؛ «موضوعیت ندارد» را با دلیل انتخاب کنید تا ارزیاب ببیند.",
            "به نتیجه معترضیم؛ مدیر واحد در مهلت اعتراض، اعتراض را در همین سامانه ثبت می‌کند و هزینه‌ای ندارد.",
        ),
    ),
}


def as_pdf(title: str, articles: tuple[str, ...]) -> bytes:
    """One A4 page, right to left."""
    from weasyprint import HTML  # slow to import; only the demo and the letters need it

    body = "".join(f"<li>{article}</li>" for article in articles)
    page = (
        '<html lang="fa" dir="rtl"><head><meta charset="utf-8"><style>@page{size:A4;margin:25mm}'
        "body{font-family:Vazirmatn,sans-serif;line-height:2}h1{font-size:18pt}ol{list-style:persian}</style></head>"
        f"<body><h1>{title}</h1><ol>{body}</ol></body></html>"
    )
    return HTML(string=page).write_pdf()


@lru_cache(maxsize=1)
def evidence_paper() -> dict:
    """One file that all of the demo's evidence points to: the fields of an Evidence row that tell of its file."""
    content = as_pdf("خروجی سامانه برای مستندات", ("این برگ نمونه است و به‌جای مستند واقعی آمده است.",))
    return {
        "file": default_storage.save("evidence/demo/sanad.pdf", ContentFile(content)),
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
