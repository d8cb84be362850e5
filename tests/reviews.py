"""Reviews and results for tests, made through the verbs."""

from reports.actions.assignment import assign_reviewer
from reports.actions.judging import judge_answers
from reports.actions.results import announce_result
from reports.actions.review import TypedFinding, hand_in_review, save_review_item
from reports.models import Call, Report, ResultVersion, Review
from reports.queries import asked_of
from reports.queries.findings import claim_of, reviewed_indicators
from units.enums import Role
from units.models import Person, Unit

from .calls import report_of, submitted_report
from .factories import make_membership, make_person
from .people import Cast


def second_reviewer(cast: Cast, username: str = "parisa", name: str = "پریسا ستوده") -> Person:
    person = make_person(username, name)
    make_membership(person, cast.provider, Role.REVIEWER)
    return person


def assign(cast: Cast, call: Call, reviewer: Person | None = None, **given):
    return assign_reviewer(
        call=call, reviewer=reviewer or cast.omid, unit=given.pop("unit", cast.provider), by=cast.laleh, **given
    )


def review_of(report: Report, person: Person, section: str = "") -> Review:
    return Review.objects.select_related("report__call__form_version").get(
        report=report, reviewer=person, section=section
    )


def claimed(review: Review, code: str) -> dict[str, str]:
    """What the unit claims for the indicator in its last revision."""
    indicator = asked_of(review.report).judged_as(code)
    return claim_of(review.report.revisions.latest("number"), indicator).inputs


def verify(review: Review, code: str, **typed) -> None:
    """Store a finding: as claimed, unless `verified` says otherwise."""
    if code.startswith(("table:", "row:")):  # a table, or a row of one: accepted, or remarked on with the reason
        remark = typed.get("reason") if typed.get("verified") == {} else None
        judge_answers(review=review, remarks={code: remark}, by=review.reviewer)
        return
    typed.setdefault("verified", claimed(review, code))
    save_review_item(review=review, indicator=code, typed=TypedFinding(**typed), by=review.reviewer)


def verify_all(review: Review, *, but: tuple[str, ...] = ()) -> None:
    for indicator in reviewed_indicators(asked_of(review.report), review.section):
        if indicator.code not in but:
            verify(review, indicator.code)


def reviewed_report(cast: Cast, call: Call, unit: Unit | None = None) -> Report:
    """Submitted, verified as claimed by Omid, handed in."""
    report, _revision = submitted_report(cast, call, unit)
    if not call.assignments.filter(reviewer=cast.omid).exists():
        assign(cast, call)
    review = review_of(report, cast.omid)
    verify_all(review)
    hand_in_review(review=review, by=cast.omid)
    return report_of(call, report.unit)


def announced_report(cast: Cast, call: Call, unit: Unit | None = None) -> tuple[Report, ResultVersion]:
    report = reviewed_report(cast, call, unit)
    version = announce_result(report=report, by=cast.laleh)
    return report_of(call, report.unit), version
