"""How far a draft is, page by page."""

from dataclasses import dataclass

from ..xlsform import Evaluation, FormPage, with_answers
from .drafts import Assessment, DraftProblem, is_relevant
from .table_rows import cells_of_tables


@dataclass(frozen=True)
class SectionProgress:
    """A page of the form: its indicators (and required questions that belong to none), and how many are complete."""

    page: str
    label: str
    done: int
    total: int
    trouble: bool  # something in it is wrong, not only unfilled

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 100


def progress(assessment: Assessment) -> list[SectionProgress]:
    """Page by page; one on which nothing applies is left out."""
    evaluation = assessment.evaluation
    by_thing: dict[str, list[DraftProblem]] = {}
    for problem in assessment.problems:
        by_thing.setdefault(problem.indicator or problem.question, []).append(problem)
    found = []
    for page in assessment.definition.pages:
        if not applies(page, evaluation):
            continue
        things = _to_do(assessment, page)
        done = sum(1 for thing in things if thing not in by_thing)
        wrong = any(p.kind == "error" for thing in things for p in by_thing.get(thing, ()))
        label = said_of(assessment, page.label_in(assessment.language))
        found.append(SectionProgress(page.key, label, done, len(things), wrong))
    return found


def applies(page: FormPage, evaluation: Evaluation) -> bool:
    """Whether anything that is on the page is asked or told."""
    return any(evaluation.relevant.get(name, True) for name in page.names) or any(
        evaluation.relevant_groups.get(path, True) for path in page.tables
    )


def said_of(assessment: Assessment, text: str) -> str:
    """A text of the form, with the answers that it names."""
    evaluation = assessment.evaluation
    return with_answers(text, assessment.definition, evaluation.values, assessment.language, evaluation.choices)


def _to_do(assessment: Assessment, page: FormPage) -> list[str]:
    """The indicators of a page that apply, then its required questions that belong to none."""
    definition, evaluation = assessment.definition, assessment.evaluation
    questions = [definition.own_question(name) for name in page.names]
    codes = dict.fromkeys(q.indicator for q in questions if q.indicator)
    indicators = [definition.own_indicator(code) for code in codes if definition.page_of(code) == page.key]
    return (
        [i.code for i in indicators if not i.source and is_relevant(assessment, i)]
        + [
            q.name
            for q in questions
            if q.is_input
            and not q.indicator
            and evaluation.relevant.get(q.name, True)
            and evaluation.required.get(q.name)
        ]
        + [
            cell.question.name
            for cell in cells_of_tables(definition, evaluation, page.tables)
            if evaluation.relevant.get(cell.question.name, True)
            and (evaluation.required.get(cell.question.name) or cell.question.name in evaluation.errors)
        ]
    )
