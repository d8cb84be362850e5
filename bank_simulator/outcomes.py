"""How a visit to the bank can go. The first two are what people do; the rest is what a portal must survive."""

from typing import NamedTuple


class Outcome(NamedTuple):
    words: str
    takes_money: bool
    meaning: str = ""


OUTCOMES = {
    "paid": Outcome("پرداخت", True),
    "cancelled": Outcome("انصراف", False),
    "wrong_amount": Outcome("مبلغ دیگر", True, "بانک مبلغی جز هزینهٔ سفارش را تأیید می‌کند."),
    "over_amount": Outcome("مبلغ بیشتر", True, "بانک مبلغی بیش از هزینهٔ سفارش را می‌گیرد و همان را تأیید می‌کند."),
    "other_order": Outcome("رسید سفارش دیگر", False, "بانک رسید سفارش دیگری را نشان می‌دهد."),
    "duplicate": Outcome("بازگشت تکراری", True, "پرداخت انجام و خبر آن سه بار فرستاده می‌شود."),
    "early": Outcome(
        "بازگشت پیش از پرداخت", True, "خبر پیش از آن می‌رسد که پولی پرداخت شده باشد؛ سپس پرداخت انجام می‌شود."
    ),
    "silent": Outcome("بدون بازگشت", True, "پرداخت انجام می‌شود و مرورگر همین‌جا می‌ماند."),
    "verify_timeout": Outcome(
        "بی‌پاسخ ماندن تأیید", True, "پرداخت انجام می‌شود و بانک بار نخست به پرسش تأیید پاسخ نمی‌دهد."
    ),
    "verify_500": Outcome("خطای بانک در تأیید", True, "پرداخت انجام می‌شود و بانک بار نخست خطای ۵۰۰ می‌دهد."),
    "garbage": Outcome("پاسخ ناخوانا", True, "پرداخت انجام می‌شود و پاسخ بار نخست بانک خواندنی نیست."),
    "missing_amount": Outcome("پاسخ بدون مبلغ", True, "بانک در پاسخ تأیید، مبلغ را نمی‌گوید."),
    "other_terminal": Outcome("پایانهٔ دیگر", False, "بانک پایانهٔ دیگری را در پاسخ می‌گوید."),
    "replayed_reference": Outcome("شمارهٔ مرجع تکراری", False, "بانک شمارهٔ مرجع پرداخت دیگری را تکرار می‌کند."),
}
ORDINARY = ("paid", "cancelled")
# These go wrong only so many times (`times`); then the bank answers properly.
PASSING = ("verify_timeout", "verify_500", "garbage")
