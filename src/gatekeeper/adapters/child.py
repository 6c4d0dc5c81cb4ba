"""A process that runs: what is read from it, where that goes, and what it has used."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import sys
from typing import TYPE_CHECKING, BinaryIO

from gatekeeper.errors import NotMeasured

if TYPE_CHECKING:
    from pathlib import Path

STEP = 0.05  # seconds between two looks where nothing tells us of a change
_HEAD, _TAIL = 16 * 2**10, 48 * 2**10  # bytes of the output that are kept
_CHUNK = 2**16  # bytes: what a pipe holds
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Output:
    """Head and tail of what was written, with all of it in a file if wanted; `size` is in bytes."""

    __slots__ = ("_file", "head", "size", "tail")

    def __init__(self, file: BinaryIO | None = None) -> None:
        self.head = bytearray()
        self.tail = bytearray()
        self.size = 0
        self._file = file

    def close(self) -> None:
        """Write the last of the file; raises OSError where it does not fit."""
        if self._file is not None:
            self._file.close()

    def add(self, data: bytes) -> None:
        """Take note of what came next; raises OSError where the file has no room."""
        self.size += len(data)
        if self._file is not None:
            self._file.write(data)
        room = _HEAD - len(self.head)
        if room:
            self.head += data[:room]
            data = data[room:]
        self.tail += data
        if len(self.tail) > 4 * _TAIL:
            del self.tail[:-_TAIL]

    def text(self) -> str:
        """Decoded; what is left out goes by whole lines where there are any."""
        head, tail = bytes(self.head), bytes(self.tail[-_TAIL:])
        gap = b""
        if self.size > len(head) + len(tail):
            head = head[: head.rfind(b"\n") + 1] or head + b"\n"
            tail = tail[tail.find(b"\n") + 1 :]
            gap = b"[... %d bytes left out ...]\n" % (self.size - len(head) - len(tail))
        return (head + gap + tail).decode("utf-8", "replace")


class Child:
    """A process from before its start to after its end.

    `cpu` (seconds) and `max_rss` (bytes) grow with each of its processes that is reaped. On Linux
    the peak of a new process begins at our own, `own_peak`: below it nothing is known.
    """

    def __init__(self, token: str, cap: int) -> None:
        self.token = token
        self.outputs: list[Output] = []
        self.failure: OSError | None = None  # of storing the output
        self.exited = False
        self.status: int | None = None
        self.cpu = 0.0
        self.max_rss = 0
        self.inner: list[int] = []  # the ends of the pipes that the process gets
        self.pipes: dict[int, Output] = {}  # our ends that are open
        self._cap = cap
        self._pidfd: int | None = None
        self._poll = select.poll()  # for three descriptors cheaper than a selector of its own
        self._pause = STEP / 50

    def open(self, stdout: Path | None, log: Path | None = None) -> None:
        """Make the pipes: one for both streams in their order, or two and a file for the first."""
        if stdout is not None:
            self._add(Output(_created(stdout)))
        self._add(Output(_created(log) if log else None))

    def _add(self, output: Output) -> None:
        self.outputs.append(output)
        ours, inner = os.pipe()
        self.pipes[ours] = output
        self.inner.append(inner)
        self._poll.register(ours, select.POLLIN)

    def watch(self, pid: int, wake: int) -> None:
        """Take note of the start; `wake` is a descriptor that ends any waiting."""
        self.pid = pid
        self.own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT
        self._poll.register(wake, select.POLLIN)
        self._pidfd = pidfd(pid)
        if self._pidfd is not None:
            self._poll.register(self._pidfd, select.POLLIN)

    @property
    def flooded(self) -> bool:
        """Whether there is more output than we can take."""
        return self.failure is not None or sum(each.size for each in self.outputs) > self._cap

    @property
    def text(self) -> str:
        """What it wrote, bounded; standard error last where it came apart."""
        return "".join(each.text() for each in self.outputs)

    def turn(self, seconds: float) -> None:
        """Wait until something happens, `seconds` at most; read what is there."""
        looking = self._pidfd is None and not self.exited
        if looking:
            seconds = self._pause = min(seconds, 2 * self._pause, STEP)
        for fd, _ in self._poll.poll(min(seconds, 3600.0) * 1000):
            if fd in self.pipes:
                self._read(fd)
            else:  # the leader exited, or all shall stop: each is said once
                self._poll.unregister(fd)
                self.exited |= fd == self._pidfd
        if self.flooded:
            self.hang_up()
        if looking:
            self._look()

    def _read(self, fd: int) -> None:
        data = os.read(fd, _CHUNK)
        if not data:
            self._close(fd)
            return
        try:
            self.pipes[fd].add(data)
        except OSError as error:
            self.failure = error

    def _look(self) -> None:
        """Find out whether the leader exited, where no descriptor tells."""
        if hasattr(os, "waitid"):
            flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
            self.exited = os.waitid(os.P_PID, self.pid, flags) is not None
        else:  # macOS before Python 3.13 cannot look without reaping
            reaped, status, usage = os.wait4(self.pid, os.WNOHANG)
            if reaped:
                self.exited, self.status = True, status
                self.charge(usage)

    def reap(self) -> None:
        """Take the status of the leader, which has exited."""
        if self.status is None:
            _, self.status, usage = os.wait4(self.pid, 0)
            self.charge(usage)

    @property
    def ending(self) -> tuple[int | None, int | None]:
        """The exit code or the number of the signal; neither while it runs."""
        if self.status is None:
            return None, None
        code = os.waitstatus_to_exitcode(self.status)
        return (code, None) if code >= 0 else (None, -code)

    @property
    def peak(self) -> int:
        """Peak memory in bytes; 0 where our own hides it."""
        return self.max_rss if self.max_rss > self.own_peak else 0

    def charge(self, usage: resource.struct_rusage) -> None:
        """Add what one ended process used, with the children that it waited for."""
        self.cpu += usage.ru_utime + usage.ru_stime
        self.max_rss = max(self.max_rss, usage.ru_maxrss * _MAXRSS_UNIT)

    def _close(self, fd: int) -> None:
        del self.pipes[fd]
        self._poll.unregister(fd)
        os.close(fd)

    def hang_up(self) -> None:
        """Read no more: most writers end by that."""
        for fd in tuple(self.pipes):
            self._close(fd)

    def close_inner(self) -> None:
        """Leave the inner ends to the process, so that its end closes them."""
        while self.inner:
            os.close(self.inner.pop())

    def close(self) -> None:
        """Let go of all but the numbers."""
        self.hang_up()
        if self._pidfd is not None:
            os.close(self._pidfd)
        for output in self.outputs:
            try:
                output.close()
            except OSError as error:  # the last of it did not fit
                self.failure = error


def pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process exits; None where there is none."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # an old kernel, a seccomp filter, no descriptor left
            return os.pidfd_open(pid)
    return None


def _created(path: Path) -> BinaryIO:
    """A new or emptied file, never one behind a symbolic link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.fdopen(os.open(path, flags, 0o666), "wb")
    except OSError as error:
        raise not_stored(error) from error


def not_stored(error: OSError) -> NotMeasured:
    """Say that a report on standard output is not whole, and what to do."""
    where = f" in {error.filename}" if error.filename else ""
    return NotMeasured(
        f"the standard output could not be stored{where}: {error.strerror}",
        "make room on the file system, or let TMPDIR name a writable folder with room",
    )
