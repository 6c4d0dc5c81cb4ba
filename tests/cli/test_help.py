"""The example in the help of every command: it stands there, and it works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from gatekeeper.cli import gatekeeper

# The repository in which each example runs; examples name what is here.
GUARD = """\
check: order-needs-customer
gate: code-quality
type: pattern
files: ["*.py"]
with: {{forbid: "customer=None"}}
origin: [{{item: PM-2026-003#AI-2, text: Reject an order without a customer}}]
proof: {{fixed-by: {fix}}}
"""
FILES = {
    ".gitignore": "build/\n",
    "gates/code-quality.yaml": "gate: code-quality\nchecks: []\n",
    "gates/security.yaml": 'gate: security\nchecks: [{check: audit, command: ["true"]}]\n',
    "learning/incidents/INC-2026-007.yaml": "incident: INC-2026-007\ntitle: Orders were lost\n"
    "detected: 2026-03-10T14:02:00Z\n",
    "learning/postmortems/PM-2026-003.md": """\
---
id: PM-2026-003
kind: production-bug
---
## Incident: Orders without a customer were stored

**Date**: 2026-03-04
**Severity**: P1
**Participants**: Anna (on-call), Ben (support)

### 1. Timeline
-   `[14:02]` - Issue first detected.
-   `[14:10]` - Impact confirmed.
-   `[14:40]` - Root cause identified.
-   `[14:49]` - Fix deployed.
-   `[15:05]` - System verified as stable.
### 2. Root Cause Analysis
The form took an order whose customer had been deleted while it was being filled in.
### 3. Impact
-   **Users Affected**: 1200
-   **Data Loss**: No
-   **Duration**: 47 minutes
### 4. Lessons Learned
1.  What the database allows will be stored one day.
### 5. Action Items
-   `[x]` **Action Item 1**: Repair the stored orders. Owner: team-orders. Due: 2026-03-06.
-   `[x]` **Action Item 2**: Reject an order without a customer. Owner: shop. Due: 2026-03-07.
""",
    "build/junit.xml": '<testsuite name="s" tests="1"><testcase classname="a" name="b"/>'
    "</testsuite>\n",
}
# What stands in an example for what only a run can tell.
PLACEHOLDERS = {"RUN": "the name of a run: its folder below .gatekeeper/runs"}


@dataclass(frozen=True)
class Prepared:
    """A repository with a commit, a run and its record, and where the program is found."""

    folder: Path
    run: str
    path: str


def commands(
    command: click.Command = gatekeeper, path: str = "gatekeeper"
) -> Iterator[tuple[str, click.Command]]:
    """Every command by the words that start it, groups and their commands."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, f"{path} {name}")


def examples(command: click.Command) -> list[str]:
    """The examples in the help of a command."""
    lines = (command.epilog or "").splitlines()
    return [line.removeprefix("Example: ") for line in lines if line.startswith("Example: ")]


COMMANDS = dict(commands())
EXAMPLES = {text: path for path, command in COMMANDS.items() for text in examples(command)}


@pytest.mark.parametrize(
    "path", [path for path, found in COMMANDS.items() if not isinstance(found, click.Group)]
)
def test_each_command_has_an_example_of_itself(path: str) -> None:
    """The help shows how the command is used."""
    found = examples(COMMANDS[path])
    assert found, f"`{path} --help` shows no line `Example: ...`"
    assert all(path in text for text in found)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The repository as it is before an example runs."""
    place = tmp_path_factory.mktemp("example")
    folder, program = place / "repository", place / "bin/gatekeeper"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m gatekeeper "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    folder.mkdir()
    start(["git", "init", "-q", "-b", "main", "."], folder, path)
    for name, text in FILES.items():
        write(folder / name, text)
    write(folder / "orders.py", "store(customer=None)\n")
    commit(folder, path)
    write(folder / "orders.py", "reject()\n")
    write(folder / "checks/order-needs-customer.yaml", GUARD.format(fix=commit(folder, path)))
    commit(folder, path)
    start(["gatekeeper", "run"], folder, path)
    [record] = (folder / ".gatekeeper/runs").iterdir()
    return Prepared(folder, record.name, path)


@pytest.fixture
def prepared(original: Prepared, tmp_path: Path) -> Prepared:
    """A copy of it, for one example."""
    shutil.copytree(original.folder, tmp_path / "repository", symlinks=True)
    return Prepared(tmp_path / "repository", original.run, original.path)


def write(path: Path, text: str) -> None:
    """Write a file, folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def commit(folder: Path, path: str) -> str:
    """Commit all that is there; the name of the commit."""
    start(["git", "add", "--all"], folder, path)
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    start(["git", *who, "commit", "-q", "-m", "x"], folder, path)
    return start(["git", "rev-parse", "HEAD"], folder, path).stdout.strip()


def start(
    words: list[str],
    folder: Path,
    path: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program as a person would, in a build of the repository example/orders."""
    done = subprocess.run(
        words,
        cwd=folder,
        env={"PATH": path, "HOME": str(folder.parent), "GITHUB_REPOSITORY": "example/orders"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_works(prepared: Prepared, example: str) -> None:
    """It ends with 0, in a repository where what it names exists."""
    for placeholder in PLACEHOLDERS:
        example = example.replace(placeholder, prepared.run)
    start(["bash", "-c", example], prepared.folder, prepared.path)
