"""One check as written, over its catalogue entry: what is inherited, replaced and refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import codec
from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.errors import Problem

Configure = Callable[[Mapping[str, str | Path]], Policy]
Mistakes = Callable[[Mapping[str, str | Path]], Sequence[Problem]]

TOOL = """\
tool: scan
title: T
params: {args: [-q], level: high, tests: []}
command: [scan, "--level=${level}", "-o${out}/r.json", "${args}", --, "${tests}", "${files}"]
files: ["**/*.py"]
whole: ["."]
env: {LEVEL: "${level}", HOST: null}
timeout: 2m
lists: [scan, --list, "${files}"]
version: [scan, --version]
reads: [{format: sarif, file: "${out}/${level}.json", absent: clean}]
exit: {clean: [0], findings: [1, "3-5"]}
measures: [lint.errors, vulnerabilities.high]
expect: {lint.errors: "< 3", vulnerabilities.high: "== 0"}
install: I
fix: F
docs: D
"""


@pytest.fixture
def compose(configure: Configure) -> Callable[[str], CheckPolicy]:
    """Compose one check beside a tool of the repository."""

    def composed(check: str) -> CheckPolicy:
        text = f"gate: g\nchecks:\n  - {check}\n"
        policy = configure({"gates/g.yaml": text, "checks/tools/scan.yaml": TOOL})
        return next(iter(policy.checks.values()))

    return composed


def test_all_keys_of_an_entry_are_taken_over(compose: Callable[[str], CheckPolicy]) -> None:
    """A check that only names its tool is the tool's entry with its parameters filled in."""
    check = codec.encode(compose("scan"))
    assert check == {
        **codec.encode(CheckPolicy(id="scan", title="T", gate="g", type="command", digest="")),
        **{key: check[key] for key in ("digest", "given", "position", "positions")},
        "command": ["scan", "--level=high", "-o${out}/r.json", "-q", "--", "${files}"],
        "files": ["**/*.py"],
        "whole": ["."],
        "env": {"LEVEL": "high", "HOST": None},
        "timeout": 120.0,
        "lists": ["scan", "--list", "${files}"],
        "version": ["scan", "--version"],
        "reads": [
            {"format": "sarif", "file": "${out}/high.json", "stdout": False, "absent": "clean"}
        ],
        "clean": [0],
        "found": [1, 3, 4, 5],
        "measures": ["lint.errors", "vulnerabilities.high"],
        "asked": ["lint.errors", "vulnerabilities.high"],
        "expect": check["expect"],
        "install": "I",
        "fix": "F",
        "docs": "D",
    }
    assert [(e["metric"], e["accept"][0]["text"], e["inherited"]) for e in check["expect"]] == [
        ("lint.errors", "< 3", True),
        ("vulnerabilities.high", "== 0", True),
    ]
    assert str(compose("scan").positions["command"]) == "checks/tools/scan.yaml:4:10"


REPLACED: Mapping[str, tuple[str, str, Any]] = {
    "name and title": ("check: c, title: X", "id", "c"),
    "list": ("files: [a.py]", "files", ("a.py",)),
    "time": ("timeout: 1h", "timeout", 3600.0),
    "environment, whole": ("env: {A: b}", "env", {"A": "b"}),
    "exit codes, whole": ("exit: {clean: [0, 2]}", "found", ()),
    "measures": (
        "measures: [lint.errors]",
        "expect",
        None,
    ),
    "parameter in a word": (
        "with: {level: low}",
        "command",
        ("scan", "--level=low", "-o${out}/r.json", "-q", "--", "${files}"),
    ),
    "parameter in the environment": ("with: {level: low}", "env", {"LEVEL": "low", "HOST": None}),
    "parameter that is a list": (
        "with: {args: [], tests: [a b, 3.10, 0123]}",
        "command",
        ("scan", "--level=high", "-o${out}/r.json", "--", "a b", "3.10", "0123", "${files}"),
    ),
    "stage": ("stage: deploy", "stage", "deploy"),
    "flags": ("exclusive: true, batch: true, advisory: true", "exclusive", True),
    "reads": ("reads: [{format: sarif, from: stdout}]", "reads", None),
    "disabled": ("enabled: false, reason: too slow", "reason", "too slow"),
}


@pytest.mark.parametrize(("keys", "name", "value"), REPLACED.values(), ids=REPLACED.keys())
def test_keys_beside_uses_replace_the_entry(
    compose: Callable[[str], CheckPolicy], keys: str, name: str, value: Any
) -> None:
    """A key of the check replaces the entry's whole; `with` does so parameter by parameter."""
    check = compose(f"{{uses: scan, {keys}}}")
    if value is not None:
        assert getattr(check, name) == value
    key = keys.partition(":")[0]
    assert key == "with" or str(check.positions[key]).startswith("gates/g.yaml:3:")
    assert check.digest != compose("scan").digest or key == "check"


