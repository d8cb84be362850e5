"""`setup FILE.yaml`: what an organisation says of its first day, read into plain values. Every one knows its line.

`deploy/setup.sample.yaml` is the description of the file. Raises FileRefused with everything that is wrong; stores nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import end_of_day, start_of_day
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import parse_date, parse_datetime
from sajad_portal.lib.periods import Period, from_code
from sajad_portal.lib.tables import FileProblem, FileRefused
from sajad_portal.lib.text import latin_digits
from sla.enums import Filers, RequestKind, Slot
from units.enums import AttributeType, Role

from ..xlsform.sheets import ATTRIBUTE, KIND

MAX_BYTES = 1024 * 1024
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORGANISATION = {
    "name", "name_en", "ministry", "ministry_en", "portal_name", "portal_name_en", "portal_title", "portal_title_en",
    "window", "phone", "hours", "hours_en", "address", "address_en", "mail_from", "logo",
}  # fmt: skip
CARD = {
    "title", "title_en", "description", "description_en", "recipients", "recipients_en", "kind", "nature", "begins_with",
    "required_documents", "required_documents_en", "window", "hours", "hours_en", "contact", "email", "address",
    "address_en",
}  # fmt: skip
PERSON = {"username", "national_code", "first_name", "last_name", "mobile", "email", "language"}


@dataclass(frozen=True)
class At:
    """A value with the line it stands on."""

    line: int
    value: Any


@dataclass
class SeatRow:
    line: int
    unit: str
    role: str


@dataclass
class PersonRow:
    line: int
    about: dict[str, str]
    seats: list[SeatRow]


# As the file calls what a type may be.
TYPE_KINDS: dict[str, str] = {"report": RequestKind.PERIODIC_REPORT, "general": RequestKind.GENERAL}


@dataclass
class TypeRow:
    line: int
    code: str
    title: str
    title_en: str
    target: int
    kind: str = RequestKind.PERIODIC_REPORT
    terms: dict[str, Any] = field(default_factory=dict)  # of those that the file names


@dataclass
class DescribedRow:
    """A kind of units; or an attribute of them, with its type."""

    line: int
    code: str
    name: str
    name_en: str
    type: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class CallRow:
    line: int
    fields: dict[str, Any]
    period: Period
    request_type: str
    subtree: At | None
    units: list[At]
    kinds: list[str]


@dataclass
class ServiceRow:
    line: int
    slug: str
    code: str
    provider: At
    coordinator: At | None
    card: dict[str, str]
    targets: dict[str, At] = field(default_factory=dict)
    types: list[TypeRow] = field(default_factory=list)
    agreement: At | None = None
    documents: dict[str, At] = field(default_factory=dict)
    form: At | None = None
    tariffs: At | None = None
    call: CallRow | None = None


@dataclass
class SetupPlan:
    """What the file says; None and empty where it says nothing."""

    organisation: At | None = None
    week: At | None = None
    official_years: At | None = None
    days_off: At | None = None
    kinds: list[DescribedRow] = field(default_factory=list)
    attributes: list[DescribedRow] = field(default_factory=list)
    units: At | None = None
    people: list[PersonRow] = field(default_factory=list)
    people_file: At | None = None  # or the name of a table of them
    services: list[ServiceRow] = field(default_factory=list)


def read_setup(data: bytes) -> SetupPlan:
    """The file as a plan. FileRefused names each wrong line."""
    if len(data) > MAX_BYTES:
        raise FileRefused([FileProblem(0, "", _("The file is larger than one megabyte."))])
    try:
        for event in yaml.parse(data, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                told = _("Write it out; anchors and references are not read.")
                raise FileRefused([FileProblem(event.start_mark.line + 1 if event.start_mark else 0, "", told)])
        root = yaml.compose(data, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = _("This is no YAML: %(problem)s") % {"problem": error.problem or error.context or ""}
        raise FileRefused([FileProblem(mark.line + 1 if mark else 0, "", told)]) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise FileRefused([FileProblem(0, "", _("The file cannot be read as YAML in UTF-8."))]) from error
    reader = _Reader()
    plan = reader.plan(root) if root is not None else SetupPlan()
    if root is None:
        reader.wrong(None, _("The file is empty."))
    if reader.problems:
        raise FileRefused(reader.problems)
    return plan


class _Reader:
    """Walks the tree of nodes; what is wrong is noted, and something harmless stands in its place."""

    def __init__(self) -> None:
        self.problems: list[FileProblem] = []

    def wrong(self, node: yaml.Node | None, message: str) -> None:
        self.problems.append(FileProblem(_line(node), "", message))

    # ------------------------------------------------------------------------------------------- shapes
    def mapping(self, node: yaml.Node, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, yaml.Node]:
        known = set(known)
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, _("Here stand names and values, such as “%(name)s: …”.") % {"name": min(known)})
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name not in known:
                self.wrong(key, _("“%(name)s” is not known here. Known are: %(known)s.") % {"name": name, "known": ", ".join(sorted(known))})  # fmt: skip
            elif name in found:
                self.wrong(key, _("“%(name)s” stands here twice.") % {"name": name})
            elif not _is_empty(value):
                found[name] = value
        for name in required:
            if name not in found:
                self.wrong(node, _("“%(name)s” is missing.") % {"name": name})
        return found

    def items(self, node: yaml.Node | None) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, _("Here stands a list; each line of it begins with “- ”."))
            return []
        return list(node.value)

    def text(self, node: yaml.Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, _("Here stands one value, not a list or a group of names."))
            return ""
        return str(node.value).strip()

    def texts(self, found: Mapping[str, yaml.Node], names: Iterable[str]) -> dict[str, str]:
        return {name: self.text(found[name]) for name in names if name in found}

    def at(self, node: yaml.Node | None) -> At | None:
        return At(_line(node), self.text(node)) if node is not None else None

    def whole(self, node: yaml.Node | None, least: int = 0, most: int = 10_000) -> int:
        text = latin_digits(self.text(node))
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        told = _("Write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        self.wrong(node, told)
        return least

    def flag(self, node: yaml.Node) -> bool:
        text = self.text(node).lower()
        if text not in ("yes", "no", "true", "false"):
            self.wrong(node, _("Write yes or no."))
        return text in ("yes", "true")

    def one_of(self, node: yaml.Node | None, known: Iterable[str]) -> str:
        text, known = self.text(node), list(known)
        if text not in known:
            self.wrong(node, _("“%(value)s” is not known. Known are: %(known)s.") % {"value": text, "known": ", ".join(known)})  # fmt: skip
        return text

    def day(self, node: yaml.Node) -> date:
        try:
            return parse_date(self.text(node))
        except Refused as refusal:
            self.wrong(node, str(refusal))
            return date(2026, 1, 1)

    def moment(self, node: yaml.Node | None, *, ends: bool = False) -> datetime:
        """A date, or a date with a time; a date alone is its beginning, or its end."""
        text = self.text(node)
        try:
            if len(text.split()) > 1:
                return parse_datetime(text)
            day = parse_date(text)
        except Refused as refusal:
            if node is not None:
                self.wrong(node, str(refusal))
            return start_of_day(date(2026, 1, 1))
        return end_of_day(day) if ends else start_of_day(day)

    # --------------------------------------------------------------------------------------------- the file
    def plan(self, root: yaml.Node) -> SetupPlan:
        top = self.mapping(root, ("organisation", "calendar", "kinds", "attributes", "units", "people", "services"))
        people_file = self.at(top["people"]) if isinstance(top.get("people"), yaml.ScalarNode) else None
        plan = SetupPlan(
            kinds=[self.kind_of_units(node) for node in self.items(top.get("kinds"))],
            attributes=[self.attribute(node) for node in self.items(top.get("attributes"))],
            units=self.at(top.get("units")),
            people=[] if people_file else [self.person(node) for node in self.items(top.get("people"))],
            people_file=people_file,
            services=[self.service(node) for node in self.items(top.get("services"))],
        )
        if "organisation" in top:
            node = top["organisation"]
            found = self.mapping(node, ORGANISATION, ("name", "portal_name"))
            plan.organisation = At(_line(node), self.texts(found, ORGANISATION))
        if "calendar" in top:
            self.calendar(top["calendar"], plan)
        return plan

    def calendar(self, node: yaml.Node, plan: SetupPlan) -> None:
        found = self.mapping(node, ("weekend", "hours", "from", "official_years", "days_off"))
        if "hours" in found or "weekend" in found:
            hours = [self.whole(one, 0, 24) for one in self.items(found.get("hours"))]
            if len(hours) != 2:
                self.wrong(found.get("hours", node), _("Write the hours as a first and a last one, such as [8, 16]."))
                hours = [8, 16]
            days = [self.one_of(one, WEEKDAYS) for one in self.items(found.get("weekend"))]
            week = {
                "weekend": [WEEKDAYS.index(day) for day in days if day in WEEKDAYS],
                "opens": hours[0],
                "closes": hours[1],
                "starts": self.day(found["from"]) if "from" in found else None,
            }
            plan.week = At(_line(node), week)
        if "official_years" in found:
            years = [self.whole(one, 1300, 1500) for one in self.items(found["official_years"])]
            plan.official_years = At(_line(found["official_years"]), years)
        plan.days_off = self.at(found.get("days_off"))

    def kind_of_units(self, node: yaml.Node) -> DescribedRow:
        found = self.mapping(node, ("code", "name", "name_en"), ("code", "name"))
        code, name, name_en = (self.text(found.get(key)) for key in ("code", "name", "name_en"))
        return DescribedRow(_line(node), code, name, name_en)

    def attribute(self, node: yaml.Node) -> DescribedRow:
        found = self.mapping(node, ("code", "name", "name_en", "type", "choices"), ("code", "name"))
        code, name, name_en = (self.text(found.get(key)) for key in ("code", "name", "name_en"))
        choices = [self.text(one) for one in self.items(found.get("choices"))]
        type = self.one_of(found["type"], AttributeType.values) if "type" in found else ""
        return DescribedRow(_line(node), code, name, name_en, type or ("choice" if choices else "text"), choices)

    def peers(self, node: yaml.Node) -> str:
        text = self.text(node)
        if text not in ("all", KIND) and not text.removeprefix(ATTRIBUTE).strip() < text:
            told = _("Write “all”, “%(kind)s”, or “%(attribute)s” with the code of an attribute of units.")
            self.wrong(node, told % {"kind": KIND, "attribute": ATTRIBUTE})
        return text

    def person(self, node: yaml.Node) -> PersonRow:
        found = self.mapping(node, {*PERSON, "seats"}, ("username", "first_name", "last_name"))
        seats = []
        for one in self.items(found.get("seats")):
            seat = self.mapping(one, ("unit", "role"), ("unit", "role"))
            role = self.one_of(seat["role"], Role.values) if "role" in seat else ""
            seats.append(SeatRow(_line(one), self.text(seat.get("unit")), role))
        return PersonRow(_line(node), self.texts(found, PERSON), seats)

    def service(self, node: yaml.Node) -> ServiceRow:
        known = {
            *CARD, "slug", "code", "provider", "coordinator", "targets", "types", "agreement", "documents", "form",
            "tariffs", "call",
        }  # fmt: skip
        found = self.mapping(node, known, ("slug", "code", "provider", "title", "description", "recipients", "window"))
        row = ServiceRow(
            _line(node), self.text(found.get("slug")), self.text(found.get("code")),
            self.at(found.get("provider")) or At(_line(node), ""), self.at(found.get("coordinator")),
            self.texts(found, CARD), form=self.at(found.get("form")), tariffs=self.at(found.get("tariffs")),
        )  # fmt: skip
        if "targets" in found:
            targets = self.mapping(found["targets"], ("periodic-report", "extension", "objection"))
            row.targets = {code: At(_line(one), self.whole(one, 1, 365)) for code, one in targets.items()}
        row.types = [self.type(one) for one in self.items(found.get("types"))]
        if "agreement" in found:
            row.agreement = At(_line(found["agreement"]), self.one_of(found["agreement"], ("publish", "draft")))
        if "documents" in found:
            documents = self.mapping(found["documents"], Slot.values)
            row.documents = {slot: At(_line(one), self.text(one)) for slot, one in documents.items()}
        if "call" in found:
            row.call = self.call(found["call"])
        needing = [name for name in ("types", "agreement", "documents", "form", "tariffs", "call") if name in found]
        if needing and row.coordinator is None:
            told = _("Name the coordinator in whose name “%(what)s” is done: “coordinator: USERNAME”.")
            self.wrong(found[needing[0]], told % {"what": needing[0]})
        return row

    def type(self, node: yaml.Node) -> TypeRow:
        """`kind: general` is filed by units themselves, and has terms of its own."""
        texts, general = ("description", "description_en"), ("filers", "needs_files", "contest_days")
        known = ("code", "title", "title_en", "target", "kind", *texts, *general)
        found = self.mapping(node, known, ("code", "title", "target"))
        target = self.whole(found["target"], 1, 365) if "target" in found else 1
        kind = self.one_of(found["kind"], TYPE_KINDS) if "kind" in found else "report"
        terms: dict[str, Any] = self.texts(found, texts)
        for name in general:
            if name in found and kind != "general":
                told = _("“%(name)s” is said of a general request only: “kind: general”.")
                self.wrong(found[name], told % {"name": name})
        if "filers" in found:
            terms["filers"] = self.one_of(found["filers"], Filers.values)
        if "needs_files" in found:
            terms["needs_files"] = self.flag(found["needs_files"])
        if "contest_days" in found:
            terms["contest_days"] = self.whole(found["contest_days"], 1, 365)
        code, title, title_en = (self.text(found.get(name)) for name in ("code", "title", "title_en"))
        return TypeRow(_line(node), code, title, title_en, target, TYPE_KINDS.get(kind, ""), terms)

    def call(self, node: yaml.Node) -> CallRow | None:
        numbers = ("correction_days", "correction_rounds", "objection_days", "reviewers_per_section")
        known = ("title", "period", "type", "opens", "closes", "review_until", "needs_sign_off", "units", "kinds", "subtree", "peers", *numbers)  # fmt: skip
        needed = ("title", "period", "opens", "closes", "review_until")
        before = len(self.problems)
        found = self.mapping(node, known, needed)
        if len(self.problems) > before:
            return None
        fields: dict[str, Any] = {
            "title": self.text(found["title"]),
            "opens_at": self.moment(found["opens"]),
            "closes_at": self.moment(found["closes"], ends=True),
            "review_until": self.moment(found["review_until"], ends=True),
        }
        fields |= {name: self.whole(found[name], 0, 365) for name in numbers if name in found}
        if "needs_sign_off" in found:
            fields["needs_sign_off"] = self.flag(found["needs_sign_off"])
        if "peers" in found:
            fields["peers"] = self.peers(found["peers"])
        try:
            period = from_code(self.text(found["period"]))
        except Refused as refusal:
            self.wrong(found["period"], str(refusal))
            return None
        units = [At(_line(one), self.text(one)) for one in self.items(found.get("units"))]
        kinds = [self.text(one) for one in self.items(found.get("kinds"))]
        kind = self.text(found["type"]) if "type" in found else "periodic-report"
        return CallRow(_line(node), fields, period, kind, self.at(found.get("subtree")), units, kinds)


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 0


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not str(node.value).strip()
