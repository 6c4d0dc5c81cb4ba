"""gatekeeper run: the main job."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click

from gatekeeper import checkout
from gatekeeper.cli import complete
from gatekeeper.cli.judging import Asked, Judged, judged
from gatekeeper.cli.progress import progress
from gatekeeper.cli.reporting import FORMS, ReportTarget, detail_of, detailed, show
from gatekeeper.errors import UsageError
from gatekeeper.model import STAGES


@click.command(
    epilog="Example: gatekeeper run security --stage ci --report junit:reports/gates.xml",
)
@click.argument("gates", nargs=-1, metavar="[GATE]...", shell_complete=complete.gates)
@click.option(
    "--only",
    multiple=True,
    metavar="CHECK",
    shell_complete=complete.checks,
    help="Run this check alone, whatever its stage; may be repeated.",
)
@click.option(
    "--failed", is_flag=True, help="Run what failed, or was not measured, in the last run."
)
@click.option(
    "--stage",
    type=click.Choice(STAGES),
    help="What has to hold by now.  [default: ci where the variable CI is set, else push]",
)
@click.option(
    "--service",
    metavar="NAME",
    shell_complete=complete.services,
    help="Judge one of the services that the settings name.",
)
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
    help=f"Also write a report, to standard output or a file: {FORMS}.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Checks at once.  [default: the number of cores]"
)
@detailed
def command(
    changed_since: str | None,
    targets: tuple[tuple[str, str], ...],
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> int:
    """Run the gates (all, or the named ones) and say whether the change may be deployed.

    With --only or --failed the other checks are skipped: such a run approves no deployment.
    """
    detail = detail_of(quiet=quiet, verbose=verbose)
    options["stage"] = options["stage"] or ("ci" if os.environ.get("CI") else "push")
    asked = Asked(**options)
    if asked.only and asked.failed:
        raise UsageError("--only and --failed exclude each other; leave one of them out")
    place = checkout.find(Path.cwd(), asked.service)
    if "GITHUB_ACTIONS" in os.environ:
        from gatekeeper.cli import untrusted

        untrusted.refuse(place)
    change = checkout.changed_since(place, changed_since)
    outcome = judged(place, change, asked, partial(progress, detail=detail))
    with _runner(outcome, targets):
        show(outcome, targets, detail)
    return outcome.exit


def _runner(outcome: Judged, targets: Sequence[tuple[str, str]]) -> AbstractContextManager[None]:
    """In a step of GitHub Actions, tell its runner of the outcome around the reports."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return nullcontext()
    from gatekeeper.cli import actions

    return actions.step(outcome, targets)
