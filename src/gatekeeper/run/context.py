"""What a check type is given while it measures: its files, its command, its reports."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

from gatekeeper import paths, plugins, selection, tools
from gatekeeper.adapters import git
from gatekeeper.adapters.process import Finished, Supervisor
from gatekeeper.cache import Cache
from gatekeeper.checkout import Checkout, files_at, open_inside
from gatekeeper.config.policy import CheckPolicy, Policy, Reads
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Measurement
from gatekeeper.run import reported

T = TypeVar("T")
_SHOWN_LINES = 12
_SHOWN = 300
# Half of what the system allows for arguments and environment, as xargs does.
_ARGUMENTS = min(os.sysconf("SC_ARG_MAX"), 2 * 2**20) // 2
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that ended with a declared exit code."""

    exit: int
    outcome: Literal["clean", "findings"]
    tail: str


@dataclass
class Context:
    """The check's view of the outside; made by `observe`, one per check and run."""

    check: CheckPolicy
    policy: Policy
    now: datetime
    checkout: Checkout
    out: Path
    supervisor: Supervisor
    env: Mapping[str, str]
    narrowed_to: Sequence[str] | None = None
    commit: str | None = None
    cache: Cache = field(default_factory=Cache)
    program: Path | None = None
    finished: list[Finished] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    outcome: Literal["clean", "findings"] = "clean"
    _before: dict[str, reported.Stamp] = field(default_factory=dict)

    @property
    def tracked(self) -> Sequence[str]:
        """All files of the judged folder."""
        return self.checkout.files

    @cached_property
    def files(self) -> Sequence[str]:
        """The files that `files:` selects, narrowed to the change where the run is."""
        candidates = self.tracked if self.narrowed_to is None else self.narrowed_to
        return selection.matching(self.check.files, candidates)

    @property
    def folder(self) -> Path:
        """Where the check's processes run."""
        return self.checkout.root / self.check.cwd

    def stdout(self, batch: int) -> Path | None:
        """Where the standard output of a batch is kept for a reader, if one wants it."""
        wanted = any(reads.stdout for reads in self.check.reads)
        return self.out.with_name(f"{self.out.name}.stdout.{batch}") if wanted else None

    def log(self, batch: int) -> Path | None:
        """Where what else a batch prints is kept whole, if `idle:` looks for words in it."""
        return self.out.with_name(f"{self.out.name}.log.{batch}") if self.check.idle else None

    def printed(self) -> list[Path]:
        """The files that keep what the processes printed, those that exist."""
        batches = range(len(self.finished))
        places = [place for n in batches for place in (self.stdout(n), self.log(n))]
        return [place for place in places if place and place.exists()]

    def open(self, path: str) -> BinaryIO | None:
        """Open a selected file; None, and noted, where it could not be examined."""
        try:
            path.encode()
            if git.submodule(self.checkout.modes.get(path, "")):
                raise NotMeasured("is a submodule")
            file = open_inside(self.checkout.root, path)
            if file.peek(len(_LFS)).startswith(_LFS):  # type: ignore[attr-defined]
                file.close()
                raise NotMeasured("is a Git LFS pointer, its content is not here")
        except UnicodeEncodeError:
            self.skip(path, "has a name that is no text")
        except NotMeasured as refused:
            self.skip(path, refused.reason)
        else:
            return file
        return None

    def skip(self, path: str, reason: str) -> None:
        """Note that a selected file could not be examined."""
        self.skipped[path] = reason

    def digest(self, paths: Sequence[str]) -> str:
        """`sha256:HEX` over `PATH NUL SHA256HEX LF` of the files, sorted by path."""
        total = hashlib.sha256()
        for path in sorted(paths):
            file = self.open(path)
            if file is not None:
                with file:
                    content = hashlib.sha256(file.read()).hexdigest()
                total.update(f"{path}\0{content}\n".encode())
        return f"sha256:{total.hexdigest()}"

    def base(self, *paths: str) -> Mapping[str, bytes] | None:
        """The files at and below paths at the commit that the change is compared with."""
        return files_at(self.checkout, self.commit, paths)

    def recall(self, data: bytes, read: Callable[[bytes], T], form: type[T]) -> T:
        """What `read` makes of some content, from memory where it was made before."""
        return self.cache.recall(data, read, form)

    def run(self) -> Completed:
        """Run the check's command, in batches where it asks for them."""
        self._before = reported.stamps(
            place
            for reads in self.check.reads
            for place in reported.places(reads, self.folder, self.out, None)
        )
        for n, files in enumerate(self._batches()):
            if self.check.batch:
                self._out(n).mkdir()
            out, kept = self._out(n), (self.stdout(n), self.log(n))
            finished = self.start(self.check.command, files, out, *kept)
            if self._outcome(finished) == "findings":
                self.outcome = "findings"
        lines = "".join(done.output for done in self.finished).splitlines()
        code = max(done.exit or 0 for done in self.finished)
        return Completed(code, self.outcome, "\n".join(lines[-_SHOWN_LINES:]))

    def start(
        self,
        command: Sequence[str],
        files: Sequence[str],
        out: Path,
        stdout: Path | None = None,
        log: Path | None = None,
    ) -> Finished:
        """Run one command of the check to its end, and note it."""
        argv = self._argv(command, files, out)
        program = tools.find(
            argv[0],
            self.folder,
            self.checkout.top,
            self.checkout.snapshot.tracked,
            self.env["PATH"],
            self.check.install,
        )
        env = {name: value.replace("${out}", str(out)) for name, value in self.env.items()}
        finished = self.supervisor.run(
            (str(program), *argv[1:]),
            cwd=self.folder,
            env={**env, "OUT": str(out)},
            timeout=self.check.timeout,
            stdout=stdout,
            log=log,
            owner=self.check.id,
        )
        self.program = self.program or program
        self.finished.append(finished)
        return finished

    def read(self) -> Measurement:
        """Read every report that the check declares; joined into one measurement."""
        parts: list[Measurement] = []
        batches = range(max(1, len(self.finished)))
        for reads in self.check.reads:
            reported.refuse_shared(reads, len(batches))
            found = [part for batch in batches for part in self._read(reads, batch)]
            reported.refuse_unproven(found, reads.format, self.check)
            parts += found
        return reported.join(parts)

    def _read(self, reads: Reads, batch: int) -> list[Measurement]:
        """The reports of one batch; none only where the check says that absent means clean."""
        reader = plugins.load("reader", reads.format)
        if not isinstance(reader.value, Reader):
            reason = f"the reader {reads.format} does not load: {reader.failure}"
            raise NotMeasured(reason, "mend the plug-in")
        found = reported.places(reads, self.folder, self._out(batch), self.stdout(batch))
        full = [place for place in found if os.path.islink(place) or os.path.getsize(place)]
        for place in full:
            roots = (self.checkout.root, self.out.parent)
            reported.refuse(place, self.check, roots, self._before, self.now)
        if not full:
            self._refuse_absent(reads, batch, "an empty report" if found else "no report")
        read = reader.value.read
        return [plugins.sound(read(Path(place), self), reader) for place in full]

    def _refuse_absent(self, reads: Reads, batch: int, what: str) -> None:
        """Raise NotMeasured unless the check says that no report means clean."""
        if reads.absent == "clean" and self.outcome == "clean" and self.check.command:
            return
        where = "on its standard output" if reads.stdout else f"at {reads.file}"
        output = self.finished[batch].output.strip() if self.finished else ""
        said = f"; it said: {_said(output)[:_SHOWN]}" if output else ""
        remedy = f"see its output; expected is the format {reads.format}"
        raise NotMeasured(f"{self.check.id} left {what} {where}{said}", remedy)

    def _out(self, batch: int) -> Path:
        """What `${out}` stands for: each batch has a folder of its own."""
        return self.out / str(batch) if self.check.batch else self.out

    def relative(self, path: str) -> str | None:
        """A path or file URI of a report, relative to the judged folder; None if it leads out."""
        return paths.relative(path, *self._real)

    @cached_property
    def _real(self) -> tuple[Path, Path]:
        """The check's folder and the judged one, free of links; asked for with every finding."""
        return Path(os.path.realpath(self.folder)), Path(os.path.realpath(self.checkout.root))

    def _argv(self, command: Sequence[str], files: Sequence[str], out: Path) -> list[str]:
        argv: list[str] = []
        for word in command:
            if word == "${files}":
                # A name that starts with a dash must not become an option.
                argv += [f"./{name}" if name.startswith("-") else name for name in files]
            else:
                argv.append(word.replace("${out}", str(out)))
        return argv

    def _batches(self) -> list[Sequence[str]]:
        if not any(word == "${files}" for word in self.check.command):
            return [()]
        names = self.arguments()
        if not self.check.batch:
            return [names]
        batches: list[list[str]] = [[]]
        size = 0
        for name in names:
            size += len(os.fsencode(name)) + 9
            if size > _ARGUMENTS and batches[-1]:
                batches.append([])
                size = 0
            batches[-1].append(name)
        return list(batches)

    def arguments(self) -> Sequence[str]:
        """What `${files}` stands for; `whole:` where nothing narrows the run."""
        return self.check.whole if self.check.whole and self.narrowed_to is None else self.files

    def _outcome(self, finished: Finished) -> Literal["clean", "findings"]:
        """What the exit code is declared to mean; anything undeclared is no measurement."""
        name = Path(finished.argv[0]).name
        if problem := _broken(finished, name, self.check):
            raise problem
        if finished.exit in self.check.clean:
            return "clean"
        if finished.exit in self.check.found:
            return "findings"
        declared = ", ".join(map(str, (*self.check.clean, *self.check.found)[:8]))
        raise NotMeasured(
            f"{name} exited with {finished.exit}, which `exit:` does not declare ({declared}); "
            f"it said: {_said(finished.output)}",
            "mend what it says; declare the code if it is no failure of the tool"
            + (
                f"; where a part of it is missing: {self.check.install}"
                if self.check.install
                else ""
            ),
        )


