"""gatekeeper report: a stored result, rendered again."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gatekeeper import codec
from gatekeeper.cli.reporting import ReportTarget, write
from gatekeeper.errors import UsageError
from gatekeeper.result import SCHEMA, Result


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
    help="terminal, json or junit; to standard output, or a file.",
)
def command(result: Path, target: tuple[str, str]) -> None:
    """Render the stored RESULT again; the exit code does not repeat its verdict."""
    write(stored(result), *target)


def stored(path: Path) -> Result:
    """Read a result file; UsageError says what is wrong with it."""
    try:
        value = json.loads(path.read_bytes())
        if isinstance(value, dict) and value.get("schema") != SCHEMA:
            raise UsageError(f"{path} is no {SCHEMA}: its schema is {value.get('schema')!r}")
        return codec.decode(Result, value, "result")
    except (codec.CodecError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no result of gatekeeper: {error}") from None
