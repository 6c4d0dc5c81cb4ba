"""The rules of the verdict, each a table of cases in a YAML file beside this module.

A case names what is out of the ordinary; the rest is a gate `quality` of stage push, run at stage
push on 2026-11-20, whose checks examined one file and were planned, run and observed.

    case:     a sentence that holds
    today:    a date, or a time with its zone
    stage:    of the run; `files:` narrow it; `only:` name its gates, `named:` its checks;
              `part:` of the run's checks
    gate:     {stage, advisory, requirements: {METRIC: CONDITION}}; or `gates:` by name
    checks:   by name; keys of a check, and
      expect:     conditions of its author; `inherits:` those of its reader, type or tool
      asked:      the metrics for which a registered check answers requirements
      saw:        {METRIC: VALUE}, or {METRIC: [metrics with value, unit, samples]}; the metrics
                  that it saw are what it measures, unless `measures:` says otherwise
      found:      findings: [NUMBER x] CATEGORY SEVERITY RULE [in PATH] [as FINGERPRINT]
      work:       how much it examined
      whole:      it looks at all files although the run is narrowed
      failed:     why it could not measure
      skipped:    the plan leaves it out, and why
      observed:   how often (default: once); `unplanned`, `outdated`, `empty`: something went wrong
    waivers:  keys of a waiver; created and expires a month around today by default
    baseline: {CHECK: {FINGERPRINT: PATH}}
    references: {CHECK: {METRIC: VALUE}}
    expect:   verdicts: {run, gate, gates, checks, requirements}; approved;
              open: {METRIC: STAGE}; opens: {CHECK: STAGE};
              nothing-due; shows: {METRIC: TEXT}; waived: {METRIC: NUMBER};
              counted, excused: {CHECK: [FINGERPRINT]}; says, silent: words that stand, or do not,
              in a reason, message, remedy or waiver's name
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from gatekeeper.codec import decode, encode
from gatekeeper.conditions import Condition, parse
from gatekeeper.config.policy import CheckPolicy, Expectation, GatePolicy, Policy, Waiver
from gatekeeper.exceptions import BaselineEntry, Exceptions, References
from gatekeeper.judge import judge
from gatekeeper.metrics import Definition, define
from gatekeeper.model import (
    Failure,
    Finding,
    Measurement,
    Metric,
    Observation,
    Position,
)
from gatekeeper.result import GateVerdict, Judgement, Plan, PlannedCheck, RunVerdict

TABLES = sorted(Path(__file__).parent.glob("*.yaml"))
CASE = {"case", "today", "stage", "files", "only", "part", "gate", "gates", "checks", "waivers"}
CASE |= {"baseline", "references", "expect", "named"}
GATE = {"stage", "advisory", "requirements"}
CHECK = {"gate", "stage", "measures", "expect", "inherits", "registered", "asked", "advisory"}
CHECK |= {"enabled", "reason", "idle", "saw", "found", "work", "failed", "skipped", "observed"}
CHECK |= {"unplanned", "outdated", "empty", "whole"}
EXPECT = {"run", "gate", "gates", "checks", "requirements", "open", "approved", "nothing-due"}
EXPECT |= {"shows", "waived", "counted", "excused", "says", "silent", "opens"}
FINDING = re.compile(
    r"(?:(?P<times>\d+) x )?(?P<category>\w+) (?P<severity>\w+) (?P<rule>\S+)"
    r"(?: in (?P<path>\S+))?(?: as (?P<fingerprint>\S+))?"
)


def load() -> Iterator[Any]:
    """Every case of every table, named after both."""
    for table in TABLES:
        cases = yaml.safe_load(table.read_text(encoding="utf-8"))
        assert cases, f"{table.name} holds no case"
        for case in cases:
            yield pytest.param(case, id=f"{table.stem}: {case['case']}")


def known(mapping: Mapping[str, Any], keys: set[str]) -> Mapping[str, Any]:
    """The mapping, if it holds no other keys."""
    assert set(mapping) <= keys, f"unknown: {set(mapping) - keys}"
    return mapping


# ------------------------------------------------------------------- a case -> what judge is given


def define_anyway(name: str) -> Definition:
    """A metric's definition; one for names that do not exist, which a tool may still report."""
    return define(name) or Definition(name, "", None, None, "")


def conditions(text: Any, metric: str) -> tuple[Condition, ...]:
    """One condition, or a list of them."""
    texts = text if isinstance(text, list) else [text]
    return tuple(parse(str(one), define_anyway(metric)) for one in texts)


