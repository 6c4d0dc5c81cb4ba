"""gatekeeper run: the main job."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from gatekeeper import __version__, checkout
from gatekeeper.cli import say
from gatekeeper.cli.reporting import ReportTarget, progress, show
from gatekeeper.cli.signals import stop_when_told
from gatekeeper.config.load import load
from gatekeeper.errors import Exit
from gatekeeper.exceptions import measured
from gatekeeper.history import records
from gatekeeper.judge import judge
from gatekeeper.model import STAGES, Stage
from gatekeeper.plan import plan
from gatekeeper.resolve import exceptions, references, resolve
from gatekeeper.result import SCHEMA, Result, Subject
from gatekeeper.run import run

_EXITS: Mapping[str, Exit] = {
    "pass": Exit.PASSED,
    "warn": Exit.PASSED,
    "skipped": Exit.PASSED,
    "fail": Exit.FAILED,
    "error": Exit.NOT_MEASURED,
}


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
    began = datetime.now(UTC)
    stage = stage or ("ci" if os.environ.get("CI") else "push")
    place = checkout.find(Path.cwd(), service)
    change = checkout.changed_since(place, changed_since)
    if stage == "deploy":
        checkout.committed(place, "stage deploy")
    documents = load(place.config)
    policy = resolve(documents)
    planned = plan(
        policy,
        stage=stage,
        gates=gates,
        files=change.files,
        jobs=jobs,
        durations=records.known_durations(place.state),
    )
    earlier = measured(records.read(baseline)) if baseline else {}
    name = f"{began:%Y%m%dT%H%M%S.%f}Z"
    warnings = records.prepare(place.state)
    stop_when_told()
    seen = run(
        policy,
        planned,
        place,
        now=began,
        kept=place.state / "runs" / name,
        caller=dict(os.environ),
        base=change.base,
        ended=progress,
    )
    known = {**references(documents), **earlier}
    verdict = judge(policy, planned, seen.observations, exceptions(documents), known, began)
    result = Result(
        schema=SCHEMA,
        engine=__version__,
        subject=_subject(place, service, version, change),
        policy=policy.digest,
        started=began.isoformat(),
        finished=datetime.now(UTC).isoformat(),
        stage=stage,
        plan=planned,
        observations=seen.observations,
        verdict=verdict,
        warnings=(*warnings, *seen.warnings),
        interrupted=bool(seen.interrupted),
    )
    if warning := records.save(place.state, name, result):
        say(f"warning: {warning}")
    show(result, targets)
    return seen.interrupted or _EXITS[verdict.verdict]


def _subject(
    place: checkout.Checkout,
    service: str | None,
    version: str | None,
    change: checkout.Change,
) -> Subject:
    repository = place.repository
    return Subject(
        service=service,
        version=version,
        commit=repository.commit if repository else None,
        tree=repository.tree if repository else None,
        dirty=bool(place.snapshot.changed),
        base=change.base,
    )
