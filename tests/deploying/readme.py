"""The commands of deploy/README.md, as they stand there: the test types these, and nothing that is not written for the operator."""

import re
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "deploy" / "README.md"
STEP = re.compile(r"^(?:(\d+)\. )?\*\*([^*]+?)\.?\*\*")
COMMAND = re.compile(r"^ {4,}([#$]) (.+)$")


@dataclass(frozen=True)
class Command:
    """`part`: the bold words that it stands under, of the step or of the trouble; `root`: by # or by $."""

    part: str
    root: bool
    line: str


def commands() -> list[Command]:
    part, found = "", []
    for line in README.read_text("utf-8").splitlines():
        if heading := STEP.match(line.strip()):
            part = heading[2]
        if typed := COMMAND.match(line):
            found.append(Command(part, typed[1] == "#", typed[2]))
    return found


def of(part: str) -> list[Command]:
    """ValueError where the README has no command under these words."""
    found = [command for command in commands() if command.part == part]
    if not found:
        raise ValueError(f"deploy/README.md has no command under “{part}”")
    return found
