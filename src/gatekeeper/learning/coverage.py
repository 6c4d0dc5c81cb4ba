"""What guards against each failure, and what does not: post-mortems, links and proofs as one value.

The check types, the command `postmortem coverage` and reports share it. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from posixpath import basename, splitext

from gatekeeper.config.policy import Policy
from gatekeeper.interfaces import CheckContext
from gatekeeper.learning import changes, incidents, lint, recurrence, shelf, tree
from gatekeeper.learning.changes import Base
from gatekeeper.learning.faults import fault
from gatekeeper.learning.guards import Guard, guards, unproven
from gatekeeper.learning.links import Link, Links, Report, link
from gatekeeper.learning.shelf import Recall, Shelf
from gatekeeper.learning.tree import Tree
from gatekeeper.model import Finding, Item, Measurement

# The rules of the lint that make a report incomplete.
_INCOMPLETE = frozenset({"unreadable", "missing-section", "empty-section", "template-residue"})
_OTHER = frozenset(rule.name for rule in lint.RULES) - _INCOMPLETE
_NAMED = 3
# The states of a post-mortem as an item, worst first.
_STATES = ("unguarded", "partly", "guarded", "decided")


@dataclass(frozen=True, slots=True)
class Options:
    """What a team decides.

    `proven`: only a proven guard counts. Rules of the lint in `without` are off. A report has at
    most `max_size` bytes; a post-mortem is due `due_within` days after its incident.
    """

    proven: bool = False
    without: tuple[str, ...] = ()
    max_size: int = shelf.CAP
    due_within: int = incidents.DAYS


@dataclass(frozen=True, slots=True)
class Sight:
    """All that is looked at; `base` is the commit that a change is compared with, if any."""

    policy: Policy
    shelf: Shelf
    tree: Tree
    recall: Recall
    now: datetime
    options: Options = field(default_factory=Options)
    base: Base | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every post-mortem with its items and guards, and what is wrong, by the metric's last word.

    `checks` is the number of checks whose origins were looked at.
    """

    reports: tuple[Report, ...]
    checks: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def work(self) -> Mapping[str, int]:
        """What was really looked at."""
        items = sum(report.counts.items for report in self.reports)
        return {"documents": len(self.reports), "items": items + self.checks}


def measure(
    ctx: CheckContext, options: Options, metrics: Iterable[str], *, items: bool = False
) -> Measurement:
    """What a check sees: the findings that the metrics count, and the post-mortems as items.

    The work is the reports read, and the action items and checks joined.
    """
    rules = [metric.partition(".")[2] for metric in metrics]
    seen = tree.of(ctx)
    size = options.max_size
    sight = Sight(
        policy=ctx.policy,
        shelf=shelf.load(ctx.policy.learning, seen.files, seen.content, ctx.recall, size),
        tree=seen,
        recall=ctx.recall,
        now=ctx.now,
        options=options,
        base=changes.at(ctx.base) if "lost" in rules else None,
    )
    found = cover(sight, *rules)
    shown = _items(found.reports, sight.shelf.findings) if items else ()
    return Measurement(findings=found.findings, work=found.work, notes=found.notes, items=shown)


def _items(reports: Iterable[Report], unread: Iterable[Finding]) -> tuple[Item, ...]:
    """The post-mortems as reports show them, worst first; nothing guards what cannot be read."""
    found = [
        Item(splitext(basename(one.path or ""))[0], "", "unguarded", one.path, one.line)
        for one in unread
    ]
    for report in reports:
        strong = {g.check for item in report.items for g in item.guards if not g.weak}
        guards = tuple(sorted(strong))
        title, state = report.title or "", _state(report)
        found.append(Item(report.id, title, state, report.file, report.line, guards))
    return tuple(sorted(found, key=lambda item: _STATES.index(item.state)))


def _state(report: Report) -> str:
    if report.items and all(item.state == "decided" for item in report.items):
        return "decided"
    return "partly" if report.state == "partly guarded" else report.state


