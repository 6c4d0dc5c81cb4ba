"""What a push costs with gatekeeper, beside pre-commit and prek with the same commands.

`python benchmarks/push.py [--rounds N]` prints a table of CPU milliseconds (user and system time
with all children; medians of rounds in which the tools take turns). Each tool is installed as the
pre-push hook of a clone of the same repository; both commands get the changed files. A push is
`git push --dry-run`, which runs the hook and can be repeated.
"""

from __future__ import annotations

import argparse
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import ratios

SCRIPTS = Path(sysconfig.get_path("scripts"))
FILES = 500
_GATE = """\
gate: code-quality
checks:
  - ruff
  - {uses: lizard, expect: {complexity.max: "< 100"}}
"""
_HOOKS = f"""\
repos:
  - repo: local
    hooks:
      - id: ruff
        name: ruff
        entry: {SCRIPTS}/ruff check
        language: system
        types: [python]
        require_serial: true
        stages: [pre-push]
      - id: lizard
        name: lizard
        entry: {SCRIPTS}/lizard -C 100
        language: system
        types: [python]
        require_serial: true
        stages: [pre-push]
"""
_INSTALL: Mapping[str, Sequence[str]] = {
    "bare git": (),
    "gatekeeper": ("gatekeeper", "hook", "install"),
    "pre-commit": ("pre-commit", "install", "--hook-type", "pre-push"),
    "prek": ("prek", "install", "--hook-type", "pre-push"),
}
_ALL: Mapping[str, Sequence[str]] = {
    "bare git": ("sh", "-c", f"{SCRIPTS}/ruff check . && {SCRIPTS}/lizard -C 100 -w ."),
    "gatekeeper": ("gatekeeper", "run", "--stage", "push"),
    "pre-commit": ("pre-commit", "run", "--all-files", "--hook-stage", "pre-push"),
    "prek": ("prek", "run", "--all-files", "--hook-stage", "pre-push"),
}
_PUSH = ("git", "push", "--dry-run", "--quiet", "origin", "main")


def _done(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


def _clones(folder: Path) -> dict[str, Path]:
    """A clone for each tool, with its hook, of a repository that a bare remote holds."""
    source = folder / "source"
    module = "def double(number: int) -> int:\n    return 2 * number\n"
    files = {
        f"shop/part{n // 50}/module{n}.py": f'"""Module {n}."""\n\n\n{module}' for n in range(FILES)
    }
    files |= {"gates/code-quality.yaml": _GATE, ".pre-commit-config.yaml": _HOOKS}
    ratios._repository(source, files)
    _done(source, "git", "branch", "--move", "--force", "main")
    found = {}
    for tool, install in _INSTALL.items():
        remote, found[tool] = folder / f"{tool}.git", folder / tool
        _done(folder, "git", "clone", "--quiet", "--bare", str(source), str(remote))
        _done(folder, "git", "clone", "--quiet", str(remote), str(found[tool]))
        if install:
            _done(found[tool], str(SCRIPTS / install[0]), *install[1:])
    return found


def _change(clone: Path) -> None:
    """Commit a change of one file."""
    with (clone / "shop/part0/module7.py").open("a", encoding="utf-8") as module:
        module.write("\n\nSEVEN = 7\n")
    _done(clone, "git", "add", "--all")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    _done(clone, "git", *who, "commit", "--quiet", "--message=one")


def _measure(rounds: int, clones: Mapping[str, Path], commands: Mapping[str, Sequence[str]]) -> str:
    costs: dict[str, list[float]] = {tool: [] for tool in clones}
    for _ in range(rounds):
        for tool, clone in clones.items():
            first, *rest = commands[tool]
            program = SCRIPTS / first
            argv = [str(program) if program.exists() else first, *rest]
            costs[tool].append(ratios.cost(argv, clone).cpu)
    return " | ".join(f"{1000 * median(costs[tool]):.0f}" for tool in clones)


def table(rounds: int) -> Iterator[str]:
    """The lines of the table."""
    with tempfile.TemporaryDirectory() as folder:
        clones = _clones(Path(folder))
        pushes = dict.fromkeys(clones, _PUSH)
        yield f"| CPU ms, {FILES} files | {' | '.join(clones)} |"
        yield f"|---|{'---|' * len(clones)}"
        yield f"| nothing to push | {_measure(rounds, clones, pushes)} |"
        for clone in clones.values():
            _change(clone)
        yield f"| one file changed | {_measure(rounds, clones, pushes)} |"
        yield f"| all files | {_measure(rounds, clones, _ALL)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ratios.ROUNDS)
    for line in table(parser.parse_args().rounds):
        print(line)  # noqa: T201  a table for people
