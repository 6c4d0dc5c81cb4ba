"""What a person sees while checks run: on a real terminal, and on one made of memory."""

from __future__ import annotations

import errno
import io
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.cli import progress as module
from gatekeeper.cli.progress import progress
from gatekeeper.model import Measurement, Observation
from gatekeeper.reports.terminal import Detail
from gatekeeper.result import Plan, PlannedCheck

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
SLOW = """\
gate: quality
checks:
  - {check: wait-a-little, command: [sleep, "2"]}
  - {check: quick, command: ["true"]}
"""


class Terminal(io.StringIO):
    """A standard error that says it is a terminal, or not; `gone`: nothing can be written."""

    gone = False
    tty = True

    def isatty(self) -> bool:
        return self.tty

    def write(self, text: str) -> int:
        if self.gone:
            raise OSError(errno.EIO, "gone")
        return super().write(text)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The standard error; whatever runs has lasted long enough to be shown, and every time."""
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(module, "_PATIENCE", 0)
    monkeypatch.setattr(module, "_TICK", 0)
    return stream


def watched(
    terminal: Terminal,
    detail: Detail = "normal",
    name: str = "tests",
    expected: float | None = 41,
    error: type[BaseException] | None = None,
) -> None:
    """A run of a check, watched from its start to its end, or until an error."""
    check = PlannedCheck(name, "g", "d", "run", expected=expected)
    plan = Plan("push", ("g",), (check, PlannedCheck("b", "g", "d", "skip")), 1)
    with redirect_stderr(terminal), progress(plan, detail) as watch:
        watch.started(check)
        watch.waited()
        if error:
            raise error
        watch.started(PlannedCheck("other", "g", "d", "run"))
        watch.ended(Observation(name, "d", Measurement()))


def test_what_runs_since_when_and_how_long_it_took(terminal: Terminal) -> None:
    """Of the checks that run, not of those that are skipped."""
    watched(terminal)
    assert "0 of 1 checks ended, 0 s" in terminal.getvalue()
    assert "  tests  0 s, last time 41 s" in terminal.getvalue()


def test_what_never_ran_has_no_last_time(terminal: Terminal) -> None:
    """Nothing is made up."""
    watched(terminal, expected=None)
    assert "  tests  0 s" in terminal.getvalue()
    assert "last time" not in terminal.getvalue()


def test_the_terminal_is_left_as_it_was(terminal: Terminal) -> None:
    """The cursor is shown again, also where the run is interrupted."""
    with pytest.raises(KeyboardInterrupt):
        watched(terminal, error=KeyboardInterrupt)
    assert terminal.getvalue().count(HIDE) == terminal.getvalue().count(SHOW) == 1
    assert terminal.getvalue().rindex(SHOW) > terminal.getvalue().rindex("checks ended")


@pytest.mark.parametrize("name", ["[a-z]", "[bold]x[/bold]", "[/]", ":smile:", "\x1b[31mred\u202e"])
def test_names_are_shown_as_they_are(terminal: Terminal, name: str) -> None:
    """No markup is obeyed, and what could control a terminal is escaped."""
    watched(terminal, name=name)
    shown = name.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e")
    assert f"  {shown}  0 s" in terminal.getvalue()


def test_a_narrow_terminal_shows_one_line_a_check(terminal: Terminal) -> None:
    """What is too long is cut: a line that wraps could not be taken back."""
    watched(terminal, name="word " * 50)
    drawn = re.split("\r|\x1b", terminal.getvalue().split("0 of 1")[1])[0]
    [_, line] = drawn.splitlines()
    assert len(line) <= 60
    assert line.endswith("…")


@pytest.mark.parametrize(
    ("detail", "term", "tty", "shown"),
    [
        ("quiet", "xterm", True, ""),
        ("normal", "dumb", True, "tests  0.0 s\n"),
        ("normal", "xterm", False, ""),
        ("verbose", "xterm", False, "tests  0.0 s\n"),
    ],
)
def test_where_nothing_can_be_drawn(
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    detail: Detail,
    term: str,
    tty: bool,
    shown: str,
) -> None:
    """Plain lines for who asks for them, or sits before a terminal that cannot draw; else none."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(terminal, "tty", tty)
    watched(terminal, detail)
    assert terminal.getvalue() == shown


def test_verbose_tells_what_ended_above_what_runs(terminal: Terminal) -> None:
    """The line stays when the rest is cleared."""
    watched(terminal, "verbose", ":smile:[b]")
    assert ":smile:[b]  0.0 s\n" in terminal.getvalue()


def test_a_terminal_that_is_gone_ends_no_run(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody watches any more; the verdict is the same."""
    monkeypatch.setattr(terminal, "gone", True)
    watched(terminal, "verbose")


def on_terminal(folder: Path, *, interrupt: bool = False) -> tuple[int, str]:
    """Run on a real terminal; its exit code and all that was written there."""
    screen, inside = pty.openpty()
    started = subprocess.Popen(
        [sys.executable, "-P", "-m", "gatekeeper", "run"],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    written = b""
    while piece := _read(screen):
        written += piece
        if interrupt and b"checks ended" in written:
            started.send_signal(signal.SIGINT)
            interrupt = False
    os.close(screen)
    return started.wait(60), written.decode()


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 4096)
    except OSError:  # so Linux tells the end
        return b""


@pytest.mark.parametrize(("interrupt", "code"), [(False, 0), (True, 130)], ids=["ends", "Ctrl-C"])
def test_a_real_run_on_a_real_terminal(repository: Any, interrupt: bool, code: int) -> None:
    """It shows what runs, takes it back and then reports, whether it ends or is interrupted."""
    repository.write({"gates/quality.yaml": SLOW})
    ended, written = on_terminal(repository.folder, interrupt=interrupt)
    assert ended == code
    assert "1 of 2 checks ended" in written
    assert "wait-a-little" in written.split(HIDE)[1].split(SHOW)[0]
    assert written.count(HIDE) == written.count(SHOW) == 1
    assert "no deployment verdict" in written.split(SHOW)[1] or interrupt
    assert "checks ended" not in written.split(SHOW)[1]
    assert written.split(SHOW)[1].startswith("\r\x1b[1A\x1b[2K")
