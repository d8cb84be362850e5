"""Who is told what about reviewing, returns and results, in which words. Pure: verbs put the messages on the outbox."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.numbers import local_digits
from units.enums import UNIT_ROLES, Role
from units.models import Person
from units.notices import Message
from units.queries import people_with
from units.queries.successions import acting_people

from ..models import AnnouncementOrder, Call, Report, ResultVersion, ReturnRound, Review, ReviewAssignment
from ..queries.services import called


def _url(name: str, report: Report) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code])


def assigned(assignment: ReviewAssignment, reviews: int) -> list[Message]:
    def words():
        return (
            _("You are a reviewer of “%(call)s”") % {"call": called(assignment.call)},
            ngettext("%(n)s report comes to your queue.", "%(n)s reports come to your queue.", reviews)
            % {"n": local_digits(reviews)},
        )

    return [Message([assignment.reviewer], words, reverse("reports:review_queue"))]


def handed_over(call: Call, reviews: list[Review], to: Person, reason: str) -> list[Message]:
    """Who takes them over hears how many come; who gives them up, how many go and why."""
    queue = reverse("reports:review_queue")

    def coming():
        return (
            _("Reviews of “%(call)s” are now yours") % {"call": called(call)},
            ngettext("%(n)s review was handed over to you.", "%(n)s reviews were handed over to you.", len(reviews))
            % {"n": local_digits(len(reviews))},
        )

    def going(count: int):
        return lambda: (
            _("Reviews of “%(call)s” were handed to somebody else") % {"call": called(call)},
            ngettext(
                "%(n)s review left your queue. Reason: %(reason)s",
                "%(n)s reviews left your queue. Reason: %(reason)s",
                count,
            )
            % {"n": local_digits(count), "reason": reason},
        )

    given = Counter(review.reviewer for review in reviews)
    return [Message([to], coming, queue), *(Message([person], going(count), queue) for person, count in given.items())]


def all_handed_in(report: Report, disputed: int, leads: list, at: datetime) -> list[Message]:
    """Leads hear of what they have to settle, the coordinators of what can be announced."""
    if disputed:

        def words():
            return (
                _("Reviewers differ on the report of “%(unit)s”") % {"unit": report.unit_name},
                ngettext(
                    "On %(n)s indicator their findings differ; a lead settles it.",
                    "On %(n)s indicators their findings differ; a lead settles them.",
                    disputed,
                )
                % {"n": local_digits(disputed)},
            )

        people = leads or people_with(report.call.service.provider, Role.COORDINATOR, at=at)
        return [Message(people, words, _url("report_review", report))]

    def ready():
        return (
            _("The review of “%(unit)s” is complete") % {"unit": report.unit_name},
            _("Its result in the call “%(call)s” can be announced.") % {"call": called(report.call)},
        )

    people = people_with(report.call.service.provider, Role.COORDINATOR, at=at)
    return [Message(people, ready, reverse("reports:announce", args=[report.call_id]))]


def return_withdrawn(report: Report, reason: str, at: datetime) -> list[Message]:
    def words():
        return (
            _("The return of “%(call)s” for correction was taken back") % {"call": called(report.call)},
            _("What you submitted stands and the review goes on. Reason: %(reason)s") % {"reason": reason},
        )

    return [
        Message(
            acting_people(report.unit, report.call_id, *UNIT_ROLES, at=at), words, _url("report", report), urgent=True
        )
    ]


def returned(report: Report, round_: ReturnRound, at: datetime) -> list[Message]:
    def words():
        return (
            _("The report on “%(call)s” came back for correction, until %(until)s")
            % {"call": called(report.call), "until": until(round_.due_at)},
            ngettext(
                "The reviewer’s remark is about %(n)s indicator. If nothing is sent by then, the last submission stands.",
                "The reviewers’ remarks are about %(n)s indicators. If nothing is sent by then, the last submission stands.",
                len(round_.remarks),
            )
            % {"n": local_digits(len(round_.remarks))},
        )

    return [
        Message(
            acting_people(report.unit, report.call_id, *UNIT_ROLES, at=at), words, _url("report", report), urgent=True
        )
    ]


def announced(
    report: Report, result: ResultVersion, at: datetime, people: Iterable[Person] | None = None
) -> list[Message]:
    """Within a dispute the new position is told of instead (sla). `people` of the unit, where they are known already."""
    told = acting_people(report.unit, report.call_id, *UNIT_ROLES, at=at) if people is None else people
    return [Message(told, announced_words(report, result.number), _url("report_result", report), urgent=True)]


def announced_words(report: Report, number: int = 1):
    """The same for all reports of a call that are announced at one instant: see `units.actions.events.tell_many`."""

    def words():
        if number > 1:
            subject = _("The result of “%(call)s” is announced anew") % {"call": called(report.call)}
        else:
            subject = _("The result of “%(call)s” is announced") % {"call": called(report.call)}
        return subject, _("The head of the unit can object until %(until)s. Without an objection it is final then.") % {
            "until": until(report.objections_end)
        }

    return words


def announced_many(found: Iterable[tuple[Report, Iterable[Person]]]) -> list[list[Message]]:
    """`announced` for first results of one call and instant: the words are made once."""
    found = list(found)
    if not found:
        return []
    words = announced_words(found[0][0])
    return [[Message(people, words, _url("report_result", report), urgent=True)] for report, people in found]


def ordered_results(order: AnnouncementOrder) -> list[Message]:
    """Who ordered that many results be announced hears how it ended, and what is left to look at."""
    call, url = order.call, reverse("reports:announce_order", args=[order.call_id, order.key])

    def words():
        said = ngettext("%(n)s result is announced.", "%(n)s results are announced.", order.announced) % {
            "n": local_digits(order.announced)
        }
        if order.trouble:
            return _("The announcing of “%(call)s” stopped") % {"call": called(call)}, f"{said} {order.trouble}"
        if order.refused:
            n = len(order.refused)
            left = ngettext("%(n)s report was left out.", "%(n)s reports were left out.", n) % {"n": local_digits(n)}
            said = " ".join([said, left, _("The page of the order says why.")])
        return _("The results of “%(call)s” you ordered are announced") % {"call": called(call)}, said

    return [Message([order.requested_by], words, url)]
