"""Scripts of workflow steps: whether the failure of the gates still counts at their end."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.workflows import script

SCRIPTS = yaml.safe_load((Path(__file__).parent / "scripts.yaml").read_text("utf-8"))
# How GitHub starts them, see the module.
STARTED = {
    "": ["bash", "-e"],
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
    "sh": ["sh", "-e"],
}


@pytest.mark.parametrize("case", SCRIPTS, ids=[repr(case["run"]) for case in SCRIPTS])
def test_a_lost_failure_is_told_with_its_reason(case: Mapping[str, str]) -> None:
    """And a script in which it counts has no flaw."""
    assert script.judges(case["run"])
    flaws = script.flaws(case["run"], script.shell(case.get("shell", "")))
    assert flaws is not None
    if "lost" in case:
        assert len(flaws) == 1
        assert case["lost"] in flaws[0]
    else:
        assert flaws == ()


@pytest.mark.parametrize(
    "case",
    [case for case in SCRIPTS if case.get("shell") != "pwsh"],
    ids=[f"{case['run']!r}" for case in SCRIPTS if case.get("shell") != "pwsh"],
)
def test_the_real_shell_agrees(case: Mapping[str, str], tmp_path: Path) -> None:
    """A real shell passes the scripts in which the gates' failure is lost, and only these."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    names = ("gatekeeper", "python", ".venv/bin/gatekeeper", "next", "tell", "flaky", "deploy")
    for name in names:
        bad = name in ("gatekeeper", "python", ".venv/bin/gatekeeper", "flaky")
        tool = tmp_path / name if name.startswith(".") else bin_ / name
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.write_text(f"#!/bin/sh\nexit {1 if bad else 0}\n")
        tool.chmod(0o755)
        if not name.startswith("."):
            (tmp_path / name).symlink_to(tool)
    for name in ("make", "sleep"):
        (bin_ / name).symlink_to(shutil.which("true") or "")
    (tmp_path / "service").mkdir()
    text = case["run"].replace("${{ a || b }}", "1").replace("yes |", "echo |")
    (tmp_path / "script").write_text(text)
    shell = case.get("shell", "")
    started = STARTED.get(shell) or shell.removesuffix(" {0}").split()
    done = subprocess.run(
        [*started, "script"],
        cwd=tmp_path,
        env={"PATH": f"{bin_}:/usr/bin:/bin"},
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode == 0) == ("lost" in case), done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "make run",
        "echo gatekeeper run",
        "# gatekeeper run",
        "gatekeeper validate",
        "gatekeeper\nrun",
    ],
)
def test_what_only_speaks_of_the_gates_does_not_run_them(text: str) -> None:
    """A deployment behind it would not be guarded."""
    assert not script.judges(text)


@pytest.mark.parametrize(
    "text", ["gatekeeper run 'open", 'echo "\ngatekeeper run', "gatekeeper run \\"]
)
def test_what_cannot_be_taken_apart_is_not_called_sound(text: str) -> None:
    """It counts as a run of the gates, and its flaws are unknown."""
    assert script.judges(text)
    assert script.flaws(text, script.shell("")) is None


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("gatekeeper run", "ci"),
        ("gatekeeper run --stage deploy", "deploy"),
        ("gatekeeper run --stage='push'", "push"),
        ("gatekeeper run --stage $STAGE", ""),
        ("gatekeeper run --stage ${{ inputs.stage }}", ""),
    ],
)
def test_the_stage_is_what_the_script_says(text: str, stage: str) -> None:
    """In CI it is ci by itself; behind a variable it is unknown."""
    assert script.stage(text) == stage


@given(st.text(st.sampled_from("gatekeeper run|&;()'\"\\$`{}#\n if!e"), max_size=200))
@settings(max_examples=50)
def test_any_text_is_taken_apart_or_said_not_to_be(text: str) -> None:
    """No text makes the reader fail."""
    text = f"{text} gatekeeper run {text}"
    assert script.judges(text) in (True, False)
    script.flaws(text, script.shell(""))


def test_a_huge_script_is_read_in_no_time() -> None:
    """Neither many calls nor an open quote take more than linear time, about."""
    script.flaws("gatekeeper run | " * 4000, script.shell("bash"))
    script.flaws("gatekeeper run " + "a'" * 30001, script.shell("bash"))
    script.flaws("gatekeeper run " + "|| " * 20000, script.shell("bash"))
    script.flaws("gatekeeper run " + "${{ " * 15000, script.shell("bash"))
