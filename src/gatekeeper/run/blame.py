"""Which checks changed tracked files: they measured something else than what is judged."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gatekeeper.adapters import git
from gatekeeper.checkout import Checkout
from gatekeeper.config.policy import Policy
from gatekeeper.errors import NotMeasured
from gatekeeper.model import Failure, Observation

# A file's times lag behind the clock by up to a tick of the kernel.
_TICK = 0.02
_NAMED = 5


def blame(
    checkout: Checkout, policy: Policy, observations: Sequence[Observation], clock: float
) -> tuple[Observation, ...]:
    """Turn the checks that changed tracked files into errors; `clock` is when the run began."""
    ran = [observation for observation in observations if observation.argv]
    if checkout.repository is None or not ran:
        return tuple(observations)
    failures: dict[str, Failure] = {}
    try:
        changed = git.altered(checkout.repository, checkout.snapshot)
    except NotMeasured as broken:  # by a check: before them git could be asked
        failure = Failure(f"what it changed cannot be told: {broken.reason}", broken.remedy)
        failures = {observation.check: observation.failure or failure for observation in ran}
    else:
        failures = _failures(checkout.top, changed, ran, clock, _binding(policy))
    return tuple(_refuted(observation, failures) for observation in observations)


def _refuted(observation: Observation, failures: Mapping[str, Failure]) -> Observation:
    if observation.check not in failures:
        return observation
    return replace(observation, measurement=None, failure=failures[observation.check])


def _failures(
    top: Path,
    changed: Sequence[str],
    ran: Sequence[Observation],
    clock: float,
    binding: Collection[str],
) -> dict[str, Failure]:
    blamed: dict[str, list[str]] = {}
    for path in changed:
        for observation in _guilty(top / path, ran, clock, binding):
            blamed.setdefault(observation.check, []).append(path)
    return {check: _changed(paths) for check, paths in blamed.items()}


def _binding(policy: Policy) -> frozenset[str]:
    """The checks that can block."""
    names = (name for gate in policy.gates if not gate.advisory for name in gate.checks)
    return frozenset(name for name in names if not policy.checks[name].advisory)


def _guilty(
    path: Path, ran: Sequence[Observation], clock: float, binding: Collection[str]
) -> Sequence[Observation]:
    """The checks that ran a command when the file last changed.

    One that ended before may have changed it too. Where none of the others can block, it is to
    blame as well: a later check must not hide it.
    """
    try:
        moment = os.lstat(path).st_ctime - clock
    except OSError:
        moment = math.inf
    begun = [seen for seen in ran if seen.started - _TICK <= moment]
    during = [seen for seen in begun if moment <= seen.started + seen.wall + _TICK]
    if any(seen.check in binding for seen in during):
        return during
    return begun or ran


def _changed(paths: Sequence[str]) -> Failure:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return Failure(
        f"tracked files changed while it ran: {', '.join(paths[:_NAMED])}{more}",
        "let the command only report (no --fix), or take what it writes out of git; see `git diff`",
    )
