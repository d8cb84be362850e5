"""Whose address a request carries, and who may say so."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from sajad_portal.lib.address import client_address, comes_from


def asked(**meta):
    return RequestFactory().get("/", **meta)


def test_without_proxies_nobody_is_believed_about_their_address(settings):
    settings.TRUSTED_PROXIES = 0

    assert client_address(asked(REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR="1.2.3.4")) == "10.0.0.9"


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (1, "5.6.7.8", "5.6.7.8"),
        (1, "1.2.3.4, 5.6.7.8", "5.6.7.8"),  # the client wrote the first one itself
        (2, "1.2.3.4, 5.6.7.8, 9.9.9.9", "5.6.7.8"),
        (2, "5.6.7.8", "10.0.0.9"),  # shorter than our own chain: it did not come through our proxies
        (1, "nonsense", "unknown"),
        (1, "::ffff:5.6.7.8", "5.6.7.8"),
        (1, "2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::/64"),
    ],
)
def test_each_trusted_proxy_is_one_step_from_the_end(settings, proxies, header, address):
    settings.TRUSTED_PROXIES = proxies

    assert client_address(asked(REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=header)) == address


HERE = [ip_network("127.0.0.1"), ip_network("10.1.0.0/24"), ip_network("2001:db8::1")]


@pytest.mark.parametrize(
    ("proxies", "peer", "header", "allowed"),
    [
        (0, "127.0.0.1", None, True),
        (0, "127.0.0.1", "10.1.0.7", False),  # a proxy that nobody told us of: whoever it speaks for is not here
        (0, "10.9.9.9", None, False),
        (1, "127.0.0.1", None, True),  # past the proxy
        (1, "127.0.0.1", "10.1.0.7", True),
        (1, "127.0.0.1", "10.9.9.9", False),
        (1, "127.0.0.1", "127.0.0.1, 10.9.9.9", False),  # the client wrote the first one itself
        (1, "127.0.0.1", "nonsense", False),
        (1, "127.0.0.1", "2001:db8::1", True),
        (1, "127.0.0.1", "2001:db8::2", False),  # of the same /64, and somebody else
        (1, "::ffff:127.0.0.1", None, True),
    ],
)
def test_who_may_watch_is_judged_by_their_own_address(settings, proxies, peer, header, allowed):
    settings.TRUSTED_PROXIES = proxies
    request = asked(REMOTE_ADDR=peer, **({"HTTP_X_FORWARDED_FOR": header} if header else {}))

    assert comes_from(request, HERE) is allowed
