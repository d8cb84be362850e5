"""A reviewer's verbs: start, verify one indicator, hand in; and a lead's: take the lead, settle.

Reviewers verify inputs; ratios and points are computed from them (results.py). Everything happens under the report's lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import listed, local_digits, parse_number
from sajad_portal.lib.text import normalise
from units.actions.events import record, tell
from units.models import Event, Membership, Person

from ..enums import ReportStatus, ReportVerb, ReviewState
from ..models import Report, Review, ReviewItem
from ..notices.review import all_handed_in
from ..queries import asked_of, engine_of
from ..queries.findings import (
    Claim,
    Stand,
    claim_of,
    covers,
    hands_of,
    in_hand,
    irrelevant_indicators,
    is_fresh,
    is_unanswered,
    reviewed_indicators,
    reviews_of,
    revisions_of,
    settle_indicator,
    settle_report,
    waiting_in,
)
from ..queries.hand_over import stood_in_on
from ..rules.review import reviewing_membership
from ..scoring.functions import rubric_levels
from ..xlsform import Indicator, clean_answer
from .answer_items import accept_unanswered, answer_item
from .deciding import require_decider
from .locking import lock_report, next_report_state, require, require_reason
from .returns import run_clock_since_closing, settle_lapsed_return

# So many are named in a message; the page shows them all.
NAMED = 12


class ItemRefused(Refused):
    """What was typed for an indicator cannot be stored. `errors`: {field: message}; fields are the roles, `points`,
    `not_applicable` and `reason`."""

    def __init__(self, errors: dict[str, str]):
        super().__init__(next(iter(errors.values())), code="item-refused")
        self.errors = errors


@dataclass(frozen=True)
class TypedFinding:
    """What a reviewer typed for one indicator. `verified` {role: text}; `not_applicable` is their answer to the claim. Of a
    question of none: the answer that they accept, or nothing where the reason is a remark on it."""

    verified: Mapping[str, str]
    not_applicable: bool | None = None
    points: str = ""
    reason: str = ""
    note: str = ""


# ------------------------------------------------------------------------------------------------------ beginning
def start_review(*, report: Report, by: Person) -> Report:
    """Take the submission up: from here on the head cannot recall it. A second start changes nothing."""
    with transaction.atomic():
        report, at = lock_report(report)
        mine = [r for r in in_hand(by, reviews_of(report), at) if r.state == ReviewState.ASSIGNED]
        membership = require(mine and reviewing_membership(by, report, mine[0], at), _not_yours())
        report = _take_up(report, at=at, by=by, membership=membership)
        for review in mine:
            mark_started(review, at)
    return report


def _take_up(report: Report, *, at: datetime, by: Person, membership: Membership) -> Report:
    """submitted → under review, once; a lapsed return is recorded first. Refused where the report is not in reviewing."""
    report = settle_lapsed_return(report, at)
    if report.status == ReportStatus.UNDER_REVIEW:
        next_report_state(report, "review")
        return report
    report.state = next_report_state(report, "start_review")
    report.review_started_at = report.review_started_at or at
    report.save(update_fields=["state", "review_started_at"])
    run_clock_since_closing(report, at)
    record_review(ReportVerb.START_REVIEW, report, at=at, by=by, membership=membership, data={})
    return report


def mark_started(review: Review, at: datetime) -> None:
    """Part of a verb: the first thing that the reviewer does with it."""
    if review.started_at is None:
        review.started_at = at
        review.save(update_fields=["started_at"])


def lock_review(review: Review, by: Person) -> tuple[Report, Review, Membership, datetime]:
    """The report under its lock, the review read again, the membership that allows working on it."""
    report, at = lock_report(review.report)
    fresh = Review.objects.select_for_update().get(pk=review.pk)
    membership = require(reviewing_membership(by, report, fresh, at), _not_yours())
    if fresh.state != ReviewState.ASSIGNED:
        raise Refused(
            _("This review is handed in or was given to somebody else; it no longer changes. A lead can settle it.")
            if fresh.state == ReviewState.HANDED_IN
            else _("This review was taken back. Ask the coordinator who has it now."),
            code="handed-in",
        )
    return _take_up(report, at=at, by=by, membership=membership), fresh, membership, at


def _not_yours() -> str:
    return _("This review is not yours, or you report for this unit, one above or one below it.")


# ---------------------------------------------------------------------------------------------------- one indicator
def save_review_item(*, review: Review, indicator: str, typed: TypedFinding, by: Person) -> ReviewItem:
    """Store what the reviewer found for one indicator, over the revision they looked at.

    ItemRefused (nothing stored) for what is no number, breaks the form's own constraint, or departs from the claim
    without a reason.
    """
    with transaction.atomic():
        report, review, membership, at = lock_review(review, by)
        definition = asked_of(report)
        found = definition.judged_as(indicator)
        if found is None or found.source or found.is_rows or not covers(review.section, found):
            raise Refused(_("This indicator is not part of your review."), code="no-such-indicator")
        revision = report.revisions.latest("number")
        claim = claim_of(revision, found, irrelevant_indicators(report, revision))
        clean = check(report, found, claim, typed, answers=revision.answers, at=at)
        mark_started(review, at)
        item, _new = ReviewItem.objects.update_or_create(
            review=review, indicator=indicator, defaults={**clean, "revision": revision.number, "saved_at": at}
        )
        # What was found stays with the item; the trail says only that it changed, so that peers cannot read it there.
        data = {"review": review.pk, "indicator": indicator, "revision": revision.number}
        record_review(ReportVerb.REVIEW_ITEM, report, at=at, by=by, membership=membership, data=data)
    return item


def check(
    report: Report, indicator: Indicator, claim: Claim, typed: TypedFinding, *, answers: Mapping, at: datetime
) -> dict:
    """The fields of an item, clean. ItemRefused with every error at once."""
    if indicator.is_alone:
        accepted = dict(typed.verified) == claim.inputs
        fields, wrong = answer_item(claim, accepted=accepted, reason=typed.reason, note=typed.note)
        if wrong:
            raise ItemRefused({"reason": wrong})
        return fields
    errors: dict[str, str] = {}
    verified = _numbers(report, indicator, typed, errors)
    verdict = needs_verdict(claim, verified)
    not_applicable = typed.not_applicable if verdict else None
    if verdict and not_applicable is None:
        errors["not_applicable"] = _("Say whether you agree that this indicator does not apply.")
    if not errors and not not_applicable:
        _check_constraints(report, indicator, verified, answers, at, errors)
    points = _points(indicator, typed, not_applicable, errors)
    reason = normalise(typed.reason)
    if not errors and not reason and (why := needs_reason(indicator, claim, verified, not_applicable, points)):
        errors["reason"] = why
    if errors:
        raise ItemRefused(errors)
    return {
        "verified": verified,
        "not_applicable": not_applicable,
        "points": points,
        "reason": reason,
        "note": normalise(typed.note),
    }


def _numbers(report: Report, indicator: Indicator, typed: TypedFinding, errors: dict[str, str]) -> dict[str, str]:
    definition, verified = asked_of(report), {}
    for role, name in indicator.inputs.items():
        try:
            verified[role] = clean_answer(definition.own_question(name), typed.verified.get(role, ""))
        except Refused as error:
            errors[role] = str(error)
    return verified


def needs_verdict(claim: Claim, verified: Mapping[str, str]) -> bool:
    """Whether the reviewer has to say if it applies: the unit claims not, the form did not ask, a denominator is zero."""
    return bool(claim.not_applicable) or claim.irrelevant or is_zero(verified.get("denominator", ""))


def is_zero(text: str) -> bool:
    return bool(text) and Decimal(text) == 0


def _check_constraints(report, indicator: Indicator, verified, answers: Mapping, at: datetime, errors: dict) -> None:
    """The form's own constraints hold for verified figures too: a slip such as 620 of 590 is caught here."""
    changed = {**answers, **{indicator.inputs[role]: text for role, text in verified.items()}}
    found = engine_of(report).evaluate(changed, at=at).errors
    for role, name in indicator.inputs.items():
        if name in found and verified.get(role) != answers.get(name, ""):
            errors[role] = found[name]


