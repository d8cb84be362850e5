"""What a coordinator should know before a call is published: nothing here forbids it."""

from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.durations import span_words
from sajad_portal.lib.jalali import format_date, format_datetime
from sajad_portal.lib.language import current_language

from ...models import Call


def warnings_before_publishing(call: Call, at: datetime) -> list[str]:
    """Sentences, each with what can be done."""
    found, language = [], current_language()
    if call.opens_at < at:
        found.append(
            _(
                "The opening, %(opens)s, lies in the past: the call opens the moment it is published, and of the time until "
                "%(closes)s only %(left)s are left. Move the opening or the closing in the draft if that is not meant."
            )
            % {
                "opens": format_datetime(call.opens_at),
                "closes": until(call.closes_at),
                "left": span_words(call.closes_at - at, language),
            }
        )
    opens = tehran_date(max(call.opens_at, at))
    if call.period_ends >= opens:
        found.append(
            _(
                "The period is not over when the call opens: it ends with %(ends)s. Until then its figures are not complete; "
                "choose a later opening if units are to report the whole period."
            )
            % {"ends": format_date(call.period_ends, "full")}
        )
    if not call.assignments.filter(ended_at__isnull=True).exists():
        found.append(
            _(
                "Nobody reviews this call yet; a copied call does not take its reviewers along. Assign them after publishing: "
                "the desk reminds you until every report has one."
            )
        )
    return found
