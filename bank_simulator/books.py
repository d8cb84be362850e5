"""The bank's books: one row for each token. A lock instead of a pool; the bank is small."""

import secrets
import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from .outcomes import OUTCOMES

TEHRAN = timezone(timedelta(hours=3, minutes=30))
COLUMNS = (
    "token", "order_id", "amount", "terminal", "return_url", "asked_at", "expires_at", "state", "outcome", "times",
    "reference", "paid_at",
)  # fmt: skip
TABLE = """
CREATE TABLE IF NOT EXISTS orders (
  token TEXT PRIMARY KEY, order_id TEXT NOT NULL, amount INTEGER NOT NULL, terminal TEXT NOT NULL,
  return_url TEXT NOT NULL, asked_at TEXT NOT NULL, expires_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open',
  outcome TEXT NOT NULL DEFAULT '', times INTEGER NOT NULL DEFAULT 0, reference TEXT NOT NULL DEFAULT '',
  paid_at TEXT NOT NULL DEFAULT '', UNIQUE (terminal, order_id))
"""


@dataclass(frozen=True)
class Visit:
    """One order at the bank. `state`: open, paid, cancelled or reversed."""

    token: str
    order_id: str
    amount: int
    terminal: str
    return_url: str
    asked_at: str
    expires_at: str
    state: str
    outcome: str
    times: int
    reference: str
    paid_at: str

    @property
    def is_over(self) -> bool:
        return datetime.now(UTC) >= datetime.fromisoformat(self.expires_at)

    @property
    def taken(self) -> int:
        """What was really taken: with `wrong_amount` it is less, with `over_amount` more."""
        if self.outcome == "over_amount":
            return self.amount + 1000
        return min(1000, self.amount - 1) or 1 if self.outcome == "wrong_amount" else self.amount


class Books:
    def __init__(self, path: Path | str):
        self._lock = threading.Lock()
        self._books = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._books.execute("PRAGMA journal_mode=WAL")
        self._books.execute("PRAGMA synchronous=OFF")  # a simulated bank may forget what a power cut took
        self._books.execute(TABLE)
        self._books.execute("CREATE INDEX IF NOT EXISTS orders_paid ON orders (paid_at)")

    def _all(self, where: str, *values) -> list[Visit]:
        with self._lock:
            rows = self._books.execute(f"SELECT {', '.join(COLUMNS)} FROM orders WHERE {where}", values).fetchall()
        return [Visit(*row) for row in rows]

    def find(self, token: str) -> Visit | None:
        return next(iter(self._all("token = ?", token)), None)

    def open(self, *, order_id: str, amount: int, terminal: str, return_url: str, minutes: float) -> str | None:
        """A token for the order; None where the terminal has had this order before."""
        now = datetime.now(UTC)
        token = secrets.token_urlsafe(24)
        row = (
            token,
            order_id,
            amount,
            terminal,
            return_url,
            now.isoformat(),
            (now + timedelta(minutes=minutes)).isoformat(),
        )
        try:
            with self._lock:
                self._books.execute(
                    "INSERT INTO orders (token, order_id, amount, terminal, return_url, asked_at, expires_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
        except sqlite3.IntegrityError:
            return None
        return token

    def decide(self, token: str, outcome: str, times: int = 1) -> bool:
        """What the payer chose. False where the order is not open any more: a bank takes money once."""
        takes = OUTCOMES[outcome].takes_money
        claims = outcome != "cancelled"  # forged receipts say “paid” although nothing was taken
        with self._lock:
            done = self._books.execute(
                "UPDATE orders SET state = ?, outcome = ?, times = ?, reference = ?, paid_at = ? "
                "WHERE token = ? AND state = 'open' AND expires_at > ?",
                (
                    "paid" if claims else "cancelled",
                    outcome,
                    times,
                    f"{secrets.randbelow(10**12):012d}" if claims else "",
                    datetime.now(UTC).isoformat() if takes else "",
                    token,
                    datetime.now(UTC).isoformat(),
                ),
            )
            return done.rowcount == 1

    def one_time_less(self, token: str) -> bool:
        """Whether the answer still goes wrong this time."""
        with self._lock:
            done = self._books.execute("UPDATE orders SET times = times - 1 WHERE token = ? AND times > 0", (token,))
            return done.rowcount == 1

    def reverse(self, token: str) -> bool:
        with self._lock:
            done = self._books.execute(
                "UPDATE orders SET state = 'reversed' WHERE token = ? AND state = 'paid' AND paid_at <> ''", (token,)
            )
            return done.rowcount == 1

    def another_paid(self, than: Visit) -> Visit | None:
        """The honest receipt that a forger shows instead of his own: the newest."""
        found = self._all(
            "terminal = ? AND state = 'paid' AND outcome = 'paid' AND token <> ? ORDER BY paid_at DESC LIMIT 1",
            than.terminal, than.token,
        )  # fmt: skip
        return found[0] if found else None

    def day(self, terminal: str, day: date) -> list[Visit]:
        """What was taken for a terminal on a day in Tehran, in the order of time."""
        begins = datetime.combine(day, datetime.min.time(), TEHRAN)
        bounds = [moment.astimezone(UTC).isoformat() for moment in (begins, begins + timedelta(days=1))]
        return self._all("terminal = ? AND paid_at >= ? AND paid_at < ? ORDER BY paid_at", terminal, *bounds)
