"""The only starter of processes: no shell, a session per process, and nothing left behind.

A check may fork, leave its session, ignore SIGTERM, hold a pipe open or write without end. On Linux
gatekeeper adopts whatever loses its parent (see `orphans`). Whose orphan it is follows from its
session, or from the token that each check's environment carries and descendants inherit; so no
check ends another's process, and what hides both waits for the sweep at the end.

Only groups of processes that are our own unreaped children are ever signalled: their numbers
cannot have been given to somebody else meanwhile. Elsewhere than on Linux there is no adoption: the
process group is all that is ended, and what left it stays.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import subprocess  # nosec B404: this module is the one place that starts processes
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from gatekeeper.adapters import orphans
from gatekeeper.adapters.child import STEP, Child, not_stored
from gatekeeper.errors import NotMeasured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OWNER = "GATEKEEPER_OWNER"  # the variable that holds the token
CAP = 64 * 2**20  # bytes a process may write
GRACE = 2.0  # seconds between SIGTERM and SIGKILL
_PATIENCE = 3.0  # seconds of SIGKILL before a process counts as a survivor
_LINGER = 0.1  # seconds for the last words of what outlives the leader, as in `> >(tee log)`
_NAMED = 20  # processes that are named at most

_Outcome = Literal["exited", "timed out", "flooded", "stopped"]


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended and what it cost.

    `exit` is None unless the process ended by itself: never look for a pass in what a time-out, a
    flood (more output than the cap) or a stop (Ctrl-C) ended. `signal` is the number of the signal
    that ended it. `output` is head and tail of what it wrote, for people: both streams as they
    came, or, where standard output went to a file, standard error after it. `wall` and `cpu` are
    seconds, `cpu` user and system time with all descendants that were waited for.
    `max_rss` is bytes; 0 where the peak is not above our own, which Linux counts in at the start.
    `survivors` could not be ended; `leftovers` had to be ended after the process had exited.
    """

    argv: tuple[str, ...]
    exit: int | None = None
    signal: int | None = None
    timed_out: bool = False
    flooded: bool = False
    stopped: bool = False
    output: str = ""
    wall: float = 0.0
    cpu: float = 0.0
    max_rss: int = 0
    survivors: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Captured:
    """What a program that we trust answered; a negative `exit` is the signal that ended it."""

    exit: int
    stdout: bytes
    stderr: bytes


