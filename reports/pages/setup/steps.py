"""The steps of a portal's first day: what stands of each, whose it is, where it is done and changed later."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sajad_portal.lib.jalali import format_datetime
from sajad_portal.lib.numbers import local_digits, local_number
from sla.models import Service
from sla.rules import is_provider_coordinator
from units.enums import Role
from units.models import Person

from ...queries.setup import PortalFacts, ServiceFacts, portal_facts, service_facts, services_to_set_up


class Whose(TextChoices):
    ADMINISTRATOR = "administrator", gettext_lazy("an administrator’s")
    COORDINATOR = "coordinator", gettext_lazy("a coordinator’s of the provider")
    EITHER = "either", gettext_lazy("an administrator’s or a coordinator’s of the provider")


@dataclass
class SetupStep:
    """`stands`: what is there, in words; `wants`: what is to be done, in words; one of them at least.

    `mine`: whether the reader does it; `waits`: for which step it waits, in words; `next`: it is the reader's next one.
    """

    key: str
    title: str
    whose: Whose
    url: str
    done: bool
    stands: str = ""
    wants: str = ""
    mine: bool = False
    waits: str = ""
    next: bool = False


@dataclass(frozen=True)
class SetupPart:
    """The steps of the portal itself, or of one service."""

    title: str
    steps: list[SetupStep]
    service: Service | None = None

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def is_done(self) -> bool:
        return self.done == len(self.steps)


def setup_parts(person: Person, at: datetime) -> list[SetupPart]:
    """Every step in its order; the first that is open and the reader's own is the next."""
    portal, services = portal_facts(at), services_to_set_up(person, at)
    parts = [SetupPart(_("The portal"), _portal_steps(portal, services))]
    parts += [SetupPart(s.title_here, _service_steps(s, service_facts(s, at)), s) for s in services]
    for part in parts:
        for step in part.steps:
            step.mine = _is_mine(person, step, part.service, services, at)
    steps = [step for part in parts for step in part.steps]
    following = next((step for step in steps if step.mine and not step.done and not step.waits), None)
    if following:
        following.next = True
    return parts


def _is_mine(person: Person, step: SetupStep, service: Service | None, services: list[Service], at: datetime) -> bool:
    kept = [service] if service else services
    coordinates = any(is_provider_coordinator(person, one, at) for one in kept)
    return (person.is_superuser and step.whose != Whose.COORDINATOR) or (
        coordinates and step.whose != Whose.ADMINISTRATOR
    )


# ---------------------------------------------------------------------------------------------------- the portal's
def _portal_steps(facts: PortalFacts, services: list[Service]) -> list[SetupStep]:
    return [_organisation(facts), _calendar(facts), _units(facts), _service(facts, services)]


def _organisation(facts: PortalFacts) -> SetupStep:
    row = facts.organisation
    stands = _("%(name)s; the portal is called “%(portal)s”.") % {"name": row.name_here, "portal": row.portal_here} if row else ""  # fmt: skip
    wants = "" if row else _("Its names, the ministry, the window, the logo: what pages, mails and letters say.")
    url = reverse("units:organisation")
    return SetupStep("organisation", _("The organization"), Whose.ADMINISTRATOR, url, bool(row), stands, wants)


def _calendar(facts: PortalFacts) -> SetupStep:
    year = local_digits(facts.year)
    told = []
    if facts.week_set:
        told.append(_("The weekend and the hours are set."))
    if facts.days_off:
        days = ngettext("%(n)s day off stands in %(year)s.", "%(n)s days off stand in %(year)s.", facts.days_off)
        told.append(days % {"n": local_number(facts.days_off), "year": year})
    wants = []
    if not facts.week_set:
        wants.append(_("Set the weekend and the working hours."))
    if not facts.days_off:
        wants.append(_("Add the days off of %(year)s.") % {"year": year})
    url = reverse("sla:calendar")
    return SetupStep("calendar", _("Working calendar"), Whose.EITHER, url, not wants, " ".join(told), " ".join(wants))


def _units(facts: PortalFacts) -> SetupStep:
    stands = ngettext("%(n)s unit works.", "%(n)s units work.", facts.units) % {"n": local_number(facts.units)}
    wants = "" if facts.units > 1 else _("The tree of units: the organization at its root, below it those that report.")
    done = facts.units > 1
    # The tree comes in a file; what changes of it later, begins at the tree.
    url = reverse("units:units" if done else "reports:units_import")
    return SetupStep("units", _("Units"), Whose.EITHER, url, done, stands if facts.units else "", wants)


def _service(facts: PortalFacts, services: list[Service]) -> SetupStep:
    title, done = _("The service and its provider"), bool(services)
    step = SetupStep("service", title, Whose.ADMINISTRATOR, reverse("sla:service_new"), done)
    if services:
        step.stands = "؛ ".join(f"{service.title_here} ({service.provider.name})" for service in services)
        one = len(services) == 1
        step.url = reverse("reports:service", args=[services[0].slug]) if one else reverse("reports:services")
    else:
        step.wants = _("Name the unit that provides it; its coordinators keep it from then on.")
        step.waits = "" if facts.units else _("the units")
    return step


# ---------------------------------------------------------------------------------------------------- a service's
def _service_steps(service: Service, facts: ServiceFacts) -> list[SetupStep]:
    return [
        _coordinators(service, facts), _people(service, facts), _types(service, facts), _agreement(service, facts),
        _documents(service, facts), _form(facts), _tariffs(service, facts), _call(service, facts),
    ]  # fmt: skip


