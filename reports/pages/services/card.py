"""The service card (شناسنامهٔ خدمت) as names and values, and what its keeper has yet to fill in."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import local_number
from sajad_portal.templatetags.figures import code
from sla.models import Service
from sla.queries.measures import Measured


@dataclass(frozen=True)
class CardLine:
    """One line of the card. `values` stand under each other; none where the card does not say."""

    name: str
    values: list
    wide: bool = False


def card_of(service: Service, figures: Iterable[Measured]) -> list[CardLine]:
    """Every line that a card has, the empty ones too, in the order of the national form."""
    return [
        CardLine(_("Service id"), [code(service.code)]),
        CardLine(_("Title"), [service.title_here]),
        CardLine(_("Definition"), [service.description_here], wide=True),
        CardLine(_("Provider"), [service.provider.name]),
        CardLine(_("Recipient"), [service.recipients_here]),
        CardLine(_("Kind"), [f"{_kind(service.kind)} ({service.kind})"]),
        CardLine(_("Nature"), _said(service.get_nature_display())),
        CardLine(_("How it starts"), _said(service.get_begins_with_display())),
        CardLine(_("How it is provided"), [_("electronically only, through the single window"), code(service.window)]),
        CardLine(_("Required documents"), service.papers_here, wide=True),
        CardLine(_("Mean time to the initial result"), [_mean(measured) for measured in figures], wide=True),
    ]


def contact_of(service: Service) -> list[CardLine]:
    """Whom to ask, and when."""
    return [
        CardLine(_("Hours"), _said(service.hours_here)),
        CardLine(_("Telephone"), [code(service.contact)] if service.contact else []),
        CardLine(_("E-mail"), [code(service.email)] if service.email else []),
        CardLine(_("Address"), _said(service.address_here)),
    ]


def missing(rows: Iterable[CardLine]) -> list[str]:
    return [row.name for row in rows if not row.values]


def _said(text: str) -> list[str]:
    return [text] if text else []


def _kind(kind: str) -> str:
    if kind == "G2G":
        return _("Government to government")
    return _("Government to business") if kind == "G2B" else _("Government to citizens")


def _mean(measured: Measured) -> str:
    """“Periodic report: 11.4 working days (target 15)”; where too few were measured, the target alone."""
    facts = {"type": measured.request_type.title_here, "target": local_number(measured.target)}
    if measured.mean is None:
        said = ngettext("%(type)s: target %(target)s working day", "%(type)s: target %(target)s working days", measured.target)  # fmt: skip
        return said % facts
    return _("%(type)s: %(mean)s working days (target %(target)s)") % {
        **facts,
        "mean": local_number(round(measured.mean, 1)),
    }
