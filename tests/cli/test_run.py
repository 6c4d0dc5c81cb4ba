"""gatekeeper run: named checks, what failed last time, and how much is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

GATES = {
    "gates/quality.yaml": """\
gate: quality
requirements: {lint.errors: "== 0"}
checks:
  - {check: no-tabs, type: pattern, files: ["*.txt"], with: {forbid: "\\t"}}
  - {check: builds, command: ["true"]}
  - {check: slow, command: ["true"], stage: ci}
  - {check: off, command: ["true"], enabled: false, reason: broken}
""",
    "gates/security.yaml": 'gate: security\nchecks: [{check: audit, command: ["false"]}]\n',
}
BAD = {**GATES, "notes.txt": "a\tb\n"}


@pytest.fixture
def failing(empty: Any) -> Any:
    """A repository of two gates: findings break a requirement, and a command fails."""
    empty.write(BAD)
    return empty


def verdicts(repository: Any) -> dict[str, str]:
    """The verdicts of the checks in the newest record."""
    last = max((repository.folder / ".gatekeeper/runs").glob("*/result.json"))
    gates = json.loads(last.read_text())["verdict"]["gates"]
    return {check["check"]: check["verdict"] for gate in gates for check in gate["checks"]}


def ran(repository: Any) -> set[str]:
    """The checks that the newest record shows to have run."""
    return {name for name, verdict in verdicts(repository).items() if verdict != "skipped"}


def test_only_what_is_named_runs(failing: Any) -> None:
    """Also before its stage; the last line does not read as a pass of everything."""
    ended = failing.run("run", "--only", "slow", "--only", "builds")
    assert (ended.exit, ran(failing)) == (0, {"slow", "builds"})
    last = ended.stdout.splitlines()[-1]
    assert last == (
        "Passed at push; only 2 of 5 checks asked; 1 of 2 gates judged; no deployment verdict"
    )
    assert "Security: not named in this run" in ended.stdout


def test_only_blocks_as_every_run_does(failing: Any) -> None:
    """A named check that fails ends with 1."""
    ended = failing.run("run", "--only", "audit")
    assert (ended.exit, ran(failing)) == (1, {"audit"})
    assert ended.stdout.endswith("Deployment blocked\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "buids"], "unknown check `buids`; did you mean `builds`?"),
        (["--only", "off"], "the check `off` is disabled: broken"),
        (["security", "--only", "builds"], "`builds` is one of the gate quality"),
        (["--only", "builds", "--failed"], "--only and --failed exclude each other"),
        (["--quiet", "--verbose"], "--quiet and --verbose exclude each other"),
        (["--failed"], "no run is recorded in"),
    ],
    ids=" ".join,
)
def test_wrong_usage(failing: Any, words: list[str], said: str) -> None:
    """Nothing runs, and nothing is green."""
    ended = failing.run("run", *words)
    assert (ended.exit, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert not list(failing.folder.glob(".gatekeeper/runs/*"))


def test_failed_runs_what_is_bad_until_nothing_is(failing: Any) -> None:
    """Also a check that passed and whose findings break its gate; in the end it is a mistake."""
    assert failing.run("run").exit == 1
    assert failing.run("run", "--failed").exit == 1
    assert ran(failing) == {"no-tabs", "audit"}
    failing.write({"notes.txt": "a b\n"})
    assert failing.run("run", "--failed").exit == 1
    assert failing.run("run", "--failed").exit == 1
    assert ran(failing) == {"audit"}
    failing.write({"gates/security.yaml": GATES["gates/security.yaml"].replace("false", "true")})
    assert failing.run("run", "--failed").exit == 0
    ended = failing.run("run", "--failed")
    assert (ended.exit, ended.stdout) == (2, "")
    assert "nothing failed in the last run, " in ended.stderr
    assert "in which not every check was asked; run all of them" in ended.stderr


def test_failed_of_named_gates(failing: Any) -> None:
    """Checks of other gates are left out; where none is left, that is a mistake."""
    assert failing.run("run").exit == 1
    failing.run("run", "security", "--failed")
    assert ran(failing) == {"audit"}
    ended = failing.run("run", "quality", "--failed")
    assert ended.exit == 2
    assert "nothing to run again in quality" in ended.stderr


def test_failed_checks_that_are_gone_are_named(failing: Any) -> None:
    """Those that are left run; where none is left, that is a mistake."""
    assert failing.run("run").exit == 1
    renamed = GATES["gates/security.yaml"].replace("audit", "renamed")
    failing.write({"gates/security.yaml": renamed})
    ended = failing.run("run", "--failed")
    gone = "failed last time, and gone or disabled since: audit"
    assert f"warning: {gone}" in ended.stdout
    assert ran(failing) == {"no-tabs"}
    failing.write({"gates/quality.yaml": GATES["gates/quality.yaml"].replace("no-tabs", "tabs")})
    ended = failing.run("run", "--failed")
    assert ended.exit == 2
    assert "nothing to run again; failed last time, and gone or disabled since" in ended.stderr


def test_failed_of_a_record_that_does_not_read(failing: Any) -> None:
    """What it tells is not guessed."""
    failing.write({".gatekeeper/runs/20990101/result.json": "{"})
    ended = failing.run("run", "--failed")
    assert ended.exit == 2
    assert "is no result of gatekeeper" in ended.stderr


def test_quiet(failing: Any) -> None:
    """Only what is bad, and one line where nothing is."""
    shown = failing.run("run", "-q").stdout
    assert "no-tabs" in shown
    assert "audit" in shown
    assert "builds" not in shown
    failing.write({"notes.txt": ""})
    (failing.folder / "gates/security.yaml").unlink()
    ended = failing.run("run", "--quiet")
    line = "Passed at push; 1 of 1 gates judged; open: quality/slow; no deployment verdict\n"
    assert (ended.exit, ended.said) == (0, line)


def test_the_verdict_is_told_though_a_report_cannot_be_written(failing: Any) -> None:
    """What took long to find out is not lost; the exit code says that something is."""
    failing.write({"file": "x"})
    ended = failing.run("run", "--report", "html:file/gates.html")
    assert ended.exit == 3
    assert ended.stdout.endswith("Deployment blocked\n")
    assert "file/gates.html could not be written: File exists; name another place" in ended.stderr


def test_verbose(failing: Any) -> None:
    """Commands, times, what was examined; and a line as each check ends."""
    ended = failing.run("run", "--verbose")
    for said in ("command: ", "times: ", "examined: ", "all files are selected", "judged: "):
        assert said in ended.stdout
    assert "audit  " in ended.stderr


def test_without_a_terminal_nothing_is_said_meanwhile(failing: Any) -> None:
    """A log of a build holds the report and no noise."""
    assert failing.start("run").stderr == ""


def test_what_to_type_next(failing: Any) -> None:
    """The report of a blocked run names the command that runs what is bad, and it works."""
    shown = failing.run("run").stdout.splitlines()
    again = next(line for line in shown if line.startswith("run it alone: "))
    assert again == "run it alone: gatekeeper run --only no-tabs --only audit"
    more = next(line for line in shown if line.startswith("see more: "))
    words = more.removeprefix("see more: gatekeeper ").split()
    assert failing.run(*words).exit == 0


REPORT = """\
---
id: PM-2026-003
kind: production-bug
---
## Incident: Orders without a customer were stored

