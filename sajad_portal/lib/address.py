"""The address a request came from, believing only the proxies that we put there."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"
# One subscriber owns a whole /64; counting single IPv6 addresses would count nothing.
IPV6_NETWORK = 64


def client_address(request: HttpRequest) -> str:
    """The client's address, IPv6 as its /64 network; `unknown` where nothing sensible was said.

    Each of `TRUSTED_PROXIES` appends its peer to X-Forwarded-For, so the client is that many entries from the end;
    whatever stands before it was written by the client itself. With 0 the header is not read.
    """
    return _canonical(_said(request))


def _said(request: HttpRequest) -> str:
    hops = settings.TRUSTED_PROXIES
    if hops:
        chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(chain) >= hops:
            return chain[-hops]
    return request.META.get("REMOTE_ADDR", "")


def comes_from(request: HttpRequest, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether the client's own address is in one of these. A proxy that nobody told us of speaks for no client: its own address
    is not taken for one."""
    if not settings.TRUSTED_PROXIES and "HTTP_X_FORWARDED_FOR" in request.META:
        return False
    try:
        address = ip_address(_said(request).strip().strip("[]"))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks)


def _canonical(said: str) -> str:
    try:
        address = ip_address(said.strip().strip("[]"))
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, IPV6_NETWORK), strict=False))
    return str(address)
