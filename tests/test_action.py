"""The action: its own scripts, run by bash as a runner would, on a real repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
GATE = """\
gate: quality
checks:
  - check: no-tabs
    type: pattern
    files: ["*.txt"]
    with: {forbid: "\\t"}
"""


@dataclass(frozen=True)
class Done:
    """How a step ended."""

    exit: int
    said: str
    outputs: Mapping[str, str]


class Runner:
    """A fake runner of GitHub Actions: folders, files and variables as it gives them to a step."""

    def __init__(self, folder: Path) -> None:
        self.temp, self.workspace = folder / "temp", folder / "work space"
        for path in (self.temp, self.workspace, folder / "home"):
            path.mkdir()
        self.home = self.temp / "gatekeeper.stub"
        self.env = {
            **{n: v for n, v in os.environ.items() if n.startswith("PIP_")},
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
        }
        self.write({"gates/quality.yaml": GATE, "notes.txt": "all is well\n"})
        self.git("init", "-q")
        self.commit()

    def write(self, files: Mapping[str, str], folder: str = ".") -> None:
        """Write files into the workspace."""
        for name, text in files.items():
            path = self.workspace / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def git(self, *words: str) -> str:
        """Run git in the workspace."""
        argv = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words]
        done = subprocess.run(
            argv, cwd=self.workspace, env=self.env, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def commit(self) -> None:
        """Commit all that is there."""
        self.git("add", "-A")
        self.git("commit", "-qm", "a change")

    def installed(self) -> None:
        """What the step that installs leaves behind, but made of this environment."""
        (self.home / "bin").mkdir(parents=True)
        (self.home / "reports").mkdir()
        python = self.home / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)

    def step(self, name: str, **variables: str) -> Done:
        """Start a script of the action, and read the outputs as the runner does."""
        for file in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
            Path(self.env[file]).write_text("")
        done = subprocess.run(
            [ROOT / "action" / name],
            cwd=self.workspace,
            env={**self.env, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), outputs(self.env["GITHUB_OUTPUT"]))

    def run(self, **inputs: str) -> Done:
        """The step that runs the gates, with the inputs as action.yml gives them."""
        if not self.home.exists():
            self.installed()
        values = {name: str(value["default"]) for name, value in ACTION["inputs"].items()}
        known = {f"INPUT_{name.upper()}": inputs.pop(name, value) for name, value in values.items()}
        assert not inputs
        return self.step("run", GATEKEEPER_HOME=str(self.home), **known)


def outputs(path: str) -> dict[str, str]:
    """The outputs of a step. https://docs.github.com/actions, "Multiline strings"."""
    text = Path(path).read_text("utf-8")
    blocks = re.findall(r"^([\w-]+)<<(\S+)\n(.*?)\n?^\2$", text, re.MULTILINE | re.DOTALL)
    plain = re.findall(r"^([\w-]+)=(.*)$", text, re.MULTILINE)
    return {**dict(plain), **{name: value for name, _, value in blocks}}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner whose workspace holds a repository with one gate, all of whose checks pass."""
    return Runner(tmp_path)


def test_a_pass_is_put_out_and_reported(runner: Runner) -> None:
    """Exit code 0, the outputs that action.yml names, and every report below reports/."""
    done = runner.run(reports="junit\nmarkdown terminal")
    assert done.exit == 0, done.said
    assert (done.outputs["verdict"], done.outputs["passed"]) == ("pass", "true")
    assert done.outputs["approved"] == "false"
    names = {path.name for path in (runner.home / "reports").iterdir()}
    assert names == {"result.json", "junit.xml", "report.md", "report.txt"}
    assert set(done.outputs["reports"].splitlines()) == {
        str(runner.home / "reports" / name) for name in names
    }


def test_every_declared_output_is_written_by_the_run(runner: Runner) -> None:
    """And no output is forgotten in action.yml."""
    done = runner.run()
    assert set(done.outputs) == set(ACTION["outputs"])
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"


def test_a_failure_blocks_and_is_reported_too(runner: Runner) -> None:
    """The exit code is that of the run."""
    runner.write({"notes.txt": "\tno\n"})
    done = runner.run(reports="junit:out/gates.xml")
    assert done.exit == 1
    assert (done.outputs["passed"], done.outputs["failed"]) == ("false", "quality")
    assert "failures=" in (runner.workspace / "out" / "gates.xml").read_text("utf-8")
    assert (runner.home / "reports" / "junit.xml").exists()


def test_a_deployment_is_approved_only_at_its_stage(runner: Runner) -> None:
    """With service, version and commit in the result."""
    assert runner.run(stage="ci").outputs["approved"] == "false"
    done = runner.run(stage="deploy", version="v 1.2 (it's)")
    assert (done.exit, done.outputs["approved"]) == (0, "true")
    result = json.loads((runner.home / "reports" / "result.json").read_text("utf-8"))
    assert result["subject"]["version"] == "v 1.2 (it's)"
    assert result["subject"]["commit"] == runner.git("rev-parse", "HEAD")


def test_the_base_narrows_the_run(runner: Runner) -> None:
    """Only what changed since is looked at."""
    base = runner.git("rev-parse", "HEAD")
    runner.write({"other.txt": "more\n"})
    runner.commit()
    assert runner.run(base=base, gates="quality").exit == 0
    result = json.loads((runner.home / "reports" / "result.json").read_text("utf-8"))
    assert result["subject"]["base"] == base


def test_a_repository_below_the_workspace(tmp_path: Path) -> None:
    """It is judged there, as the reusable workflow has it."""
    runner = Runner(tmp_path)
    runner.git("init", "-q", "the source")
    runner.write({"gates/quality.yaml": GATE, "notes.txt": "\tno\n"}, "the source")
    assert runner.run(folder="the source").exit == 1


@pytest.mark.parametrize("name", ["gates", "reports", "base", "service", "stage", "folder"])
@pytest.mark.parametrize(
    "value",
    [
        "x; touch pwned; $(touch pwned) `touch pwned`",
        "' ; touch pwned; '",
        "--help",
        "*\nb",
    ],
)
def test_no_input_is_read_as_shell_or_as_an_option(runner: Runner, name: str, value: str) -> None:
    """It is a wrong name, and nothing was judged: neither a pass nor an output."""
    done = runner.run(**{name: value})
    assert done.exit != 0
    assert done.outputs == {}
    assert not list(runner.workspace.rglob("pwned"))


def test_the_judged_repository_takes_no_part_in_the_program(runner: Runner) -> None:
    """Its modules do not replace ours, wherever the variables of earlier steps point."""
    trap = "import sys\nsys.exit('the repository was imported')\n"
    runner.write({f"{name}.py": trap for name in ("gatekeeper", "click", "sitecustomize", "json")})
    runner.env["PYTHONPATH"] = str(runner.workspace)
    done = runner.run()
    assert done.exit == 0, done.said


def test_publishing_changes_no_verdict(runner: Runner) -> None:
    """What cannot be published is a warning."""
    runner.run()
    done = runner.step("publish", GATEKEEPER_HOME=str(runner.home), GITHUB_REPOSITORY="no name")
    assert done.exit == 0
    assert "::warning title=gatekeeper::" in done.said


@pytest.mark.parametrize("step", ACTION["runs"]["steps"], ids=lambda step: step["name"])
def test_inputs_reach_scripts_by_environment_only(step: Mapping[str, Any]) -> None:
    """An expression in a script's text would be read as shell, and one token has one step."""
    assert "${{" not in step.get("run", "")
    secret = any("inputs.token" in value for value in step.get("env", {}).values())
    assert secret == (step["name"] == "Publish the verdict")
    if "run" in step:
        assert re.fullmatch(r'"\$GITHUB_ACTION_PATH/action/\w+"', step["run"])
        assert step["shell"] == "bash"


