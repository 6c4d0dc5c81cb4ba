"""Where reports go: standard output, standard error, files; and colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from gatekeeper import plugins
from gatekeeper.history import records
from gatekeeper.model import Observation
from gatekeeper.reports import render, terminal
from gatekeeper.result import Result


class ReportTarget(click.ParamType[tuple[str, str]]):
    """`FORMAT` or `FORMAT:PATH`."""

    name = "report"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the first colon; the format must be known before anything runs."""
        if isinstance(value, tuple):
            return value
        form, _, path = str(value).partition(":")
        try:
            failure = plugins.load("report", form).failure
        except plugins.UnknownPlugin as error:
            self.fail(f"{error}; {error.hint}", param, ctx)
        if failure:
            self.fail(f"the report `{form}` does not load: {failure}", param, ctx)
        return form, path


def colourful(stream: TextIO) -> bool:
    """Whether to colour: NO_COLOR, then FORCE_COLOR, then whether it is a terminal.

    https://no-color.org and https://force-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def progress(observation: Observation) -> None:
    """On a terminal, a line as each check ends."""
    if sys.stderr.isatty():
        click.echo(terminal.progress(observation), err=True, color=False)


def show(result: Result, targets: Sequence[tuple[str, str]]) -> None:
    """Write the reports asked for, and the terminal's, where no other takes the output."""
    for form, path in targets:
        write(result, form, path)
    printed = [form for form, path in targets if not path]
    if "terminal" not in printed:
        stream(sys.stderr if printed else sys.stdout, result, "terminal")


def write(result: Result, form: str, path: str) -> None:
    """Write one report to a file, or to standard output where there is no path."""
    if path:
        records.write(Path(path), render(result, form))
    else:
        stream(sys.stdout, result, form)


def stream(stream: TextIO, result: Result, form: str) -> None:
    """Write one report to a stream; what its encoding cannot carry is escaped."""
    parts = (
        terminal.render(result, colour=colourful(stream))
        if form == "terminal"
        else render(result, form)
    )
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    stream.writelines(parts)
    stream.flush()
