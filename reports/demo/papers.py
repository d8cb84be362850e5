"""The demo's workflow, directive and bylaw: short real PDFs, so that what publishing pins can be opened and read."""

from sla.enums import Slot

PAPERS = {
    Slot.WORKFLOW: (
        "گردش کار ارزیابی عملکرد",
        (
            "راهبر فراخوان دوره، فرم و مهلت را تعیین و فراخوان را منتشر می‌کند.",
            "کارشناس هر واحد گزارش را با مستندات تکمیل می‌کند و برای تأیید مدیر می‌فرستد.",
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
            "وزن شاخصی که موضوعیت ندارد به نسبت میان شاخص‌های همان حوزه بخش می‌شود.",
            "ارزیاب گزارش واحدی را که خود یا واحدهای بالا و پایین او گزارش می‌دهند نمی‌سنجد.",
        ),
    ),
    Slot.BYLAW: (
        "آیین‌نامهٔ ارزیابی عملکرد دوره‌ای",
        (
            "گزارش هر دوره تنها از راه پنجرهٔ واحد خدمات هوشمند سازمان پذیرفته می‌شود.",
            "ساعت پایگاه دادهٔ سامانه ملاک پایان مهلت‌هاست.",
            "اختلاف دربارهٔ نتیجه نخست یک ماه با مذاکره پیگیری می‌شود و سپس نظر خدمت‌دهنده ملاک عمل است.",
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
