"""A commit is judged in a place of its own, and what ran the working copy is not believed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import checkout
from gatekeeper.config.load import load
from gatekeeper.errors import NotMeasured, UsageError
from gatekeeper.model import Failure, Measurement, Observation
from gatekeeper.prove import elsewhere
from gatekeeper.prove.elsewhere import Elsewhere
from gatekeeper.resolve import resolve

GATE = """\
gate: g
checks:
  - {check: named, command: [python3, -c, "1"]}
  - {check: whole, command: [PYTHON, -c, "1"]}
  - {check: quiet, type: pattern, files: ["*.txt"], with: {forbid: bug}}
"""
OWN = Failure("its own reason", "its own remedy")
SEEN = (
    Observation("named", "1", Measurement(), argv=("python3",)),
    Observation("failed", "2", failure=OWN, argv=("python3",)),
    Observation("quiet", "3", Measurement()),
)


@pytest.fixture
def other(repo: Any) -> Iterator[Elsewhere]:
    """The first of two commits, with a working copy that holds neither."""
    commit = repo.commit(
        {"gates/g.yaml": GATE.replace("PYTHON", sys.executable), "a.txt": "first\n"}
    )
    repo.commit({"a.txt": "second\n", "b.txt": "second\n"})
    repo.write({"a.txt": "third\n"})
    caller = {"PATH": os.pathsep.join([f"{repo.path}/bin", os.path.dirname(sys.executable)])}
    with elsewhere.opened(checkout.find(repo.path), commit, caller) as opened:
        yield opened


def ran(other: Elsewhere, *names: str) -> None:
    """Let the instrument have seen files of the working copy."""
    lines = "".join(f'{{"ran": "{name}"}}\n' for name in names)
    (other.seen / "seen.jsonl").write_text(lines)


def test_it_holds_the_commit_and_nothing_else(repo: Any, other: Elsewhere) -> None:
    """Records are kept where the working copy has them."""
    place = other.place
    assert place.root != repo.path
    assert place.files == ("a.txt", "gates/g.yaml")
    assert (place.root / "a.txt").read_text() == "first\n"
    assert (place.snapshot.changed, place.snapshot.untracked) == ({}, ())
    assert place.state == repo.path / ".gatekeeper"


def test_it_is_gone_afterwards(repo: Any) -> None:
    """However it ends, and the working copy is as it was."""
    commit = repo.commit({"a.txt": "first\n"})
    repo.write({"a.txt": "mine\n"})
    places: list[Path] = []

    def fail() -> None:
        with elsewhere.opened(checkout.find(repo.path), commit, {}) as other:
            places.append(other.place.top)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not places[0].parent.exists()
    assert repo.git("worktree", "list").count("\n") == 0
    assert (repo.path / "a.txt").read_text() == "mine\n"


def test_nothing_on_path_leads_to_the_working_copy(repo: Any, other: Elsewhere) -> None:
    """A folder of it is that of the commit, and an environment its stand-in."""
    entries = other.caller["PATH"].split(os.pathsep)
    assert f"{other.place.root}/bin" in entries
    assert not [entry for entry in entries if Path(entry).is_relative_to(repo.path)]
    found = shutil.which("python3", path=other.caller["PATH"])
    assert found is not None
    assert Path(found).is_relative_to(other.place.top.parent)


def test_a_check_stays_the_same_check(repo: Any, other: Elsewhere) -> None:
    """A program that is named whole is led to its stand-in; the digest is that of the policy."""
    policy = resolve(load(other.place.config))
    led = other.led(policy)
    assert led.digest == policy.digest
    assert led.checks["named"].command == policy.checks["named"].command
    assert Path(led.checks["whole"].command[0]).is_relative_to(other.place.top.parent)
    for name, check in led.checks.items():
        assert check.digest == policy.checks[name].digest


def test_nothing_of_the_working_copy_ran(other: Elsewhere) -> None:
    """Then what was observed is what counts."""
    assert other.sound(SEEN) == SEEN
    ran(other)
    assert other.sound(SEEN) == SEEN


def test_something_of_the_working_copy_ran(other: Elsewhere) -> None:
    """No check that ran anything is believed; a reason of its own stays, and who ran nothing."""
    ran(other, *(f"{number}.py" for number in range(7)), "0.py")
    named, failed, quiet = other.sound(SEEN)
    assert named.measurement is None
    assert named.failure is not None
    assert "0.py, 1.py, 2.py, 3.py, 4.py and 2 more, and not" in named.failure.reason
    assert "git stash" in named.failure.remedy
    assert (failed.measurement, failed.failure) == (None, OWN)
    assert quiet == SEEN[2]


@pytest.mark.parametrize("text", ["nonsense\n", '{"ran": 1}\n', '{"walked": "a.py"}\n'])
def test_what_the_instrument_did_not_write(other: Elsewhere, text: str) -> None:
    """Whoever writes into its file cannot make it say that nothing ran."""
    (other.seen / "seen.jsonl").write_text(text)
    with pytest.raises(NotMeasured):
        other.sound(SEEN)


def test_no_repository(tmp_path: Path) -> None:
    """Outside of one there is nothing that could be pushed."""
    place = checkout.find(tmp_path)
    with pytest.raises(UsageError, match="git init"), elsewhere.opened(place, "0" * 40, {}):
        pass
