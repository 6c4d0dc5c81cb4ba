"""Charts: what is left of a long series, its figures, and the line in its box."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper import chart
from gatekeeper.model import Series

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300)


@settings(max_examples=50)
@given(VALUES, st.integers(2, 40))
def test_kept(values: list[float], most: int) -> None:
    """What is kept is no more than asked for, in order, and holds the least and the greatest."""
    places = chart.kept(values, most)
    left = [values[place] for place in places]
    assert len(places) <= max(most, 0)
    assert places == sorted(set(places))
    assert (min(left), max(left)) == (min(values), max(values))


def test_kept_whole() -> None:
    """A short series stays as it is."""
    assert chart.kept([3.0, 1.0, 2.0], 3) == [0, 1, 2]


def test_figures() -> None:
    """Least, median, greatest and last value."""
    assert chart.figures(Series("a", "s", (4.0, 1.0, 3.0, 2.0))) == chart.Figures(1, 2.5, 4, 2)


@pytest.mark.parametrize(
    ("values", "at"),
    [
        pytest.param((), (), id="nothing"),
        pytest.param((1.0,), (), id="one value"),
        pytest.param((1.0, float("nan")), (), id="not a number"),
        pytest.param((1.0, float("inf")), (), id="infinite"),
        pytest.param((1e308, -1e308), (), id="a difference that is infinite"),
        pytest.param((1.0, 2.0), (0.0,), id="fewer times than values"),
        pytest.param((1.0, 2.0), (2.0, 1.0), id="times that fall"),
        pytest.param((1.0, 2.0), (1.0, 1.0), id="no time between"),
        pytest.param((1.0, 2.0), (0.0, float("nan")), id="a time that is none"),
    ],
)
def test_no_figures(values: tuple[float, ...], at: tuple[float, ...]) -> None:
    """What cannot be drawn has no figures."""
    assert chart.figures(Series("a", "s", values, at)) is None


@pytest.mark.parametrize(
    ("values", "at", "points"),
    [
        ((0.0, 5.0, 10.0), (), "0.0,50.0 50.0,25.0 100.0,0.0"),
        ((5.0, 10.0), (1.0, 3.0), "0.0,25.0 100.0,0.0"),
        ((-10.0, 10.0), (), "0.0,50.0 100.0,0.0"),
        ((0.0, 0.0), (), "0.0,50.0 100.0,50.0"),
        ((1.0, 1.0, 2.0), (0.0, 9.0, 10.0), "0.0,25.0 90.0,25.0 100.0,0.0"),
    ],
)
def test_line(values: tuple[float, ...], at: tuple[float, ...], points: str) -> None:
    """The line stands on 0, unless values are below it, and ends at the edges of its box."""
    series = Series("a", "s", values, at)
    figures = chart.figures(series)
    assert figures
    assert chart.line(series, figures, 100, 50, 400) == points
