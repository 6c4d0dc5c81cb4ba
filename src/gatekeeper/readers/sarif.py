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

No measurement: a log without runs or of another version; a run without `results` (SARIF 3.14.23: it
did not scan) or with parts in other files; a run that failed, or notes an error of its own; and a
log without findings whose tool warns that it could not parse or finish something. Work is the
number of artifacts with the role `analysisTarget`, where the tool lists them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, position, sequence, text
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Category, Finding, Measurement, Metric, Severity, metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

# Results, and artifacts, of one run.
_MOST = 1_000_000
_LEVELS: Mapping[str, Severity] = {
    "error": "high",
    "warning": "medium",
    "note": "low",
    "none": "info",
}
# Words that stand where security-severity asks for a number.
_WORDS: Mapping[str, Severity] = {
    "critical": "critical",
    "high": "high",
    "medium": "medium",
    "low": "low",
    "info": "info",
}
_NO_FINDING = frozenset({"pass", "notapplicable", "informational"})
_TAGGED: Mapping[str, Category] = {
    "vulnerability": "vulnerability",
    "misconfiguration": "misconfiguration",
    "secret": "secret",
    "security": "weakness",
}
_DATABASE = re.compile(
    r"(CVE|PYSEC|RUSTSEC|GO|MAL|DSA|DLA|USN|RHSA|BDSA)-\d{4}\b|(GHSA|SNYK|OSV)-\w"
)
# OWASP-A03:2021 - Injection, owasp-top10-2021-a03, OWASP A3
_OWASP = re.compile(
    r"owasp[^a-z0-9]*(?:top[^a-z0-9]*(?:10|ten)[^a-z0-9]*)?(?:(20\d\d)[^a-z0-9]*)?"
    r"a0?(10|[1-9])\b(?:[^a-z0-9]*(20\d\d))?"
)
_OWASP_METRICS = ("owasp.total", *(f"owasp.a{number:02}" for number in range(1, 11)))
# How semgrep and others name, as a mere warning, that files were not examined.
_UNEXAMINED = re.compile(r"syntax|lexical|pars(e|ing)|time-?out|out of memory", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,3})\}")
_SCHEME = re.compile(r"([A-Za-z][\w+.-]+):")  # a single letter is a drive
_REMEDY = "look at what the tool printed"


# How a result names its rule: id, index, and the index or name of the component that has it.
_Reference = tuple[str, int | None, int | str | None]
# Of an artifactLocation: uri, uriBaseId, and its index among the artifacts.
_Place = tuple[str, str, int | None]


class _Result(NamedTuple):
    """What is kept of a result until its run is read: rules may stand after results."""

    rule: _Reference
    level: str | None
    score: Any
    message: str | Mapping[str, Any]
    place: _Place
    line: int | None
    column: int | None


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is kept of a reportingDescriptor; `score` is its security-severity, None without."""

    id: str
    level: str
    score: Any
    category: Category
    owasp: tuple[str, ...]
    url: str
    summary: str
    messages: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Component:
    """The driver or an extension of a tool."""

    name: str
    rules: Sequence[_Rule]
    by_id: Mapping[str, _Rule]
    messages: Mapping[str, Any]


@dataclass(slots=True)
class _Run:
    """What has been read of one run; its results become findings at the end."""

    results: list[_Result] | None = None
    findings: Sequence[Finding] = ()
    owasp: Counter[str] = field(default_factory=Counter)
    components: Sequence[_Component] = ()
    bases: Mapping[str, Any] = field(default_factory=dict)
    artifacts: list[_Place] = field(default_factory=list)
    targets: int = 0
    overrides: Mapping[str, str] = field(default_factory=dict)
    unexamined: str = ""
    notes: Counter[str] = field(default_factory=Counter)


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Read a SARIF 2.1.0 log; raises NotMeasured for what is none, or proves no complete scan."""
    runs: list[_Run] = []
    version: object = None
    with jsonfile.stream(path) as document:
        for key in document.members():
            if key == "version":
                version = document.value()
            elif key == "runs" and document.peek() == "[":
                runs = [_read_run(path, document, ctx) for _ in document.elements()]
            elif key == "inlineExternalProperties":
                _refuse_external(path, document.value())
            else:
                document.skip()
    if version != "2.1.0":
        found = f"of version {text(version, 20)!r}" if version else "without a version"
        raise NotMeasured(f"{path}: is no SARIF 2.1.0 log but {found}", "use SARIF 2.1.0")
    if not runs:
        raise NotMeasured(f"{path}: the SARIF log holds no run: nothing was scanned", _REMEDY)
    return _measurement(path, runs)