# Lines that tell what went wrong, the most telling first.
_COMPLAINTS = (
    re.compile(r"\w(?:Error|Exception): |^(?:fatal|error):", re.IGNORECASE),
    re.compile(r"error|fatal|no tests|cannot", re.IGNORECASE),
    re.compile(""),
)


def _said(output: str) -> str:
    """The line of an output that most likely tells what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["nothing"]
    telling = (line for pattern in _COMPLAINTS for line in lines[::-1] if pattern.search(line))
    return next(telling)[:_SHOWN]


def _broken(finished: Finished, name: str, check: CheckPolicy) -> NotMeasured | None:
    """Why a process that did not end by itself is no measurement."""
    if finished.stopped:
        return NotMeasured(f"{name} was stopped, because the run was interrupted", "run again")
    if finished.survivors:
        left = ", ".join(finished.survivors)
        return NotMeasured(
            f"{name} left processes that could not be ended: {left}", "end them by hand"
        )
    if finished.timed_out:
        return NotMeasured(
            f"{name} did not end within {check.timeout:g} s and was ended with all it had started",
            "find out what it waits for, or raise `timeout:`",
        )
    if finished.flooded:
        return NotMeasured(f"{name} wrote without end and was ended", "make it quieter")
    if finished.signal is not None:
        return NotMeasured(
            f"{name} was ended by signal {finished.signal}", "see its output for the crash"
        )
    return None
