"""The verdict for a person at a terminal: plain text, gates in file order, the decision last.

A gate is a line with its verdict; below it stand its requirements with the measured values and its
checks with their time. What is bad tells its reason, its remedy, what it guards and its worst
findings. Every line passes through one function that escapes it, for terminals and for the logs of
GitHub Actions.

`quiet` leaves out what is well: where all is, the decision is the one line. `verbose` shows every
finding, and of each check what judged it, its command, its times, what it examined, its evidence.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gatekeeper import escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.model import Observation, Verdict
from gatekeeper.result import UNNAMED, CheckVerdict, Excused, GateVerdict, Judgement, Result

Detail = Literal["quiet", "normal", "verbose"]
# How many findings of one check, or under one waiver, are shown.
_SHOWN: Mapping[Detail, int] = {"quiet": 10, "normal": 10, "verbose": sys.maxsize}
# How many of the selected files `verbose` names.
_FILES = 100
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
        text = escape.printed(self.text[: wording.LONGEST])
        word = f"{self.word:<7}  " if self.word else ""
        if colour and self.verdict:
            first, rest = (word, text) if word else (text, "")
            return f"{' ' * self.indent}\x1b[{_COLOURS[self.verdict]}m{first}\x1b[0m{rest}"
        return " " * self.indent + word + text


def render(
    result: Result, *, colour: bool = False, detail: Detail = "normal", record: str = ""
) -> Iterator[str]:
    """Yield the report line by line; `colour` is the caller's decision.

    `record` is the path of the stored result, "" where there is none.
    """
    for line in _lines(result, detail, record):
        yield f"{line.show(colour=colour)}\n"


def progress(observation: Observation) -> str:
    """One line about a check that has just ended, before anything is judged."""
    failure = observation.failure
    ended = f"not measured: {wording.flat(failure.reason)}" if failure else _time(observation)
    return escape.printed(f"{observation.check}  {ended}")


def _time(observation: Observation) -> str:
    reused = " (reused)" if observation.reused_from else ""
    return f"{observation.wall:.1f} s{reused}"


@dataclass(frozen=True, slots=True)
class _View:
    """What is shown of a result, and how much of it."""

    detail: Detail
    seen: Mapping[str, Observation]
    titles: Mapping[str, str]


def _lines(result: Result, detail: Detail, record: str) -> Iterator[_Line]:
    view = _View(detail, {seen.check: seen for seen in result.observations}, result.titles)
    gates = [bad for gate in result.verdict.gates if (bad := _part(gate, detail))]
    if detail == "verbose":
        yield from _selected(result)
    for gate in gates:
        yield from _gate(gate, view)
        yield _Line(0, "")
    yield from _texts(wording.remarks(result))
    if blocked := wording.blocked(result):
        yield from _texts(_next(result, detail, record))
    if gates:  # else all is well, and need not be counted
        yield from _texts(wording.summary(result.verdict))
    yield _Line(0, wording.conclusion(result), "fail" if blocked else "pass")


def _texts(texts: Iterable[str]) -> Iterator[_Line]:
    return (_Line(0, text) for text in texts)


def _part(gate: GateVerdict, detail: Detail) -> GateVerdict | None:
    """What is shown of a gate: all, or only what is bad; None where nothing is."""
    if detail != "quiet":
        return gate
    blamed = wording.behind(gate)
    checks = tuple(replace(each, excused=()) for each in gate.checks if each.check in blamed)
    requirements = tuple(each for each in gate.requirements if each.verdict in wording.BAD)
    if not checks and gate.verdict not in wording.BAD:
        return None
    return replace(gate, checks=checks, requirements=requirements, open=())


def _selected(result: Result) -> Iterator[_Line]:
    """What the run was asked to look at."""
    plan = result.plan
    yield _Line(0, f"stage {result.stage}, {plan.jobs} at once, policy {result.policy}")
    if plan.only:
        yield _Line(0, f"only: {', '.join(plan.only)}")
    if plan.files is None:
        yield _Line(0, "all files are selected")
    else:
        yield _Line(0, f"{len(plan.files)} files are selected, changed since {result.subject.base}")
        yield from (_Line(2, path) for path in plan.files[:_FILES])
        if len(plan.files) > _FILES:
            yield _Line(2, f"and {len(plan.files) - _FILES} more")
    yield _Line(0, "")


def _next(result: Result, detail: Detail, record: str) -> Iterator[str]:
    """What to type next: to run what is bad alone, and to see more of it."""
    if command := wording.again(result):
        yield f"run it alone: {command}"
    if record and detail != "verbose":
        yield f"see more: gatekeeper report {shlex.quote(record)} --verbose"


def _gate(gate: GateVerdict, view: _View) -> Iterator[_Line]:
    shown = [check for check in gate.checks if view.detail == "verbose" or check.reason != UNNAMED]
    word = gate.verdict.upper()
    if gate.checks and not shown:
        yield _Line(0, f"{_named(gate)}: {UNNAMED}", gate.verdict, word)
        return
    left = len(gate.checks) - len(shown)
    part = " (in part)" if left else ""
    yield _Line(0, _named(gate) + part + _advisory(gate), gate.verdict, word)
    yield from _required(gate)
    for check in shown:
        yield from _check(gate, check, view)
    if left:
        yield _Line(2, f"{left} check{'s' * (left > 1)}: {UNNAMED}", "skipped", "skipped")


def _required(gate: GateVerdict) -> Iterator[_Line]:
    """The reason of a gate and its requirements."""
    if gate.reason and gate.verdict != "skipped":  # else each of its checks says it
        yield _Line(2, wording.flat(gate.reason))
    for requirement, whose in wording.requirements(gate):
        yield from _requirement(requirement, whose)
    for stage, metrics in wording.opens(gate):
        yield _Line(2, f"open until {stage}: {', '.join(metrics)}")


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


def _check(gate: GateVerdict, check: CheckVerdict, view: _View) -> Iterator[_Line]:
    seen, most = view.seen.get(check.check), _SHOWN[view.detail]
    verdict, word = wording.shown(gate, check)
    findings = wording.telling(gate, check)
    first, *others = wording.causes(check) or [""]
    yield _Line(2, _ended(check, seen) + (f": {first}" if first else ""), verdict, word)
    yield from _below(others)
    if verdict not in wording.CALM:
        last = (f"| {text}" for text in wording.last_words(check, seen))
        guards, found = wording.guards(check, view.titles), wording.listed(findings, most)
        yield from _below([*wording.remedies(check), *guards, *found, *last])
    yield from _excused(check.excused, most)
    if view.detail == "verbose":
        idle = () if findings else check.findings  # which no condition minds
        yield from _below([*wording.listed(idle, most), *_particulars(check, seen)])


def _ended(check: CheckVerdict, seen: Observation | None) -> str:
    """The name of a check and how long it took."""
    return check.check + _advisory(check) + (f"  {_time(seen)}" if seen else "")


def _particulars(check: CheckVerdict, seen: Observation | None) -> Iterator[str]:
    """All that is known of how a check came to its verdict."""
    yield from (f"judged: {wording.judged(each)}" for each in check.expectations)
    if seen is None:
        return
    if seen.argv:
        yield f"command: {wording.flat(shlex.join(seen.argv))}"
        yield f"tool: {wording.flat(f'{seen.tool} {seen.tool_version}')}"
    yield f"times: {seen.wall:.1f} s, begun at {seen.started:.1f} s; CPU {seen.cpu:.1f} s"
    if seen.selected is not None:
        yield f"selected: {seen.selected} files"
    if measured := seen.measurement:
        yield f"examined: {', '.join(f'{n} {kind}' for kind, n in measured.work.items())}"
        yield from (f"note: {wording.flat(note)}" for note in measured.notes)
        yield from (f"evidence: .gatekeeper/{each.path}" for each in measured.evidence)


def _excused(excused: Iterable[Excused], most: int) -> Iterator[_Line]:
    """Waived findings beside their waiver."""
    for said, findings in wording.excuses(excused):
        yield from _below([said])
        yield from (_Line(13, text) for text in wording.listed(findings, most))


def _below(texts: Iterable[str]) -> Iterator[_Line]:
    """Lines that belong to the one above, indented to where its text begins."""
    return (_Line(11, text) for text in texts)


def _advisory(verdict: GateVerdict | CheckVerdict) -> str:
    return " (advisory)" if verdict.advisory else ""


PLUGIN = Report(api=1, render=render)
