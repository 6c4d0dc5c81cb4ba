"""What a check type is given while it measures: its files, its command, its reports."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import unquote, urlsplit

from gatekeeper import plugins, selection, tools
from gatekeeper.adapters import git
from gatekeeper.adapters.process import Finished, Supervisor
from gatekeeper.checkout import Checkout
from gatekeeper.config.policy import CheckPolicy, Policy, Reads
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Measurement, Metric

# Caps on what is read: a selected file, and a report.
FILE_CAP = 16 * 2**20
REPORT_CAP = 1 * 2**30
_SHOWN_LINES = 12
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
    program: Path | None = None
    finished: list[Finished] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    outcome: Literal["clean", "findings"] = "clean"
    _before: dict[str, tuple[int, ...]] = field(default_factory=dict)

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

    def open(self, path: str) -> BinaryIO | None:
        """Open a selected file; None, and noted, where it could not be examined."""
        try:
            path.encode()
            if git.submodule(self.checkout.modes.get(path, "")):
                raise NotMeasured("is a submodule")
            file = open_inside(self.checkout.root, path, FILE_CAP)
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
                    content = hashlib.file_digest(file, "sha256").hexdigest()
                total.update(f"{path}\0{content}\n".encode())
        return f"sha256:{total.hexdigest()}"

    def run(self) -> Completed:
        """Run the check's command, in batches where it asks for them."""
        self._before = self._stamps()
        for n, files in enumerate(self._batches()):
            out = self.out / str(n) if n else self.out
            out.mkdir(exist_ok=True)
            finished = self.start(self.check.command, files, out, self.stdout(n))
            self.outcome = "findings" if self._outcome(finished) == "findings" else self.outcome
        lines = "".join(done.output for done in self.finished).splitlines()
        return Completed(
            self.finished[-1].exit or 0, self.outcome, "\n".join(lines[-_SHOWN_LINES:])
        )

    def start(
        self, command: Sequence[str], files: Sequence[str], out: Path, stdout: Path | None = None
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
            owner=self.check.id,
        )
        self.program = self.program or program
        self.finished.append(finished)
        return finished

    def read(self) -> Measurement:
        """Read every report that the check declares; joined into one measurement."""
        found = [part for reads in self.check.reads for part in self._read(reads)]
        return _join(found)

    def relative(self, path: str) -> str | None:
        """A path or file URI of a report, relative to the judged folder; None if it leads out."""
        if path.startswith("file:"):
            path = unquote(urlsplit(path).path)
        root = os.path.realpath(self.checkout.root)
        whole = os.path.normpath(
            os.path.join(os.path.realpath(self.folder), path.replace("\\", "/"))
        )
        relative = os.path.relpath(whole, root)
        return None if relative.startswith("..") or "\0" in relative else relative

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
        said = finished.output.strip().splitlines()[-1:] or ["nothing"]
        raise NotMeasured(
            f"{name} exited with {finished.exit}, which `exit:` does not declare ({declared}); "
            f"it said: {said[0].strip()[:300]}",
            "mend what it says; declare the code if it is no failure of the tool",
        )

    def _places(self, reads: Reads) -> list[str]:
        """The files that a report may be in."""
        if reads.stdout:
            return [str(self.stdout(n)) for n in range(len(self.finished))]
        pattern = os.path.join(
            self.folder, reads.file.replace("${out}", glob_escape(str(self.out)))
        )
        if not re.search(r"[*?\[]", reads.file):
            return [pattern.replace(glob_escape(str(self.out)), str(self.out))]
        batched = [
            pattern,
            pattern.replace(glob_escape(str(self.out)), f"{glob_escape(str(self.out))}/[0-9]*"),
        ]
        return sorted(
            {
                place
                for each in batched[: 1 + self.check.batch]
                for place in glob(each, recursive=True)
            }
        )

    def _stamps(self) -> dict[str, tuple[int, ...]]:
        """What reports look like before the command: one that stays the same was not written."""
        places = (place for reads in self.check.reads for place in self._places(reads))
        return {place: stamp for place in places if (stamp := _stamp(place))}

    def _read(self, reads: Reads) -> list[Measurement]:
        plugin = plugins.load("reader", reads.format)
        if not isinstance(plugin.value, Reader):
            raise NotMeasured(
                f"the reader {reads.format} does not load: {plugin.failure}", "mend the plug-in"
            )
        places = [place for place in self._places(reads) if os.path.lexists(place)]
        full = [place for place in places if os.path.islink(place) or os.path.getsize(place)]
        if not full:
            if reads.absent == "clean" and self.outcome == "clean" and self.check.command:
                return []
            what = "an empty report" if places else "no report"
            where = "on its standard output" if reads.stdout else f"at {reads.file}"
            raise NotMeasured(
                f"{self.check.id} left {what} {where}",
                f"see its output; expected is the format {reads.format}",
            )
        found = []
        for place in full:
            self._refuse_foreign(place, reads)
            found.append(plugin.value.read(Path(place), self))
        return found

    def _refuse_foreign(self, place: str, reads: Reads) -> None:
        """A report counts only as a real file here, written by this run or young enough."""
        shown = reads.file or "the standard output"
        real = os.path.realpath(place)
        inside = Path(real).is_relative_to(os.path.realpath(self.checkout.root))
        if os.path.islink(place) or not (
            inside or Path(real).is_relative_to(os.path.realpath(self.out.parent))
        ):
            raise NotMeasured(
                f"the report {shown} is a link, or lies outside", "write the report itself there"
            )
        seen = os.stat(real)
        if not stat.S_ISREG(seen.st_mode):
            raise NotMeasured(
                f"the report {shown} is no regular file", "write the report itself there"
            )
        if seen.st_size > REPORT_CAP:
            raise NotMeasured(
                f"the report {shown} is larger than {REPORT_CAP} bytes", "report less, or split it"
            )
        if self.check.command and self._before.get(place) == _stamp(place):
            raise NotMeasured(
                f"the report {shown} is from an earlier run: this one did not write it",
                "see the output; let the command write to ${out}",
            )
        age = self.now.timestamp() - seen.st_mtime
        if not self.check.command and not -60 <= age <= (self.check.max_age or 0):
            raise NotMeasured(
                f"the report {shown} is {age:.0f} s old; `max-age:` allows {self.check.max_age:.0f} s",
                "let the step that writes it run again",
            )


