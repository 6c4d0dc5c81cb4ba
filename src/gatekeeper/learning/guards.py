"""A check with an origin as a guard: whether it can block, and whether it is proven. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from gatekeeper import conditions, metrics
from gatekeeper.config.policy import CheckPolicy, Expectation, GatePolicy, Policy
from gatekeeper.errors import NotMeasured
from gatekeeper.learning import proofs
from gatekeeper.learning.faults import fault
from gatekeeper.learning.tree import Tree
from gatekeeper.model import Finding, Position, Stage

ProofState = Literal["proven", "stale", "none"]


@dataclass(frozen=True, slots=True)
class Proven:
    """Whether a check's proof stands; `why` says why it does not, "" where it does."""

    state: ProofState
    why: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """A check, seen from an action item; `weak` are the reasons why it guards nothing, if any."""

    check: str
    gate: str
    stage: Stage
    proof: ProofState
    weak: tuple[str, ...] = ()
    position: Position | None = None


def guards(policy: Policy, tree: Tree, *, proven: bool = False) -> Mapping[str, Guard]:
    """Every check with an origin as a guard, by the check's id.

    `proven`: a guard without a current proof is weak.
    """
    gates = {gate.id: gate for gate in policy.gates}
    chosen = {(gate.id, check) for gate in policy.gates for check in gate.checks}
    found = {}
    for check in policy.checks.values():
        if check.origin:
            proof = standing(check, policy.registry, tree)
            reasons = _reasons(check, gates.get(check.gate), chosen, tree)
            weak = (*reasons, *_unproven(check, proof, asked=proven))
            found[check.id] = Guard(
                check.id, check.gate, check.stage, proof.state, weak, check.position
            )
    return found


def _reasons(
    check: CheckPolicy, gate: GatePolicy | None, chosen: Container[tuple[str, str]], tree: Tree
) -> Iterator[str]:
    """Why a check cannot block, whatever it finds."""
    if not check.enabled:
        yield f"it is disabled: {check.reason}"
    if check.advisory:
        yield "it is advisory"
    if gate is None or (gate.id, check.id) not in chosen:
        yield "no gate selects it"
    else:
        yield from _within(check, gate)
    if check.files and not tree.selects(check.files):
        yield "its `files:` select no file"


def _within(check: CheckPolicy, gate: GatePolicy) -> Iterator[str]:
    if gate.advisory:
        yield f"its gate {gate.id} is advisory"
    if not any(_can_fail(one) for one in _judging(check, gate)):
        yield "its conditions can only warn"


def _judging(check: CheckPolicy, gate: GatePolicy) -> Iterator[Expectation]:
    """What judges a check: its own expectations, and its gate's requirements that ask it."""
    required = {rule.metric for rule in gate.requirements}
    # A requirement takes the place of what a check of the gate's own has inherited.
    own = (
        e for e in check.expect if check.registered or not (e.inherited and e.metric in required)
    )
    yield from own
    yield from (rule for rule in gate.requirements if rule.metric in check.asked)


def _can_fail(rule: Expectation) -> bool:
    metric = metrics.define(rule.metric)
    return not (metric and conditions.never_fails((rule.accept, rule.warn), metric))


def _unproven(check: CheckPolicy, proof: Proven, *, asked: bool) -> Iterator[str]:
    if proof.state == "proven":
        return
    if check.type == "command" and not check.reads:
        yield "its only evidence is an exit code, and it is not proven"
    elif asked:
        yield "it is not proven"


def standing(check: CheckPolicy, registry: str, tree: Tree) -> Proven:
    """Whether the record of a check's proof is there and still fits."""
    place = proofs.place(registry, check.id)
    if place not in tree.names:
        return Proven("none", "it was never proven")
    try:
        record = proofs.parse(tree.content(place), place)
    except NotMeasured as why:
        return Proven("none", why.reason)
    if record.check != check.id:
        return Proven("none", f"{place} is the record of {record.check}")
    if record.check_digest != proofs.check_digest(check):
        return Proven("stale", "the check has changed since it was proven")
    for path, digest in record.files.items():
        if path not in tree.names or tree.digest(path) != digest:
            return Proven("stale", f"{path} has changed since it was proven")
    return Proven("proven")


def unproven(policy: Policy, tree: Tree) -> tuple[Finding, ...]:
    """The enabled guards without a current proof."""
    guarding = (check for check in policy.checks.values() if check.origin and check.enabled)
    standings = ((check, standing(check, policy.registry, tree)) for check in guarding)
    return tuple(
        fault(
            "unproven",
            f"whether {check.id} would have caught its bug is not proven: {proof.why}; "
            f"prove it: gatekeeper prove {check.id}",
            check.position,
            "medium",
        )
        for check, proof in standings
        if proof.state != "proven"
    )
