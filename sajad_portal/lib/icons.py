"""The names of the icons. The sprite `static/vendor/icons.svg` is built from them at set-up by `manage.py buildicons`."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "static" / "icons"

# Our own glyphs: the states of a report and the mark.
OWN = frozenset(re.findall(r'<symbol id="i-([\w-]+)"', (FOLDER / "own.svg").read_text()))
# Bootstrap icons (MIT), copied from npm at set-up. A page that needs another one adds its name to this file.
BOOTSTRAP = frozenset((FOLDER / "names.txt").read_text().split())
NAMES = OWN | BOOTSTRAP

# Drawn for left-to-right; turned round where the page runs the other way. Clocks, checks and magnifiers never turn.
DIRECTIONAL = frozenset(
    {
        "arrow-left",
        "arrow-return-left",
        "arrow-right",
        "arrow-up-right",
        "box-arrow-in-right",
        "box-arrow-right",
        "box-arrow-up-right",
        "chat-left-text",
        "chevron-left",
        "chevron-right",
        "list-check",
        "list-ol",
        "list-ul",
        "reply",
        "s-returned",
        "send",
        "send-check",
        "sign-turn-right",
    }
)


def sprite(icons: Path) -> str:
    """One SVG of symbols from our glyphs and the named files of `icons` (node_modules/bootstrap-icons/icons)."""
    own = (FOLDER / "own.svg").read_text()
    symbols = []
    for name in sorted(BOOTSTRAP):
        drawing = (icons / f"{name}.svg").read_text()
        box = re.search(r'viewBox="([^"]+)"', drawing)
        body = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
        if not box or not body:
            raise ValueError(f"{name}.svg is not a drawing.")
        paths = " ".join(body[1].split())
        symbols.append(f'<symbol id="i-{name}" viewBox="{box[1]}">{paths}</symbol>')
    return own.replace("</svg>", "\n".join(symbols) + "\n</svg>")
