"""Action items joined to the checks that guard them. Pure.

The state of an item is

* `guarded`: an enabled, blocking check names it as its origin;
* `weak`: only such checks do that cannot block, whose evidence is too thin, that are not proven
  where the policy asks for it, or that are half of what the report's kind asks for;
* `decided`: `no-check` says why it needs no check;
* `open`: none of these.

A report is `guarded` where every item is guarded or decided, `unguarded` where none is, or where it
has none, and `partly guarded` otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from gatekeeper.config.policy import CheckPolicy, Origin, Policy
from gatekeeper.errors import suggest
from gatekeeper.learning import dates
from gatekeeper.learning.decisions import Decision, decide
from gatekeeper.learning.faults import fault
from gatekeeper.learning.guards import Guard
from gatekeeper.learning.items.names import field
from gatekeeper.learning.kinds import Rule
from gatekeeper.learning.postmortem import ActionItem, Kind, PostMortem
from gatekeeper.learning.tree import Tree
from gatekeeper.model import Finding

State = Literal["guarded", "weak", "decided", "open"]
Reach = Literal["guarded", "partly guarded", "unguarded"]
_WORD = re.compile(r"\w+")
# What is stated behind a promise: `. Owner: team-orders. Due: 2026-03-20.`
_NAMED = re.compile(r"(?<=[\s.;,(\[\u3002\uff0c])([^\W\d_][^:\uff1a.;,()\[\]\n]{0,24})[:\uff1a]")
_BESIDE = ("owner", "due", "state", "priority")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Link:
    """An action item and what became of it; `why` tells what a state rests on, or what it lacks.

    `item` is its full id, `PM-2026-003#AI-2`. `overdue`: open, not ticked done, and past its due
    date.
    """

    item: str
    text: str
    line: int
    state: State
    why: str = ""
    done: bool | None = None
    owner: str | None = None
    due: str | None = None
    overdue: bool = False
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items a report has in each state, how many are overdue; its guards, those proven."""

    items: int
    guarded: int
    weak: int
    decided: int
    open: int
    overdue: int
    guards: int
    proven: int


