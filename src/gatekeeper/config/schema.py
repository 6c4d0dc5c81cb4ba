"""The shapes of the files people write, as pydantic models: the one trust boundary for YAML.

No field may be null: a key without a value is a mistake, never "the default".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from gatekeeper.config.fields import (
    Argv,
    CauseWord,
    Codes,
    Date,
    Digest,
    Duration,
    Globs,
    Moment,
    Name,
    SafeName,
    Severity,
    Text,
    Words,
    before,
    cause_schema,
    text_of,
    yes_or_no,
)
from gatekeeper.model import Stage


def _conditions(value: Any) -> Any:
    """Every form of an expectation as {pass: [...], warn: [...]}."""
    if not isinstance(value, dict):
        return {"pass": _conjunction(value)}
    if not {"pass"} <= value.keys() <= {"pass", "warn"}:
        raise ValueError("write {pass: CONDITION, warn: CONDITION}")
    if any(isinstance(item, dict) for item in value.values()):
        raise ValueError("a condition under `pass:` or `warn:` is text, or a list of texts")
    return {name: _conjunction(item) for name, item in value.items()}


def _conjunction(value: Any) -> list[str]:
    """The conditions that must all hold: one text, or a list of them."""
    texts = [text_of(item) for item in (value if isinstance(value, list) else [value])]
    if not (texts and all(isinstance(text, str) and text.strip() for text in texts)):
        raise ValueError('write a condition such as ">= 80%", a list of them, or {pass:, warn:}')
    return texts


class Spec(BaseModel):
    """A mapping of a file; unknown keys are mistakes."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        defer_build=True,
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
    )


class ConditionsSpec(Spec):
    """Conditions that must all hold to pass, and those that must hold to be a mere warning."""

    pass_: tuple[str, ...]
    warn: tuple[str, ...] = ()


