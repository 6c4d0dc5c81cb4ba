"""coverage-json: exact shares of lines and branches, of a report that adds up."""

from __future__ import annotations

import copy
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import Measurement
from gatekeeper.readers.coverage_json import PLUGIN


def report(covered: int, statements: int, **more: Any) -> dict[str, Any]:
    """A report of one file, with what else its summary holds."""
    summary = {"covered_lines": covered, "num_statements": statements, **more}
    return {
        "meta": {"version": "7.17.3", "format": 3, "branch_coverage": bool(more)},
        "files": {"a.py": {"summary": summary}},
        "totals": dict(summary),
    }


def values(measured: Measurement) -> dict[str, Decimal]:
    """The metrics by name."""
    return {metric.name: metric.value for metric in measured.metrics}


def test_real(read: Any, fixtures: Any) -> None:
    """Lines and branches are told apart, unlike in percent_covered (58.3)."""
    measured = read(PLUGIN, fixtures / "coverage-json" / "format-3.json")
    assert values(measured) == {"coverage.line": 60, "coverage.branch": 50}
    assert measured.work == {"statements": 10}
    assert [(metric.unit, metric.samples) for metric in measured.metrics] == [("%", 10), ("%", 2)]


@pytest.mark.parametrize("number", [None, 1, 2, 3])
def test_formats(number: int | None, read: Any) -> None:
    """All formats so far are read, the unnumbered one before them included."""
    document = report(2, 3)
    document["meta"]["format"] = number
    assert values(read(PLUGIN, document)) == {"coverage.line": Decimal("66.6666666666667")}


@pytest.mark.parametrize(
    "branches",
    [
        pytest.param({}, id="not measured"),
        pytest.param({"num_branches": 8, "num_partial_branches": 1}, id="not counted before 5.1"),
        pytest.param({"num_branches": 0, "covered_branches": 0}, id="none in the code"),
    ],
)
def test_no_branches(branches: dict[str, int], read: Any) -> None:
    """Without counted branches there is no share of them."""
    assert values(read(PLUGIN, report(1, 1, **branches))) == {"coverage.line": 100}


def test_not_rounded_up(read: Any) -> None:
    """One line of a million that is not covered shows."""
    assert values(read(PLUGIN, report(999_999, 1_000_000)))["coverage.line"] == Decimal("99.9999")


WRONG: list[tuple[str, Any, str]] = [
    ("totals", {"covered_lines": 3, "num_statements": 3}, "add up to"),
    ("totals", {"covered_lines": 2, "num_statements": 4}, "add up to"),
    ("totals", {"covered_lines": 2}, "num_statements of totals is missing"),
    ("totals", {"covered_lines": "2", "num_statements": 3}, "covered_lines of totals"),
    ("totals", {"covered_lines": True, "num_statements": 3}, "covered_lines of totals"),
    ("totals", {"covered_lines": -1, "num_statements": 3}, "covered_lines of totals"),
    ("totals", {"covered_lines": 2.0, "num_statements": 3}, "covered_lines of totals"),
    ("totals", {}, "is no coverage.py report"),
    ("files", {}, "add up to 0 of 0"),
    ("files", {"a.py": {}}, "covered_lines of a.py is missing"),
    ("files", None, "add up to 0 of 0"),
    ("meta", {"version": "9.0", "format": 4}, "format 4"),
    ("meta", {"version": "9.0", "format": "x" * 99}, "known are formats up to 3"),
    ("meta", {}, "is no coverage.py report"),
]


@pytest.mark.parametrize(("key", "value", "reason"), WRONG)
def test_wrong(key: str, value: Any, reason: str, read: Any) -> None:
    """A report that contradicts itself, or lacks what it must hold, is no measurement."""
    with pytest.raises(NotMeasured, match=re.escape(reason)):
        read(PLUGIN, report(2, 3) | {key: value})


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        pytest.param(report(0, 0), "zero statements", id="nothing to cover"),
        pytest.param(report(4, 3), "4 of 3", id="more than all"),
        pytest.param([], "no coverage.py report", id="a list"),
        pytest.param({"results": []}, "no coverage.py report", id="another tool's"),
        pytest.param("", "is empty", id="empty"),
    ],
)
def test_no_coverage(document: Any, reason: str, read: Any) -> None:
    """Coverage of nothing is no measurement."""
    with pytest.raises(NotMeasured, match=reason):
        read(PLUGIN, document)


@given(number=st.integers(-5, 10**13) | st.floats(allow_nan=False) | st.none() | st.text())
def test_any_number(number: Any, attempt: Any) -> None:
    """Whatever stands for a number: a share between 0 and 100, or no measurement."""
    document = copy.deepcopy(report(1, 3))
    for summary in (document["totals"], document["files"]["a.py"]["summary"]):
        summary["covered_lines"] = number
    if measured := attempt(PLUGIN, document):
        assert 0 <= values(measured)["coverage.line"] <= 100


def test_damaged(fixtures: Any, damaged: Any, attempt: Any) -> None:
    """Damage never raises the share of a report: it adds up, or it is refused."""
    for variant in damaged((fixtures / "coverage-json" / "format-3.json").read_bytes()):
        if measured := attempt(PLUGIN, variant):
            assert values(measured)["coverage.line"] == 60


def test_corpus(corpus: Any, read: Any) -> None:
    """Real reports agree with the index."""
    for path, holds in corpus(r"local/coverage/.*\.json"):
        line = re.search(r"statements (\d+)/(\d+)", holds)
        branch = re.search(r"branches (\d+)/(\d+)", holds)
        assert line
        seen = {m.name: round(m.value * (m.samples or 0) / 100) for m in read(PLUGIN, path).metrics}
        expected = {"coverage.line": int(line[1])}
        if branch:
            expected["coverage.branch"] = int(branch[1])
        assert seen == expected, path
        assert json.loads(path.read_text())["totals"]["num_statements"] == int(line[2])
