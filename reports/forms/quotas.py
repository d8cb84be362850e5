"""How much room for evidence there is to be."""

from django.utils.translation import gettext_lazy

from sajad_portal.lib.fields import WholeField
from sajad_portal.lib.forms import PortalForm

MOST = 10_000_000  # a column holds it, and no disk of ours does


class UnitQuotaForm(PortalForm):
    mb = WholeField(least=1, most=MOST, affix=gettext_lazy("MB"), label=gettext_lazy("Room"))
    count = WholeField(least=1, most=MOST, affix=gettext_lazy("files"), label=gettext_lazy("Number of files"))


class CallQuotasForm(PortalForm):
    unit_mb = WholeField(least=1, most=MOST, affix=gettext_lazy("MB"), label=gettext_lazy("Room of each unit"))
    unit_count = WholeField(
        least=1, most=MOST, affix=gettext_lazy("files"), label=gettext_lazy("Number of files of each unit")
    )
    mb = WholeField(least=1, most=MOST, affix=gettext_lazy("MB"), label=gettext_lazy("Room of all units together"))
    count = WholeField(
        least=1, most=MOST, affix=gettext_lazy("files"), label=gettext_lazy("Number of files of all units together")
    )
