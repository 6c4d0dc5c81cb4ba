"""What a plug-in is and what it is given: readers, check types, reports and their contexts.

A plug-in is one module of plain functions that ends in one `PLUGIN = Reader(...)`, `CheckType(...)`
or `Report(...)`; its file name is its name and its docstring its manual page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, TypeVar

from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.model import Measurement
from gatekeeper.result import Result

API = 1
T = TypeVar("T")


class ReadContext(Protocol):
    """What a reader is given besides the file."""

    def relative(self, path: str) -> str | None:
        """A path or file URI from a report, relative to the repository; None if it leads out."""


class Completed(Protocol):
    """A process that ended with an exit code the check declares."""

    @property
    def exit(self) -> int:
        """The exit code."""

    @property
    def outcome(self) -> Literal["clean", "findings"]:
        """What the check declares the exit code to mean."""

    @property
    def tail(self) -> str:
        """The last lines of what it printed, for a person."""


class CheckContext(Protocol):
    """All that a check type may touch of the outside."""

    @property
    def check(self) -> CheckPolicy:
        """The check being measured."""

    @property
    def policy(self) -> Policy:
        """The whole policy."""

    @property
    def now(self) -> datetime:
        """The run's one idea of the time, UTC."""

    @property
    def files(self) -> Sequence[str]:
        """The selected files, relative to the repository, sorted; all where nothing narrows."""

    @property
    def tracked(self) -> Sequence[str]:
        """All files of the repository, relative, sorted: what links and globs resolve against."""

    @property
    def out(self) -> Path:
        """A fresh, empty directory; its content is evidence."""

    def open(self, path: str) -> BinaryIO | None:
        """Open a file of the repository; None, and noted, where it could not be examined.

        Refused are symbolic links, what leads out of the repository, submodules, files over the
        cap, Git LFS pointers and names that are no text. The caller reports what else it could
        not examine through `skip`.
        """

    def skip(self, path: str, reason: str) -> None:
        """Note that a selected file could not be examined: an error unless the check allows it."""

    def digest(self, paths: Sequence[str]) -> str:
        """`sha256:HEX` over `PATH NUL SHA256HEX LF` of the files, sorted by path."""

    def base(self, *paths: str) -> Mapping[str, bytes] | None:
        """The files at and below paths at the commit that the change is compared with, by path.

        None where the run compares with no commit. Files over the cap stand as empty.
        """

    def recall(self, data: bytes, read: Callable[[bytes], T], form: type[T]) -> T:
        """What `read` makes of some content, from memory where it was made before.

        `form` is a dataclass that `codec` knows; `read` depends on the content and the code only.
        """

    def run(self) -> Completed:
        """Run the check's command; a signal, time-out, flood or undeclared exit code raises."""

    def read(self) -> Measurement:
        """Read the reports that the check declares, joined into one measurement."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test of a report, by an id that it has in every run.

    `body`: whether a failure is one of the test's own body, not of its collection or set-up. `text`
    is what the runner said of it.
    """

    id: str
    outcome: Literal["passed", "failed", "skipped"]
    body: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns one result format into a measurement.

    `read(path, ctx)` raises `NotMeasured` for what is no complete report of the format. `always`
    are the metrics that every report shows, `sometimes` those that only some do; `expect` are
    conditions that hold unless the policy says otherwise, by metric. `cases(path)` are the tests of
    a report, where the format has any.
    """

    api: int
    read: Callable[[Path, ReadContext], Measurement]
    always: tuple[str, ...]
    sometimes: tuple[str, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict)
    cases: Callable[[Path], Iterator[Case]] | None = None


@dataclass(frozen=True, slots=True)
class CheckType:
    """Measures one kind of check.

    `params` is a frozen dataclass: what `with:` may hold; its optional class method `problem(self)`
    returns what is wrong with otherwise well-formed values, or "". `needs` and `refuses` name keys
    of a check that the type cannot do without, or does not look at.
    """

    api: int
    measure: Callable[[Any, CheckContext], Measurement]
    params: type[Any]
    always: tuple[str, ...] = ()
    sometimes: tuple[str, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Shows a result; `render(result)` yields text and has no opinion."""

    api: int
    render: Callable[[Result], Iterator[str]]