def cover(sight: Sight, *rules: str) -> Coverage:
    """Look at everything; findings of the given rules, all where none is given."""
    able = guards(sight.policy, sight.tree, proven=sight.options.proven)
    today = sight.now.astimezone(UTC).date()
    links = link(sight.policy, sight.shelf.reports, able, sight.tree, today)
    wanted = dict.fromkeys(RULES[rule] for rule in rules or RULES)
    seen = _Seen(sight, links, able)
    found = [one for find in wanted for one in find(seen) if not rules or one.rule in rules]
    found.sort(key=lambda one: _ORDER[one.rule])
    folder = f"{sight.policy.learning}/{shelf.FOLDER}"
    nothing = not (sight.shelf.reports or sight.shelf.findings)
    notes = (f"there is no post-mortem yet below {folder}",) if nothing else ()
    return Coverage(links.reports, len(sight.policy.checks), tuple(found), notes)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rules look at."""

    sight: Sight
    links: Links
    guards: Mapping[str, Guard]


def _unguarded(seen: _Seen) -> Iterator[Finding]:
    yield from seen.sight.shelf.findings
    for report in seen.links.reports:
        if report.state == "unguarded":
            yield fault("unguarded", _why_unguarded(report), (report.file, report.line))


def _why_unguarded(report: Report) -> str:
    if not report.items:
        return f"{report.id} has no action item, so nothing guards against the next time"
    first = report.items[0].item
    told = [
        f"{_own(item)} is {item.state}" + (f" ({item.why})" if item.why else "")
        for item in report.items[:_NAMED]
    ]
    more = f" and {len(report.items) - _NAMED} more" if len(report.items) > _NAMED else ""
    hint = f"register a check: gatekeeper check new ID --from '{first}'"
    return f"no check guards {report.id}: {', '.join(told)}{more}; {hint}"


def _own(item: Link) -> str:
    """The id of an item within its report."""
    return item.item.partition("#")[2]


def _without_actions(seen: _Seen) -> Iterator[Finding]:
    for report in seen.links.reports:
        if not report.items:
            text = (
                f"{report.id} promises nothing: write an action item with an owner and a due date"
            )
            yield fault("without-actions", text, (report.file, report.line))


def _incomplete(seen: _Seen) -> Iterator[Finding]:
    """One finding for a report, whatever it lacks."""
    off = _OTHER.union(seen.sight.options.without)
    for report in seen.sight.shelf.reports.values():
        flaws = lint.lint(report, without=off)
        if flaws:
            told = "; ".join(flaw.message for flaw in flaws[:_NAMED])
            text = f"{report.id} is incomplete: {told}"
            yield fault("incomplete", text, (report.file, flaws[0].line or 1), "medium")


def _linked(seen: _Seen) -> Iterator[Finding]:
    """Links that lead nowhere, and those whose item has changed."""
    yield from seen.links.findings


def _weak(seen: _Seen) -> Iterator[Finding]:
    guarding: defaultdict[str, list[str]] = defaultdict(list)
    for report in seen.links.reports:
        yield from _halves(report)
        for item in report.items:
            for guard in item.guards:
                guarding[guard.check].append(item.item)
    for check, items in guarding.items():
        if weak := seen.guards[check].weak:
            text = f"the check {check} guards {_listed(items)} weakly: {', '.join(weak)}"
            yield fault("weak", text, seen.guards[check].position, "medium")


def _halves(report: Report) -> Iterator[Finding]:
    """The report whose guards are half of what its kind asks for."""
    half = [
        item
        for item in report.items
        if item.state == "weak" and not all(guard.weak for guard in item.guards)
    ]
    if half:
        own = [_own(item) for item in half]
        text = f"{report.id} ({_listed(own)}) is guarded by half: {half[0].why}"
        yield fault("weak", text, (report.file, report.line), "medium")


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + more


def _lost(seen: _Seen) -> Iterator[Finding]:
    sight = seen.sight
    if sight.base is not None:
        reports = sight.shelf.reports
        yield from changes.changes(
            sight.base, sight.policy, reports, seen.links, sight.tree, sight.recall
        )


def _followed(seen: _Seen) -> Iterator[Finding]:
    """Items that nobody has turned into a guard or a decision."""
    for report in seen.links.reports:
        for item in report.items:
            if item.state != "open":
                continue
            at = (report.file, item.line)
            said = "is ticked done, and no check guards it" if item.done else "is open"
            why = item.why or f"guard it: gatekeeper check new ID --from '{item.item}'"
            yield fault("open", f"{item.item} {said}: {item.text}; {why}", at, "medium")
            if item.overdue:
                who = f", owner {item.owner}" if item.owner else ""
                text = f"{item.item} was due on {item.due}{who}: {item.text}"
                yield fault("overdue", text, at, "medium")


def _unproven(seen: _Seen) -> Iterator[Finding]:
    yield from unproven(seen.sight.policy, seen.sight.tree)


def _untold(seen: _Seen) -> Iterator[Finding]:
    sight = seen.sight
    reports = sight.shelf.reports.values()
    days = sight.options.due_within
    yield from incidents.findings(sight.policy.incidents, reports, sight.now, days)


def _recurring(seen: _Seen) -> Iterator[Finding]:
    linked = {report.id: report for report in seen.links.reports}
    sight = seen.sight
    yield from recurrence.findings(sight.shelf.reports, linked, sight.policy.incidents)


_Find = Callable[[_Seen], Iterator[Finding]]
# Rule -> what finds it, worst first: the order in which a person is told.
RULES: Mapping[str, _Find] = {
    "unguarded": _unguarded,
    "lost": _lost,
    "without-actions": _without_actions,
    "without-postmortem": _untold,
    "recurring": _recurring,
    "dangling": _linked,
    "drifted": _linked,
    "weak": _weak,
    "unproven": _unproven,
    "overdue": _followed,
    "open": _followed,
    "incomplete": _incomplete,
}
_ORDER = {rule: n for n, rule in enumerate(RULES)}
