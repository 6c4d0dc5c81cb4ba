"""The table of metrics: complete, consistent, and the families of names beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.metrics import FAMILIES, TABLE, define
from gatekeeper.model import CATEGORIES, SEVERITIES, Finding, counted_in


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_metric_has_bounds_and_a_meaning(name: str) -> None:
    """A metric is found by its name, says what it means, and its range is no empty one."""
    metric = define(name)
    assert metric is TABLE[name]
    assert metric.name == name
    assert metric.meaning
    assert metric.unit in ("", "%", "ms", "s", "B", "/s")
    if metric.low is not None and metric.high is not None:
        assert metric.low < metric.high


@pytest.mark.parametrize(
    ("name", "unit", "low", "high", "derived"),
    [
        ("coverage.line", "%", 0, 100, False),
        ("error.rate", "%", 0, 100, False),
        ("load.percent", "%", 0, None, False),
        ("cpu.peak", "%", 0, None, False),
        ("memory.percent", "%", 0, 100, False),
        ("memory.growth", "B", None, None, False),
        ("memory.peak", "B", 0, None, False),
        ("throughput", "/s", 0, None, False),
        ("latency.mean", "ms", 0, None, False),
        ("lint.errors", "", 0, None, True),
        ("tests.total", "", 0, None, False),
        ("tests.failed", "", 0, None, True),
        ("complexity.max", "", 0, None, False),
        ("complexity.over", "", 0, None, True),
        ("signoffs.stale", "", 0, None, True),
        ("alerts.total", "", 0, None, False),
        ("alerts.incomplete", "", 0, None, True),
    ],
)
def test_units_and_bounds(
    name: str, unit: str, low: int | None, high: int | None, derived: bool
) -> None:
    """Percentages end at 100 unless they exceed the whole; only growth may be negative."""
    metric = define(name)
    assert metric
    assert (metric.unit, metric.low, metric.high, metric.derived) == (unit, low, high, derived)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        *((f"latency.p{share}", "ms") for share in (50, 90, 95, 99)),
        *((f"owasp.a{number:02}", "") for number in range(1, 11)),
        ("benchmark.sort.median", "s"),
        ("benchmark.sort.large.mean", "s"),
        ("benchmark.a b[1].median", "s"),
    ],
)
def test_families(name: str, unit: str) -> None:
    """Names of a family are metrics with a unit and a meaning."""
    metric = define(name)
    assert metric
    assert (metric.name, metric.unit) == (name, unit)
    assert metric.low == 0
    assert metric.meaning


@pytest.mark.parametrize(
    "name",
    [
        "",
        "coverage",
        "coverage.lines",
        "Coverage.line",
        "latency.p42",
        "latency.p950",
        "owasp.a00",
        "owasp.a11",
        "owasp.a1",
        "benchmark.median",
        "benchmark.sort.max",
        "benchmark..median\n",
        "vulnerabilities.info",
        "tests.quantum",
    ],
)
def test_unknown(name: str) -> None:
    """What is no metric is none."""
    assert define(name) is None


def test_families_are_described() -> None:
    """The families are listed with their meaning, though no single metric bears their name."""
    assert {family.name.split(".")[0] for family in FAMILIES} == {"latency", "owasp", "benchmark"}
    assert all(family.meaning and define(family.name) is None for family in FAMILIES)


def test_a_metric_is_derived_exactly_where_some_finding_counts_in_it() -> None:
    """The table and the counting of findings agree on what is derived."""
    rules = {name.partition(".")[2] for name in TABLE}
    counted = {
        name
        for category in CATEGORIES
        for severity in SEVERITIES
        for rule in rules
        for name in counted_in(Finding(rule, "", severity, category))
    }
    assert {name for name, metric in TABLE.items() if metric.derived} == counted & set(TABLE)


@given(st.text(max_size=60))
def test_any_name_is_looked_up(name: str) -> None:
    """A lookup gives the metric of exactly that name, or none."""
    metric = define(name)
    assert metric is None or metric.name == name
