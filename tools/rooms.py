"""How the house is built, in figures: what lies in each app's root, which rooms import which, and where imports go in a circle.

tools/rooms.py          a table, as docs/architecture.md has it
"""

import sys
from pathlib import Path

import grimp

BASE = Path(__file__).resolve().parent.parent
APPS = ("units", "sla", "reports")
LONGEST = 400


def rooms_of(graph: grimp.ImportGraph, app: str) -> set[str]:
    """What lies directly in the app: packages and single modules, without what Django itself asks for."""
    return {name for name in graph.find_children(app) if name.rpartition(".")[2] not in ("apps", "migrations")}


def arrows_of(graph: grimp.ImportGraph, rooms: set[str]) -> set[tuple[str, str]]:
    """(importer, imported): pairs of rooms of which one imports the other somewhere."""
    inside = {room: {room, *graph.find_descendants(room)} for room in rooms}
    where = {module: room for room, modules in inside.items() for module in modules}
    found = {
        (where[module], where[target])
        for module in where
        for target in graph.find_modules_directly_imported_by(module)
        if target in where
    }
    return {(importer, imported) for importer, imported in found if importer != imported}


def circles_of(graph: grimp.ImportGraph, modules: set[str]) -> list[set[str]]:
    """Groups of modules that reach each other."""
    imports = {m: graph.find_modules_directly_imported_by(m) & modules for m in modules}
    reach = {}
    for start in modules:
        seen, todo = set(), list(imports[start])
        while todo:
            if (each := todo.pop()) not in seen:
                seen.add(each)
                todo += imports[each]
        reach[start] = seen
    groups = {frozenset({m, *(o for o in reach[m] if m in reach[o])}) for m in modules if m in reach[m]}
    return [set(group) for group in groups]


def long_files(app: str) -> list[Path]:
    files = [p for p in (BASE / app).rglob("*.py") if "migrations" not in p.parts]
    return [path for path in files if path.read_text("utf-8").count("\n") > LONGEST]


def main() -> int:
    sys.path.insert(0, str(BASE))
    graph = grimp.build_graph(*APPS, cache_dir=None)
    print("| app | modules in its root | rooms | imports between rooms | circles | files over 400 lines |")
    print("|---|---|---|---|---|---|")
    for app in APPS:
        root = sum(1 for p in (BASE / app).glob("*.py"))
        rooms = rooms_of(graph, app)
        modules = {m for m in graph.find_descendants(app) if ".migrations" not in m}
        figures = (
            root,
            len(rooms),
            len(arrows_of(graph, rooms)),
            len(circles_of(graph, modules)),
            len(long_files(app)),
        )
        print(f"| `{app}` | {' | '.join(str(figure) for figure in figures)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
