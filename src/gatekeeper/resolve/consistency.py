"""Whether what is written fits together: names exist, requirements are answered, checks judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from gatekeeper.config import load, schema
from gatekeeper.config.policy import CheckPolicy, Expectation, GatePolicy
from gatekeeper.errors import Problem, suggest
from gatekeeper.metrics import TABLE, define
from gatekeeper.model import Position
from gatekeeper.resolve.written import Source

# The longest a waiver may last, in days.
WAIVER_DAYS = 90


def doubles(documents: load.Documents, problems: list[Problem]) -> None:
    """Names are unique in the repository."""
    groups: list[tuple[str, Sequence[load.Loaded[Any]]]] = [
        ("gate", documents.gates),
        ("tool", documents.tools),
        ("waiver", documents.waivers),
        ("incident", documents.incidents),
    ]
    for key, records in groups:
        seen: dict[str, tuple[str, Position]] = {}
        for record in records:
            name, place = getattr(record.spec, key), record.document.positions[(key,)]
            # File systems and people take names that differ in letter case only for one.
            other, where = seen.setdefault(name.casefold(), (name, place))
            if where is not place:
                text = f"two {key}s are named `{name}`"
                if other != name:
                    text = f"`{name}` and `{other}` differ in letter case only"
                problems.append(record.problem((key,), f"{text}; the other is at {where}"))
    for tool in documents.tools:
        if load.tool(tool.spec.tool) is not None:
            text = f"the catalogue has a tool `{tool.spec.tool}` already: give yours another name"
            problems.append(tool.problem(("tool",), text))


def unanswered(
    gate: load.Loaded[schema.GateSpec],
    requirements: Iterable[Expectation],
    checks: Sequence[CheckPolicy],
    documents: load.Documents,
    problems: list[Problem],
) -> None:
    """A requirement that no enabled check answers would never be judged."""
    for requirement in requirements:
        name = requirement.metric
        answering = [check for check in checks if name in check.asked]
        if any(check.enabled for check in answering):
            continue
        if answering:
            text, hint = (
                f"only disabled checks measure {name}",
                "enable one, or remove the requirement",
            )
        else:
            text = f"no check of the gate `{gate.spec.gate}` measures {name}"
            hint = _who_measures(name, checks, documents)
        problems.append(gate.problem(("requirements", name), text, hint, key=True))


def _who_measures(name: str, checks: Iterable[CheckPolicy], documents: load.Documents) -> str:
    for check in checks:
        if name in check.measures:
            return f"the registered check `{check.id}` does: let it say so under `measures:`"
    catalogue = [entry for tool in load.tool_names() if (entry := load.tool(tool))]
    found = [t.spec.tool for t in (*documents.tools, *catalogue) if name in t.spec.measures]
    return f"the catalogue's {' or '.join(found)} does: add it to `checks:`" if found else ""


def unjudged(
    requirements: Iterable[Expectation],
    checks: Iterable[tuple[Source, CheckPolicy]],
    problems: list[Problem],
) -> None:
    """A check on which neither the gate nor the check itself has a condition judges nothing."""
    required = {requirement.metric for requirement in requirements}
    for source, check in checks:
        if not check.expect and not required & set(check.asked):
            text = f"nothing judges the check `{check.id}`"
            hint = f"write a requirement of the gate, or `expect:`, for {', '.join(check.measures)}"
            problems.append(source.loaded.problem(source.path, text, hint))


def homeless(documents: load.Documents, problems: list[Problem]) -> None:
    """There is a gate, and a registered check names one that exists."""
    if not documents.gates:
        folder = documents.settings.gates
        hint = f"write {folder}/NAME.yaml, or run `gatekeeper init`"
        problems.append(Problem(folder, 0, 0, "there is no gate", hint))
    gates = [gate.spec.gate for gate in documents.gates]
    for check in documents.checks:
        if not check.spec.check:
            problems.append(check.problem((), "`check:` is missing"))
        if not check.spec.gate:
            problems.append(
                check.problem((), "`gate:` is missing: a registered check names its gate")
            )
        elif check.spec.gate not in gates:
            hint = suggest(check.spec.gate, gates)
            problems.append(check.problem(("gate",), f"unknown gate `{check.spec.gate}`", hint))


def misnamed(
    documents: load.Documents,
    checks: Mapping[str, CheckPolicy],
    gates: Sequence[GatePolicy],
    problems: list[Problem],
) -> None:
    """Sign-offs, waivers and the baseline name what exists."""
    manual = [check.id for check in checks.values() if check.type == "signoff"]
    for signoff in documents.signoffs:
        if signoff.spec.signoff not in manual:
            hint = suggest(signoff.spec.signoff, manual)
            text = f"no check of type signoff is named `{signoff.spec.signoff}`"
            problems.append(signoff.problem(("signoff",), text, hint))
    required = [f"{gate.id}/{asked.metric}" for gate in gates for asked in gate.requirements]
    for waiver in documents.waivers:
        _check_waiver(waiver, checks, required, problems)
    if documents.baseline is not None:
        _check_baseline(documents.baseline, checks, problems)


def _check_baseline(
    known: load.Loaded[schema.BaselineSpec],
    checks: Mapping[str, CheckPolicy],
    problems: list[Problem],
) -> None:
    for part, named in (("findings", known.spec.findings), ("metrics", known.spec.metrics)):
        for name in set(named) - set(checks):
            hint, text = suggest(name, checks), f"no check is named `{name}`"
            problems.append(known.problem((part, name), text, hint, key=True))
    _check_references(known, problems)


def _check_references(known: load.Loaded[schema.BaselineSpec], problems: list[Problem]) -> None:
    """Reference metrics exist, and have the unit of what is compared with them."""
    for check, values in known.spec.metrics.items():
        for name, value in values.items():
            place, metric = ("metrics", check, name), define(name)
            if metric is None:
                hint = suggest(name, TABLE)
                problems.append(known.problem(place, f"unknown metric `{name}`", hint, key=True))
            elif value.unit != metric.unit:
                text = f"{name} is measured in `{metric.unit}`, not in `{value.unit}`"
                problems.append(known.problem((*place, "unit"), text))


def _check_waiver(
    waiver: load.Loaded[schema.WaiverSpec],
    checks: Mapping[str, CheckPolicy],
    required: Sequence[str],
    problems: list[Problem],
) -> None:
    spec = waiver.spec
    if spec.check and spec.check not in checks:
        hint = suggest(spec.check, list(checks))
        problems.append(waiver.problem(("check",), f"no check is named `{spec.check}`", hint))
    if spec.requirement and spec.requirement not in required:
        text = f"there is no requirement `{spec.requirement}`: write GATE/METRIC"
        problems.append(waiver.problem(("requirement",), text, suggest(spec.requirement, required)))
    days = (date.fromisoformat(spec.expires) - date.fromisoformat(spec.created)).days
    if days > WAIVER_DAYS:
        text = f"a waiver lasts at most {WAIVER_DAYS} days; this one lasts {days}"
        problems.append(waiver.problem(("expires",), text))
