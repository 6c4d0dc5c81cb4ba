"""gatekeeper explain: what a name means."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import click

from gatekeeper import codec, escape, metrics, plugins
from gatekeeper.cli import complete
from gatekeeper.cli.here import Here, look, uses
from gatekeeper.cli.keys import KEYS
from gatekeeper.cli.list import measured_by, shown
from gatekeeper.cli.table import folded
from gatekeeper.config.policy import CheckPolicy, Expectation, Policy
from gatekeeper.errors import Exit, UsageError, suggest
from gatekeeper.interfaces import CheckType, Reader
from gatekeeper.learning import lint

_WORDS: Mapping[str, str] = {
    "pass": "measured, and every condition holds; exit code 0, nothing to do",
    "warn": "measured, and short of a pass: only the condition for a warning holds, or an advisory "
    "check or gate ended badly; exit code 0: it does not block, mend it before it does",
    "fail": "measured, and a condition does not hold; exit code 1: it blocks, so mend what the "
    "findings name, or let a reviewed waiver excuse it until a day",
    "error": "could not be measured, and not measured is not passed; exit code 3: it blocks, "
    "outranks fail and cannot be waived, so do what its remedy says and run again",
    "skipped": "not asked: its stage is not reached, the change holds no file of its kind, it is "
    "disabled, or the run is one of other checks (`--only`, `--failed`); exit code 0, but at stage "
    "deploy a gate of which everything is skipped is an error",
}
_SAID: Mapping[str, str] = {
    "found": "said of a check whose own conditions hold, but whose findings break a requirement of "
    "its gate; what it found stands below it",
    "open": "said of what a later stage judges: neither passed nor failed yet",
    "blocked": "`Deployment blocked`: a gate ended as fail or error, or the run was interrupted",
    "approved": "`Deployment approved`: every gate was judged at stage deploy, and none blocks; "
    "any other run that passes ends in `no deployment verdict`",
}
_STAGES: Mapping[str, str] = {
    "push": "local and fast, before a push; the default of checks and gates",
    "ci": "a pull request; all of push runs too; the default of `run` where the variable CI is set",
    "deploy": "before a release; everything runs, and only here can a run end in `Deployment "
    "approved`",
}
_SEVERITIES: Mapping[str, str] = {
    "critical": "the worst: counts in lint.errors or vulnerabilities.critical",
    "high": "an error of a linter, or a finding without a level: counts in lint.errors or "
    "vulnerabilities.high",
    "medium": "a warning of a linter: counts in lint.warnings or vulnerabilities.medium",
    "low": "a note or a matter of style: counts in lint.warnings or vulnerabilities.low",
    "info": "told and counted nowhere",
    "unknown": "a level that the reader does not know: counts as an error does, in lint.errors or "
    "vulnerabilities.unknown",
}
_EXITS: Mapping[Exit, str] = {
    Exit.PASSED: "passed, warnings included",
    Exit.FAILED: "measured and bad: a condition does not hold, a sign-off or a required document "
    "is missing",
    Exit.USAGE: "usage or configuration: a wrong option, name or file; nothing has run",
    Exit.NOT_MEASURED: "not measured: a tool is missing, crashed, hung, or examined nothing",
    Exit.DEFECT: "a defect in gatekeeper; its message names a log to attach to a report",
    Exit.INTERRUPTED: "interrupted by Ctrl-C; what was known by then has been written",
    Exit.TERMINATED: "ended by SIGTERM; what was known by then has been written",
}
# Fields of a resolved check that are written under another key.
_WRITTEN = {"clean": "exit", "found": "exit", "id": "check", "params": "with", "asked": "measures"}
# Keys whose values are resolved to seconds, and the units to show them in, in milliseconds.
_TIMES = frozenset({"timeout", "max-age", "max_age"})
_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms"))
# By whether a metric is counted from findings.
_WAIVABLE: Mapping[bool, str] = {
    True: "counted from findings, so waivers and the baseline take findings out of it",
    False: "stated by the report as a whole, so no single finding can be waived out of it",
}
_MANUALS: Mapping[str, plugins.Kind] = {
    "check type": "check-type",
    "reader": "reader",
    "report": "report",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of name: those that are known, and what is said of one."""

    names: Callable[[Here], Iterable[str]]
    lines: Callable[[Here, str], Iterator[str]]


def _names(here: Here) -> Iterator[str]:
    """All names that can be explained."""
    return (name for topic in TOPICS.values() for name in topic.names(here))


