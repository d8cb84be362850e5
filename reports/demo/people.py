"""The people of the demo: one for each role that a visitor may want to be. Never created in production."""

from typing import Any

from units.enums import Role

# Whose portal the demo is.
ORGANISATION: dict[str, Any] = {
    "name": "سازمان امور دانشجویان",
    "name_en": "Organization of Student Affairs",
    "ministry": "وزارت علوم، تحقیقات و فناوری",
    "ministry_en": "Ministry of Science, Research and Technology",
    "portal_name": "سجاد",
    "portal_name_en": "Sajad",
    "portal_title": "سامانهٔ جامع سازمان امور دانشجویان (سجاد)",
    "portal_title_en": "Comprehensive system of the Organization of Student Affairs (Sajad)",
    "window": "my.saorg.ir",
}

PASSWORD = "sajad-demo-1405"  # noqa: S105 printed by the demo's start, refused anywhere else

# username, first name, last name, unit code, role, what they come for
SEATS = (
    ("sara", "سارا", "کریمی", "KHB", Role.REPORTER, "fills in the report of the dormitories"),
    ("reza", "رضا", "نیک‌پور", "KHB", Role.HEAD, "signs and submits it, accepts the agreement, contests"),
    ("mina", "مینا", "توکلی", "TGZ", Role.REPORTER, "reports for nutrition"),
    ("kamran", "کامران", "یوسفی", "TGZ", Role.HEAD, "heads nutrition"),
    ("hana", "هانا", "رستمی", "UM", Role.REPORTER, "reports for a university, without sign-off"),
    ("babak", "بابک", "فرهمند", "UM", Role.HEAD, "heads the university’s student affairs"),
    ("omid", "امید", "رستگار", "ORG", Role.REVIEWER, "reviews: claim beside evidence"),
    ("parisa", "پریسا", "نوری", "ORG", Role.REVIEWER, "the second reviewer"),
    ("laleh", "لاله", "ساداتی", "ORG", Role.COORDINATOR, "opens, extends and closes calls, announces results"),
    ("samira", "سمیرا", "وکیلی", "ORG", Role.COORDINATOR, "the second coordinator: two people agree to a refund"),
    ("nader", "نادر", "امینی", "ORG", Role.AUDITOR, "reads everything, changes nothing"),
)
ADMIN = ("admin", "راهبر", "سامانه")

DEMO_PEOPLE = [
    {"username": username, "password": PASSWORD, "name": f"{first} {last}", "role": str(role), "does": does}
    for username, first, last, _unit, role, does in SEATS
] + [{"username": ADMIN[0], "password": PASSWORD, "name": " ".join(ADMIN[1:]), "role": "superuser", "does": "sets the portal up"}]  # fmt: skip

FIRST_NAMES = (
    "مریم",
    "علی",
    "زهرا",
    "حسین",
    "نرگس",
    "مهدی",
    "فاطمه",
    "سعید",
    "لیلا",
    "حمید",
    "شیرین",
    "بهرام",
    "نسرین",
    "کاوه",
    "الهام",
    "فرهاد",
)
LAST_NAMES = (
    "احمدی",
    "موسوی",
    "حیدری",
    "جعفری",
    "قاسمی",
    "رضایی",
    "شریفی",
    "کاظمی",
    "صالحی",
    "ملکی",
    "بهرامی",
    "نجفی",
    "اکبری",
    "طاهری",
    "پورحسین",
    "زارعی",
)
