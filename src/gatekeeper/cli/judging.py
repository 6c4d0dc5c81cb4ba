"""One run from its configuration to its record: what `run` and the hook before a push share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper import __version__
from gatekeeper.checkout import Change, Checkout, committed
from gatekeeper.cli import say
from gatekeeper.cli.signals import stop_when_told
from gatekeeper.config.load import load
from gatekeeper.errors import Exit
from gatekeeper.exceptions import measured
from gatekeeper.history import records
from gatekeeper.judge import judge
from gatekeeper.model import Observation, Stage
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked to judge; `baseline` is the record of an earlier one."""

    stage: Stage
    gates: tuple[str, ...] = ()
    service: str | None = None
    version: str | None = None
    baseline: Path | None = None
    jobs: int | None = None


def judged(
    place: Checkout,
    change: Change,
    asked: Asked,
    ended: Callable[[Observation], object],
) -> tuple[Result, int]:
    """Judge a checkout and keep the record; the result and the exit code that says it.

    `ended` hears of each check as it ends.
    """
    began = datetime.now(UTC)
    if asked.stage == "deploy":
        committed(place, "stage deploy")
    documents = load(place.config)
    policy = resolve(documents)
    planned = plan(
        policy,
        stage=asked.stage,
        gates=asked.gates,
        files=change.files,
        jobs=asked.jobs,
        durations=records.known_durations(place.state),
    )
    earlier = measured(records.read(asked.baseline)) if asked.baseline else {}
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
        ended=ended,
    )
    known = {**references(documents), **earlier}
    verdict = judge(policy, planned, seen.observations, exceptions(documents), known, began)
    result = Result(
        schema=SCHEMA,
        engine=__version__,
        subject=_subject(place, asked, change),
        policy=policy.digest,
        started=began.isoformat(),
        finished=datetime.now(UTC).isoformat(),
        stage=asked.stage,
        plan=planned,
        observations=seen.observations,
        verdict=verdict,
        warnings=(*warnings, *seen.warnings),
        interrupted=bool(seen.interrupted),
    )
    if warning := records.save(place.state, name, result):
        say(f"warning: {warning}")
    return result, seen.interrupted or _EXITS[verdict.verdict]


def _subject(place: Checkout, asked: Asked, change: Change) -> Subject:
    repository = place.repository
    return Subject(
        service=asked.service,
        version=asked.version,
        commit=repository.commit if repository else None,
        tree=repository.tree if repository else None,
        dirty=bool(place.snapshot.changed),
        base=change.base,
    )
