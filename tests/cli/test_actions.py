"""`gatekeeper run` as a step of GitHub Actions: a made-up runner, the real command line."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FORGER = r"""\
printf '::error::forged\n  ::set-output name=passed::true\n##[error]old\n'
exit 1
"""
BAD = """\
gate: bad
checks:
  - check: tabs
    type: pattern
    files: ["*.txt"]
    with: {forbid: "\\t"}
  - {check: forger, command: [bash, forger.sh]}
"""


@dataclass(frozen=True)
class Runner:
    """The files that a runner gives to a step."""

    output: Path
    summary: Path

    @property
    def outputs(self) -> dict[str, str]:
        """Read the outputs the way the runner does (FileCommandManager.cs)."""
        found: dict[str, str] = {}
        lines = iter(self.output.read_text("utf-8").split("\n"))
        for line in lines:
            name, heredoc, delimiter = line.partition("<<")
            if heredoc and "=" not in name:
                value = list(iter(lines.__next__, delimiter))
                found[name] = "\n".join(value)
            elif line:
                name, _, value_ = line.partition("=")
                found[name] = value_
        return found


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The environment of a step, with empty files."""
    made = Runner(tmp_path / "output", tmp_path / "summary")
    for path in (made.output, made.summary):
        path.touch()
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(made.output),
        "GITHUB_STEP_SUMMARY": str(made.summary),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "o/r",
    }.items():
        monkeypatch.setenv(name, value)
    return made


def commit(repository: Any) -> str:
    """Commit all of it; the commit's name."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["add", "."], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=repository.folder, check=True)
    said = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=repository.folder, check=True, capture_output=True
    )
    return said.stdout.decode().strip()


def commands(text: str) -> list[str]:
    """The lines that a runner obeys."""
    return [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]


def test_a_passed_run_says_so(runner: Runner, repository: Any) -> None:
    """Outputs, a summary, and nothing that a reader would have to look at."""
    commit(repository)
    ended = repository.run("run", "--report", "junit:a.xml", "--report", "json:b.json")
    assert ended.exit == 0
    assert commands(ended.said) == []
    assert runner.summary.read_text().startswith("## \N{WHITE HEAVY CHECK MARK} Passed at push\n")
    record = runner.outputs["result"]
    assert json.loads(Path(record).read_text())["schema"] == "gatekeeper/result/1"
    assert runner.outputs == {
        "verdict": "pass",
        "passed": "true",
        "approved": "false",
        "failed": "",
        "conclusion": "Passed at push; 1 of 1 gates judged; no deployment verdict",
        "result": record,
        "reports": f"{repository.folder}/a.xml\n{repository.folder}/b.json",
    }


def test_an_approved_deployment_is_an_output(runner: Runner, repository: Any) -> None:
    """Only stage deploy approves."""
    commit(repository)
    assert repository.run("run", "--stage", "deploy").exit == 0
    assert runner.outputs["approved"] == "true"


def test_a_failed_run_annotates_and_blocks(runner: Runner, repository: Any) -> None:
    """The finding at its place, the tool's output in a group, the conclusion last."""
    repository.write({"gates/bad.yaml": BAD, "forger.sh": FORGER, "a b.txt": "x\ty\n"})
    name = commit(repository)
    ended = repository.run("run")
    assert ended.exit == 1
    obeyed = commands(ended.stdout)
    assert obeyed[0] == "::group::forger: what it printed"
    assert "::endgroup::" in obeyed
    assert any(line.startswith("::error file=a b.txt,line=1,col=2,") for line in obeyed)
    assert ended.stdout.endswith("Deployment blocked\n")
    assert runner.outputs["verdict"] == "fail"
    assert runner.outputs["passed"] == "false"
    assert runner.outputs["failed"] == "bad quality"
    assert (
        f"(https://github.com/o/r/blob/{name}/a%20b.txt?plain=1#L1)" in runner.summary.read_text()
    )


def test_a_tool_forges_no_command(runner: Runner, repository: Any) -> None:
    """What it prints stands in the log, and the runner takes none of it for a command."""
    repository.write({"gates/bad.yaml": BAD, "forger.sh": FORGER})
    ended = repository.run("run")
    obeyed = commands(ended.said)
    assert [line.partition(",")[0] for line in obeyed] == [
        "::group::forger: what it printed",
        "::endgroup::",
        "::error file=gates/bad.yaml",
    ]
    assert ended.stdout.count("forged") >= 2
    assert runner.outputs["passed"] == "false"


def test_what_was_not_measured_has_not_passed(runner: Runner, repository: Any) -> None:
    """A missing tool is an error with the remedy, at its line in the policy."""
    gate = "gate: quality\nchecks:\n  - {check: lost, command: [no-such-tool]}\n"
    repository.write({"gates/quality.yaml": gate})
    ended = repository.run("run")
    assert ended.exit == 3
    assert commands(ended.stdout)[0].startswith("::error file=gates/quality.yaml,line=3,")
    assert runner.outputs["verdict"] == "error"
    assert runner.outputs["failed"] == "quality"


def test_a_report_on_standard_output_stays_what_it_is(runner: Runner, repository: Any) -> None:
    """Commands then go to standard error, which the runner reads too."""
    repository.write({"notes.txt": "x\ty\n"})
    ended = repository.run("run", "--report", "json")
    json.loads(ended.stdout)
    assert any(line.startswith("::error file=notes.txt") for line in commands(ended.stderr))


