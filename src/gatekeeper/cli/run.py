"""gatekeeper run: the main job."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gatekeeper import checkout
from gatekeeper.cli.judging import Asked, judged
from gatekeeper.cli.reporting import ReportTarget, progress, show
from gatekeeper.model import STAGES, Stage


@click.command(
    epilog="Example: gatekeeper run security --stage ci --report junit:reports/gates.xml",
)
@click.argument("gates", nargs=-1, metavar="[GATE]...")
@click.option(
    "--stage",
    type=click.Choice(STAGES),
    help="What has to hold by now.  [default: ci where the variable CI is set, else push]",
)
@click.option("--service", metavar="NAME", help="Judge one of the services that the settings name.")
@click.option(
    "--version", "version", metavar="V", help="The version that would be deployed, for the record."
)
@click.option(
    "--changed-since",
    metavar="REF",
    help="Look only at files changed since the merge base with REF.",
)
@click.option(
    "--baseline",
    metavar="RESULT",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A result file whose metrics relative conditions compare with.",
)
@click.option(
    "--report",
    "targets",
    multiple=True,
    type=ReportTarget(),
    metavar="FORMAT[:PATH]",
    help="Also write a report: terminal, json or junit; to standard output, or a file.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Checks at once.  [default: the number of cores]"
)
def command(
    gates: tuple[str, ...],
    stage: Stage | None,
    service: str | None,
    version: str | None,
    changed_since: str | None,
    baseline: Path | None,
    targets: tuple[tuple[str, str], ...],
    jobs: int | None,
) -> int:
    """Run the gates (all, or the named ones) and say whether the change may be deployed."""
    place = checkout.find(Path.cwd(), service)
    change = checkout.changed_since(place, changed_since)
    stage = stage or ("ci" if os.environ.get("CI") else "push")
    asked = Asked(stage, gates, service, version, baseline, jobs)
    result, code = judged(place, change, asked, progress)
    show(result, targets)
    return code