def _points(
    indicator: Indicator, typed: TypedFinding, not_applicable: bool | None, errors: dict[str, str]
) -> Decimal | None:
    """Points of a reviewer's judgement, 0 to the indicator's weight, or those of a described level; other functions compute theirs."""
    if not indicator.is_judged or not_applicable is not None:
        return None
    try:
        points = parse_number(typed.points)
    except Refused as error:
        errors["points"] = str(error) if typed.points else _("Give the points of this indicator.")
        return None
    levels = [Decimal(level.points) for level in rubric_levels(indicator.levels, indicator.weight)]
    if indicator.score == "rubric" and points not in levels:
        errors["points"] = _("Choose one of the described levels.")
        return None
    if not 0 <= points <= Decimal(indicator.weight):
        errors["points"] = _("Points go from 0 to the indicator’s weight, %(weight)s.") % {
            "weight": local_digits(indicator.weight)
        }
        return None
    return points


def needs_reason(indicator: Indicator, claim: Claim, verified, not_applicable: bool | None, points) -> str:
    """Why a reason is due, or "": the unit reads it beside the figure."""
    if not_applicable is False:
        return _("Write why the indicator applies after all; the unit reads it.")
    if not_applicable is None and dict(verified) != dict(claim.inputs):
        return _("You verified another figure than the unit claims. Write why; the unit reads it.")
    if points is not None and points < Decimal(indicator.weight):
        return _("You gave less than the full points. Write why; the unit reads it.")
    return ""


