"""The reports of a call rolled up by the tree of its units, as it stood when the call was published.

The database counts by the unit directly below the one that is looked at, by status and by how they stood to their deadline; only the rows that
the page shows come as rows. Frozen paths decide: `1.5.9.` lists the ids from the root, each followed by a dot.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models import Max as Highest
from django.db.models.functions import Collate, Length, StrIndex, Substr
from django.db.models.lookups import IsNull
from django.http import HttpRequest

from sajad_portal.lib.paging import Page, page_of
from sajad_portal.lib.text import sort_key
from units.models import Unit
from units.queries import ancestor_ids, reach

from ...enums import NOT_ASKED, UNSUBMITTED, WITH_RESULT, CallState, Timeliness
from ...enums import ReportStatus as S
from ...models import Call, Report, Revision
from ...queries import visible_reports
from ...queries.calls import ORDER, Numbers, reports_of

# Units without others below them, a page of the list.
LEAVES = 100


@dataclass
class ProgressNode:
    """A unit with the reports of itself and of everything below it."""

    path: str
    name: str
    report: Report | None = None  # its own, where it was asked
    is_leaf: bool = False  # nothing but its own report
    numbers: Numbers = field(default_factory=Numbers)

    @property
    def timing(self) -> Timeliness | None:
        """How its own report stood to the deadline; None while that can still come, and without one."""
        return Timeliness(self.report.timeliness) if self.report and self.report.timeliness else None

    @property
    def key(self) -> str:
        return self.path.rstrip(".").rpartition(".")[2]


@dataclass(frozen=True)
class Branch:
    """One unit of the tree and what lies directly below it; `above` leads back to the top, `page` through the leaves."""

    here: ProgressNode
    above: list[ProgressNode]
    nodes: list[ProgressNode]
    page: Page
    is_top: bool


def branch_of(call: Call, request: HttpRequest, at: datetime) -> Branch:
    """The branch at the unit with the id `?under=`, or at the lowest unit that covers every report the person may see.

    Its own report first, then the units with others below them, then the rest by name, in pages. A unit that was not
    asked itself is named as it is called today. Five queries, however many units there are.
    """
    top, root = _ends(Report.objects.filter(visible_reports(request.user), call=call), request.GET.get("under", ""))
    counted = _counted(call, request.user, at, root)
    groups = {path: numbers for path, numbers in counted.items() if path != root}
    page = page_of(
        _direct(call, request.user, at, root, list(groups)),
        request,
        by=("place", "unit_sort_key", "pk"),
        size=LEAVES + len(groups),
    )
    own = {report.unit_path: report for report in page}
    for path in own.keys() & groups.keys():
        groups[path] = _sum([groups[path], _numbers_of(own[path])])
    steps = [path for path in _steps(root) if path.startswith(top) and path != root]
    names = _names([*steps, root, *groups]) | {path: report.unit_name for path, report in own.items()}
    nodes = [] if page.previous else [_group(path, names, own.get(path), numbers) for path, numbers in groups.items()]
    nodes.sort(key=lambda node: (sort_key(node.name), node.path))
    leaves = [
        ProgressNode(path, report.unit_name, report, True, _numbers_of(report))
        for path, report in own.items()
        if path not in groups
    ]
    first = [leaf for leaf in leaves if leaf.path == root]
    rest = [leaf for leaf in leaves if leaf.path != root]
    here = ProgressNode(root, names.get(root, ""), own.get(root), False, _sum(counted.values()))
    above = [ProgressNode(path, names.get(path, "")) for path in steps]
    return Branch(here, above, [*first, *nodes, *rest], page, root == top)


def _ends(reports: QuerySet[Report], under: str) -> tuple[str, str]:
    """The path that all reports have in common, and the one that is looked at: two paths that differ most share it."""
    # Letter by letter: a language's own order may leave the dots out of account.
    plain = Collate("unit_path", "C" if connection.vendor == "postgresql" else "BINARY")
    below = Q(unit_path__startswith=f"{under}.") | Q(unit_path__contains=f".{under}.")
    found = reports.aggregate(
        first=Min(plain),
        last=Highest(plain),
        some=Min("unit_path", filter=below if under.isdecimal() else Q(unit_path="")),
    )
    top = _common(found["first"] or "", found["last"] or "")
    root = next((step for step in _steps(found["some"] or "") if _steps(step) and step.split(".")[-2] == under), top)
    return top, root


def _common(first: str, last: str) -> str:
    """The longest path that both begin with ("" where they share none)."""
    return next((step for step in reversed(_steps(first)) if last.startswith(step)), "")


def _steps(path: str) -> list[str]:
    """`1.5.9.` → `1.`, `1.5.`, `1.5.9.`"""
    parts = path.split(".")[:-1]
    return ["".join(f"{part}." for part in parts[: end + 1]) for end in range(len(parts))]


def _below(rows: QuerySet, root: str, through: str = "") -> QuerySet:
    """Annotates `dot` and `size`: where the path below `root` has its first dot, and how long it is."""
    path = f"{through}unit_path"
    rest = Substr(path, len(root) + 1)
    return rows.filter(**{f"{path}__startswith": root}).annotate(dot=StrIndex(rest, Value(".")), size=Length(rest))


def _child(field: str, root: str) -> Case:
    """The part of the path that stands for what lies deeper; "" for the unit itself and those directly below it."""
    return Case(
        When(size__gt=F("dot"), then=Substr(field, len(root) + 1, F("dot"))),  # type: ignore[arg-type]  # the stubs forget F
        default=Value(""),
        output_field=CharField(),
    )


def _counted(call: Call, person, at: datetime, root: str) -> dict[str, Numbers]:
    """{path of the unit directly below: what lies deeper}; under `root` itself: its own report and those directly below.

    Two statements: looked up for each report, the standing alone made PostgreSQL compile the one for a sixth of a second.
    What missed its deadline has no submission to look up, whatever its status says today.
    """
    states = (
        _below(Report.objects.with_status(at).filter(visible_reports(person), call=call), root)
        .annotate(child=_child("unit_path", root), came=IsNull(F("submitted_at"), False))
        .order_by()
        .values_list("child", "status", "came")
        .annotate(count=Count("pk"))
    )
    found: dict[str, list[Numbers]] = defaultdict(list)
    for child, status, came, count in states:
        missed = status == S.MISSED or (status in WITH_RESULT and not came)
        timing = Timeliness.EXCUSED if status == S.EXCUSED else Timeliness.MISSED if missed else None
        found[root + child].append(Numbers({status: count}, {timing: count} if timing else {}))
    if call.state == CallState.CANCELLED:
        return {path: _sum(parts) for path, parts in found.items()}
    seen = Q() if person.is_superuser else reach(person, field="report__unit__path")
    counting = Revision.objects.filter(seen, correction_round=0, report__call=call)
    later = Revision.objects.filter(report=OuterRef("report"), correction_round=0, number__gt=OuterRef("number"))
    taken_back = Report.objects.before_result(at).filter(
        call=call, state__in=UNSUBMITTED, submitted_at__isnull=False, is_open=True
    )
    standings = (
        _below(counting.exclude(report__state__in=NOT_ASKED), root, "report__")
        .filter(~Exists(later))
        .exclude(report__in=taken_back.values("pk"))
        .annotate(child=_child("report__unit_path", root))
        .order_by()
        .values_list("child", "standing")
        .annotate(count=Count("pk"))
    )
    for child, standing, count in standings:
        found[root + child].append(Numbers({}, {standing: count}))
    return {path: _sum(parts) for path, parts in found.items()}


def _direct(call: Call, person, at: datetime, root: str, groups: list[str]) -> QuerySet[Report]:
    """The reports of the unit itself and of those directly below it. `place`: itself, those with others below, the rest."""
    places = [When(unit_path=root, then=Value(0))]
    if groups:
        places.append(When(unit_path__in=groups, then=Value(1)))
    return _below(reports_of(call, person, at), root).filter(size=F("dot")).annotate(place=Case(*places, default=2))


def _numbers_of(report: Report) -> Numbers:
    return Numbers({report.status: 1}, {report.timeliness: 1} if report.timeliness else {})


def _sum(parts: Iterable[Numbers]) -> Numbers:
    states: Counter[str] = Counter()
    timings: Counter[str] = Counter()
    for part in parts:
        states.update(part.states)
        timings.update(part.timings)
    return Numbers({s.value: states[s] for s in ORDER if states[s]}, dict(timings))


def _names(paths: list[str]) -> dict[str, str]:
    """What the units are called today."""
    last = {path: ancestor_ids(path)[-1] for path in paths if path}
    today = dict(Unit.objects.filter(pk__in=set(last.values())).values_list("pk", "name"))
    return {path: today.get(pk, "") for path, pk in last.items()}


def _group(path: str, names: dict[str, str], report: Report | None, numbers: Numbers) -> ProgressNode:
    return ProgressNode(path, names.get(path, ""), report, False, numbers)