_ONE = {
    "anyOf": [
        {"type": ["string", "number"]},
        {"type": "array", "items": {"type": ["string", "number"]}},
    ]
}
Conditions = Annotated[
    ConditionsSpec,
    BeforeValidator(_conditions),
    WithJsonSchema(
        {
            "anyOf": [
                *_ONE["anyOf"],
                {
                    "type": "object",
                    "properties": {"pass": _ONE, "warn": _ONE},
                    "required": ["pass"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class ReadsSpec(Spec):
    """A report to read: a file (with `${out}` and globs), or the standard output."""

    format: Name
    file: Words = ""
    from_: Literal["stdout", ""] = ""
    absent: Literal["clean", "error"] = "error"

    @model_validator(mode="after")
    def _one_source(self) -> ReadsSpec:
        if bool(self.file) == bool(self.from_):
            raise ValueError("write either `file:` or `from: stdout`")
        return self


class ExitSpec(Spec):
    """What exit codes mean; any other is an error."""

    clean: Codes = Field(default_factory=lambda: [0])
    findings: Codes = []


class OriginSpec(Spec):
    """The action item that created a check; a link to a position needs the item's text."""

    item: Annotated[Text, Field(pattern=r"^[^\s#]+#[^\s#]+$")]
    text: Words = ""


class ProofSpec(Spec):
    """How it is proven that the check would have caught its bug."""

    fixed_by: Words | tuple[Words, ...] = ""
    keep: tuple[Words, ...] = ()
    prepare: tuple[Argv, ...] = ()
    link: tuple[Words, ...] = ()
    rejects: tuple[Any, ...] = ()
    accepts: tuple[Any, ...] = ()


class CheckKeys(Spec):
    """The keys that a check and a catalogue entry share."""

    title: Words = ""
    type: Name = "command"
    with_: dict[str, Any] = {}
    stage: Stage = "push"
    timeout: Duration = 600.0
    cwd: Words = ""
    env: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], Text | None] = {}
    files: Globs = ()
    whole: Globs = ()
    config: Globs = ()
    inputs: Globs = ()
    lists: Argv = ()
    idle: Globs = ()
    exclusive: bool = False
    advisory: bool = False
    command: Argv = ()
    reads: tuple[ReadsSpec, ...] = ()
    exit: ExitSpec | None = None
    measures: Annotated[tuple[Words, ...], Field(min_length=1)] = ()
    expect: dict[str, Conditions] = {}
    max_age: Duration = 0.0
    batch: bool = False
    version: Argv = ()
    install: Words = ""
    fix: Words = ""
    docs: Words = ""

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, value: Any) -> Any:
        """`exit` and `proof` are None where they are left out, yet may not be written so."""
        for key in ("exit", "proof"):
            if isinstance(value, Mapping) and value.get(key, ...) is None:
                raise ValueError(f"`{key}:` has no value")
        return value


class ToolSpec(CheckKeys):
    """A catalogue entry: a ready-made check for a known tool."""

    tool: Name
    params: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], Text | list[Text]] = {}


class CheckSpec(CheckKeys):
    """A check, inside a gate or registered."""

    check: Name = ""
    uses: Name = ""
    gate: Name = ""
    enabled: bool = True
    reason: Words = ""
    owner: Words = ""
    origin: tuple[OriginSpec, ...] = ()
    proof: ProofSpec | None = None

    @model_validator(mode="after")
    def _disabled_with_reason(self) -> CheckSpec:
        if not self.enabled and not self.reason:
            raise ValueError("`enabled: false` needs a `reason:`")
        return self


class GateSpec(Spec):
    """A gate."""

    gate: Name
    title: Words = ""
    stage: Stage = "push"
    advisory: bool = False
    requirements: dict[str, Conditions] = {}
    checks: list[
        Annotated[
            Annotated[Name, Tag("name")] | Annotated[CheckSpec, Tag("mapping")],
            Discriminator(lambda value: "name" if isinstance(value, str) else "mapping"),
        ]
    ]


class EvidenceSpec(Spec):
    """A file or address that backs a sign-off or an incident."""

    url: Words = ""
    file: Words = ""
    sha256: Annotated[Text, Field(pattern=r"^(sha256:)?[0-9a-f]{64}$")] = ""

    @model_validator(mode="after")
    def _one_place(self) -> EvidenceSpec:
        if bool(self.file) == bool(self.url):
            raise ValueError("write either `file:` or `url:`")
        return self


class SignoffSpec(Spec):
    """A person's recorded approval of a manual check."""

    signoff: Name
    by: Words
    date: Date
    expires: Date
    evidence: tuple[EvidenceSpec, ...] = ()
    covers: Digest = ""


class WaiverSpec(Spec):
    """A dated, owned, reviewed exception."""

    waiver: Words
    finding: Words = ""
    rule: Words = ""
    path: Words = ""
    requirement: Words = ""
    check: Name = ""
    reason: Words
    owner: Words
    created: Date
    expires: Date

    @model_validator(mode="after")
    def _one_subject(self) -> WaiverSpec:
        if [bool(self.finding), bool(self.rule), bool(self.requirement), bool(self.check)].count(
            True
        ) != 1:
            raise ValueError(
                "write one of `finding:`, `rule:` with `path:`, `requirement:`, `check:`"
            )
        if bool(self.rule) != bool(self.path):
            raise ValueError("`rule:` and `path:` go together")
        if self.expires < self.created:
            raise ValueError("`expires:` is before `created:`")
        return self


class BaselineFinding(Spec):
    """A known finding."""

    rule: Text
    path: Text | None = None


class BaselineMetric(Spec):
    """A reference value."""

    value: float
    unit: Text = ""
    samples: int | None = None


class BaselineSpec(Spec):
    """The accepted state: known findings and reference metrics, by check."""

    findings: dict[str, dict[str, BaselineFinding]] = {}
    metrics: dict[str, dict[str, BaselineMetric]] = {}


class CauseSpec(Spec):
    """Where an incident comes from, as far as it is known; each level fits the one above."""

    model_config = ConfigDict(json_schema_extra=cause_schema)

    category: CauseWord = ""
    area: CauseWord = ""
    focus: CauseWord = ""


class ImpactSpec(Spec):
    """What an incident cost, as people say it."""

    downtime: Words = ""
    data_loss: Annotated[
        Words,
        BeforeValidator(yes_or_no),
        WithJsonSchema({"type": ["boolean", "string", "number"]}),
    ] = ""
    recovery_time: Words = ""
    resource_usage: Words = ""
    users: Words = ""


class IncidentEvidenceSpec(EvidenceSpec):
    """What shows how an incident went."""

    kind: Literal["timeline", "decisions", "technical", "communication", "resolution"]


class IncidentSpec(Spec):
    """What happened."""

    incident: SafeName
    title: Words
    detected: Moment
    resolved: Moment = ""
    severity: Severity = ""
    kind: Literal[
        "production-bug", "review-rejection", "deployment-failure", "performance-regression", ""
    ] = ""
    cause: CauseSpec = Field(default_factory=CauseSpec.model_construct)
    impact: ImpactSpec = Field(default_factory=ImpactSpec.model_construct)
    rolled_back: bool = False
    performance_degraded: bool = False
    services: tuple[Words, ...] = ()
    regions: tuple[Words, ...] = ()
    evidence: tuple[IncidentEvidenceSpec, ...] = ()
    post_mortem: SafeName = ""

    @model_validator(mode="after")
    def _in_order(self) -> IncidentSpec:
        if self.resolved and before(self.resolved, self.detected):
            raise ValueError("`resolved:` is before `detected:`")
        return self


class SettingsSpec(Spec):
    """`[tool.gatekeeper]` in pyproject.toml, or gatekeeper.toml."""

    gates: Words = "gates"
    checks: Words = "checks"
    learning: Words = "learning"
    services: dict[Name, Words] = {}


# File kind -> its model; the names that `gatekeeper schema` takes.
KINDS: Mapping[str, type[Spec]] = {
    "gate": GateSpec,
    "check": CheckSpec,
    "tool": ToolSpec,
    "signoff": SignoffSpec,
    "waiver": WaiverSpec,
    "baseline": BaselineSpec,
    "incident": IncidentSpec,
    "settings": SettingsSpec,
}