def test_an_old_python_is_told_with_a_remedy(runner: Runner) -> None:
    """No traceback of some syntax that it does not know."""
    tools = runner.temp / "tools"
    tools.mkdir()
    for name in ("python3", "python"):
        (tools / name).write_text("#!/bin/sh\necho Python 3.8.10\nexit 1\n")
        (tools / name).chmod(0o755)
    for name in ("bash", "mktemp", "env"):
        (tools / name).symlink_to(shutil.which(name) or "")
    runner.env["PATH"] = str(tools)
    done = runner.step("install")
    assert done.exit == 3
    assert "::error title=gatekeeper::gatekeeper needs Python 3.11 or newer" in done.said
    assert "Python 3.8.10" in done.said
    assert done.outputs == {}


def test_the_packages_of_the_action_are_pinned_by_hash_and_name_no_host() -> None:
    """All that run.txt has, at the same versions, and what builds the package."""
    text = (ROOT / "requirements" / "action.txt").read_text("utf-8")
    assert "://" not in text
    pins = set(re.findall(r"^\S+==\S+", text, re.MULTILINE))
    run = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    assert set(re.findall(r"^\S+==\S+", run, re.MULTILINE)) < pins
    assert {pin.partition("==")[0] for pin in pins} >= {"hatchling", "click"}
    assert text.count("--hash=sha256:") >= len(pins)


def test_no_output_approves_where_the_step_of_the_gate_failed() -> None:
    """A check runs code of the change, which may find the file of outputs and write to it."""
    path = ROOT / ".github" / "workflows" / "deploy-gate.yml"
    job = yaml.safe_load(path.read_text("utf-8"))["jobs"]["gate"]
    (step,) = (one for one in job["steps"] if one.get("uses") == "./gatekeeper")
    passed, approved = (f"steps.{step['id']}.{part}" for part in ("outcome", "outputs.approved"))
    assert job["outputs"] == {
        "approved": f"${{{{ {passed} == 'success' && {approved} == 'true' }}}}",
    }


@pytest.mark.slow
def test_the_real_installation_judges(runner: Runner) -> None:
    """From the hash-pinned packages, whatever the repository holds, into a folder of its own."""
    trap = "raise SystemExit('the repository was imported')\n"
    runner.write({"sitecustomize.py": trap, "pip.py": trap, "pip.conf": "[global]\nindex-url=x:\n"})
    runner.env["PYTHONPATH"] = str(runner.workspace)
    done = runner.step("install")
    assert done.exit == 0, done.said
    runner.home = Path(done.outputs["home"])
    assert runner.home.parent == runner.temp
    assert list((runner.home / "reports").iterdir()) == []
    assert runner.run().exit == 0
    assert runner.git("status", "--porcelain", "-uno") == ""
