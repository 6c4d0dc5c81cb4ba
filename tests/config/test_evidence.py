"""Files that incidents name as evidence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatekeeper.config import evidence


def test_a_file_that_is_what_it_was(tmp_path: Path) -> None:
    """With its digest in either form, or without one."""
    (tmp_path / "a.txt").write_text("a")
    digest = evidence.digest(tmp_path / "a.txt")
    for given in ("", digest, digest.removeprefix("sha256:")):
        assert evidence.flaw(tmp_path, "a.txt", given) == ("", "")


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("changed.txt", "has changed: its SHA-256 is sha256:"),
        ("gone.txt", "cannot be read: No such file"),
        ("folder", "is no file"),
        ("pipe", "is no file"),
        ("large", "at most 67108864 are read"),
        ("../outside.txt", "leads out of the repository"),
        ("/etc/hostname", "leads out of the repository"),
        ("link", "leads out of the repository"),
        ("circle", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, file: str, says: str) -> None:
    """What is wrong, and what to do about it."""
    root = tmp_path / "repository"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "outside.txt").write_text("a")
    (root / "changed.txt").write_text("a")
    os.mkfifo(root / "pipe")
    with (root / "large").open("wb") as large:
        large.truncate(evidence.MAX_BYTES + 1)
    (root / "link").symlink_to("../outside.txt")
    (root / "circle").symlink_to("circle")
    text, hint = evidence.flaw(root, file, "0" * 64)
    assert says in text
    assert hint