# -------------------------------------------------------------------------------------------------------- handing in
def missing_items(review: Review, report: Report) -> list[Indicator]:
    """What of the review has no finding yet, or one about figures or an answer that have changed since. Where the unit answered
    nothing, nothing need be said."""
    revisions = revisions_of(report)
    found = reviewed_indicators(asked_of(report), review.section)
    wanting = [i for i in found if not is_unanswered(i, revisions[-1])]
    items = {item.indicator: item for item in review.items.all()}
    return [i for i in wanting if not is_fresh(items.get(i.code), i, revisions)]


def hand_in_review(*, review: Review, by: Person) -> Review:
    """Hand in: the findings count and no longer change. Refused while an indicator has none; a second click changes nothing."""
    with transaction.atomic():
        if _handed_in_by(review, by):
            return review
        report, review, membership, at = lock_review(review, by)
        if review.lead:
            raise Refused(_("A lead settles instead of handing in."), code="settle-instead")
        _require_complete(missing_items(review, report))
        accept_unanswered(review, report, at)
        _hand_in(review, at)
        record_review(
            ReportVerb.HAND_IN,
            report,
            at=at,
            by=by,
            membership=membership,
            data={"review": review.pk, "section": review.section},
        )
        _tell_if_complete(report, at)
    return review  # fmt: skip


def _handed_in_by(review: Review, by: Person) -> bool:
    handed_in = Review.objects.filter(pk=review.pk, state=ReviewState.HANDED_IN).exists()
    return handed_in and review.reviewer_id in hands_of(by, database_now())


def _require_complete(missing: list[Indicator]) -> None:
    if missing:
        raise Refused(
            _("%(n)s indicators or answers have no finding yet: %(codes)s.")
            % {"n": local_digits(len(missing)), "codes": listed(said_as(indicator) for indicator in missing[:NAMED])},
            code="incomplete",
        )


def said_as(indicator: Indicator) -> str:
    """How a message names what is reviewed: an indicator by its code, a question by its words."""
    return indicator.label_in(current_language()) if indicator.is_alone else indicator.code


def _hand_in(review: Review, at: datetime) -> None:
    review.state, review.handed_in_at, review.started_at = ReviewState.HANDED_IN, at, review.started_at or at
    review.save(update_fields=["state", "handed_in_at", "started_at", "reason"])


