"""SARIF 2.1.0: the OASIS format of static analysis results, whatever tool wrote it.

Severity is the result's level, else what the invocation or the rule sets, else warning: error is
high, warning medium, note low, none info, another word unknown. A number (or word) given as
`security-severity` outranks the level, by the bands of CVSS.

Category, from the rule: `vulnerability` where it is tagged so or its id is that of a vulnerability
database (CVE-..., GHSA-...), `misconfiguration` or `secret` where it is tagged so, `weakness` where
it is tagged `security` or has a security-severity, else `lint`. The `owasp` metrics are set where
rules are tagged with categories of the OWASP Top Ten; of several editions the latest counts.

Results that are no findings, and are noted: suppressed ones (by a suppression that is accepted or
has no status), those of baselineState `absent`, those of kind pass, notApplicable, informational.
Kinds that ask for a decision (`review`, `open`) count like failures.

No measurement: a log without runs or of another version; a run without `results` (it did not scan)
or with parts in other files; a run that failed, or notes an error of its own; and a log without
findings whose tool warns that it could not parse or finish something. Work is the number of
artifacts with the role `analysisTarget`, where the tool lists them.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from gatekeeper.adapters import sariflog
from gatekeeper.adapters.jsonfile import mapping, text
from gatekeeper.adapters.sariflog import MOST, Place, Reference, Rule
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Category, Finding, Measurement, Metric, Severity, metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_LEVELS: Mapping[str, Severity] = {
    "error": "high",
    "warning": "medium",
    "note": "low",
    "none": "info",
}
# CVSS 3.1, section 5; and the words that some tools put in the place of a number.
_BANDS: Sequence[tuple[float, Severity]] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
    (0.0, "info"),
)
_WORDS: Mapping[str, Severity] = {word: word for _, word in _BANDS}
# What a tag makes of a rule, the most telling first.
_TAGGED: Sequence[tuple[str, Category]] = (
    ("vulnerability", "vulnerability"),
    ("misconfiguration", "misconfiguration"),
    ("secret", "secret"),  # pragma: allowlist secret
    ("security", "weakness"),
)
_DATABASE = re.compile(
    r"(CVE|PYSEC|RUSTSEC|GO|MAL|DSA|DLA|USN|RHSA|BDSA)-\d{4}\b|(GHSA|SNYK|OSV)-\w"
)
# OWASP-A03:2021 - Injection, owasp-top10-2021-a03, OWASP A3; in lower case
_OWASP = re.compile(
    r"owasp[^a-z0-9]*(?:top[^a-z0-9]*(?:10|ten)[^a-z0-9]*)?(?:(20\d\d)[^a-z0-9]*)?"
    r"a0?(10|[1-9])\b(?:[^a-z0-9]*(20\d\d))?"
)
_OWASP_METRICS = ("owasp.total", *(f"owasp.a{number:02}" for number in range(1, 11)))
_SCHEME = re.compile(r"([A-Za-z][\w+.-]+):")  # a single letter is a drive


class _Kind(NamedTuple):
    """What a result's rule tells; `scored` is the category where it has a security-severity."""

    rule: Rule
    name: str
    category: Category
    scored: Category
    level: str
    owasp: Sequence[str]


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Read a SARIF 2.1.0 log; raises NotMeasured for what is none, or proves no complete scan."""
    findings: list[Finding] = []
    owasp: Counter[str] = Counter()
    seen: list[sariflog.Run] = []
    with closing(sariflog.runs(path)) as runs:
        for run in runs:
            findings.extend(_findings(run, ctx, owasp))
            if len(findings) > MOST:
                raise NotMeasured(f"{path}: holds more than {MOST} results", "narrow the scan")
            run.results = None  # their memory is worth more than they are now
            seen.append(run)
    unexamined = next((run.unexamined for run in seen if run.unexamined), "")
    if unexamined and not findings:
        raise NotMeasured(
            f"{path}: no findings, but the tool could not examine everything: {unexamined}",
            "mend what it names, or tell the tool to leave it out",
        )
    targets = sum(run.targets for run in seen)
    return Measurement(
        metrics=_owasp_metrics(seen, owasp),
        findings=tuple(findings),
        work={"files": targets} if targets else {},
        notes=_notes(seen, unexamined),
    )


def _owasp_metrics(runs: Sequence[sariflog.Run], counts: Counter[str]) -> tuple[Metric, ...]:
    if not any(_owasp(rule.tags) for run in runs for rule in run.rules()):
        return ()
    return tuple(metric(name, counts[name]) for name in _OWASP_METRICS)


def _notes(runs: Sequence[sariflog.Run], unexamined: str) -> tuple[str, ...]:
    counts = sum((run.notes for run in runs), Counter[str]())
    counted = [f"{what}: {number}" for what, number in sorted(counts.items())]
    told = [f"the tool could not examine everything: {unexamined}"] if unexamined else []
    return (*counted, *told)


def _findings(run: sariflog.Run, ctx: ReadContext, owasp: Counter[str]) -> Iterator[Finding]:
    kinds = cache(partial(_kind, run))
    paths = cache(partial(_path, run, ctx))
    for result in run.results or ():
        kind = kinds(result.rule)
        if kind.owasp:
            owasp.update(kind.owasp)
        score = kind.rule.score if result.score is None else result.score
        yield Finding(
            kind.name,
            run.words(result.message, kind.rule),
            _severity(score, result.level or kind.level),
            kind.category if score is None else kind.scored,
            paths(result.place),
            result.line,
            result.column,
            url=kind.rule.url,
        )


def _kind(run: sariflog.Run, reference: Reference) -> _Kind:
    rule = run.find(reference) or Rule()
    owasp = _owasp(rule.tags)
    name = reference[0] or rule.id
    category = _category(name, rule.tags)
    return _Kind(
        rule=rule,
        name=name or "unnamed",
        category=category,
        scored="weakness" if category == "lint" else category,
        level=run.overrides.get(name) or rule.level or "warning",
        owasp=("owasp.total", *owasp) if owasp else (),
    )


def _category(rule: str, tags: Sequence[str]) -> Category:
    if _DATABASE.match(rule):
        return "vulnerability"
    return next((category for tag, category in _TAGGED if tag in tags), "lint")


def _owasp(tags: Iterable[str]) -> Sequence[str]:
    """The metrics of the OWASP Top Ten categories that the tags name, in their latest edition."""
    found = {(m[1] or m[3] or "", int(m[2])) for m in map(_OWASP.search, tags) if m}
    latest = max((edition for edition, _ in found), default="")
    return [f"owasp.a{number:02}" for edition, number in found if edition == latest]


def _severity(score: Any, level: str) -> Severity:
    """The severity that a security-severity tells, or without one a level."""
    if score is None:
        return _LEVELS.get(level.lower(), "unknown")
    if isinstance(score, str) and (word := score.strip().lower()) in _WORDS:
        return _WORDS[word]
    try:
        number = float("nan" if isinstance(score, bool) else score)
    except (TypeError, ValueError, OverflowError):
        return "unknown"
    fits = (band for least, band in _BANDS if least <= number <= 10)
    return next(fits, "unknown")


def _path(run: sariflog.Run, ctx: ReadContext, place: Place) -> str | None:
    """Where an artifact lies in the repository, also where its base is on another machine."""
    relative, name, number = place
    if not relative and number is not None and number < len(run.artifacts):
        relative, name, _ = run.artifacts[number]
    full, bases = relative, dict(run.bases)
    while name in bases:
        base = mapping(bases.pop(name))  # each once: they may go in circles
        uri = text(base.get("uri"), 4096).strip()
        if uri.startswith("file:") or (uri and ":" not in uri):
            full = uri.rstrip("/") + "/" + full.lstrip("/")
        name = text(base.get("uriBaseId"), 300)
    return _relative(full, ctx) or _relative(relative, ctx)


def _relative(uri: str, ctx: ReadContext) -> str | None:
    scheme = _SCHEME.match(uri)
    if not uri or (scheme and scheme[1].lower() != "file"):
        return None
    if not scheme and ("%" in uri or "\\" in uri):
        uri = unquote(uri).replace("\\", "/")
    return ctx.relative(uri)


PLUGIN = Reader(
    api=1,
    read=read,
    always=("lint.errors", "lint.warnings"),
    sometimes=("vulnerabilities.*", "dependencies.vulnerable", "secrets.total", "owasp.*"),
    expect={
        "lint.errors": "== 0",
        "vulnerabilities.critical": "== 0",
        "vulnerabilities.high": "== 0",
        "vulnerabilities.unknown": "== 0",
        "secrets.total": "== 0",
    },
)