def capture(
    argv: Sequence[str],
    *,
    cwd: Path | str,
    env: Mapping[str, str],
    timeout: float,
    given: bytes = b"",
) -> Captured:
    """Ask a program of ours, such as git, that starts no background processes and ends.

    `given` is what it reads from its standard input.

    It stays in our session, where a Supervisor takes no orphans from. Raises FileNotFoundError
    where there is no such program or folder, and NotMeasured after `timeout` seconds.
    """
    try:
        done = subprocess.run(  # nosec B603: no shell, a list of arguments
            argv,
            cwd=cwd,
            env=env,
            timeout=timeout,
            input=given,
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotMeasured(
            f"{argv[0]} did not answer within {timeout:g} s in {cwd}",
            "see whether the file system answers, then run again",
        ) from error
    return Captured(done.returncode, done.stdout, done.stderr)


class Supervisor:
    """Starts processes and leaves none behind; a context manager, one per process at a time.

    `run` may be called from several threads at once, `stop` also from a signal handler. `grace` is
    the time in seconds that processes get between SIGTERM and SIGKILL.
    """

    def __init__(self, *, grace: float = GRACE) -> None:
        self._grace = grace
        self._stopping = False
        # Held while a process is started, orphans are told apart, signalled or reaped: whoever
        # holds it knows each child of ours, and no number of a process changes its meaning.
        self._lock = threading.Condition(threading.Lock())
        self._running: dict[int, Child] = {}  # by the leader's number, which is its session's
        self._adopted: dict[int, Child] = {}
        self._nobody = Child("", 0)
        self._nobody.exited, self._nobody.status = True, 0
        self._serials = itertools.count(1)

    def __enter__(self) -> Self:
        """Become the subreaper where that is possible."""
        outer = os.environ.get(OWNER, "")  # gatekeeper as a check of gatekeeper bears both tokens
        self._name = f"{outer} {os.urandom(8).hex()}".strip()
        if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
            # inherited from a careless parent; the system would throw exit codes away
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._session = os.getsid(0)
        self._null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._woken, self._waker = os.pipe()
        self._list: int | None = None  # our main thread's children, where orphans arrive
        self._was_subreaper = True
        with contextlib.suppress(OSError):  # no Linux, or one without either
            self._was_subreaper = orphans.subreaper(on=True)
            self._list = orphans.open_list()
        self._before = frozenset(orphans.listed(self._list))
        return self

    def __exit__(self, *_: object) -> None:
        """End what still runs, wait for it, sweep, and be no subreaper any more."""
        self.stop()
        with self._lock:
            bound = self._grace + _PATIENCE + 1
            idle = self._lock.wait_for(lambda: not self._running, bound)
        self.sweep()
        if not self._was_subreaper:
            orphans.subreaper(on=False)
        if idle:  # else a thread still reads from them
            for fd in (self._null, self._woken, self._waker, self._list):
                if fd is not None:
                    os.close(fd)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | str,
        env: Mapping[str, str],
        timeout: float,
        owner: str,
        stdout: Path | None = None,
        log: Path | None = None,
        cap: int = CAP,
    ) -> Finished:
        """Run a program to its end, or end it after `timeout` seconds or `cap` bytes of output.

        It gets exactly `env` and one more variable that names its `owner`, nothing on its standard
        input, and a session of its own. Its standard output is written to `stdout` too, if given,
        and what else it prints to `log`.
        Raises NotMeasured if the program cannot be started or its output cannot be stored.
        """
        began = time.monotonic()
        argv = tuple(argv)
        if self._stopping:
            return Finished(argv, stopped=True)
        child = self._start(argv, cwd, env, owner, (stdout, log), cap)
        try:
            outcome = self._follow(child, began + timeout)
        finally:  # also where the main thread is interrupted in here
            try:
                ended, survivors = self._end(child)
            finally:
                self._forget(child)
        if child.failure is not None:
            raise not_stored(child.failure) from child.failure
        code, number = child.ending
        return Finished(
            argv=argv,
            exit=code if outcome == "exited" else None,
            signal=number,
            timed_out=outcome == "timed out",
            flooded=outcome == "flooded",
            stopped=outcome == "stopped",
            output=child.text,
            wall=time.monotonic() - began,
            cpu=child.cpu,
            max_rss=child.peak,
            survivors=survivors,
            leftovers=ended if outcome == "exited" else (),
        )

    def stop(self) -> None:
        """Make every `run` end its processes and return, now and from now on; safe in a handler."""
        if not self._stopping:
            self._stopping = True
            os.write(self._waker, b".")  # never read: each poll sees it

    def sweep(self) -> tuple[str, ...]:
        """End the orphans of no running check; name those that are left."""
        return () if self._list is None else self._end(self._nobody)[1]

    # ------------------------------------------------------------------------ one process

    def _start(
        self,
        argv: tuple[str, ...],
        cwd: Path | str,
        env: Mapping[str, str],
        owner: str,
        files: tuple[Path | None, Path | None],
        cap: int,
    ) -> Child:
        child = Child(f"{self._name}.{next(self._serials)}:{owner}", cap)
        try:
            child.open(*files)
            with self._lock:
                process = subprocess.Popen(  # nosec B603: no shell, a list of arguments
                    argv,
                    cwd=cwd,
                    env={**env, OWNER: child.token},
                    stdin=self._null,
                    stdout=child.inner[0],
                    stderr=child.inner[-1],
                    start_new_session=True,
                )
                process.returncode = 0  # it is ours to wait for, not Popen's
                child.watch(process.pid, self._woken)
                self._running[child.pid] = child
        except (OSError, ValueError) as error:
            child.close()
            raise _not_started(error, argv[0], cwd, env) from error
        finally:
            child.close_inner()
        return child

    def _follow(self, child: Child, deadline: float) -> _Outcome:
        """Read until the leader exits, or must be ended."""
        while not child.exited:
            left = deadline - time.monotonic()
            if child.flooded:
                return "flooded"
            if self._stopping:
                return "stopped"
            if left <= 0:
                return "timed out"
            child.turn(left)
        deadline = time.monotonic() + _LINGER
        while child.pipes and (left := deadline - time.monotonic()) > 0:
            child.turn(left)
        return "flooded" if child.flooded else "exited"

    def _end(self, child: Child) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """End a process with its group and its orphans.

        SIGTERM once, after the grace SIGKILL until nothing new is found or patience is over; all
        of it a little later for what an exited leader left, which may just be about to end.
        Returns the names of what had to be ended, and of what could not be.
        """
        names: dict[int, str] = {}
        told: set[int] = set()
        term_at = time.monotonic() + (_LINGER if child.exited else 0)
        kill_at = term_at + self._grace
        pause = 0.001
        while True:
            with self._lock:
                alive = self._living(child)
                now = time.monotonic()
                if not alive or now > kill_at + _PATIENCE:
                    self._reap(child)
                    break
                if now >= kill_at:
                    _signal(alive, signal.SIGKILL, set())
                elif now >= term_at:
                    names = _names(alive) | names
                    told |= _signal(alive, signal.SIGTERM, told)
            child.turn(pause)
            pause = min(2 * pause, STEP)
        left = tuple(f"pid {pid} ({name})" for pid, name in _names(alive).items())
        return tuple(names.values()), left

    def _forget(self, child: Child) -> None:
        child.close()
        with self._lock:
            del self._running[child.pid]
            for pid in [pid for pid, owner in self._adopted.items() if owner is child]:
                del self._adopted[pid]
            if self._stopping:
                self._lock.notify_all()

    # ------------------------------------------------------------------ the lock is held

    def _reap(self, child: Child) -> None:
        """Reap a leader that exited; its group is signalled before that, or known to be empty."""
        if child.exited:
            if self._list is None:
                _signal_group(child.pid, signal.SIGKILL)
            child.reap()

    def _living(self, owner: Child) -> list[int]:
        """What lives of a running process: orphans, the leader; reaps whatever is dead."""
        alive = []
        for pid in filter(self._is_orphan, orphans.listed(self._list)):
            found = self._owner(pid)
            if not self._ended(pid, found) and found is owner:
                alive.append(pid)
        if not owner.exited:
            alive.append(owner.pid)
        return alive

    def _is_orphan(self, pid: int) -> bool:
        """Whether a child of the main thread came to us; every check has a session of its own."""
        known = pid in self._running or pid in self._before
        return not known and os.getsid(pid) not in (0, self._session)

    def _owner(self, pid: int) -> Child:
        """Whose orphan this is, by its session or its token."""
        owner = self._adopted.get(pid) or self._running.get(os.getsid(pid))
        if owner is None and (token := orphans.variable(pid, OWNER)):
            # gatekeeper inside a check has put its own token after that of the check
            theirs = (c for c in self._running.values() if f"{token} ".startswith(f"{c.token} "))
            owner = next(theirs, None)
        if owner is None:
            return self._nobody
        self._adopted[pid] = owner
        return owner

    def _ended(self, pid: int, owner: Child) -> bool:
        """Reap an orphan if it is dead; its owner pays."""
        reaped, _, usage = os.wait4(pid, os.WNOHANG)
        if reaped:
            self._adopted.pop(pid, None)
            owner.charge(usage)
        return bool(reaped)


