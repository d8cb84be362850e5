"""Links that set a password, opened as a browser opens them."""

from django.test import Client


def open_link(client: Client, link: str) -> str:
    """Follow a link to where its form is; returns that address, which the form is sent to."""
    answer = client.get(link[link.index("/password/") :])
    assert answer.status_code == 302, answer.status_code
    return answer.url


def set_by_link(client: Client, link: str, password: str, again: str | None = None):
    """Open a link and set the password; the answer to the form."""
    return client.post(open_link(client, link), {"new": password, "again": password if again is None else again})
