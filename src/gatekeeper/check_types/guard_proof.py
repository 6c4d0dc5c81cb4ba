"""guard-proof: every guard has been shown to catch its bug.

    checks: [guard-proof]

It measures `guards.unproven`: enabled checks with an origin that `gatekeeper prove` has not shown
to be red on the bug and green on the fix, or whose record, `checks/proofs/CHECK.json`, is stale,
because the check or one of the guard's files has changed since. They must be none, unless a
condition says otherwise; `gatekeeper prove --verify` tells a record that was edited by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.interfaces import CheckContext, CheckType
from gatekeeper.model import Measurement


@dataclass(frozen=True, slots=True)
class Params:
    """What `with:` may hold: `may-skip: [GLOB]` only."""

    may_skip: tuple[str, ...] = ()


def measure(params: Params, ctx: CheckContext) -> Measurement:
    """Look at the record of every guard; the work is the checks whose origin was looked at."""
    from gatekeeper.learning import guards, tree  # noqa: PLC0415  few runs need them

    findings = guards.unproven(ctx.policy, tree.of(ctx))
    return Measurement(findings=findings, work={"items": len(ctx.policy.checks)})


PLUGIN = CheckType(
    api=1,
    measure=measure,
    params=Params,
    always=("guards.unproven",),
    expect={"guards.unproven": "== 0"},
    refuses=("files", "whole", "version", "cwd", "env", "batch"),
)
