"""Several drafts measured against their forms at once: which of them can be sent. A fixed number of questions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..models import DraftSection, Evidence, Report, Revision
from . import asked_of
from .doubts import figures_elsewhere_of_each
from .drafts import Assessment, Draft, answering, assess, draft_as_written, is_returned, with_uploaders, written
from .earlier_periods import earlier_values_of_each
from .editable import EditableNames, editable_for


@dataclass(frozen=True)
class MeasuredDraft:
    """A draft as it stands. `unanswered`: the remarks of an open return about which nothing has changed yet."""

    assessment: Assessment
    unanswered: frozenset[str] = frozenset()

    @property
    def is_complete(self) -> bool:
        return not self.assessment.problems and not self.unanswered


def measure_each(
    reports: Sequence[Report], remarks: Mapping[int, Mapping[str, str]], at: datetime
) -> dict[int, MeasuredDraft]:
    """{report id: its draft as it would be sent now}. `remarks` {report id: {indicator: remark}} of those that are returned.
    Four queries, one more where some are returned; none for no report."""
    if not reports:
        return {}
    sections: dict[int, list[DraftSection]] = defaultdict(list)
    for section in DraftSection.objects.filter(report__in=reports):
        sections[section.report_id].append(section)
    files: dict[int, list[Evidence]] = defaultdict(list)
    for item in with_uploaders(Evidence.objects.filter(report__in=reports)):
        files[item.report_id].append(item)
    last = _last_revisions(report for report in reports if is_returned(report))
    forms = {report.pk: (report, asked_of(report)) for report in reports}
    earlier, elsewhere = earlier_values_of_each(forms), figures_elsewhere_of_each(reports)
    found = {}
    for pk, (report, definition) in forms.items():
        flat, said = written(report, sections[pk], at), remarks.get(pk, {})
        if revision := last.get(pk):
            names = {code: editable_for(definition, [code]) for code in said}
            draft = answering(revision, flat, files[pk], editable_for(definition, said), definition)
            unanswered = frozenset(code for code, own in names.items() if own and _same(revision, draft, own))
        else:
            draft = draft_as_written(flat, files[pk], definition)
            unanswered = frozenset()
        assessment = assess(
            report, draft, at, earlier=earlier[pk], elsewhere=elsewhere[pk], definition=definition, remarks=said
        )
        found[pk] = MeasuredDraft(assessment, unanswered)
    return found


def _last_revisions(reports: Iterable[Report]) -> dict[int, Revision]:
    ids = [report.pk for report in reports]
    rows = Revision.objects.filter(report__in=ids).order_by("number") if ids else []
    return {revision.report_id: revision for revision in rows}


def _same(revision: Revision, draft: Draft, names: EditableNames) -> bool:
    """Whether what the revision says under these names is what the draft says: figures, words and files."""
    then = {name: text for name, text in revision.answers.items() if name in names and text}
    now = {name: text for name, text in draft.flat().items() if name in names and text}
    files_then = {item["id"] for item in revision.evidence if item["indicator"] in names}
    files_now = {item.pk for item in draft.evidence if item.indicator in names}
    return (then, files_then) == (now, files_now)
