"""What a push of a commit that is not the working copy must still be able to judge.

This test goes through the command line and git only: what it calls existed before the fix, so that
it can be proven by taking the fix out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPORT = "## Incident: Orders were lost\n\n### Action Items\n- Count the orders\n"
GATE = "gate: learning\nchecks:\n  - {check: coverage, type: postmortem-coverage, advisory: true}\n"


def test_reports_are_read_where_the_working_copy_differs(tmp_path: Path) -> None:
    """What was read before is kept beside the working copy, and the commit is judged elsewhere."""
    folder = tmp_path / "repository"
    files = {"gates/learning.yaml": GATE, "learning/postmortems/PM-1.md": REPORT}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message=all")):
        subprocess.run([*git, *words], cwd=folder, check=True)
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=folder, text=True).strip()
    (folder / "new.txt").write_text("not committed\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "gatekeeper", "hook", "pre-push", "origin"],
        cwd=folder,
        env={**os.environ, "PRE_COMMIT": ""},
        input=f"refs/heads/main {head} refs/heads/main {'0' * len(head)}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "postmortems.unguarded == 0: 1" in done.stderr, done.stderr
    assert "not in the subpath" not in done.stderr
