"""What a coordinator should know before a call is published: nothing here forbids it."""

from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.durations import span_words
from sajad_portal.lib.jalali import format_date, format_datetime
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import listed, local_number

from ...models import Call, Report
from ...queries import asked_of, asked_units, form_of
from ...queries.peers import attributes_read

NAMED = 5  # units named in a sentence


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
    found += asked_of_nobody(call, at)
    if not call.assignments.filter(ended_at__isnull=True).exists():
        found.append(
            _(
                "Nobody reviews this call yet; a copied call does not take its reviewers along. Assign them after publishing: "
                "the desk reminds you until every report has one."
            )
        )
    return found


def asked_of_nobody(call: Call, at: datetime) -> list[str]:
    """Of a form that asks units differently: sections that none of the units would be asked, and values that some lack."""
    definition = form_of(call.form_version)
    if not definition.sources:
        return []
    units = list(asked_units(call.audience, at))
    forms = [asked_of(Report(call=call, unit=u, unit_kind=u.kind_id, unit_attributes=u.attributes)) for u in units]
    asked = {section.name for form in forms for section in form.sections}
    gone = [section.label_in(current_language()) for section in definition.sections if section.name not in asked]
    found = []
    if gone and units:
        said = _(
            "No unit of this call is asked these sections of the form: %(sections)s. Check the codes in their conditions."
        )
        found.append(said % {"sections": listed(gone)})
    for code, name in attributes_read(definition).items():
        without = [unit.name for unit in units if not unit.attributes.get(code)]
        if without:
            said = _("The form reads “%(attribute)s”, of which %(n)s units have no value: %(units)s.")
            told = {"attribute": name, "n": local_number(len(without)), "units": listed(without[:NAMED])}
            found.append(said % told)
    return found