def _tell_if_complete(report: Report, at: datetime) -> None:
    """When the last reviewer has handed in: leads hear of what they settle, coordinators of what can be announced."""
    reviews = reviews_of(report)
    stands = settle_report(asked_of(report), reviews, revisions_of(report))
    if any(s.stand in (Stand.WAITING, Stand.UNASSIGNED) for s in stands.values()):
        return
    disputed = sum(s.stand == Stand.DISPUTED for s in stands.values())
    event = record_review(
        ReportVerb.REVIEW_COMPLETE, report, at=at, by=None, membership=None, data={"disputed": disputed}
    )
    leads = [r.reviewer for r in reviews if r.lead and r.state == ReviewState.ASSIGNED]
    tell(event, all_handed_in(report, disputed, leads, at))


# ------------------------------------------------------------------------------------------------------------- leads
def take_lead(*, report: Report, by: Person, section: str = "") -> Review:
    """A coordinator of the provider becomes the lead of a report's section (all: ""). A second time gives the same review."""
    with transaction.atomic():
        report, at = lock_report(report)
        report = settle_lapsed_return(report, at)
        membership = require_decider(by, report, at)
        next_report_state(report, "review" if report.status == ReportStatus.UNDER_REVIEW else "start_review")
        for review in reviews_of(report):
            if review.reviewer_id == by.pk and review.section == section:
                if review.lead:
                    return review
                raise Refused(_("You review this yourself; somebody else settles it."), code="own-review")
        if stood_in_on(by, [report.pk]):  # would settle between their own findings and somebody else's
            raise Refused(_("You have reviewed this as a deputy; somebody else settles it."), code="own-review")
        review = Review.objects.create(report=report, section=section, reviewer=by, lead=True, assigned_at=at)
        record_review(
            ReportVerb.TAKE_LEAD,
            report,
            at=at,
            by=by,
            membership=membership,
            data={"review": review.pk, "section": section},
        )
    return review  # fmt: skip


def settle_review(*, review: Review, by: Person, reason: str = "") -> Review:
    """Close a lead's review: where reviewers differ, the lead's items stand.

    A silent reviewer's review is released, which needs a reason; then the lead's items must cover what it leaves open.
    Refused while an indicator of the section has no finding.
    """
    with transaction.atomic():
        if _handed_in_by(review, by):
            return review
        report, review, membership, at = lock_review(review, by)
        if not review.lead:
            raise Refused(_("Only a lead settles; hand your review in."), code="not-a-lead")
        silent = waiting_in(review.section, reviews_of(report))
        review.reason = require_reason(reason) if silent else normalise(reason)
        for other in silent:
            other.state, other.released_at, other.reason = ReviewState.RELEASED, at, review.reason
            other.save(update_fields=["state", "released_at", "reason"])
        others = ReviewItem.objects.filter(review__report=report).exclude(review__state=ReviewState.RELEASED)
        accept_unanswered(
            review, report, at, but=set(others.exclude(review=review).values_list("indicator", flat=True))
        )
        _hand_in(review, at)
        _require_settled(report, review)
        data = {
            "review": review.pk,
            "section": review.section,
            "without": [other.reviewer_id for other in silent],
            "reason": review.reason,
        }
        record_review(ReportVerb.SETTLE, report, at=at, by=by, membership=membership, data=data)
        _tell_if_complete(report, at)
    return review


def _require_settled(report: Report, review: Review) -> None:
    """Read again after the changes: released reviews are gone, the lead's items count."""
    reviews, revisions = reviews_of(report), revisions_of(report)
    indicators = reviewed_indicators(asked_of(report), review.section)
    _require_complete([i for i in indicators if not settle_indicator(i, reviews, revisions).stand.is_settled])


def record_review(
    verb: ReportVerb, report: Report, *, at: datetime, by: Person | None, membership, data: dict
) -> Event:
    """Part of a verb that reviews."""
    return record(
        verb, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
        unit_id=report.unit_id, call_id=report.call_id, data=data,
    )  # fmt: skip
