"""Charts as data: what static/js/charts.js draws, and the table that stands beside every one of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

PAINTS = ("brand", "warn", "blue", "plum", "ink", "mute")


@dataclass(frozen=True)
class Series:
    """One line or one set of bars. None is a gap. Told apart by colour, and by dash, point or hatch."""

    label: str
    values: Sequence[float | None]
    paint: str = "brand"
    dash: bool = False


@dataclass(frozen=True)
class Chart:
    """`label` tells a screen reader what the drawing says; `head` names the first column of the table."""

    key: str
    label: str
    kind: str  # "line", "bar", "across" (bars that lie)
    head: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    places: int = 1
    low: float | None = None
    high: float | None = None
    marked: int | None = None  # the bar that is one's own
    size: str = ""  # "", "tall"
    note: str = field(default="")

    @property
    def script(self) -> str:
        return f"chart-{self.key}"

    @property
    def data(self) -> dict:
        return {
            "kind": self.kind,
            "labels": [str(label) for label in self.labels],
            "series": [
                {
                    "label": str(s.label), "paint": s.paint, "dash": s.dash,
                    "values": [None if v is None else round(float(v), 6) for v in s.values],
                }
                for s in self.series
            ],
            "unit": str(self.unit), "places": self.places, "low": self.low, "high": self.high, "marked": self.marked,
        }  # fmt: skip

    @property
    def rows(self) -> list[tuple[str, list[float | None]]]:
        return [(label, [s.values[i] for s in self.series]) for i, label in enumerate(self.labels)]


def colours(count: int) -> list[str]:
    return [PAINTS[i % len(PAINTS)] for i in range(count)]
