"""Regular expressions of form authors, matched in linear time.

Python's `re` backtracks: one `(a+)+$` in a workbook would hang a server. This compiles a pattern to states and walks all
of them at once (Thompson), so the time is at most states × letters. Look-around and back-references cannot be done
that way and are refused when the workbook is read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

MAX_PATTERN = 500
MAX_STATES = 3000
MAX_REPEAT = 500

_CLASSES = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32)),
}
_ESCAPES = {"n": 10, "r": 13, "t": 9, "f": 12, "0": 0}


class PatternError(ValueError):
    """The pattern is broken, or uses what cannot be matched in linear time."""


@dataclass
class State:
    ranges: tuple = ()  # letters that lead to `out`; empty: a jump to every `out`
    out: list[int] = field(default_factory=list)
    edge: str = ""  # ^ $ b B: passes only there


def _negated(ranges) -> tuple:
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    if start <= 0x10FFFF:
        found.append((start, 0x10FFFF))
    return tuple(found)


class _Compiler:
    """Recursive descent over the pattern; each part gives (first state, last state)."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise PatternError(f"longer than {MAX_PATTERN} characters")
        self.pattern, self.at, self.depth = pattern, 0, 0
        self.states: list[State] = []

    def compile(self) -> tuple[list[State], int, int]:
        start, end = self.alternatives()
        if self.at < len(self.pattern):
            raise PatternError("an unmatched )")
        return self.states, start, end

    def new(self, **members) -> int:
        if len(self.states) >= MAX_STATES:
            raise PatternError("too large")
        self.states.append(State(**members))
        return len(self.states) - 1

    def peek(self) -> str:
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def take(self) -> str:
        letter = self.peek()
        if not letter:
            raise PatternError("ends too early")
        self.at += 1
        return letter

    def alternatives(self) -> tuple[int, int]:
        self.depth += 1
        if self.depth > 40:
            raise PatternError("nested too deeply")
        start, end = self.new(), self.new()
        while True:
            first, last = self.sequence()
            self.states[start].out.append(first)
            self.states[last].out.append(end)
            if self.peek() != "|":
                break
            self.at += 1
        self.depth -= 1
        return start, end

    def sequence(self) -> tuple[int, int]:
        first = last = self.new()
        while self.peek() and self.peek() not in "|)":
            begin, end = self.repeated()
            self.states[last].out.append(begin)
            last = end
        return first, last

    def repeated(self) -> tuple[int, int]:
        place = self.at
        part = self.atom()
        least, most = self.quantifier()
        if (least, most) == (1, 1):
            return part
        stop = self.at

        def again() -> tuple[int, int]:
            self.at = place
            made = self.atom()
            self.at = stop
            return made

        first = last = self.new()
        for _ in range(least):
            begin, end = again()
            self.states[last].out.append(begin)
            last = end
        if most is None:
            begin, end = again()
            self.states[last].out.append(begin)
            self.states[end].out.append(last)
            return first, self._skip_to(last, [])
        exits = [last]
        for _ in range(most - least):
            begin, end = again()
            self.states[last].out.append(begin)
            last = end
            exits.append(last)
        return first, self._skip_to(last, exits)

    def _skip_to(self, last: int, exits: list[int]) -> int:
        done = self.new()
        for state in {last, *exits}:
            self.states[state].out.append(done)
        return done

    def quantifier(self) -> tuple[int, int | None]:
        letter = self.peek()
        bounds: tuple[int, int | None] = (1, 1)
        if letter and letter in "*+?":
            self.at += 1
            bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}[letter]
        elif letter == "{":
            body, found, _rest = self.pattern[self.at + 1 :].partition("}")
            low, comma, high = body.partition(",")
            if not found or not low.isdecimal() or (high and not high.isdecimal()):
                raise PatternError("a { that gives no count")
            self.at += len(body) + 2
            bounds = (int(low), (int(high) if high else None) if comma else int(low))
            if max(bounds[0], bounds[1] or 0) > MAX_REPEAT or (bounds[1] is not None and bounds[1] < bounds[0]):
                raise PatternError("a count that is too large")
        else:
            return bounds
        if self.peek() == "?":  # lazy: the same for a whole match
            self.at += 1
        elif self.peek() and self.peek() in "*+{":
            raise PatternError("two quantifiers in a row")
        return bounds

    def atom(self) -> tuple[int, int]:
        letter = self.take()
        if letter == "(":
            if self.peek() == "?":
                self.at += 1
                if self.take() != ":":
                    raise PatternError("look-around, named groups and flags are not read here")
            part = self.alternatives()
            if self.take() != ")":
                raise PatternError("a ( that is not closed")
            return part
        if letter in "^$":
            state = self.new(edge=letter)
            return state, state
        if letter in "*+?{":
            raise PatternError(f"nothing to repeat before {letter}")
        if letter == ".":
            return self.letters(_negated(((10, 10),)))
        if letter == "[":
            return self.letters(self.bracket())
        if letter == "\\":
            if self.peek() and self.peek() in "bB":
                state = self.new(edge=self.take())
                return state, state
            return self.letters(self.escape())
        return self.letters(((ord(letter), ord(letter)),))

    def letters(self, ranges) -> tuple[int, int]:
        end = self.new()
        return self.new(ranges=tuple(ranges), out=[end]), end

    def escape(self) -> tuple:
        letter = self.take()
        if letter.lower() in _CLASSES:
            ranges = _CLASSES[letter.lower()]
            return _negated(ranges) if letter.isupper() else ranges
        if letter in "ux":
            size = 4 if letter == "u" else 2
            digits = self.pattern[self.at : self.at + size]
            try:
                code = int(digits, 16)
            except ValueError:
                raise PatternError(f"\\{letter} without its code") from None
            self.at += size
            return ((code, code),)
        if letter in _ESCAPES:
            return ((_ESCAPES[letter], _ESCAPES[letter]),)
        if letter.isalnum():
            raise PatternError(f"\\{letter} is not read here")
        return ((ord(letter), ord(letter)),)

    def bracket(self) -> tuple:
        negative = self.peek() == "^"
        if negative:
            self.at += 1
        found: list = []
        begun = False
        while self.peek() != "]" or not begun:
            begun = True
            low = self.member()
            if (
                self.peek() == "-"
                and self.pattern[self.at + 1 : self.at + 2] not in ("]", "")
                and len(low) == 1
                and low[0][0] == low[0][1]
            ):
                self.at += 1
                high = self.member()
                if len(high) != 1 or high[0][0] < low[0][0]:
                    raise PatternError("a range that runs backwards")
                found.append((low[0][0], high[0][1]))
            else:
                found.extend(low)
        self.at += 1
        return _negated(found) if negative else tuple(found)

    def member(self) -> tuple:
        letter = self.take()
        return self.escape() if letter == "\\" else ((ord(letter), ord(letter)),)


