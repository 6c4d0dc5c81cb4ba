"""The verdict as GitHub-flavoured Markdown: for a step summary, a comment, a file.

The decision stands first and what is worst next, so that little is lost where the end is cut off:
the gates as a table; those that are not simply passed, worst first, with requirements, checks and
the worst findings; what is excused; what was judged. All text of others is escaped by
`escape.markdown`; the output of a tool is a code block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from gatekeeper import escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.model import RANK, Finding, Observation, Verdict
from gatekeeper.result import CheckVerdict, GateVerdict, Judgement, Result

# How many findings of one check, or under one waiver, are listed.
_SHOWN = 25
_SIGNS: dict[Verdict, str] = {
    "pass": "\N{WHITE HEAVY CHECK MARK}",
    "warn": "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}",
    "fail": "\N{CROSS MARK}",
    "error": "\N{CROSS MARK}",
    "skipped": "\N{WHITE CIRCLE}",
}
# What would end a cell, inside code too.
_PIPE = r"\x7c"
# Bytes kept for the line that says what was cut off.
_CUT = 100


@dataclass(frozen=True, slots=True)
class _Piece:
    """Markdown that is never cut in two, and how many findings it stands for."""

    text: str
    findings: int = 0


@dataclass(frozen=True, slots=True)
class _Links:
    """Where places lead: the address of the repository, or "", and where the policy begins."""

    source: str
    config: str

    def finding(self, finding: Finding) -> str:
        """The place of a finding, "" where it has none."""
        path = finding.path
        return self._link(wording.place(finding), path, finding.line) if path else ""

    def policy(self, shown: str, file: str, line: int) -> str:
        """A place in the policy."""
        return self._link(shown, self.config + file, line)

    def _link(self, shown: str, path: str, line: int | None) -> str:
        text = escape.markdown(shown)
        if not self.source or len(path) > wording.LONGEST or {"", ".."} & {*path.split("/")}:
            return text
        # Without `plain`, GitHub shows Markdown rendered, which has no lines.
        at = f"?plain=1#L{line}" if line else ""
        return f"[{text}]({self.source}/{quote(path, errors='replace')}{at})"


def render(result: Result) -> Iterator[str]:
    """Yield the report; without an address of the repository, places are no links."""
    for piece in _pieces(result, ""):
        yield f"{piece.text}\n"


def within(result: Result, limit: int, source: str = "") -> str:
    """The report in at most `limit` bytes of UTF-8; what was cut off is counted.

    `source` is the address of the repository's files at the judged commit, to which places lead:
    `https://github.com/OWNER/REPOSITORY/blob/COMMIT`. A kilobyte is the least that makes sense.
    """
    pieces = list(_pieces(result, source))
    sizes = [len(piece.text.encode()) + 1 for piece in pieces]
    if sum(sizes) <= limit:
        return "".join(f"{piece.text}\n" for piece in pieces)
    kept, room = 0, limit - _CUT
    while sizes[kept] <= room:
        room -= sizes[kept]
        kept += 1
    left = sum(piece.findings for piece in pieces[kept:])
    told = f"{left} more findings are in the report." if left else "More is in the report."
    return "".join(f"{piece.text}\n" for piece in pieces[:kept]) + f"\n_{told}_\n"


def _pieces(result: Result, source: str) -> Iterator[_Piece]:
    observations = {observation.check: observation for observation in result.observations}
    conclusion = wording.conclusion(result)
    sign = _SIGNS["fail" if wording.blocked(result) else "pass"]
    yield _Piece(f"## {sign} {conclusion.replace(':', ';').partition(';')[0]}\n")
    yield _Piece(f"{', '.join(wording.summary(result.verdict))}\n")
    yield from _listed(map(_text, wording.remarks(result)))
    if result.verdict.gates:
        yield _Piece("| Gate | Verdict | Requirements | Checks passed |\n|---|---|---|---|")
        yield from map(_row, result.verdict.gates)
        yield _Piece("")
    links = _Links(source, result.subject.config)
    for gate in sorted(result.verdict.gates, key=_badness):
        if gate.verdict not in wording.CALM:
            yield from _gate(gate, links)
            for check in sorted(gate.checks, key=_badness):
                yield from _check(gate, check, observations.get(check.check), result.titles, links)
    yield from _excused(result, links)
    yield _Piece("### What was judged\n")
    yield from _listed([*_subject(result), _text(conclusion)])


def _badness(verdict: GateVerdict | CheckVerdict) -> int:
    return -RANK[verdict.verdict]


def _text(text: str) -> str:
    return escape.markdown(wording.flat(text))


def _listed(texts: Iterable[str]) -> Iterator[_Piece]:
    """A list, and the empty line that ends it."""
    pieces = [_Piece(f"- {text}") for text in texts]
    yield from [*pieces, _Piece("")] if pieces else []


def _advisory(verdict: GateVerdict | CheckVerdict) -> str:
    return " (advisory)" if verdict.advisory else ""


def _row(gate: GateVerdict) -> _Piece:
    """What a gate requires with the measured values, what is open, how many checks passed."""
    said = [
        ("skipped: " if one.verdict == "skipped" else "") + _text(wording.judged(one) + whose)
        for one, whose in wording.requirements(gate)
    ]
    said += [_text(f"open until {at}: {', '.join(names)}") for at, names in wording.opens(gate)]
    verdicts = Counter(check.verdict for check in gate.checks)
    due = verdicts.total() - verdicts["skipped"]
    sign = _SIGNS[gate.verdict]
    count = f"{verdicts['pass'] + verdicts['warn']} of {due}" if due else ""
    cells = (_text(gate.title), f"{sign} {gate.verdict}{_advisory(gate)}", ", ".join(said), count)
    return _Piece(f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |")


def _gate(gate: GateVerdict, links: _Links) -> Iterator[_Piece]:
    said = f"{gate.verdict}{_advisory(gate)}"
    yield _Piece(f"### {_SIGNS[gate.verdict]} {_text(gate.title)}: {said}\n")
    if gate.reason:
        yield _Piece(f"{_text(gate.reason)}\n")
    for requirement, whose in wording.requirements(gate):
        if not wording.met(requirement):
            yield from _requirement(requirement, whose, links)
    yield _Piece("")


def _requirement(requirement: Judgement, whose: str, links: _Links) -> Iterator[_Piece]:
    said = f"{requirement.verdict}: {_text(wording.judged(requirement) + whose)}"
    at = requirement.position
    declared = f", declared at {links.policy(str(at), at.file, at.line)}" if at else ""
    yield _Piece(f"- {said}{declared}")
    message = [_text(requirement.message)] if requirement.message else []
    for text in (*message, *map(_advice, wording.remedies(requirement))):
        yield _Piece(f"  - {text}")


def _advice(line: str) -> str:
    """`fix: COMMAND`, with only the command as code."""
    label, _, text = line.partition(": ")
    return f"{label}: {escape.markdown(text)}"


def _check(
    gate: GateVerdict,
    check: CheckVerdict,
    seen: Observation | None,
    titles: Mapping[str, str],
    links: _Links,
) -> Iterator[_Piece]:
    """Why a check is not simply passed, what it guards, what it found, what its tool said last."""
    verdict, word = wording.shown(gate, check)
    if verdict in wording.CALM:
        return
    yield _Piece(f"#### {_text(check.check)}: {word}{_advisory(check)}\n")
    advice = map(_advice, wording.remedies(check))
    guards = map(_text, wording.guards(check, titles))
    for text in (*map(_text, wording.causes(check)), *advice, *guards):
        yield _Piece(f"- {text}")
    yield from _findings(wording.telling(gate, check), links)
    if said := wording.last_words(check, seen):
        # No line of the output begins a line, so none can end the block.
        lines = "".join(f"{escape.command(f'| {escape.line(line)}')}\n" for line in said)
        yield _Piece(f"```text\n{lines}```\n")


def _findings(findings: Iterable[Finding], links: _Links) -> Iterator[_Piece]:
    order = wording.ranked(findings)
    for finding in order[:_SHOWN]:
        said = _text(f"{wording.headline(finding.message)} [{wording.flat(finding.rule, 200)}]")
        where = links.finding(finding)
        yield _Piece(f"- {where}: {said}" if where else f"- {said}", 1)
    if more := len(order[_SHOWN:]):
        yield _Piece(f"- and {more} more", more)
    yield _Piece("")


def _excused(result: Result, links: _Links) -> Iterator[_Piece]:
    """Waived findings below their waiver; of the baseline's, only how many there are."""
    checks = [check for gate in result.verdict.gates for check in gate.checks if check.excused]
    if checks:
        yield _Piece("### What does not count\n")
    for check in checks:
        for said, findings in wording.excuses(check.excused):
            yield _Piece(f"{_text(check.check)}: {_text(said)}\n")
            yield from _findings(findings, links) if findings else ()


def _subject(result: Result) -> list[str]:
    subject = result.subject
    facts = {
        "service": subject.service,
        "version": subject.version,
        "commit": subject.commit,
        "compared with": subject.base,
        "stage": result.stage,
        "policy": result.policy,
        "gatekeeper": result.engine,
    }
    known = [f"{word}: {_text(value)}" for word, value in facts.items() if value]
    return [*known, "tracked files differ from the commit"] if subject.dirty else known


PLUGIN = Report(api=1, render=render)
