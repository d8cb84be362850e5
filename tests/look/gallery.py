"""What the gallery shows: plausible values for every tag and component."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.utils.safestring import mark_safe

from sajad_portal.lib.months import DayMark

NOW = datetime(2026, 11, 22, 9, 11, tzinfo=UTC)  # ۱ آذر ۱۴۰۵، ۱۲:۴۱
SOURCE = (Path(__file__).parent / "gallery.html").read_text()


class GalleryForm(forms.Form):
    title = forms.CharField(label="عنوان", max_length=5, help_text="کوتاه و روشن")
    kind = forms.ChoiceField(label="نوع واحد", choices=[("a", "دانشگاه"), ("b", "اداره")], required=False)
    number = forms.RegexField(r"^\d+$", label="متقاضی", error_messages={"invalid": "فقط رقم بنویسید."})
    password = forms.CharField(label="گذرواژه", widget=forms.PasswordInput)
    day = forms.CharField(label="پایان فراخوان", widget=forms.TextInput(attrs={"data-day": "", "inputmode": "numeric"}))
    agree = forms.BooleanField(label="می‌پذیرم")
    choice = forms.ChoiceField(label="امضای مدیر", choices=[("1", "لازم است"), ("0", "نیست")], widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(
        label="بخش‌ها", choices=[("1", "خوابگاه"), ("2", "تغذیه")], widget=forms.CheckboxSelectMultiple, required=False
    )
    text = forms.CharField(label="توضیح", widget=forms.Textarea(attrs={"rows": 2}), required=False)


def context(now: datetime = NOW) -> dict:
    marks = {date(2026, 11, 3): DayMark("skip-day", "ثبت", "روز ثبت، شمرده نمی‌شود")}
    marks |= {
        date(2026, 11, 3) + timedelta(days=k): DayMark("past" if k < 19 else "counted", str(k)) for k in range(1, 31)
    }
    marks[date(2026, 11, 22)] = DayMark("counted today", "۱۹", "امروز")
    marks[date(2026, 12, 5)] = DayMark("end", "پایان", "پایان مهلت")
    return {
        "crumbs": [("کارتابل", "/"), ("نمونه", "")],
        "counts": [
            ("submitted", 61),
            ("under_review", 18),
            ("returned", 4),
            ("awaiting_sign_off", 17),
            ("draft", 34),
            ("not_started", 9),
            ("announced", 3),
            ("contested", 2),
            ("final", 5),
            ("missed", 6),
            ("excused", 2),
            ("cancelled", 1),
        ],
        "phases": ["draft", "upcoming", "open", "grace", "closed", "cancelled"],
        "now": now,
        "in_days": now + timedelta(days=2, hours=11, minutes=19, seconds=30),
        "in_hours": now + timedelta(minutes=47),
        "in_month": datetime(2026, 12, 20, 20, 30, tzinfo=UTC),
        "gone": now - timedelta(hours=2),
        "yesterday": now - timedelta(days=1),
        "last_year": now - timedelta(days=400),
        "length": timedelta(days=3, hours=11),
        "score": Decimal("83.24"),
        "negative": Decimal("-3.2"),
        "facts": [("خدمت‌دهنده", "سازمان امور دانشجویان"), ("نسخه", mark_safe("<b>۱</b>"))],
        "sections": [(4, 7), (5, 5), (3, 5), (0, 2)],
        "values": [83.1, None, 84.0, Decimal("86.4")],
        "one": [12],
        "peers": [55 + k * 0.64 for k in range(56)],
        "now_points": [(0, 0), (2, 1), (8, 9), (13, 24), (17, 41), (22.5, 83)],
        "last_points": [(0, 0), (9, 7), (18, 38), (26, 136)],
        "column_months": [(date(2026, 4, 1), 20, 0), (date(2026, 7, 1), 1, 20), (date(2026, 8, 1), 0, 1)],
        "curve_labels": [(0, "۹ آبان"), (14, "۲۳ آبان"), (26, "۴ آذر")],
        "form": GalleryForm({"title": "عنوان خیلی بلند", "number": "۷۱۹o", "day": "۱۴۰۵/۱۳/۰۱"}),
        "steps": [
            {"icon": "check-circle-fill", "title": "باز شدن", "at": now - timedelta(days=20)},
            {"icon": "s-draft", "title": "تکمیل", "note": "سارا کریمی", "now": True, "date": "تا پایان ۴ آذر"},
            {"icon": "s-none", "title": "ارزیابی", "todo": True},
        ],
        "first": date(2026, 11, 3),
        "last": date(2026, 12, 5),
        "marks": marks,
        "tabs": [
            {"url": "#a", "label": "شاخص‌ها", "count": 39, "current": True},
            {"url": "#b", "label": "رویدادها", "count": None, "current": False},
        ],
        "person": SimpleNamespace(pk=1, initials="س.ک"),
    }
