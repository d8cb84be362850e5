"""In which order calculations and relevances are evaluated, so that each comes after what it reads."""

import re
from dataclasses import dataclass
from functools import cached_property

from .definition import FormDefinition, Group, Question
from .references import paths_in

_ANYWHERE = re.compile(r"//(\*|[\w.\-]+)")
_RELATIVE = re.compile(r"(?<![\w/])(?:current\(\)/)?((?:\.\./)+[\w.\-/*]*)")


@dataclass(frozen=True)
class Step:
    kind: str  # "relevant" | "calculation"
    path: str


class EvaluationOrder:
    """`steps` in order; `circles` lists the paths that depend on themselves, one list a circle."""

    def __init__(self, definition: FormDefinition, leaves: list[str]) -> None:
        """`leaves`: paths of everything in the tree that can hold an answer."""
        self._definition = definition
        self._leaves = leaves
        self._known = set(leaves)
        tables = {table.path for table in definition.tables}
        asked = definition.groups if tables else definition.groups_outside_repeats
        self._groups = {group.path: group for group in asked}
        self._questions = [question for question in definition.questions if not question.repeat or question.table]
        # What names a table itself and nothing in it counts its rows, or takes one of them: it reads none of their answers.
        self._of_rows = {path: re.compile(rf"{re.escape(path)}(?![\w.\-])\s*[\[/]") for path in tables}
        self._parents: dict[str, list[str]] = {}
        self.circles: list[list[str]] = []
        self.steps = self._sorted(self._needs())

    def guards(self, path: str) -> list[str]:
        """The groups around a path that have a relevance of their own, outermost first."""
        if path not in self._parents:
            parts = path.split("/")
            around = ["/".join(parts[:count]) for count in range(3, len(parts))]
            self._parents[path] = [each for each in around if each in self._groups and self._groups[each].relevant]
        return self._parents[path]

    @cached_property
    def _steps_of_question(self) -> dict[str, list[Step]]:
        """{path: what must have happened before that question can be read}."""
        found: dict[str, list[Step]] = {}
        for question in self._questions:
            steps = [Step("relevant", group) for group in self.guards(question.path)]
            if question.relevant:
                steps.append(Step("relevant", question.path))
            if question.calculation:
                steps.append(Step("calculation", question.path))
            found[question.path] = steps
        return found

    def reads(self, expression: str, path: str) -> set[str]:
        """Paths of the answers an expression reads, seen from the question or group at `path`."""
        named = set(paths_in(expression, self._definition.root))
        for relative in _RELATIVE.findall(expression):
            base = path.split("/")
            while relative.startswith("../"):
                base, relative = base[:-1], relative[3:]
            named.add("/".join([*base, relative]).rstrip("/"))
        found: set[str] = set()
        for each in named:
            if each in self._known:
                found.add(each)
            elif each in self._of_rows and not self._of_rows[each].search(expression):
                continue
            else:  # a group or a wildcard: everything below it
                prefix = each.split("*")[0].rstrip("/") + "/"
                found.update(leaf for leaf in self._leaves if leaf.startswith(prefix))
        for name in _ANYWHERE.findall(expression):
            found.update(leaf for leaf in self._leaves if name in ("*", leaf.rsplit("/", 1)[-1]))
        found.discard(path)
        return found

    def _needs(self) -> dict[Step, list[Step]]:
        needs: dict[Step, list[Step]] = {}
        sources: list[Question | Group] = [*self._groups.values(), *self._questions]
        for source in sources:
            outer = [Step("relevant", group) for group in self.guards(source.path)]
            if source.relevant:
                needs[Step("relevant", source.path)] = outer + self._before(source.relevant, source.path)
            if isinstance(source, Question) and source.calculation:
                own = [Step("relevant", source.path)] if source.relevant else []
                needs[Step("calculation", source.path)] = outer + own + self._before(source.calculation, source.path)
        return needs

    def _before(self, expression: str, path: str) -> list[Step]:
        # Sorted, so that the same form is always evaluated, and a circle always told, in the same order.
        return [step for each in sorted(self.reads(expression, path)) for step in self._steps_of_question.get(each, ())]

    def _sorted(self, needs: dict[Step, list[Step]]) -> list[Step]:
        """Depth first without recursion: a chain of a thousand calculations is no error."""
        order: list[Step] = []
        done: dict[Step, bool] = {}  # False while it is being visited
        for start in needs:
            if start in done:
                continue
            done[start] = False
            stack = [(start, iter(needs[start]))]
            while stack:
                step, rest = stack[-1]
                following = next((each for each in rest if each in needs and not done.get(each, False)), None)
                if following is None:
                    done[step] = True
                    order.append(step)
                    stack.pop()
                elif following in done:
                    opened = [each for each, _rest in stack]
                    self.circles.append([each.path for each in opened[opened.index(following) :]])
                else:
                    done[following] = False
                    stack.append((following, iter(needs[following])))
        return order
