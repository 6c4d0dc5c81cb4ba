"""Documents -> `Policy`: gates joined with their checks, every rule of configuration applied."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from gatekeeper.config import causes, load, schema
from gatekeeper.config.fields import utc
from gatekeeper.config.policy import CheckPolicy, GatePolicy, Incident, Policy, Signoff, Waiver
from gatekeeper.errors import ConfigurationError, Problem
from gatekeeper.exceptions import BaselineEntry, Exceptions, References
from gatekeeper.model import STAGES, Metric, Stage, metric
from gatekeeper.resolve import consistency
from gatekeeper.resolve.compose import Composer
from gatekeeper.resolve.expectations import conditions_of
from gatekeeper.resolve.written import Source

# What people write under `data-loss:` where there was none; anything else is a loss.
_NO_LOSS = re.compile(
    r"(?:(?:no|none|nothing|nil|0|false|n/a|-|not applicable)"
    r"|no (?:data )?(?:was |were )?(?:loss|lost|corruption|corrupted))?\s*(?:$|[.,;:(])",
    re.IGNORECASE,
)


def resolve(documents: load.Documents) -> Policy:
    """Compile the configuration; raise ConfigurationError with every mistake."""
    tools = {tool.spec.tool: tool for tool in documents.tools}
    composer = Composer(tools, partial=bool(documents.problems))
    composer.problems += documents.problems
    consistency.doubles(documents, composer.problems)
    checks: dict[str, CheckPolicy] = {}
    gates = [_gate(composer, gate, documents, checks) for gate in documents.gates]
    # What names something else can only be judged where all that is written could be read.
    if not composer.problems:
        consistency.homeless(documents, composer.problems)
        consistency.misnamed(documents, checks, gates, composer.problems)
    if composer.problems:
        raise ConfigurationError(tuple(dict.fromkeys(composer.problems)))
    return Policy(
        digest=_digest(gates, checks.values(), (*documents.signoffs, *documents.incidents)),
        gates=tuple(gates),
        checks=checks,
        signoffs=tuple(_signoff(loaded) for loaded in documents.signoffs),
        incidents=tuple(incident(loaded) for loaded in documents.incidents),
        learning=documents.settings.learning,
        registry=documents.settings.checks,
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
    composed = list(_composed(composer, gate, documents))
    for source, check in composed:
        _refuse_double(source, check, checks, problems)
        checks[check.id] = check
    requirements = tuple(conditions_of(gate, ("requirements",), spec.requirements, problems))
    found = [check for _, check in composed]
    # A plug-in that does not load is an error of its checks, not of what is asked of them.
    if len(problems) == before and not documents.problems and all(map(composer.loads, found)):
        consistency.unanswered(gate, requirements, found, documents, problems)
        consistency.unjudged(requirements, composed, problems)
    return GatePolicy(
        id=spec.gate,
        title=spec.title or spec.gate.replace("-", " ").capitalize(),
        stage=spec.stage,
        advisory=spec.advisory,
        requirements=requirements,
        checks=tuple(dict.fromkeys(check.id for check in found)),
        position=gate.document.positions[("gate",)],
    )


def _composed(
    composer: Composer, gate: load.Loaded[schema.GateSpec], documents: load.Documents
) -> Iterator[tuple[Source, CheckPolicy]]:
    """The checks of a gate that could be composed."""
    sources = _sources(gate, documents.checks, composer.tools)
    if not sources and not documents.problems:
        text = f"the gate `{gate.spec.gate}` has no checks"
        composer.problems.append(gate.problem(("checks",), text))
    for source, registered in sources:
        check = _check(composer, source, gate.spec, registered=registered)
        if check is not None:
            yield source, check


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
    gate: load.Loaded[schema.GateSpec],
    registered: Iterable[load.Loaded[schema.CheckSpec]],
    tools: Collection[str],
) -> list[tuple[Source, bool]]:
    """The checks of a gate as written: its own first, then the registered ones that join it."""
    found = []
    for n, item in enumerate(gate.spec.checks):
        spec = item if isinstance(item, schema.CheckSpec) else _by_name(item, tools)
        found.append((Source(gate, ("checks", n), spec), False))
    joining = [check for check in registered if check.spec.gate == gate.spec.gate]
    return found + [(Source(check, (), check.spec), True) for check in joining]


def _by_name(name: str, tools: Collection[str]) -> schema.CheckSpec:
    """`- ruff`: one of the repository's own `tools`, else one of the catalogue, else a type."""
    from gatekeeper import plugins  # noqa: PLC0415

    is_tool = name in tools or load.tool(name) is not None
    if not is_tool and name in plugins.names("check-type"):
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
        evidence=_evidence(spec.evidence),
        covers=spec.covers,
        position=loaded.document.positions[("signoff",)],
    )


def incident(loaded: load.Loaded[schema.IncidentSpec]) -> Incident:
    """An incident as written, with its times in UTC and its cause in full."""
    spec = loaded.spec
    cause, impact = spec.cause, spec.impact.model_dump(by_alias=True, exclude_defaults=True)
    return Incident(
        id=spec.incident,
        title=spec.title,
        detected=utc(spec.detected),
        resolved=utc(spec.resolved),
        severity=spec.severity,
        kind=spec.kind,
        cause=causes.path(cause.category, cause.area, cause.focus),
        impact=impact,
        data_loss=not _NO_LOSS.match(spec.impact.data_loss),
        rolled_back=spec.rolled_back,
        performance_degraded=spec.performance_degraded,
        services=spec.services,
        regions=spec.regions,
        evidence=_evidence(spec.evidence),
        post_mortem=spec.post_mortem,
        position=loaded.document.positions[("incident",)],
    )


def _evidence(items: Iterable[schema.EvidenceSpec]) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {key: value for key, value in item.model_dump().items() if value} for item in items
    )


def _digest(
    gates: Iterable[GatePolicy],
    checks: Iterable[CheckPolicy],
    records: Iterable[load.Loaded[schema.SignoffSpec] | load.Loaded[schema.IncidentSpec]],
) -> str:
    """The policy digest: what is required of whom, without the places it is written at."""
    digest = hashlib.sha256()
    for gate in gates:
        requirements = [replace(requirement, position=None) for requirement in gate.requirements]
        digest.update(f"{gate.id} {gate.stage} {gate.advisory} {requirements}\n".encode())
    for check in checks:
        digest.update(f"{check.id} {check.gate} {check.digest}\n".encode())
    for record in records:
        digest.update(f"{record.spec!r}\n".encode())
    return f"sha256:{digest.hexdigest()}"
