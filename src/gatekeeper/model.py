"""What is measured and judged: frozen values without behaviour, and the counts of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Literal, get_args

Severity = Literal["critical", "high", "medium", "low", "info", "unknown"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Category = Literal[
    "lint",
    "format",
    "types",
    "complexity",
    "duplication",
    "test",
    "coverage",
    "performance",
    "vulnerability",
    "weakness",
    "secret",
    "misconfiguration",
    "licence",
    "document",
    "monitoring",
    "signoff",
    "postmortem",
    "incident",
    "command",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
Work = Literal[
    "files",
    "lines",
    "statements",
    "tests",
    "rules",
    "packages",
    "requests",
    "samples",
    "documents",
    "items",
    "commands",
]
WORK: tuple[Work, ...] = get_args(Work)
Stage = Literal["push", "ci", "deploy"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Verdict = Literal["pass", "warn", "fail", "error", "skipped"]
# Worse to the right; `skipped` judged nothing and therefore outranks nothing.
RANK: Mapping[Verdict, int] = {"skipped": 0, "pass": 1, "warn": 2, "fail": 3, "error": 4}

# A JSON number is read back as a float, which carries 15 significant decimal digits exactly, up to
# about 1e308. What is larger becomes Infinity and what is no number NaN, which `judge` refuses.
_EXACT = Context(prec=15, Emin=-300, Emax=300, traps=[])


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file a person wrote; line and column start at 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """`file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Metric:
    """A named number in the unit that `metrics.py` gives for the name; `samples` behind it."""

    name: str
    value: Decimal
    unit: str = ""
    samples: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One located problem.

    `path` is relative to the repository with `/`, or None; `line` and `column` start at 1, or are
    None. `fingerprint` is filled in by `run`; a reader leaves it empty or gives the tool's own.
    """

    rule: str
    message: str
    severity: Severity
    category: Category
    path: str | None = None
    line: int | None = None
    column: int | None = None
    fingerprint: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A raw file behind a measurement: path below `.gatekeeper/`, digest `sha256:HEX`, bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Series:
    """How a value went while it was measured, for a chart; nothing is judged by it.

    `values` are in the unit, in the order in which they were taken. `at` are the seconds at which,
    one for each value; empty where the values are only numbered, as rounds are.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    at: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One of the things that a check looked at, and its state in a word of the check type.

    `guards` are the checks that stand for it.
    """

    id: str
    title: str
    state: str
    path: str | None = None
    line: int | None = None
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a check saw, without an opinion.

    `work` says how much was really examined, by kind (a key of `WORK`). A reader never sets a
    metric that `count` derives from the findings it returns. `series` and `items` are only shown.
    """

    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    work: Mapping[str, int] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a check could not measure, and what to do about it."""

    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """A measurement, or the failure that prevented it, with how it came about.

    Exactly one of `measurement` and `failure` is set. Times: `started` is seconds after the run
    began, `wall` seconds including gatekeeper's own work for the check, `cpu` seconds of user and
    system time of the check's processes, `max_rss` bytes.
    """

    check: str
    digest: str
    measurement: Measurement | None = None
    failure: Failure | None = None
    selected: int | None = None
    inputs_digest: str | None = None
    reused_from: str | None = None
    argv: tuple[str, ...] = ()
    tool: str = ""
    tool_digest: str = ""
    tool_version: str = ""
    started: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0
    max_rss: int = 0
    exit: int | None = None
    output: str = ""


def metric(
    name: str, value: Decimal | int | str, unit: str = "", samples: int | None = None
) -> Metric:
    """A metric whose value survives JSON: rounded to 15 significant digits; NaN for no number."""
    return Metric(name, _EXACT.plus(_EXACT.create_decimal(value)), unit, samples)


# Category -> what its findings count in. `{severity}` and `{rule}` are the finding's own.
_LINT_COUNTS: Mapping[str, tuple[str, ...]] = {
    "medium": ("lint.warnings",),
    "low": ("lint.warnings",),
    "info": (),
}
_BY_RULE: Mapping[str, tuple[str, ...]] = {
    "test": ("tests",),
    "document": ("documents",),
    "signoff": ("signoffs",),
    "postmortem": ("postmortems", "actions", "guards"),
    "incident": ("incidents",),
    "command": ("command",),
    "monitoring": ("alerts", "dashboards"),
}
_LINT = ("lint", "format", "types")
_SECURITY = ("vulnerability", "weakness", "misconfiguration")
_SINGLE: Mapping[str, tuple[str, ...]] = {
    "complexity": ("complexity.over",),
    "secret": ("secrets.total",),
    "licence": ("licences.denied",),
}
# Totals that a report states; with the category's other counts they are never derived.
_STATED = frozenset(
    {"tests.total", "tests.passed", "tests.skipped", "alerts.total", "dashboards.total"}
)
# Metrics that account for a category without counting its findings.
_ACCOUNTED: Mapping[str, tuple[str, ...]] = {
    "complexity": ("complexity.",),
    "duplication": ("duplication.",),
    "coverage": ("coverage.",),
    "performance": (
        "latency.",
        "error.",
        "throughput",
        "load.",
        "cpu.",
        "memory.",
        "benchmark.",
        "requests.",
    ),
}


def counted_in(finding: Finding) -> tuple[str, ...]:
    """The names of the metrics in which one finding counts; empty where it counts nowhere."""
    category, severity = finding.category, finding.severity
    if category in _LINT:
        return _LINT_COUNTS.get(severity, ("lint.errors",))
    if category in _SECURITY:
        by_severity = () if severity == "info" else (f"vulnerabilities.{severity}",)
        known = ("dependencies.vulnerable",) if category == "vulnerability" else ()
        return ("vulnerabilities.total", *by_severity, *known)
    if category in _BY_RULE:
        names = [f"{prefix}.{finding.rule}" for prefix in _BY_RULE[category]]
        return tuple(name for name in names if name not in _STATED)
    return _SINGLE.get(category, ())


def count(findings: Iterable[Finding]) -> Counter[str]:
    """Derive the counts of findings; a metric in which none counts reads 0."""
    return Counter(name for finding in findings for name in counted_in(finding))


def is_count(name: str) -> bool:
    """Whether a metric is derived from findings rather than set by a reader."""
    head, _, last = name.partition(".")
    if name in _STATED:
        return False
    if head == "vulnerabilities":
        return last in SEVERITIES or last == "total"
    derived = {"lint.errors", "lint.warnings", "dependencies.vulnerable"}
    derived.update(single for singles in _SINGLE.values() for single in singles)
    return name in derived or any(head in prefixes for prefixes in _BY_RULE.values())


def accounts_for(category: str, measures: Iterable[str]) -> bool:
    """Whether any of the metrics a check measures takes note of a finding of this category."""
    if category in _LINT:
        prefixes: tuple[str, ...] = ("lint.",)
    elif category in _SECURITY:
        prefixes = ("vulnerabilities.", "owasp.")
        if category == "vulnerability":
            prefixes += ("dependencies.",)
    elif category in _BY_RULE:
        prefixes = tuple(f"{prefix}." for prefix in _BY_RULE[category])
    else:
        prefixes = _ACCOUNTED.get(category, _SINGLE.get(category, ()))
    # A stated total takes no note of a finding: `tests.total` does not tell that a test failed.
    return any(name.startswith(prefixes) and name not in _STATED for name in measures)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `skipped` where all are, or there are none."""
    return max(verdicts, key=lambda verdict: RANK[verdict], default="skipped")