### 5. Action Items
-   `[ ]` **Action Item 1**: Reject an order. Owner: team-orders. Due: 2026-03-20.
"""
GUARD = 'command: ["false"], origin: [{item: PM-2026-003#AI-1, text: Reject an order}]'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"learning/postmortems/a.md": REPORT},
            "this guards PM-2026-003: Orders without a customer were stored\n",
        ),
        (
            {"learning/postmortems/PM-2026-003.md": "## Incident: It rained\n\nWords.\n"},
            "this guards PM-2026-003: It rained\n",
        ),
        ({"learning/postmortems/a.md": "no id\n"}, "this guards PM-2026-003\n"),
        ({}, "this guards PM-2026-003\n"),
    ],
    ids=["by id", "by name", "another", "none"],
)
def test_a_guard_tells_what_it_guards(empty: Any, files: dict[str, str], said: str) -> None:
    """The title of the post-mortem behind a bad check, where it can be read."""
    empty.write({**files, "gates/q.yaml": f"gate: q\nchecks: [{{check: guard, {GUARD}}}]\n"})
    ended = empty.run("run", "--report", "junit:gates.xml")
    assert ended.exit == 1
    assert said in ended.stdout
    assert said.strip() in (empty.folder / "gates.xml").read_text()


def test_a_report_that_cannot_be_read_has_no_title(empty: Any) -> None:
    """The verdict and the id stand all the same."""
    empty.write({"gates/q.yaml": f"gate: q\nchecks: [{{check: guard, {GUARD}}}]\n"})
    folder = empty.folder / "learning/postmortems"
    folder.mkdir(parents=True)
    (folder / "PM-2026-003.md").symlink_to("elsewhere.md")
    ended = empty.run("run")
    assert ended.exit == 1
    assert "this guards PM-2026-003\n" in ended.stdout


def test_no_report_is_read_where_all_is_well(empty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles are looked up for what a reader is told of, and for nothing else."""
    monkeypatch.setattr("gatekeeper.cli.titles._read", None)
    good = GUARD.replace("false", "true")
    empty.write({"gates/q.yaml": f"gate: q\nchecks: [{{check: guard, {good}}}]\n"})
    assert empty.run("run").exit == 0
