"""The annotations for GitHub Actions, read back the way the runner reads them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping

import pytest

from gatekeeper.model import Finding, Position, worst
from gatekeeper.reports.annotations import PLUGIN, render
from gatekeeper.result import CheckVerdict, GateVerdict, Result, RunVerdict

COMMAND = re.compile(r"::(\w+) (.*?)::(.*)")
ADVICE = "remedy: make the types agree\nfix: mypy --install-types"


def unescaped(text: str, *codes: str) -> str:
    """What the runner makes of a value, in its order (ActionCommand.cs)."""
    for code in (*codes, "%0D", "%0A", "%25"):
        text = text.replace(code, bytes.fromhex(code[1:]).decode())
    return text


def read(result: Result) -> list[tuple[str, dict[str, str], str]]:
    """Each command: its name, its properties, its message."""
    found = []
    for text in "".join(render(result)).split("\n")[:-1]:
        command = COMMAND.fullmatch(text)
        assert command, text
        name, properties, message = command.groups()
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        values = {key: unescaped(value, "%3A", "%2C") for key, value in pairs.items()}
        found.append((name, values, unescaped(message)))
    return found


def with_checks(result: Result, *checks: CheckVerdict) -> Result:
    """The result, with these checks in its first gate and no requirement."""
    verdict = worst(check.verdict for check in checks)
    gate = GateVerdict("code-quality", "Code quality", verdict, checks=checks)
    return dataclasses.replace(result, verdict=RunVerdict(verdict, (gate,)))


def check(name: str, count: int, verdict: str = "fail", severity: str = "high") -> CheckVerdict:
    """A check that found that much in a file of its name."""
    found = [Finding("E1", name, severity, "lint", f"{name}.py", n + 1) for n in range(count)]  # type: ignore[arg-type]
    return CheckVerdict(name, "Holds", verdict, findings=tuple(found))  # type: ignore[arg-type]


def test_findings_stand_at_their_place(results: Mapping[str, Result]) -> None:
    """Those of a bad check, and those of a passing one that break a requirement; not the others."""
    policy = {"file": "gates", "line": "1", "col": "1"}
    assert read(results["failed"]) == [
        ("error", {**policy, "title": "mypy/not-met"}, f"lint.errors == 0: 1\n{ADVICE}"),
        ("error", {**policy, "title": "headers/failures"}, "exit 1\nno header"),
        (
            "error",
            {"file": "src/a.py", "line": "3", "col": "101", "title": "ruff/E501"},
            "Line too long (120 > 100)\nfix: ruff check --fix",
        ),
        (
            "error",
            {"file": "src/b.py", "line": "9", "title": "mypy/arg-type"},
            f"Argument 1 is wrong\nnote: see docs\n{ADVICE}",
        ),
    ]


def test_what_was_not_measured_stands_first(results: Mapping[str, Result]) -> None:
    """The check with its remedy and the requirement that nobody answered."""
    said = {values["title"]: said for _, values, said in read(results["unmeasured"])}
    missing = "pytest: no such program on PATH\nremedy: pip install pytest"
    assert said["unit-tests/not-measured"] == missing
    assert said["code-quality/coverage.line"].startswith("coverage.line > 80%: not measured")
    worse = results["unmeasured"].verdict.gates[0].checks[0]
    assert read(with_checks(results["failed"], check("a", 3), worse))[0][2] == missing


def test_what_no_finding_explains_stands_in_the_policy(results: Mapping[str, Result]) -> None:
    """A requirement at its line; a check at its own, within the folder of the service."""
    place = {"file": "gates/code-quality.yaml", "line": "5", "col": "3"}
    stated = ("warning", {**place, "title": "performance/latency.p95"}, "latency.p95 == 0: 2")
    assert stated in read(results["advisory"])
    bare = CheckVerdict("tests", "Pass", "fail", "too few", position=Position("gates/a.yaml", 7, 5))
    lost = dataclasses.replace(
        bare, findings=(Finding("CVE-1", "bad", "high", "vulnerability"),), reason=""
    )
    result = results["failed"]
    subject = dataclasses.replace(result.subject, config="api/")
    for one in (bare, lost):
        moved = dataclasses.replace(with_checks(result, one, check("b", 1)), subject=subject)
        places = [(values["file"], values["line"]) for _, values, _ in read(moved)]
        assert places == [("api/gates/a.yaml", "7"), ("b.py", "1")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("empty", "nothing was selected"),
        (
            "nothing-due",
            "nothing is due at stage push: performance opens at deploy",
        ),
        ("interrupted", "warning: ruff 0.0.1 is old; interrupted: what had not ended by then is n"),
    ],
)
def test_a_blocked_run_always_has_an_error(
    results: Mapping[str, Result], name: str, message: str
) -> None:
    """Also where no gate is bad."""
    ((command, _, said),) = read(results[name])
    assert command == "error"
    assert said.startswith(message)


@pytest.mark.parametrize("name", ["approved", "waived", "opened"])
def test_what_passed_says_nothing(results: Mapping[str, Result], name: str) -> None:
    """An annotation means that something is to be done."""
    assert read(results[name]) == []


def test_what_does_not_block_is_a_warning(results: Mapping[str, Result]) -> None:
    """Advisory gates and checks, and warnings."""
    assert {name for name, _, _ in read(results["advisory"])} == {"warning"}


def test_what_has_no_message_is_told_by_its_title(results: Mapping[str, Result]) -> None:
    """As harmless as any other text, for the repository that is judged wrote it."""
    title = "\x1b[2Jthe title" + "x" * 10_000
    finding = Finding("E1", " \n", "high", "lint", "a.py", 1)
    lint = CheckVerdict("lint", title, "fail", findings=(finding,), fix="ruff --fix")
    ((_, _, said),) = read(with_checks(results["failed"], lint))
    assert said.startswith(r"\x1b[2Jthe title")
    assert said.endswith("\nfix: ruff --fix")
    assert len(said) < 4096


def test_a_finding_that_blocks_anywhere_is_an_error_once(results: Mapping[str, Result]) -> None:
    """An advisory check that sees the same takes nothing away, whichever comes first."""
    soft = dataclasses.replace(check("a", 1), advisory=True)
    hard = check("a", 1)
    for both in ((soft, hard), (hard, soft)):
        assert [name for name, _, _ in read(with_checks(results["failed"], *both))] == ["error"]


@pytest.mark.parametrize(
    ("errors", "warnings", "left"),
    [
        (10, 10, ""),
        (11, 0, "1 more error in the report"),
        (12, 15, "2 more errors and 5 more warnings in the report"),
        (0, 13, "3 more warnings in the report"),
    ],
)
def test_a_step_gets_ten_of_a_kind_and_the_last_counts_the_rest(
    results: Mapping[str, Result], errors: int, warnings: int, left: str
) -> None:
    """The limits of GitHub, worst first."""
    checks = [
        check("soft", warnings, "warn"),
        check("low", max(errors - 1, 0), severity="low"),
        check("worst", min(errors, 1), severity="critical"),
    ]
    commands = read(with_checks(results["failed"], *(one for one in checks if one.findings)))
    names = [name for name, _, _ in commands]
    assert names.count("error") == min(errors, 10)
    assert names.count("warning") == min(warnings, 10)
    assert not errors or commands[0][1]["file"] == "worst.py"
    assert [said for name, _, said in commands if name == "notice"] == [left] * bool(left)
    assert names.index("notice") == len(names) - 1 if left else "notice" not in names


def test_a_guard_names_its_postmortem(results: Mapping[str, Result]) -> None:
    """The sentence stands at the finding."""
    guard = dataclasses.replace(check("guard", 1), origin=("PM-2026-003#AI-2", "PM-2026-004#AI-1"))
    result = dataclasses.replace(
        with_checks(results["failed"], guard), titles={"PM-2026-003": "Orders were lost"}
    )
    ((_, _, said),) = read(result)
    assert said == "guard\nthis guards PM-2026-003: Orders were lost\nthis guards PM-2026-004"


@pytest.mark.parametrize("text", ["a%0A::error::b", "%253A", "a:b,c=d::e", "100%"])
def test_what_means_something_to_the_runner_is_read_back(
    quoting: Callable[[str], Result], text: str
) -> None:
    """In properties and in messages."""
    commands = read(quoting(text))
    assert text in [values.get("file") for _, values, _ in commands]
    assert any(text in values["title"] and text in said for _, values, said in commands)


def test_hostile_text_forges_no_command(hostile_result: Result) -> None:
    """Each line is one of our commands, within the length that the runner keeps."""
    commands = read(hostile_result)
    assert {name for name, _, _ in commands} == {"error"}
    assert {key for _, values, _ in commands for key in values} <= {"file", "line", "col", "title"}
    for _, values, said in commands:
        assert 0 < len(said) <= 4096
        assert len(values["title"]) < 300
        assert (said + "".join(values.values())).replace("\n", "").isprintable()


def test_the_text_is_the_same_each_time(any_result: Result) -> None:
    """A stored result gives the annotations of its run."""
    assert list(PLUGIN.render(any_result)) == list(render(any_result))
