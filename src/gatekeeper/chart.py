"""What a chart of a series needs: fewer points, the figures that stand beside it, the line itself.

Pure numbers: a reader thins with it what it keeps, a report draws with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.model import Series

# Beyond it a difference would not be finite; nothing that is measured is as large.
_LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class Figures:
    """A series in words, in its unit."""

    least: float
    median: float
    most: float
    last: float


def kept(values: Sequence[float], most: int) -> list[int]:
    """The places of at most `most` values that keep every peak.

    The values are cut into equal runs, and of each run its least and its greatest value stay, in
    the order in which they came: an outlier is what a chart of times is looked at for.
    """
    if len(values) <= most:
        return list(range(len(values)))
    places: list[int] = []
    runs = most // 2
    for run in range(runs):
        part = range(len(values) * run // runs, len(values) * (run + 1) // runs)
        places += sorted({min(part, key=values.__getitem__), max(part, key=values.__getitem__)})
    return places


def figures(series: Series) -> Figures | None:
    """The figures of a series; None for one that cannot be drawn.

    That is one without two values, with a value that is no finite number, or whose times fall.
    """
    values, at = series.values, series.at
    drawable = len(values) > 1 and all(abs(number) < _LARGEST for number in (*values, *at))
    if at and (len(at) != len(values) or list(at) != sorted(at) or at[0] == at[-1]):
        drawable = False
    if not drawable:
        return None
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return Figures(ordered[0], middle, ordered[-1], values[-1])


def line(series: Series, shown: Figures, width: int, height: int, most: int) -> str:
    """`points` of an SVG polyline in a box: 0 or the least value below, the greatest above.

    Of more than `most` values those that `kept` names.
    https://www.w3.org/TR/SVG2/shapes.html#PolylineElement
    """
    floor = min(shown.least, 0.0)
    span = (shown.most - floor) or 1.0
    at = series.at or range(len(series.values))
    return " ".join(
        f"{width * (at[n] - at[0]) / (at[-1] - at[0]):.1f},"
        f"{height - height * (series.values[n] - floor) / span:.1f}"
        for n in kept(series.values, most)
    )
