"""A small HTTP client on a socket that stays open: what it costs itself must not blur what is measured."""

import socket
import time
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

CSRF = "b" * 32


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def __bytes__(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes
    location: str = ""
    seconds: float = 0.0
    cpu_us: int = 0  # of the thread that answered
    sql: int | None = None


def request(
    path: str, *, session: str = "", post: dict | None = None, script: bool = False, count: bool = False
) -> Request:
    """A request as it leaves nginx: over HTTPS, from a browser, Persian."""
    headers = {
        "Host": "127.0.0.1",
        "X-Forwarded-Proto": "https",
        "Cookie": f"csrftoken={CSRF}" + (f"; sessionid={session}" if session else ""),
    }
    body = b""
    if post is not None:
        body = urlencode(post).encode()
        headers |= {
            "Referer": "https://127.0.0.1/",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
    if script:
        headers["HX-Request"] = "true"
    if count:
        headers["X-Count-Sql"] = "1"
    return Request("GET" if post is None else "POST", quote(path, safe="/?=&%:+"), headers, body)


class Connection:
    def __init__(self, port: int):
        self.port = port
        self._socket: socket.socket | None = None

    def _open(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, asked: Request) -> Answer:
        """A connection that the server closed between two requests, as it may, is opened anew, once."""
        data = bytes(asked)
        began = time.perf_counter()
        for attempt in (1, 2):
            reused = self._socket is not None
            try:
                self._open().sendall(data)
                return self._read(began)
            except (ConnectionError, BrokenPipeError):
                self.close()
                if attempt == 2 or not reused:
                    raise
        raise AssertionError

    def _read(self, began: float) -> Answer:
        received = self._some()
        while b"\r\n\r\n" not in received:
            received += self._some()
        head, _sep, body = received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        parts, have = [body], len(body)
        while have < length:
            parts.append(self._some())
            have += len(parts[-1])
        seconds = time.perf_counter() - began
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(
            int(lines[0].split()[1]), b"".join(parts), headers.get("location", ""), seconds, int(headers.get("x-cpu-us", 0)),
            int(headers["x-sql"]) if "x-sql" in headers else None,
        )  # fmt: skip

    def _some(self) -> bytes:
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        return data
