"""How a verdict is said: the phrases that every report for people shares.

The phrases are raw: each report escapes them for its own output. Those that quote a tool are cut,
because a message may be megabytes long; a path never is.

A run is summed up by its gates, each counted once: `Passed` (pass), `Warned` (warn, and an advisory
gate that fails or cannot measure), `Failed` (fail), `Not measured` (error), `Open` (skipped, and a
check opens at a later stage) and `Skipped` (skipped for any other reason).
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from gatekeeper.model import (
    RANK,
    STAGES,
    Finding,
    Observation,
    Severity,
    Stage,
    Verdict,
    accounts_for,
    counted_in,
    is_count,
    worst,
)
from gatekeeper.result import CheckVerdict, Excused, GateVerdict, Judgement, Result, RunVerdict

BAD: frozenset[Verdict] = frozenset({"fail", "error"})
CALM: frozenset[Verdict] = frozenset({"pass", "skipped"})
# Characters of a path (PATH_MAX of Linux): what is longer is none, and no line needs more.
LONGEST = 4096

# `unknown` counts as an error wherever severities are counted, so it stands with them.
WORST: tuple[Severity, ...] = ("critical", "high", "unknown", "medium", "low", "info")
_OUTCOMES: Mapping[Verdict, str] = {
    "pass": "Passed",
    "warn": "Warned",
    "fail": "Failed",
    "error": "Not measured",
    "skipped": "Skipped",
}
_SUMMARY = (*_OUTCOMES.values(), "Open")
# So many checks are named in a command, one by one.
_FEW = 3


def flat(text: str, limit: int = 2000) -> str:
    """A text in one line; ` ...` where it is longer than `limit` characters."""
    return " ".join(text[:limit].split()) + (" ..." if len(text) > limit else "")


def headline(text: str, limit: int = 500) -> str:
    """The first line of a text; ` ...` where more follows, or it is longer than `limit`."""
    first, _, rest = text.strip().partition("\n")
    return flat(first, limit) + (" ..." if rest and len(first) <= limit else "")


def tail(output: str, lines: int = 10) -> list[str]:
    """The last lines of what a tool printed, each cut after 500 characters."""
    return [text[:500] for text in output[-20_000:].expandtabs().rstrip().splitlines()[-lines:]]


def place(finding: Finding) -> str:
    """`path:line:column`, as far as known."""
    parts = (finding.path[:LONGEST], finding.line, finding.column) if finding.path else ()
    return ":".join(str(part) for part in parts if part is not None)


def located(finding: Finding) -> str:
    """`path:line:column: message [rule]`."""
    where = place(finding)
    message = f"{headline(finding.message)} [{flat(finding.rule, 200)}]"
    return f"{where}: {message}" if where else message


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by severity, worst first, then by path and line."""
    return sorted(findings, key=rank)


def rank(finding: Finding) -> tuple[object, ...]:
    """What findings are sorted by."""
    place = (finding.path or "", finding.line or 0, finding.column or 0)
    return (WORST.index(finding.severity), *place, finding.rule, finding.message)


def blamed(findings: Iterable[Finding], metrics: Sequence[str]) -> list[Finding]:
    """The findings that count in any of the metrics, or explain one that is no count."""
    return [
        finding
        for finding in findings
        if not set(metrics).isdisjoint(counted_in(finding))
        or accounts_for(finding.category, [name for name in metrics if not is_count(name)])
    ]


def listed(findings: Iterable[Finding], most: int) -> list[str]:
    """A line for each of the worst findings, and how many more there are."""
    order = ranked(findings)
    lines = [located(finding) for finding in order[:most]]
    return lines if len(order) <= most else [*lines, f"and {len(order) - most} more"]


def judged(judgement: Judgement) -> str:
    """`coverage.line > 80%: 91.2%`, with what is waived."""
    said = flat(f"{judgement.metric} {judgement.condition}: {measured(judgement)}")
    if judgement.waived:
        said += f", {judgement.waived} waived"
    return f"{said}, waived by {flat(judgement.waiver)}" if judgement.waiver else said


def measured(judgement: Judgement) -> str:
    """The value that was judged, or `not measured`."""
    found = judgement.measured
    plain = f"{found.value:f} {found.unit}".rstrip() if found else "not measured"
    return judgement.text or plain


