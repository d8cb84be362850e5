"""Who is told what about calls and reports, in which words. Pure: verbs put the messages on the outbox."""

from datetime import datetime
from functools import partial

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.errors import promised
from sajad_portal.lib.jalali import format_datetime
from sajad_portal.lib.numbers import local_digits
from units.enums import UNIT_ROLES, Role
from units.models import Membership, Person
from units.notices import Message
from units.queries import people_with
from units.queries.successions import acting_people, heirs_of

from ..enums import UNSUBMITTED
from ..models import Call, Report, ReturnRound
from ..queries.services import called
from ..rules.deadlines import deadline


def _url(name: str, report: Report) -> str:
    return reverse(f"reports:{name}", args=[report.tracking_code])


def people_of_reports(reports, at: datetime, roles=UNIT_ROLES):
    """People who hold one of the roles on the unit of one of the reports (a queryset), or on the one that it was handed to."""
    theirs = Q(unit__in=reports.values("unit")) | Q(unit__in=heirs_of(reports))
    held = Membership.objects.valid_at(at).filter(theirs, role__in=roles)
    return Person.objects.filter(is_active=True, pk__in=held.values("person"))


def _unit_people(report: Report, at: datetime, roles=UNIT_ROLES):
    return acting_people(report.unit, report.call_id, *roles, at=at)


def by_deadline(reports, call: Call) -> dict[datetime, QuerySet[Report]]:
    """{deadline: the reports (a queryset) that are due then}: a unit is told its own deadline, not the call's."""
    own = reports.filter(extension_until__gt=call.closes_at)
    found = {call.closes_at: reports.exclude(pk__in=own.values("pk"))}
    for until_then in own.order_by("extension_until").values_list("extension_until", flat=True).distinct():
        found[until_then] = reports.filter(extension_until=until_then)
    return found


def call_opened(call: Call, at: datetime) -> list[Message]:
    def words(due: datetime):
        return (
            _("The call “%(call)s” is open") % {"call": called(call)},
            _("Your unit’s report is due by %(until)s.") % {"until": until(due)},
        )

    asked = Report.objects.filter(call=call).asked()
    return [
        Message(people_of_reports(reports, at), partial(words, due), reverse("reports:call", args=[call.pk]))
        for due, reports in by_deadline(asked, call).items()
    ]


def call_extended(call: Call, reason: str, at: datetime) -> list[Message]:
    """Whose deadline it is: a unit that has more time than the new closing has what it had."""

    def words():
        return (
            _("The deadline of “%(call)s” has moved to %(until)s")
            % {"call": called(call), "until": until(call.closes_at)},
            _("Reason: %(reason)s") % {"reason": reason},
        )

    asked = Report.objects.filter(call=call).asked()
    people = people_of_reports(asked.exclude(extension_until__gt=call.closes_at), at)
    return [Message(people, words, reverse("reports:call", args=[call.pk]), urgent=True)]


def call_closes_early(call: Call, reason: str, at: datetime) -> list[Message]:
    """Those who have not submitted, and for whom the closing is the deadline: a unit's extension stays as it was."""

    def words():
        return (
            _("“%(call)s” closes earlier: %(until)s") % {"call": called(call), "until": until(call.closes_at)},
            _("Reason: %(reason)s") % {"reason": reason},
        )

    waiting = Report.objects.filter(call=call, state__in=UNSUBMITTED).asked()
    people = people_of_reports(waiting.exclude(extension_until__gt=call.closes_at), at)
    return [Message(people, words, reverse("reports:call", args=[call.pk]), urgent=True)]


def call_cancelled(call: Call, reason: str, at: datetime) -> list[Message]:
    def words():
        return (
            _("The call “%(call)s” is cancelled") % {"call": called(call)},
            _("Reports can be read and no longer changed. Reason: %(reason)s") % {"reason": reason},
        )

    people = people_of_reports(Report.objects.filter(call=call), at)
    return [Message(people, words, reverse("reports:call", args=[call.pk]), urgent=True)]


def call_closed(call: Call, missed: int, submitted: int, missed_reports, at: datetime) -> list[Message]:
    """The provider's coordinators hear the figures; the people of units that missed it hear what they can do."""

    def figures():
        return (
            _("“%(call)s” has closed: %(submitted)s submitted, %(missed)s missed")
            % {"call": called(call), "submitted": local_digits(submitted), "missed": local_digits(missed)},
            _("The completeness at closing is kept on the call’s page."),
        )

    def missed_words():
        return (
            _("“%(call)s” has closed and your unit’s report was not submitted") % {"call": called(call)},
            _("What you wrote is kept. The head of your unit can ask for an extension on the report’s page."),
        )

    return [
        Message(
            people_of_reports(missed_reports, at), missed_words, reverse("reports:call", args=[call.pk]), urgent=True
        ),
        Message(
            people_with(call.service.provider, Role.COORDINATOR, at=at),
            figures,
            reverse("reports:call", args=[call.pk]),
        ),
    ]


