"""What a check delivers to its judgement: sound metrics and the findings that count. Pure.

Here "not measured is not passed" is kept: whatever is missing, impossible or contradictory makes
the check's delivery a failure, with a reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from gatekeeper.conditions import show
from gatekeeper.config.policy import CheckPolicy
from gatekeeper.exceptions import Exceptions, Sorted, gone, sort
from gatekeeper.metrics import Definition, define
from gatekeeper.model import (
    STAGES,
    Failure,
    Finding,
    Measurement,
    Metric,
    Observation,
    accounts_for,
    count,
    counted_in,
    is_count,
)
from gatekeeper.result import UNNAMED

if TYPE_CHECKING:
    from datetime import date

    from gatekeeper.result import Plan, PlannedCheck

# Metric -> how often each fingerprint counts in it.
Tally = Mapping[str, Counter[str]]
_LEFT_OUT = "the plan leaves it out, although its stage is reached and no change narrows the run"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a check of the policy in this run.

    `open`: its stage is not reached; `disabled`: by the policy; `skipped`: the change holds no file
    of its kind; `unnamed`: the run is one of other checks. `metrics` are those that the tool
    states, totals of findings only where it returned none of them; `counts` and `waived` tally the
    findings that count and those that do not.
    """

    check: CheckPolicy
    state: Literal["measured", "failed", "skipped", "disabled", "open", "unnamed"]
    reason: str = ""
    remedy: str = ""
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    parted: Sorted = field(default_factory=Sorted)
    counts: Tally = field(default_factory=dict)
    waived: Tally = field(default_factory=dict)
    gone: Sequence[str] = ()

    @property
    def ran(self) -> bool:
        """Whether the check was due, and so owes what it declares."""
        return self.state in ("measured", "failed")


def reached(check: CheckPolicy, plan: Plan) -> bool:
    """Whether the check runs: where checks are named it is one of them, else its stage is reached.

    Stages are cumulative.
    """
    if plan.only:
        return check.id in plan.only
    return STAGES.index(check.stage) <= STAGES.index(plan.stage)


def deliver(
    check: CheckPolicy,
    plan: Plan,
    planned: PlannedCheck | None,
    observations: Sequence[Observation],
    exceptions: Exceptions,
    today: date,
) -> Delivery:
    """What a check delivers; `planned` and `observations` are the check's own."""
    if planned is None or planned.action == "skip":
        return _idle(check, plan, planned)
    measurement, failure = _measured(check, observations)
    failure = failure or next(_defects(check, measurement), None)
    files = plan.files if planned.narrowed else None
    if failure:
        found = Sorted(measurement.findings)
        return Delivery(check, "failed", failure.reason, failure.remedy, parted=found)
    return _accept(check, files, measurement, exceptions, today)


def _idle(check: CheckPolicy, plan: Plan, planned: PlannedCheck | None) -> Delivery:
    """A check that does not run, for one of the four reasons that there are."""
    reason = planned.reason if planned else ""
    if not check.enabled:
        return Delivery(check, "disabled", reason or f"disabled: {check.reason}")
    if not reached(check, plan):
        return _unreached(check, plan, reason)
    if planned and planned.narrowed:
        return Delivery(check, "skipped", reason or "the change holds no file of its kind")
    return Delivery(check, "failed", _LEFT_OUT, "run the gates anew")


def _unreached(check: CheckPolicy, plan: Plan, reason: str) -> Delivery:
    if plan.only:
        return Delivery(check, "unnamed", UNNAMED)
    return Delivery(check, "open", reason or f"runs from stage {check.stage} on")


def _measured(
    check: CheckPolicy, observations: Sequence[Observation]
) -> tuple[Measurement, Failure | None]:
    """The one measurement of a check, or why there is none."""
    nothing = Measurement()
    if not observations:
        return nothing, Failure("it was planned and never observed", "run the gates anew")
    if len(observations) > 1:
        return nothing, Failure(f"it was observed {len(observations)} times", "run the gates anew")
    seen = observations[0]
    if seen.failure or seen.measurement is None:
        return nothing, seen.failure or Failure("neither a measurement nor a failure was recorded")
    if seen.digest != check.digest:
        return nothing, Failure("what was observed is another version of it", "run the gates anew")
    return seen.measurement, None


