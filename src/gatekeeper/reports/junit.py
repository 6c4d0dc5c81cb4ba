"""JUnit XML for reviewers: a suite per gate, a case per requirement and per check.

| verdict | case |
|---|---|
| pass | passed |
| warn | passed, with what was not met in `system-out` |
| fail | `failure` |
| error | `error`, type `not-measured` |
| fail or error of an advisory check or gate | `skipped`: shown, but it fails no build |
| skipped check, open requirement, waived requirement | `skipped` with the reason |
| each waived finding | a case of its own, `skipped` with waiver and reason; 200 of a check |

A gate that is worse than its cases, or a run that is worse than its gates, gets an `error` case of
its own: no reader of the counts alone may take it for better. Tools differ in what they show, so a
case has at most one failure or error, always with a message; file and line of the worst finding; a
name that is unique in its suite; and the findings as `path:line: message` lines in its text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from junit_xml import TestCase, TestSuite, to_xml_report_string

from gatekeeper import escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.model import Finding, Observation, Position, Verdict
from gatekeeper.result import CheckVerdict, GateVerdict, Judgement, Result

# How many findings the text of one case lists, and how many cases there are for excused ones.
_LISTED = 200
# junit-xml leaves out a time of 0, and some readers take a case without time for not run.
_LEAST_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case before its strings are sanitised; `verdict` decides its element."""

    name: str
    verdict: Verdict
    message: str = ""
    details: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None
    seconds: float = 0.0
    advisory: bool = False


def render(result: Result) -> Iterator[str]:
    """Yield the document, in ASCII, so that it is right in any encoding it is written in."""
    observations = {observation.check: observation for observation in result.observations}
    gates, titles = result.verdict.gates, result.titles
    suites = {gate.gate: list(_gate(gate, observations, titles)) for gate in gates}
    if said := wording.untold(result, _told(chain.from_iterable(suites.values()))):
        suites["run"] = [*suites.get("run", []), _Case("run", "error", said)]
    yield to_xml_report_string(
        [_suite(gate, cases, result) for gate, cases in suites.items()], encoding="us-ascii"
    )


def _gate(
    gate: GateVerdict, observations: Mapping[str, Observation], titles: Mapping[str, str]
) -> Iterator[_Case]:
    cases = [_requirement(*each, gate) for each in wording.requirements(gate)]
    cases += [
        _Case(f"requirement: {metric}", "skipped", f"open until {stage}")
        for stage, metrics in wording.opens(gate)
        for metric in metrics
    ]
    for check in gate.checks:
        cases.append(_check(gate, check, observations.get(check.check), titles))
        cases += _excused(check)
    yield from cases
    if not gate.advisory and wording.exceeds(gate.verdict, _told(cases)):
        yield _Case("gate", "error", gate.reason)


def _told(cases: Iterable[_Case]) -> list[Verdict]:
    """The verdicts of cases that no reader of the counts takes for passed."""
    return [case.verdict for case in cases if not case.advisory]


def _requirement(requirement: Judgement, whose: str, gate: GateVerdict) -> _Case:
    blamed = [
        (check, found)
        for check in gate.checks
        if requirement.check in ("", check.check) and not wording.met(requirement)
        if (found := wording.blamed(check.findings, [requirement.metric]))
    ]
    findings = [finding for _, found in blamed for finding in found]
    fixes = (text for check, _ in blamed for text in wording.remedies(check))
    advice = dict.fromkeys([*wording.remedies(requirement), *fixes])
    said = [wording.judged(requirement), *filter(None, [wording.flat(requirement.message)])]
    file, line = _where(findings, requirement.position)
    return _Case(
        f"requirement: {requirement.metric} {requirement.condition}{whose}",
        _verdict(requirement.verdict, [requirement]),
        "; ".join(said),
        (*said, *wording.listed(findings, _LISTED), *advice),
        file,
        line,
        advisory=gate.advisory,
    )


