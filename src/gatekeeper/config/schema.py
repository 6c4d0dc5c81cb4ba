"""The shapes of the files people write, as pydantic models: the one trust boundary for YAML.

No field may be null: a key without a value is a mistake, never "the default".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
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

from gatekeeper.model import Stage

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)")
_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_CODES = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")


def _text(value: Any) -> Any:
    """A number where text is wanted keeps its source: `0123456`, `3.10`."""
    return getattr(value, "source", value)


def _duration(value: Any) -> float:
    match = _DURATION.fullmatch(str(_text(value)))
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not seconds:
        raise ValueError("write a positive duration with its unit, such as 30s, 10m or 24h")
    return seconds


def _codes(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise ValueError('write a list of exit codes, such as [0] or [1, "2-5"]')
    codes: list[int] = []
    for item in value:
        match = _CODES.fullmatch(str(_text(item)))
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not low <= high <= 255:
            raise ValueError(f"`{item}` is no exit code: write a number from 0 to 255, or a range")
        codes += range(low, high + 1)
    return codes


def _date(value: Any) -> str:
    text = _text(value)
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("write a date as YYYY-MM-DD")
    date.fromisoformat(text)
    return text


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
    texts = [_text(item) for item in (value if isinstance(value, list) else [value])]
    if not (texts and all(isinstance(text, str) and text.strip() for text in texts)):
        raise ValueError('write a condition such as ">= 80%", a list of them, or {pass:, warn:}')
    return texts


Text = Annotated[
    str,
    BeforeValidator(_text),
    Field(max_length=10_000),
    WithJsonSchema({"type": ["string", "number"]}),
]
Words = Annotated[Text, Field(min_length=1)]
Name = Annotated[
    Text,
    Field(pattern=_NAME, max_length=80),
    WithJsonSchema({"type": ["string", "integer"], "pattern": _NAME, "maxLength": 80}),
]
Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"}),
]
Codes = Annotated[
    list[int],
    BeforeValidator(_codes),
    WithJsonSchema({"type": "array", "items": {"type": ["integer", "string"]}}),
]
Date = Annotated[str, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
# Tuples, because pydantic copies a default list for each model that it makes.
Argv = Annotated[tuple[Text, ...], Field(min_length=1)]
Globs = Annotated[tuple[Words, ...], Field(min_length=1)]
Digest = Annotated[Text, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


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


class SignoffSpec(Spec):
    """A person's recorded approval of a manual check."""

    signoff: Name
    by: Words
    date: Date
    expires: Date
    evidence: tuple[EvidenceSpec, ...] = ()
    covers: Digest = ""


class EvidenceSpec(Spec):
    """A file or address that backs a sign-off."""

    url: Words = ""
    file: Words = ""
    sha256: Annotated[Text, Field(pattern=r"^(sha256:)?[0-9a-f]{64}$")] = ""

    @model_validator(mode="after")
    def _one_place(self) -> EvidenceSpec:
        if bool(self.file) == bool(self.url):
            raise ValueError("write either `file:` or `url:`")
        return self


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
    "settings": SettingsSpec,
}