def glob_escape(path: str) -> str:
    """A path as a glob that matches only itself."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _stamp(place: str) -> tuple[int, ...]:
    try:
        seen = os.lstat(place)
    except OSError:
        return ()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


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


def open_inside(root: Path, path: str, cap: int) -> BinaryIO:
    """Open a regular file below `root` without following links; NotMeasured says why not."""
    whole = root / path
    parent = os.path.realpath(whole.parent)
    if not Path(parent).is_relative_to(os.path.realpath(root)):
        raise NotMeasured("leads out of the repository")
    try:
        descriptor = os.open(
            os.path.join(parent, whole.name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        )
    except OSError as error:
        reason = (
            "is a symbolic link" if os.path.islink(whole) else f"cannot be opened: {error.strerror}"
        )
        raise NotMeasured(reason) from None
    seen = os.fstat(descriptor)
    if not stat.S_ISREG(seen.st_mode) or seen.st_size > cap:
        os.close(descriptor)
        large = stat.S_ISREG(seen.st_mode)
        raise NotMeasured(f"is larger than {cap // 2**20} MiB" if large else "is no regular file")
    return open(descriptor, "rb")


# How a metric of several reports becomes one; any other cannot be joined.
_SUMS = ("tests.", "requests.total", "alerts.total", "dashboards.total")


def _join(parts: Sequence[Measurement]) -> Measurement:
    if len(parts) == 1:
        return parts[0]
    metrics: dict[str, Metric] = {}
    work: dict[str, int] = {}
    for part in parts:
        for metric in part.metrics:
            metrics[metric.name] = _joined(metrics.get(metric.name), metric)
        for kind, amount in part.work.items():
            work[kind] = work.get(kind, 0) + amount
    return Measurement(
        metrics=tuple(metrics.values()),
        findings=tuple(finding for part in parts for finding in part.findings),
        work=work,
        notes=tuple(note for part in parts for note in part.notes),
    )


def _joined(first: Metric | None, second: Metric) -> Metric:
    if first is None:
        return second
    if first.name.startswith(_SUMS):
        return Metric(first.name, first.value + second.value, first.unit)
    if first.name.endswith((".max", ".peak")):
        return max(first, second, key=lambda metric: metric.value)
    if first.value == second.value == Decimal(0):
        return first
    raise NotMeasured(f"several reports state {first.name}", "let the tool write one report")
