"""One line of the desk, and whose desk it is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from units.enums import UNIT_ROLES
from units.models import Membership, Succession, Unit


@dataclass(frozen=True)
class DeskItem:
    """Something that waits. `due` is the instant (exclusive) by which; None where nothing runs out.

    `tone`: "" (nobody's turn), warn (the unit), blue (headquarters), teal (a result), plum (a dispute), bad (lost), good.
    """

    icon: str
    tone: str
    title: str
    url: str
    note: str = ""
    due: datetime | None = None
    call_id: int | None = None  # which call or which service it is about, where it is about one
    service_id: int | None = None
    service: str = ""  # its name, where several stand beside each other


NEVER = datetime.max.replace(tzinfo=UTC)


def of_call(call_id: int | None, *items: DeskItem) -> list[DeskItem]:
    return [replace(item, call_id=call_id) for item in items]


def in_order(items: Iterable[DeskItem]) -> list[DeskItem]:
    """What runs out first stands first; what runs out never comes last, as it came."""
    return sorted(items, key=lambda item: item.due or NEVER)


@dataclass(frozen=True)
class Seats:
    """The memberships that the desk is shown for: all that are valid, or the one that was chosen."""

    memberships: tuple[Membership, ...]
    matters: tuple[Succession, ...] = ()  # handed to units of these seats

    def units(self, *roles: str) -> list[Unit]:
        """Units on which one of the roles is held, each once."""
        return list({m.unit_id: m.unit for m in self.memberships if m.role in roles}.values())

    def holds(self, unit_id: int, role: str, call_id: int | None) -> bool:
        """Whether the role is held for this unit's matters of this call (None: of no call): on the unit, or on the one they were handed to."""
        acting = {unit_id} | {m.successor_id for m in self.matters if (m.unit_id, m.call_id) == (unit_id, call_id)}
        return any(m.unit_id in acting and m.role == role for m in self.memberships)

    def has(self, *roles: str) -> bool:
        return any(m.role in roles for m in self.memberships)

    @property
    def reporting(self) -> list[Unit]:
        return self.units(*UNIT_ROLES)
