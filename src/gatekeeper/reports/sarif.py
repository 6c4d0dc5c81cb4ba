"""SARIF 2.1.0 for GitHub code scanning, and whatever else reads it.

    gatekeeper run --report sarif:gates.sarif

One run of the tool gatekeeper, of the category `gatekeeper/STAGE`, then the service and the gates
or checks if only some were named, so that an upload of some closes no alert of the others. Results
are the shortfalls, worst first: each finding, and what no finding tells, in the policy's YAML.

| severity | level | security-severity of its rule, if it is about security |
|---|---|---|
| critical; not measured | error | 9.5 |
| high, unknown | error | 8.0 |
| medium | warning | 5.5 |
| low | note | 2.0 |
| info | note | |

Excused findings are left out: GitHub reads no `suppressions` and would show them as open alerts.

`executionSuccessful` is false where anything was not measured. GitHub stores 5,000 results and
refuses files above 10 MB (gzip): what is worst is kept within 5,000 results and 8 MB of plain text,
and a notification tells how many are left out. It tracks an alert by `primaryLocationLineHash`,
which its upload action adds from the source; beside it stands our own fingerprint, as in waivers.
The result knows no address of the repository, which `versionControlProvenance` requires: commit,
policy and verdict are properties of the run.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from gatekeeper import escape, wording
from gatekeeper.errors import Exit
from gatekeeper.interfaces import Report
from gatekeeper.model import Severity, Verdict
from gatekeeper.result import Result
from gatekeeper.shortfalls import Shortfall, shortfalls

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST_RESULTS = 5_000
_MOST_BYTES = 8_000_000
# Characters of a name or id, and of a text; GitHub takes 255 and 1,024.
_NAME, _TEXT = 200, 1_000
_LEVELS: Mapping[Severity, str] = {
    "critical": "error",
    "high": "error",
    "unknown": "error",
    "medium": "warning",
    "low": "note",
    "info": "note",
}
_SCORES: Mapping[Severity, str] = {
    "critical": "9.5",
    "high": "8.0",
    "unknown": "8.0",
    "medium": "5.5",
    "low": "2.0",
}
_SECURITY = frozenset({"vulnerability", "weakness", "secret", "misconfiguration"})
_EXITS: Mapping[Verdict, Exit] = {"fail": Exit.FAILED, "error": Exit.NOT_MEASURED}

_Object = dict[str, Any]


@dataclass(slots=True)
class _Kept:
    """What of the results fits into the limits, the first of each rule, and how many are left."""

    results: list[str] = field(default_factory=list)
    rules: dict[str, tuple[int, Shortfall]] = field(default_factory=dict)
    size: int = 0
    left: int = 0

    def add(self, shortfall: Shortfall) -> None:
        """Take in one more, unless it or one before it was too much."""
        if self.left or len(self.results) == _MOST_RESULTS:
            self.left += 1
            return
        name = _line(shortfall.rule, _NAME)
        number, first = self.rules.get(name, (len(self.rules), shortfall))
        result = escape.as_json(_result(shortfall, name, number))
        rule = "" if name in self.rules else escape.as_json(_rule(name, shortfall))
        self.size += len(result) + len(rule)
        if self.size > _MOST_BYTES:
            self.left = 1
            return
        self.results.append(result)
        self.rules[name] = number, min(first, shortfall, key=_severity)


def render(result: Result) -> Iterator[str]:
    """Yield the log in ASCII, a result per line; the same bytes for the same result."""
    found = shortfalls(result)
    kept = _Kept()
    for shortfall in found:
        kept.add(shortfall)
    measured = not any(shortfall.unmeasured for shortfall in found)
    rules = [_rule(name, first) for name, (_, first) in kept.rules.items()]
    version = _line(result.engine, _NAME)
    parts = {
        "tool": {"driver": {"name": "gatekeeper", "version": version, "rules": rules}},
        "automationDetails": {"id": _category(result)},
        "invocations": [_invocation(result, kept.left, measured=measured)],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the top of the repository"}}},
        "properties": _properties(result),
    }
    yield f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{\n'
    yield from (f"{escape.as_json(key)}: {escape.as_json(part)},\n" for key, part in parts.items())
    yield '"results": [\n' + ",\n".join(kept.results) + "\n]}]}\n"


def _severity(shortfall: Shortfall) -> int:
    return wording.WORST.index(shortfall.severity)


def _line(text: str, limit: int = _TEXT) -> str:
    """One harmless line; `](` would make a link of a message (3.11.6)."""
    return escape.line(wording.flat(text, limit)).replace("](", "] (")[: limit + len(" ...")]


def _message(*lines: str) -> _Object:
    return {"text": "\n".join(filter(None, map(_line, lines))) or "no message"}


def _result(shortfall: Shortfall, rule: str, number: int) -> _Object:
    region = {"startLine": shortfall.begins}
    if shortfall.column and shortfall.column > 0:
        region["startColumn"] = shortfall.column
    advice = () if shortfall.finding else shortfall.advice
    return {
        "ruleId": rule,
        "ruleIndex": number,
        "level": _LEVELS[shortfall.severity],
        "message": _message(shortfall.message, *advice),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(shortfall.path), "uriBaseId": "%SRCROOT%"},
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"gatekeeperFingerprint/v1": shortfall.fingerprint},
        "properties": {"verdict": shortfall.verdict, "gate": _line(shortfall.gate, _NAME)},
    }


def _uri(path: str) -> str:
    """A relative reference; what is no Unicode in a path is escaped, as bytes would be no UTF-8."""
    return quote(path.encode("utf-8", "backslashreplace"))


def _rule(name: str, shortfall: Shortfall) -> _Object:
    """A rule, as the worst of its results shows it."""
    finding = shortfall.finding
    title = _message(shortfall.title)
    # Not the bare name of the gate: GitHub takes the tag `security` for more than a word.
    tags = [f"gate/{_line(shortfall.gate, _NAME)}"] if shortfall.gate else []
    made: _Object = {
        "id": name,
        "name": name,
        "shortDescription": _message(name.replace("/", ": ", 1)),
        "fullDescription": title,
        "help": _message(shortfall.title, *shortfall.advice),
        "defaultConfiguration": {"level": _LEVELS[shortfall.severity]},
        "properties": {"tags": tags},
    }
    if finding:
        tags.append(finding.category)
        if finding.category in _SECURITY:
            tags.append("security")
            if score := _SCORES.get(finding.severity):
                made["properties"]["security-severity"] = score
        if url := escape.link(finding.url):
            made["helpUri"] = url
    return made


def _category(result: Result) -> str:
    """`gatekeeper/ci/`: what GitHub takes for the same analysis; all before the last slash."""
    plan, service = result.plan, result.subject.service
    named = () if plan.whole else plan.only or plan.gates
    parts = ["gatekeeper", result.stage, *([service] if service else [])]
    parts += ["+".join(sorted(named))] if named else []
    return "".join(f"{quote(_line(part, _NAME))}/" for part in parts)


def _invocation(result: Result, left: int, *, measured: bool) -> _Object:
    verdict = result.verdict.verdict
    remarks = wording.remarks(result)
    if left:
        remarks.append(f"{left} more results are left out: see the other reports")
    made: _Object = {
        "executionSuccessful": measured,
        "exitCodeDescription": _line(wording.conclusion(result)),
        "toolExecutionNotifications": [
            {"level": "warning", "message": _message(remark)} for remark in remarks
        ],
    }
    if not result.interrupted:
        made["exitCode"] = int(_EXITS.get(verdict, Exit.PASSED))
    for key, text in (("startTimeUtc", result.started), ("endTimeUtc", result.finished)):
        if time := _utc(text):
            made[key] = time
    return made


def _utc(text: str) -> str:
    """A time as SARIF writes it (3.9), "" for what is none."""
    try:
        time = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _properties(result: Result) -> _Object:
    subject = result.subject
    known = {
        "verdict": result.verdict.verdict,
        "stage": result.stage,
        "policy": result.policy,
        "service": subject.service,
        "version": subject.version,
        "commit": subject.commit,
        "tree": subject.tree,
    }
    words: _Object = {key: _line(text, _NAME) for key, text in known.items() if text}
    return {**words, "dirty": subject.dirty}


PLUGIN = Report(api=1, render=render)
