"""The kinds of units of the demo: parts of an organisation, and universities. A portal without the demo has none of them."""

from units.actions.kinds import create_kind
from units.models import UnitKind

# Code, Persian, English.
KINDS = [
    ("organization", "سازمان", "Organization"),
    ("deputy", "معاونت", "Deputy"),
    ("directorate", "ادارهٔ کل", "Directorate"),
    ("office", "دفتر", "Office"),
    ("department", "اداره", "Department"),
    ("section", "بخش", "Section"),
    ("fund", "صندوق", "Fund"),
    ("public", "دانشگاه دولتی", "Public university"),
    ("medical", "دانشگاه علوم پزشکی", "University of medical sciences"),
    ("private", "مؤسسهٔ غیرانتفاعی", "Private institute"),
    ("islamic-azad", "دانشگاه آزاد اسلامی", "Islamic Azad University"),
    ("applied-science", "دانشگاه علمی‌کاربردی", "University of applied science"),
    ("distance", "دانشگاه پیام نور و از راه دور", "Distance university"),
    ("other", "سایر", "Other"),
]


def make_kinds() -> None:
    """Those that are not there yet."""
    known = set(UnitKind.objects.values_list("code", flat=True))
    for code, name, name_en in KINDS:
        if code not in known:
            create_kind(code=code, name=name, name_en=name_en, by=None)
