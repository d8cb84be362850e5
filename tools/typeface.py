"""Makes static/fonts/Vazirmatn-fa.woff2 from the typeface that npm brings: once, when Vazirmatn has a new release.

The ranges are those of `unicode-range` in static/css/01-tokens.css; a test compares the two.
"""

import io
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

BASE = Path(__file__).resolve().parent.parent
SOURCE = BASE / "node_modules" / "vazirmatn" / "fonts" / "webfonts" / "Vazirmatn[wght].woff2"
TARGET = BASE / "static" / "fonts" / "Vazirmatn-fa.woff2"
RANGES = (
    (0x20, 0x7E), (0xA0, 0xA0), (0xA7, 0xA7), (0xA9, 0xA9), (0xAB, 0xAB), (0xAE, 0xAE), (0xB0, 0xB1), (0xB7, 0xB7), (0xBB, 0xBB),
    (0xD7, 0xD7), (0xF7, 0xF7), (0x600, 0x6FF), (0x2000, 0x206F), (0x2212, 0x2212), (0xFD3E, 0xFD3F), (0xFDFC, 0xFDFC),
)  # fmt: skip
WEIGHTS = (400, 400, 900)
# Fractions are not set by a feature here, and digits in columns are.
LEFT_OUT, ADDED = {"frac", "numr", "dnom"}, ["lnum", "tnum", "pnum"]


def main() -> None:
    lighter = io.BytesIO()
    whole = instancer.instantiateVariableFont(TTFont(SOURCE), {"wght": WEIGHTS})
    whole.flavor = None
    whole.save(lighter)
    lighter.seek(0)
    font = TTFont(lighter)
    options = subset.Options(notdef_outline=True)
    options.layout_features = [name for name in options.layout_features if name not in LEFT_OUT] + ADDED
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(TARGET)
    print(f"{TARGET.relative_to(BASE)}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