@click.command(epilog="Example: gatekeeper explain coverage.line")
@click.argument("name", shell_complete=complete.completer(_names))
def command(name: str) -> None:
    """Explain NAME: a gate, check, metric, tool, check type, reader, report, key, verdict or stage.

    Also a severity, an exit code, or a rule of `postmortem lint`. A name that means several things
    is explained in each of its meanings.
    """
    here = look()
    found = [
        f"{kind} {name}\n" + "\n".join(f"  {line}".rstrip() for line in topic.lines(here, name))
        for kind, topic in TOPICS.items()
        if name in topic.names(here) or (kind == "metric" and metrics.define(name))
    ]
    if not found:
        raise UsageError(_unknown(name, here))
    text = "\n\n".join(found)
    click.echo("\n".join(escape.line(line) for line in text.split("\n")))


def _unknown(name: str, here: Here) -> str:
    known = dict.fromkeys(_names(here))
    hint = suggest(name, list(known)) or "`gatekeeper list gates|checks|tools|metrics` shows names"
    if here.written and here.policy is None:
        hint += f"; gates and checks are not known, for the configuration is broken:\n{here.error}"
    return f"nothing is named `{name}`; {hint}"


def _gate(here: Here, name: str) -> Iterator[str]:
    _, policy = here.resolved()
    gate = next(gate for gate in policy.gates if gate.id == name)
    yield gate.title + (" (advisory: it never blocks)" if gate.advisory else "")
    yield f"written at {gate.position}; first judged at stage {gate.stage}"
    checks = [policy.checks[check] for check in gate.checks]
    if gate.requirements:
        yield "requires"
    for requirement in gate.requirements:
        asked = ", ".join(_measuring(requirement.metric, checks))
        condition = f"{requirement.metric} {shown(requirement)}"
        yield f"  {condition}, measured by {asked}  ({requirement.position})"
    yield "checks"
    for check in checks:
        yield f"  {check.id}: {check.title} (from stage {check.stage})"


def _measuring(metric: str, checks: Iterable[CheckPolicy]) -> list[str]:
    """The checks that are asked for a metric."""
    return [check.id for check in checks if check.enabled and metric in check.asked]


def _check(here: Here, name: str) -> Iterator[str]:
    documents, policy = here.resolved()
    check = policy.checks[name]
    yield check.title + ("" if check.enabled else f" (disabled: {check.reason})")
    yield f"written at {check.position}; uses {uses(documents)[name]}"
    yield from _aligned(_values(check))
    yield "judged by"
    gate = next(gate for gate in policy.gates if gate.id == check.gate)
    required = [
        requirement for requirement in gate.requirements if requirement.metric in check.asked
    ]
    for expectation in _expected(check, required):
        origin = expectation.position or f"the reader or the type {check.type} brings it"
        yield f"  {expectation.metric} {shown(expectation)}  ({origin})"
    for requirement in required:
        place = f"requirement of the gate {gate.id}, {requirement.position}"
        yield f"  {requirement.metric} {shown(requirement)}  ({place})"


def _expected(check: CheckPolicy, required: Iterable[Expectation]) -> list[Expectation]:
    """The expectations of a check that no requirement replaces."""
    replaced = set() if check.registered else {requirement.metric for requirement in required}
    return [e for e in check.expect if not (e.inherited and e.metric in replaced)]


def _values(check: CheckPolicy) -> Iterator[tuple[str, str, str]]:
    """Key, value and place of all that is written, or has a value without."""
    asked = check.asked if check.registered else ()
    plain = codec.encode(replace(check, asked=asked, expect=(), position=None, positions={}))
    for field, value in plain.items():
        key = _WRITTEN.get(field, field)
        place = check.positions.get(key)
        if not value and (place is None or field == "asked"):
            continue
        default = "" if field in ("id", "gate", "digest", "registered") else "(default)"
        label = f"exit {field}" if key == "exit" else field
        yield label, _plain(value, key), str(place or default)


def _plain(value: Any, key: str) -> str:
    """A value in one line, much as it would be written."""
    if key in _TIMES:
        return _duration(value)
    if isinstance(value, list) and len(value) > 20 and all(isinstance(n, int) for n in value):
        return f"{value[0]}-{value[-1]}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _duration(seconds: float) -> str:
    """Seconds in the largest unit that leaves a whole number: `90s`, `10m`."""
    milliseconds = round(seconds * 1000)
    size, unit = next((size, unit) for size, unit in _UNITS if milliseconds % size == 0)
    return f"{milliseconds // size}{unit}"