def _read_run(path: Path, document: jsonfile.Stream, ctx: ReadContext) -> _Run:
    run = _Run()
    for key in document.members():
        if key in ("results", "artifacts") and document.peek() == "[":
            _read_array(path, document, run, key)
        elif key == "tool":
            tool = mapping(document.value())
            parts = (tool.get("driver"), *sequence(tool.get("extensions")))
            run.components = [_component(mapping(part)) for part in parts]
        elif key == "invocations":
            _read_invocations(path, sequence(document.value()), run)
        elif key == "originalUriBaseIds":
            run.bases = mapping(document.value())
        elif key == "externalPropertyFileReferences":
            _refuse_external(path, document.value())
        else:
            document.skip()
    if run.results is None:
        raise NotMeasured(f"{path}: a run without results: its tool did not scan", _REMEDY)
    run.findings = list(_findings(run, ctx))
    run.results.clear()
    return run


def _read_array(path: Path, document: jsonfile.Stream, run: _Run, key: str) -> None:
    results: list[_Result] = []
    kept: dict[Any, Any] = {}  # what is equal is kept once
    for index in document.elements():
        raw = document.value()
        if not isinstance(raw, dict):
            raise NotMeasured(f"{path}: {key}[{index}] is no object", _REMEDY)
        if max(len(results), len(run.artifacts)) >= _MOST:
            raise NotMeasured(f"{path}: holds more than {_MOST} {key}", "narrow what is examined")
        if key == "artifacts":
            run.artifacts.append(_place(mapping(raw.get("location"))))
            run.targets += "analysisTarget" in sequence(raw.get("roles"))
        elif reason := _left_out(raw):
            run.notes[reason] += 1
        else:
            results.append(_result(raw, kept))
    if key == "results":
        run.results = results


def _left_out(raw: Mapping[str, Any]) -> str:
    """Why a result is no finding; "" where it is one."""
    if raw.get("baselineState") == "absent":
        return "results fixed since the tool's baseline"
    for suppression in sequence(raw.get("suppressions")):
        # `state` is what drafts of 2.1.0 called it.
        status = mapping(suppression).get("status", mapping(suppression).get("state"))
        if status in (None, "accepted") and isinstance(suppression, dict):
            return "results suppressed in the tool"
    kind = raw.get("kind")
    if isinstance(kind, str) and kind.lower() in _NO_FINDING:
        return f"results of kind {kind}"
    return ""


def _result(raw: Mapping[str, Any], kept: dict[Any, Any]) -> _Result:
    rule = _reference(raw)
    location = _physical(raw)
    place = _place(mapping(location.get("artifactLocation")))
    region = mapping(location.get("region"))
    level = raw.get("level")
    return _Result(
        kept.setdefault(rule, rule),
        None if level is None else text(level, 20) or "?",
        _score(raw),
        _message(raw),
        kept.setdefault(place, place),
        position(region.get("startLine")),
        position(region.get("startColumn")),
    )


def _reference(raw: Mapping[str, Any]) -> _Reference:
    """Which rule a result names; `rule` and `toolComponent` are for extensions (SARIF 3.27.7)."""
    name, index = text(raw.get("ruleId"), 300), _index(raw.get("ruleIndex"))
    if not isinstance(reference := raw.get("rule"), dict):
        return name, index, None
    owner = mapping(reference.get("toolComponent"))
    component = _index(owner.get("index"))
    place = _index(reference.get("index"))
    return (
        name or text(reference.get("id"), 300),
        index if place is None else place,
        text(owner.get("name"), 300) or None if component is None else component,
    )


