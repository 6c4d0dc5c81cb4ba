"""The hooks for pre-commit and prek, run by the real ones on real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
GATE = """\
gate: quality
checks:
  - check: no-tabs
    type: pattern
    files: ["*.txt"]
    with: {forbid: "\\t"}
"""
Git = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in a repository with one gate, whose pushes go to a bare repository beside it."""
    work, home = tmp_path / "work", tmp_path / "home"
    home.mkdir()
    kept = {n: v for n, v in os.environ.items() if n.startswith(("PIP_", "SSL_", "UV_"))}
    env = {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(tmp_path),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LC_ALL": "C.UTF-8",
        **{
            f"GIT_{who}_{what}": "t@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }

    def run(*words: str, tool: str = "git") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tool, *words],
            cwd=work,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "remote"], check=True, env=env)
    subprocess.run(["git", "init", "-q", "-b", "main", work], check=True, env=env)
    write(work, {"gates/quality.yaml": GATE, "notes.txt": "all is well\n"})
    run("remote", "add", "origin", str(tmp_path / "remote"))
    return run


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a repository."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def config(hooks: Sequence[Mapping[str, Any]], **where: str) -> str:
    """The configuration of a repository that uses hooks."""
    return yaml.safe_dump({"repos": [{**where, "hooks": list(hooks)}]})


def install(git: Git, tool: str, work: Path) -> None:
    """Our own hooks with this environment's gatekeeper, so that nothing is downloaded."""
    ours = [{**hook, "language": "system"} for hook in HOOKS]
    write(work, {".pre-commit-config.yaml": config(ours, repo="local")})
    done = git("install", "-t", "pre-push", "-t", "pre-commit", tool=tool)
    assert done.returncode == 0, done.stderr
    git("add", "-A")
    assert git("commit", "-qm", "one").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
def test_a_push_is_judged_by_its_commits(tmp_path: Path, git: Git, tool: str) -> None:
    """What is bad in the commit is blocked, whatever the working copy says; what is good leaves."""
    work = tmp_path / "work"
    install(git, tool, work)
    done = git("push", "-q", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr
    assert git("rev-parse", "origin/main").stdout == git("rev-parse", "HEAD").stdout

    write(work, {"notes.txt": "\tno\n"})
    assert git("commit", "-qam", "two").returncode == 0
    write(work, {"notes.txt": "mended, but not committed\n"})
    done = git("push", "-q", "origin", "main")
    assert done.returncode != 0
    assert "no-tabs" in done.stdout + done.stderr
    assert git("rev-parse", "origin/main").stdout == git("rev-parse", "HEAD^").stdout

    assert git("commit", "-qam", "three").returncode == 0
    write(work, {"notes.txt": "\tbad, but not committed\n"})
    done = git("push", "-q", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
def test_a_commit_with_a_mistake_in_a_gate_is_stopped(tmp_path: Path, git: Git, tool: str) -> None:
    """With its place; a commit without any YAML is not looked at."""
    work = tmp_path / "work"
    install(git, tool, work)
    write(work, {"gates/quality.yaml": f"{GATE}colour: red\n"})
    done = git("commit", "-qam", "two")
    assert done.returncode != 0
    assert "gates/quality.yaml:7:1: unknown key `colour`" in done.stdout + done.stderr
    git("reset", "-q")
    write(work, {"notes.txt": "changed\n"})
    assert git("commit", "-qm", "two", "notes.txt").returncode == 0


@pytest.mark.slow
def test_pre_commit_installs_the_hook_from_a_repository(tmp_path: Path, git: Git) -> None:
    """As its users have it: cloned, built and started by pre-commit itself."""
    source = tmp_path / "gatekeeper"
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, source / name)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        assert git("-C", str(source), *words).returncode == 0
    revision = git("-C", str(source), "rev-parse", "HEAD").stdout.strip()
    write(
        tmp_path / "work",
        {
            ".pre-commit-config.yaml": config(
                [{"id": "gatekeeper-validate"}], repo=str(source), rev=revision
            )
        },
    )
    git("add", "-A")
    done = git("run", "--all-files", "--verbose", tool="pre-commit")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Valid: 1 gate, 1 check," in done.stdout
