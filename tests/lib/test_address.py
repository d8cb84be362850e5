"""Whose address a request carries, and who may say so."""

import pytest
from django.test import RequestFactory

from sajad_portal.lib.address import client_address


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
