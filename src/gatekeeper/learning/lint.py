"""The lint of post-mortems: what a reviewer would ask about, at the line where it stands.

A rule is a function from a report to lines and what is wrong there; `RULES`, below them, names all.
They speak of the report and of the system, never of people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatekeeper.learning import dates, phrases
from gatekeeper.learning.headings import Role, role
from gatekeeper.learning.postmortem import ActionItem, Cause, Event, PostMortem
from gatekeeper.model import Finding, Severity

Found = Iterator[tuple[int, str]]
# The two highest severities, as they are written.
_GRAVE = re.compile(
    r"\W*(?:(?:p|s|sev|severity|prio|priority|priorität|级别|レベル)[\s:-]*[01](?!\d)"
    r"|crit|kritisch|grav[eií]|blocker|emergency|catastroph|highest|致命|重大|紧急|緊急|严重|嚴重)",
    re.IGNORECASE,
)
# Minutes. Where no day is written, a time that falls by more belongs to the next one, or to a
# clock of twelve hours.
_NEXT_DAY, _DAY = 6 * 60, 24 * 60
_WHYS = 3
# What a report tells of an incident, and the sections in which teams do.
_PARTS: Mapping[str, frozenset[Role]] = {
    "timeline": frozenset({"timeline"}),
    "root cause": frozenset({"root-cause", "contributing-factors", "method"}),
    "impact": frozenset({"impact", "summary"}),
    "lessons": frozenset({"lessons", "went-well", "went-wrong"}),
}
# `Bug: #12` needs nothing below it; nor does a line of text that acts as a heading.
_SAYS_ITSELF = re.compile(r"[:：]\s*\S")
_LOWEST = 6
# Words are compared by their first letters: "deploys", "deployment".
_WORD = re.compile(r"\w{4,}")
_STEM = 6
# Pairs of cause and item that are compared; more is no report that anybody wrote.
_PAIRS = 10_000
_QUOTED = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for, and how to mend it; `find` yields lines and what is wrong there."""

    name: str
    severity: Severity
    meaning: str
    remedy: str
    find: Callable[[PostMortem], Found]


