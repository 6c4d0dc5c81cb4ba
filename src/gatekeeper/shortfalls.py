"""Every problem of a result, each once, worst first, each with a place in the repository.

What annotations, SARIF and code quality reports have in common; reports for people follow the
gates instead. A shortfall is a finding that counts, or what no finding tells: a requirement or
expectation that is not met, a check or a gate that is not measured, a run that was interrupted.

Findings that no condition minds are shortfalls too, of verdict `pass`; excused ones are none. What
has no place of its own stands where it was declared: in the YAML of its check or gate.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gatekeeper import wording
from gatekeeper.model import RANK, Finding, Position, Severity, Verdict, worst
from gatekeeper.result import CheckVerdict, GateVerdict, Judgement, Result

# Where the policy begins, for what says nothing more exact.
_POLICY = Position("gates", 1, 1)
_FINGERPRINT = re.compile("[0-9a-f]{8,128}")
# How bad it is that something is not met, in the words of findings.
_SEVERITY: Mapping[Verdict, Severity] = {"error": "critical", "fail": "high", "warn": "medium"}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One problem; its strings are raw, so each report escapes and cuts them for its own output.

    `verdict` is what it makes of the run: `error`, `fail`, `warn` (advisory ones too) or `pass`.
    `rule` is `CHECK/RULE`, `CHECK/not-measured`, `CHECK/not-met` or `GATE/METRIC`, and `title` what
    should hold. `path` is relative to the top of the repository, `line` and `column` start at 1.
    `advice` are remedy, fix and what the check guards, a line each. `fingerprint` stays the same
    from run to run, and no other shortfall of a result has it. `finding` is None where there is
    none.
    """

    verdict: Verdict
    severity: Severity
    rule: str
    title: str
    message: str
    path: str
    line: int | None
    column: int | None
    fingerprint: str
    gate: str = ""
    check: str = ""
    advice: tuple[str, ...] = ()
    finding: Finding | None = None

    @property
    def unmeasured(self) -> bool:
        """Whether it is that something is not measured, advisory or not."""
        return self.finding is None and self.severity == _SEVERITY["error"]

    @property
    def begins(self) -> int:
        """Its line where a form requires one."""
        return max(self.line or 1, 1)


def shortfalls(result: Result) -> tuple[Shortfall, ...]:
    """All problems of a result, the worst first, whatever the order of the findings."""
    found: dict[str, Shortfall] = {}
    gates = ((_Scope(result, gate), gate) for gate in result.verdict.gates)
    for new in (new for scope, gate in gates for new in _gate(scope, gate)):
        old = found.setdefault(new.fingerprint, new)
        if RANK[new.verdict] > RANK[old.verdict]:
            found[new.fingerprint] = replace(old, verdict=new.verdict)
    if said := wording.untold(result, (each.verdict for each in found.values())):
        whole = _Scope(result).shortfall("error", "run/not-measured", "The run", said)
        found[whole.fingerprint] = whole
    return tuple(sorted(found.values(), key=_rank))


