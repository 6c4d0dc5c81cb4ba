"""The verdict of a run: `judge` is pure, and knows neither files nor git nor the environment.

What the design leaves open is decided so that nothing turns green unmeasured:

* A requirement is judged over the checks that run now; those that are skipped, disabled or of a
  later stage do not make it due. Where none runs it is open until the stage of the first that
  will; where none will, it is shown as skipped, and at stage deploy it is an error.
* A total that a tool states without findings is added to the findings of the gate's other checks.
* A requirement relative to a reference holds for each check, because references belong to checks;
  so does any requirement for an advisory or a waived check, apart from the others.
* What a waiver of a requirement or a check covers passes, and names the waiver. An error, and an
  entry of the baseline that is gone, cannot be waived.
* Only a run of everything approves: every gate, every file, no part of the checks left out.
* A run of named checks judges these, also those of a later stage. The others are skipped, and so is
  what only they answer, also at stage deploy: such a run approves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gatekeeper.conditions import Condition, bounds, evaluate, show
from gatekeeper.config.policy import CheckPolicy, Expectation, GatePolicy, Policy, Waiver
from gatekeeper.exceptions import Exceptions, References, choose
from gatekeeper.judge.delivery import Delivery, combine, deliver, impossible
from gatekeeper.model import RANK, STAGES, Metric, Observation, Stage, Verdict, is_count, worst
from gatekeeper.result import (
    CheckVerdict,
    GateVerdict,
    Judgement,
    OpenRequirement,
    Plan,
    RunVerdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class _Bench:
    """What is needed to judge besides the deliveries."""

    plan: Plan
    waivers: tuple[Waiver, ...]
    references: References
    today: date


def judge(
    policy: Policy,
    plan: Plan,
    observations: Sequence[Observation],
    exceptions: Exceptions,
    references: References,
    now: datetime,
) -> RunVerdict:
    """Judge what was observed of the planned gates; `now` is aware of its time zone."""
    bench = _Bench(plan, exceptions.waivers, references, now.astimezone(UTC).date())
    planned = {entry.check: entry for entry in plan.checks}
    seen: defaultdict[str, list[Observation]] = defaultdict(list)
    for observation in observations:
        seen[observation.check].append(observation)
    deliveries = {
        gate: [
            deliver(check, plan, planned.get(check.id), seen[check.id], exceptions, bench.today)
            for check in checks
        ]
        for gate, checks in _members(policy).items()
        if gate in plan.gates
    }
    gates = {gate.id: gate for gate in policy.gates}
    verdicts = tuple(_judge_gate(gates[gate], deliveries[gate], bench) for gate in plan.gates)
    return _judge_run(plan, verdicts, deliveries)


def _members(policy: Policy) -> Mapping[str, Sequence[CheckPolicy]]:
    """The checks of each gate: those it lists, then the registered ones that name it."""
    members = {gate.id: dict.fromkeys(gate.checks) for gate in policy.gates}
    for check in policy.checks.values():
        members[check.gate][check.id] = None
    return {gate: [policy.checks[check] for check in checks] for gate, checks in members.items()}


# ------------------------------------------------------------------------------------ conditions


def _weigh(rule: Expectation, measured: Metric, waived: int, reference: Metric | None) -> Judgement:
    """One expectation or requirement against one value."""
    if reference and (problem := impossible(reference)):
        return _not_weighed(rule, f"the reference is impossible: {problem}", "mend it")
    against = reference.value if reference else None
    verdict = _level(rule, measured, against)
    if verdict is None:
        return _not_weighed(rule, f"there is no reference for {rule.metric}", "write one")
    return Judgement(
        rule.metric,
        _text(rule.warn if verdict == "fail" and rule.warn else rule.accept),
        verdict,
        rule.position,
        measured,
        against,
        waived,
        text=_shown(rule, measured, against),
    )


def _level(rule: Expectation, measured: Metric, against: Decimal | None) -> Verdict | None:
    """The best level whose conditions all hold; None where a reference is needed and missing."""
    levels: tuple[tuple[Verdict, Sequence[Condition]], ...] = (
        ("pass", rule.accept),
        ("warn", rule.warn),
    )
    for level, conditions in levels:
        outcomes = [evaluate(condition, measured.value, against) for condition in conditions]
        if None in outcomes:
            return None
        if outcomes and all(outcomes):
            return level
    return "fail"


def _not_weighed(rule: Expectation, message: str, remedy: str) -> Judgement:
    """A relative condition without a sound reference."""
    where = f"{remedy} in gates/baseline.yaml under `metrics:`, or name a result with --baseline"
    return _error(rule, message, where)


def _error(rule: Expectation, message: str, remedy: str = "", check: str = "") -> Judgement:
    return Judgement(
        rule.metric,
        _text(rule.accept),
        "error",
        rule.position,
        check=check,
        message=message,
        remedy=remedy,
    )


def _relative(rule: Expectation) -> bool:
    return any(condition.relative for condition in (*rule.accept, *rule.warn))


def _text(conditions: Iterable[Condition]) -> str:
    return " and ".join(condition.text for condition in conditions)


def _shown(rule: Expectation, measured: Metric, against: Decimal | None) -> str:
    """The value with the digits that tell it from every bound, and what it is relative to."""
    conditions = (*rule.accept, *rule.warn)
    limits = [limit for condition in conditions for limit in bounds(condition, against)]
    text = show(measured.value, measured.unit, limits)
    if against is None:
        return text
    return f"{text} (reference {show(against, measured.unit, [measured.value])})"


# ---------------------------------------------------------------------------------------- checks


def _judge_check(gate: GatePolicy, delivery: Delivery, bench: _Bench) -> CheckVerdict:
    check, base = delivery.check, _unjudged(delivery)
    rules, judged_by_gate = _expectations(gate, check)
    if not delivery.ran:
        return base
    if delivery.state == "failed":
        return replace(base, verdict="error")
    if not rules and not judged_by_gate:
        remedy = "give it an `expect:`, or the gate a requirement on what it measures"
        return replace(base, verdict="error", reason="nothing judges it", remedy=remedy)
    waiver, lapsed = choose(_of_check(bench, check), bench.today)
    judgements = tuple(_excuse(_expect(rule, delivery, bench), waiver, lapsed) for rule in rules)
    verdict = worst(["pass", *(judgement.verdict for judgement in judgements)])
    reasons, remedy = list(delivery.parted.lapsed), ""
    if delivery.gone:
        verdict = worst([verdict, "fail"])
        reasons.append(f"the baseline names what is gone: {', '.join(delivery.gone)}")
        remedy = "remove it from gates/baseline.yaml: a ratchet only tightens"
    reason = "; ".join(reasons)
    return replace(base, verdict=verdict, reason=reason, remedy=remedy, expectations=judgements)


def _unjudged(delivery: Delivery) -> CheckVerdict:
    check = delivery.check
    return CheckVerdict(
        check.id,
        check.title,
        "skipped",
        delivery.reason,
        delivery.remedy,
        check.advisory,
        findings=delivery.parted.counted,
        excused=delivery.parted.excused,
        position=check.position,
        fix=check.fix,
        opens=check.stage if delivery.state == "open" else None,
        origin=tuple(origin.item for origin in check.origin),
    )


def _expectations(gate: GatePolicy, check: CheckPolicy) -> tuple[Sequence[Expectation], bool]:
    """What the check itself must hold, and whether the gate's requirements look at it."""
    required = {rule.metric for rule in gate.requirements if _asked(check, rule.metric)}
    kept = [
        rule
        for rule in check.expect
        if not rule.inherited or check.registered or rule.metric not in required
    ]
    return kept, bool(required)


