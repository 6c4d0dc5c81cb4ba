"""gatekeeper completion, in the shells that are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# What bash does when a person presses the tabulator, with the program on PATH.
BASH = """
source <(gatekeeper completion bash) || exit 9
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_gatekeeper_completion gatekeeper
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(repository: Any, tmp_path: Path) -> Any:
    """The words that bash offers for the last one of a command line."""
    program = tmp_path / "bin/gatekeeper"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m gatekeeper "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:/usr/bin:/bin"

    def completed(*words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "--norc", "-c", BASH, "bash", "gatekeeper", *words],
            cwd=repository.folder,
            env={"PATH": path, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.split()

    return completed


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["va"], ["validate"]),
        (["run", ""], ["quality"]),
        (["run", "--on"], ["--only"]),
        (["run", "--only", ""], ["no-tabs", "builds"]),
        (["run", "--only", "n"], ["no-tabs"]),
        (["run", "--stage", "p"], ["push"]),
        (["run", "--report", "jun"], ["junit"]),
        (["explain", "coverage.l"], ["coverage.line"]),
        (["explain", "qual"], ["quality"]),
        (["explain", "pip-"], ["pip-audit"]),
        (["list", "met"], ["metrics"]),
        (["read", "cob"], ["cobertura"]),
        (["schema", "sign"], ["signoff"]),
        (["postmortem", "li"], ["lint", "list"]),
        (["completion", "z"], ["zsh"]),
    ],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_bash_offers_names(complete: Any, words: list[str], offered: list[str]) -> None:
    """Commands, options, and the names of this repository and of gatekeeper."""
    assert sorted(complete(*words)) == sorted(offered)


@pytest.mark.parametrize("words", [["run", ""], ["run", "--only", ""], ["prove", ""]], ids=" ".join)
def test_a_broken_configuration_offers_nothing(
    complete: Any, broken: Any, words: list[str]
) -> None:
    """A shell is no place for messages."""
    assert broken.folder.is_dir()
    assert complete(*words) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_of_its_shell(folder: Any, shell: str) -> None:
    """Each shell that is installed can read its script."""
    script = folder.run("completion", shell)
    assert (script.exit, script.stderr) == (0, "")
    assert "_GATEKEEPER_COMPLETE=" in script.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n"], input=script.stdout, text=True, check=True, timeout=60)


def test_no_variable_makes_a_command_do_nothing(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a shell asks for counts only without a command: a run always runs."""
    monkeypatch.setenv("_GATEKEEPER_COMPLETE", "bash_source")
    repository.write({"notes.txt": "a\tb\n"})
    assert repository.run("run").exit == 1


def test_what_no_shell_asks_is_wrong_usage(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instruction of an unknown shell completes nothing."""
    monkeypatch.setenv("_GATEKEEPER_COMPLETE", "csh_complete")
    assert folder.run().exit == 2
