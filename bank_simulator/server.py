"""The bank's door: an interface for the portal (/api/…, with the terminal's secret) and pages for payers (/pay/<token>).

    POST /api/token      {order_id, amount, terminal, return_url, minutes} → {token}
    POST /api/verify     {token, terminal} → {state: paid, order_id, amount, terminal, reference, card} | {state: pending}
    POST /api/inquire    {token, terminal} → {state: paid | unpaid | pending | reversed | not_found}
    POST /api/reverse    {token, terminal} → {state: reversed}
    GET  /api/statement  ?terminal=&day=2026-11-22 (a day in Tehran) → {lines: [...]}
    POST /api/mood       {mood: well | down | mute}: down answers 503, mute answers nothing, until it is well again
    GET, POST /pay/<token>

What the bank refuses for good is {refused: why} with status 200.
"""

import hmac
import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from . import answers, pages
from .books import Books, Visit
from .outcomes import OUTCOMES

LONGEST_BODY = 20_000
GARBAGE = "<html><body>ORA-00942: table or view does not exist".encode("utf-16")


class Bank(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], books: Books, secret: str, patience: float = 60.0):
        super().__init__(address, Window)
        self.books = books
        self.secret = secret
        self.patience = patience  # seconds for which a mute bank keeps a caller waiting
        self.mood = "well"
        self.closing = threading.Event()

    def ring(self, visit: Visit, status: str) -> None:
        """Tell the portal from server to server, as some banks do; it may not care."""
        data = urlencode({"status": status, "order_id": visit.order_id, "amount": visit.amount}).encode()
        try:
            urllib.request.urlopen(visit.return_url, data=data, timeout=10).close()  # noqa: S310 looked at in answers.token
        except OSError as error:
            print(f"bank: {visit.return_url} did not take the news ({error})", flush=True)


class Window(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bank

    def log_message(self, format, *arguments):  # the portal's log tells enough
        return

    # ------------------------------------------------------------------ the portal asks
    def do_GET(self):
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/bank.css":
            return self._send(200, pages.CSS.encode(), "text/css; charset=utf-8")
        if path == "/api/statement":
            day, terminal = query.get("day", [""])[0], query.get("terminal", [""])[0]
            return self._api(lambda body: answers.statement(self.server.books, terminal, day))
        if path.startswith("/pay/"):
            return self._payment_page(path.removeprefix("/pay/"))
        return self._page(404, "چنین صفحه‌ای نیست", "نشانی را دوباره نگاه کنید.")

    def do_POST(self):
        path = urlsplit(self.path).path
        if path == "/api/mood":
            return self._api(self._change_mood, heeds_mood=False)
        if found := answers.ASKED.get(path.removeprefix("/api/")):
            return self._api(lambda body: found(self.server.books, body))
        if path.startswith("/pay/"):
            return self._choose(path.removeprefix("/pay/"))
        return self._page(404, "چنین صفحه‌ای نیست", "نشانی را دوباره نگاه کنید.")

    def _api(self, answer, *, heeds_mood: bool = True) -> None:
        raw = self._body()
        given = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.server.secret}".encode()):
            return self._json(401, {"error": "unknown terminal"})
        if heeds_mood and self.server.mood != "well":
            return self._wrong("timeout" if self.server.mood == "mute" else "503")
        try:
            body = json.loads(raw or b"{}")
            return self._json(200, answer(body if isinstance(body, dict) else {}))
        except ValueError:
            return self._json(400, {"error": "the question cannot be read"})
        except answers.Wrong as wrong:
            return self._wrong(wrong.how)

    def _change_mood(self, body: dict) -> dict:
        self.server.mood = str(body.get("mood", "well"))
        return {"mood": self.server.mood}

    def _wrong(self, how: str) -> None:
        if how == "timeout":
            self.server.closing.wait(self.server.patience)
            self.close_connection = True
        elif how == "garbage":
            self._send(200, GARBAGE, "application/json")
        else:
            self._send(int(how), b"the bank is out of order", "text/plain")

    # ------------------------------------------------------------------ a person pays
    def _payment_page(self, token: str) -> None:
        visit = self._open_visit(token)
        if visit is not None:
            self._send(200, pages.choice(visit, urlsplit(visit.return_url).netloc).encode(), "text/html; charset=utf-8")

    def _open_visit(self, token: str) -> Visit | None:
        visit = self.server.books.find(token)
        if visit is None:
            self._body()
            self._page(404, "چنین پرداختی نیست", "نشانی را از سایت پذیرنده دوباره باز کنید.")
        elif visit.state != "open" or visit.is_over:
            self._body()
            self._page(
                410, "این پرداخت پایان یافته است", "برای پرداخت دوباره به سایت پذیرنده بازگردید.", visit.return_url
            )
            visit = None
        return visit

    def _choose(self, token: str) -> None:
        visit = self._open_visit(token)
        if visit is None:
            return None
        form = parse_qs(self._body().decode("utf-8", "replace"))
        outcome = form.get("outcome", [""])[0]
        times = form.get("times", ["1"])[0]
        if outcome not in OUTCOMES or not times.isdecimal():
            return self._page(400, "انتخاب نامعلوم", "یکی از دکمه‌ها را بزنید.")
        if outcome == "early":
            self.server.ring(visit, "OK")
        if not self.server.books.decide(token, outcome, int(times)):
            return self._page(410, "این پرداخت پایان یافته است", "در برگهٔ دیگری پرداخت شد.", visit.return_url)
        if outcome == "duplicate":
            self.server.ring(visit, "OK")
            self.server.ring(visit, "OK")
        if outcome == "silent":
            return self._page(200, "پرداخت انجام شد", "مرورگر این بار به سایت پذیرنده بازنمی‌گردد.")
        return self._back(visit, "NOK" if outcome == "cancelled" else "OK")

    def _back(self, visit: Visit, status: str) -> None:
        """To the shop by GET; what the address says is a hint, as with every bank."""
        hint = urlencode({"status": status, "order_id": visit.order_id, "amount": visit.amount})
        self.send_response(303)
        self.send_header("Location", f"{visit.return_url}{'&' if '?' in visit.return_url else '?'}{hint}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    # ------------------------------------------------------------------ writing and reading
    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdecimal() else 0
        if size > LONGEST_BODY:
            self.close_connection = True
            return b""
        return self.rfile.read(size)

    def _page(self, status: int, heading: str, words: str, back: str = "") -> None:
        self._send(status, pages.told(heading, words, back).encode(), "text/html; charset=utf-8")

    def _json(self, status: int, body: dict) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        self.wfile.write(body)
