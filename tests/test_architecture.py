"""The house rules that a reader would otherwise have to enforce. Each test lists what breaks its rule."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin

BASE = Path(__file__).resolve().parent.parent
APPS = ("units", "sla", "reports")
PACKAGES = (*APPS, "sajad_portal")
TEMPLATES = BASE / "templates"
LONGEST_FILE = 400
LONGEST_TASK = 15


def python_files(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from (p for p in sorted((BASE / package).rglob("*.py")) if "migrations" not in p.parts)


def template_files() -> list[Path]:
    return sorted(p for p in TEMPLATES.rglob("*") if p.suffix in (".html", ".txt"))


def name_of(path: Path) -> str:
    return path.relative_to(BASE).as_posix()


def find(paths: Iterator[Path], breaks: Callable[[ast.AST], str | None]) -> str:
    """`file:line what` for each node that `breaks` names, a line each, so that a failure shows them all."""
    return "\n".join(
        f"{name_of(path)}:{node.lineno} {what}" for path in paths for node in nodes_of(path) if (what := breaks(node))
    )


def nodes_of(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text("utf-8")))


def dotted(node: ast.AST) -> str:
    """`a.b.c` for an attribute chain; calls and subscripts inside it are left out."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Subscript):
        return dotted(node.value)
    return ""


# ------------------------------------------------------------- no state written outside actions/
ALWAYS_WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
ALWAYS_WRITES |= {f"a{name}" for name in ("create", "bulk_create", "save", "delete", "update", "get_or_create")}
RELATION_WRITES = {"add", "set", "remove", "clear"}
WRITING_SQL = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|ALTER|DROP|CREATE)\b", re.IGNORECASE)

# Where a write is no verb, and why: `file` → reason. Short, or the rule is none.
ALLOWED: dict[str, str] = {}


def may_write(path: Path) -> bool:
    # The verbs themselves; and demo rooms, which lay a past that no verb could tell truthfully today.
    return path.relative_to(BASE).parts[1] in ("actions", "demo") or name_of(path) in ALLOWED


def relation_names() -> set[str]:
    """Attributes that hold a related manager, so that `.add()` on them writes."""
    names = set()
    for model in (m for m in apps.get_models() if m._meta.app_label in APPS):
        names |= {field.name for field in model._meta.many_to_many}
        names |= {r.get_accessor_name() for r in model._meta.related_objects if r.one_to_many or r.many_to_many}
    return names - {None}


def names_of_dicts(tree: ast.AST) -> set[str]:
    """Plain names that the file itself makes dicts: by a literal, an annotation, or a function annotated to return one."""
    makers = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and _is_dict_type(n.returns)} | {"dict"}
    names = {"context"}  # what a template gets; nobody calls rows so
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and _is_dict_type(node.annotation):
            names.add(node.arg if isinstance(node, ast.arg) else dotted(node.target))
        elif isinstance(node, ast.Assign) and (
            isinstance(node.value, ast.Dict | ast.DictComp)
            or (isinstance(node.value, ast.Call) and dotted(node.value.func) in makers)
        ):
            names |= {dotted(target) for target in node.targets}
    return {name for name in names if "." not in name}


def _is_dict_type(annotation: ast.AST | None) -> bool:
    return annotation is not None and dotted(annotation) == "dict"


