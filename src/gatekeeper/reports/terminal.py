"""The verdict for a person at a terminal: plain text, gates in file order, the decision last.

A gate is a line with its verdict; below it stand its requirements with the measured values and its
checks with their time. What is bad tells its reason, its remedy and its worst findings. Every line
passes through one function that escapes it, for terminals and for the logs of GitHub Actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from gatekeeper import escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.model import Observation, Verdict
from gatekeeper.result import CheckVerdict, Excused, GateVerdict, Judgement, Result

# How many findings of one check, or under one waiver, are shown.
_SHOWN = 10
# ANSI colours: green, yellow, red, magenta, grey.
_COLOURS: dict[Verdict, str] = {
    "pass": "32",
    "warn": "33",
    "fail": "31",
    "error": "35",
    "skipped": "90",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """Raw text, indented by columns, after a word that has the colour of a verdict.

    Without a word the text itself has the colour.
    """

    indent: int
    text: str
    verdict: Verdict | None = None
    word: str = ""

    def show(self, *, colour: bool) -> str:
        """The line as it is printed; nothing in it can control a terminal or a runner."""
        text = escape.command(escape.line(self.text))
        word = f"{self.word:<7}  " if self.word else ""
        if colour and self.verdict:
            first, rest = (word, text) if word else (text, "")
            return f"{' ' * self.indent}\x1b[{_COLOURS[self.verdict]}m{first}\x1b[0m{rest}"
        return " " * self.indent + word + text


def render(result: Result, *, colour: bool = False) -> Iterator[str]:
    """Yield the report line by line; `colour` is the caller's decision."""
    for line in _lines(result):
        yield f"{line.show(colour=colour)}\n"


def progress(observation: Observation) -> str:
    """One line about a check that has just ended, before anything is judged."""
    name, failure = observation.check, observation.failure
    if failure:
        return escape.command(escape.line(f"{name}  not measured: {wording.flat(failure.reason)}"))
    return escape.command(escape.line(f"{name}  {_time(observation)}"))


def _time(observation: Observation) -> str:
    reused = " (reused)" if observation.reused_from else ""
    return f"{observation.wall:.1f} s{reused}"


def _lines(result: Result) -> Iterator[_Line]:
    observations = {observation.check: observation for observation in result.observations}
    for gate in result.verdict.gates:
        yield from _gate(gate, observations)
        yield _Line(0, "")
    for remark in wording.remarks(result):
        yield _Line(0, remark)
    for count in wording.summary(result.verdict):
        yield _Line(0, count)
    yield _Line(0, wording.conclusion(result), "fail" if wording.blocked(result) else "pass")


def _gate(gate: GateVerdict, observations: dict[str, Observation]) -> Iterator[_Line]:
    yield _Line(0, _named(gate) + _advisory(gate), gate.verdict, gate.verdict.upper())
    if gate.reason and gate.verdict != "skipped":  # else each of its checks says it
        yield _Line(2, wording.flat(gate.reason))
    for requirement, whose in wording.requirements(gate):
        yield from _requirement(requirement, whose)
    for stage, metrics in wording.opens(gate):
        yield _Line(2, f"open until {stage}: {', '.join(metrics)}")
    for check in gate.checks:
        yield from _check(check, observations.get(check.check), _broken(gate, check))


def _broken(gate: GateVerdict, check: CheckVerdict) -> list[str]:
    """The metrics that a check measures, and in which a requirement of its gate is not met."""
    unmet = [requirement for requirement in gate.requirements if not wording.met(requirement)]
    return [judgement.metric for judgement in unmet if judgement.check in ("", check.check)]


def _named(gate: GateVerdict) -> str:
    """The title of a gate, with its id where that is not the title in kebab-case."""
    told = gate.title.lower().replace(" ", "-") == gate.gate
    return gate.title if told else f"{gate.title} ({gate.gate})"


def _requirement(requirement: Judgement, whose: str) -> Iterator[_Line]:
    declared = requirement.position if requirement.verdict in wording.BAD else None
    said = wording.judged(requirement) + whose + (f" ({declared})" if declared else "")
    yield _Line(2, said, requirement.verdict, requirement.verdict)
    if requirement.message:
        yield from _below([wording.flat(requirement.message)])
    yield from _below(wording.remedies(requirement))


def _check(check: CheckVerdict, seen: Observation | None, broken: list[str]) -> Iterator[_Line]:
    calm = check.verdict in ("pass", "skipped")
    # A check meets its own expectations while its findings break a requirement of the gate.
    findings = wording.blamed(check.findings, broken) if calm else check.findings
    verdict, word = _said(check, found=calm and bool(findings))
    reasons = wording.causes(check)
    time = f"  {_time(seen)}" if seen else ""
    first = f": {reasons[0]}" if reasons else ""
    yield _Line(2, check.check + _advisory(check) + time + first, verdict, word)
    yield from _below(reasons[1:])
    if not calm:
        yield from _below(wording.remedies(check))
    yield from _below(wording.listed(findings, _SHOWN))
    if findings or not calm:
        yield from _below(f"| {text}" for text in wording.last_words(check, seen))
    yield from _excused(check.excused)


def _said(check: CheckVerdict, *, found: bool) -> tuple[Verdict, str]:
    """The verdict that gives the colour, and the word."""
    return ("fail", "found") if found else (check.verdict, check.verdict)


def _excused(excused: Iterable[Excused]) -> Iterator[_Line]:
    """Waived findings beside their waiver; of the baseline's, only how many there are."""
    groups = groupby(sorted(excused, key=lambda e: (e.by, e.reason)), lambda e: (e.by, e.reason))
    for (name, reason), group in groups:
        findings = [item.finding for item in group]
        if name == "baseline":
            yield from _below([f"{len(findings)} {wording.excused_by(name, reason)}"])
        else:
            yield from _below([wording.excused_by(name, reason)])
            yield from (_Line(13, text) for text in wording.listed(findings, _SHOWN))


def _below(texts: Iterable[str]) -> Iterator[_Line]:
    """Lines that belong to the one above, indented to where its text begins."""
    return (_Line(11, text) for text in texts)


def _advisory(verdict: GateVerdict | CheckVerdict) -> str:
    return " (advisory)" if verdict.advisory else ""


PLUGIN = Report(api=1, render=render)
