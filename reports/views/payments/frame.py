"""The parts of the money pages, for whoever may see them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from units.pages.frame import SignedInRequest

from ...queries.payments import can_oversee_money, can_see_reconciliations, money_units


def tabs_of(request: SignedInRequest, current: str) -> list[dict]:
    """None to choose from for somebody who has one part only."""
    oversees, own = can_oversee_money(request.user), bool(money_units(request.user))
    every = [
        ("payments", _("Payments"), oversees),
        ("movements", _("Ledger"), oversees),
        ("refunds", _("Refunds"), oversees),
        ("reconciliation", _("Daily reconciliation"), can_see_reconciliations(request.user)),
        ("statement", _("Your unit’s statement"), own and oversees),
    ]
    return [
        {"url": reverse(f"reports:{name}"), "label": label, "current": name == current}
        for name, label, shown in every
        if shown
    ]
