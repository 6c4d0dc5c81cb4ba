"""Conditions on metrics: `< 300ms`, `>= 80%`, `between 60% and 80%`, `<= +10%`.

A condition is parsed against its metric, so that its numbers are in the metric's unit, and is
evaluated three-valued: True, False, or None where the reference it compares with is missing.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import pairwise
from typing import Literal

from gatekeeper.metrics import Definition

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "between"]
Basis = Literal["", "percent", "absolute"]

# Unit -> (dimension, size in the dimension's base unit).
_UNITS: dict[str, tuple[str, Decimal]] = {
    "": ("number", Decimal(1)),
    "ns": ("time", Decimal("1e-9")),
    "us": ("time", Decimal("1e-6")),
    "ms": ("time", Decimal("1e-3")),
    "s": ("time", Decimal(1)),
    "m": ("time", Decimal(60)),
    "h": ("time", Decimal(3600)),
    "d": ("time", Decimal(86400)),
    "B": ("size", Decimal(1)),
    "KB": ("size", Decimal(10**3)),
    "MB": ("size", Decimal(10**6)),
    "GB": ("size", Decimal(10**9)),
    "KiB": ("size", Decimal(2**10)),
    "MiB": ("size", Decimal(2**20)),
    "GiB": ("size", Decimal(2**30)),
    "%": ("percentage", Decimal(1)),
    "pp": ("percentage points", Decimal(1)),
    "/s": ("rate", Decimal(1)),
    "/m": ("rate", 1 / Decimal(60)),
    "/h": ("rate", 1 / Decimal(3600)),
    "/d": ("rate", 1 / Decimal(86400)),
    "USD": ("USD", Decimal(1)),
    "EUR": ("EUR", Decimal(1)),
}
# As exact as a metric's value and its JSON.
_EXACT = Context(prec=15)
_DIGITS = Context(prec=60)
# Longer than any condition with sense; keeps the patterns' work small.
_LONGEST = 200
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<digits>\d{1,12}(?:\.\d{1,12})?)\s*(?P<unit>[A-Za-z/%]*)")
_COMPARISON = re.compile(r"(?P<op>==|!=|<=|>=|<|>)\s*(?P<bound>.+)")
_BETWEEN = re.compile(r"between\s+(?P<low>.+?)\s+and\s+(?P<high>.+)")


_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ConditionError(ValueError):
    """What is wrong with the text of a condition, in words for its author."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison in the unit of its metric.

    `bound` is the number to compare with, `high` the upper end of `between` (both ends belong).
    With `basis` "percent" the bound is a signed percentage of the reference, with "absolute" a
    signed distance from it.
    """

    text: str
    op: Operator
    bound: Decimal
    high: Decimal | None = None
    basis: Basis = ""

    @property
    def relative(self) -> bool:
        """Whether the condition compares with a reference."""
        return bool(self.basis)


def parse(text: str, metric: Definition) -> Condition:
    """Read one condition on `metric`; raise ConditionError with what is wrong with it."""
    text = text.strip()
    if len(text) > _LONGEST:
        raise ConditionError(f"a condition has at most {_LONGEST} characters")
    if _NUMBER.fullmatch(text) and text[0] not in "+-":
        text = f"== {text}"
    if match := _BETWEEN.fullmatch(text):
        bound, basis = _bound(match["low"], metric)
        high, other = _bound(match["high"], metric)
        if basis != other:
            raise ConditionError("one end is relative to the reference and the other is not")
        if high < bound:
            raise ConditionError("the upper end is below the lower end")
        condition = Condition(text, "between", bound, high, basis)
    elif match := _COMPARISON.fullmatch(text):
        bound, basis = _bound(match["bound"], metric)
        condition = Condition(text, match["op"], bound, None, basis)  # type: ignore[arg-type]
    else:
        raise ConditionError(
            f"`{text}` is no condition: write a comparison such as `>= 80%`, `== 0`, "
            "`between 60% and 80%` or `<= +10%`"
        )
    _check_sense(condition, metric)
    return condition


def _bound(text: str, metric: Definition) -> tuple[Decimal, Basis]:
    """A number with its unit, in the unit of the metric, and what it is relative to."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise ConditionError(f"`{text.strip()}` is no number with a unit")
    unit, sign = match["unit"], match["sign"]
    if unit not in _UNITS:
        raise ConditionError(f"unknown unit `{unit}`; known are {', '.join(filter(None, _UNITS))}")
    number = _EXACT.create_decimal(sign + match["digits"])
    if unit == "pp":
        _refuse_points(sign, metric)
        return number, "absolute"
    if sign and unit == "%":
        return number, "percent"
    (dimension, size), (wanted, base) = _UNITS[unit], _UNITS[metric.unit]
    if dimension != wanted:
        problem = f"`{unit}` does not fit" if unit else "the unit is missing"
        raise ConditionError(f"{problem}: {_measured(metric)}")
    # 6/m is 0.1/s, not 0.1000000000000000000000000002/s.
    return _EXACT.divide(number * size, base), "absolute" if sign else ""


def _refuse_points(sign: str, metric: Definition) -> None:
    if metric.unit != "%":
        raise ConditionError(f"`pp` is the difference of two percentages; {_measured(metric)}")
    if not sign:
        text = "`pp` is a difference from the reference: write a sign, `>= -0.5pp`"
        raise ConditionError(text)


