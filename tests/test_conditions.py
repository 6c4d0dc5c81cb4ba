"""Conditions: what they mean, which are refused and why, and how values are shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.conditions import (
    Condition,
    ConditionError,
    bounds,
    contradiction,
    evaluate,
    never_fails,
    parse,
    show,
)
from gatekeeper.metrics import TABLE, Definition, define


def metric(name: str) -> Definition:
    found = define(name)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "text", "value", "holds"),
    [
        ("coverage.line", ">= 80%", "80", True),
        ("coverage.line", ">= 80%", "79.999999999", False),
        ("coverage.line", "> 80 %", "80", False),
        ("coverage.line", "  > 80%  ", "80.1", True),
        ("coverage.line", "between 60% and 80%", "60", True),
        ("coverage.line", "between 60% and 80%", "80", True),
        ("coverage.line", "between 60% and 80%", "80.01", False),
        ("coverage.line", "between 60% and 80%", "59.99", False),
        ("coverage.line", "100%", "100", True),
        ("lint.errors", "0", "0", True),
        ("lint.errors", "== 0", "1", False),
        ("lint.errors", "!= 1", "1", False),
        ("lint.errors", "!= 1", "2", True),
        ("lint.errors", "<3", "2", True),
        ("lint.errors", "< 3", "3", False),
        ("lint.errors", "<= 3", "3", True),
        ("latency.p95", "< 0.3s", "299.9", True),
        ("latency.p95", "< 0.3s", "300", False),
        ("latency.p95", "<= 500us", "0.5", True),
        ("latency.p95", "< 500000ns", "0.5", False),
        ("latency.p95", "<= 1m", "60000", True),
        ("latency.p95", "<= 1h", "3600001", False),
        ("latency.p95", "<= 1d", "86400000", True),
        ("memory.peak", "<= 1KB", "1000", True),
        ("memory.peak", "<= 1KiB", "1024", True),
        ("memory.peak", "< 1MiB", "1048576", False),
        ("memory.peak", "<= 1.5GB", "1500000000", True),
        ("memory.peak", "<= 2GiB", "2147483649", False),
        ("memory.peak", "<= 2MB", "2000000", True),
        ("memory.peak", "<= 10B", "10", True),
        ("throughput", ">= 6/m", "0.1", True),
        ("throughput", ">= 360/h", "0.1", True),
        ("throughput", ">= 8640/d", "0.1", True),
        ("throughput", ">= 50/s", "49.9", False),
        ("benchmark.sort.median", "< 2ms", "0.0019", True),
        ("memory.growth", "< 1KB", "-5", True),
    ],
)
def test_absolute_conditions(name: str, text: str, value: str, holds: bool) -> None:
    """A condition compares exactly, in the unit of its metric."""
    assert evaluate(parse(text, metric(name)), Decimal(value), None) is holds


@pytest.mark.parametrize(
    ("name", "text", "value", "holds"),
    [
        ("latency.p95", "<= +10%", "220", True),
        ("latency.p95", "<= +10%", "220.1", False),
        ("latency.p95", "< +10%", "220", False),
        ("latency.p95", "<= -10%", "180", True),
        ("latency.p95", "<= -10%", "181", False),
        ("latency.p95", "<= +20ms", "220", True),
        ("latency.p95", "<= +0.02s", "220.1", False),
        ("latency.p95", "between -10% and +10%", "180", True),
        ("latency.p95", "between -10% and +10%", "179", False),
        ("latency.p95", "between -10ms and +10ms", "211", False),
        ("lint.errors", "<= +0", "200", True),
        ("lint.errors", "<= +5", "206", False),
        ("coverage.line", ">= -0.5pp", "199.5", True),
        ("coverage.line", ">= -0.5pp", "199.4", False),
        ("coverage.line", ">= -10%", "180", True),
    ],
)
def test_relative_conditions(name: str, text: str, value: str, holds: bool) -> None:
    """A sign compares with the reference, here 200; without one there is no answer."""
    condition = parse(text, metric(name))
    assert condition.relative
    assert evaluate(condition, Decimal(value), Decimal(200)) is holds
    assert evaluate(condition, Decimal(value), None) is None
    assert bounds(condition, None) == ()


def test_percent_of_a_negative_reference_loosens_upward() -> None:
    """`<= +10%` allows more than the reference, also where that is below zero."""
    condition = parse("<= +10%", metric("memory.growth"))
    assert evaluate(condition, Decimal(-90), Decimal(-100)) is True
    assert evaluate(condition, Decimal(-89), Decimal(-100)) is False


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("coverage.line", "", "no condition"),
        ("coverage.line", "high", "no condition"),
        ("coverage.line", "=> 80%", "no condition"),
        ("coverage.line", "= 80%", "no condition"),
        ("coverage.line", "+10%", "no condition"),
        ("coverage.line", "between 60%", "no condition"),
        ("coverage.line", ">= much", "no number"),
        ("coverage.line", ">= 1e3%", "no number"),
        ("coverage.line", ">= nan%", "no number"),
        ("coverage.line", ">= inf%", "no number"),
        ("coverage.line", ">= 1_000%", "no number"),
        ("coverage.line", f">= {'9' * 13}%", "no number"),
        ("coverage.line", ">= 80 furlongs", "unknown unit `furlongs`"),
        ("coverage.line", ">= 0.8", "the unit is missing: coverage.line is measured in %"),
        ("coverage.line", ">= 80ms", "`ms` does not fit"),
        ("coverage.line", "<= +20ms", "`ms` does not fit"),
        ("coverage.line", ">= 0.5pp", "write a sign"),
        ("latency.p95", ">= -0.5pp", "difference of two percentages"),
        ("latency.p95", "< 300", "the unit is missing"),
        ("latency.p95", "<= +20", "the unit is missing"),
        ("lint.errors", "<= 3%", "lint.errors is a plain number"),
        ("throughput", ">= 5", "the unit is missing"),
        ("memory.peak", "<= 5s", "`s` does not fit"),
        ("coverage.line", "between 80% and 60%", "the upper end is below the lower end"),
        ("latency.p95", "between 10ms and +10%", "one end is relative"),
        ("lint.errors", ">= 0", "cannot fail"),
        ("coverage.line", ">= 0%", "cannot fail"),
        ("coverage.line", "<= 100%", "cannot fail"),
        ("coverage.line", "between 0% and 100%", "cannot fail"),
        ("coverage.line", "!= 101%", "cannot fail"),
        ("coverage.line", "> 100%", "can never hold"),
        ("coverage.line", "== 101%", "can never hold"),
        ("coverage.line", "< 0%", "can never hold"),
        ("lint.errors", "< 0", "can never hold"),
        ("latency.p95", ">= -100%", "cannot fail"),
        ("latency.p95", ">= -150%", "cannot fail"),
        ("coverage.line", ">= -100pp", "cannot fail"),
        ("coverage.line", "<= +100pp", "cannot fail"),
        ("coverage.line", ">" + " " * 300 + "5%", "at most 200 characters"),
    ],
)
def test_refused(name: str, text: str, words: str) -> None:
    """What is no condition, fits no unit, or says nothing is refused in words that help."""
    with pytest.raises(ConditionError, match=words):
        parse(text, metric(name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("coverage.line", "> 0%"),
        ("coverage.line", "== 100%"),
        ("coverage.line", "< 100%"),
        ("coverage.line", ">= -99pp"),
        ("coverage.line", "<= +99pp"),
        ("coverage.line", "> -100pp"),
        ("lint.errors", "> 0"),
        ("lint.errors", "<= 0"),
        ("load.percent", "<= 150%"),
        ("latency.p95", ">= -99%"),
        ("latency.p95", "<= -200%"),
        ("latency.p95", ">= -5s"),
        ("memory.growth", ">= -100%"),
    ],
)
def test_accepted_at_the_edge(name: str, text: str) -> None:
    """What can hold and can fail is a condition."""
    assert parse(text, metric(name)).text == text


@pytest.mark.parametrize(
    ("texts", "impossible"),
    [
        (["> 80%", "< 60%"], True),
        (["> 80%", "<= 80%"], True),
        (["== 80%", "!= 80%"], True),
        (["> 80%", "< 81%"], False),
        (["> 80%", "!= 90%"], False),
        ([">= 80%", "<= 80%"], False),
        (["> 0.5%", "between 0.1% and 0.50001%"], False),
        (["<= +10%", ">= -0.5pp"], False),
        (["> 80%", "< 60%", "<= +10%"], True),
        ([], False),
    ],
)
def test_contradiction(texts: list[str], impossible: bool) -> None:
    """Several absolute conditions contradict each other where no value meets all of them."""
    coverage = metric("coverage.line")
    assert contradiction([parse(text, coverage) for text in texts], coverage) is impossible


@pytest.mark.parametrize(
    ("value", "unit", "limits", "shown"),
    [
        ("79.96", "%", ["80"], "79.96%"),
        ("79.999", "%", ["80"], "79.999%"),
        ("80.0000001", "%", ["80"], "80.0000001%"),
        ("80.00", "%", ["80"], "80%"),
        ("91.23456", "%", ["80"], "91.23%"),
        ("91.23456", "%", [], "91.23%"),
        ("69.9999", "%", ["80", "70"], "69.9999%"),
        ("0", "", ["0"], "0"),
        ("100", "", [], "100"),
        ("12.5", "/s", [], "12.5/s"),
        ("299", "ms", ["300"], "299 ms"),
        ("0.25", "s", ["1"], "0.25 s"),
        ("1048576", "B", [], "1048576 B"),
        ("-5", "B", ["0"], "-5 B"),
        ("0E-314", "s", [], "0 s"),
        ("1E+27", "B", [], "1000000000000000000000000000 B"),
        ("1.5E+300", "B", [], "1.5E+300 B"),
        ("1E-300", "s", ["0"], "1E-300 s"),
        ("0.0000000000000001", "s", ["0"], "0.0000000000000001 s"),
        ("0.0000004", "s", [], "0.0000004 s"),
        ("0.000000456", "s", ["1"], "0.00000046 s"),
    ],
)
def test_show(value: str, unit: str, limits: list[str], shown: str) -> None:
    """A value has two digits, and as many as tell it from what it is compared with."""
    assert show(Decimal(value), unit, [Decimal(limit) for limit in limits]) == shown


def test_bounds() -> None:
    """The numbers compared with are in the metric's unit, the reference applied."""
    latency = metric("latency.p95")
    assert bounds(parse("< 0.3s", latency), None) == (Decimal(300),)
    assert bounds(parse("between 1ms and 2ms", latency), None) == (Decimal(1), Decimal(2))
    assert bounds(parse("<= +10%", latency), Decimal(200)) == (Decimal(220),)
    assert bounds(parse("between -5ms and +5ms", latency), Decimal(200)) == (
        Decimal(195),
        Decimal(205),
    )


