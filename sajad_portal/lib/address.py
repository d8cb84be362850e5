"""The address a request came from, believing only the proxies that we put there."""

from ipaddress import IPv6Address, ip_address, ip_network

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
    said = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXIES
    if hops:
        chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(chain) >= hops:
            said = chain[-hops]
    return _canonical(said)


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
