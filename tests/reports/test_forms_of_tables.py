"""A form that is one table, from its first row to the letter: reviewers read it, and it is announced as reported."""

import pytest
from django.urls import reverse

from reports.actions.results import announce_result
from reports.actions.review import hand_in_review
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row
from reports.invariants import broken
from sajad_portal.lib.errors import Refused
from tests.calls import accept, published_call, report_of
from tests.reviews import assign, review_of
from tests.tables import lone_table, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(cast):
    call = published_call(cast, form=lone_table())
    report = report_of(call, cast.a)
    row = add_row(report=report, table="things", by=cast.sara)
    assert not save(report, "things", cast.sara, **{f"thing__{row}": "تخت", f"count__{row}": "12"}).errors
    accept(call, cast.a, cast.reza)
    submit_report(report=report, by=cast.reza)
    assign(cast, call)
    return report_of(call, cast.a)


def get(client, name: str, *args) -> str:
    answer = client.get(reverse(f"reports:{name}", args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode(errors="replace")


def test_its_rows_are_read_in_review_and_it_is_announced_without_a_score(report, cast, client_for):
    omid, reza = client_for(cast.omid), client_for(cast.reza)
    code = report.tracking_code
    assert "تخت" in get(omid, "report_review", code)
    review = review_of(report, cast.omid)
    with pytest.raises(Refused):
        hand_in_review(review=review, by=cast.omid)
    accepted = {"review": review.pk, "indicator": "table:things", "accept_rest": "1"}
    assert omid.post(reverse("reports:review_answers", args=[code]), accepted).status_code == 302
    assert omid.post(reverse("reports:review_hand_in", args=[code]), {"review": review.pk}).status_code == 302
    review.refresh_from_db()
    assert review.state == "handed_in"
    announce_result(report=report, by=cast.laleh)
    for name in ("report", "report_result", "letter"):
        get(reza, name, code)
    assert "تخت" in get(reza, "report", code)
    assert list(broken()) == []
