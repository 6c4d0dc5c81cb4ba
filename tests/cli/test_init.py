"""gatekeeper init."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gatekeeper.cli.schema import schema

PYTHON = {
    "README.md": "# It\n\n" + "It says a word about itself. " * 12 + "\n",
    "src/it.py": '"""It."""\n\n\ndef double(n: int) -> int:\n    """Twice."""\n    return 2 * n\n',
    "tests/test_it.py": "def test_it() -> None:\n    assert True\n",
    "pyproject.toml": '[project]\nname = "it"\nversion = "1"\n',
    ".github/workflows/ci.yml": "name: ci\non: push\npermissions: {}\njobs:\n  a:\n"
    "    runs-on: ubuntu-latest\n    steps: [{run: make}]\n",
}
REPOSITORIES: Mapping[str, Mapping[str, str]] = {
    "empty": {},
    "python": PYTHON,
    "go": {"main.go": "package main\n\nfunc main() {\n}\n", "go.mod": "module it\n"},
    "benchmarks": {
        "benchmarks/test_b.py": '"""B."""\n\n\ndef test_b(benchmark):\n    benchmark(len, "")\n'
    },
    "odd names": {"a b\n.py": "", "ü/README.md": "", "-x.py": "", "requirements ${x}.txt": ""},
    "moved folders": {"gatekeeper.toml": 'gates = "policy"\n'},
}


@pytest.mark.parametrize("files", REPOSITORIES.values(), ids=list(REPOSITORIES))
def test_what_it_writes_validates_and_follows_the_schema(
    empty: Any, files: Mapping[str, str]
) -> None:
    """Four gates, whatever the repository; a second time changes nothing."""
    empty.write(files)
    ended = empty.run("init")
    assert (ended.exit, ended.stderr) == (0, "")
    assert ended.stdout.count("wrote ") == 4
    assert ended.stdout.endswith("then: gatekeeper run\n")
    assert "Valid: 4 gates" in empty.run("validate").stdout
    folder = empty.folder / ("policy" if "gatekeeper.toml" in files else "gates")
    written = {path: path.read_text("utf-8") for path in folder.iterdir()}
    for text in written.values():
        assert text.startswith("# yaml-language-server: $schema=")
        jsonschema.Draft202012Validator(schema("gate")).validate(yaml.safe_load(text))
    again = empty.run("init")
    assert again.exit == 0
    assert again.stdout.count("left alone ") == 4
    assert written == {path: path.read_text("utf-8") for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["empty", "go"])
def test_what_it_writes_runs(empty: Any, name: str) -> None:
    """The first run measures; what fails are the missing documents, as the comments say."""
    empty.write(REPOSITORIES[name])
    empty.run("init")
    ended = empty.start("run", "--stage", "push", "--report", "json")
    gates = {gate["gate"]: gate for gate in json.loads(ended.stdout)["verdict"]["gates"]}
    assert ended.exit == 1
    assert gates["operational-readiness"]["verdict"] == "fail"
    assert gates["code-quality"]["verdict"] == "pass"
    assert gates["security"]["verdict"] == "pass"
    assert gates["performance"]["verdict"] == "skipped"
    text = (empty.folder / "gates/operational-readiness.yaml").read_text("utf-8")
    assert "# docs/rollback.md does not exist yet: the gate fails (exit 1)" in text


def test_it_names_the_tools_that_are_missing(
    empty: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the commands that install them; what no check asks for is not named."""
    (tmp_path / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    empty.write({"a.py": ""})
    ended = empty.run("init")
    lines = [line for line in ended.stdout.splitlines() if line.startswith("not found")]
    assert "not found on PATH: ruff; install it: pip install ruff" in lines
    assert not [line for line in lines if "zizmor" in line]


def test_it_works_outside_a_repository(folder: Any) -> None:
    """The files are found by walking."""
    folder.write(PYTHON)
    assert "Python, tests" in folder.run("init").stdout
    assert folder.run("validate").exit == 0


def test_it_writes_at_the_top_of_the_repository(
    empty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever in the repository it is called."""
    empty.write(PYTHON)
    top, empty.folder = empty.folder, empty.folder / "src"
    assert empty.run("init").exit == 0
    assert (top / "gates/security.yaml").exists()
    assert not (top / "src/gates").exists()


def test_an_existing_file_is_left_alone(empty: Any) -> None:
    """The others are written beside it."""
    gate = "gate: security\nchecks: [detect-secrets]\n"
    empty.write({"gates/security.yaml": gate})
    ended = empty.run("init")
    assert "left alone gates/security.yaml: it exists" in ended.stdout
    assert ended.stdout.count("wrote ") == 3
    assert (empty.folder / "gates/security.yaml").read_text() == gate
    assert empty.run("validate").exit == 0


@pytest.mark.parametrize(
    ("files", "left_out", "said"),
    [
        (
            {"gates/mine.yaml": "gate: security\nchecks: [{check: a, command: [x]}]\n"},
            "security",
            "two gates are named `security`",
        ),
        (
            {"gates/mine.yaml": "gate: mine\nchecks: [detect-secrets]\n"},
            "security",
            "two checks are named `detect-secrets`",
        ),
    ],
    ids=["a gate of its name", "a check of its name"],
)
def test_a_gate_that_does_not_fit_in_is_left_out(
    empty: Any, files: Mapping[str, str], left_out: str, said: str
) -> None:
    """What it writes beside existing gates validates with them."""
    empty.write(files)
    ended = empty.run("init")
    assert f"left out gates/{left_out}.yaml: {said}" in ended.stdout
    assert ended.stdout.count("wrote ") == 3
    assert empty.run("validate").exit == 0


def test_registered_checks_may_wait_for_their_gate(empty: Any) -> None:
    """A check whose gate does not exist yet is no obstacle."""
    empty.write({"checks/a.yaml": "check: a\ngate: security\ncommand: [x]\n"})
    assert empty.run("init").stdout.count("wrote ") == 4
    assert empty.run("validate").exit == 0


def test_a_broken_configuration_is_to_be_mended_first(broken: Any) -> None:
    """Nothing is written beside it."""
    ended = broken.run("init")
    assert (ended.exit, ended.stdout) == (2, "")
    assert "unknown key `colour`" in ended.stderr
    assert os.listdir(broken.folder / "gates") == ["quality.yaml"]


def test_a_folder_that_leads_out_is_refused(empty: Any, tmp_path: Path) -> None:
    """A symbolic link in place of gates/ is no way to write elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    (empty.folder / "gates").symlink_to(tmp_path / "elsewhere")
    assert empty.run("init").exit == 2
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_file_in_place_of_the_folder_is_told(empty: Any) -> None:
    """The message names the path."""
    empty.write({"gates": "x"})
    ended = empty.run("init")
    assert ended.exit == 2
    assert "gates" in ended.stderr