def _asked(check: CheckPolicy, metric: str) -> bool:
    """Whether a requirement on the metric looks at the check."""
    return metric in check.measures and (metric in check.asked or not check.registered)


def _of_check(bench: _Bench, check: CheckPolicy) -> Iterable[Waiver]:
    return (waiver for waiver in bench.waivers if waiver.check == check.id)


def _expect(rule: Expectation, delivery: Delivery, bench: _Bench) -> Judgement:
    """An expectation against what its check delivered."""
    check = delivery.check
    if rule.metric not in check.measures:
        message = f"{rule.metric} is expected and not declared"
        return _error(rule, message, "add it to `measures:`", check.id)
    return replace(_weigh_over(rule, [delivery], bench), check=check.id)


def _weigh_over(rule: Expectation, deliveries: Sequence[Delivery], bench: _Bench) -> Judgement:
    """A rule against what several checks count together, or what a single check states."""
    first, *others = deliveries
    known = {} if others or not _relative(rule) else bench.references.get(first.check.id, {})
    reference = known.get(rule.metric)
    if is_count(rule.metric):
        return _weigh(rule, *combine(rule.metric, deliveries), reference)
    return _weigh(rule, first.metrics[rule.metric], 0, reference)


def _excuse(judgement: Judgement, waiver: Waiver | None, lapsed: Sequence[str]) -> Judgement:
    """Apply a waiver to what was measured and not met; say why one that is meant does not apply."""
    if judgement.verdict not in ("warn", "fail"):
        return judgement
    if waiver is None:
        return replace(judgement, message="; ".join(filter(None, (judgement.message, *lapsed))))
    message = f"waived until {waiver.expires}: {waiver.reason}"
    return replace(judgement, verdict="pass", waiver=waiver.waiver, message=message)


