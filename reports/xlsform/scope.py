"""What a form asks of a unit whatever the unit answers: conditions that only what is known of the unit decides.

A condition that answers decide as well still decides where one side is enough: in `${kind} = 'dormitory' and ${canteen} = 'yes'`
the first part alone rules every other kind out.
"""

from collections.abc import Collection
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

from elementpath import XPathToken

from .compiled import CompiledForm
from .definition import FormDefinition, Group, Question
from .memory import reads_of
from .run import Run
from .values import boolean, node_list

# No condition that is decided here reads a clock (`memory.py`); a run wants one.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def not_asked(form: CompiledForm) -> frozenset[str]:
    """The paths of groups and questions that a form with these `facts` asks in no case, with everything inside the groups."""
    return _Scope(form).left_out()


def without(definition: FormDefinition, left_out: Collection[str]) -> FormDefinition:
    """The form as it stands for a unit that is not asked what lies at these paths.

    An indicator of which something is asked keeps all its rows; a section of which nothing is left goes too.
    """
    if not left_out:
        return definition
    asked = {q.indicator for q in definition.questions if q.path not in left_out and _decides(definition, q)}
    gone = {indicator.code for indicator in definition.indicators} - asked
    questions = tuple(
        q for q in definition.questions if q.indicator in asked or (q.indicator not in gone and q.path not in left_out)
    )
    had, has = ({q.section for q in each if q.is_shown} for each in (definition.questions, questions))
    return replace(
        definition,
        sections=tuple(s for s in definition.sections if s.path not in left_out and s.name not in had - has),
        groups=tuple(group for group in definition.groups if group.path not in left_out),
        questions=questions,
        indicators=tuple(indicator for indicator in definition.indicators if indicator.code in asked),
        unsupported=tuple(item for item in definition.unsupported if item.path not in left_out),
    )


def _decides(definition: FormDefinition, question: Question) -> bool:
    """Whether its indicator is asked where this row of it is: its inputs, or what stands for one that the portal fills."""
    indicator = definition.indicator(question.indicator) if question.indicator else None
    return indicator is not None and (bool(question.role) or not indicator.inputs)


class _Scope:
    def __init__(self, form: CompiledForm) -> None:
        self.form = form
        self.paths = {name: path for path, name in form.variables.items()}
        self.known: set[str] = set()  # questions that the unit alone decides
        self.decided: dict[str, bool] = {}  # of what has a condition of its own, where the unit alone decides it
        self.run = Run(form, {}, at=_ANY_TIME, person={}, language="fa")

    def left_out(self) -> frozenset[str]:
        for step in self.form.order.steps:
            if step.kind == "calculation":
                self._calculate(self.form.by_path[step.path])
            else:
                source = self.form.by_path.get(step.path) or self.form.groups[step.path]
                verdict = self._verdict(self.form.compiled[source.relevant], source)
                if verdict is not None:
                    self.decided[step.path] = verdict
                    self.run.root.relevant[step.path] = verdict
        out = [path for path, verdict in self.decided.items() if not verdict]
        definition = self.form.definition
        every = [
            *(group.path for group in definition.groups),
            *(question.path for question in definition.questions),
            *(item.path for item in definition.unsupported),
        ]
        inside = tuple(f"{path}/" for path in out)
        return frozenset(out).union(path for path in every if path.startswith(inside))

    def _calculate(self, question: Question) -> None:
        conditions = [*self.form.order.guards(question.path), *([question.path] if question.relevant else [])]
        if any(path not in self.decided for path in conditions) or self.form.keeps(question):
            return
        if question.source or self._is_known(reads_of(self.form.compiled[question.calculation], self.paths)):
            self.known.add(question.path)
            self.run.calculate(question)

    def _is_known(self, reads: tuple[str, ...] | None) -> bool:
        return reads is not None and self.known.issuperset(reads)

    def _verdict(self, token: XPathToken, source: Question | Group) -> bool | None:
        """True or False where the unit alone decides it, else None."""
        if self._is_known(reads_of(token, self.paths)):
            return self._value(token, source)
        if token.symbol == "(" and len(token) == 1:
            return self._verdict(token[0], source)
        if token.symbol == "not" and len(token) == 1:
            inner = self._verdict(token[0], source)
            return None if inner is None else not inner
        if token.symbol in ("and", "or"):
            ends = token.symbol == "or"  # the verdict that one side alone can give
            sides = [self._verdict(side, source) for side in token]
            if ends in sides:
                return ends
            return None if None in sides else not ends
        return None

    def _value(self, token: XPathToken, source: Question | Group) -> bool | None:
        context = copy(self.run.context)
        context.item = context.current = self.run.root.nodes.get(source.path)
        context.position = context.size = 1
        try:
            return boolean(node_list(token.evaluate(context)))
        except Exception:  # an author's expression may fail in any way; the evaluation says so where it is asked
            return None
