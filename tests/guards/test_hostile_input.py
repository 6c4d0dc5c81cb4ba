"""What became of hostile input that ended gatekeeper, or kept it from ending.

These tests go through the command line only: what they call existed before the fixes, so that each
can be proven by taking its fix out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# Long beside what the commands take, short beside what they took.
PATIENCE = 20.0


def gatekeeper(folder: Path, *words: str) -> subprocess.CompletedProcess[str] | None:
    """Run the command line; None where it does not end."""
    argv = (sys.executable, "-P", "-m", "gatekeeper", *words)
    try:
        return subprocess.run(
            argv, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return None


def test_an_address_that_cannot_be_parsed_is_no_defect(tmp_path: Path) -> None:
    """A finding at a place such as `file://[x` is read, and leads nowhere."""
    place = {"physicalLocation": {"artifactLocation": {"uri": "file://[x"}}}
    result = {"ruleId": "r", "level": "error", "message": {"text": "m"}, "locations": [place]}
    driver = {"driver": {"name": "t", "rules": [{"id": "r"}]}}
    log = {"version": "2.1.0", "runs": [{"tool": driver, "results": [result]}]}
    (tmp_path / "log.sarif").write_text(json.dumps(log))
    done = gatekeeper(tmp_path, "read", "sarif", "log.sarif", "--json")
    assert done is not None
    assert done.returncode == 0, done.stderr
    assert [finding["path"] for finding in json.loads(done.stdout)["findings"]] == [None]


def test_long_output_is_searched_to_its_end(tmp_path: Path) -> None:
    """Words that mean "nothing examined" are found in hostile output without a hang."""
    (tmp_path / "gates").mkdir()
    (tmp_path / "gates/g.yaml").write_text(
        """\
gate: g
checks:
  - check: loud
    command: [python3, -c, "print('a' * 5000)"]
    idle: ['(a|a)*b']
"""
    )
    done = gatekeeper(tmp_path, "run", "--stage", "push")
    assert done is not None, f"the run did not end within {PATIENCE:g} s"
    assert done.returncode == 0, done.stdout + done.stderr
