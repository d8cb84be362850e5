"""The two banks: the simulated one over real HTTP in its own process, and Sadad over exchanges after its description."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings as portal_settings

from bank_simulator.outcomes import OUTCOMES
from sajad_portal.lib.errors import Refused
from sla import gateways
from sla.actions.settling import Word, match
from sla.enums import PaymentReason
from sla.gateways import BankOrder, GatewayPending, GatewayRefused, GatewayUnknown, http
from sla.gateways.answers import Inquired, Started, answer_text, rials
from sla.gateways.sadad import Sadad, signed
from sla.gateways.simulator import Simulator
from sla.models import Payment
from tests.services import free_port

EXCHANGES = Path(__file__).parent / "exchanges"
BEGUN = datetime(2026, 11, 22, 10, 15, 9, tzinfo=UTC)


# --------------------------------------------------------------------------------------------- the simulated bank
def simulated(number: int = 1, *, amount: int = 2_500_000, minutes: int = 15) -> Payment:
    """An order at the simulated bank, as the portal would keep it."""
    gateway = Simulator()
    gateway.minutes = minutes
    order_id = f"TEST-{datetime.now(UTC).timestamp()}-{number}"
    started = gateway.request(BankOrder(number, order_id, amount, "http://127.0.0.1:9/back/", BEGUN))
    return Payment(order_id=order_id, amount_rials=amount, terminal=gateway.terminal, token=started.token)


def test_an_order_that_was_paid_is_confirmed_with_its_amount_terminal_and_reference(bank):
    payment = simulated()
    bank.visit(payment)
    said = Simulator().verify(payment)
    assert (said.order_id, said.amount_rials, said.terminal) == (payment.order_id, 2_500_000, payment.terminal)
    assert said.reference.isdigit()
    assert Simulator().verify(payment) == said


def test_one_order_is_taken_once(bank):
    payment = simulated()
    assert (bank.visit(payment)[:4], bank.visit(payment)) == ("http", "410")
    with pytest.raises(GatewayRefused):
        Simulator().request(BankOrder(1, payment.order_id, 1, "http://127.0.0.1:9/", BEGUN))


@pytest.mark.parametrize(
    ("outcome", "state"), [("", "pending"), ("paid", "paid"), ("cancelled", "unpaid"), ("silent", "paid")]
)
def test_inquiring_confirms_nothing_and_says_where_it_stands(bank, outcome, state):
    payment = simulated()
    if outcome:
        bank.visit(payment, outcome)
    assert Simulator().inquire(payment) == Inquired(state)


def test_an_order_of_another_terminal_is_not_found(bank):
    payment = simulated()
    bank.visit(payment)
    payment.terminal = "another"
    assert Simulator().inquire(payment) == Inquired("not_found")
    with pytest.raises(GatewayRefused):
        Simulator().verify(payment)


def test_after_its_time_the_bank_takes_nothing(bank):
    payment = simulated(minutes=0)
    assert (bank.visit(payment), Simulator().inquire(payment)) == ("410", Inquired("unpaid"))


def test_before_the_payer_has_chosen_there_is_nothing_to_confirm(bank):
    with pytest.raises(GatewayPending):
        Simulator().verify(simulated())


def test_what_was_taken_is_given_back_once_and_what_was_not_taken_is_refused(bank):
    payment, other = simulated(1), simulated(2)
    bank.visit(payment)
    bank.visit(other, "cancelled")
    assert [Simulator().reverse(payment) for _ in range(2)] == [None, None]
    with pytest.raises(GatewayRefused):
        Simulator().reverse(other)
    with pytest.raises(GatewayRefused):
        Simulator().verify(payment)


def test_a_statement_names_what_was_taken_that_day_and_nothing_forged(bank):
    paid, forged = simulated(1), simulated(2)
    bank.visit(paid)
    bank.visit(forged, "other_order")
    today = (datetime.now(UTC) + timedelta(hours=3, minutes=30)).date()
    lines = {line.order_id: line for line in Simulator().statement(today)}
    assert (lines[paid.order_id].amount_rials, forged.order_id in lines) == (2_500_000, False)
    assert paid.order_id not in {line.order_id for line in Simulator().statement(today - timedelta(days=1))}


def test_without_the_terminals_secret_the_bank_tells_nothing(bank, settings):
    payment = simulated()
    settings.BANK_SECRET = "guessed"
    for question in (Simulator().verify, Simulator().inquire, Simulator().reverse):
        with pytest.raises(GatewayUnknown):
            question(payment)


@pytest.mark.parametrize("mood", ["down", "mute"])
def test_a_bank_that_is_not_well_leaves_everything_unknown(bank, mood):
    payment = simulated()
    bank.mood(mood)
    for question in (Simulator().verify, Simulator().inquire, Simulator().reverse):
        with pytest.raises(GatewayUnknown):
            question(payment)


def test_the_payment_page_is_persian_and_offers_every_outcome(bank):
    payment = simulated()
    page = bank.page(payment)
    assert 'lang="fa" dir="rtl"' in page
    assert "۲٬۵۰۰٬۰۰۰" in page
    assert all(f'value="{outcome}"' in page for outcome in OUTCOMES)
    assert "<script" not in page


def test_a_page_of_no_order_and_a_choice_of_no_outcome_are_refused(bank):
    payment = simulated()
    assert (bank.visit(payment, "riches"), bank.visit(Payment(token="none"))) == ("400", "404")
    assert Simulator().inquire(payment) == Inquired("pending")


def test_the_bank_runs_on_the_standard_library_alone():
    sources = (portal_settings.BASE_DIR / "bank_simulator").glob("*.py")
    assert not [p.name for p in sources if "django" in p.read_text().replace("No Django", "")]


# ------------------------------------------------------------------------------------------------ one HTTP question
class Replayed(ThreadingHTTPServer):
    """Answers with an exchange where the question is exactly the recorded one, else with 400."""

    daemon_threads = True
    exchange: dict
    asked: list


class _Replay(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))
        exchange = self.server.exchange
        fits = (self.path, body) == (exchange["sent"]["path"], exchange["sent"]["body"])
        answer = exchange["answer"]
        raw = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(exchange["status"] if fits else 400)
        for name, value in exchange.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST

    def log_message(self, format, *arguments):
        return


@pytest.fixture
def replay(settings):
    server = Replayed(("127.0.0.1", 0), _Replay)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.BANK_URL = f"http://127.0.0.1:{server.server_address[1]}"
    settings.BANK_TIMEOUT = 2
    yield server
    server.shutdown()
    server.server_close()


def answering(replay, answer, status: int = 200, **headers) -> None:
    replay.exchange = {"sent": {"path": "/", "body": {}}, "status": status, "answer": answer, "headers": headers}


@pytest.mark.parametrize(
    ("answer", "status"), [("", 200), ("[]", 200), ("null", 200), ("{", 200), ('{"a": 1}', 500), ('{"a": 1}', 302)]
)
def test_whatever_is_no_json_object_is_unknown(replay, settings, answer, status):
    answering(replay, answer, status, Location="/elsewhere")
    with pytest.raises(GatewayUnknown):
        http.ask_bank(f"{settings.BANK_URL}/", {})
    assert len(replay.asked) == 1  # a redirect is not followed: our secret stays here


def test_an_answer_without_end_is_unknown(replay, settings, monkeypatch):
    monkeypatch.setattr(http, "LONGEST_ANSWER", 1000)
    answering(replay, {"a": "x" * 2000})
    with pytest.raises(GatewayUnknown):
        http.ask_bank(f"{settings.BANK_URL}/", {})


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/", "nowhere"])
def test_only_http_is_an_address_of_a_bank(address):
    with pytest.raises(GatewayUnknown):
        http.ask_bank(address, {})


def test_nobody_at_the_banks_address_is_unknown():
    with pytest.raises(GatewayUnknown):
        http.ask_bank(f"http://127.0.0.1:{free_port()}/", {})


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (5, 5), ("5", 5), (0, None), (-5, None), ("-5", None), (5.0, None), ("5.0", None), (True, None), ("۵", None),
        (None, None), ("", None), ([5], None), (10**15, None), ("9" * 16, None), (" 5", None),
    ],
)  # fmt: skip
def test_an_amount_is_a_positive_whole_number_or_nothing(value, read):
    assert rials({"amount": value}, "amount") == read


@pytest.mark.parametrize(
    ("value", "read"), [("a", "a"), (" a ", "a"), (7, "7"), (None, ""), (True, ""), ([], ""), (1.5, "")]
)
def test_a_text_is_a_string_or_nothing(value, read):
    assert answer_text({"x": value}, "x") == read


@pytest.mark.parametrize("value", ["a" * 81, "a\nb", "a\x00b"])
def test_a_text_that_cannot_be_kept_is_unknown(value):
    with pytest.raises(GatewayUnknown):
        answer_text({"x": value}, "x")


# ------------------------------------------------------------------------------------------------------------ Sadad
@pytest.fixture
def sadad(replay, settings):
    settings.PAYMENT_GATEWAY, settings.BANK_TERMINAL, settings.BANK_MERCHANT = "sadad", "24000615", "140212345"
    settings.BANK_SECRET = "c2FkYWQtdHJpcGxlLWRlcy1rZXktMTQw"

    def with_exchange(name: str) -> Sadad:
        replay.exchange = json.loads((EXCHANGES / f"sadad_{name}.json").read_text())
        return Sadad()

    return with_exchange


ORDER = BankOrder(
    7001, "7K3M-92QX-4TBA-0C8D-MNNF", 2_500_000,
    "https://portal.example.ir/payments/return/7K3M-92QX-4TBA-0C8D-MNNF/", BEGUN,
)  # fmt: skip


@pytest.fixture
def order() -> Payment:
    return Payment(
        pk=7001, order_id=ORDER.order_id, amount_rials=ORDER.amount_rials, terminal="24000615",
        token="0001a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7",
    )  # fmt: skip


def test_sadad_gives_a_token_for_a_signed_order(sadad, order, replay):
    started = sadad("token").request(ORDER)
    assert started == Started(order.token, f"{portal_settings.BANK_URL}/VPG/Purchase?Token={order.token}")
    assert replay.asked == [(replay.exchange["sent"]["path"], replay.exchange["sent"]["body"])]


@pytest.mark.parametrize(("exchange", "error"), [("token_refused", GatewayRefused), ("token_missing", GatewayUnknown)])
def test_sadad_without_a_token_starts_nothing(sadad, exchange, error):
    with pytest.raises(error):
        sadad(exchange).request(ORDER)


@pytest.mark.parametrize("exchange", ["verify_paid", "verify_paid_before"])
def test_sadad_confirms_by_our_own_token_and_again_with_the_same_words(sadad, order, exchange):
    said = sadad(exchange).verify(order)
    assert match(order, said) == Word("settle", said=said)
    assert (said.reference, said.card_masked) == ("332614587209", "603799******1405")


@pytest.mark.parametrize(
    ("exchange", "word"),
    [
        ("verify_other_order", Word("fail", PaymentReason.OTHER_ORDER)),
        ("verify_without_amount", Word("doubt", PaymentReason.INCOMPLETE)),
        ("verify_without_order", Word("doubt", PaymentReason.INCOMPLETE)),
        ("verify_without_reference", Word("doubt", PaymentReason.INCOMPLETE)),
    ],
)
def test_an_answer_of_sadad_that_does_not_name_our_order_and_amount_credits_nothing(sadad, order, exchange, word):
    assert match(order, sadad(exchange).verify(order)) == word


def test_another_amount_at_sadad_is_money_to_be_given_back(sadad, order):
    said = sadad("verify_other_amount").verify(order)
    assert match(order, said) == Word("exceed", PaymentReason.OTHER_AMOUNT, said)


@pytest.mark.parametrize(
    ("exchange", "error"),
    [
        ("verify_not_paid", GatewayPending),
        ("verify_too_late", GatewayRefused),
        ("verify_without_result", GatewayUnknown),
        ("verify_unknown_result", GatewayUnknown),
        ("verify_out_of_order", GatewayUnknown),
        ("verify_unreadable", GatewayUnknown),
    ],
)
def test_what_sadad_does_not_confirm_is_not_paid_or_not_known(sadad, order, exchange, error):
    with pytest.raises(error) as raised:
        sadad(exchange).verify(order)
    assert type(raised.value) is error


def test_sadad_has_one_question_only_and_inquiring_asks_it(sadad, order):
    assert sadad("verify_paid").inquire(order) == Inquired("paid")
    assert sadad("verify_not_paid").inquire(order) == Inquired("pending")


def test_sadad_offers_neither_reversal_nor_statement(sadad, order):
    with pytest.raises(GatewayRefused):
        sadad("verify_paid").reverse(order)
    with pytest.raises(GatewayRefused):
        sadad("verify_paid").statement(BEGUN.date())


@pytest.mark.parametrize("key", ["", "no base64!", "c2hvcnQ="])
def test_a_key_that_is_none_signs_nothing(key):
    with pytest.raises(GatewayUnknown):
        signed("message", key)


# ------------------------------------------------------------------------------------------------- which one is used
def test_an_attempt_at_a_gateway_that_is_no_more_configured_is_not_concluded(settings):
    settings.PAYMENT_GATEWAY = "sadad"
    with pytest.raises(GatewayUnknown):
        gateways.named("simulator")
    assert gateways.named("sadad").name == "sadad"


def test_what_costs_nothing_needs_no_gateway(settings):
    settings.PAYMENT_GATEWAY = ""
    gateways.require_gateway(0)
    with pytest.raises(Refused) as refusal:
        gateways.require_gateway(1)
    assert refusal.value.code == "no-gateway"
