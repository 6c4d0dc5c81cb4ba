"""Ctrl-C and SIGTERM: no process is left behind, and what is known is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")


def bearing(word: str) -> list[str]:
    """The living processes whose environment holds a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text())
        except OSError:
            continue
    return found


def wait(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def start(place: Any, mark: str, *arguments: str) -> subprocess.Popen[str]:
    """Start gatekeeper in a process group of its own, as a shell does."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gatekeeper", "run", *arguments],
        cwd=place.folder,
        env={**place.env, "MARK": mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


HANGS = "echo begun; setsid sleep 600 & sleep 600 & : > $MARK_FILE; wait"


@pytest.fixture
def hanging(place: Any) -> Any:
    """One check that ends at once, one that hangs with grandchildren, and one that waits."""
    env = {"MARK": None, "MARK_FILE": str(place.base / "begun")}
    place.gate(
        {"check": "quick", "command": ["sh", "-c", "exit 1"]},
        {"check": "hangs", "command": ["sh", "-c", HANGS], "env": env},
        {"check": "waits", "command": ["true"], "exclusive": True},
    )
    place.commit()
    return place


@pytest.mark.parametrize(
    ("number", "code", "whole_group"),
    [
        (signal.SIGINT, 130, True),
        (signal.SIGINT, 130, False),
        (signal.SIGTERM, 143, False),
        (signal.SIGHUP, 143, False),
    ],
)
def test_leaves_nothing_and_writes_what_is_known(
    hanging: Any, number: int, code: int, whole_group: bool
) -> None:
    """The check that ended is in the record and the reports; the others are not measured."""
    mark = uuid4().hex
    report = hanging.base / "junit.xml"
    # One after the other: the quick one has ended when the one that hangs has begun.
    process = start(hanging, mark, "--jobs", "1", "--report", f"junit:{report}")
    wait((hanging.base / "begun").exists)
    (os.killpg if whole_group else os.kill)(process.pid, number)
    stdout, stderr = process.communicate(timeout=90)
    assert process.returncode == code, stderr
    wait(lambda: not bearing(mark))
    assert "Traceback" not in stderr
    assert "interrupted: what had not ended by then is not measured" in stdout
    assert stdout.endswith("Deployment blocked\n")
    [record] = (hanging.folder / ".gatekeeper/runs").glob("*/result.json")
    result = json.loads(record.read_bytes())
    assert result["interrupted"] is True
    [gate] = result["verdict"]["gates"]
    verdicts = {check["check"]: check["verdict"] for check in gate["checks"]}
    assert verdicts == {"quick": "fail", "hangs": "error", "waits": "error"}
    assert {o["check"] for o in result["observations"]} == {"quick", "hangs"}
    assert "was stopped, because the run was interrupted" in stdout
    assert "quick" in report.read_text()


@pytest.mark.slow
def test_twice_ends_at_once(place: Any) -> None:
    """A second Ctrl-C does not leave processes behind either."""
    mark = uuid4().hex
    begun = str(place.base / "begun")
    script = "trap '' TERM INT; : > $MARK_FILE; while :; do sleep 0.1; done"
    env = {"MARK": None, "MARK_FILE": begun}
    place.gate({"command": ["sh", "-c", script], "env": env})
    place.commit()
    process = start(place, mark)
    wait(Path(begun).exists)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=90)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    wait(lambda: not bearing(mark))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_before_anything_runs(place: Any, number: int, code: int) -> None:
    """Interrupted while it starts, it ends without a traceback."""
    place.gate({"command": ["sleep", "5"]})
    place.commit()
    process = start(place, uuid4().hex)
    # Once it imports what a run needs: what happens earlier is Python's own start.
    wait(lambda: "pydantic_core" in Path(f"/proc/{process.pid}/maps").read_text())
    os.kill(process.pid, number)
    with suppress(subprocess.TimeoutExpired):
        process.wait(2)
    if process.poll() is None:  # what traces this very test may swallow one at this stage
        os.kill(process.pid, number)
    _, stderr = process.communicate(timeout=90)
    assert process.returncode in (code, -number), stderr
    assert "Traceback" not in stderr
