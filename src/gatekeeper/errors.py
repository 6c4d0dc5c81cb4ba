"""The exception tree and the exit codes.

GatekeeperError
├── UsageError             2   a wrong option, name or environment
├── ConfigurationError     2   the policy is wrong: every problem, each with its place
├── NotMeasured            3   a check could not measure; never a pass
└── Interrupted      130 143   Ctrl-C or SIGTERM
anything else              4   a defect in gatekeeper
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """What the exit status of every command means."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NOT_MEASURED = 3
    DEFECT = 4
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file a person wrote; `line` and `column` start at 1, 0 where unknown."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        """`file:line:column: message`, the source line with a caret, the suggestion."""
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        lines = [f"{place}: {self.message}" if place else self.message]
        if self.source:
            indent = "".join("\t" if c == "\t" else " " for c in self.source[: self.column - 1])
            lines += [f"    {self.source}", f"    {indent}^"]
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


class GatekeeperError(Exception):
    """Whatever gatekeeper tells its caller in words; `exit` is the process's exit status."""

    exit: Exit = Exit.DEFECT


class UsageError(GatekeeperError):
    """The command was asked for something that does not exist or cannot be."""

    exit = Exit.USAGE


class ConfigurationError(GatekeeperError):
    """The files people write are wrong; holds every problem, not only the first."""

    exit = Exit.USAGE

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems in file order."""
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column)))
        super().__init__("\n".join(map(str, self.problems)))


class NotMeasured(GatekeeperError):
    """Why there is no measurement, and what to do about it."""

    exit = Exit.NOT_MEASURED

    def __init__(self, reason: str, remedy: str = "") -> None:
        """`reason` names what, where and why; `remedy` what to do next."""
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{reason}; {remedy}" if remedy else reason)


class Interrupted(GatekeeperError):
    """The run was asked to stop; what is known has been written."""

    exit = Exit.INTERRUPTED


# A longer list of names helps nobody.
_LISTED = 20


def suggest(name: str, known: Iterable[str]) -> str:
    """What was probably meant by an unknown name: the nearest one, else all, else ""."""
    from difflib import get_close_matches  # noqa: PLC0415  only a mistake needs it

    names = list(known)
    if close := get_close_matches(name, names, n=1, cutoff=0.6):
        return f"did you mean `{close[0]}`?"
    return f"known are {', '.join(names)}" if 0 < len(names) <= _LISTED else ""