def _defects(check: CheckPolicy, measurement: Measurement) -> Iterator[Failure]:
    """What makes a measurement unfit to be judged."""
    # `idle` patterns prove on their own that something was examined, if no work contradicts them.
    work = measurement.work
    if not any(amount > 0 for amount in work.values()) and (work or not check.idle):
        yield Failure(
            "nothing proves that anything was examined",
            "look at the files it selects, and at its report",
        )
    problems = [problem for metric in measurement.metrics if (problem := impossible(metric))]
    for problem in problems:
        yield Failure(problem, "look at the tool's report")
    yield from _undelivered(check, Counter(metric.name for metric in measurement.metrics))
    yield from _uncounted(check, measurement)
    yield from _incomplete(measurement)


def _undelivered(check: CheckPolicy, names: Counter[str]) -> Iterator[Failure]:
    """Metrics that were measured twice, or not at all."""
    for name, times in names.items():
        if times > 1:
            yield Failure(f"{name} was measured {times} times", "let one report deliver it")
    for name in check.measures:
        if name not in names and not is_count(name):
            yield Failure(
                f"{name} is declared and was not delivered",
                "make the tool report it, or take it out of `measures:`",
            )


def _uncounted(check: CheckPolicy, measurement: Measurement) -> Iterator[Failure]:
    """Findings that no declared metric takes note of."""
    for category in dict.fromkeys(finding.category for finding in measurement.findings):
        if not accounts_for(category, check.measures):
            missing = _counted_in(measurement.findings, category)
            yield Failure(
                f"it found a problem of category {category}, which none of its metrics counts",
                f"add {' or '.join(missing) or f'a metric of {category}'} to its `measures:`",
            )


def _incomplete(measurement: Measurement) -> Iterator[Failure]:
    """Totals that exceed the findings which were returned."""
    stated = [metric for metric in measurement.metrics if is_count(metric.name)]
    counts = count(measurement.findings) if stated else Counter[str]()
    for metric in stated:
        found = counts[metric.name]
        if metric.value > found > 0:
            yield Failure(
                f"the tool states {metric.name} {metric.value:f} and returned {found} of them",
                "make the report complete",
            )


def _counted_in(findings: Iterable[Finding], category: str) -> Sequence[str]:
    names = [name for f in findings if f.category == category for name in counted_in(f)]
    return [name for name in dict.fromkeys(names) if define(name)]


def impossible(metric: Metric) -> str:
    """Why a metric cannot be true, "" where it can."""
    definition = define(metric.name)
    if definition is None:
        return f"there is no metric {metric.name}"
    if not metric.value.is_finite():
        return f"{metric.name} is {metric.value}, which is no number"
    if metric.unit != definition.unit:
        units = [unit or "plain numbers" for unit in (metric.unit, definition.unit)]
        return f"{metric.name} is given in {units[0]}, not in {units[1]}"
    if _outside(metric.value, definition):
        return f"{metric.name} is {show(metric.value, metric.unit)}, which cannot be"
    unproven = metric.samples is not None and metric.samples < 1
    return f"{metric.name} rests on no sample: nothing was there to measure" if unproven else ""


def _outside(value: Decimal, definition: Definition) -> bool:
    below = definition.low is not None and value < definition.low
    return below or (definition.high is not None and value > definition.high)


def _accept(
    check: CheckPolicy,
    files: Sequence[str] | None,
    measurement: Measurement,
    exceptions: Exceptions,
    today: date,
) -> Delivery:
    """The delivery of a sound measurement; `files` are those it looked at, None for all."""
    parted = sort(measurement.findings, check.id, exceptions, today)
    returned = tally(measurement.findings, check.id)
    return Delivery(
        check,
        "measured",
        metrics={m.name: m for m in measurement.metrics if m.name not in returned},
        parted=parted,
        counts=tally(parted.counted, check.id) if parted.excused else returned,
        waived=tally((excused.finding for excused in parted.excused), check.id),
        gone=gone(check.id, measurement.findings, exceptions, files),
    )


def tally(findings: Iterable[Finding], check: str) -> Tally:
    """`model.count`, with the fingerprints kept, so that several checks' findings can be joined."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, finding in enumerate(findings):
        for name in counted_in(finding):
            counts[name][finding.fingerprint or f"{check}#{number}"] += 1
    return dict(counts)


def combine(metric: str, deliveries: Sequence[Delivery]) -> tuple[Metric, int]:
    """A count over several checks without duplicates, and how many findings are left out of it."""
    counted, waived = Counter[str](), Counter[str]()
    for delivery in deliveries:
        counted |= delivery.counts.get(metric, Counter())
        waived |= delivery.waived.get(metric, Counter())
    stated = [each.metrics[metric].value for each in deliveries if metric in each.metrics]
    return Metric(metric, sum(stated, Decimal(counted.total()))), waived.total()