@dataclass(frozen=True, slots=True)
class Report:
    """A post-mortem with its items; `day` is that of the incident, ISO, or "".

    `line` is where its action items begin, or where its title stands.
    """

    id: str
    file: str
    line: int
    title: str | None
    day: str
    severity: str | None
    kind: Kind | None
    state: Reach
    items: tuple[Link, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Links:
    """All reports with their items, and what is wrong with the links to them."""

    reports: tuple[Report, ...] = ()
    findings: tuple[Finding, ...] = ()


def link(
    policy: Policy,
    reports: Mapping[str, PostMortem],
    guards: Mapping[str, Guard],
    tree: Tree,
    today: date,
) -> Links:
    """Join the reports' action items to the checks of the policy."""
    guarding, findings = _guarding(policy, reports, guards)
    rule = Rule(policy, tree)
    incidents = {incident.id: incident.detected for incident in policy.incidents}
    joined = []
    for report in reports.values():
        day = _day(report, incidents)
        decisions = {
            id_: decide(reason, report, day, tree, today) for id_, reason in report.no_check.items()
        }
        items = _items(report, guarding, decisions, today)
        joined.append(_report(report, day, items, rule))
        findings += _undecided(report)
    return Links(tuple(joined), tuple(findings))


# The guards of each item: by its full id, and its line, for an id may stand twice.
_Guarding = dict[tuple[str, int], list[Guard]]


def _guarding(
    policy: Policy, reports: Mapping[str, PostMortem], guards: Mapping[str, Guard]
) -> tuple[_Guarding, list[Finding]]:
    items: dict[str, list[ActionItem]] = {}
    for report in reports.values():
        for item in report.action_items:
            items.setdefault(f"{report.id}#{item.id}", []).append(item)
    found: _Guarding = {}
    findings: list[Finding] = []
    for id_, guard in guards.items():
        for origin in policy.checks[id_].origin:
            named = items.get(origin.item, [])
            target, flaw = _target(policy.checks[id_], origin, named, reports)
            findings += [flaw] if flaw else []
            if target is not None:
                found.setdefault((origin.item, target.line), []).append(guard)
    return found, findings


def _day(report: PostMortem, incidents: Mapping[str, str]) -> str:
    """The ISO day of the incident that a report is on, "" where nothing tells."""
    stated = report.date or incidents.get(report.incident or "", "")
    return dates.first(stated) or ""


def _target(
    check: CheckPolicy,
    origin: Origin,
    named: list[ActionItem],
    reports: Mapping[str, PostMortem],
) -> tuple[ActionItem | None, Finding | None]:
    """The action item that a link holds for, if any, and what is wrong with the link."""
    if not named:
        return None, _dangling(check, origin.item, _missing(origin.item, reports))
    same = next((item for item in named if _same(origin.text, item.text)), None)
    if same is not None:
        return same, None
    item = named[0]
    if len(named) > 1:
        return None, _dangling(check, origin.item, _textless("several items have that id", item))
    if origin.text.strip():
        # A label stays with its item when the words change, a position does not.
        return (item if item.labelled else None), _drifted(check, origin, item, reports)
    if item.labelled:
        return item, None
    why = "a position may come to mean another item"
    return None, _dangling(check, origin.item, _textless(why, item))


def _textless(why: str, item: ActionItem) -> str:
    return f"{why}: add `text: {_cut(item.text)}`"


def _drifted(
    check: CheckPolicy, origin: Origin, item: ActionItem, reports: Mapping[str, PostMortem]
) -> Finding:
    report = reports[origin.item.removesuffix(f"#{item.id}")]
    moved = next((i.id for i in report.action_items if _same(origin.text, i.text)), None)
    hint = (
        f"link to {report.id}#{moved}" if moved else "see whether it guards that, then mend `text:`"
    )
    now = f"{report.file}:{item.line} now says `{_cut(item.text)}`"
    message = f"the check {check.id} guards {origin.item} as `{_cut(origin.text)}`; {now}: {hint}"
    return fault("drifted", message, check.position)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _same(one: str, other: str) -> bool:
    """Whether two texts promise the same in the same words.

    Markup, punctuation and letter case say nothing; owner and due date behind it may change.
    """
    return one == other or _words(one) == _words(other) != []


def _words(text: str) -> list[str]:
    stated = (match.start() for match in _NAMED.finditer(text) if field(match[1]) in _BESIDE)
    return _WORD.findall(text[: next(stated, None)].casefold())


def _dangling(check: CheckPolicy, item: str, text: str) -> Finding:
    return fault("dangling", f"the check {check.id} links to {item}: {text}", check.position)


def _missing(item: str, reports: Mapping[str, PostMortem]) -> str:
    """What of `PM-2026-003#AI-2` does not exist; the id of a report holds no `#`."""
    id_, mark, own = item.partition("#")
    if not mark:
        return "an origin names a post-mortem and an action item, as in PM-2026-003#AI-2"
    if id_ not in reports:
        return f"there is no such post-mortem; {_known(id_, reports)}"
    known = [one.id for one in reports[id_].action_items]
    return f"{reports[id_].file} has no such action item; {_known(own, known)}"


def _known(name: str, known: Iterable[str]) -> str:
    return suggest(name, known) or "is its id written in the front matter?"


def _undecided(report: PostMortem) -> Iterator[Finding]:
    """Decisions on items that the report does not have."""
    for id_ in report.no_check:
        if report.item(id_) is None:
            hint = _known(id_, [item.id for item in report.action_items])
            message = f"`no-check` names {id_}, and {report.id} has no such action item; {hint}"
            yield fault("dangling", message, (report.file, report.lines.get("no_check", 1)))


def _items(
    report: PostMortem, guarding: _Guarding, decisions: Mapping[str, Decision], today: date
) -> list[Link]:
    found = []
    for item in report.action_items:
        id_ = f"{report.id}#{item.id}"
        guards = guarding.get((id_, item.line), [])
        found.append(_item(id_, item, guards, decisions.get(item.id), today))
    return found


def _report(report: PostMortem, day: str, items: list[Link], rule: Rule) -> Report:
    strong = {guard.check for item in items for guard in item.guards if not guard.weak}
    if lack := rule.lack(report.kind, strong):
        items = [replace(i, state="weak", why=lack) if i.state == "guarded" else i for i in items]
    lines = report.lines
    return Report(
        id=report.id,
        file=report.file,
        line=lines.get("action_items", lines.get("title", 1)),
        title=report.title,
        day=day,
        severity=report.severity,
        kind=report.kind,
        state=_reach([item.state for item in items]),
        items=tuple(items),
        counts=_counts(items),
    )


def _counts(items: list[Link]) -> Counts:
    states = Counter(item.state for item in items)
    proofs = {guard.check: guard.proof for item in items for guard in item.guards}
    return Counts(
        items=len(items),
        guarded=states["guarded"],
        weak=states["weak"],
        decided=states["decided"],
        open=states["open"],
        overdue=sum(item.overdue for item in items),
        guards=len(proofs),
        proven=list(proofs.values()).count("proven"),
    )


def _reach(states: list[State]) -> Reach:
    settled = [state in ("guarded", "decided") for state in states]
    if not any(settled):
        return "unguarded"
    return "guarded" if all(settled) else "partly guarded"


def _item(
    id_: str, item: ActionItem, guards: list[Guard], decision: Decision | None, today: date
) -> Link:
    state, why = _state(guards, decision)
    late = state == "open" and not item.done and _past(item.due, today)
    return Link(
        item=id_,
        text=item.text,
        line=item.line,
        state=state,
        why=why,
        done=item.done,
        owner=item.owner,
        due=item.due,
        overdue=late,
        guards=tuple(guards),
    )


def _state(guards: list[Guard], decision: Decision | None) -> tuple[State, str]:
    if any(not guard.weak for guard in guards):
        return "guarded", ""
    if decision and decision.holds:
        return "decided", decision.why
    if guards:
        return "weak", "; ".join(f"{guard.check}: {', '.join(guard.weak)}" for guard in guards)
    return "open", decision.why if decision else ""


def _past(due: str | None, today: date) -> bool:
    """Whether a due date is over; what is no date is never over."""
    try:
        return due is not None and date.fromisoformat(due) < today
    except ValueError:
        return False
