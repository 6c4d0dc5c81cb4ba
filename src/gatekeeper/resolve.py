"""Documents -> `Policy`: gates joined with their checks, every rule of configuration applied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from gatekeeper.compose import Composer
from gatekeeper.config import load, schema
from gatekeeper.config.policy import CheckPolicy, Expectation, GatePolicy, Policy, Signoff, Waiver
from gatekeeper.errors import ConfigurationError, Problem, suggest
from gatekeeper.exceptions import BaselineEntry, Exceptions, References
from gatekeeper.expectations import conditions_of
from gatekeeper.metrics import TABLE, define
from gatekeeper.model import STAGES, Metric, Position, Stage, metric
from gatekeeper.written import Source

# The longest a waiver may last, in days.
WAIVER_DAYS = 90


def resolve(documents: load.Documents) -> Policy:
    """Compile the configuration; raise ConfigurationError with every mistake."""
    tools = {tool.spec.tool: tool for tool in documents.tools}
    composer = Composer(tools, partial=bool(documents.problems))
    composer.problems += documents.problems
    _refuse_doubles(documents, composer.problems)
    checks: dict[str, CheckPolicy] = {}
    gates = [_gate(composer, gate, documents, checks) for gate in documents.gates]
    # What names something else can only be judged where all that is written could be read.
    if not composer.problems:
        _refuse_homeless(documents, composer.problems)
        _check_exceptions(documents, checks, gates, composer.problems)
    if composer.problems:
        raise ConfigurationError(tuple(dict.fromkeys(composer.problems)))
    return Policy(
        digest=_digest(gates, checks.values(), documents.signoffs),
        gates=tuple(gates),
        checks=checks,
        signoffs=tuple(_signoff(loaded) for loaded in documents.signoffs),
        plugins=tuple(composer.used[key] for key in sorted(composer.used)),
    )


def _gate(
    composer: Composer,
    gate: load.Loaded[schema.GateSpec],
    documents: load.Documents,
    checks: dict[str, CheckPolicy],
) -> GatePolicy:
    """One gate with its checks, which are added to `checks`."""
    spec, problems = gate.spec, composer.problems
    before = len(problems)
    sources = _sources(gate, documents.checks)
    composed = [
        (source, check)
        for source, own in sources
        if (check := _check(composer, source, spec, registered=own)) is not None
    ]
    found = [check for _, check in composed]
    for source, check in composed:
        _refuse_double(source, check, checks, problems)
        checks[check.id] = check
    requirements = tuple(conditions_of(gate, ("requirements",), spec.requirements, problems))
    if not documents.problems:
        if not sources:
            problems.append(gate.problem(("checks",), f"the gate `{spec.gate}` has no checks"))
        # A plug-in that does not load is an error of its checks, not of what is asked of them.
        elif len(problems) == before and all(map(composer.loads, found)):
            _refuse_unanswered(gate, requirements, found, documents, problems)
            _refuse_unjudged(requirements, composed, problems)
    return GatePolicy(
        id=spec.gate,
        title=spec.title or spec.gate.replace("-", " ").capitalize(),
        stage=spec.stage,
        advisory=spec.advisory,
        requirements=requirements,
        checks=tuple(dict.fromkeys(check.id for check in found)),
        position=gate.document.positions[("gate",)],
    )


def _refuse_double(
    source: Source,
    check: CheckPolicy,
    checks: Mapping[str, CheckPolicy],
    problems: list[Problem],
) -> None:
    if check.id and (other := checks.get(check.id)) is not None:
        text = f"two checks are named `{check.id}`; the other is at {other.position}"
        problems.append(source.loaded.problem(source.path, text))


def _sources(
    gate: load.Loaded[schema.GateSpec], registered: Iterable[load.Loaded[schema.CheckSpec]]
) -> list[tuple[Source, bool]]:
    """The checks of a gate as written: its own first, then the registered ones that join it."""
    found = []
    for n, item in enumerate(gate.spec.checks):
        spec = item if isinstance(item, schema.CheckSpec) else _by_name(item)
        found.append((Source(gate, ("checks", n), spec), False))
    joining = [check for check in registered if check.spec.gate == gate.spec.gate]
    return found + [(Source(check, (), check.spec), True) for check in joining]


def _by_name(name: str) -> schema.CheckSpec:
    """`- ruff`: a tool of that name, else a check type."""
    from gatekeeper import plugins  # noqa: PLC0415

    if load.tool(name) is None and name in plugins.names("check-type"):
        return schema.CheckSpec.model_validate({"check": name, "type": name})
    return schema.CheckSpec.model_validate({"uses": name})


def _check(
    composer: Composer, source: Source, gate: schema.GateSpec, *, registered: bool
) -> CheckPolicy | None:
    if source.spec.gate and not registered:
        text = "a check inside a gate belongs to that gate: leave `gate:` out"
        composer.problems.append(source.loaded.problem((*source.path, "gate"), text))
    check = composer.check(source, gate.gate)
    if check is None:
        return None
    return replace(
        check,
        stage=_later(check.stage, gate.stage),
        registered=registered,
        asked=tuple(source.spec.measures) if registered else check.measures,
    )


def _later(*stages: Stage) -> Stage:
    return max(stages, key=STAGES.index)


def _refuse_doubles(documents: load.Documents, problems: list[Problem]) -> None:
    """Names are unique in the repository."""
    groups: list[tuple[str, Sequence[load.Loaded[Any]]]] = [
        ("gate", documents.gates),
        ("tool", documents.tools),
        ("waiver", documents.waivers),
    ]
    for key, records in groups:
        seen: dict[str, Position] = {}
        for record in records:
            name, place = getattr(record.spec, key), record.document.positions[(key,)]
            if name in seen:
                text = f"two {key}s are named `{name}`; the other is at {seen[name]}"
                problems.append(record.problem((key,), text))
            seen[name] = place
    for tool in documents.tools:
        if load.tool(tool.spec.tool) is not None:
            text = f"the catalogue has a tool `{tool.spec.tool}` already: give yours another name"
            problems.append(tool.problem(("tool",), text))


def _refuse_unanswered(
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


def _refuse_unjudged(
    requirements: Iterable[Expectation],
    checks: Iterable[tuple[Source, CheckPolicy]],
    problems: list[Problem],
) -> None:
    required = {requirement.metric for requirement in requirements}
    for source, check in checks:
        if not check.expect and not required & set(check.asked):
            text = f"nothing judges the check `{check.id}`"
            hint = f"write a requirement of the gate, or `expect:`, for {', '.join(check.measures)}"
            problems.append(source.loaded.problem(source.path, text, hint))


def _refuse_homeless(documents: load.Documents, problems: list[Problem]) -> None:
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


def _check_exceptions(
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
    known = documents.baseline
    if known is not None:
        for part, named in (("findings", known.spec.findings), ("metrics", known.spec.metrics)):
            for name in set(named) - set(checks):
                hint = suggest(name, list(checks))
                text = f"no check is named `{name}`"
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


def exceptions(documents: load.Documents) -> Exceptions:
    """The waivers and the known findings that are written."""
    waivers = tuple(
        Waiver(**loaded.spec.model_dump(), position=loaded.document.positions[("waiver",)])
        for loaded in documents.waivers
    )
    known = documents.baseline.spec.findings if documents.baseline else {}
    return Exceptions(
        waivers,
        {
            check: {
                print_: BaselineEntry(entry.rule, entry.path) for print_, entry in entries.items()
            }
            for check, entries in known.items()
        },
    )


def references(documents: load.Documents) -> References:
    """The reference metrics of the baseline."""
    known = documents.baseline.spec.metrics if documents.baseline else {}
    return {
        check: {name: _reference(name, value) for name, value in metrics.items()}
        for check, metrics in known.items()
    }


def _reference(name: str, value: schema.BaselineMetric) -> Metric:
    return metric(name, str(value.value), value.unit, value.samples)


def _signoff(loaded: load.Loaded[schema.SignoffSpec]) -> Signoff:
    spec = loaded.spec
    return Signoff(
        signoff=spec.signoff,
        by=spec.by,
        date=spec.date,
        expires=spec.expires,
        evidence=tuple(
            {key: value for key, value in item.model_dump().items() if value}
            for item in spec.evidence
        ),
        covers=spec.covers,
        position=loaded.document.positions[("signoff",)],
    )


def _digest(
    gates: Iterable[GatePolicy],
    checks: Iterable[CheckPolicy],
    signoffs: Iterable[load.Loaded[schema.SignoffSpec]],
) -> str:
    """The policy digest: what is required of whom, without the places it is written at."""
    digest = hashlib.sha256()
    for gate in gates:
        requirements = [replace(requirement, position=None) for requirement in gate.requirements]
        digest.update(f"{gate.id} {gate.stage} {gate.advisory} {requirements}\n".encode())
    for check in checks:
        digest.update(f"{check.id} {check.gate} {check.digest}\n".encode())
    for signoff in signoffs:
        digest.update(f"{signoff.spec!r}\n".encode())
    return f"sha256:{digest.hexdigest()}"
