"""What the documents name is there: paths, modules, functions and classes, make targets, commands, links.

docs/adr and CHANGELOG.md are left out: they tell history, and history may name what is gone.
"""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from sajad_portal.translations import stored

BASE = Path(__file__).resolve().parent.parent
PRODUCT = ("sajad_portal", "units", "sla", "reports")
CODE = (*PRODUCT, "bank_simulator", "tests", "tools", "bench")
# What a path in a document may begin in: the root; the rooms of an app; names of templates and of static files.
FOLDERS = ("", *PRODUCT, "templates", "static")
DOCUMENTS = [
    *(BASE / name for name in ("README.md", "CONTRIBUTING.md", "tests/README.md")),
    *(path for path in sorted((BASE / "docs").rglob("*.md")) if "adr" not in path.parts),
]
LEFT_OUT = {".git", ".venv", "node_modules", "var", "__pycache__"}
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(BASE).as_posix())

ENDINGS = "py|md|html|txt|toml|yaml|po|mo|js|css|json|sh|png|csv|xlsx|ini|in"
A_PATH = re.compile(rf"[\w.<>*@-]*(/[\w.<>*@-]+)+/?|[\w<>*-]+/|[\w<>*.-]+\.({ENDINGS})")
A_DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
A_NAME = re.compile(r"[A-Z]\w*[a-z]\w*|[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|_?[a-z][a-z0-9]*(_[a-z0-9]+)+")
A_TARGET = re.compile(r"\bmake ([a-z-]+)")
A_COMMAND = re.compile(r"\bmanage\.py ([a-z_]+)")
A_LINT = re.compile(r"\btools/lint\.py((?: (?:\"[a-z ]+\"|[a-z]+))+)")


# ------------------------------------------------------------------------------------------------- what there is
@cache
def files() -> list[str]:
    """Every file and folder of the house, from its root; a folder ends in a slash."""
    found = []
    for folder, folders, names in os.walk(BASE):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        place = Path(folder).relative_to(BASE)
        found += [(place / name).as_posix() + "/" for name in folders] + [(place / name).as_posix() for name in names]
    return found


@cache
def trees() -> dict[str, ast.Module]:
    """{dotted name of a module: its tree}."""
    paths = [BASE / name for name in files() if name.endswith(".py")]
    return {
        ".".join(p.relative_to(BASE).with_suffix("").parts).removesuffix(".__init__"): ast.parse(p.read_text("utf-8"))
        for p in paths
    }


def names_in(body: list[ast.stmt]) -> Iterator[str]:
    """What a module or a class defines or imports."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from names_in(node.body)


@cache
def members() -> dict[str, set[str]]:
    """{class, wherever it stands: what its body defines}; of classes that share a name, of all of them."""
    found: dict[str, set[str]] = {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).update(names_in(node.body))
    return found


@cache
def words() -> set[str]:
    """Every name that the code defines, calls, reads or writes out as a text (verbs of events, marks, urls' names)."""
    found: set[str] = set()
    for tree in (tree for name, tree in trees().items() if name != __name__):  # the wrong samples below are no names
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                    found.add(name)
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(name=name):
                    found.add(name)
                case ast.Constant(value=str(text)) if re.fullmatch(r"[\w:.-]+", text):
                    found |= set(re.findall(r"\w+", text))
    settings = (BASE / ".env.example").read_text("utf-8") + (BASE / "Makefile").read_text("utf-8")
    found |= set(re.findall(r"\b[A-Z][A-Z_]+\b", settings))
    for path in (BASE / name for name in files() if re.fullmatch(r"templates/.*\.html|static/(js/)?\w+\.js", name)):
        found |= {path.stem, *re.findall(r"\w+", path.read_text("utf-8"))}
    return found


@cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (BASE / "Makefile").read_text("utf-8"), re.MULTILINE))


@cache
def checks() -> set[str]:
    return set(re.findall(r"Check\(\"([a-z ]+)\"", (BASE / "tools" / "lint.py").read_text("utf-8")))


# ---------------------------------------------------------------------------------------------- what a text names
def is_a_file(text: str) -> bool:
    """A path from the root or from one of FOLDERS, or a bare name of some file; `<noun>` and `*` stand for any name."""
    pattern = re.escape(re.sub(r"<\w+>", "*", text.rstrip("/"))).replace(r"\*", "[^/]*")
    if "/" in text:
        pattern = "|".join(re.escape(f"{folder}/" if folder else "") + pattern for folder in FOLDERS)
    else:
        pattern = f"(?:.*/)?{pattern}"
    wanted = re.compile(f"(?:{pattern}){'/' if text.endswith('/') else '/?'}")
    return any(wanted.fullmatch(name) for name in files())


