"""Every tool of the catalogue, run for real on small repositories: a table of cases for each.

A case of `TOOL.yaml` holds `files`, what is written beside `uses: TOOL` under `with` and `keys`,
the gate's `requirements`, and what must come of it: the `verdict` of the check and so the exit
code, `metrics`, `work`, `findings` as `path:line rule`, and words that must be `said`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.config import load, schema

HERE = Path(__file__).parent
EXITS = {"pass": 0, "fail": 1, "error": 3}


def cases() -> Iterator[Any]:
    """The cases of all tables."""
    for table in sorted(HERE.glob("*.yaml")):
        for case in yaml.safe_load(table.read_text("utf-8")):
            marks = [pytest.mark.slow] if case.pop("slow", False) else []
            yield pytest.param(table.stem, case, id=f"{table.stem}: {case['case']}", marks=marks)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files as a git repository; `link:TARGET` makes a link."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("link:"):
            path.symlink_to(text.removeprefix("link:"))
        else:
            path.write_text(text, "utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all", "--force"], cwd=folder, check=True)


def run(folder: Path, home: Path) -> tuple[subprocess.CompletedProcess[str], Mapping[str, Any]]:
    """Run gatekeeper as a user does; how it ended, and its record."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "gatekeeper", "run"],
        cwd=folder,
        env={
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"]),
            "HOME": str(home),
            "TMPDIR": str(home),
            **{name: os.environ[name] for name in os.environ if name.startswith("COVERAGE_")},
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    records = list(folder.glob(".gatekeeper/runs/*/result.json"))
    return done, json.loads(records[0].read_bytes()) if records else {}


@pytest.mark.parametrize(("tool", "case"), list(cases()))
def test_tool(tmp_path: Path, tool: str, case: Mapping[str, Any]) -> None:
    """The tool measures what the table says, and what it cannot measure is an error."""
    folder, home = tmp_path / "repository", tmp_path / "home"
    home.mkdir()
    check = {"uses": tool, **({"with": case["with"]} if "with" in case else {})}
    gate = {
        "gate": "gate",
        "requirements": case.get("requirements", {}),
        "checks": [{**check, **case.get("keys", {})}],
    }
    write(folder, {**case.get("files", {}), "gates/gate.yaml": json.dumps(gate)})
    done, result = run(folder, home)
    assert "Traceback" not in done.stderr, done.stderr
    assert result, done.stderr
    judged = result["verdict"]["gates"][0]
    observed = result["observations"][0]
    shown = done.stdout + observed["output"]
    assert (judged["verdict"], done.returncode) == (case["verdict"], EXITS[case["verdict"]]), shown
    for words in [case["said"]] if isinstance(case.get("said"), str) else case.get("said", []):
        assert words in done.stdout, shown
    if case["verdict"] != "error":
        agrees(case, result, observed["measurement"])


def agrees(
    case: Mapping[str, Any], result: Mapping[str, Any], measurement: Mapping[str, Any]
) -> None:
    """Assert that what was measured is what the case says."""
    found = [f"{f['path']}:{f['line']} {f['rule']}" for f in measurement["findings"] if f["path"]]
    assert sorted(found) == sorted(case.get("findings", [])), measurement
    work = measurement["work"]
    assert case.get("work", work) == work
    gate = result["verdict"]["gates"][0]
    judged = [*gate["requirements"], *gate["checks"][0]["expectations"]]
    known = {one["metric"]: one["measured"]["value"] for one in judged if one["measured"]}
    assert {name: known.get(name) for name in case.get("metrics", {})} == case.get("metrics", {})


@pytest.mark.parametrize("tool", load.tool_names())
def test_entry(tool: str) -> None:
    """An entry is valid, tells how to install, ask, explain and mend, and has a table of cases."""
    entry = load.tool(tool)
    assert entry is not None
    spec: schema.ToolSpec = entry.spec
    assert spec.tool == tool
    assert all([spec.title, spec.command, spec.install, spec.version, spec.docs, spec.fix])
    assert (HERE / f"{tool}.yaml").exists()
    assert spec.lists or spec.idle or spec.reads


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "line", "rule"),
    [
        ("bandit", "import hashlib; hashlib.md5(b'')\n", "B324"),
        (
            "detect-secrets",
            "key = 'AKIAIOSFODNN7EXAMPLB'\n",  # pragma: allowlist secret
            "AWS Access Key",
        ),
    ],
)
def test_more_files_than_a_command_line_takes(
    tmp_path: Path, tool: str, line: str, rule: str
) -> None:
    """Files beyond the limit are given to several runs of the tool; each one's findings count."""
    folder, home = tmp_path / "repository", tmp_path / "home"
    home.mkdir()
    # Half of what the system allows, 1 MiB at most: names of 4 kB need few files.
    deep = "/".join(["d" * 200] * 19)
    files = {f"{deep}/a{n:03}.py": "" for n in range(280)}
    first, last = f"{deep}/a000.py", f"{deep}/a279.py"
    gate = {"gate": "gate", "checks": [{"uses": tool, "files": ["**/*.py"]}]}
    write(folder, {**files, first: line, last: line, "gates/gate.yaml": json.dumps(gate)})
    done, result = run(folder, home)
    assert done.returncode == 1, done.stdout
    (observed,) = result["observations"]
    assert len(observed["measurement"]["evidence"]) > 1
    found = [f["path"] for f in observed["measurement"]["findings"] if f["rule"] == rule]
    assert found == [first, last]
