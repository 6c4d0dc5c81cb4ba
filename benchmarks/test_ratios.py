"""The ratios of ratios.py, judged: one that is above its limit fails."""

from __future__ import annotations

import pytest

import ratios


@pytest.mark.parametrize("name", ratios.CASES)
def test_ratio(name: str) -> None:
    figures = list(ratios.measure(name, ratios.ROUNDS))
    assert figures
    assert [ratios.line(figure) for figure in figures if not figure.holds] == []
