"""Who is compared with whom: peer groups are declared on the call and frozen with it, and with what a unit was when it was asked.

`Call.peers` is "all" (everybody is ranked together, medians are of units of the same kind), "unit_kind" or "unit_attribute:NAME" (places
and medians are those of the group, and units of different groups are not ranked); "" of a draft that leaves it to the form.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from sajad_portal.lib.text import sort_key
from units.models import UnitAttribute
from units.queries.kinds import kind_name, kind_names, open_attributes

from ..models import Call, Report
from ..xlsform.definition import FormDefinition
from ..xlsform.sheets import ATTRIBUTE, KIND

TOGETHER = "all"


def peers_by_form(definition: FormDefinition) -> str:
    """What holds where the call declares nothing: a form that asks kinds differently does not rank them together."""
    return KIND if KIND in definition.sources else TOGETHER


def are_apart(call: Call) -> bool:
    """Whether places are those within a group."""
    return call.peers not in ("", TOGETHER)


def peer_group(report: Report) -> str:
    """The group of the report's unit, as `ResultFact.peers` keeps it: a code of a kind, or the value of the attribute."""
    peers = report.call.peers
    return (
        report.unit_attributes.get(peers.removeprefix(ATTRIBUTE), "")
        if peers.startswith(ATTRIBUTE)
        else report.unit_kind
    )


def attributes_read(definition: FormDefinition) -> dict[str, str]:
    """{code: name} of the attributes of units that a form reads; the code itself of one that the portal has not."""
    codes = [source.removeprefix(ATTRIBUTE) for source in definition.sources if source.startswith(ATTRIBUTE)]
    known = {found.code: found.name_here for found in UnitAttribute.objects.filter(code__in=codes)} if codes else {}
    return {code: known.get(code, code) for code in codes}


class GroupNames:
    """What the peer groups of a call are called, in the active language. One query."""

    def __init__(self, call: Call) -> None:
        self.by = peers_told(call.peers) if call.peers.startswith(ATTRIBUTE) else ""
        self.kinds = {} if self.by else kind_names()

    def __getitem__(self, group: str) -> str:
        if self.by:
            return group or _("without a value")
        return kind_name(self.kinds, group)

    def phrase(self, group: str) -> str:
        """Within a sentence: units of …"""
        told = {"name": self[group], "attribute": self.by}
        return (_("the group “%(name)s” (%(attribute)s)") if self.by else _("the kind “%(name)s”")) % told

    def among(self, groups: Iterable[str]) -> list[tuple[str, str]]:
        """[(group, name)] of these, in the order of their names."""
        order = {kind: place for place, kind in enumerate(self.kinds)}
        found = set(groups)
        ordered = sorted(found, key=lambda group: (order.get(group, len(order)), sort_key(group)))
        return [(group, self[group]) for group in ordered]


def peers_offered(now: str) -> list[tuple[str, str]]:
    """What a call may declare, [(value, words)]; with what it has declared `now`."""
    attributes = [(ATTRIBUTE + attribute.code, attribute.name_here) for attribute in open_attributes()]
    known = {
        KIND: _("Those of the same kind"),
        **{code: _("Those of the same “%(name)s”") % {"name": name} for code, name in attributes},
    }
    if now not in ("", TOGETHER, *known):
        known[now] = _("Those of the same “%(name)s”") % {"name": peers_told(now)}
    return [
        ("", _("As the form needs it: by kind where it asks kinds differently, else all together")),
        (TOGETHER, _("All together; medians are of units of the same kind")),
        *known.items(),
    ]


def peers_told(peers: str) -> str:
    """By what groups are made, in words; "" where all are ranked together, or the form decides."""
    if peers in ("", TOGETHER):
        return ""
    if peers == KIND:
        return _("the kind of the unit")
    code = peers.removeprefix(ATTRIBUTE)
    found = UnitAttribute.objects.filter(code=code).first()
    return found.name_here if found else code