def expectation(metric: str, text: Any, *, inherited: bool = False) -> Expectation:
    """`"< 3"`, `["> 1", "< 3"]` or `{pass: "< 3", warn: "< 5"}`."""
    levels = known(text, {"pass", "warn"}) if isinstance(text, dict) else {"pass": text}
    accept, warn = (conditions(levels.get(level, []), metric) for level in ("pass", "warn"))
    return Expectation(metric, accept, warn, inherited, Position("gates/x.yaml", 1, 1))


def gate(name: str, written: Mapping[str, Any], checks: Sequence[CheckPolicy]) -> GatePolicy:
    """A gate and its checks, of which the registered ones only name it."""
    known(written, GATE)
    return GatePolicy(
        name,
        f"Gate {name}",
        written.get("stage", "push"),
        written.get("advisory", False),
        tuple(expectation(*item) for item in written.get("requirements", {}).items()),
        tuple(check.id for check in checks if check.gate == name and not check.registered),
        Position("gates/x.yaml", 1, 1),
    )


def check(name: str, written: Mapping[str, Any]) -> CheckPolicy:
    """A check as `resolve` would leave it."""
    known(written, CHECK)
    inherited = written.get("inherits", {}).items()
    return CheckPolicy(
        name,
        f"Check {name}",
        written.get("gate", "quality"),
        "command",
        f"digest of {name}",
        stage=written.get("stage", "push"),
        idle=tuple(written.get("idle", ())),
        enabled=written.get("enabled", True),
        reason=written.get("reason", ""),
        advisory=written.get("advisory", False),
        measures=tuple(written.get("measures", written.get("saw", {}))),
        expect=(
            *(expectation(*item) for item in written.get("expect", {}).items()),
            *(expectation(*item, inherited=True) for item in inherited),
        ),
        registered=written.get("registered", False),
        asked=tuple(written.get("asked", ())),
    )


def planned(case: Mapping[str, Any], policy: Policy) -> Plan:
    """The plan: every check of the gates, those of a later stage or the disabled ones skipped."""
    stage, only = case.get("stage", "push"), case.get("only")
    named = tuple(case.get("named", ()))
    gates = tuple(gate.id for gate in policy.gates if only is None or gate.id in only)
    entries = []
    for each in policy.checks.values():
        written = case["checks"][each.id]
        late = ("push", "ci", "deploy").index(each.stage) > ("push", "ci", "deploy").index(stage)
        late = late if not named else each.id not in named
        skip = late or not each.enabled or "skipped" in written
        reason = written.get("skipped", "")
        if each.gate in gates and not written.get("unplanned"):
            action: Literal["run", "skip"] = "skip" if skip else "run"
            entries.append(
                PlannedCheck(
                    each.id,
                    each.gate,
                    each.digest,
                    action,
                    reason,
                    narrowed="files" in case and not written.get("whole"),
                )
            )
    files = tuple(case["files"]) if "files" in case else None
    whole, part = only is None and not named, case.get("part")
    return Plan(stage, gates, tuple(entries), 1, whole, files, part, named)


def observations(written: Mapping[str, Any], policy: CheckPolicy) -> list[Observation]:
    """What was observed of one check."""
    digest = "another digest" if written.get("outdated") else policy.digest
    failure = Failure(written["failed"], "mend it") if "failed" in written else None
    measurement = Measurement(
        tuple(metrics(written.get("saw", {}))),
        tuple(findings(written.get("found", ()))),
        written.get("work", {"files": 1}),
    )
    seen = Observation(
        policy.id, digest, None if failure or written.get("empty") else measurement, failure
    )
    return [seen] * written.get("observed", 1)


def metrics(saw: Mapping[str, Any]) -> Iterator[Metric]:
    """`{METRIC: 5}` in the metric's unit, `{METRIC: [{value: 5, unit: s, samples: 3}]}`."""
    for name, value in saw.items():
        for each in value if isinstance(value, list) else [{"value": value}]:
            known(each, {"value", "unit", "samples"})
            unit = each.get("unit", define_anyway(name).unit)
            yield Metric(name, Decimal(str(each["value"])), unit, each.get("samples"))


def findings(found: Sequence[str]) -> Iterator[Finding]:
    """Findings from their short form; `as none` leaves one without a fingerprint."""
    for text in found:
        match = FINDING.fullmatch(text)
        assert match, f"no finding: {text}"
        rule, path = match["rule"], match["path"]
        own = match["fingerprint"] or (f"{rule}@{path}" if path else rule)
        for number in range(int(match["times"] or 1)):
            name = "" if own == "none" else f"{own}#{number + 1}" if match["times"] else own
            yield Finding(rule, "words", match["severity"], match["category"], path, 1, 1, name)  # type: ignore[arg-type]