def deadline_near(call: Call, reports, due: datetime, at: datetime) -> list[Message]:
    """The people of these reports (a queryset), which are all due at `due`."""

    def words():
        return (
            _("“%(call)s” is due soon: %(until)s") % {"call": called(call), "until": until(due)},
            _("Your unit’s report is not submitted yet. See what is missing and send it in time."),
        )

    return [Message(people_of_reports(reports, at), words, reverse("reports:call", args=[call.pk]), urgent=True)]


def nothing_written(call: Call, reports, due: datetime, at: datetime) -> list[Message]:
    """The heads of the units of these reports (a queryset), in which nobody has written and which are all due at `due`."""

    def words():
        return (
            _("Nobody has written in your unit’s report on “%(call)s” yet") % {"call": called(call)},
            _("It is due by %(until)s.") % {"until": until(due)},
        )

    heads = list(people_of_reports(reports, at, {Role.HEAD}))
    return [Message(heads, words, reverse("reports:call", args=[call.pk]), urgent=True)] if heads else []


def unit_asked(report: Report, at: datetime) -> list[Message]:
    def words():
        return (
            _("Your unit is asked for a report: “%(call)s”") % {"call": called(report.call)},
            _("It is due by %(until)s.") % {"until": until(deadline(report))},
        )

    return [Message(_unit_people(report, at), words, _url("report", report), urgent=True)]


def unit_extended(report: Report, reason: str, at: datetime) -> list[Message]:
    def words():
        return (
            _("Your unit has until %(until)s for “%(call)s”")
            % {"until": until(promised(report.extension_until, "the verb that gave it")), "call": called(report.call)},
            _("Reason: %(reason)s") % {"reason": reason},
        )

    return [Message(_unit_people(report, at), words, _url("report", report), urgent=True)]


def unit_excused(report: Report, reason: str, at: datetime) -> list[Message]:
    def words():
        return (
            _("Your unit is excused from “%(call)s”") % {"call": called(report.call)},
            _("Reason: %(reason)s") % {"reason": reason},
        )

    return [Message(_unit_people(report, at), words, _url("report", report))]


def report_submitted(report: Report, at: datetime) -> list[Message]:
    def words():
        return (
            _("The report on “%(call)s” is submitted") % {"call": called(report.call)},
            _("Tracking code: %(code)s. Received %(at)s.")
            % {
                "code": report.tracking_code,
                "at": format_datetime(promised(report.submitted_at, "report_submitted_has_instant"), "long"),
            },
        )

    return [Message(_unit_people(report, at), words, _url("report_receipt", report))]


def correction_answered(report: Report, round_: ReturnRound, at: datetime) -> list[Message]:
    def words():
        return (
            _("%(unit)s has answered the return of “%(call)s”")
            % {"unit": report.unit_name, "call": called(report.call)},
            _("The corrected indicators wait for your review."),
        )

    return [Message([round_.returned_by], words, _url("report_review", report), urgent=True)]


def report_recalled(report: Report, at: datetime) -> list[Message]:
    def words():
        return (
            _("The report on “%(call)s” was recalled by the head") % {"call": called(report.call)},
            _("If nothing is submitted again by the last moment, what was submitted counts."),
        )

    return [Message(_unit_people(report, at), words, _url("report", report))]


def correction_near(report: Report, at: datetime) -> list[Message]:
    def words():
        return (
            _("The correction of “%(call)s” is due: %(until)s")
            % {"call": called(report.call), "until": until(report.correction_due)},
            _("If nothing is sent by then, the last submission stands and the review goes on."),
        )

    return [Message(_unit_people(report, at), words, _url("report", report), urgent=True)]


def correction_lapsed(report: Report, round_: ReturnRound, at: datetime) -> list[Message]:
    def words():
        return (
            _("The time to correct “%(call)s” has ended") % {"call": called(report.call)},
            _("The last submission stands and the review goes on."),
        )

    return [Message([*_unit_people(report, at), round_.returned_by], words, _url("report", report))]


def result_final(report: Report, at: datetime) -> list[Message]:
    def words():
        return (
            _("The result of “%(call)s” is final") % {"call": called(report.call)},
            _("The letter of the result states the date and the rule."),
        )

    return [Message(_unit_people(report, at), words, _url("report_result", report))]
