"""Real git repositories, each made in its test."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatekeeper.adapters.git import Repository, environment, find


@dataclass(frozen=True)
class Repo:
    """A git repository in `path`."""

    path: Path

    def git(self, *words: str) -> str:
        """Call git as a user would; what it prints."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.path,
            env=environment(),
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | bytes | Path | None]) -> None:
        """Write files; a Path as content makes a symbolic link, None removes the file."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            elif content is not None:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes | Path | None], message: str = "x") -> str:
        """Write files and commit all that is there; the full name of the commit."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    @property
    def found(self) -> Repository:
        """The repository, as gatekeeper sees it now."""
        repository = find(self.path)
        assert repository is not None
        return repository


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """An empty repository; the user's configuration and the temporary folder are the test's own."""
    for name in ("home", "tmp", "repo"):
        (tmp_path / name).mkdir()
    (tmp_path / "home/.gitconfig").write_text("[user]\nname = A\nemail = a@example.org\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)  # so that TMPDIR is looked at again
    made = Repo(tmp_path / "repo")
    made.git("init", "--quiet", "--initial-branch=main")
    return made
