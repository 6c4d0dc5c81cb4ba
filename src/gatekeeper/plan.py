"""Policy -> `Plan`: which checks run at this stage, and which are skipped and why."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from gatekeeper import selection
from gatekeeper.config.policy import CheckPolicy, GatePolicy, Policy
from gatekeeper.errors import UsageError, suggest
from gatekeeper.model import STAGES, Stage
from gatekeeper.result import Plan, PlannedCheck


def plan(
    policy: Policy,
    *,
    stage: Stage,
    gates: Sequence[str] = (),
    files: Sequence[str] | None = None,
    jobs: int | None = None,
    durations: Mapping[str, float] | None = None,
) -> Plan:
    """Plan a run of the named gates (all if none is named) at a stage.

    `files` narrows the run to a change, None selects everything. `durations` are the seconds that
    checks last took. Raises UsageError for a gate that does not exist.
    """
    chosen = _chosen(policy, gates)
    planned = [
        _planned(policy.checks[name], stage, files, durations or {})
        for gate in chosen
        for name in gate.checks
    ]
    return Plan(
        stage=stage,
        gates=tuple(gate.id for gate in chosen),
        checks=tuple(planned),
        jobs=jobs or cores(),
        whole=not gates,
        files=None if files is None else tuple(sorted(files)),
    )


def _chosen(policy: Policy, names: Sequence[str]) -> list[GatePolicy]:
    known = [gate.id for gate in policy.gates]
    for name in names:
        if name not in known:
            raise UsageError(f"unknown gate `{name}`; {suggest(name, known)}")
    return [gate for gate in policy.gates if not names or gate.id in names]


def cores() -> int:
    """The processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _planned(
    check: CheckPolicy, stage: Stage, files: Sequence[str] | None, durations: Mapping[str, float]
) -> PlannedCheck:
    narrowed = (
        files is not None and bool(check.files) and not selection.matching(check.config, files)
    )
    reason = ""
    if not check.enabled:
        reason = f"disabled: {check.reason}"
    elif STAGES.index(check.stage) > STAGES.index(stage):
        reason = f"open until {check.stage}"
    elif narrowed and not selection.matching(check.files, files or ()):
        reason = "the change holds no file of its kind"
    return PlannedCheck(
        check=check.id,
        gate=check.gate,
        digest=check.digest,
        action="skip" if reason else "run",
        reason=reason,
        expected=durations.get(check.id),
        exclusive=check.exclusive,
        narrowed=narrowed,
    )
