"""What was planned, seen and decided: `Result`, the one interface of all that comes after a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatekeeper.model import Finding, Metric, Observation, Position, Stage, Verdict

SCHEMA = "gatekeeper/result/1"
# Why a check is skipped in a run of other checks.
UNNAMED = "not named in this run"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged; commit, tree and base are object names, None outside a repository.

    `dirty`: tracked files differ from the commit. `base` is what the change is compared with.
    `config` leads from the top of the repository, where the paths of findings begin, to where the
    positions of the policy begin: "" or `services/api/`.
    """

    service: str | None = None
    version: str | None = None
    commit: str | None = None
    tree: str | None = None
    dirty: bool = False
    base: str | None = None
    config: str = ""


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One check of the plan: run, or skipped with the reason why.

    `expected` is how many seconds it last took, None where that is not known. `narrowed`: it looks
    at the changed files only.
    """

    check: str
    gate: str
    digest: str
    action: Literal["run", "skip"]
    reason: str = ""
    expected: float | None = None
    exclusive: bool = False
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do: the stage, the gates, the checks in gate order, the selected files.

    `files` is None where everything is selected. `whole`: no gate and no check was named, so all
    are asked. `only` are the named checks, where any was.
    """

    stage: Stage
    gates: tuple[str, ...]
    checks: tuple[PlannedCheck, ...]
    jobs: int
    whole: bool = True
    files: tuple[str, ...] | None = None
    part: str | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excused:
    """A finding that does not count: `by` is a waiver's name or "baseline"."""

    finding: Finding
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One condition on one metric, and what became of it.

    `level` is what was not met: with `warn`, the condition that would have been a plain pass.
    `measured` is None where nothing was delivered; `waived` counts the findings left out.
    `text` shows the measured value with enough digits to tell it from the bound.
    """

    metric: str
    condition: str
    verdict: Verdict
    position: Position | None = None
    measured: Metric | None = None
    reference: Decimal | None = None
    waived: int = 0
    waiver: str = ""
    check: str = ""
    text: str = ""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """The verdict of a check: its expectations, the findings that count and those excused.

    `opens` is the stage at which the check first runs, where this run has not reached it. `origin`
    are the action items that created it, as `PM-2026-003#AI-2`.
    """

    check: str
    title: str
    verdict: Verdict
    reason: str = ""
    remedy: str = ""
    advisory: bool = False
    expectations: tuple[Judgement, ...] = ()
    findings: tuple[Finding, ...] = ()
    excused: tuple[Excused, ...] = ()
    position: Position | None = None
    fix: str = ""
    opens: Stage | None = None
    origin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenRequirement:
    """A requirement not due yet, and the stage at which it will be."""

    metric: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The verdict of a gate: requirements, checks, and what is open until a later stage."""

    gate: str
    title: str
    verdict: Verdict
    reason: str = ""
    advisory: bool = False
    requirements: tuple[Judgement, ...] = ()
    checks: tuple[CheckVerdict, ...] = ()
    open: tuple[OpenRequirement, ...] = ()
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """The verdict of a run. `approved`: at stage deploy, every gate judged, none bad."""

    verdict: Verdict
    gates: tuple[GateVerdict, ...]
    approved: bool = False
    nothing_due: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The record of a run: JSON both ways through `codec`. Times are ISO 8601, UTC.

    `titles` are those of the post-mortems behind the checks that did not pass, by id.
    """

    schema: str
    engine: str
    subject: Subject
    policy: str
    started: str
    finished: str
    plan: Plan
    observations: tuple[Observation, ...]
    verdict: RunVerdict
    stage: Stage = "push"
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