def test_expectation_is_replaced_by_metric(compose: Callable[[str], CheckPolicy]) -> None:
    """`expect` beside `uses` replaces the conditions of the metrics that it names, no others."""
    check = compose("{uses: scan, expect: {lint.errors: {pass: 0, warn: '< 9'}}}")
    assert {e.metric: (e.inherited, e.accept[0].text, len(e.warn)) for e in check.expect} == {
        "lint.errors": (False, "== 0", 1),
        "vulnerabilities.high": (True, "== 0", 0),
    }
    assert str(check.expect[0].position) == "gates/g.yaml:3:40"


def test_expectation_on_what_is_not_measured_is_not_inherited(
    compose: Callable[[str], CheckPolicy],
) -> None:
    """With fewer `measures:` only their conditions are inherited."""
    check = compose("{uses: scan, measures: [lint.errors]}")
    assert [e.metric for e in check.expect] == ["lint.errors"]


PLAIN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "a command": (
        "{check: c, command: [a]}",
        {"clean": (0,), "found": tuple(range(1, 126)), "measures": ("command.failures",)},
    ),
    "a command that declares codes": (
        "{check: c, command: [a], exit: {clean: [0, 3], findings: ['10-12']}}",
        {"clean": (0, 3), "found": (10, 11, 12)},
    ),
    "a report": (
        "{check: c, command: [a], reads: [{format: junit, from: stdout}]}",
        {
            "clean": (0,),
            "found": (),
            "measures": (
                "tests.total",
                "tests.passed",
                "tests.failed",
                "tests.errors",
                "tests.skipped",
            ),
        },
    ),
    "a report of an earlier step": (
        "{check: c, reads: [{format: junit, file: 'out/*.xml'}], max-age: 24h}",
        {"max_age": 86400.0},
    ),
    "a type": ("{check: c, type: pattern, files: ['*'], with: {forbid: x}}", {"found": ()}),
}


@pytest.mark.parametrize(("check", "expected"), PLAIN.values(), ids=PLAIN.keys())
def test_checks_of_their_own(
    compose: Callable[[str], CheckPolicy], check: str, expected: Mapping[str, Any]
) -> None:
    """A check without a tool has the defaults of its type, and what its readers bring."""
    composed = compose(check)
    assert {name: getattr(composed, name) for name in expected} == expected