def _measured(metric: Definition) -> str:
    return f"{metric.name} is {f'measured in {metric.unit}' if metric.unit else 'a plain number'}"


def _check_sense(condition: Condition, metric: Definition) -> None:
    """Refuse what every value meets, and what none can."""
    if condition.relative:
        if _always_relative(condition, metric):
            raise ConditionError(f"`{condition.text}` cannot fail: {_range(metric)}")
        return
    samples = _probes(condition, metric)
    outcomes = {evaluate(condition, value, None) for value in samples}
    if outcomes == {True}:
        raise ConditionError(f"`{condition.text}` cannot fail: {_range(metric)}")
    if outcomes == {False}:
        raise ConditionError(f"`{condition.text}` can never hold: {_range(metric)}")


def _always_relative(condition: Condition, metric: Definition) -> bool:
    """Whether every value of the metric's range meets the condition, whatever the reference."""
    if metric.low is None:
        return False
    if condition.basis == "percent":
        return condition.op in (">", ">=") and condition.bound <= -100
    if metric.high is None:
        return False
    span = metric.high - metric.low
    return (condition.op == ">=" and condition.bound <= -span) or (
        condition.op == "<=" and condition.bound >= span
    )


def _probes(condition: Condition, metric: Definition) -> list[Decimal]:
    """Values of the metric's range between which the condition's outcome can change."""
    step = Decimal("1e-12")
    ends = [condition.bound, condition.high if condition.high is not None else condition.bound]
    probes = [end + delta for end in ends for delta in (-step, Decimal(0), step)]
    low = metric.low if metric.low is not None else min(probes) - 1
    high = metric.high if metric.high is not None else max(*probes, low) + 1
    return [low, high, *(probe for probe in probes if low <= probe <= high)]


def _range(metric: Definition) -> str:
    if metric.high is not None:
        return f"{metric.name} is always between {metric.low} and {metric.high}{metric.unit}"
    return f"{metric.name} is never below {metric.low}"


def contradiction(conditions: Sequence[Condition], metric: Definition) -> bool:
    """Whether no value can meet all of several absolute conditions together."""
    absolute = [condition for condition in conditions if not condition.relative]
    probes = _probes_of_all(absolute, metric)
    return bool(absolute) and not any(_hold(absolute, probe) for probe in probes)


def never_fails(tiers: Sequence[Sequence[Condition]], metric: Definition) -> bool:
    """Whether every value meets all the conditions of one tier or another: pass, else warning."""
    known = [tier for tier in tiers if tier and not _any_relative(tier)]
    probes = _probes_of_all([condition for tier in known for condition in tier], metric)
    return bool(known) and all(any(_hold(tier, probe) for tier in known) for probe in probes)


def _any_relative(conditions: Sequence[Condition]) -> bool:
    return any(condition.relative for condition in conditions)


def _probes_of_all(conditions: Sequence[Condition], metric: Definition) -> list[Decimal]:
    """Values between which the outcome of none of the conditions changes.

    Between two neighbouring probes nothing changes, so their midpoints stand for the gaps.
    """
    ordered = sorted(probe for condition in conditions for probe in _probes(condition, metric))
    return ordered + [(a + b) / 2 for a, b in pairwise(ordered)]


def _hold(conditions: Sequence[Condition], value: Decimal) -> bool:
    return all(evaluate(condition, value, None) for condition in conditions)


def evaluate(condition: Condition, value: Decimal, reference: Decimal | None) -> bool | None:
    """Whether `value` meets the condition; None where a reference is needed and missing."""
    bound, high = condition.bound, condition.high
    if condition.relative:
        if reference is None:
            return None
        bound = _absolute(bound, condition.basis, reference)
        high = None if high is None else _absolute(high, condition.basis, reference)
    if high is not None:
        return bound <= value <= high
    return _COMPARISONS[condition.op](value, bound)


def _absolute(bound: Decimal, basis: Basis, reference: Decimal) -> Decimal:
    return reference + (abs(reference) * bound / 100 if basis == "percent" else bound)


def show(value: Decimal, unit: str, bounds: Sequence[Decimal] = ()) -> str:
    """A value for people, with as many digits as tell it from the bounds it is compared with.

    At least two decimal places, and two significant digits.
    """
    far = bool(value) and abs(value.adjusted()) >= 40
    text = str(value) if far else _rounded(value, bounds)
    return f"{text}{unit}" if unit in ("", "%", "/s") else f"{text} {unit}"


def _rounded(value: Decimal, bounds: Sequence[Decimal]) -> str:
    text = f"{value:f}"
    fewest = max(2, 1 - value.adjusted()) if value else 2
    for places in range(fewest, fewest + 14):
        rounded = value.quantize(Decimal(1).scaleb(-places), context=_DIGITS)
        if all((rounded > b) - (rounded < b) == (value > b) - (value < b) for b in bounds):
            text = f"{rounded:f}"
            break
    return text.rstrip("0").rstrip(".") if "." in text else text


def bounds(condition: Condition, reference: Decimal | None) -> tuple[Decimal, ...]:
    """The numbers a value is compared with, the reference applied where there is one."""
    ends = [end for end in (condition.bound, condition.high) if end is not None]
    if not condition.relative:
        return tuple(ends)
    if reference is None:
        return ()
    return tuple(_absolute(end, condition.basis, reference) for end in ends)
