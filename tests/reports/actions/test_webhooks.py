"""Programs are told of what they may read, signed, until they take it; and the portal calls nobody inside."""

import hashlib
import hmac
import json
from ipaddress import ip_network

import pytest

from reports.actions.sign_off import request_sign_off
from reports.actions.submission import recall_submission, submit_report
from reports.actions.webhooks import BACKOFF, send_messages, tell_programs
from sajad_portal.lib.errors import Refused
from sla.actions.clients import unbind_client
from sla.actions.webhooks import add_webhook, pause_webhook, resume_webhook
from sla.gateways import webhooks as gateway
from sla.models import Webhook, WebhookMessage
from tests.calls import fill, report_of, submitted_report
from tests.clients import make_program
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(tmp_path, settings):
    found = Receiver(tmp_path)
    settings.WEBHOOK_NETWORKS, settings.WEBHOOK_CA = [ip_network("127.0.0.0/8")], str(found.certificate)
    yield found
    found.close()


@pytest.fixture
def program(cast, call):
    return make_program(cast, call.service, cast.reza)


@pytest.fixture
def added(program, receiver, cast):
    return add_webhook(client=program.client, address=receiver.address, by=cast.laleh)


def told(receiver) -> list[str]:
    return [json.loads(body)["type"] for _path, _headers, body in receiver.got]


def test_what_happened_arrives_signed_and_once(added, receiver, cast, call):
    report, _revision = submitted_report(cast, call)

    assert (tell_programs(), tell_programs()) == (1, 0)

    path, headers, body = receiver.got[0]
    message = json.loads(body)
    time, _comma, signature = headers["X-Portal-Signature"].removeprefix("t=").partition(",v1=")
    expected = hmac.new(added.secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    assert (path, signature) == ("/told?by=portal", expected)
    assert (message["type"], message["key"]) == ("report.submit", report.tracking_code)
    assert message["url"].endswith(f"/api/v1/reports/{report.tracking_code}")


def test_it_is_told_nothing_that_its_seat_does_not_see(added, receiver, cast, call):
    submitted_report(cast, call, cast.b)
    draft = fill(report_of(call, cast.a), cast.sara)
    request_sign_off(report=draft, by=cast.sara)

    assert (tell_programs(), WebhookMessage.objects.count(), receiver.got) == (0, 0, [])


def test_a_seat_taken_back_before_the_message_left_keeps_it_back(added, receiver, program, cast, call):
    receiver.answers = [500]
    submitted_report(cast, call)
    tell_programs()
    unbind_client(seat=program.seats[0], by=cast.reza)
    WebhookMessage.objects.update(next_attempt_at=added.webhook.made_at)

    assert (send_messages(), len(receiver.got)) == (0, 1)
    assert WebhookMessage.objects.get().trouble == "no longer readable"


def test_a_receiver_that_fails_is_asked_again_later_and_later_and_then_paused(added, receiver, cast, call, clock):
    receiver.answers = [503]
    submitted_report(cast, call)
    waits = []
    for _n in BACKOFF:
        assert tell_programs() == 0
        message = WebhookMessage.objects.get()
        waits.append(message.next_attempt_at)
        assert tell_programs() == 0  # not before its time
        clock.move(minutes=BACKOFF[message.attempts - 1], seconds=1)

    message = WebhookMessage.objects.get()
    assert (len(receiver.got), message.status, message.given_up_at is not None) == (len(BACKOFF), 503, True)
    assert waits == sorted(waits)
    webhook = Webhook.objects.get()
    assert webhook.paused_at is not None
    receiver.answers = [204]
    resume_webhook(webhook=webhook, by=cast.laleh)
    assert (tell_programs(), WebhookMessage.objects.get().sent_at is not None) == (1, True)


def test_while_it_is_paused_what_happens_waits(added, receiver, cast, call):
    pause_webhook(webhook=added.webhook, by=cast.laleh)
    report, _revision = submitted_report(cast, call)
    recall_submission(report=report, by=cast.reza)
    assert (tell_programs(), receiver.got) == (0, [])

    resume_webhook(webhook=added.webhook, by=cast.laleh)

    assert tell_programs() == 2
    assert told(receiver) == ["report.submit", "report.recall"]


def test_a_redirect_is_not_followed(added, receiver, cast, call):
    receiver.answers, receiver.location = [307], receiver.address
    submitted_report(cast, call)

    assert (tell_programs(), len(receiver.got), WebhookMessage.objects.get().status) == (0, 1, 307)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/",
        "https://user:pass@example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https:///nowhere",
        "ftp://example.com/",
        "https://example.com/#x",
        "https://exa mple.com/",
    ],
)
def test_an_address_inside_or_without_tls_is_refused(program, cast, address):
    with pytest.raises(Refused) as refusal:
        add_webhook(client=program.client, address=address, by=cast.laleh)

    assert refusal.value.code == "bad-address"


def test_a_name_that_leads_inside_is_not_called(receiver, program, cast, call, settings):
    settings.WEBHOOK_NETWORKS = []
    port = receiver.server.server_address[1]
    add_webhook(client=program.client, address=f"https://localhost:{port}/", by=cast.laleh)
    submitted_report(cast, call)

    assert (tell_programs(), receiver.got) == (0, [])
    assert WebhookMessage.objects.get().trouble == "a private address"


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(receiver, added, cast, call, settings):
    settings.WEBHOOK_CA = ""
    submitted_report(cast, call)

    assert (tell_programs(), receiver.got) == (0, [])
    assert "SSL" in WebhookMessage.objects.get().trouble


def test_the_one_address_that_was_looked_at_is_called(monkeypatch, receiver, settings):
    """A name that changes its mind between the look and the call wins nothing: it is looked up once."""
    looked = []
    port = receiver.server.server_address[1]

    def look_up(host, *_args, **_kwargs):
        looked.append(host)
        return [(0, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(gateway.socket, "getaddrinfo", look_up)
    with pytest.raises(gateway.NotSent):  # the certificate is of 127.0.0.1, and the name is checked against it
        gateway.post(f"https://receiver.example:{port}/", b"{}", {})

    assert looked[0] == "receiver.example"


def test_only_a_coordinator_of_the_provider_keeps_addresses(program, cast):
    for person in (cast.sara, cast.reza, cast.nader, cast.admin):
        with pytest.raises(Refused) as refusal:
            add_webhook(client=program.client, address="https://example.com/", by=person)
        assert refusal.value.status == 403


def test_a_submission_is_not_held_up_by_what_programs_are_told(added, receiver, cast, call):
    report = fill(report_of(call, cast.a), cast.sara)

    submit_report(report=report, by=cast.reza)

    assert receiver.got == []
