"""An act that an offer carries, in words: on the page of the dispute, and as a choice where an offer is written."""

from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.numbers import local_number
from sla.enums import Decision
from sla.queries.requests import DECISION

from ...rules.offered_acts import CANCEL, EXCUSE, EXTENSION, FEE, TAKE_BACK


def words_of(act_noun: str, act_key: str) -> str:
    """What the act is, as one sentence in the active language; empty for none and for a result, which has its own page."""
    if act_noun == EXTENSION:
        return _("More time: until %(until)s.") % {"until": until(datetime.fromisoformat(act_key))}
    if act_noun == EXCUSE:
        return _("The unit is excused and leaves the denominators of the call.")
    if act_noun == TAKE_BACK:
        return _("The return is taken back; what was submitted stands and the review goes on.")
    if act_noun == FEE:
        if int(act_key) == 0:
            return _("The fee is waived.")
        return _("The fee is lowered to %(rials)s rials.") % {"rials": local_number(int(act_key))}
    if act_noun == CANCEL:
        return _("The call is cancelled.")
    if act_noun == DECISION:
        return (
            {
                Decision.GRANTED: _("The request is granted."),
                Decision.PARTLY: _("The request is granted in part, as written here."),
            }.get(Decision(act_key), "")
            if act_key in Decision.values
            else ""
        )  # position 0 names the decision by its id
    return ""


def offered_act_label(act_noun: str) -> str:
    """The choice on the page where an offer is written."""
    return {
        EXTENSION: _("The unit gets more time, until the date below"),
        EXCUSE: _("The unit is excused from this call"),
        TAKE_BACK: _("The return is taken back"),
        FEE: _("The fee is lowered to the amount below"),
        Decision.GRANTED: _("The request is granted"),
        Decision.PARTLY: _("The request is granted in part, as written below"),
    }[act_noun]