# ----------------------------------------------------------------------------------------- gates


def _judge_gate(gate: GatePolicy, deliveries: Sequence[Delivery], bench: _Bench) -> GateVerdict:
    checks = tuple(_judge_check(gate, delivery, bench) for delivery in deliveries)
    required, waiting = _judge_requirements(gate, deliveries, bench)
    verdicts = [_upward(check.verdict, advisory=check.advisory) for check in checks]
    verdict = worst([*(judgement.verdict for judgement in required), *verdicts])
    reason = ""
    if verdict == "skipped":
        reason = "; ".join(dict.fromkeys(check.reason for check in checks))
        if bench.plan.stage == "deploy" and any(each.state != "unnamed" for each in deliveries):
            verdict = _upward("error", advisory=gate.advisory)
            reason = f"nothing of this gate was measured before a deployment: {reason}"
    return GateVerdict(
        gate.id,
        gate.title,
        verdict,
        reason,
        gate.advisory,
        required,
        checks,
        waiting,
        gate.position,
    )


def _judge_requirements(
    gate: GatePolicy, deliveries: Sequence[Delivery], bench: _Bench
) -> tuple[tuple[Judgement, ...], tuple[OpenRequirement, ...]]:
    """The requirements that are due, and those that a later stage opens."""
    required: list[Judgement] = []
    waiting: list[OpenRequirement] = []
    for rule in gate.requirements:
        asked = [delivery for delivery in deliveries if _asked(delivery.check, rule.metric)]
        due = [delivery for delivery in asked if delivery.ran]
        if due:
            required += _require(gate, rule, due, bench)
        elif stage := _opens(asked):
            waiting.append(OpenRequirement(rule.metric, stage))
        else:
            required.append(_unanswered(rule, asked, bench.plan))
    return tuple(required), tuple(waiting)


def _upward(verdict: Verdict, *, advisory: bool) -> Verdict:
    """How a verdict counts one floor up."""
    return "warn" if advisory and RANK[verdict] > RANK["warn"] else verdict


def _opens(deliveries: Iterable[Delivery]) -> Stage | None:
    """The stage at which the first of the checks runs that does not run yet."""
    stages = [delivery.check.stage for delivery in deliveries if delivery.state == "open"]
    return min(stages, key=STAGES.index, default=None)