MISTAKES: Mapping[str, tuple[str, Sequence[str]]] = {
    "no name": ("{command: [a]}", ["3:5: `check:` is missing: every check has a name"]),
    "nothing to do": ("{check: c}", ["3:5: a check of type command needs `command:` or `reads:`"]),
    "a pattern with a command": (
        "{check: c, type: pattern, files: ['*'], with: {forbid: x}, command: [a]}",
        ["3:73: `command:` has no meaning for a check of type pattern"],
    ),
    "a pattern without files": (
        "{check: c, type: pattern, with: {forbid: x}}",
        ["3:5: a check of type pattern needs `files:`"],
    ),
    "a code that means both": (
        "{check: c, command: [a], exit: {clean: [0, 1], findings: ['1-3']}}",
        ["3:36: exit code 1 cannot be both clean and findings"],
    ),
    "a report of an earlier step of any age": (
        "{check: c, reads: [{format: junit, file: a.xml}]}",
        ["3:5: a check that reads without a command needs `max-age:`"],
    ),
    "standard output without a command": (
        "{check: c, max-age: 1h, reads: [{format: junit, from: stdout}]}",
        ["3:36: `from: stdout` needs a `command:`"],
    ),
    "files that nobody names": (
        "{check: c, command: [a, '${files}']}",
        ["3:5: `${files}` needs `files:`"],
    ),
    "a pattern that is none": (
        "{check: c, command: [a], idle: ['(']}",
        ["3:36: RE2 refuses `(`*"],
    ),
    "an unknown placeholder": (
        "{check: c, command: [a, '${flies}', '${out}/${x}']}",
        ["3:25: unknown placeholder `${flies}`*", "3:25: unknown placeholder `${x}`*"],
    ),
    "files inside a word": (
        "{check: c, files: ['*'], command: [a, 'x${files}']}",
        ["3:39: `${files}` holds several words: it must stand alone"],
    ),
    "a list inside a word": (
        "{uses: scan, command: [a, 'x${args}'], with: {args: [b]}}",
        ["3:27: `${args}` holds several words: it must stand alone"],
    ),
    "an unknown parameter": (
        "{uses: scan, with: {levle: x, b: 1}}",
        ["3:32: unknown parameter `levle` (did you mean `level`?)", "3:38: unknown parameter `b`*"],
    ),
    "a parameter of a command": (
        "{check: c, command: [a], with: {x: 1}}",
        ["3:40: unknown parameter `x` (this check takes no parameter)"],
    ),
    "text for a list": ("{uses: scan, with: {args: -v}}", ["3:31: `args` takes a list*"]),
    "a list for text": ("{uses: scan, with: {level: [a]}}", ["3:32: `level` takes text*"]),
    "a mapping for text": ("{uses: scan, with: {level: {a: b}}}", ["3:32: `level` takes text*"]),
    "lists in a list": (
        "{uses: scan, with: {args: [[a]]}}",
        ["3:31: `args` takes a list of texts*"],
    ),
    "no text for text": ("{uses: scan, with: {level: true}}", ["3:32: `level` takes text*"]),
    "no value": ("{uses: scan, with: {level: null}}", ["3:32: `level` takes text*"]),
    "text for a type": (
        "{check: c, type: pattern, files: ['*'], with: {forbid: [x]}}",
        ["3:*: `forbid`*"],
    ),
    "nothing for a type": ("{check: c, type: pattern, files: ['*']}", ["3:5: *"]),
    "a parameter of a type that is missing": (
        "{check: c, type: signoff}",
        ["3:5: `with: {question: ...}` is missing"],
    ),
    "an unknown metric": (
        "{uses: scan, measures: [lint.error]}",
        ["3:29: unknown metric `lint.error` (did*"],
    ),
    "a metric that it cannot measure": (
        "{uses: scan, measures: [lint.errors, tests.failed]}",
        ["3:42: scan cannot measure tests.failed*"],
    ),
    "an expectation on what it does not measure": (
        "{uses: scan, expect: {lint.warnings: 0}}",
        [
            (
                "3:*: scan does not measure lint.warnings (it "
                "measures lint.errors, vulnerabilities.high)"
            )
        ],
    ),
    "nothing measured": (
        "{check: c, command: [a], reads: [{format: pytest-benchmark, from: stdout}]}",
        ["3:5: c measures nothing: `measures:` is missing (choose from benchmark.*"],
    ),
    "a condition of the wrong dimension": (
        "{uses: scan, expect: {lint.errors: '< 3ms'}}",
        ["3:40: *"],
    ),
    "an empty stage": ("{check: c, command: [a], stage: }", ["3:*: `stage:` has no value"]),
    "a number of seconds": (
        "{check: c, command: [a], timeout: 30}",
        ["3:*: write a positive duration*"],
    ),
    "disabled without a reason": (
        "{check: c, command: [a], enabled: false}",
        ["3:5: `enabled: false` needs a `reason:`"],
    ),
    "both file and stdout": (
        "{check: c, command: [a], reads: [{format: junit, file: a, from: stdout}]}",
        ["3:*: write either `file:` or `from: stdout`"],
    ),
}


@pytest.mark.parametrize(("check", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(mistakes: Mistakes, check: str, expected: Sequence[str]) -> None:
    """Every mistake of a check is told at its place."""
    text = f"gate: g\nchecks:\n  - {check}\n"
    found = mistakes({"gates/g.yaml": text, "checks/tools/scan.yaml": TOOL})
    told = [f"{p.line}:{p.column}: {p.message}" + (f" ({p.hint})" if p.hint else "") for p in found]
    assert {p.file for p in found} == {"gates/g.yaml"}
    assert len(told) == len(expected), told
    for one, wanted in zip(told, expected, strict=True):
        start, _, rest = wanted.partition("*")
        assert one.startswith(start), told
        assert rest.rstrip("*") in one, told


def test_mistakes_of_an_entry_are_told_there(mistakes: Mistakes) -> None:
    """What is wrong in the catalogue entry is a problem of the entry's file, told once."""
    gate = "gate: g\nchecks:\n  - {check: a, uses: scan}\n  - {check: b, uses: scan}\n"
    text = TOOL.replace("${args}", "${arg}").replace('"< 3"', '"< x"')
    found = mistakes({"gates/g.yaml": gate, "checks/tools/scan.yaml": text})
    assert [(p.file, p.line) for p in found] == [
        ("checks/tools/scan.yaml", 4),
        ("checks/tools/scan.yaml", 14),
    ]
