"""docs/mutants.md: what was tried, what killed it, and for what lived a word why it may. That word is kept from run to run."""

import html
import json
import re

from .sites import BASE, Mutant, all_of

PAGE = BASE / "docs" / "mutants.md"
OUTCOMES = BASE / "var" / "mutants" / "outcomes.jsonl"
HEAD = """# Small wrong changes, and what noticed them

`make mutants` makes small wrong changes in verbs, rules, scores, states derived from time, clocks, money, the engine of forms and
the importers: a comparison moved or turned, *and* for *or*, a sum for a difference, a number one higher, a condition of a query
left out, a statement left out, a result not returned. Each is tried alone, with the tests that run the line, the cheapest first,
on SQLite, until one fails. The sample is drawn by a seed, so the same code gives the same changes. This page is written by the
tool; the last column of what lived is written by people and kept.

"""


def outcomes() -> dict[str, dict]:
    """{key of a mutant: its latest outcome}."""
    if not OUTCOMES.exists():
        return {}
    lines = (json.loads(line) for line in OUTCOMES.read_text("utf-8").splitlines())
    return {line["key"]: line for line in lines}


def reasons() -> dict[tuple[str, str, str], str]:
    """What people wrote: {(path, function, change): why it lives}."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines() if PAGE.exists() else []:
        cells = [html.unescape(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and ":" in cells[0] and cells[3]:
            place, _, function = cells[0].partition(" ")
            found[place.rpartition(":")[0], function, cells[1]] = cells[3]
    return found


def write() -> str:
    """Write the page from all outcomes whose place is still there. Returns a line of figures."""
    every = outcomes()
    there = {
        m.key: m
        for path in sorted({key.split("|")[0] for key in every})
        if (BASE / path).exists()
        for m in all_of(path)
    }
    all_there = [(there[key], every[key]) for key in every if key in there and every[key]["outcome"] != "untried"]
    all_there.sort(key=lambda pair: (pair[0].path, pair[0].line, pair[0].change))
    tried = [pair for pair in all_there if pair[1]["of"]]
    unseen = [pair for pair in all_there if not pair[1]["of"]]
    killed = [pair for pair in tried if pair[1]["outcome"] == "killed"]
    lived = [pair for pair in tried if pair[1]["outcome"] != "killed"]
    why = reasons()
    figures = (
        f"{len(tried)} tried, {len(killed)} killed ({100 * len(killed) / max(1, len(tried)):.1f} %), {len(lived)} lived"
    )
    if unseen:
        figures += f"; {len(unseen)} more are run by no test that was recorded"
    lines = [
        f"**{figures}.**",
        "",
        "## Lived",
        "",
        "| place | change | tests that passed | why it may |",
        "|---|---|---|---|",
    ]
    for mutant, outcome in lived:
        reason = why.get((mutant.path, mutant.function, _escaped(mutant.change, plain=True)), "")
        lines.append(
            f"| {_place(mutant)} | {_escaped(mutant.change)} | {outcome['ran']} of {outcome['of']} | {_escaped(reason)} |"
        )
    lines += ["", "## Killed", "", "| place | change | by |", "|---|---|---|"]
    for mutant, outcome in killed:
        lines.append(f"| {_place(mutant)} | {_escaped(mutant.change)} | {_escaped(outcome['by'])} |")
    lines += ["", "## Run by no test that was recorded", "", "| place | change |", "|---|---|"]
    lines += [f"| {_place(mutant)} | {_escaped(mutant.change)} |" for mutant, _outcome in unseen]
    PAGE.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
    return figures


def _place(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.line} {mutant.function}"


def _escaped(text: str, *, plain: bool = False) -> str:
    text = text.replace("|", "/").replace("`", "'")  # a table's cell cannot hold them
    return text if plain else html.escape(text, quote=False).replace("*", "&#42;").replace("_", "&#95;")