def _check(
    gate: GateVerdict, check: CheckVerdict, seen: Observation | None, titles: Mapping[str, str]
) -> _Case:
    noted = check.verdict not in wording.CALM
    causes = wording.causes(check)
    findings = wording.listed(check.findings, _LISTED) if noted else []
    advice = [*wording.remedies(check), *wording.last_words(check, seen)] if noted else []
    guards = wording.guards(check, titles) if noted or wording.telling(gate, check) else []
    file, line = _where(check.findings if noted else (), check.position)
    return _Case(
        check.check,
        _verdict(check.verdict, check.expectations),
        next(iter([*causes, *findings]), check.title),
        (*causes, *guards, *findings, *advice),
        file,
        line,
        seen.wall if seen else 0.0,
        gate.advisory or check.advisory,
    )


def _verdict(verdict: Verdict, judgements: Iterable[Judgement]) -> Verdict:
    """A pass that is owed to a waiver is shown as skipped."""
    waived = any(judgement.waiver for judgement in judgements)
    return "skipped" if verdict == "pass" and waived else verdict


def _excused(check: CheckVerdict) -> Iterator[_Case]:
    """Each finding that does not count, waived ones first, the worst first; of many, how many."""
    order = sorted(check.excused, key=lambda one: (one.by == "baseline", wording.rank(one.finding)))
    for one in order[:_LISTED]:
        finding = one.finding
        yield _Case(
            f"{check.check}: {wording.flat(finding.rule, 200)} {wording.place(finding)}".rstrip(),
            "skipped",
            wording.excused_by(one.by, one.reason),
            (wording.located(finding),),
            finding.path or "",
            finding.line,
        )
    if more := len(order[_LISTED:]):
        yield _Case(f"{check.check}: and {more} more", "skipped", "they do not count either")


def _where(findings: Iterable[Finding], declared: Position | None) -> tuple[str, int | None]:
    """File and line of the worst finding that has a path, else where the rule is declared."""
    for finding in wording.ranked(findings):
        if finding.path:
            return finding.path, finding.line
    return (declared.file, declared.line) if declared else ("", None)


def _line(text: str) -> str:
    return escape.printed(text[: wording.LONGEST])


def _suite(gate: str, cases: list[_Case], result: Result) -> TestSuite:
    names = _unique([_line(case.name) for case in cases])
    return TestSuite(
        _line(gate),
        [_test_case(case, gate, name) for case, name in zip(cases, names, strict=True)],
        timestamp=_line(result.started.removesuffix("Z")),
        properties={"stage": result.stage, "commit": _line(result.subject.commit or "none")},
    )


def _unique(names: list[str]) -> list[str]:
    """The names, each numbered from its second time on, with a number that is no other's name."""
    given, used, times = set(names), dict[str, None](), Counter[str]()
    for name in names:
        unique = name
        while unique in used or (unique != name and unique in given):
            times[name] += 1
            unique = f"{name} ({times[name] + 1})"
        used[unique] = None
    return list(used)


def _test_case(case: _Case, gate: str, name: str) -> TestCase:
    details = "\n".join(_line(line) for line in case.details)
    message = _line(case.message) or case.verdict
    # GitLab shows the text of an element, and its message only where there is no text: as a hash.
    text = details or message
    made = TestCase(
        name,
        classname=f"gatekeeper.{_line(gate)}",
        elapsed_sec=max(case.seconds, _LEAST_SECONDS),
        file=_line(case.file),
        line=case.line,
    )
    if case.verdict in wording.BAD and case.advisory:
        made.add_skipped_info(f"advisory, does not block: {case.verdict}: {message}", text)
    elif case.verdict == "error":
        made.add_error_info(message, text, "not-measured")
    elif case.verdict == "fail":
        made.add_failure_info(message, text, "failed")
    elif case.verdict == "skipped":
        made.add_skipped_info(message, text)
    else:
        made.stdout = details
    return made


PLUGIN = Report(api=1, render=render)
