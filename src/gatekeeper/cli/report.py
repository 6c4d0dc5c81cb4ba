"""gatekeeper report: a stored result, rendered again."""

from __future__ import annotations

from pathlib import Path

import click

from gatekeeper.cli.reporting import FORMS, ReportTarget, detail_of, detailed, write
from gatekeeper.history import records


@click.command(
    epilog="Example: gatekeeper report .gatekeeper/runs/RUN/result.json --format junit:gates.xml"
)
@click.argument("result", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "target",
    type=ReportTarget(),
    default="terminal",
    show_default=True,
    metavar="FORMAT[:PATH]",
    help=f"To standard output, or a file: {FORMS}.",
)
@detailed
def command(result: Path, target: tuple[str, str], quiet: bool, verbose: bool) -> None:
    """Render the stored RESULT again; the exit code does not repeat its verdict."""
    detail = detail_of(quiet=quiet, verbose=verbose)
    write(records.read(result), *target, detail, str(result))