def is_a_dotted_name(text: str) -> bool:
    """A module, a name in one, a member of a class; from the root, an app or a room on. Any other object's attribute is a
    word of the code at least."""
    first, _, rest = text.partition(".")
    if first[0].isupper():
        return first in words() and (rest in members().get(first, ()) or (first not in members() and rest in words()))
    module, _, name = text.rpartition(".")
    for known in trees():
        if f".{known}".endswith(f".{text}"):
            return True
        if f".{known}".endswith(f".{module}") and name in names_in(trees()[known].body):
            return True
    before, _, owner = module.rpartition(".")
    if before and name in members().get(owner, ()) and is_a_dotted_name(f"{before}.{owner}"):
        return True
    return first not in CODE and set(text.split(".")) <= words()


def trouble_with(text: str) -> str:
    """Why what stands in backticks names nothing, or ""; what is neither a path nor a name is none of our business."""
    if found := troubles_of_commands(text):
        return found[0]
    text, _, inside = text.partition("::")
    text = text.removesuffix("()")
    if text.startswith(("/", "http")) or text.startswith("-"):
        return ""  # an address of the portal, an option
    if A_DOTTED_NAME.fullmatch(text) and not re.fullmatch(rf".*\.({ENDINGS})", text):
        return "" if is_a_dotted_name(text) else f"no such name: {text}"
    if A_PATH.fullmatch(text):
        if not is_a_file(text):
            return f"no such file: {text}"
        module = text.removesuffix(".py").replace("/", ".")
        return f"no such name in {text}: {inside}" if inside and inside not in names_in(trees()[module].body) else ""
    if A_NAME.fullmatch(text):
        return "" if text in words() else f"no such name: {text}"
    return ""


def troubles_of_commands(text: str) -> list[str]:
    """Of what one types: make's targets, the portal's commands, lint's checks, and files under a folder of ours."""
    found = [f"no such target: make {name}" for name in A_TARGET.findall(text) if name not in targets()]
    found += [f"no such command: {name}" for name in A_COMMAND.findall(text) if name not in get_commands()]
    for asked in A_LINT.findall(text):
        named = {quoted or plain for quoted, plain in re.findall(r"\"([a-z ]+)\"|([a-z]+)", asked)}
        found += [f"no such check: {name}" for name in sorted(named - checks())]
    ours = "|".join((*CODE, "docs", "templates", "static", "locale"))
    for name in re.findall(rf"(?<![\w/.])(?:{ours})/[\w./-]+", text):
        if " " in text and not is_a_file(name.rstrip(".")):
            found.append(f"no such file: {name}")
    return found


# -------------------------------------------------------------------------------------------- what a document says
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TICKS = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def troubles_of(text: str, folder: Path) -> list[str]:
    """One line for each thing that a document names and that is not there. Its code is an example: only what is typed into
    a shell (```sh, or indented) is looked at."""
    typed = [code for kind, code in FENCE.findall(text) if kind == "sh"]
    prose = FENCE.sub("", text)
    typed += re.findall(r"^    +\S.*$", prose, re.MULTILINE)
    found = [trouble for code in typed for line in code.splitlines() for trouble in troubles_of_commands(line)]
    found += [trouble for name, path in places_named(prose) if (trouble := trouble_with_place(name, path))]
    found += [trouble for _ticks, code in TICKS.findall(prose) if (trouble := trouble_with(code.strip()))]
    return found + [
        trouble for link in LINK.findall(TICKS.sub("", prose)) if (trouble := trouble_with_link(link, folder))
    ]


NAME_THEN_FILE = re.compile(r"`([A-Za-z_]\w+)(?:\(\))?`\s+(?:in\s+|\()`([\w/]+\.py)`")
FILE_THEN_NAME = re.compile(r"`([\w/]+\.py)`\s+\(?`([A-Za-z_]\w+)(?:\(\))?`")


def places_named(prose: str) -> Iterator[tuple[str, str]]:
    """(name, file) where a document says that the one stands in the other: `name` in `file`, `name` (`file`), `file` `name`."""
    yield from NAME_THEN_FILE.findall(prose)
    yield from ((name, path) for path, name in FILE_THEN_NAME.findall(prose))


