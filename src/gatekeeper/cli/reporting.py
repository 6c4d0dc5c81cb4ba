"""Where reports go: standard output, standard error, files; and colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from gatekeeper import plugins
from gatekeeper.cli import complete
from gatekeeper.errors import UsageError
from gatekeeper.history import records
from gatekeeper.reports import render, terminal
from gatekeeper.reports.terminal import Detail
from gatekeeper.result import Result

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from gatekeeper.cli.judging import Judged

C = TypeVar("C", bound=Callable[..., object])
# The names of the built-in reports, for helps.
FORMS = ", ".join(plugins.names("report"))


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
        if os.path.isdir(path):
            self.fail(f"{path} is a folder; name a file in it", param, ctx)
        return form, path

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The forms there are."""
        return complete.starting(incomplete, plugins.names("report"))


def detailed(command: C) -> C:
    """Give a command the options that say how much the terminal's report tells."""
    quiet = click.option("--quiet", "-q", is_flag=True, help="Show only what is bad.")
    verbose = click.option(
        "--verbose",
        "-v",
        is_flag=True,
        help="Show all: every finding, commands, times, what was examined, evidence.",
    )
    return quiet(verbose(command))


def detail_of(*, quiet: bool, verbose: bool) -> Detail:
    """How much is told; UsageError where both is asked for."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other; leave one of them out")
    return "quiet" if quiet else "verbose" if verbose else "normal"


def colourful(stream: TextIO) -> bool:
    """Whether to colour: NO_COLOR, then FORCE_COLOR, then whether it is a terminal.

    https://no-color.org and https://force-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def show(outcome: Judged, targets: Sequence[tuple[str, str]], detail: Detail = "normal") -> None:
    """Write the reports asked for, and the terminal's, where no other takes the output."""
    result = outcome.result
    record = os.path.relpath(outcome.record) if outcome.record else ""
    printed = [form for form, path in targets if not path]
    if "terminal" not in printed:  # first, for a file may turn out not to be writable
        stream(sys.stderr if printed else sys.stdout, result, "terminal", detail, record)
    for form, path in targets:
        write(result, form, path, detail, record)


def write(
    result: Result, form: str, path: str, detail: Detail = "normal", record: str = ""
) -> None:
    """Write one report to a file, or to standard output where there is no path."""
    if path:
        records.write(Path(path), _parts(result, form, detail, record))
    else:
        stream(sys.stdout, result, form, detail, record)


def stream(
    stream: TextIO, result: Result, form: str, detail: Detail = "normal", record: str = ""
) -> None:
    """Write one report to a stream; what its encoding cannot carry is escaped."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    stream.writelines(_parts(result, form, detail, record, colour=colourful(stream)))
    stream.flush()


def _parts(
    result: Result, form: str, detail: Detail, record: str, *, colour: bool = False
) -> Iterator[str]:
    """The text of a report; how much is told, and in which colours, is for the terminal's alone."""
    if form == "terminal":
        return terminal.render(result, colour=colour, detail=detail, record=record)
    return render(result, form)
