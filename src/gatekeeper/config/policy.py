"""The policy: the configuration with everything resolved, as frozen plain values.

All that comes after `resolve` sees only this. It turns into JSON and back through `codec`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gatekeeper.conditions import Condition
from gatekeeper.model import Position, Stage


@dataclass(frozen=True, slots=True)
class Expectation:
    """Conditions on a metric: all of `accept` hold -> pass, else all of `warn` hold -> warn.

    `inherited`: it comes from a reader, a check type or the catalogue, not from the check's author.
    """

    metric: str
    accept: tuple[Condition, ...]
    warn: tuple[Condition, ...] = ()
    inherited: bool = False
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Reads:
    """A report that a check reads: `file` may hold `${out}` and globs; or the standard output.

    `absent`: whether a missing or empty report means clean, under exit code `clean` only.
    """

    format: str
    file: str = ""
    stdout: bool = False
    absent: Literal["error", "clean"] = "error"


@dataclass(frozen=True, slots=True)
class Origin:
    """The action item that created a check: `PM-2026-003#AI-2`, with its text."""

    item: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """How it is proven that a guard would have caught its bug: by commits, or by samples.

    `fixed_by` are the commits of the fix; `keep` are globs of files that stay when it is taken out;
    `prepare` are commands that build what git ignores, `link` ignored folders that are borrowed.
    A sample of `rejects` and `accepts` is a text, or a mapping with `file`.
    """

    fixed_by: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    prepare: tuple[tuple[str, ...], ...] = ()
    link: tuple[str, ...] = ()
    rejects: tuple[Any, ...] = ()
    accepts: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class PluginUse:
    """A plug-in that the policy uses; `failure` says why it could not be loaded."""

    kind: Literal["check-type", "reader", "report"]
    name: str
    source: str
    version: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """One check, fully resolved. Times are seconds; exit codes are plain numbers.

    `command`, `lists` and `version` have their parameters filled in; `${out}` and `${files}` are
    left for the run. `env` maps names to values, None: passed through from the caller.
    `registered`: it stands in `checks/`; `asked` then are the metrics it answers requirements for.
    `given` is what `with:` says, over the defaults of the catalogue entry.
    """

    id: str
    title: str
    gate: str
    type: str
    digest: str
    stage: Stage = "push"
    params: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    timeout: float = 600.0
    cwd: str = ""
    env: Mapping[str, str | None] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    reads: tuple[Reads, ...] = ()
    clean: tuple[int, ...] = (0,)
    found: tuple[int, ...] = ()
    max_age: float | None = None
    batch: bool = False
    exclusive: bool = False
    enabled: bool = True
    reason: str = ""
    advisory: bool = False
    measures: tuple[str, ...] = ()
    expect: tuple[Expectation, ...] = ()
    registered: bool = False
    asked: tuple[str, ...] = ()
    owner: str = ""
    origin: tuple[Origin, ...] = ()
    proof: Proof | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    install: str = ""
    fix: str = ""
    docs: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """One gate: its requirements, and its checks in the order they are written."""

    id: str
    title: str
    stage: Stage
    advisory: bool
    requirements: tuple[Expectation, ...]
    checks: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Signoff:
    """A person's recorded approval of a manual check; dates are ISO, `covers` a digest or ""."""

    signoff: str
    by: str
    date: str
    expires: str
    evidence: tuple[Mapping[str, str], ...] = ()
    covers: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A dated, owned exception; exactly one of finding, rule (with path), requirement, check."""

    waiver: str
    reason: str
    owner: str
    created: str
    expires: str
    finding: str = ""
    rule: str = ""
    path: str = ""
    requirement: str = ""
    check: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """What happened. Times are ISO 8601 in UTC, "" where not known; so is every other text.

    `cause` is `category/area/focus` of the closed vocabulary, as far as it is known. `impact` holds
    downtime, data-loss, recovery-time, resource-usage and users as written. Each of `evidence` has
    kind, file or url, and sha256.
    """

    id: str
    title: str
    detected: str
    resolved: str = ""
    severity: str = ""
    kind: str = ""
    cause: str = ""
    impact: Mapping[str, str] = field(default_factory=dict)
    data_loss: bool = False
    rolled_back: bool = False
    performance_degraded: bool = False
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    evidence: tuple[Mapping[str, str], ...] = ()
    post_mortem: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The compiled configuration; `digest` identifies it, whatever the machine.

    `learning` and `registry` are the folders of post-mortems and incidents, and of registered
    checks, relative to the judged folder.
    """

    digest: str
    gates: tuple[GatePolicy, ...]
    checks: Mapping[str, CheckPolicy]
    signoffs: tuple[Signoff, ...] = ()
    incidents: tuple[Incident, ...] = ()
    learning: str = "learning"
    registry: str = "checks"
    plugins: tuple[PluginUse, ...] = ()
    notes: tuple[str, ...] = ()
