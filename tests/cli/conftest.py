"""Small git repositories, and the command line in this process or in one of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatekeeper import cli

GATE = """\
gate: quality
requirements:
  lint.errors: "== 0"
checks:
  - check: no-tabs
    type: pattern
    files: ["*.txt"]
    with: {forbid: "\\t"}
  - {check: builds, command: ["true"]}
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """All that a person reads."""
        return self.stdout + self.stderr


class Repository:
    """A folder with a git repository, in which the command line is started."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys: pytest.CaptureFixture[str] | None = None

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, folders included."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def run(self, *words: str) -> Ended:
        """Run a command in this process, quickly."""
        assert self._capsys is not None
        self._monkeypatch.chdir(self.folder)
        self._monkeypatch.setattr(sys, "argv", ["gatekeeper", *words])
        self._capsys.readouterr()
        try:
            with pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            gc.enable()  # `main` ends its process; this one goes on
        return Ended(int(ended.value.code or 0), *self._capsys.readouterr())

    def start(self, *words: str, via: str = "") -> Ended:
        """Run a command in a process of its own, `via` a shell that redirects it: `"$@" >&-`."""
        argv = [sys.executable, "-P", "-m", "gatekeeper", *words]
        done = subprocess.run(
            ["bash", "-c", via, "gatekeeper", *argv] if via else argv,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Repository:
    """An empty folder outside any repository."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    place = Repository(tmp_path / "repository", monkeypatch)
    place.folder.mkdir()
    place._capsys = capsys
    return place


@pytest.fixture
def empty(folder: Repository) -> Repository:
    """An empty git repository."""
    subprocess.run(["git", "init", "-q", "."], cwd=folder.folder, check=True)
    return folder


@pytest.fixture
def repository(empty: Repository) -> Repository:
    """A git repository with one sound gate, all of whose checks pass."""
    empty.write({"gates/quality.yaml": GATE, "notes.txt": "all is well\n"})
    return empty


@pytest.fixture
def broken(repository: Repository) -> Repository:
    """A git repository whose gate holds an unknown key."""
    repository.write({"gates/quality.yaml": f"{GATE}colour: red\n"})
    return repository