def excused(case: Mapping[str, Any]) -> Exceptions:
    """Waivers and baseline of a case."""
    usual = {"reason": "we know", "owner": "me", "created": "2026-11-01", "expires": "2026-12-01"}
    names = {field.name for field in fields(Waiver)}
    waivers = [Waiver(**{**usual, **known(each, names)}) for each in case.get("waivers", ())]
    baseline = {
        check: {name: BaselineEntry("rule", path) for name, path in entries.items()}
        for check, entries in case.get("baseline", {}).items()
    }
    return Exceptions(tuple(waivers), baseline)


def verdict(case: Mapping[str, Any]) -> RunVerdict:
    """Judge a case."""
    known(case, CASE)
    checks = [check(name, written) for name, written in case["checks"].items()]
    written = case["gates"] if "gates" in case else {"quality": case.get("gate", {})}
    gates = tuple(gate(name, each, checks) for name, each in written.items())
    policy = Policy("digest", gates, {each.id: each for each in checks})
    seen = [o for each in checks for o in observations(case["checks"][each.id], each)]
    plan = planned(case, policy)
    ran = {entry.check for entry in plan.checks if entry.action == "run"}
    references: References = {
        name: {metric.name: metric for metric in metrics(values)}
        for name, values in case.get("references", {}).items()
    }
    now = datetime.fromisoformat(str(case.get("today", "2026-11-20")))
    return judge(
        policy,
        plan,
        [observation for observation in seen if observation.check in ran],
        excused(case),
        references,
        now if now.tzinfo else now.replace(tzinfo=UTC),
    )


# ------------------------------------------------------------------ a verdict -> what a case names


def outcome(run: RunVerdict) -> dict[str, Any]:
    """All that a case may expect, by its key."""
    gates, checks = run.gates, [check for gate in run.gates for check in gate.checks]
    required = [judgement for gate in gates for judgement in gate.requirements]
    judged = [*required, *(judgement for check in checks for judgement in check.expectations)]
    return {
        "run": run.verdict,
        "gate": gates[0].verdict if gates else None,
        "gates": {gate.gate: gate.verdict for gate in gates},
        "checks": {check.check: check.verdict for check in checks},
        "requirements": {name(judgement): judgement.verdict for judgement in required},
        "open": {each.metric: each.stage for gate in gates for each in gate.open},
        "opens": {check.check: check.opens for check in checks},
        "approved": run.approved,
        "nothing-due": run.nothing_due,
        "shows": {judgement.metric: judgement.text for judgement in judged},
        "waived": {judgement.metric: judgement.waived for judgement in judged},
        "counted": {check.check: [f.fingerprint for f in check.findings] for check in checks},
        "excused": {
            check.check: [f"{e.finding.fingerprint} by {e.by}" for e in check.excused]
            for check in checks
        },
        "says": words(run, gates, judged),
    }


def name(judgement: Judgement) -> str:
    """`coverage.line`, or `coverage.line of tests` where a single check was asked."""
    return f"{judgement.metric} of {judgement.check}" if judgement.check else judgement.metric


def words(run: RunVerdict, gates: Sequence[GateVerdict], judged: Sequence[Judgement]) -> str:
    """All that a verdict tells a person, in one text."""
    checks = [check for gate in gates for check in gate.checks]
    parts = [run.reason, *(gate.reason for gate in gates)]
    parts += [text for check in checks for text in (check.reason, check.remedy)]
    parts += [text for j in judged for text in (j.condition, j.message, j.remedy, j.waiver)]
    return "\n".join(parts)


def compare(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Each difference between what a case expects and what came out."""
    for key, value in known(wanted, EXPECT).items():
        if key in ("says", "silent"):
            for phrase in value if isinstance(value, list) else [value]:
                if (phrase in found["says"]) != (key == "says"):
                    yield f"{key}: {phrase!r}: {found['says']}"
        elif key in ("checks", "gates", "opens", "shows", "waived", "counted", "excused"):
            got = {name: found[key].get(name) for name in value}
            if got != value:
                yield f"{key}: expected {value}, not {got}"
        elif found[key] != value:
            yield f"{key}: expected {value}, not {found[key]}"


@pytest.mark.parametrize("case", list(load()))
def test_verdict(case: dict[str, Any]) -> None:
    """The verdict of a case is what its table says, and survives JSON."""
    run = verdict(case)
    assert case["expect"], "a case without an expectation shows nothing"
    assert list(compare(case["expect"], outcome(run))) == []
    assert decode(RunVerdict, encode(run)) == run


def test_tables_are_complete() -> None:
    """There are at least 150 cases, and no sentence stands twice in a table."""
    names = [param.id for param in load()]
    assert len(names) >= 150
    assert len(names) == len(set(names))
