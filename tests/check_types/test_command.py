"""command: exit codes alone, and exit codes beside reports."""

from collections.abc import Callable
from typing import Any

import pytest

from gatekeeper.check_types.command import PLUGIN, Params, measure
from gatekeeper.config.policy import Reads
from gatekeeper.errors import NotMeasured
from gatekeeper.model import Finding, Measurement, count, metric

Make = Callable[..., Any]
READS = (Reads("junit", "junit.xml"),)
FOUND = Finding("failed", "it broke", "high", "test")


def test_clean_exit(context: Make) -> None:
    """A command that ends clean is work done without a finding."""
    ctx = context({}, command=("true",), ended=(0, "clean", ""))
    assert measure(Params(), ctx) == Measurement(work={"commands": 1})


def test_failure_is_a_finding(context: Make) -> None:
    """A failed command is one finding with its exit code and last lines, which counts."""
    ctx = context({}, command=("make", "a b"), ended=(2, "findings", "first\nlast\n"))
    (finding,) = measure(Params(), ctx).findings
    assert finding.message == "`make 'a b'` exited with 2; its last lines:\nfirst\nlast"
    assert (finding.category, finding.severity) == ("command", "high")
    assert count([finding]) == {"command.failures": 1}
    assert PLUGIN.always == ("command.failures",)


def test_silent_failure_and_long_command(context: Make) -> None:
    """A command without output is said to have printed nothing; a long one is shortened."""
    ctx = context({}, command=("x" * 5000,), ended=(1, "findings", ""))
    (finding,) = measure(Params(), ctx).findings
    assert "it printed nothing" in finding.message
    assert len(finding.message) < 300


@pytest.mark.parametrize(
    ("outcome", "report"),
    [
        ("findings", Measurement(findings=(FOUND,), work={"tests": 1})),
        ("findings", Measurement(metrics=(metric("vulnerabilities.high", 2),))),
        ("clean", Measurement(work={"tests": 1})),
        ("clean", Measurement(findings=(FOUND,), work={"tests": 1})),
    ],
)
def test_report_is_the_measurement(context: Make, outcome: str, report: Measurement) -> None:
    """With `reads:` the report is the measurement, whatever the declared exit code."""
    ctx = context({}, command=("t",), reads=READS, ended=(1, outcome, ""), report=report)
    assert measure(Params(), ctx) is report


@pytest.mark.parametrize(
    "report",
    [
        Measurement(work={"tests": 3}),
        Measurement(metrics=(metric("tests.total", 3),), work={"tests": 3}),
        Measurement(metrics=(metric("vulnerabilities.high", 0), metric("coverage.line", 90, "%"))),
    ],
)
def test_findings_announced_and_none_reported(context: Make, report: Measurement) -> None:
    """Exit `findings` beside a report that shows none is no measurement, and says what to do."""
    ctx = context({}, command=("t",), reads=READS, ended=(3, "findings", "Oops"), report=report)
    with pytest.raises(NotMeasured, match=r"(?s)`t` exited with 3.*holds none.*Oops.*clean:"):
        measure(Params(), ctx)


def test_report_of_an_earlier_step(context: Make) -> None:
    """Without a command the report alone is read."""
    report = Measurement(work={"tests": 1})
    assert measure(Params(), context({}, reads=READS, report=report)) is report


def test_neither(context: Make) -> None:
    """A check with nothing to run and nothing to read has measured nothing."""
    with pytest.raises(NotMeasured, match="neither"):
        measure(Params(), context({}))
