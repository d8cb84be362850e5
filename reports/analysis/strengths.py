"""Where one does better or worse than its peers: the share of each indicator's weight that it earned, against the
peers' median share. Ordered by what that is worth in points of the total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .spread import median

SHOWN = 5
# A hundredth of a point is no strength.
LEAST = 0.01


@dataclass(frozen=True)
class Gap:
    """`own` and `peers` are shares, 0 to 1; `points`: what the difference is worth, out of the total's hundred."""

    code: str
    own: float
    peers: float
    points: float


def gaps(own: Mapping[str, float], peers: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> list[Gap]:
    """For each indicator that both have. `weights` sum to what the total is out of."""
    whole = sum(weights.values()) or 1.0
    found = []
    for code, share in own.items():
        middle = median(peers.get(code, ()))
        if middle is not None:
            found.append(Gap(code, share, middle, (share - middle) * weights.get(code, 0.0) * 100 / whole))
    return found


def strengths(found: Sequence[Gap], most: int = SHOWN) -> list[Gap]:
    return sorted((gap for gap in found if gap.points >= LEAST), key=lambda gap: -gap.points)[:most]


def weaknesses(found: Sequence[Gap], most: int = SHOWN) -> list[Gap]:
    return sorted((gap for gap in found if gap.points <= -LEAST), key=lambda gap: gap.points)[:most]