@lru_cache(maxsize=256)
def compiled(pattern: str) -> tuple[list[State], int, int]:
    """The states of a pattern. Raises PatternError."""
    return _Compiler(pattern).compile()


def _is_word(text: str, index: int) -> bool:
    return 0 <= index < len(text) and (text[index].isalnum() or text[index] == "_")


def _passes(edge: str, text: str, index: int) -> bool:
    if edge == "^":
        return index == 0
    if edge == "$":
        return index == len(text)
    return (_is_word(text, index - 1) != _is_word(text, index)) == (edge == "b")


def _closure(states: list[State], seeds: set[int], text: str, index: int) -> set[int]:
    found, queue = set(), list(seeds)
    while queue:
        number = queue.pop()
        if number in found:
            continue
        found.add(number)
        state = states[number]
        if not state.ranges and (not state.edge or _passes(state.edge, text, index)):
            queue.extend(state.out)
    return found


def matches(pattern: str, text: str, spend: Callable[[int], None] = lambda steps: None) -> bool:
    """Whether the whole text matches. Raises PatternError for a pattern that cannot be read.

    `spend` is told of every letter how many states it met; it raises where that becomes too much.
    """
    states, start, end = compiled(pattern)
    here = _closure(states, {start}, text, 0)
    for index, letter in enumerate(text):
        spend(len(here))
        code = ord(letter)
        ahead = {
            out
            for number in here
            for out in states[number].out
            if any(low <= code <= high for low, high in states[number].ranges)
        }
        if not ahead:
            return False
        here = _closure(states, ahead, text, index + 1)
    return end in here
