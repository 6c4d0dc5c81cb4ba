"""What one run of a guard showed: how each test went, and why; what was loaded from where.

For pytest it is what the instrument wrote down, for other runners what their report says. Both come
from the judged repository: what does not have its form is no measurement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gatekeeper import codec
from gatekeeper.errors import NotMeasured
from gatekeeper.model import Failure, Verdict

_CAP = 256 * 2**20
_LINE_CAP = 4 * 2**20
Phase = Literal["collect", "setup", "call", "teardown"]
Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a traceback; `file` is relative to the worktree, absolute outside of it."""

    file: str
    line: int
    function: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Crash:
    """An exception: the names of its classes, what it says, and its frames, innermost first.

    `name` and `filename` are those attributes of it; `hidden` is the exception that it replaced.
    """

    kinds: tuple[str, ...]
    message: str = ""
    name: str = ""
    filename: str = ""
    frames: tuple[Frame, ...] = ()
    hidden: Crash | None = None


@dataclass(frozen=True, slots=True)
class Test:
    """How a test went; `phase` is that in which it failed. `text` is what another runner said."""

    phase: Phase
    outcome: Outcome
    crash: Crash | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One run of a guard.

    `verdict` is that of the check alone; `rules` counts its findings. `uncollected` are the tests
    that could not be collected, `crashes` the exceptions that ended a Python process. `ran` are
    files of the working copy that were executed. `exit` is None where the guard did not end by
    itself, `failure` says why it measured nothing.
    """

    verdict: Verdict
    tests: Mapping[str, Test] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)
    uncollected: Mapping[str, Crash] = field(default_factory=dict)
    crashes: tuple[Crash, ...] = ()
    ran: tuple[str, ...] = ()
    failure: Failure | None = None
    exit: int | None = 0

    def passed(self, test: str) -> bool:
        """Whether a test ran and passed."""
        return test in self.tests and self.tests[test].outcome == "passed"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that the instrument wrote."""

    test: str = ""
    phase: Phase = "call"
    outcome: Outcome = "passed"
    crash: Crash | None = None
    ran: str = ""
    session: int | None = None


def seen(folder: Path, view: View) -> View:
    """The view with what the instrument wrote into a folder; NotMeasured where it is no such."""
    lines = _lines(folder / "seen.jsonl")
    ran = dict.fromkeys(line.ran for line in lines)
    crashes = [line.crash for line in lines if line.crash and not line.test]
    view = replace(view, crashes=tuple(crashes), ran=tuple(filter(None, ran)))
    # Where it was not pytest, or one that the instrument did not reach, a report may tell.
    pytest = any(line.test or line.session is not None for line in lines)
    return _tested(lines, view) if pytest else view


def _tested(lines: Sequence[_Line], view: View) -> View:
    """The view with the tests of pytest."""
    tests: dict[str, Test] = {}
    uncollected: dict[str, Crash] = {}
    for line in lines:
        if line.test and line.phase == "collect":
            uncollected[line.test] = line.crash or Crash(())
        elif line.test:
            tests[line.test] = _worse(tests.get(line.test), line)
    return replace(view, tests=tests, uncollected=uncollected)


def _worse(before: Test | None, line: _Line) -> Test:
    """A test after one more phase: set-up starts it anew, as where a plug-in runs it again."""
    test = Test(line.phase, line.outcome, line.crash)
    if before is None or line.phase == "setup":
        return test
    return before if before.outcome != "passed" else test


def _lines(file: Path) -> Sequence[_Line]:
    try:
        with file.open("rb") as stream:
            data = stream.read(_CAP + 1)
    except FileNotFoundError:
        return []
    lines = data.splitlines()
    if len(data) > _CAP or any(len(line) > _LINE_CAP for line in lines):
        raise NotMeasured("the guard writes down more than can be read", "let it run fewer tests")
    return [_decoded(line) for line in lines]


def _decoded(line: bytes) -> _Line:
    try:
        value: Any = json.loads(line)
        return codec.decode(_Line, value, "seen")
    except (ValueError, RecursionError) as error:
        reason = f"what the tests of the guard did was not written down as it should: {error}"
        raise NotMeasured(reason, "does something else write to that file?") from None
