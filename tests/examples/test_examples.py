"""The five written examples: what is read from each report, what guards it, and that it blocks.

Golden files stand beside this one. To write them anew after a change that is meant, and to review
the difference: `GOLDEN=write pytest tests/examples`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
# A guard whose going leaves an action item of the example to nobody.
TAKEN = {
    "hospital-records": "rollback-is-written-down",
    "multi-tenant": "quota-lookup-is-flat",
    "online-shop": "order-and-lines-together",
    "regional-cascade": "regions-shed-load",
    "trading-feed": "silence-is-alerted",
}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command in the example, which is a repository of its own."""
    who = {
        f"GIT_{who}_{what}": "reader@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(tmp_path), "LANG": "C.UTF-8", **who}

    def ran(*words: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            words,
            cwd=tmp_path / "example",
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    return ran


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> str:
    """The example, copied into a repository and committed."""
    name = str(request.param)
    shutil.copytree(
        EXAMPLES / name, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    (tmp_path / "example/.gitignore").write_text("__pycache__/\n.pytest_cache/\n.benchmarks/\n")
    run("git", "init", "--quiet")
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "--message", name)
    return name


def seen(run: Run) -> dict[str, Any]:
    """What gatekeeper makes of the example."""
    coverage = json.loads(run("gatekeeper", "postmortem", "coverage", "--json").stdout)
    [report] = coverage["reports"]
    read = json.loads(run("gatekeeper", "postmortem", "show", report["file"], "--json").stdout)
    items = {
        item["item"]: {
            "state": item["state"],
            "guards": {guard["check"]: guard["gate"] for guard in item["guards"]},
        }
        for item in report["items"]
    }
    return {"report": read, "state": report["state"], "items": items}


@pytest.mark.slow
@pytest.mark.parametrize("example", NAMES, indirect=True)
def test_what_is_read_and_guarded(example: str, run: Run) -> None:
    """The report is read as it stands in the golden file, and its items are guarded so."""
    golden = Path(__file__).parent / f"{example}.json"
    found = seen(run)
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(golden.read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("example", NAMES, indirect=True)
def test_it_passes_as_it_is(example: str, run: Run) -> None:
    """Its files are valid, its report has nothing to mend, its samples prove, its gates pass."""
    run("gatekeeper", "validate")
    run("gatekeeper", "postmortem", "lint")
    samples = any("rejects:" in path.read_text() for path in EXAMPLES.glob(f"{example}/checks/*"))
    proved = run("gatekeeper", "prove", "--all", code=0 if samples else None)
    assert "not proven" not in proved.stdout
    assert ("proven" in proved.stdout) == samples
    run("gatekeeper", "run", "--stage", "push")


@pytest.mark.slow
@pytest.mark.parametrize("example", NAMES, indirect=True)
def test_a_guard_that_goes_is_missed(example: str, run: Run, tmp_path: Path) -> None:
    """Without one of its guards an item is open again, and the gate blocks."""
    guard = TAKEN[example]
    checks = tmp_path / "example/checks"
    (checks / f"{guard}.yaml").unlink()
    if example == "multi-tenant":  # its gate would be empty
        (tmp_path / "example/gates/performance.yaml").unlink()
    assert "open" in [item["state"] for item in seen(run)["items"].values()]
    told = run("gatekeeper", "run", "operational-readiness", "--stage", "push", code=1).stdout
    assert guard not in told
    assert "[open]" in told