def requirements(gate: GateVerdict) -> list[tuple[Judgement, str]]:
    """The requirements of a gate, with ` (CHECK)` where several checks answer the same one."""
    times = Counter(requirement.metric for requirement in gate.requirements)
    return [
        (requirement, f" ({requirement.check})" if times[requirement.metric] > 1 else "")
        for requirement in gate.requirements
    ]


def met(judgement: Judgement) -> bool:
    """Whether nothing is to be said about a condition: it held, or was not due."""
    return judgement.verdict in CALM and not judgement.waiver


def causes(check: CheckVerdict) -> list[str]:
    """Why a check did not simply pass: its reason, then each expectation that was not met."""
    unmet = [judgement for judgement in check.expectations if not met(judgement)]
    reasons = [check.reason, *(text for j in unmet for text in (judged(j), j.message))]
    return list(dict.fromkeys(flat(reason) for reason in reasons if reason))


def remedies(verdict: CheckVerdict | Judgement) -> list[str]:
    """What to do about a bad check or requirement; its fix only where it measured something bad."""
    if isinstance(verdict, Judgement):
        return [f"remedy: {flat(verdict.remedy)}"] if verdict.remedy else []
    advice = dict.fromkeys([verdict.remedy, *(j.remedy for j in verdict.expectations)])
    lines = [f"remedy: {flat(text)}" for text in advice if text]
    bad = verdict.findings or verdict.verdict in ("fail", "warn")
    return [*lines, f"fix: {flat(verdict.fix)}"] if verdict.fix and bad else lines


def guards(check: CheckVerdict, titles: Mapping[str, str]) -> list[str]:
    """`this guards PM-2026-003: TITLE`, for each post-mortem that asked for the check."""
    reports = dict.fromkeys(item.partition("#")[0] for item in check.origin)
    named = [f"{report}: {titles[report]}" if report in titles else report for report in reports]
    return [f"this guards {flat(text)}" for text in named]


def telling(gate: GateVerdict, check: CheckVerdict) -> Sequence[Finding]:
    """The findings of a check that a reader must see.

    All of them where it did not pass. Else those in which a requirement of its gate is not met: a
    check can meet its own expectations and still break one.
    """
    if check.verdict not in CALM:
        return check.findings
    unmet = [requirement for requirement in gate.requirements if not met(requirement)]
    metrics = [judgement.metric for judgement in unmet if judgement.check in ("", check.check)]
    return blamed(check.findings, metrics)


def shown(gate: GateVerdict, check: CheckVerdict) -> tuple[Verdict, str]:
    """The verdict that gives a check its colour, and the word: `found` where only a gate fails."""
    found = check.verdict in CALM and telling(gate, check)
    return ("fail", "found") if found else (check.verdict, check.verdict)


def last_words(check: CheckVerdict, observation: Observation | None) -> list[str]:
    """The end of a tool's output, where it tells more than the findings do."""
    broken = check.verdict == "error" or any(f.category == "command" for f in check.findings)
    return tail(observation.output) if broken and observation else []


def excused_by(name: str, reason: str) -> str:
    """Why a finding does not count."""
    if name == "baseline":
        return "known in the baseline"
    return flat(f"waived by {name}: {reason}" if reason else f"waived by {name}")


def excuses(excused: Iterable[Excused]) -> Iterator[tuple[str, list[Finding]]]:
    """`2 waived by W-12: REASON`, and which; of the baseline's findings only how many."""
    same = attrgetter("by", "reason")
    for (name, reason), group in groupby(sorted(excused, key=same), same):
        findings = [one.finding for one in group]
        said = f"{len(findings)} {excused_by(name, reason)}"
        yield said, [] if name == "baseline" else findings


def opens(gate: GateVerdict) -> list[tuple[Stage, list[str]]]:
    """The requirements of a gate that are not due yet, by the stage at which they will be."""
    due = [(stage, [r.metric for r in gate.open if r.stage == stage]) for stage in STAGES]
    return [(stage, sorted(metrics)) for stage, metrics in due if metrics]


def summary(verdict: RunVerdict) -> list[str]:
    """`Passed: 2/4`: how many gates ended how; they add up, and none is zero."""
    counts = Counter(_outcome(gate) for gate in verdict.gates)
    return [f"{word}: {counts[word]}/{len(verdict.gates)}" for word in _SUMMARY if counts[word]]


def _outcome(gate: GateVerdict) -> str:
    if gate.verdict in BAD and not blocks(gate):
        return _OUTCOMES["warn"]
    return "Open" if _is_open(gate) else _OUTCOMES[gate.verdict]


