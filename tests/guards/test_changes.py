"""What a run that is narrowed to a change must still see.

These tests go through the command line only: what they call existed before the fix, so that it can
be proven by taking the fix out.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

GATE = """\
gate: words
checks:
  - check: clean
    type: pattern
    files: ["*.txt"]
    with: {forbid: WORD}
  - check: allowed
    command: [sh, allowed.sh]
    files: ["*.txt"]
    config: [allowed.cfg]
"""
FILES = {
    "gates/words.yaml": GATE,
    "notes.txt": "all is calm\n",
    "allowed.cfg": "calm\n",
    "allowed.sh": "grep --quiet --file allowed.cfg notes.txt\n",
}


def git(folder: Path, *words: str) -> None:
    """Call git as somebody."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def changed(folder: Path, name: str, text: str | None) -> subprocess.CompletedProcess[str]:
    """Commit the files, change one of them (None: it goes), and judge the change alone."""
    for path, content in FILES.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(content)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=all")
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text)
    argv = (sys.executable, "-P", "-m", "gatekeeper", "run", "--changed-since", "HEAD")
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def test_a_changed_limit_is_held_against_all_files(tmp_path: Path) -> None:
    """A word that the gate forbids from now on is found in a file that did not change."""
    done = changed(tmp_path, "gates/words.yaml", GATE.replace("WORD", "calm"))
    assert done.returncode == 1, done.stdout + done.stderr


def test_a_deleted_configuration_examines_all_files(tmp_path: Path) -> None:
    """What the tool said with its configuration is not what it says without."""
    done = changed(tmp_path, "allowed.cfg", None)
    assert done.returncode != 0, done.stdout + done.stderr