def lint(post_mortem: PostMortem, without: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """What is to be mended in a report, in the order of its lines; rules in `without` are off.

    A report that could not be read at all has no other findings than that.
    """
    rules = RULES[:1] if is_unreadable(post_mortem) else RULES
    found = [
        Finding(
            rule.name,
            f"{what}: {rule.remedy}",
            rule.severity,
            "postmortem",
            post_mortem.file,
            max(line, 1),
        )
        for rule in rules
        if rule.name not in without
        for line, what in rule.find(post_mortem)
    ]
    return tuple(sorted(found, key=lambda finding: finding.line or 1))


def is_unreadable(post_mortem: PostMortem) -> bool:
    """Whether a report has problems and nothing else."""
    return bool(post_mortem.problems) and not (post_mortem.headings or post_mortem.action_items)


def is_grave(severity: str | None) -> bool:
    """Whether a severity as written is one of the two highest: P0, SEV-1, "Critical: ..."."""
    return bool(severity and _GRAVE.match(severity))


def _line(report: PostMortem, *parts: str) -> int:
    """The line of the first part that was found, else of the title, else 1."""
    return next((report.lines[part] for part in (*parts, "title") if part in report.lines), 1)


def _quoted(text: str) -> str:
    """A text, short enough for a message."""
    return f"`{text}`" if len(text) <= _QUOTED else f"`{text[: _QUOTED - 1].rstrip()}…`"


def _unreadable(report: PostMortem) -> Found:
    yield from report.problems


def _no_action_items(report: PostMortem) -> Found:
    if not report.action_items:
        yield _line(report, "action_items"), "no action item keeps this from happening again"


def _missing_section(report: PostMortem) -> Found:
    missing = [part for part in _missing(report) if part != "lessons"]
    if missing:
        yield _line(report), f"no section tells the {' or the '.join(missing)}"


def _no_lessons(report: PostMortem) -> Found:
    if "lessons" in _missing(report):
        yield _line(report), "no section tells what was learned"


def _missing(report: PostMortem) -> list[str]:
    told = _told(report)
    told |= {part for part in _PARTS if part.replace(" ", "_") in report.lines}
    roles = {role(heading.title) for heading in report.headings}
    return [part for part in _PARTS if part not in told and not roles & _PARTS[part]]


def _told(report: PostMortem) -> set[str]:
    """The parts of a report of which something was read."""
    impact = report.impact
    parts = {
        "timeline": report.timeline,
        "root cause": report.root_cause or report.contributing_factors or report.chain,
        "impact": impact.text or impact.users or impact.duration or impact.data_loss,
        "lessons": report.lessons,
    }
    return {part for part, value in parts.items() if value}


def _empty_section(report: PostMortem) -> Found:
    for heading in report.headings:
        silent = heading.line == report.lines.get("title") or _SAYS_ITSELF.search(heading.title)
        if not heading.words and heading.level <= _LOWEST and not silent:
            yield heading.line, f"nothing stands under {_quoted(heading.title)}"


def _template_residue(report: PostMortem) -> Found:
    for heading in report.headings:
        if heading.residue:
            yield heading.line, f"{_quoted(heading.title)} still holds text of the template"


def _timeline_out_of_order(report: PostMortem) -> Found:
    events = report.timeline
    for last, event, after in zip(events, events[1:], (*events[2:], None), strict=False):
        # Where the next entry is as early, a second list begins.
        if _is_before(event, last) and not (after and _begins(events[0], event, after, last)):
            yield event.line, f"{event.at} stands below {last.at} (line {last.line})"


def _begins(first: Event, event: Event, after: Event, last: Event) -> bool:
    """Whether a second list begins: from before the first entry it goes on before the last."""
    return _is_before(event, first) and _is_before(after, last)


def _is_before(event: Event, last: Event) -> bool:
    """Whether an entry is earlier than another; not where a day or a time is not told."""
    written = dates.first(event.at), dates.first(last.at)
    day, last_day = written[0] or event.day, written[1] or last.day
    if day and last_day and day != last_day:
        return day < last_day
    return 0 < _fall(last.at, event.at) < (_NEXT_DAY if None in written else _DAY)


def _fall(last: str, at: str) -> int:
    """By how many minutes the time of day falls; 0 where one of them is not told."""
    before, after = dates.clock(last), dates.clock(at)
    return before.minute - after.minute if before and after else 0


def _no_milestones(report: PostMortem) -> Found:
    if report.timeline and not any(event.milestone for event in report.timeline):
        yield report.timeline[0].line, "no entry of the timeline is a milestone"


def _surface_cause(report: PostMortem) -> Found:
    deeper = report.contributing_factors or report.chain
    if report.root_cause and not deeper and (words := phrases.surface(report.root_cause)):
        yield _line(report, "root_cause"), f"the root cause stops at what broke (`{words}`)"


def _blame(report: PostMortem) -> Found:
    seen = set()
    for line, text in _judgements(report):
        for words, question in phrases.blame(text):
            if (line, words) not in seen:
                seen.add((line, words))
                yield line, f"`{words}` ends the search at a person; {question}"


def _judgements(report: PostMortem) -> Iterator[tuple[int, str]]:
    """The texts that say why it happened, each with its line or that of its section."""
    if report.root_cause:
        yield _line(report, "root_cause"), report.root_cause
    for cause in (*report.contributing_factors, *report.chain):
        yield cause.line, cause.text
    for lesson in report.lessons:
        yield _line(report, "lessons"), lesson


def _too_few_whys(report: PostMortem) -> Found:
    if report.method == "5-whys" and len(report.chain) < _WHYS:
        line = _line(report, "chain", "method", "root_cause")
        yield line, f"the method is 5 whys, and {len(report.chain)} are written"


def _unaddressed_cause(report: PostMortem) -> Found:
    causes = report.contributing_factors
    words = [_stems(item) for item in report.action_items]
    if len(causes) * len(words) > _PAIRS:
        return
    shared = [_shared(cause, words) for cause in causes]
    # Where most causes have nothing in common with any item, the items are just worded otherwise.
    if sum(count > 1 for count in shared) * 2 > len(causes):
        for cause, count in zip(causes, shared, strict=True):
            if not count:
                yield cause.line, f"no action item addresses the cause {_quoted(cause.text)}"


def _shared(cause: Cause, items: Iterable[frozenset[str]]) -> int:
    """How many words a cause has in common with the nearest item."""
    wanted = _stemmed(cause.text)
    return max((len(wanted & words) for words in items), default=0)


def _stems(item: ActionItem) -> frozenset[str]:
    said = (item.text, item.success, item.cause, item.group)
    return _stemmed(" ".join(filter(None, said)))


def _stemmed(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _WORD.findall(text.casefold()))


def _open(report: PostMortem) -> Iterator[ActionItem]:
    return (item for item in report.action_items if not item.done)


def _no_owner(report: PostMortem) -> Found:
    yield from _lacking(report, "an owner", [item for item in _open(report) if not item.owner])


def _no_due_date(report: PostMortem) -> Found:
    yield from _lacking(report, "a due date", [item for item in _open(report) if not item.due])


def _lacking(report: PostMortem, what: str, items: list[ActionItem]) -> Found:
    """A finding for each item; one for all where none of several has it."""
    if len(items) == len(report.action_items) > 1:
        yield items[0].line, f"none of the {len(items)} action items has {what}"
        return
    for item in items:
        yield item.line, f"{item.id} {_quoted(item.text)} lacks {what}"


def _hedge(report: PostMortem) -> Found:
    for item in _open(report):
        if words := phrases.hedge(item.text):
            yield item.line, f"{item.id} says `{words}`, so nobody can tell when it is done"


def _no_evidence(report: PostMortem) -> Found:
    if is_grave(report.severity) and not report.references:
        yield _line(report, "severity"), f"severity {report.severity}, and nothing is linked"


def _one_role(report: PostMortem) -> Found:
    people, roles = report.participants, {who.role for who in report.participants}
    told = len(roles) > 1 or (None in roles and len(people) > 1)
    if is_grave(report.severity) and not told:
        who = "one role alone took part" if people else "nobody is named who took part"
        yield _line(report, "participants", "severity"), f"severity {report.severity}, and {who}"


RULES: tuple[Rule, ...] = (
    Rule(
        "unreadable",
        "high",
        "the report, or a part of it, cannot be read",
        "mend the file; what is not read counts as neither written nor done",
        _unreadable,
    ),
    Rule(
        "no-action-items",
        "high",
        "nothing is promised, so nothing guards against the next time",
        "write at least one under `Action Items`, with owner and due date",
        _no_action_items,
    ),
    Rule(
        "missing-section",
        "medium",
        "timeline, root cause or impact has no section, under whatever heading",
        "add the section, so that it is found; the house template shows what belongs there",
        _missing_section,
    ),
    Rule(
        "no-lessons",
        "low",
        "nothing is said to have been learned, or to have gone well or wrong",
        "write what is known now that was not known before",
        _no_lessons,
    ),
    Rule(
        "empty-section",
        "medium",
        "nothing stands below a heading",
        "fill it, or take the heading out, so that nobody takes it for an answer",
        _empty_section,
    ),
    Rule(
        "template-residue",
        "medium",
        "placeholders or instructions of the template are left",
        "replace them by what happened, or take them out",
        _template_residue,
    ),
    Rule(
        "timeline-out-of-order",
        "medium",
        "an entry of the timeline is earlier than the one above it",
        "put the entries in order, or write the day where it changes",
        _timeline_out_of_order,
    ),
    Rule(
        "no-milestones",
        "low",
        "the timeline tells none of detected, impact confirmed, cause identified, fix deployed, "
        "stable",
        "say in the entries when it was detected, confirmed, understood, fixed and stable; the "
        "time between them is what can be made shorter",
        _no_milestones,
    ),
    Rule(
        "surface-cause",
        "medium",
        "the root cause says what broke (`bad code was pushed`), not what let it break",
        "ask once more what let it happen, and why nothing caught it before users did",
        _surface_cause,
    ),
    Rule(
        "blame",
        "medium",
        "a cause or lesson stops at a person (`human error`, `should have known`)",
        "anybody would do the same again under the same conditions, so write down the conditions",
        _blame,
    ),
    Rule(
        "too-few-whys",
        "medium",
        "the method is 5 whys, and fewer than three are written",
        "ask why of the last answer until a process or a design answers",
        _too_few_whys,
    ),
    Rule(
        "unaddressed-cause",
        "low",
        "most causes have words in common with an action item, and this one has none",
        "add an item, or write at the item that does which cause it addresses",
        _unaddressed_cause,
    ),
    Rule(
        "no-owner",
        "medium",
        "an action item that is not done names nobody",
        "name the person or team that answers for it, as in `Owner: team-orders`",
        _no_owner,
    ),
    Rule(
        "no-due-date",
        "low",
        "an action item that is not done names no day",
        "name the day, as in `Due: 2026-03-20`",
        _no_due_date,
    ),
    Rule(
        "hedge",
        "medium",
        "an action item begins with `consider` or `look into` and can never be done",
        "write what will be different afterwards, or what will be decided, by whom and when",
        _hedge,
    ),
    Rule(
        "no-evidence",
        "medium",
        "an incident of the highest severities, and the report links nothing",
        "link the tickets, logs, charts and changes that show it",
        _no_evidence,
    ),
    Rule(
        "one-role",
        "medium",
        "an incident of the highest severities, and one role at most took part",
        "go through it with those who felt it and those who run it, and list them under "
        "`Participants` with their roles, as in `- Anna (on-call)`",
        _one_role,
    ),
)
