"""The phrases that reports share; what they say in full is tested with each report."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gatekeeper import wording
from gatekeeper.model import Finding, Metric, Verdict
from gatekeeper.result import (
    SCHEMA,
    CheckVerdict,
    GateVerdict,
    Judgement,
    Plan,
    Result,
    RunVerdict,
    Subject,
)

FINDING = Finding("E1", "wrong", "high", "lint", "a.py", 3, 7)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one line", "one line"),
        ("first\nsecond", "first ..."),
        ("\n  first  word \n", "first word"),
        ("x" * 600, "x" * 500 + " ..."),
        ("x" * 600 + "\nsecond", "x" * 500 + " ..."),
        ("", ""),
    ],
)
def test_a_headline_is_the_first_line_and_tells_that_more_follows(text: str, shown: str) -> None:
    assert wording.headline(text) == shown


@pytest.mark.parametrize(
    ("path", "line", "column", "shown"),
    [
        ("a.py", 3, 7, "a.py:3:7: wrong [E1]"),
        ("a.py", 3, None, "a.py:3: wrong [E1]"),
        ("a.py", None, None, "a.py: wrong [E1]"),
        (None, None, None, "wrong [E1]"),
    ],
)
def test_a_finding_is_located_as_far_as_known(
    path: str | None, line: int | None, column: int | None, shown: str
) -> None:
    assert wording.located(Finding("E1", "wrong", "high", "lint", path, line, column)) == shown


@pytest.mark.parametrize(
    ("metric", "category", "found"),
    [
        ("lint.errors", "lint", True),
        ("lint.warnings", "lint", False),
        ("complexity.max", "complexity", True),
        ("coverage.line", "coverage", True),
        ("coverage.line", "lint", False),
        ("latency.p95", "performance", True),
    ],
)
def test_a_finding_is_blamed_for_the_metrics_that_it_explains(
    metric: str, category: str, found: bool
) -> None:
    finding = Finding("r", "m", "high", category)  # type: ignore[arg-type]
    assert bool(wording.blamed([finding], [metric])) is found
    assert not wording.blamed([finding], [])


@pytest.mark.parametrize(
    ("judgement", "shown"),
    [
        (Judgement("lint.errors", "== 0", "fail", text="3"), "lint.errors == 0: 3"),
        (Judgement("lint.errors", "== 0", "error"), "lint.errors == 0: not measured"),
        (
            Judgement("a", "< 2s", "pass", measured=Metric("a", Decimal("1.5"), "s")),
            "a < 2s: 1.5 s",
        ),
        (Judgement("a", "== 0", "pass", text="0", waived=5), "a == 0: 0, 5 waived"),
        (Judgement("a", "== 0", "pass", text="1", waiver="W-1"), "a == 0: 1, waived by W-1"),
    ],
)
def test_a_judgement_shows_condition_and_value(judgement: Judgement, shown: str) -> None:
    assert wording.judged(judgement) == shown


def test_the_list_of_findings_is_cut_and_counted() -> None:
    assert wording.listed([FINDING] * 3, 2) == ["a.py:3:7: wrong [E1]"] * 2 + ["and 1 more"]
    assert wording.listed([FINDING], 2) == ["a.py:3:7: wrong [E1]"]
    assert wording.listed([], 2) == []


def test_the_tail_of_an_output_is_its_last_lines() -> None:
    output = "\n".join(f"line {n}" for n in range(100)) + "\n\n"
    assert wording.tail(output, 2) == ["line 98", "line 99"]
    assert wording.tail("", 2) == []


def named(*names: str, **fields: object) -> tuple[CheckVerdict, ...]:
    """Checks of these names that passed, with changes."""
    made = {"title": "", "verdict": "pass", **fields}
    return tuple(CheckVerdict(name, **made) for name in names)  # type: ignore[arg-type]


UNMET = Judgement("lint.errors", "== 0", "fail")
RATE = Judgement("coverage.line", "> 80%", "fail", check="b")
BROKEN = named("a", findings=(FINDING,))


@pytest.mark.parametrize(
    ("checks", "requirements", "verdict", "bad"),
    [
        (named("a", "b"), (), "pass", []),
        ((*named("a"), *named("b", verdict="fail")), (), "fail", ["b"]),
        ((*named("a"), *named("b", verdict="error")), (), "error", ["b"]),
        ((*named("a"), *named("b", verdict="warn")), (), "warn", []),
        ((*BROKEN, *named("b")), (UNMET,), "fail", ["a"]),
        (named("a", "b"), (RATE,), "fail", ["b"]),
        ((*named("a", "b"), *named("c", verdict="skipped")), (UNMET,), "fail", ["a", "b"]),
        ((*BROKEN, *named("b", "c")), (UNMET, RATE), "fail", ["a", "b"]),
        (named("a", "b", verdict="skipped"), (), "error", ["a", "b"]),
    ],
    ids=[
        "all is well",
        "failed",
        "not measured",
        "a warning",
        "findings of a check that passed",
        "the check of a requirement",
        "a bare total",
        "several requirements",
        "a gate of which nothing was measured",
    ],
)
def test_bad_checks_are_those_behind_what_blocks(
    checks: tuple[CheckVerdict, ...],
    requirements: tuple[Judgement, ...],
    verdict: str,
    bad: list[str],
) -> None:
    """To run them again is to measure again whatever was bad."""
    gate = GateVerdict("g", "", verdict, checks=checks, requirements=requirements)  # type: ignore[arg-type]
    assert wording.bad(RunVerdict("fail", (gate,))) == bad


@pytest.mark.parametrize(
    ("verdict", "findings", "told"),
    [
        ("fail", (FINDING,), True),
        ("fail", (), True),
        ("pass", (FINDING,), True),
        ("pass", (), False),
        ("error", (), False),
        ("error", (FINDING,), True),
    ],
)
def test_a_fix_is_for_what_was_measured(
    verdict: Verdict, findings: tuple[Finding, ...], *, told: bool
) -> None:
    """It mends findings; a tool that is missing needs its remedy alone."""
    check = CheckVerdict("a", "", verdict, findings=findings, remedy="install it", fix="a --fix")
    assert wording.remedies(check) == ["remedy: install it", *["fix: a --fix"][: int(told)]]


@pytest.mark.parametrize(
    ("names", "service", "command"),
    [
        ("", None, ""),
        ("a", None, "gatekeeper run --only a"),
        ("abc", None, "gatekeeper run --only a --only b --only c"),
        ("abcd", None, "gatekeeper run --failed"),
        ("a", "api", "gatekeeper run --service api --only a"),
        (["a b; rm"], None, "gatekeeper run --only 'a b; rm'"),
    ],
)
def test_the_command_that_runs_what_is_bad(
    names: list[str], service: str | None, command: str
) -> None:
    """A few checks are named, more are those that failed; a shell takes each for one word."""
    gate = GateVerdict("g", "", "fail" if names else "pass", checks=named(*names, verdict="fail"))
    plan = Plan("push", ("g",), (), 1)
    run = RunVerdict("fail", (gate,))
    result = Result(SCHEMA, "", Subject(service), "", "", "", plan, (), run)
    assert wording.again(result) == command