def _physical(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first physical location of a result; an empty one where it has none."""
    for location in sequence(raw.get("locations")):
        if isinstance(location, dict) and (physical := mapping(location.get("physicalLocation"))):
            return physical
    return {}


def _place(location: Mapping[str, Any]) -> _Place:
    uri, base = text(location.get("uri"), 4096).strip(), text(location.get("uriBaseId"), 300)
    return uri, base, _index(location.get("index"))


def _index(value: object) -> int | None:
    """An index; None for anything else, such as -1, which is SARIF's word for none."""
    return value if type(value) is int and value >= 0 else None


def _score(owner: Mapping[str, Any]) -> Any:
    """The security-severity of a result or rule, or what Dependency-Check 7 has in its place."""
    if not isinstance(properties := owner.get("properties"), dict):
        return None
    score = properties.get("security-severity", properties.get("cvssv3_baseScore"))
    return None if score == "" else score


def _message(owner: Mapping[str, Any]) -> str | Mapping[str, Any]:
    """The text of a message; the message itself where it has only an id."""
    message = mapping(owner.get("message"))
    template = text(message.get("text")) or text(message.get("markdown"))
    if not template and message.get("id"):
        return message
    return (_fill(template, message) if "arguments" in message else template).strip()


def _fill(template: str, message: Mapping[str, Any]) -> str:
    """Put the message's arguments in the place of {0}, {1}, ... (SARIF 3.11.5)."""
    arguments = [text(argument, 300) for argument in sequence(message.get("arguments"))]
    if not arguments:
        return template

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        return arguments[int(match[1])] if int(match[1]) < len(arguments) else match[0]

    return text(_PLACEHOLDER.sub(replace, template))


def _component(raw: Mapping[str, Any]) -> _Component:
    rules = [_rule(mapping(rule)) for rule in sequence(raw.get("rules"))]
    return _Component(
        name=text(raw.get("name"), 300),
        rules=rules,
        by_id={rule.id: rule for rule in reversed(rules) if rule.id},  # ids may repeat: the first
        messages=mapping(raw.get("globalMessageStrings")),
    )


def _rule(raw: Mapping[str, Any]) -> _Rule:
    tags = [text(t, 200).lower() for t in sequence(mapping(raw.get("properties")).get("tags"))]
    name, score = text(raw.get("id"), 300), _score(raw)
    descriptions = (mapping(raw.get(key)) for key in ("shortDescription", "fullDescription"))
    summaries = [text(value.get("text")) for value in descriptions]
    return _Rule(
        id=name,
        level=text(mapping(raw.get("defaultConfiguration")).get("level"), 20),
        score=score,
        category=_category(name, tags, score),
        owasp=_owasp(tags),
        url=text(raw.get("helpUri")),
        summary=next(filter(None, summaries), text(raw.get("name"))),
        messages=mapping(raw.get("messageStrings")),
    )


def _category(rule: str, tags: Sequence[str], score: object) -> Category:
    if _DATABASE.match(rule):
        return "vulnerability"
    tagged = next((category for tag, category in _TAGGED.items() if tag in tags), None)
    return tagged or ("lint" if score is None else "weakness")


def _owasp(tags: Iterable[str]) -> tuple[str, ...]:
    """The OWASP Top Ten categories in the latest edition that the tags name: ("a03",)."""
    found = {(m[1] or m[3] or "", f"a{int(m[2]):02}") for m in map(_OWASP.search, tags) if m}
    latest = max((edition for edition, _ in found), default="")
    return tuple(sorted(name for edition, name in found if edition == latest))


def _read_invocations(path: Path, invocations: Sequence[Any], run: _Run) -> None:
    for invocation in map(mapping, invocations):
        failed = invocation.get("executionSuccessful", True) is not True
        reason = text(invocation.get("exitCodeDescription"), 300)
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            for note in map(mapping, sequence(invocation.get(kind))):
                level = text(note.get("level"), 20).lower() or "warning"
                name = text(mapping(note.get("descriptor")).get("id"), 100)
                message = _message(note)
                words = ": ".join(filter(None, (name, _line(message))))
                failed |= level == "error"
                reason = words if level == "error" else reason or words
                run.notes["warnings of the tool about its run"] += level == "warning"
                if kind == "toolExecutionNotifications" and _UNEXAMINED.search(name):
                    run.unexamined = run.unexamined or words
        if failed:
            raise NotMeasured(
                f"{path}: the tool says that its run failed: {reason or 'it gives no reason'}",
                "mend what it names, or tell the tool to leave it out",
            )
    if len(invocations) == 1:
        overrides = sequence(mapping(invocations[0]).get("ruleConfigurationOverrides"))
        run.overrides = {
            text(mapping(override.get("descriptor")).get("id"), 300): level
            for override in map(mapping, overrides)
            if (level := text(mapping(override.get("configuration")).get("level"), 20))
        }


def _line(message: str | Mapping[str, Any]) -> str:
    """A message on one line; one with an id only is nothing without its tool."""
    return text(" ".join(message.split()), 300) if isinstance(message, str) else ""


def _refuse_external(path: Path, value: object) -> None:
    """Refuse a log that keeps elsewhere what decides about findings (SARIF 3.13.5, 3.14.2)."""
    parts = value if isinstance(value, list) else [value]
    held = {key for part in parts for key, content in mapping(part).items() if content}
    if external := sorted(held & {"results", "invocations", "driver", "extensions"}):
        raise NotMeasured(
            f"{path}: the SARIF log keeps its {' and '.join(external)} outside its runs",
            "let the tool write one complete log",
        )


def _find(run: _Run, rule: str, index: int | None, component: int | str | None) -> _Rule | None:
    """The rule of a result (SARIF 3.27.5, 3.27.7, 3.52): by index, else by id."""
    owners = run.components
    if isinstance(component, int):
        owners = owners[component + 1 : component + 2]
    elif component:
        owners = [owner for owner in owners if owner.name == component]
    indexed = None
    if index is not None and owners and index < len(owners[0].rules):
        indexed = owners[0].rules[index]
        if not rule or rule == indexed.id or rule.startswith(indexed.id + "/"):
            return indexed
    while rule:  # a/b/c is part of the rule a/b, or a (SARIF 3.5.4)
        for owner in owners:
            if rule in owner.by_id:
                return owner.by_id[rule]
        rule = rule.rpartition("/")[0]
    return indexed


def _severity(score: Any, level: str) -> Severity:
    """Of a security-severity, else of a level; CVSS 3.1, section 5, has the bands."""
    if score is None:
        return _LEVELS.get(level.lower(), "unknown")
    if isinstance(score, str) and score.strip().lower() in _WORDS:
        return _WORDS[score.strip().lower()]
    try:
        number = float("nan" if isinstance(score, bool) else score)
    except (TypeError, ValueError, OverflowError):
        return "unknown"
    if not 0 <= number <= 10:
        return "unknown"
    bands: tuple[tuple[float, Severity], ...] = ((9, "critical"), (7, "high"), (4, "medium"))
    return next((band for least, band in bands if number >= least), "low" if number else "info")


def _path(place: _Place, run: _Run, ctx: ReadContext) -> str | None:
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


def _findings(run: _Run, ctx: ReadContext) -> Iterator[Finding]:
    rules: dict[Any, _Rule] = {}
    paths: dict[_Place, str | None] = {}
    for result in run.results or ():
        name = result.rule[0]
        if (rule := rules.get(result.rule)) is None:
            rule = rules[result.rule] = _find(run, *result.rule) or _rule({"id": name})
        if result.place not in paths:
            paths[result.place] = _path(result.place, run, ctx)
        score = rule.score if result.score is None else result.score
        scored = rule.category == "lint" and score is not None
        if rule.owasp:
            run.owasp.update((*rule.owasp, "total"))
        yield Finding(
            name or rule.id or "unnamed",
            _words(result.message, rule, run) or rule.summary or "no message",
            _severity(score, result.level or run.overrides.get(rule.id) or rule.level or "warning"),
            "weakness" if scored else rule.category,
            paths[result.place],
            result.line,
            result.column,
            url=rule.url,
        )


def _words(message: str | Mapping[str, Any], rule: _Rule, run: _Run) -> str:
    if isinstance(message, str):
        return message
    name = text(message["id"], 300)
    for table in (rule.messages, *(component.messages for component in run.components)):
        if template := text(mapping(table.get(name)).get("text")):
            return _fill(template, message)
    return ""


def _measurement(path: Path, runs: Sequence[_Run]) -> Measurement:
    findings = tuple(finding for run in runs for finding in run.findings)
    owasp = sum((run.owasp for run in runs), Counter[str]())
    unexamined = next((run.unexamined for run in runs if run.unexamined), "")
    if unexamined and not findings:
        raise NotMeasured(
            f"{path}: no findings, but the tool could not examine everything: {unexamined}",
            "mend what it names, or tell the tool to leave it out",
        )
    metrics: tuple[Metric, ...] = ()
    if any(rule.owasp for run in runs for part in run.components for rule in part.rules):
        metrics = tuple(metric(name, owasp[name.removeprefix("owasp.")]) for name in _OWASP_METRICS)
    targets = sum(run.targets for run in runs)
    notes = sum((run.notes for run in runs), Counter[str]())
    told = [f"{what}: {number}" for what, number in sorted(notes.items())]
    if unexamined:
        told.append(f"the tool could not examine everything: {unexamined}")
    return Measurement(metrics, findings, {"files": targets} if targets else {}, notes=tuple(told))


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