def _coordinators(service: Service, facts: ServiceFacts) -> SetupStep:
    provider = service.provider
    url = f"{reverse('units:invite', args=[provider.code])}?role={Role.COORDINATOR}"
    step = SetupStep("coordinators", _("Coordinators of the provider"), Whose.EITHER, url, bool(facts.coordinators))
    if facts.coordinators:
        words = ngettext(
            "%(n)s coordinator speaks for %(unit)s.", "%(n)s coordinators speak for %(unit)s.", facts.coordinators
        )
        step.stands = words % {"n": local_number(facts.coordinators), "unit": provider.name}
        step.url = reverse("units:unit", args=[provider.code])
    elif facts.invited:
        step.wants = _("A coordinator is invited and has not accepted the seat yet.")
        step.waits = _("the person who was invited")
        step.url = reverse("units:unit", args=[provider.code])
    else:
        step.wants = _("Invite the coordinator who writes the agreement and opens calls for %(unit)s.") % {
            "unit": provider.name
        }
    return step


def _people(service: Service, facts: ServiceFacts) -> SetupStep:
    numbers = {"headed": local_number(facts.headed), "units": local_number(facts.units), "n": local_number(facts.reviewers)}  # fmt: skip
    told = []
    if facts.headed:
        told.append(_("%(headed)s of %(units)s units below the provider have a head.") % numbers)
    if facts.reviewers:
        told.append(ngettext("There is %(n)s reviewer.", "There are %(n)s reviewers.", facts.reviewers) % numbers)
    wants = []
    if not facts.reviewers:
        wants.append(_("Invite a reviewer on the provider, or on a unit below it."))
    if not facts.headed:
        wants.append(_("Invite heads of units: only they accept the agreement and sign."))
    url = reverse("units:people_import") if wants else reverse("units:unit", args=[service.provider.code])
    return SetupStep(
        "people", _("Reviewers, heads and experts"), Whose.EITHER, url, not wants, " ".join(told), " ".join(wants)
    )


def _types(service: Service, facts: ServiceFacts) -> SetupStep:
    stands = ngettext(
        "%(n)s type of report can be asked for; look its target over.",
        "%(n)s types of reports can be asked for; look their targets over.",
        facts.types,
    )
    done = facts.types > 0
    return SetupStep(
        "types", _("Request types and targets"), Whose.COORDINATOR, reverse("sla:request_types", args=[service.slug]), done,
        stands % {"n": local_number(facts.types)} if done else "",
        "" if done else _("Add a type of report, or open one again."),
    )  # fmt: skip


def _agreement(service: Service, facts: ServiceFacts) -> SetupStep:
    step = SetupStep(
        "agreement", _("Service-level agreement"), Whose.COORDINATOR, reverse("sla:agreements"), bool(facts.agreement)
    )
    if facts.agreement:
        step.stands = _("Version %(n)s is in force.") % {"n": local_number(facts.agreement.number)}
    elif facts.draft:
        step.wants = _("The first version is drafted. Read it through, change what is not so, and publish it.")
        step.url = reverse("sla:agreement_edit", args=[facts.draft.pk])
    else:
        step.wants = _("Begin with the shipped text of eight sections; every word of it can be changed.")
    return step


def _documents(service: Service, facts: ServiceFacts) -> SetupStep:
    done = not facts.papers
    return SetupStep(
        "documents", _("Documents"), Whose.COORDINATOR, reverse("sla:documents", args=[service.slug]), done,
        _("Workflow, directive and bylaw are published.") if done else "",
        "" if done else _("Still to be published: %(missing)s.") % {"missing": "، ".join(facts.papers)},
    )  # fmt: skip


def _form(facts: ServiceFacts) -> SetupStep:
    stands = ngettext("%(n)s form can be used.", "%(n)s forms can be used.", facts.forms)
    return SetupStep(
        "form", _("Form"), Whose.COORDINATOR, reverse("reports:forms" if facts.forms else "reports:form_import"),
        bool(facts.forms), stands % {"n": local_number(facts.forms)} if facts.forms else "",
        "" if facts.forms else _("Import a workbook, or take the shipped sample of 39 indicators."),
    )  # fmt: skip


def _tariffs(service: Service, facts: ServiceFacts) -> SetupStep:
    year = local_digits(facts.year)
    step = SetupStep(
        "tariffs", _("Tariffs"), Whose.COORDINATOR, reverse("sla:tariffs", args=[service.slug]), bool(facts.tariffs)
    )
    if facts.tariffs and facts.tariffs.rows.all():
        step.stands = _("A table of %(year)s is in force.") % {"year": year}
    elif facts.tariffs:
        step.stands = _("It is said that %(year)s is free of charge.") % {"year": year}
    else:
        step.wants = _("Publish the table of %(year)s, or say that the year is free of charge.") % {"year": year}
    return step


def _call(service: Service, facts: ServiceFacts) -> SetupStep:
    url = f"{reverse('reports:call_new')}?service={service.slug}"
    step = SetupStep("call", _("The first call"), Whose.COORDINATOR, url, bool(facts.call))
    if facts.call and facts.call.published_at:
        told = {"call": facts.call.title, "at": format_datetime(facts.call.published_at, "long")}
        step.stands = _("“%(call)s” was published on %(at)s.") % told
        step.url = reverse("reports:call", args=[facts.call.pk])
    elif facts.draft_call:
        step.wants = _("“%(call)s” is drafted. Look it through and publish it.") % {"call": facts.draft_call.title}
        step.url = reverse("reports:call", args=[facts.draft_call.pk])
    else:
        step.wants = _("Write it, see who would be asked, and publish it.")
        missing = [
            words for words, there in ((_("the agreement"), facts.agreement), (_("the form"), facts.forms)) if not there
        ]
        step.waits = "، ".join(missing)
    return step