def _aligned(rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    found = list(rows)
    width = max(len(label) for label, _, _ in found)
    for label, value, place in found:
        yield f"{label:<{width}}  {value}" + (f"  ({place.strip('()')})" if place else "")


def _metric_names(_here: Here) -> Iterable[str]:
    return [*metrics.TABLE, *(family.name for family in metrics.FAMILIES)]


def _metric(here: Here, name: str) -> Iterator[str]:
    families = {family.name: family for family in metrics.FAMILIES}
    metric = families.get(name) or metrics.define(name)
    if metric is None:
        return
    low = "no lower bound" if metric.low is None else f"from {metric.low}"
    high = "no upper bound" if metric.high is None else f"to {metric.high}"
    yield metric.meaning
    yield f"unit: {metric.unit or 'a plain number'}, {low}, {high}"
    yield _WAIVABLE[metric.derived]
    yield from _aligned(_measurers(here, name))
    if here.policy is not None:
        yield from _asked(here.policy, name)


def _asked(policy: Policy, metric: str) -> Iterator[str]:
    """What is asked of a metric, by gates and by checks."""
    askers = [
        *((f"required by the gate {gate.id}", gate.requirements) for gate in policy.gates),
        *((f"expected by the check {check.id}", check.expect) for check in policy.checks.values()),
    ]
    for who, expectations in askers:
        for expectation in expectations:
            if expectation.metric == metric:
                place = f"  ({expectation.position})" if expectation.position else ""
                yield f"{who}: {shown(expectation)}{place}"


def _measurers(here: Here, name: str) -> Iterator[tuple[str, str, str]]:
    for label in ("check type", "reader"):
        kind = _MANUALS[label]
        found = [n for n in plugins.names(kind) if _can(plugins.load(kind, n).value, name)]
        yield f"{label}s", ", ".join(found) or "none", ""
    tools = [tool for tool, entry in here.tools().items() if name in measured_by(entry.spec)]
    yield "tools", ", ".join(sorted(tools)) or "none", ""


def _can(value: object, name: str) -> bool:
    return isinstance(value, (CheckType, Reader)) and any(
        fnmatchcase(name, pattern) for pattern in (*value.always, *value.sometimes)
    )


def _tool(here: Here, name: str) -> Iterator[str]:
    entry = here.tools()[name]
    spec = entry.spec
    rows = spec.model_dump(by_alias=True, mode="json", exclude_unset=True)
    yield f"{spec.title or name}; written in {entry.document.file}"
    if not spec.measures:
        yield f"measures  {folded(measured_by(spec))}"
    for key in entry.document.value:
        if key not in ("tool", "title"):
            yield f"{key}  {_plain(rows.get(key), key)}"


def _plugins(kind: plugins.Kind) -> Topic:
    return Topic(
        lambda _: [*plugins.names(kind), *(point.name for point in plugins.foreign(kind))],
        lambda _, name: _manual(kind, name),
    )


def _manual(kind: plugins.Kind, name: str) -> Iterator[str]:
    """The manual page of a plug-in: its docstring, and what it measures."""
    if name not in plugins.names(kind):
        found = [point for point in plugins.foreign(kind) if point.name == name]
        yield f"brought by {', '.join(str(point.dist and point.dist.name) for point in found)}"
    try:
        plugin = plugins.load(kind, name)
    except plugins.UnknownPlugin as error:
        yield str(error)
        return
    yield from (plugin.failure or plugin.manual).strip().splitlines()
    if isinstance(plugin.value, (CheckType, Reader)):
        yield ""
        yield from _brought(plugin.value)


def _brought(source: CheckType | Reader) -> Iterator[str]:
    yield f"always measures: {folded(source.always) or 'nothing'}"
    yield f"if asked by `measures:`: {folded(source.sometimes) or 'nothing more'}"
    for metric, condition in source.expect.items():
        yield f"expects unless the policy says otherwise: {metric} {condition}"


def _key(_here: Here, name: str) -> Iterator[str]:
    for kind, keys in KEYS.items():
        # A catalogue entry shares the keys of a check.
        if name in keys and not (kind == "tool" and name in KEYS["check"]):
            yield f"of a {kind}: {keys[name]}"


def _table(meanings: Mapping[str, str]) -> Topic:
    def lines(_here: Here, name: str) -> Iterator[str]:
        yield meanings[name]

    return Topic(lambda _: meanings, lines)


TOPICS: Mapping[str, Topic] = {
    "gate": Topic(Here.gates, _gate),
    "check": Topic(Here.checks, _check),
    "metric": Topic(_metric_names, _metric),
    "tool": Topic(lambda here: here.tools(), _tool),
    **{label: _plugins(kind) for label, kind in _MANUALS.items()},
    "verdict": _table(_WORDS),
    "word of a report": _table(_SAID),
    "stage": _table(_STAGES),
    "severity": _table(_SEVERITIES),
    "exit code": _table({str(int(code)): text for code, text in _EXITS.items()}),
    "post-mortem rule": _table({r.name: f"{r.meaning}; {r.remedy}" for r in lint.RULES}),
    "key": Topic(lambda _: [key for keys in KEYS.values() for key in keys], _key),
}
