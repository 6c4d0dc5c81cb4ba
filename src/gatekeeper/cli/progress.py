"""What a person sees while checks run: on standard error, and gone when the run is over.

On a terminal, what runs, since when and how long it took last time, once the run has lasted a
moment. Elsewhere, such as in the log of a build, nothing but what `--verbose` asks for: a line as
each check ends.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from gatekeeper import escape
from gatekeeper.cli.reporting import colourful
from gatekeeper.model import Observation
from gatekeeper.reports import terminal
from gatekeeper.reports.terminal import Detail
from gatekeeper.result import Plan, PlannedCheck
from gatekeeper.run import Watch

if TYPE_CHECKING:
    from rich.live import Live

# Seconds: a run that ends sooner shows nothing, and does not pay for the library that draws.
_PATIENCE = 1.0
_TICK = 0.5


@contextmanager
def progress(plan: Plan, detail: Detail = "normal") -> Iterator[Watch]:
    """Show a run while it goes on; the terminal is as it was before, however the run ends."""
    seen = sys.stderr.isatty()
    alive = seen and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
    # A terminal that cannot be drawn on still has a person before it.
    lines = detail == "verbose" or (seen and not alive)
    total = sum(check.action == "run" for check in plan.checks)
    shown = _Shown(total, lines=lines, alive=alive and detail != "quiet")
    try:
        every = _TICK if shown.alive else None
        yield Watch(shown.started, shown.ended, shown.draw, every)
    finally:
        shown.close()


@dataclass(slots=True)
class _Shown:
    """What is on the screen: lines as checks end, and below them, if it is `alive`, what runs."""

    total: int
    lines: bool
    alive: bool
    began: float = field(default_factory=time.monotonic)
    running: dict[str, tuple[PlannedCheck, float]] = field(default_factory=dict)
    done: int = 0
    drawn: float = -math.inf
    live: Live | None = None

    def started(self, check: PlannedCheck) -> None:
        self.running[check.check] = (check, time.monotonic())
        self.draw()

    def ended(self, observation: Observation) -> None:
        self.running.pop(observation.check, None)
        self.done += 1
        if self.lines:
            _told(lambda: self._print(terminal.progress(observation)))
        if self.running:
            self.draw()

    def _print(self, text: str) -> None:
        if self.live:
            self.live.console.print(text, markup=False, emoji=False, soft_wrap=True)
        else:
            click.echo(text, err=True, color=False)

    def draw(self) -> None:
        """Show what runs now, unless that has just been done."""
        now = time.monotonic()
        if self.alive and now - self.began >= _PATIENCE and now - self.drawn >= _TICK:
            self.drawn = now
            _told(self._draw)

    def _draw(self) -> None:
        from rich.text import Text

        if self.live is None:
            self.live = _live()
            self.live.start()
        text = Text("\n".join(self._text()), no_wrap=True, overflow="ellipsis")
        self.live.update(text, refresh=True)

    def _text(self) -> Iterator[str]:
        now = time.monotonic()
        yield f"{self.done} of {self.total} checks ended, {now - self.began:.0f} s"
        width = max((len(name) for name in self.running), default=0)
        for name, (check, start) in self.running.items():
            last = "" if check.expected is None else f", last time {check.expected:.0f} s"
            yield escape.line(f"  {name:<{width}}  {now - start:.0f} s{last}")

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self.live:
            _told(self.live.stop)


def _live() -> Live:
    """A part of the terminal that is drawn again and again, and cleared in the end."""
    from rich.console import Console
    from rich.live import Live

    console = Console(
        file=sys.stderr, force_terminal=True, no_color=not colourful(sys.stderr), highlight=False
    )
    # The main thread draws, so nothing is written while anything else is.
    return Live(
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _told(write: Callable[[], object]) -> None:
    """Write to a terminal that may be gone: no run ends because nobody can watch it."""
    with suppress(OSError):
        write()