@given(st.text(max_size=300), st.sampled_from(sorted(TABLE)))
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    """No text does anything but become a condition or a ConditionError."""
    try:
        condition = parse(text, metric(name))
    except ConditionError:
        return
    assert isinstance(condition, Condition)


PIECES = st.sampled_from(
    [
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "between",
        "and",
        " ",
        "+",
        "-",
        "0",
        "80",
        "1.5",
        "%",
        "pp",
        "ms",
        "/s",
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join), st.sampled_from(sorted(TABLE)))
def test_nearly_right_text_is_read_or_refused(text: str, name: str) -> None:
    """What looks like a condition is one, or is refused; and one that is can fail and can hold."""
    definition = metric(name)
    try:
        condition = parse(text, definition)
    except ConditionError:
        return
    if not condition.relative:
        assert not contradiction([condition], definition)


@given(st.decimals(0, 100, places=6), st.decimals(1, 99, places=3))
def test_shown_values_compare_like_the_real_ones(value: Decimal, bound: Decimal) -> None:
    """What a person reads is on the same side of the bound as what was measured."""
    shown = Decimal(show(value, "", [bound]))
    assert (shown < bound, shown == bound) == (value < bound, value == bound)


@given(
    st.decimals(-1000, 1000, places=3),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.decimals(0, 1000, places=3),
)
def test_operators_mean_what_they_mean_in_python(value: Decimal, op: str, bound: Decimal) -> None:
    """Every operator agrees with Python's own on exact decimals."""
    condition = parse(f"{op} {bound:f}B", metric("memory.growth"))
    assert evaluate(condition, value, None) is eval(f"a {op} b", {"a": value, "b": bound})  # noqa: S307


@pytest.mark.parametrize(
    ("tiers", "holds"),
    [
        ((["== 0"], ["> 0"]), True),
        ((["< 3"], ["> 1"]), True),
        ((["== 0"], ["between 1 and 5"]), False),
        ((["== 0"], ["> 0", "< 10"]), False),
        ((["== 0"], []), False),
        (([], []), False),
        ((["== 0"], ["<= +10%"]), False),
    ],
)
def test_what_can_only_warn_is_told(tiers: tuple[list[str], list[str]], holds: bool) -> None:
    """Every value passes or warns; what compares with a reference may always fail."""
    metric = TABLE["lint.errors"]
    parsed = [[parse(text, metric) for text in tier] for tier in tiers]
    assert never_fails(parsed, metric) is holds