def trouble_with_place(name: str, path: str) -> str:
    wanted = re.compile(rf"\b{name}\b")
    known = [each for each in files() if f"/{each}".endswith(f"/{path}")]
    if not known or any(wanted.search((BASE / each).read_text("utf-8")) for each in known):
        return ""  # a file that is not there is named already
    return f"{name} does not stand in {path}"


def trouble_with_link(link: str, folder: Path) -> str:
    if re.match(r"\w+:", link):
        return ""
    name, _, heading = link.partition("#")
    path = (folder / name).resolve() if name else None
    if path and not path.exists():
        return f"link to nothing: {link}"
    if path and heading and heading not in headings_of(path.read_text("utf-8")):
        return f"no such heading: {link}"
    return ""


def headings_of(text: str) -> set[str]:
    """As a page of the repository names them in its address."""
    lines = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-") for line in lines}


@each_document
def test_what_a_document_names_is_there(path):
    assert troubles_of(path.read_text("utf-8"), path.parent) == []


@pytest.mark.parametrize(
    "text",
    [
        "`reports/actions/closings.py`", "`reports/views/<noun>/nowhere.py`", "`no_such_file.py`", "`reports/nowhere/`",
        "`reports.actions.closing.record_nothing`", "`Report.no_such_field`", "`CallState.NOWHERE`", "`NoSuchClass`",
        "`no_such_function()`", "`NO_SUCH_CONSTANT`", "`queries.no_such_query`", "`make nothing`", "`manage.py nothing`",
        "`tools/lint.py style smell`", "`tests/test_docs.py::test_nothing_of_this_name`",
        "`submit_report` in `reports/actions/closing.py`", "`submit_report` (`closing.py`)", "`closing.py` `submit_report`", "[a link](nowhere.md)",
        "[a heading](README.md#nowhere)", "    make nothing", "```sh\npytest -q tests/nowhere\n```",
    ],
)  # fmt: skip
def test_a_wrong_path_name_command_or_link_is_found(text):
    assert len(troubles_of(text, BASE)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`reports/actions/closing.py`", "`reports/views/<noun>/list.py`", "`closing.py`", "`actions/`", "`<app>/actions/`",
        "`reports.actions.closing.record_closings`", "`Report.closed_for`", "`CallState.DRAFT`", "`Report`",
        "`record_closings()`", "`REMIND_BEFORE`", "`queries.reports_at`", "`make serve PORT=8080`", "`manage.py serve`",
        "`tools/lint.py format style \"import law\"`", "`tests/test_docs.py::trouble_with`",
        "`record_closings` in `closing.py`", "`submission.py` `submit_report`", "`/reports/`", "`any words`",
        "[a link](docs/adr)", "[a heading](README.md#two-commands)", "```python\nreports.nothing()\n```",
    ],
)  # fmt: skip
def test_what_is_there_is_not_found_fault_with(text):
    assert troubles_of(text, BASE) == []


# ------------------------------------------------------------------------------------------------------ and the words
def test_the_page_about_the_house_names_every_room_of_the_import_law():
    law = tomllib.loads((BASE / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in law if contract["id"] == "rooms")
    rooms = {room for layer in layers for room in re.findall(r"\w+", layer)}
    page = (BASE / "docs" / "architecture.md").read_text("utf-8")

    assert {room for room in rooms if f"`{room}`" not in page} == set()


def persian_words(page: str) -> list[str]:
    """Of the glossary's second column; `،` stands between two words for one thing."""
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    cells = [line.split("|")[2] for line in rows[1:]]
    return [word.strip() for cell in cells for word in re.split("[،,]", cell) if re.search("[آ-ی]", word)]


def test_the_persian_words_of_the_glossary_are_those_of_the_portal():
    texts = "\n".join(
        text for m in stored() if m.id for text in ([m.string] if isinstance(m.string, str) else m.string)
    )
    words_there = persian_words((BASE / "docs" / "glossary.md").read_text("utf-8"))

    assert [word for word in words_there if not re.search(rf"(?<![آ-ی]){word}(?![آ-ی])", texts)] == []
    assert len(words_there) > 40
    assert persian_words("| code | فارسی | meaning |\n| `Unit` | واحد، دستگاه | who reports |") == ["واحد", "دستگاه"]
