"""Every problem of a result: each once, worst first, each with a place."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from gatekeeper import wording
from gatekeeper.model import SEVERITIES, Finding, Position, Verdict
from gatekeeper.result import (
    SCHEMA,
    CheckVerdict,
    Excused,
    GateVerdict,
    Judgement,
    Plan,
    Result,
    RunVerdict,
    Subject,
)
from gatekeeper.shortfalls import Shortfall, shortfalls

GATE, CHECK, RULE = (Position("gates/q.yaml", line, 1) for line in (1, 5, 3))
LINT = Finding("E1", "too long", "high", "lint", "a.py", 3, 9)
STYLE = Finding("W1", "a space", "low", "lint", "b.py", 1)
ERRORS = Judgement("lint.errors", "== 0", "fail", RULE, text="1")
COVERAGE = Judgement("coverage.line", "> 80%", "fail", RULE, text="70%", remedy="test more")


def check(verdict: Verdict = "pass", name: str = "ruff", **changes: Any) -> CheckVerdict:
    return CheckVerdict(name, f"{name} is content", verdict, position=CHECK, **changes)


def gate(
    verdict: Verdict, *checks: CheckVerdict, name: str = "quality", **changes: Any
) -> GateVerdict:
    return GateVerdict(name, "Quality", verdict, checks=checks, position=GATE, **changes)


def result(*gates: GateVerdict, **changes: Any) -> Result:
    verdict = max(
        (g.verdict for g in gates), key=["skipped", "pass", "warn", "fail", "error"].index
    )
    return Result(
        schema=SCHEMA,
        engine="0.1.0",
        subject=Subject(),
        policy="sha256:bb",
        started="2026-11-20T12:00:00+00:00",
        finished="2026-11-20T12:00:09+00:00",
        plan=Plan("push", ("quality",), (), jobs=1),
        observations=(),
        verdict=RunVerdict(verdict, gates),
        **changes,
    )


def told(*gates: GateVerdict) -> list[tuple[str, str, str, int | None]]:
    """Verdict, rule, path and line of each."""
    return [(s.verdict, s.rule, s.path, s.line) for s in shortfalls(result(*gates))]


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (gate("pass", check()), []),
        (gate("skipped", check("skipped", reason="no file")), []),
        # Findings that no condition minds count, and are told as such.
        (gate("pass", check(findings=(LINT,))), [("pass", "ruff/E1", "a.py", 3)]),
        # A requirement that findings break is told by them; others count all the same.
        (
            gate("fail", check(findings=(STYLE, LINT)), requirements=(ERRORS,)),
            [("fail", "ruff/E1", "a.py", 3), ("pass", "ruff/W1", "b.py", 1)],
        ),
        # So is an expectation of the check.
        (
            gate("fail", check("fail", findings=(LINT,), expectations=(ERRORS,))),
            [("fail", "ruff/E1", "a.py", 3)],
        ),
        # What no finding tells stands where it is declared.
        (
            gate("fail", check(), requirements=(COVERAGE,)),
            [("fail", "quality/coverage.line", "gates/q.yaml", 3)],
        ),
        (
            gate("fail", check("fail", findings=(STYLE,), expectations=(COVERAGE,))),
            [
                ("fail", "ruff/not-met", "gates/q.yaml", 5),
                ("pass", "ruff/W1", "b.py", 1),
            ],
        ),
        (gate("fail", check("fail")), [("fail", "ruff/not-met", "gates/q.yaml", 5)]),
        # Not measured stands first; a requirement that waits for it says nothing new.
        (
            gate(
                "error",
                check(findings=(LINT,)),
                check("error", "tests", reason="no tool"),
                requirements=(ERRORS, replace(COVERAGE, verdict="error", check="tests")),
            ),
            [
                ("error", "tests/not-measured", "gates/q.yaml", 5),
                ("fail", "ruff/E1", "a.py", 3),
            ],
        ),
        (
            gate("error", check(), requirements=(replace(COVERAGE, verdict="error"),)),
            [("error", "quality/coverage.line", "gates/q.yaml", 3)],
        ),
        # A gate is never bad without a reason.
        (
            gate("error", check("skipped"), reason="nothing was measured"),
            [("error", "quality/not-measured", "gates/q.yaml", 1)],
        ),
        # What is advisory warns.
        (
            gate("warn", check("fail", findings=(LINT,), expectations=(ERRORS,), advisory=True)),
            [("warn", "ruff/E1", "a.py", 3)],
        ),
        (
            gate("warn", check("error", reason="no tool"), advisory=True),
            [("warn", "ruff/not-measured", "gates/q.yaml", 5)],
        ),
        # A waived condition is no shortfall.
        (
            gate("pass", check(expectations=(replace(COVERAGE, verdict="pass", waiver="W-1"),))),
            [],
        ),
    ],
)
def test_what_is_told(judged: GateVerdict, expected: list[tuple[str, str, str, int]]) -> None:
    """Each problem once, with its verdict and its place."""
    assert told(judged) == expected


def test_what_several_checks_find_is_told_once() -> None:
    """The same finding in two checks and two gates stands once, as the worst of them sees it."""
    same = replace(LINT, fingerprint="0123456789abcdef")
    first = gate("pass", check(findings=(same,)), check(name="flake", findings=(same,)))
    second = gate("fail", check("fail", "other", findings=(same,)), name="second")
    assert told(first, second) == [("fail", "ruff/E1", "a.py", 3)]


def test_a_run_is_never_bad_without_a_reason() -> None:
    """An interrupted run, and one in which nothing was due, are told as a whole."""
    for run in (
        result(gate("pass", check()), interrupted=True),
        replace(result(gate("pass")), verdict=RunVerdict("error", (), reason="nothing is due")),
    ):
        (shortfall,) = shortfalls(run)
        assert (shortfall.verdict, shortfall.severity) == ("error", "critical")
        assert shortfall.rule == "run/not-measured"
        assert shortfall.path


def test_remedy_and_guard_stand_with_it() -> None:
    """What to do, and which failure would come back."""
    bad = check("fail", reason="too slow", remedy="look", fix="rm -rf slow", origin=("PM-1#AI-1",))
    (shortfall,) = shortfalls(result(gate("fail", bad), titles={"PM-1": "Orders were lost"}))
    assert shortfall.message == "too slow"
    assert shortfall.advice == (
        "remedy: look",
        "fix: rm -rf slow",
        "this guards PM-1: Orders were lost",
    )


def test_excused_findings_are_none() -> None:
    """What a waiver or the baseline accepts is nothing to mend now."""
    waived = check(excused=(Excused(STYLE, "baseline"), Excused(LINT, "W-1", "until May")))
    run = result(gate("pass", waived))
    assert shortfalls(run) == ()


def test_the_order_of_findings_does_not_matter() -> None:
    """The same findings in any order make the same shortfalls, worst first."""
    findings = [
        replace(LINT, path=f"f{n % 7}.py", line=n % 5 + 1, rule=f"E{n % 3}", severity=severity)
        for n in range(60)
        for severity in SEVERITIES
    ]
    expected = shortfalls(result(gate("fail", check("fail", findings=tuple(findings)))))
    for seed in range(5):
        random.Random(seed).shuffle(findings)  # noqa: S311  no secret
        shuffled = check("fail", findings=tuple(findings))
        assert shortfalls(result(gate("fail", shuffled))) == expected
    ranks = [wording.WORST.index(each.severity) for each in expected]
    assert ranks == sorted(ranks)


def test_fingerprints_are_stable_and_unique() -> None:
    """They do not depend on values, and no two problems of a result share one."""

    def made(value: str) -> tuple[Shortfall, ...]:
        rules = (
            replace(COVERAGE, text=value, check="a"),
            replace(COVERAGE, text=value, check="b"),
            replace(COVERAGE, metric="coverage.branch", text=value),
        )
        unmet = check("fail", expectations=(replace(COVERAGE, text=value),))
        return shortfalls(result(gate("fail", unmet, requirements=rules)))

    one, other = made("70%"), made("71%")
    assert [each.message for each in one] != [each.message for each in other]
    assert {each.fingerprint for each in one} == {each.fingerprint for each in other}
    assert len({each.fingerprint for each in one}) == len(one) == 4
