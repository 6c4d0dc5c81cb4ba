"""Measured and bad: exit 1, with what is wrong, where, and what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

TODAY = datetime.now(UTC).date()
DIGEST = hashlib.sha256(
    f"plan.md\0{hashlib.sha256(b'the plan').hexdigest()}\n".encode()
).hexdigest()


def day(days: int) -> str:
    """A date relative to today, in UTC."""
    return (TODAY + timedelta(days=days)).isoformat()


def signoff(**keys: str) -> Mapping[str, str]:
    """A sign-off of the check `drill`, as a file."""
    known = {"signoff": "drill", "by": "team@example.org", "date": day(-10), "expires": day(10)}
    text = "".join(f"{key}: {value!r}\n" for key, value in {**known, **keys}.items())
    return {"gates/signoffs/drill.yaml": f"{text}evidence: [{{url: 'https://example.org/1'}}]\n"}


DRILL = {"check": "drill", "type": "signoff", "with": {"question": "Does the rollback work?"}}
BOUND = {**DRILL, "files": ["plan.md"]}
DOCUMENT = {"type": "document", "files": ["docs/release.md"], "with": {"sections": ["Rollback"]}}
WORDS = "word " * 200
Files = Mapping[str, str]

CASES: Mapping[str, tuple[Files, Mapping[str, Any], str, str]] = {
    "sign-off missing": ({}, DRILL, "signoffs.missing", "gates/signoffs/"),
    "sign-off expired": (
        signoff(date=day(-20), expires=day(-1)),
        DRILL,
        "signoffs.expired",
        f"{day(-1)}",
    ),
    "sign-off stale": (
        {"plan.md": "the plan has changed", **signoff(covers="sha256:" + "0" * 64)},
        BOUND,
        "signoffs.stale",
        'covers: "sha256:',
    ),
    "sign-off in the future": (signoff(date=day(2)), DRILL, "signoffs.missing", day(2)),
    "document missing": ({}, DOCUMENT, "documents.missing", "docs/release.md"),
    "document a stub": (
        {"docs/release.md": "# Release\n\n## Rollback\n\nPress the button twice.\n"},
        DOCUMENT,
        "documents.incomplete",
        "docs/release.md",
    ),
    "document without a section": (
        {"docs/release.md": f"# Release\n\n{WORDS}\n\n## Steps\n\n{WORDS}\n"},
        DOCUMENT,
        "documents.incomplete",
        "Rollback",
    ),
    "failed command": (
        {},
        {"command": ["sh", "-c", "echo it is broken; exit 1"]},
        "command.failures",
        "it is broken",
    ),
    "failed test": (
        {"test_a.py": "def test_a():\n    assert 1 == 2\n"},
        {
            "command": ["pytest", "-q", "-o", "junit_family=xunit1", "--junit-xml=${out}/j.xml"],
            "reads": [{"format": "junit", "file": "${out}/j.xml"}],
            "exit": {"findings": [1]},
        },
        "tests.failed",
        "test_a.py:2: ",
    ),
    "lint error": ({"a.py": "import os\n"}, {"uses": "ruff"}, "lint.errors", "a.py:1:8: "),
    "type error": (
        {"a.py": "a: int = 'x'\n"},
        {"uses": "mypy"},
        "lint.errors",
        "a.py:1:10: ",
    ),
    "unformatted file": (
        {"a.py": "a  =  1\n"},
        {"uses": "ruff-format"},
        "lint.errors",
        "fix: ruff format",
    ),
    "secret": (
        {"a.py": "key = 'AKIAIOSFODNN7" + "EXAMPLX'\n"},
        {"uses": "detect-secrets"},
        "secrets.total",
        "a.py:1",
    ),
    "forbidden pattern": (
        {"a.py": "x\nbreakpoint()\n"},
        {"type": "pattern", "files": ["*.py"], "with": {"forbid": "^breakpoint"}},
        "lint.errors",
        "a.py:2:1: ",
    ),
    "required pattern": (
        {"a.py": "x\n"},
        {"type": "pattern", "files": ["*.py"], "with": {"require": "Copyright"}},
        "lint.errors",
        "nothing matches `Copyright`",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_ends_with_1_and_says_what(judge: Any, case: str) -> None:
    """What was measured and is bad fails, with the metric and the place."""
    files, check, metric, words = CASES[case]
    outcome = judge(files, check)
    assert outcome.exit == 1, outcome.said
    assert f"{metric} == 0: 1" in outcome.stdout
    assert words in outcome.stdout
    assert outcome.stdout.endswith("Failed: 1/1\nDeployment blocked\n")


def test_valid_signoff_passes(judge: Any) -> None:
    """A sign-off that is current and covers what stands there passes."""
    outcome = judge({"plan.md": "the plan", **signoff(covers=f"sha256:{DIGEST}")}, BOUND)
    assert outcome.exit == 0, outcome.said


def test_stale_signoff_prints_the_digest_that_would_do(judge: Any) -> None:
    """The digest to write is in the message."""
    outcome = judge({"plan.md": "the plan", **signoff(covers="sha256:" + "0" * 64)}, BOUND)
    assert outcome.exit == 1
    assert f"sha256:{DIGEST}" in outcome.stdout


def test_requirement_of_the_gate(judge: Any) -> None:
    """A requirement that is not met fails the gate, with value, condition and its place."""
    outcome = judge(
        {"a.py": "def f(a):\n" + "    if a: a += 1\n" * 12},
        "lizard",
        requirements={"complexity.max": "< 10"},
    )
    assert outcome.exit == 1, outcome.said
    assert "complexity.max < 10: 13 (gates/gate.yaml:1:" in outcome.stdout


def test_error_outranks_fail(judge: Any) -> None:
    """A run that failed and could not measure ends with 3."""
    bad = {"command": ["false"], "check": "bad"}
    outcome = judge({}, bad, {"command": ["no-such-tool"], "check": "missing"})
    assert outcome.exit == 3
    assert outcome.verdict("bad") == "fail"


def test_one_gate_does_not_stop_the_others(place: Any) -> None:
    """Each gate is judged, whatever became of the others."""
    place.gate({"command": ["false"]}, name="first")
    place.gate({"command": ["true"], "check": "fine"}, name="second")
    place.commit()
    outcome = place.run()
    assert outcome.exit == 1
    assert outcome.stdout.endswith("Passed: 1/2\nFailed: 1/2\nDeployment blocked\n")


def test_advisory_failure_is_a_warning(judge: Any) -> None:
    """What is advisory stays visible and does not block."""
    outcome = judge({}, {"command": ["false"], "advisory": True})
    assert outcome.exit == 0
    assert "fail     it (advisory)" in outcome.stdout
