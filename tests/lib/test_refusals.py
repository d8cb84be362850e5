"""A database that could not do it now is no fault: 503, a time to come back, and the form again. In one place."""

import sqlite3

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from sajad_portal.lib import refusals


def locked() -> OperationalError:
    """What Django raises where SQLite waited for another writer in vain."""
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError("database is locked")
    return error


def raising(error: Exception):
    def view(*args, **kwargs):
        raise error

    return view


@pytest.fixture
def client(cast) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.reza)
    return client


def test_a_writer_that_sqlite_kept_waiting_is_told_that_the_portal_is_busy():
    assert refusals.is_busy(locked())


def test_a_missing_table_is_a_fault_of_ours(db):
    with pytest.raises(OperationalError if connection.vendor == "sqlite" else Exception) as missing:
        connection.cursor().execute("SELECT 1 FROM nowhere")

    assert not refusals.is_busy(missing.value)


def test_where_a_middleware_meets_the_busy_database_the_page_is_the_same(client, monkeypatch):
    monkeypatch.setattr("sajad_portal.middleware.SignInRequiredMiddleware.process_view", raising(locked()))

    answer = client.get(reverse("reports:desk"))

    assert answer.status_code == 503
    assert 3 <= int(answer["Retry-After"]) <= 10
    assert "سامانه اکنون شلوغ است" in answer.content.decode()


def test_a_fault_of_ours_stays_one(client, monkeypatch):
    monkeypatch.setattr("sajad_portal.middleware.SignInRequiredMiddleware.process_view", raising(ValueError("ours")))

    answer = client.get(reverse("reports:desk"))

    assert answer.status_code == 500
    assert "Retry-After" not in answer


def test_what_was_typed_comes_back_escaped_and_a_password_never(client, monkeypatch):
    monkeypatch.setattr("sajad_portal.middleware.SignInRequiredMiddleware.process_view", raising(locked()))

    typed = client.post(reverse("reports:desk"), {"reason": ["</textarea><b>", "دو"]}).content.decode()
    secret = client.post(reverse("units:sign_in"), {"name": "reza", "password": "a-secret-of-reza"}).content.decode()

    assert "&lt;/textarea&gt;&lt;b&gt;</textarea>" in typed
    assert typed.count('name="reason"') == 2
    assert "a-secret-of-reza" not in secret
    assert "<form" not in secret


def test_a_script_gets_json(client, monkeypatch):
    monkeypatch.setattr("sajad_portal.middleware.SignInRequiredMiddleware.process_view", raising(locked()))

    answer = client.post(reverse("reports:desk"), headers={"HX-Request": "true"})

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
