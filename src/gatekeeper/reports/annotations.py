"""The verdict as annotations of GitHub Actions: `::error file=a.py,line=3::message`.

GitHub shows the first ten errors, ten warnings and ten notices of a step, fifty annotations of a
job, and cuts a message after 4,096 characters; so what is worst stands first, each kind ends at its
limit, and a notice at the end counts what was left out.

First stands what was not measured, then each unmet requirement and bad check that no finding
explains, at the line of the policy that declares it; then the findings, by severity. What does not
block is a warning. Paths begin at the top of the repository.

Sources: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands,
https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations and, for the
escapes and the length, ActionCommand.cs and ExecutionContext.cs of https://github.com/actions/runner
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper import escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.model import RANK, Finding, Position, Verdict
from gatekeeper.result import CheckVerdict, GateVerdict, Judgement, Result

# Annotations of a kind in a step; characters of a message; lines of a finding; a title.
_MOST = 10
_LONGEST = 4096
_LINES = 10
_TITLE = 200
_Place = tuple[str, int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Annotation:
    """Raw text, and a place as far as it is known; `blocks`: a bad verdict is an error."""

    verdict: Verdict
    blocks: bool
    title: str
    lines: tuple[str, ...]
    file: str = ""
    line: int | None = None
    column: int | None = None

    @property
    def level(self) -> str:
        """The name of the command."""
        return "error" if self.blocks and self.verdict in wording.BAD else "warning"

    def show(self) -> str:
        """The command, in one line; nothing in it can begin another one."""
        place = {"file": self.file, "line": self.line, "col": self.column}
        title = wording.flat(self.title, _TITLE) or "gatekeeper"
        known = {**place, "title": title}
        properties = ",".join(f"{key}={_property(str(known[key]))}" for key in known if known[key])
        text = "\n".join(escape.line(wording.flat(line)) for line in self.lines)
        return f"::{self.level} {properties}::{_data(text[:_LONGEST].strip() or title)}\n"


def render(result: Result) -> Iterator[str]:
    """Yield a command per line, as many as a step may show."""
    told = [*_stated(result), *_found(result)]
    left = []
    for level in ("error", "warning"):
        some = [annotation for annotation in told if annotation.level == level]
        yield from (annotation.show() for annotation in some[:_MOST])
        if more := len(some[_MOST:]):
            left.append(f"{more} more {level}{'s' if more > 1 else ''}")
    if left:
        yield f"::notice title=gatekeeper::{' and '.join(left)} in the report\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escape.line(text[:_LONGEST])).replace(":", "%3A").replace(",", "%2C")


def _stated(result: Result) -> list[_Annotation]:
    """What no finding explains; first of all what was not measured."""
    gates = result.verdict.gates
    stated = [annotation for gate in gates for annotation in _of_gate(gate, result)]
    if wording.blocked(result) and not any(gate.verdict in wording.BAD for gate in gates):
        lines = (*wording.remarks(result), wording.conclusion(result))
        stated.append(_Annotation("error", blocks=True, title="gatekeeper", lines=lines))
    return sorted(stated, key=lambda annotation: -RANK[annotation.verdict])


def _of_gate(gate: GateVerdict, result: Result) -> Iterator[_Annotation]:
    for check in gate.checks:
        if _alone(check.verdict, explained=bool(check.findings)):
            yield _declared(result, gate, check, *wording.causes(check), *wording.remedies(check))
    for requirement, whose in wording.requirements(gate):
        if _alone(requirement.verdict, explained=any(_behind(gate, requirement))):
            said = wording.judged(requirement) + whose
            more = filter(None, (requirement.message, *wording.remedies(requirement)))
            yield _declared(result, gate, requirement, said, *more)
    if gate.verdict in wording.BAD and gate.reason:
        yield _declared(result, gate, gate, gate.reason)


def _alone(verdict: Verdict, *, explained: bool) -> bool:
    """Whether a verdict needs words of its own: no finding says them."""
    return verdict == "error" or (verdict in ("warn", "fail") and not explained)


def _behind(gate: GateVerdict, requirement: Judgement) -> Iterator[tuple[CheckVerdict, Finding]]:
    """The findings that count in a requirement, each with the check that has it."""
    for check in gate.checks:
        if requirement.check in ("", check.check):
            for finding in wording.blamed(check.findings, [requirement.metric]):
                yield check, finding


def _declared(
    result: Result, gate: GateVerdict, what: CheckVerdict | Judgement | GateVerdict, *lines: str
) -> _Annotation:
    """About something that the policy declares, at its line there."""
    check = what if isinstance(what, CheckVerdict) else None
    guards = wording.guards(check, result.titles) if check else []
    return _Annotation(
        what.verdict,
        not (gate.advisory or (check and check.advisory)),
        _title(gate, check),
        (*lines, *guards),
        *_policy(result, what.position),
    )


def _title(gate: GateVerdict, check: CheckVerdict | None) -> str:
    return f"{gate.title}: {check.check}" if check else gate.title


def _policy(result: Result, at: Position | None) -> _Place:
    return (result.subject.config + at.file, at.line, at.column) if at else ("", None, None)


def _found(result: Result) -> Iterator[_Annotation]:
    """The findings of what is not passed, worst first; each once, as what it is at worst."""
    found: dict[Finding, _Annotation] = {}
    for gate in result.verdict.gates:
        for check, finding, verdict in _telling(gate):
            annotation = _finding(result, gate, check, finding, verdict)
            if finding not in found or annotation.level == "error":
                found[finding] = annotation
    return (found[finding] for finding in wording.ranked(found))


def _telling(gate: GateVerdict) -> Iterator[tuple[CheckVerdict, Finding, Verdict]]:
    """Findings with the verdict that they explain: of their check, or of a requirement."""
    for check in gate.checks:
        if check.verdict not in ("pass", "skipped"):
            yield from ((check, finding, check.verdict) for finding in check.findings)
    for requirement in gate.requirements:
        if not wording.met(requirement):
            for check, finding in _behind(gate, requirement):
                yield check, finding, requirement.verdict


def _finding(
    result: Result, gate: GateVerdict, check: CheckVerdict, finding: Finding, verdict: Verdict
) -> _Annotation:
    """A finding at its place, or where its check is declared if it has none."""
    said = finding.message[:_LONGEST].strip().splitlines()[:_LINES]
    return _Annotation(
        verdict,
        not (gate.advisory or check.advisory),
        f"{_title(gate, check)} [{wording.flat(finding.rule)}]",
        (*said, *wording.remedies(check), *wording.guards(check, result.titles)),
        *(
            (finding.path, finding.line, finding.column)
            if finding.path
            else _policy(result, check.position)
        ),
    )


PLUGIN = Report(api=1, render=render)
