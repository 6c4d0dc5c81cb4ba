"""Orphans on Linux: how descendants that lose their parent come to us, and what is known of them.

A subreaper becomes the parent of every descendant whose own parent ends; the kernel hands it to the
main thread. So one read of that thread's list of children, of one microsecond, tells whether any
process has been left behind. Sources: prctl(2), proc_pid_task(5); `find_new_reaper` in the kernel's
`kernel/exit.c`. Where Linux was built without the list, or on other systems, OSError is raised.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

_SET_SUBREAPER, _GET_SUBREAPER = 36, 37  # prctl(2), Linux 3.4
_CHUNK = 2**16


def subreaper(*, on: bool) -> bool:
    """Set whether orphaned descendants become our children; returns what was set before."""
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "no subreaper on this system")
    import ctypes  # noqa: PLC0415 - costs 2 ms that only a run has to pay

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    before = ctypes.c_int()
    zero = ctypes.c_ulong(0)
    if prctl(_GET_SUBREAPER, ctypes.byref(before), zero, zero, zero) or prctl(
        _SET_SUBREAPER, ctypes.c_ulong(on), zero, zero, zero
    ):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    return bool(before.value)


def open_list() -> int:
    """A descriptor of the list of the main thread's children; read afresh each time."""
    return os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY | os.O_CLOEXEC)


def listed(descriptor: int | None) -> list[int]:
    """The children of the main thread: orphans, and processes that it started itself."""
    text = b""
    while descriptor is not None and (part := os.pread(descriptor, _CHUNK, len(text))):
        text += part
    return [int(pid) for pid in text.split()]


def variable(pid: int, name: str) -> str:
    """A variable of the environment with which a process began; empty where it cannot be read."""
    start = os.fsencode(f"{name}=")
    with contextlib.suppress(OSError):  # ended meanwhile, or of another user
        for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            if entry.startswith(start):
                return os.fsdecode(entry.removeprefix(start))
    return ""


def name(pid: int) -> str:
    """What a process calls itself, safe to print; `?` where it cannot be read."""
    try:
        text = Path(f"/proc/{pid}/comm").read_bytes().decode(errors="replace").removesuffix("\n")
    except OSError:
        return "?"
    return "".join(c if c.isprintable() else "?" for c in text)
