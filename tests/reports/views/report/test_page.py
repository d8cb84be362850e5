"""What the claim would earn, on the pages that are read before signing and after sending."""

from decimal import Decimal

from django.urls import reverse

from tests.calls import fill, report_of, submitted_report


def page_of(client, name: str, report):
    return client.get(reverse(f"reports:{name}", args=[report.tracking_code]))


def test_before_signing_it_stands_on_each_indicator_and_as_a_total(cast, call, client_for):
    page = page_of(client_for(cast.reza), "report_sign", fill(report_of(call, cast.a), cast.sara))
    cards = {card.code: card.earns for part in page.context["parts"] for card in part.cards}
    assert (page.context["claimed"].total, cards["WLF-01"].points, cards["MGT-01"].points) == ("96", "16", "10")
    assert "۹۶" in page.content.decode()


def test_in_grace_the_timely_indicator_earns_nothing(cast, call, client_for, clock):
    report = fill(report_of(call, cast.a), cast.sara)
    clock.move_to(call.closes_at)
    assert page_of(client_for(cast.reza), "report_sign", report).context["claimed"].total == "86"


def test_after_the_last_moment_no_claim_is_told(cast, call, client_for, clock):
    report = fill(report_of(call, cast.a), cast.sara)
    clock.move(days=4)
    assert page_of(client_for(cast.reza), "report_sign", report).context["claimed"] is None


def test_while_writing_it_stands_on_the_indicator(cast, call, client_for):
    report = fill(report_of(call, cast.a), cast.sara)
    page = client_for(cast.sara).get(reverse("reports:report_edit", args=[report.tracking_code, "welfare"]))
    earns = {card.code: card.earns for card in page.context["sheet"].cards}
    assert Decimal(earns["WLF-01"].points) == 16
    assert 'id="earns-WLF-01"' in page.content.decode()


def test_what_was_sent_shows_what_was_kept(cast, call, client_for):
    report, _revision = submitted_report(cast, call)
    page = page_of(client_for(cast.omid), "report", report)
    assert (page.context["claimed"].total, page.context["claim_kept"]) == ("96", True)
