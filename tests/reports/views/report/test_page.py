"""What the claim would earn, on the pages that are read before signing and after sending."""

from decimal import Decimal

from django.urls import reverse

from reports.actions.sign_off import request_sign_off
from tests.calls import fill, report_of, submitted_report
from tests.contests import returned_report


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


class TestChangingALine:
    def links(self, page) -> dict[str, str]:
        return {card.code: card.change_url for part in page.context["parts"] for card in part.cards}

    def test_beside_each_line_of_an_open_draft_stands_the_way_to_its_field(self, cast, call, client_for):
        report = fill(report_of(call, cast.a), cast.sara)
        links = self.links(page_of(client_for(cast.reza), "report_sign", report))
        address = reverse("reports:report_edit", args=[report.tracking_code, "housing"])
        assert (links["HSG-01"], links["MGT-01"]) == (f"{address}#ind-HSG-01", "")
        page = client_for(cast.reza).get(address).content.decode()
        assert 'id="ind-HSG-01"' in page

    def test_while_it_waits_for_the_signature_it_leads_to_the_note_of_the_head(self, cast, call, client_for):
        report = fill(report_of(call, cast.a), cast.sara)
        request_sign_off(report=report, by=cast.sara)
        page = page_of(client_for(cast.reza), "report_sign", report)
        assert (self.links(page)["HSG-01"], page.context["claimed"].total) == ("?about=HSG-01#decision-panel", "96")
        address = reverse("reports:report_sign", args=[report.tracking_code])
        assert client_for(cast.reza).get(f"{address}?about=HSG-01").context["typed_note"] == "اسکان متقاضیان: "
        assert set(self.links(page_of(client_for(cast.sara), "report_sign", report)).values()) == {""}

    def test_in_a_correction_only_what_was_remarked_on_can_be_changed(self, cast, call, client_for):
        report, _round = returned_report(cast, call)
        links = self.links(page_of(client_for(cast.reza), "report_sign", report))
        assert [code for code, url in links.items() if url] == ["HSG-01"]