def _names(pids: list[int]) -> dict[int, str]:
    return {pid: orphans.name(pid) for pid in pids[:_NAMED]}


def _signal(pids: list[int], number: int, told: set[int]) -> set[int]:
    """Signal the groups of these children of ours, but for those already told; returns them."""
    groups = {os.getpgid(pid) for pid in pids}
    for group in groups - told:
        _signal_group(group, number)
    return groups


def _signal_group(group: int, number: int) -> None:
    if group > 1:  # 0 is our own group, and 1 would mean everyone
        # gone since, or all of it of another user: then it is a survivor
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


_NO_ROOM = "no room for another process", "run fewer checks at once (--jobs), or raise the limits"
_NOT_STARTED: Mapping[int, tuple[str, str]] = {
    errno.ENOENT: ("not found", "install it, or name it as it is called on PATH"),
    errno.EACCES: ("may not be executed", "make the file executable: chmod +x"),
    errno.ENOEXEC: (
        "neither a program for this machine nor a script that names its interpreter",
        "begin the script with a line such as #!/bin/sh",
    ),
    errno.E2BIG: (
        "its arguments and environment are too long for one command line",
        "narrow `files:`, or set `batch: true` where it may run several times",
    ),
    **dict.fromkeys((errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE), _NO_ROOM),
}


def _not_started(
    error: OSError | ValueError, program: str, cwd: Path | str, env: Mapping[str, str]
) -> NotMeasured:
    """Say why a program did not start, and what to do."""
    if not Path(cwd).is_dir():
        return NotMeasured(
            f"{program} could not be started in {cwd}: there is no such folder",
            "correct `cwd:`, or create the folder",
        )
    if not isinstance(error, OSError):  # a NUL in an argument, `=` in the name of a variable
        return NotMeasured(f"{program} could not be started: {error}", "correct `command:`")
    reason, remedy = _NOT_STARTED.get(
        error.errno or 0, (error.strerror or str(error), "see whether it starts by hand")
    )
    if error.errno == errno.ENOENT:
        import shutil  # noqa: PLC0415 - brings the compression modules along

        found = shutil.which(
            Path(cwd, program) if "/" in program else program, path=env.get("PATH")
        )
        if found:
            reason = f"the interpreter that the first line of {found} names does not exist"
            remedy = "install the interpreter, or correct the line"
        elif "/" not in program:
            reason = f"not found on PATH ({env.get('PATH', os.defpath)})"
    return NotMeasured(f"{program} could not be started: {reason}", remedy)