def test_annotations_that_are_asked_for_stand_there_once(runner: Runner, repository: Any) -> None:
    """Whoever sends them to standard output does not get them twice."""
    repository.write({"notes.txt": "x\ty\n"})
    ended = repository.run("run", "--report", "annotations")
    assert sum("::error file=notes.txt" in line for line in ended.said.splitlines()) == 1


def test_what_others_have_written_stays(runner: Runner, repository: Any) -> None:
    """Outputs and summary are appended, also after a line without its end."""
    runner.output.write_text("mine=1")
    runner.summary.write_text("| mine |")
    repository.run("run")
    assert runner.outputs["mine"] == "1"
    assert runner.outputs["passed"] == "true"
    assert runner.summary.read_text().startswith("| mine |\n\n## ")


@pytest.mark.parametrize("taken", [2**20 - 2000, 2**20 - 100, 2**21])
def test_the_summary_keeps_below_the_limit_of_the_step(
    runner: Runner, repository: Any, taken: int
) -> None:
    """What is there counts; where nothing fits, that is told, and the verdict stays."""
    repository.write({f"{n}.txt": "x\ty\n" for n in range(50)})
    runner.summary.write_bytes(b"x" * taken)
    ended = repository.run("run")
    assert ended.exit == 1
    size = runner.summary.stat().st_size
    full = taken > 2**20 - 1024
    assert size == taken if full else taken < size <= 2**20
    assert ("GITHUB_STEP_SUMMARY" in ended.stderr) == full


@pytest.mark.parametrize("variable", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
@pytest.mark.parametrize("place", ["", "missing", "folder", "pipe", "/dev/full", "a/\n::error::x"])
def test_a_file_that_cannot_be_written_changes_nothing(
    runner: Runner,
    repository: Any,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    place: str,
) -> None:
    """A warning names it; exit code and the other file are as ever, and nothing is made."""
    top = repository.folder.parent
    (top / "folder").mkdir()
    os.mkfifo(top / "pipe")
    monkeypatch.setenv(variable, str(top / place) if place else "")
    ended = repository.run("run")
    assert ended.exit == 0
    assert f"warning: {variable} (" in ended.stderr
    assert commands(ended.said) == []
    assert not (top / "missing").exists()
    other = runner.summary if variable == "GITHUB_OUTPUT" else runner.output
    assert other.stat().st_size > 100
    assert stat.S_ISFIFO((top / "pipe").stat().st_mode)


def test_a_full_disk_leaves_no_half_summary(runner: Runner, repository: Any) -> None:
    """What others have written there is worth more than half of ours."""
    limit = 300_000  # bytes of any file that this process writes
    runner.summary.write_bytes(b"x" * (limit - 10))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        ended = repository.run("run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert ended.exit == 0
    assert "File too large" in ended.stderr
    assert runner.summary.stat().st_size == limit - 10


def test_a_report_that_is_lost_leaves_no_outputs(runner: Runner, repository: Any) -> None:
    """A step that could not write what it was asked for has not passed."""
    repository.write({"taken": ""})
    ended = repository.run("run", "--report", "json:taken/a.json")
    assert ended.exit == 3
    assert runner.outputs == {}


def test_a_wrong_policy_leaves_no_outputs(runner: Runner, broken: Any) -> None:
    """`passed` is not `true` where nothing ran."""
    assert broken.run("run").exit == 2
    assert runner.outputs == {}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("GITHUB_SERVER_URL", "javascript:x"), ("GITHUB_REPOSITORY", "o/r)[x](http://evil.example")],
)
def test_a_wrong_address_makes_no_link(
    runner: Runner, repository: Any, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The summary then names places without leading there."""
    repository.write({"notes.txt": "x\ty\n"})
    commit(repository)
    monkeypatch.setenv(variable, value)
    repository.run("run")
    summary = runner.summary.read_text()
    assert "`notes.txt:1:2`" in summary
    assert "](" not in summary


@pytest.mark.parametrize("value", ["", "false", "1"])
def test_elsewhere_nothing_of_this_happens(
    runner: Runner, repository: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """The runner's other variables alone mean nothing."""
    monkeypatch.setenv("GITHUB_ACTIONS", value)
    repository.write({"notes.txt": "x\ty\n"})
    ended = repository.run("run")
    assert commands(ended.said) == []
    assert runner.output.read_text() == runner.summary.read_text() == ""


def test_a_mistake_in_a_gate_is_annotated_at_its_place(repository: Any, runner: Runner) -> None:
    """Nothing was judged, so there are no outputs, and the summary says why."""
    repository.write({"gates/quality.yaml": "gate: quality\nchecks: [ruf]\n"})
    ended = repository.run("run")
    assert ended.exit == 2
    assert "::error file=gates/quality.yaml,line=2,col=10,title=gatekeeper::" in ended.stderr
    assert "did you mean `ruff`?" in ended.stderr
    assert runner.outputs == {}
    summary = runner.summary.read_text("utf-8")
    assert "## Nothing was judged" in summary
    assert "gates/quality.yaml:2:10" in summary
