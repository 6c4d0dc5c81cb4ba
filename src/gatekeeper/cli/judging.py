"""One run from its configuration to its record: what `run` and the hook before a push share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import __version__
from gatekeeper.checkout import Change, Checkout, committed
from gatekeeper.cli import again, say
from gatekeeper.cli.signals import stop_when_told
from gatekeeper.cli.titles import titles
from gatekeeper.config.load import load
from gatekeeper.errors import Exit
from gatekeeper.exceptions import measured
from gatekeeper.history import records
from gatekeeper.judge import judge
from gatekeeper.model import Stage
from gatekeeper.plan import plan
from gatekeeper.resolve import exceptions, references, resolve
from gatekeeper.result import SCHEMA, Plan, Result, Subject
from gatekeeper.run import Watch, run

if TYPE_CHECKING:
    from gatekeeper.prove.elsewhere import Elsewhere

# Who watches a run, from its plan on.
Watching = Callable[[Plan], AbstractContextManager[Watch]]

_EXITS: Mapping[str, Exit] = {
    "pass": Exit.PASSED,
    "warn": Exit.PASSED,
    "skipped": Exit.PASSED,
    "fail": Exit.FAILED,
    "error": Exit.NOT_MEASURED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked to judge; `baseline` is the record of an earlier one.

    `only` are checks, `failed` asks for those that failed in the last run; without either, all.
    """

    stage: Stage
    gates: tuple[str, ...] = ()
    service: str | None = None
    version: str | None = None
    baseline: Path | None = None
    jobs: int | None = None
    only: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What a run came to, the exit code that says it, and its record: None where none is kept."""

    result: Result
    exit: int
    record: Path | None


def judged(
    place: Checkout,
    change: Change,
    asked: Asked,
    watching: Watching,
    elsewhere: Elsewhere | None = None,
) -> Judged:
    """Judge a checkout and keep the record.

    `watching` opens before the first check and closes after the last. `elsewhere` is the checkout
    of a commit that is not the working copy.
    """
    began = datetime.now(UTC)
    if asked.stage == "deploy":
        committed(place, "stage deploy")
    documents = load(place.config)
    policy = resolve(documents)
    only, gone = (
        again.failed(place.state, asked.service, asked.gates, policy)
        if asked.failed
        else (asked.only, ())
    )
    planned = plan(
        policy,
        stage=asked.stage,
        gates=asked.gates,
        only=only,
        files=change.files,
        gone=change.gone,
        jobs=asked.jobs,
        durations=records.known_durations(place.state),
    )
    earlier = measured(records.read(asked.baseline)) if asked.baseline else {}
    name = f"{began:%Y%m%dT%H%M%S.%f}Z"
    warnings = records.prepare(place.state)
    stop_when_told()
    with watching(planned) as watch:
        seen = run(
            elsewhere.led(policy) if elsewhere else policy,
            planned,
            place,
            now=began,
            kept=place.state / "runs" / name,
            caller=elsewhere.caller if elsewhere else dict(os.environ),
            base=change.base,
            watch=watch,
        )
    if elsewhere:
        seen = replace(seen, observations=elsewhere.sound(seen.observations))
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
        warnings=(*gone, *warnings, *seen.warnings),
        interrupted=bool(seen.interrupted),
        titles=titles(verdict, place, policy.learning),
    )
    record = _kept(place.state, name, result, told=bool(warnings))
    return Judged(result, seen.interrupted or _EXITS[verdict.verdict], record)


def _kept(state: Path, name: str, result: Result, *, told: bool) -> Path | None:
    """The record of a run; None, and a warning if none is `told`, where it cannot be kept."""
    warning = records.save(state, name, result)
    if warning and not told:
        say(f"warning: {warning}")
    return None if warning else state / "runs" / name / "result.json"


def _subject(place: Checkout, asked: Asked, change: Change) -> Subject:
    repository = place.repository
    return Subject(
        service=asked.service,
        version=asked.version,
        commit=repository.commit if repository else None,
        tree=repository.tree if repository else None,
        dirty=bool(place.snapshot.changed),
        base=change.base,
        config=place.prefix if place.config == place.root else "",
    )