def _rank(shortfall: Shortfall) -> tuple[object, ...]:
    return (
        not shortfall.unmeasured,  # advisory or not: no limit of a form leaves it out
        -RANK[shortfall.verdict],
        wording.WORST.index(shortfall.severity),
        shortfall.finding is not None,
        shortfall.path,
        shortfall.line or 0,
        shortfall.column or 0,
        shortfall.rule,
        shortfall.message,
        shortfall.fingerprint,
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where something was declared, and whether it blocks."""

    result: Result
    gate: GateVerdict | None = None
    check: CheckVerdict | None = None

    def upward(self, verdict: Verdict) -> Verdict:
        """What a verdict makes of the run: what is advisory warns at most."""
        advisory = any(one and one.advisory for one in (self.gate, self.check))
        return "warn" if advisory and verdict in wording.BAD else verdict

    def shortfall(
        self, verdict: Verdict, rule: str, title: str, said: str, position: Position | None = None
    ) -> Shortfall:
        """What stands where it was declared, or its check, or its gate."""
        known = [one.position for one in (self.check, self.gate) if one]
        where = next(filter(None, (position, *known)), _POLICY)
        check = self.check
        return Shortfall(
            self.upward(verdict),
            # What is not measured is never made light of.
            _SEVERITY.get(verdict if verdict == "error" else self.upward(verdict), "low"),
            rule,
            title,
            said,
            (self.result.subject.config + where.file)[: wording.LONGEST],
            where.line,
            where.column,
            _digest("declared", rule),
            self.gate.gate if self.gate else "",
            check.check if check else "",
            (*wording.remedies(check), *wording.guards(check, self.result.titles)) if check else (),
        )


def _gate(scope: _Scope, gate: GateVerdict) -> Iterator[Shortfall]:
    unmet = list(filter(_unmet, gate.requirements))
    made = [
        new for check in gate.checks for new in _check(replace(scope, check=check), check, unmet)
    ]
    made += [_requirement(scope, gate, each) for each in unmet if not _told(gate, each)]
    yield from made
    if wording.exceeds(scope.upward(gate.verdict), (each.verdict for each in made)):
        said = gate.reason or gate.title
        yield scope.shortfall("error", f"{gate.gate}/not-measured", gate.title, said)


def _unmet(judgement: Judgement) -> bool:
    return judgement.verdict not in wording.CALM


def _told(gate: GateVerdict, requirement: Judgement) -> bool:
    """Whether findings tell that a requirement is not met, or a check why it is not measured."""
    asked = [check for check in gate.checks if requirement.check in ("", check.check)]
    if requirement.verdict == "error":
        return bool(requirement.check) and any(check.verdict == "error" for check in asked)
    return any(wording.blamed(check.findings, [requirement.metric]) for check in asked)


def _check(
    scope: _Scope, check: CheckVerdict, requirements: Iterable[Judgement]
) -> Iterator[Shortfall]:
    """The findings that count, each with the worst verdict that it explains; and what is more."""
    own = list(filter(_unmet, check.expectations))
    asked = [each for each in requirements if each.check in ("", check.check)]
    # A verdict that no condition explains is owed to the findings.
    plain: Verdict = "pass" if own else check.verdict
    for finding in wording.ranked(check.findings):
        yield _found(scope, check, finding, worst([plain, _minds(finding, own + asked)]))
    silent = tuple(each for each in own if not wording.blamed(check.findings, [each.metric]))
    yield from _untold(scope, replace(check, expectations=silent))


def _minds(finding: Finding, unmet: Iterable[Judgement]) -> Verdict:
    """The worst of the conditions that are not met because of a finding."""
    verdicts = (each.verdict for each in unmet if wording.blamed([finding], [each.metric]))
    return worst(["pass", *verdicts])


def _untold(scope: _Scope, check: CheckVerdict) -> Iterator[Shortfall]:
    """That a check could not measure, or does not pass for more than its findings tell."""
    causes = wording.causes(check)
    bad = check.verdict == "error"
    if bad or (check.verdict in ("warn", "fail") and (causes or not check.findings)):
        rule = f"{check.check}/{'not-measured' if bad else 'not-met'}"
        said = "; ".join(causes) or check.title
        yield scope.shortfall(check.verdict, rule, check.title, said)


def _requirement(scope: _Scope, gate: GateVerdict, requirement: Judgement) -> Shortfall:
    rule = f"{gate.gate}/{requirement.metric}"
    said = [wording.judged(requirement), wording.flat(requirement.message)]
    new = scope.shortfall(
        requirement.verdict,
        rule,
        f"{gate.title}: {requirement.metric}",
        "; ".join(filter(None, said)),
        requirement.position,
    )
    return replace(
        new,
        fingerprint=_digest("declared", rule, requirement.check),
        check=requirement.check,
        advice=tuple(wording.remedies(requirement)),
    )


def _found(scope: _Scope, check: CheckVerdict, finding: Finding, verdict: Verdict) -> Shortfall:
    """A finding at its place, or where its check was declared if it has none in the repository."""
    known = _FINGERPRINT.fullmatch(finding.fingerprint)
    new = replace(
        scope.shortfall(verdict, f"{check.check}/{finding.rule}", check.title, finding.message),
        severity=finding.severity,
        fingerprint=finding.fingerprint if known else _identity(finding),
        finding=finding,
    )
    if inside := _inside(finding.path):
        return replace(new, path=inside, line=finding.line, column=finding.column)
    return replace(new, message=f"{finding.path}: {new.message}") if finding.path else new


def _inside(path: str | None) -> str:
    """A path in the repository, without `./`; "" for what is none."""
    clean = posixpath.normpath(path) if path and len(path) <= wording.LONGEST else "."
    return "" if clean == "." or clean.startswith("/") or clean.split("/", 1)[0] == ".." else clean


def _identity(finding: Finding) -> str:
    """The fingerprint of a finding that has none."""
    place = (finding.path or "", str(finding.line), str(finding.column))
    return _digest("finding", finding.rule, *place, finding.message)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
