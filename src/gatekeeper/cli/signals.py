"""SIGTERM and the end of the terminal end a command as Ctrl-C does: what it started goes too."""

from __future__ import annotations

import signal
from types import FrameType

from gatekeeper.errors import Exit, Interrupted


def stop_when_told() -> None:
    """Turn SIGTERM and SIGHUP into `Interrupted`; what nohup ignores stays ignored."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the form of a handler
    error = Interrupted("terminated")
    error.exit = Exit.TERMINATED  # its own exit code
    raise error
