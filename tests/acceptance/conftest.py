"""The real thing: a git repository made of a few files, and the command line in a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Content = str | bytes | Path
Check = str | Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How a run of gatekeeper ended; `result` is the decoded record, {} where there is none."""

    exit: int
    stdout: str
    stderr: str
    result: Mapping[str, Any]

    @property
    def said(self) -> str:
        """All that a person reads."""
        return self.stdout + self.stderr

    def verdict(self, check: str) -> str:
        """The verdict of a check."""
        found = [c for g in self.result["verdict"]["gates"] for c in g["checks"]]
        return str(next(c["verdict"] for c in found if c["check"] == check))

    def observed(self, check: str) -> Mapping[str, Any]:
        """What was observed of a check."""
        seen: Sequence[Mapping[str, Any]] = self.result["observations"]
        return next(o for o in seen if o["check"] == check)


class Place:
    """A folder with a repository, a home and an environment of its own."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.folder = base / "repository"
        self.folder.mkdir()
        home = base / "home"
        home.mkdir()
        (home / ".gitconfig").write_text("[user]\nname = A\nemail = a@example.org\n")
        tools = os.path.dirname(sys.executable)
        self.env = {
            "PATH": os.pathsep.join([tools, "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(home),
            "TMPDIR": str(base),
            # the coverage of this process's children, where it is measured
            **{k: v for k, v in os.environ.items() if k.startswith("COVERAGE_")},
        }

    def write(self, files: Mapping[str, Content]) -> None:
        """Write files; a Path as content makes a symbolic link, `#!` an executable."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
                continue
            data = content.encode() if isinstance(content, str) else content
            path.write_bytes(data)
            if data.startswith(b"#!"):
                path.chmod(0o755)

    def gate(self, *checks: Check, name: str = "gate", **keys: Any) -> None:
        """Write a gate; a check without a name is named `it`."""
        named = [
            c if isinstance(c, str) or "check" in c or "uses" in c else {"check": "it", **c}
            for c in checks
        ]
        self.write({f"gates/{name}.yaml": json.dumps({"gate": name, **keys, "checks": named})})

    def git(self, *words: str, folder: Path | None = None) -> str:
        """Call git; returns what it printed."""
        done = subprocess.run(
            ["git", *words],
            cwd=folder or self.folder,
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self) -> None:
        """Make a repository of the folder, and commit all that is in it."""
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message=all")

    def run(
        self,
        *arguments: str,
        command: str = "run",
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
        before: Sequence[str] = (),
    ) -> Outcome:
        """Run gatekeeper as a user does; never a traceback, whatever happens."""
        words = [*before, sys.executable, "-P", "-m", "gatekeeper", command, *arguments]
        runs = (folder or self.folder) / ".gatekeeper" / "runs"
        known = set(runs.glob("*/result.json"))
        done = subprocess.run(
            words,
            cwd=folder or self.folder,
            env={**self.env, **(env or {})},
            capture_output=True,
            timeout=60,
            check=False,
        )
        stdout, stderr = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        assert "Traceback" not in stderr
        records = sorted(set(runs.glob("*/result.json")) - known)
        result = json.loads(records[0].read_bytes()) if records else {}
        return Outcome(done.returncode, stdout, stderr, result)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder to make a repository in."""
    return Place(tmp_path)


@pytest.fixture
def judge(place: Place) -> Callable[..., Outcome]:
    """Write checks and files, commit them, run gatekeeper."""

    def run(
        files: Mapping[str, Content],
        *checks: Check,
        arguments: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        **keys: Any,
    ) -> Outcome:
        place.write(files)
        if checks:
            place.gate(*checks, **keys)
        place.commit()
        return place.run(*arguments, env=env)

    return run