def _is_open(gate: GateVerdict) -> bool:
    return gate.verdict == "skipped" and any(check.opens for check in gate.checks)


def bad(verdict: RunVerdict) -> list[str]:
    """The checks to look at again: those that are bad, and those behind what else is."""
    return [check for gate in verdict.gates for check in behind(gate)]


def behind(gate: GateVerdict) -> list[str]:
    """The checks of a gate by which it is bad, or which are bad themselves."""
    found = _found(gate)
    unmeasured = gate.verdict in BAD and not found
    return [check.check for check in gate.checks if unmeasured or check.check in found]


def _found(gate: GateVerdict) -> set[str]:
    ran = [check for check in gate.checks if check.verdict != "skipped"]
    found = {check.check for check in ran if check.verdict in BAD}
    return found.union(*(_answering(judgement, ran) for judgement in gate.requirements))


def _answering(unmet: Judgement, ran: Sequence[CheckVerdict]) -> list[str]:
    """The checks behind a bad requirement: the one it names, those with findings in it, or all."""
    if unmet.verdict not in BAD:
        return []
    if unmet.check:
        return [unmet.check]
    blame = [check for check in ran if blamed(check.findings, [unmet.metric])]
    return [check.check for check in blame or ran]  # no finding explains a bare total


def again(result: Result) -> str:
    """The command that runs the bad checks alone, "" where there are none."""
    names = bad(result.verdict)
    if not names:
        return ""
    service = result.subject.service
    words = ["--service", service] if service else []
    few = len(names) <= _FEW
    words += [word for name in names for word in ("--only", name)] if few else ["--failed"]
    return shlex.join(["gatekeeper", "run", *(flat(word, 200) for word in words)])


def blocks(verdict: GateVerdict | CheckVerdict) -> bool:
    """Whether a gate or check is bad, and more than advisory."""
    return verdict.verdict in BAD and not verdict.advisory


def blocked(result: Result) -> bool:
    """Whether the run ends badly at its stage."""
    return result.verdict.verdict in BAD or result.interrupted


def conclusion(result: Result) -> str:
    """The last line of a report: may this be deployed?"""
    verdict = result.verdict
    if blocked(result):
        return "Deployment blocked"
    if verdict.approved:
        return f"Deployment approved{_subject(result)}"
    parts = [f"Passed at {result.stage}", *_judged(result)]
    waiting = [name for gate in verdict.gates for name in _waiting(gate)]
    if waiting:
        parts.append(f"open: {', '.join(waiting)}")
    return "; ".join([*parts, "no deployment verdict"])


def _judged(result: Result) -> Iterator[str]:
    """How much of the policy was asked, and judged."""
    plan, gates = result.plan, result.verdict.gates
    if plan.only:
        yield f"only {len(plan.only)} of {len(plan.checks)} checks asked"
    count = sum(gate.verdict != "skipped" for gate in gates)
    named = "" if plan.whole or plan.only else "named "
    yield f"{count} of {len(gates)} {named}gates judged"


def _waiting(gate: GateVerdict) -> list[str]:
    """A gate that is open as a whole, or `gate/check` for each check of another that is open."""
    if _is_open(gate):
        return [gate.gate]
    return [f"{gate.gate}/{check.check}" for check in gate.checks if check.opens]


def _subject(result: Result) -> str:
    subject = result.subject
    named = {"service": subject.service, "version": subject.version, "commit": subject.commit}
    known = ", ".join(f"{word} {value}" for word, value in named.items() if value)
    dirty = " (warning: tracked files differ from it)" if subject.dirty else ""
    return (f": {known}" if known else "") + dirty


def remarks(result: Result) -> list[str]:
    """What must be known before the last lines: warnings, an interruption, the run's reason."""
    lines = [f"warning: {flat(text)}" for text in result.warnings]
    if result.interrupted:
        lines.append("interrupted: what had not ended by then is not measured")
    return [*lines, flat(result.verdict.reason)] if result.verdict.reason else lines


def exceeds(verdict: Verdict, told: Iterable[Verdict]) -> bool:
    """Whether a verdict is bad, and worse than all that was told of it."""
    return verdict in BAD and RANK[verdict] > RANK[worst(told)]


def untold(result: Result, told: Iterable[Verdict]) -> str:
    """Why a run ends worse than all that was told of it, "" where it does not."""
    end: Verdict = "error" if result.interrupted else result.verdict.verdict
    return ("; ".join(remarks(result)) or conclusion(result)) if exceeds(end, told) else ""
