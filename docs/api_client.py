"""A small client of `/api/v1/` on Python's standard library, to begin from. A test runs it (tests/reports/api/test_client_example.py).

PORTAL=https://… TOKEN=sjd_… python3 api_client.py 1405Q1-… housing housed=80 eligible=100
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

READ_ONCE = 6  # times that a busy portal is asked


class Problem(Exception):
    """What the portal refused: `status`, `code`, and `detail`, the sentence for people."""

    def __init__(self, status: int, body: dict):
        super().__init__(body.get("detail", "no answer"))
        self.status, self.code, self.errors = status, body.get("code", ""), body.get("errors", [])


class Portal:
    def __init__(self, address: str, token: str, *, language: str = "fa", seat: str = ""):
        self.root = address.rstrip("/") + "/api/v1/"
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        if seat:
            self.headers["X-Seat"] = seat

    def ask(self, method: str, path: str, body: dict | None = None, **headers: str) -> tuple[dict | list, str]:
        """(what was answered, its ETag). A change bears a key, so that sending it again after a lost answer does it once."""
        given = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if method != "GET":
            given |= {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        address = self.root + path.removeprefix("/api/v1/")  # the token goes nowhere else
        for attempt in range(READ_ONCE):
            request = urllib.request.Request(address, data, given, method=method)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer), answer.headers.get("ETag", "")
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503) or attempt == READ_ONCE - 1:
                    raise Problem(error.code, json.load(error)) from error
                time.sleep(int(error.headers.get("Retry-After", "5")))
        raise AssertionError

    def all(self, path: str):
        """Every item of a list, page by page."""
        while path:
            page, _tag = self.ask("GET", path)
            yield from page["items"]
            path = page["next"]

    def accept_terms(self) -> None:
        """After somebody has read them."""
        terms, _tag = self.ask("GET", "terms")
        if not terms["accepted"]:
            self.ask("POST", "terms/accept", {"number": terms["number"], "sha256": terms["sha256"]})

    def write(self, report: str, section: str, answers: dict) -> dict:
        """Problem 412 where somebody else wrote meanwhile: read the section again and decide."""
        path = f"reports/{report}/draft/{section}"
        _section, tag = self.ask("GET", path)
        return self.ask("PATCH", path, {"answers": answers}, If_Match=tag)[0]

    def send(self, report: str) -> dict:
        """Submit, or ask for the signature where the call wants one. Problem 409 `incomplete` where something is missing."""
        found, _tag = self.ask("GET", f"reports/{report}")
        call, _tag = self.ask("GET", f"calls/{found['call']}")
        if call["needs_sign_off"]:
            return self.ask("POST", f"reports/{report}/sign-off", {"note": ""})[0]
        _draft, tag = self.ask("GET", f"reports/{report}/draft")
        return self.ask("POST", f"reports/{report}/submit", If_Match=tag)[0]


def main() -> None:
    portal = Portal(os.environ["PORTAL"], os.environ["TOKEN"])
    portal.accept_terms()
    report, section, *answers = sys.argv[1:]
    print(portal.write(report, section, dict(answer.split("=", 1) for answer in answers)))
    print(portal.ask("GET", f"reports/{report}/validation")[0])


if __name__ == "__main__":
    main()
