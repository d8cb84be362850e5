"""The bank's pages: Persian, right to left, one sheet. Everything printed is escaped here."""

from html import escape
from string import Template

from .books import Visit
from .outcomes import ORDINARY, OUTCOMES

_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

_PAGE = Template("""<!doctype html>
<html lang="fa" dir="rtl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/bank.css">
</head>
<body>
<header><span class="mark" aria-hidden="true"></span><b>بانک آزمایشی</b><span>درگاه پرداخت اینترنتی</span></header>
<main>
<p class="note">این درگاه شبیه‌ساز است: هیچ پولی جابه‌جا نمی‌شود و شمارهٔ کارت نمی‌خواهد.</p>
$body
</main>
</body>
</html>
""")

_CHOICE = Template("""<section class="card">
<h1>پرداخت</h1>
<p class="sum"><bdi>$amount</bdi> <span>ریال</span></p>
<dl>
<dt>پایانه</dt><dd><bdi>$terminal</bdi></dd>
<dt>شمارهٔ سفارش</dt><dd><bdi>$order</bdi></dd>
<dt>پذیرنده</dt><dd><bdi>$host</bdi></dd>
</dl>
<form method="post">
<button class="primary" name="outcome" value="paid">پرداخت</button>
<button name="outcome" value="cancelled">انصراف و بازگشت</button>
</form>
</section>
<section class="card">
<h2>حالت‌های دیگر، برای آزمون</h2>
<form method="post"><ul>
$others
</ul></form>
</section>""")

_OTHER = Template('<li><button name="outcome" value="$key">$words</button><span id="m-$key">$meaning</span></li>')

CSS = """
:root { color-scheme: light dark; --ground: #f3f5f8; --card: #fff; --ink: #17202c; --dim: #55606f; --line: #d5dbe4;
  --act: #1f4f8f; --on-act: #fff; --warn: #fff4d6; --warn-ink: #5c4300; }
@media (prefers-color-scheme: dark) { :root { --ground: #12171e; --card: #1b222c; --ink: #e8edf4; --dim: #a6b1c0;
  --line: #36404e; --act: #8ab4f0; --on-act: #0d1a2b; --warn: #3a2f12; --warn-ink: #ffe3a1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.9 Vazirmatn, Tahoma, "Noto Naskh Arabic", sans-serif; }
header { display: flex; align-items: center; gap: .75rem; padding: .9rem 1.25rem; background: var(--card);
  border-block-end: 1px solid var(--line); }
header span:last-child { color: var(--dim); }
.mark { inline-size: 1.6rem; block-size: 1.6rem; border-radius: .4rem; background: var(--act); }
main { max-inline-size: 40rem; margin: 1.25rem auto; padding-inline: 1rem; display: grid; gap: 1rem; }
.note { margin: 0; padding: .6rem 1rem; border-radius: .6rem; background: var(--warn); color: var(--warn-ink); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1.25rem; }
h1, h2 { margin: 0 0 .5rem; font-size: 1.15rem; }
.sum { margin: 0 0 1rem; font-size: 1.9rem; font-weight: 700; }
.sum span { font-size: 1rem; font-weight: 400; color: var(--dim); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem 1.25rem; margin: 0 0 1.25rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: .75rem; }
button, .back { font: inherit; padding: .5rem 1.4rem; border: 1px solid var(--line); border-radius: .6rem; cursor: pointer;
  background: transparent; color: inherit; text-decoration: none; display: inline-block; }
button.primary, .back { background: var(--act); border-color: var(--act); color: var(--on-act); font-weight: 700; }
button:focus-visible, .back:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .6rem; inline-size: 100%; }
li { display: grid; grid-template-columns: 14rem 1fr; gap: .25rem 1rem; align-items: center; }
li span { color: var(--dim); font-size: .92rem; }
@media (max-width: 34rem) { li { grid-template-columns: 1fr; } }
"""


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", "٬").translate(_DIGITS)


def choice(visit: Visit, host: str) -> str:
    others = "\n".join(
        _OTHER.substitute(key=key, words=escape(found.words), meaning=escape(found.meaning))
        for key, found in OUTCOMES.items()
        if key not in ORDINARY
    )
    body = _CHOICE.substitute(
        amount=grouped(visit.amount), terminal=escape(visit.terminal), order=escape(visit.order_id), host=escape(host),
        others=others,
    )  # fmt: skip
    return _PAGE.substitute(title="پرداخت — بانک آزمایشی", body=body)


def told(heading: str, words: str, back: str = "") -> str:
    """A page that only says something; `back` is the shop's address."""
    link = f'<p><a class="back" href="{escape(back)}">بازگشت به سایت پذیرنده</a></p>' if back else ""
    body = f'<section class="card"><h1>{escape(heading)}</h1><p>{escape(words)}</p>{link}</section>'
    return _PAGE.substitute(title="بانک آزمایشی", body=body)
