"""A provider of single sign-on from PyPI in a thread of its own, and a browser's way through it without a browser."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest


@dataclass
class Provider:
    issuer: str

    def knows(self, sub: str, **claims) -> None:
        """The provider has this person from now on."""
        connection = HTTPConnection(urlsplit(self.issuer).netloc, timeout=10)
        connection.request("PUT", f"/users/{sub}", json.dumps(claims), {"Content-Type": "application/json"})
        assert connection.getresponse().status < 300

    def answer_to(self, address: str, sub: str) -> str:
        """Somebody says there who they are: the address to which the provider sends their browser."""
        parts = urlsplit(address)
        connection = HTTPConnection(parts.netloc, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"{parts.path}?{parts.query}", urlencode({"sub": sub}), headers)
        return connection.getresponse().headers["Location"]


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread(require_nonce=True) as server:
            issuer = f"http://localhost:{server.server_port}"
            settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = issuer, "portal"
            settings.OIDC_CLIENT_SECRET, settings.OIDC_TIMEOUT = "a-secret-of-the-portal", 10
            yield Provider(issuer)
