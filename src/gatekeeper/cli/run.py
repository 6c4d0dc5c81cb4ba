"""gatekeeper run: the main job."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from gatekeeper import __version__, checkout
from gatekeeper.adapters import git
from gatekeeper.cli import say
from gatekeeper.cli.reporting import ReportTarget, progress, stream, write
from gatekeeper.config.load import load
from gatekeeper.errors import Exit, Interrupted, UsageError
from gatekeeper.exceptions import References
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
    if changed_since or stage == "deploy":
        _need_commit(place, "--changed-since" if changed_since else "stage deploy")
    documents = load(place.config)
    policy = resolve(documents)
    base, files = None, None
    if changed_since and place.repository:
        base, paths = git.changed_since(place.repository, changed_since)
        files = tuple(p.removeprefix(place.prefix) for p in paths if p.startswith(place.prefix))
    planned = plan(
        policy,
        stage=stage,
        gates=gates,
        files=files,
        jobs=jobs,
        durations=records.known_durations(place.state),
    )
    known = {**references(documents), **(_measured(baseline) if baseline else {})}
    name = f"{began:%Y%m%dT%H%M%S.%f}Z"
    warnings = _prepare(place.state)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup stays what it is
            signal.signal(number, _terminate)
    seen = run(
        policy,
        planned,
        place,
        now=began,
        kept=place.state / "runs" / name,
        caller=dict(os.environ),
        ended=progress,
    )
    result = Result(
        schema=SCHEMA,
        engine=__version__,
        subject=Subject(
            service=service,
            version=version,
            commit=place.repository.commit if place.repository else None,
            tree=place.repository.tree if place.repository else None,
            dirty=bool(place.snapshot.changed),
            base=base,
        ),
        policy=policy.digest,
        started=began.isoformat(),
        finished=datetime.now(UTC).isoformat(),
        stage=stage,
        plan=planned,
        observations=seen.observations,
        verdict=judge(policy, planned, seen.observations, exceptions(documents), known, began),
        warnings=(*warnings, *seen.warnings),
        interrupted=bool(seen.interrupted),
    )
    if warning := records.save(place.state, name, result):
        say(f"warning: {warning}")
    for form, path in targets:
        write(result, form, path)
    printed = [form for form, path in targets if not path]
    if "terminal" not in printed:
        stream(sys.stderr if printed else sys.stdout, result, "terminal")
    return seen.interrupted or int(_EXITS[result.verdict.verdict])


def _need_commit(place: checkout.Checkout, what: str) -> None:
    if place.repository is None:
        lacks = "is none: run `git init` and commit"
    elif place.repository.commit is None:
        lacks = "has none yet: commit first"
    else:
        return
    raise UsageError(f"{what} needs a git repository with a commit; {place.top} {lacks}")


def _prepare(state: Path) -> tuple[str, ...]:
    """Make the folder for records; a checkout that may only be read is judged all the same."""
    try:
        checkout.ignore_state(state)
    except OSError as error:
        if error.errno not in records.READ_ONLY:
            raise
        return (
            f"{state} may not be written to ({error.strerror}): no record and no evidence is kept",
        )
    return ()


def _measured(path: Path) -> References:
    """The metrics of a stored result, by check."""
    from gatekeeper.cli.report import stored

    return {
        observation.check: {metric.name: metric for metric in observation.measurement.metrics}
        for observation in stored(path).observations
        if observation.measurement is not None
    }


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the form of a handler
    """SIGTERM, or the end of the terminal, ends the run as Ctrl-C does, with its own exit code."""
    error = Interrupted("terminated")
    error.exit = Exit.TERMINATED
    raise error
