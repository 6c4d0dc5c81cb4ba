"""Policy -> `Plan`: which checks run at this stage, and which are skipped and why."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from gatekeeper import selection
from gatekeeper.config.policy import CheckPolicy, GatePolicy, Policy
from gatekeeper.errors import UsageError, suggest
from gatekeeper.model import STAGES, Stage
from gatekeeper.result import UNNAMED, Plan, PlannedCheck


def plan(
    policy: Policy,
    *,
    stage: Stage,
    gates: Sequence[str] = (),
    only: Sequence[str] = (),
    files: Sequence[str] | None = None,
    gone: Sequence[str] = (),
    jobs: int | None = None,
    durations: Mapping[str, float] | None = None,
) -> Plan:
    """Plan a run of the named gates (all if none is named) at a stage.

    `only` are checks: these run, and no others. Who names a check means it, so it runs before its
    stage too. `files` narrows the run to a change, None selects everything; `gone` are files that
    the change took away. `durations` are the seconds that checks last took. Raises UsageError for
    a gate or check that does not exist, and for a named check that cannot run.
    """
    chosen = _chosen(policy, gates)
    named = {name: _named(policy, name, gates) for name in only}
    planned = [
        _planned(
            policy.checks[name],
            _held(policy.checks[name], stage, named),
            files,
            gone,
            durations or {},
        )
        for gate in chosen
        for name in gate.checks
    ]
    return Plan(
        stage=stage,
        gates=tuple(gate.id for gate in chosen),
        checks=tuple(planned),
        jobs=jobs or cores(),
        whole=not gates and not named,
        files=None if files is None else tuple(sorted(files)),
        only=tuple(named),
    )


def _chosen(policy: Policy, names: Sequence[str]) -> list[GatePolicy]:
    known = [gate.id for gate in policy.gates]
    for name in names:
        if name not in known:
            raise UsageError(f"unknown gate `{name}`; {suggest(name, known)}")
    return [gate for gate in policy.gates if not names or gate.id in names]


def _named(policy: Policy, name: str, gates: Sequence[str]) -> CheckPolicy:
    """The check of a name; UsageError where it cannot run."""
    check = policy.checks.get(name)
    if check is None:
        raise UsageError(f"unknown check `{name}`; {suggest(name, policy.checks)}")
    if gates and check.gate not in gates:
        raise UsageError(f"the check `{name}` is one of the gate {check.gate}; name that gate too")
    if not check.enabled:
        raise UsageError(f"the check `{name}` is disabled: {check.reason}; enable it first")
    return check


def cores() -> int:
    """The processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _held(check: CheckPolicy, stage: Stage, named: Collection[str]) -> str:
    """Why a check does not run whatever has changed, "" where it may."""
    if not check.enabled:
        return f"disabled: {check.reason}"
    if named:
        return "" if check.id in named else UNNAMED
    late = STAGES.index(check.stage) > STAGES.index(stage)
    return f"open until {check.stage}" if late else ""


def _planned(
    check: CheckPolicy,
    reason: str,
    files: Sequence[str] | None,
    gone: Sequence[str],
    durations: Mapping[str, float],
) -> PlannedCheck:
    narrowed = files is not None and _narrows(check, files, gone)
    if not reason and narrowed and not selection.matching(check.files, files or ()):
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


def _narrows(check: CheckPolicy, files: Sequence[str], gone: Sequence[str]) -> bool:
    """Whether a change bounds what a check looks at.

    Its own configuration does not, changed or gone. Nor does a change that only takes away files
    of its kind: none of them is left to look at, and what needs them lies elsewhere.
    """
    if not check.files or selection.matching(check.config, (*files, *gone)):
        return False
    return bool(selection.matching(check.files, files)) or not selection.matching(check.files, gone)
