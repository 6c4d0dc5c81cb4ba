"""What the hook before a push asks of git; most of it is tested by real pushes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatekeeper.adapters import git, gitpush


def call(folder: Path, *words: str) -> str:
    """Call git as somebody."""
    me = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    argv = ["git", *me, *words]
    return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def commits(tmp_path: Path) -> list[str]:
    """Three commits; `a` was last seen at the first, a remote `a/b` at the second."""
    call(tmp_path, "init", "--quiet")
    for _ in range(3):
        call(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "x")
    names = call(tmp_path, "rev-list", "--reverse", "HEAD").split()
    for remote in ("a", "a/b", "unseen"):
        call(tmp_path, "config", f"remote.{remote}.url", "x")
    call(tmp_path, "update-ref", "refs/remotes/a/main", names[0])
    call(tmp_path, "update-ref", "refs/remotes/a/b/main", names[1])
    return names


@pytest.mark.parametrize(
    ("remote", "expected"),
    [("a", 0), ("a/b", 1), ("unseen", None), ("*", None), ("--all", None), ("", None)],
)
def test_what_was_last_seen_of_a_remote(
    tmp_path: Path, commits: list[str], remote: str, expected: int | None
) -> None:
    """Only of that remote, whatever it is called."""
    repository = git.find(tmp_path)
    assert repository is not None
    found = gitpush.base(repository, commits[2], "", remote)
    assert found == (None if expected is None else commits[expected])


def test_a_name_of_a_commit(tmp_path: Path, commits: list[str]) -> None:
    """Branches, tags and ids; never an option, nor what is no commit."""
    repository = git.find(tmp_path)
    assert repository is not None
    assert gitpush.commit(repository, "HEAD") == commits[2]
    assert gitpush.commit(repository, commits[0]) == commits[0]
    for name in ("--all", "nowhere", "HEAD^{tree}", "-h"):
        assert gitpush.commit(repository, name) is None
