"""The way out to addresses that programs want told: https only, to the public net only, to the very address that was looked at.

Whoever may name an address could else make the portal ask the machines beside it. The name is looked up once, every answer of it
must be public, and the connection goes to that answer: a name that changes its mind meanwhile wins nothing. No redirect is followed.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused

LONGEST = 500
READ = 2000  # bytes of an answer, of which nothing is kept but its status


class NotSent(Exception):
    """It did not get there; `str()` says why in a few words, for who keeps the program."""


@dataclass(frozen=True)
class Receiver:
    host: str
    port: int
    path: str


def check_address(address: str) -> str:
    """The address as it is stored. Refused where the portal would not call it; what its name leads to is looked at when it is called."""
    address = address.strip()
    try:
        place_of(address)
    except NotSent as error:
        raise Refused(
            _("An address to be told begins with https:// and names a host of the public net, without a password or a fragment."),
            code="bad-address",
        ) from error  # fmt: skip
    return address


def place_of(address: str) -> Receiver:
    try:
        parts = urlsplit(address)
        port = parts.port or 443
    except ValueError as error:
        raise NotSent("no address") from error
    plain = address.isascii() and address.isprintable() and " " not in address and len(address) <= LONGEST
    if not plain or parts.scheme != "https" or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise NotSent("no https address")
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        literal = None
    if literal is not None and not _may_be_called(str(literal)):
        raise NotSent("a private address")
    return Receiver(parts.hostname, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _may_be_called(found: str) -> bool:
    address = ip_address(found.partition("%")[0])
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    if any(address in network for network in settings.WEBHOOK_NETWORKS):
        return True
    return address.is_global and not address.is_multicast


def post(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that the receiver answered. NotSent where there was none."""
    place = place_of(address)
    connection = _Pinned(place, _looked_up(place))
    try:
        connection.request("POST", place.path, body, dict(headers))
        answer = connection.getresponse()
        answer.read(READ)
        return answer.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(type(error).__name__) from error
    finally:
        connection.close()


def _looked_up(place: Receiver) -> str:
    """One address of the host. All of them must be callable: a name that leads to both sides is no honest one."""
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise NotSent("no such host") from error
    if not found or not all(_may_be_called(each) for each in found):
        raise NotSent("a private address")
    return sorted(found, key=lambda each: (":" in each, each))[0]


class _Pinned(http.client.HTTPSConnection):
    """Goes to the address that was looked at, and checks the certificate of the name."""

    def __init__(self, place: Receiver, found: str):
        context = ssl.create_default_context(cafile=settings.WEBHOOK_CA or None)
        super().__init__(place.host, place.port, timeout=settings.WEBHOOK_TIMEOUT, context=context)
        self._found, self._context_of = found, context

    def connect(self) -> None:
        raw = socket.create_connection((self._found, self.port), self.timeout)
        self.sock = self._context_of.wrap_socket(raw, server_hostname=self.host)
