"""gatekeeper validate: every mistake with its place, before anything runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

MISTAKES = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text("utf-8"))


def write(repository: Any, files: Mapping[str, str | None]) -> None:
    """Write files beside the sound gate; None takes one away."""
    for name in [name for name, text in files.items() if text is None]:
        (repository.folder / name).unlink()
    repository.write({name: text for name, text in files.items() if text is not None})


@pytest.mark.parametrize("case", MISTAKES, ids=[case["mistake"] for case in MISTAKES])
@pytest.mark.parametrize("command", ["validate", "run"])
def test_each_mistake_is_told_with_its_place(
    repository: Any, case: Mapping[str, Any], command: str
) -> None:
    """Exit code 2, nothing has run; the place, what is wrong, and a suggestion."""
    write(repository, case["files"])
    ended = repository.run(command)
    assert (ended.exit, ended.stdout) == (2, "")
    for text in (case["at"], *case["says"]):
        assert text in ended.stderr
    assert not (repository.folder / ".gatekeeper" / "runs").exists()


@pytest.mark.parametrize(
    "case",
    [case for case in MISTAKES if case["at"].count(":") == 2],
    ids=[case["mistake"] for case in MISTAKES if case["at"].count(":") == 2],
)
def test_a_caret_stands_below_the_place(repository: Any, case: Mapping[str, Any]) -> None:
    """The source line is shown, with a caret in the column that the place names."""
    write(repository, case["files"])
    file, line, column = case["at"].split(":")
    text = (repository.folder / file).read_text("utf-8").splitlines()
    shown = repository.run("validate").stderr
    if int(line) > len(text) or "\0" in text[0]:
        assert "^" not in shown, "there is no line to point at"
        return
    source = re.escape(text[int(line) - 1])
    caret = " " * (int(column) - 1)
    assert re.search(rf"^    {source}\n    {caret}\^$", shown, re.MULTILINE)


def test_a_sound_configuration_is_summed_up(repository: Any) -> None:
    """Gates, checks, registered ones, and the digest of the policy."""
    repository.write({"checks/b.yaml": "check: b\ngate: quality\ncommand: [x]\n"})
    ended = repository.start("validate")
    assert (ended.exit, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Valid: 1 gate, 3 checks, 1 of them registered\nPolicy sha256:")


def test_all_mistakes_of_all_files_are_told_at_once(repository: Any) -> None:
    """In the order of files and lines."""
    repository.write(
        {
            "gates/a.yaml": "gate: a\ncolour: red\nchecks: [rufff]\n",
            "gates/b.yaml": "gate: b\nstage: never\nchecks: [ruff]\n",
            "gates/c.yml": "gate: c\n",
        }
    )
    said = repository.run("validate").stderr
    places = re.findall(r"^gates/\S+?(?=: )", said, re.MULTILINE)
    assert places == ["gates/a.yaml:2:1", "gates/a.yaml:3:10", "gates/b.yaml:2:8", "gates/c.yml"]


def test_nothing_is_executed(repository: Any) -> None:
    """A tool that is not installed is no mistake of the configuration."""
    repository.write({"checks/b.yaml": "check: b\ngate: quality\ncommand: [no-such-tool]\n"})
    assert repository.run("validate").exit == 0


def test_a_link_that_leads_out_is_a_mistake(repository: Any, tmp_path: Path) -> None:
    """No gate is read from outside the repository."""
    (tmp_path / "gate.yaml").write_text("gate: a\nchecks: [ruff]\n")
    (repository.folder / "gates/a.yaml").symlink_to(tmp_path / "gate.yaml")
    said = repository.run("validate").stderr
    assert "gates/a.yaml: is a link that leads out of the repository" in said


def test_hostile_text_is_escaped(repository: Any) -> None:
    """Neither a file's name nor its content can send commands to the terminal."""
    repository.write(
        {"gates/\x1b[31m.yml": "x", "gates/a.yaml": 'gate: "\\e[31m"\nchecks: [ruff]\n'}
    )
    said = repository.run("validate").stderr
    assert "\x1b" not in said
    assert "\\x1b[31m" in said


WORKFLOW = """\
on: push
jobs:
  gate:
    steps:
      - run: gatekeeper run{}
"""


def test_a_workflow_that_disarms_the_gate_is_a_mistake(repository: Any) -> None:
    """Tracked or not; with its place, its line, a caret and a remedy."""
    repository.write({".github/workflows/ci.yaml": WORKFLOW.format(" || true")})
    ended = repository.run("validate")
    assert (ended.exit, ended.stdout) == (2, "")
    place = ".github/workflows/ci.yaml:5:14: the step may pass although the gates fail"
    assert ended.stderr.startswith(place)
    assert "\n                 ^\n    give `gatekeeper run` a step of its own" in ended.stderr


def test_what_may_disarm_the_gate_is_a_warning(repository: Any) -> None:
    """So is a workflow that could not be examined; the configuration itself is valid."""
    anchor = f"{WORKFLOW.format('')}x: &a 1\n"
    repository.write({".github/workflows/a.yml": anchor, ".github/workflows/deep/b.yml": ":"})
    (repository.folder / ".github/workflows/c.yml").symlink_to("/etc/passwd")
    ended = repository.run("validate")
    assert (ended.exit, ended.stdout.splitlines()[0][:13]) == (0, "Valid: 1 gate")
    told = [line for line in ended.stderr.splitlines() if line.startswith("warning: ")]
    unread = "this workflow was not examined"
    assert [line.removeprefix("warning: .github/workflows/") for line in told] == [
        f"c.yml: {unread}: it is a symbolic link",
        f"a.yml:6:4: {unread}: `&` starts an anchor, which is not allowed",
    ]


def test_workflows_of_the_repository_count_for_each_service(repository: Any) -> None:
    """They stand at its top, wherever the service is."""
    repository.write(
        {
            "gatekeeper.toml": '[services]\napi = "services/api"\n',
            "services/api/notes.txt": "",
            ".github/workflows/ci.yml": WORKFLOW.format(" || true"),
        }
    )
    assert ".github/workflows/ci.yml:5:14:" in repository.run("validate", "--service", "api").stderr


def test_a_run_does_not_look_at_workflows(repository: Any) -> None:
    """They are no part of the verdict."""
    repository.write({".github/workflows/ci.yml": WORKFLOW.format(" || true")})
    assert repository.run("run").exit == 0
