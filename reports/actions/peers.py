"""Part of publishing a call: what its form and its peer groups read of units is something that this portal knows of units."""

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import listed
from units.models import UnitAttribute

from ..models import Call
from ..queries import form_of
from ..xlsform.sheets import ATTRIBUTE


def check_sources(call: Call) -> None:
    """Refused where the form or the peer groups name an attribute of units that the portal has not."""
    read = [*form_of(call.form_version).sources, call.peers]
    codes = list(dict.fromkeys(name.removeprefix(ATTRIBUTE) for name in read if name.startswith(ATTRIBUTE)))
    known = set(UnitAttribute.objects.filter(code__in=codes).values_list("code", flat=True)) if codes else set()
    if unknown := [code for code in codes if code not in known]:
        raise Refused(
            _(
                "The form or the groups of peers read what no unit of this portal has: %(codes)s. An administrator adds these "
                "attributes of units first, with exactly these codes."
            )
            % {"codes": listed(unknown)},
            code="unknown-attributes",
        )