def state_write(node: ast.AST, relations: set[str], dicts: set[str] = frozenset()) -> str | None:
    """What a call writes, or None. Tells Django's calls from a dict's, a hash's or a storage's by their arguments:
    `QuerySet.update()`, `Model.save()` and `.delete()` take no positional ones, the others nearly always do."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    verb, receiver = node.func.attr, dotted(node.func.value)
    if receiver == "super":
        return None
    if verb in ALWAYS_WRITES or (verb in ("save", "delete") and not node.args):
        return f"{receiver}.{verb}()"
    if verb == "update" and not node.args and node.keywords and receiver not in dicts:
        return f"{receiver}.update()"
    if verb in RELATION_WRITES and receiver.rpartition(".")[2] in relations and "." in receiver:
        return f"{receiver}.{verb}()"
    if verb in ("execute", "executemany") and node.args and WRITING_SQL.match(_first_text(node.args[0])):
        return f"{receiver}.{verb}(…)"
    return None


def _first_text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr) and node.values:
        return _first_text(node.values[0])
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_state_is_written_in_actions_only():
    relations = relation_names()
    found = []
    for path in (p for p in python_files(*APPS) if not may_write(p)):
        dicts = names_of_dicts(ast.parse(path.read_text("utf-8")))
        found.append(find(iter([path]), lambda node, dicts=dicts: state_write(node, relations, dicts)))

    assert "\n".join(filter(None, found)) == ""


def test_a_name_that_the_file_makes_a_dict_is_known_as_one():
    source = "def page() -> dict:\n ...\na = {}\nb: dict[str, int] = x\nc = page()\nd = Report.objects.all()\n"

    assert names_of_dicts(ast.parse(source)) == {"a", "b", "c", "context"}


@pytest.mark.parametrize(
    "line",
    [
        "report.save()",
        "report.save(update_fields=['state'])",
        "Report.objects.filter(pk=1).update(state='x')",
        "rows.update(**changes)",
        "Report.objects.create(call=call)",
        "report.delete()",
        "form.save()",
        "cursor.execute('UPDATE reports_report SET state = 1')",
        "cursor.execute(f'DELETE FROM {table}')",
        "report.revisions.add(revision)",
    ],
)
def test_a_write_is_recognised(line):
    assert state_write(ast.parse(line).body[0].value, {"revisions"})


@pytest.mark.parametrize(
    "line",
    [
        "answers.update(more)",
        "digest.update(b'x')",
        "workbook.save(path)",
        "storage.delete(name)",
        "seen.add(1)",
        "super().save(*args, **kwargs)",
        "cursor.execute('SELECT 1')",
    ],
)
def test_what_only_looks_like_a_write_is_not_taken_for_one(line):
    assert not state_write(ast.parse(line).body[0].value, {"revisions"})


def test_the_admin_changes_nothing_that_has_a_workflow(rf, cast):
    request = rf.get("/admin/")
    request.user = cast.admin
    editable = [
        model._meta.label
        for model, page in admin.site._registry.items()
        if model._meta.app_label in APPS
        and (
            page.has_add_permission(request)
            or page.has_change_permission(request)
            or page.has_delete_permission(request)
        )
    ]

    assert editable == []


# ------------------------------------------------------------------------------------------ time
CLOCKS = {"timezone", "datetime", "date", "jdatetime", "dt"}


def reads_another_clock(node: ast.AST) -> str | None:
    if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
        node.lineno = node.value.lineno
        return node.arg
    if not isinstance(node, ast.Call):
        return None
    receiver, _, verb = dotted(node.func).rpartition(".")
    if verb in ("now", "today", "utcnow") and receiver.rpartition(".")[2] in CLOCKS:
        return f"{receiver}.{verb}()"
    if verb in ("localdate", "localtime") and not node.args:
        return f"{verb}()"
    return f"{verb}()" if verb in ("Now", "TransactionNow") else None


def test_the_database_holds_the_only_clock():
    assert find(python_files(*PACKAGES), reads_another_clock) == ""


@pytest.mark.parametrize(
    "line", ["timezone.now()", "datetime.datetime.now(UTC)", "date.today()", "timezone.localdate()"]
)
def test_another_clock_is_recognised(line):
    assert reads_another_clock(ast.parse(line).body[0].value)


# --------------------------------------------------------------------------------------- signals
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals")


def imports_signals(node: ast.AST) -> str | None:
    if isinstance(node, ast.ImportFrom) and node.module:
        names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    elif isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        return None
    return next((name for name in names if name.startswith(SIGNALS)), None)


def test_no_signal_goes_round_the_import_law():
    assert find(python_files(*PACKAGES), imports_signals) == ""


# ------------------------------------------------------------------------------------------ size
def test_no_file_is_longer_than_a_reader_bears():
    kinds = {".py", ".html", ".css", ".js"}
    rooms = [*PACKAGES, "tests", "tools", "templates", "static", "bench"]
    long = []
    for path in (p for room in rooms for p in (BASE / room).rglob("*") if p.suffix in kinds):
        if "vendor" in path.parts or "migrations" in path.parts:
            continue
        lines = path.read_text("utf-8").count("\n")
        if lines > LONGEST_FILE:
            long.append(f"{name_of(path)}: {lines}")

    assert "\n".join(long) == ""


def too_long_for_a_task(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > LONGEST_TASK:
        return node.name
    return None


def test_a_task_only_wraps_a_verb():
    assert find((path for path in python_files(*APPS) if path.name == "tasks.py"), too_long_for_a_task) == ""


# ------------------------------------------------------------------------------------- templates
# The policy refuses these in a browser. Mail has no policy, and no sheet either.
INLINE = {
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "script without src": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE),
    "event handler": re.compile(r"\s(on[a-z]+|hx-on[:\w-]*)\s*=\s*[\"']", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}


def test_no_template_carries_inline_script_or_style():
    found = [
        f"{name_of(path)}: {what}"
        for path in template_files()
        if "emails" not in path.parts
        for what, pattern in INLINE.items()
        if pattern.search(path.read_text("utf-8"))
    ]

    assert "\n".join(found) == ""


def test_a_button_that_posts_is_included_with_the_pages_token():
    """`only` leaves out what the request gives, the token among it, and what is pressed is answered 403."""
    found = [
        f"{name_of(path)}: {tag}"
        for path in template_files()
        for tag in TAG.findall(path.read_text("utf-8"))
        if "components/confirm_button.html" in tag and tag.endswith(" only")
    ]

    assert found == []


# Django itself looks these up, and crispy-forms its template pack.
LOOKED_UP_BY_DJANGO = re.compile(r"(400|403|403_csrf|404|500)\.html|(admin|bootstrap5)/.*")
TAG = re.compile(r"{%-?\s*(?:include|extends|from)\s+(.+?)\s*-?%}")
QUOTED = re.compile(r"""["']([^"']+\.(?:html|txt))["']""")


def mentioned_templates() -> tuple[set[str], list[re.Pattern]]:
    """Names written out in Python or in a template, and patterns for those put together from pieces."""
    names: set[str] = set()
    patterns: list[re.Pattern] = []
    for path in template_files():
        for tag in TAG.findall(path.read_text("utf-8")):
            names |= set(QUOTED.findall(tag))
    for path in python_files(*PACKAGES):
        for node in nodes_of(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                pieces = [re.escape(p.value) if isinstance(p, ast.Constant) else "[^/]+" for p in node.values]
                if any(".html" in p or ".txt" in p for p in pieces) or "/" in "".join(pieces):
                    patterns.append(re.compile("".join(pieces)))
    return names, [p for p in patterns if re.search(r"\\\.(html|txt)$", p.pattern)]


def test_every_template_is_used():
    names, patterns = mentioned_templates()
    unused = []
    for path in template_files():
        name = path.relative_to(TEMPLATES).as_posix()
        # A mail's name is said once, without its ending: it has an HTML and a plain half.
        if (
            names & {name, name.rpartition(".")[0]}
            or LOOKED_UP_BY_DJANGO.fullmatch(name)
            or any(p.fullmatch(name) for p in patterns)
        ):
            continue
        unused.append(name)

    assert "\n".join(unused) == ""