def _unanswered(rule: Expectation, asked: Sequence[Delivery], plan: Plan) -> Judgement:
    """A requirement that no check answers now, nor at a later stage."""
    checks = ", ".join(f"{delivery.check.id} ({delivery.reason})" for delivery in asked)
    message = f"not measured: {checks or 'no check of this gate measures it'}"
    judgement = _error(rule, message, "let a check measure it, or take the requirement away")
    unnamed = any(delivery.state == "unnamed" for delivery in asked)
    if unnamed or (plan.stage != "deploy" and asked):
        return replace(judgement, verdict="skipped", remedy="")
    advisory = bool(asked) and all(delivery.check.advisory for delivery in asked)
    return replace(judgement, verdict=_upward("error", advisory=advisory))


def _alone(rule: Expectation, check: CheckPolicy) -> bool:
    """Whether a requirement is judged for a check apart from the gate's others."""
    return _relative(rule) or not is_count(rule.metric) or check.advisory


def _require(
    gate: GatePolicy, rule: Expectation, due: Sequence[Delivery], bench: _Bench
) -> Iterable[Judgement]:
    """A due requirement: once over the counts of its checks, or for each check that measures it."""
    name = f"{gate.id}/{rule.metric}"
    named = [waiver for waiver in bench.waivers if waiver.requirement == name]
    waiver, lapsed = choose(named, bench.today)
    together: list[Delivery] = []
    expired = lapsed
    for delivery in due:
        check = delivery.check
        own, own_lapsed = choose(_of_check(bench, check), bench.today)
        if delivery.state == "failed":
            message = f"{rule.metric} is due and {check.id} did not deliver it: the check says why"
            judgement = _error(rule, message, check=check.id)
        elif _alone(rule, check) or own:
            judgement = replace(_weigh_over(rule, [delivery], bench), check=check.id)
        else:
            together.append(delivery)
            expired += own_lapsed
            continue
        judgement = _excuse(_excuse(judgement, own, own_lapsed), waiver, lapsed)
        yield replace(judgement, verdict=_upward(judgement.verdict, advisory=check.advisory))
    if together:
        yield _excuse(_weigh_over(rule, together, bench), waiver, expired)


# ------------------------------------------------------------------------------------------ runs


def _judge_run(
    plan: Plan, gates: tuple[GateVerdict, ...], deliveries: Mapping[str, Sequence[Delivery]]
) -> RunVerdict:
    verdict = worst(_upward(gate.verdict, advisory=gate.advisory) for gate in gates)
    if not any(deliveries.values()):
        return RunVerdict(
            "error", gates, reason="no check was selected: name a gate that has checks"
        )
    if verdict == "skipped":
        return _idle_run(plan, gates, deliveries)
    if plan.stage != "deploy" or RANK[verdict] > RANK["warn"]:
        return RunVerdict(verdict, gates)
    if plan.whole and plan.files is None and plan.part is None:
        return RunVerdict(verdict, gates, approved=True)
    reason = "only a run of every gate over every file approves a deployment, no check left out"
    return RunVerdict(verdict, gates, reason=reason)


def _idle_run(
    plan: Plan, gates: tuple[GateVerdict, ...], deliveries: Mapping[str, Sequence[Delivery]]
) -> RunVerdict:
    """A run in which no check ran."""
    states = {delivery.state for each in deliveries.values() for delivery in each}
    if "skipped" in states:
        reason = "nothing was measured: the change holds no file that a check due now examines"
        return RunVerdict("pass", gates, reason=reason)
    opening = {gate: stage for gate, each in deliveries.items() if (stage := _opens(each))}
    if not opening:
        reason = "nothing was measured: every check is disabled; enable one"
        return RunVerdict("error", gates, reason=reason)
    later = ", ".join(f"{gate} opens at {stage}" for gate, stage in opening.items())
    first = min(opening.values(), key=STAGES.index)
    reason = f"nothing is due at stage {plan.stage}: {later}; run with --stage {first}"
    return RunVerdict("error", gates, nothing_due=True, reason=reason)
