"""The simulated bank: a process of its own, as in `make serve`, spoken to over HTTP. One for each test process."""

import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parent.parent.parent
SECRET = "the-bank-of-this-test-run"
PATIENCE = 2.0  # seconds for which a mute bank keeps a caller waiting


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


_browser = urllib.request.build_opener(_StayHere)


@dataclass(frozen=True)
class Bank:
    """What a payer does in the browser, and what the bank does when it is not well."""

    url: str

    def visit(self, payment, outcome: str = "paid", *, times: int = 1) -> str:
        """Choose on the payment page how it goes; the address to which the bank sends the browser back, if it does."""
        body = urllib.parse.urlencode({"outcome": outcome, "times": times}).encode()
        try:
            with _browser.open(f"{self.url}/pay/{payment.token}", data=body, timeout=10):
                return ""
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.headers.get("Location", "") or f"{answer.code}"

    def page(self, payment) -> str:
        with urllib.request.urlopen(f"{self.url}/pay/{payment.token}", timeout=10) as answer:
            return answer.read().decode()

    def mood(self, mood: str) -> None:
        """`down` answers 503, `mute` keeps silent, `well` is well."""
        self.ask("mood", mood=mood)

    def ask(self, what: str, **body) -> dict:
        """The bank's interface itself, as the portal would call it."""
        request = urllib.request.Request(
            f"{self.url}/api/{what}", json.dumps(body).encode(), {"Authorization": f"Bearer {SECRET}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def _bank_process() -> Iterator[str]:
    command = [sys.executable, "-m", "bank_simulator", "--port", "0", "--data", ":memory:", "--secret", SECRET]
    process = subprocess.Popen(
        [*command, "--patience", str(PATIENCE)], cwd=BASE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    said = process.stdout.readline()
    assert said.startswith("bank: http://"), said
    yield said.removeprefix("bank: ").strip().rstrip("/")
    process.kill()
    process.wait()


@pytest.fixture
def bank(_bank_process: str, settings) -> Iterator[Bank]:
    """The bank is there and well, and the portal's gateway."""
    settings.PAYMENT_GATEWAY, settings.BANK_URL, settings.BANK_SECRET = "simulator", _bank_process, SECRET
    settings.BANK_TIMEOUT = 1.0
    found = Bank(_bank_process)
    found.mood("well")
    yield found
    found.mood("well")
