"""gatekeeper postmortem coverage: what guards against each failure, and what does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

import gatekeeper
from gatekeeper import cache, checkout, codec, escape
from gatekeeper.cli import say
from gatekeeper.cli.table import table
from gatekeeper.history import records

if TYPE_CHECKING:
    from gatekeeper.config.policy import Policy
    from gatekeeper.learning.coverage import Coverage, Options
    from gatekeeper.learning.links import Report
    from gatekeeper.model import Finding

T = TypeVar("T")
# What a person reads of the findings; --json prints all.
_MOST = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `proof` is the guards that are proven, of all."""

    id: str
    state: str
    items: int
    guarded: int
    weak: int
    decided: int
    open: int
    overdue: int
    proof: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a person is shown: the table, and the lines before and after it."""

    before: tuple[str, ...]
    rows: tuple[Row, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed as JSON, as text."""

    text: str


@click.command("coverage", epilog="Example: gatekeeper postmortem coverage --since main")
@click.option("--since", metavar="REF", help="Also tell what was removed or weakened since REF.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
def command(since: str | None, as_json: bool) -> None:
    """Show which post-mortems are guarded by checks, and what is wrong, worst first."""
    place = checkout.find(Path.cwd())
    for warning in records.prepare(place.state):
        say(f"warning: {warning}")
    seen = _Seen(place, checkout.changed_since(place, since).base, datetime.now(UTC))
    if as_json:
        click.echo(seen.recall("coverage", seen.printed, Printed).text)
        return
    page = seen.recall("covered", seen.page, Page)
    lines = table(Row, page.rows) if page.rows else ()
    for line in (*page.before, *lines, *page.after):
        click.echo(line)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A checkout on a day, compared with a commit or with none."""

    place: checkout.Checkout
    base: str | None
    now: datetime

    def recall(self, kind: str, make: Callable[[], T], form: type[T]) -> T:
        """What is shown, from memory where no file, no day and no code has changed since."""
        identity = checkout.identity(self.place)
        if identity is None:
            return make()
        kept = cache.at(self.place, kind, Path(gatekeeper.__file__).parent)
        key = f"{identity} {self.base} {self.now:%Y-%m-%d}".encode()
        made = kept.recall(key, lambda _: make(), form)
        kept.save()
        return made

    def page(self) -> Page:
        """The coverage for a person."""
        seen, policy = self._look()
        rows = tuple(map(_row, seen.reports))
        return Page(seen.notes, rows, tuple(_after(seen, policy)))

    def printed(self) -> Printed:
        """The coverage as JSON."""
        from gatekeeper.cli.covered import covered

        return Printed(json.dumps(codec.encode(covered(*self._look())), indent=1))

    def _look(self) -> tuple[Coverage, Policy]:
        from gatekeeper import learning
        from gatekeeper.config.load import load
        from gatekeeper.learning import changes, shelf
        from gatekeeper.learning.coverage import Sight, cover
        from gatekeeper.learning.tree import at
        from gatekeeper.resolve import resolve

        place = self.place
        policy = resolve(load(place.config))
        memory = cache.at(place, "learning", Path(learning.__file__).parent)
        options = _options(policy)

        tree = at(place)
        cap = options.max_size
        sight = Sight(
            policy=policy,
            shelf=shelf.load(policy.learning, tree.files, tree.content, memory.recall, cap),
            tree=tree,
            recall=memory.recall,
            now=self.now,
            options=options,
            base=changes.at(lambda *paths: checkout.files_at(place, self.base, paths)),
        )
        seen = cover(sight)
        memory.save()
        return seen, policy


def _options(policy: Policy) -> Options:
    """What the checks of the policy are told, so that the table shows what the gate judges."""
    from gatekeeper.learning.coverage import Options

    told: dict[str, object] = {}
    for check in policy.checks.values():
        if check.enabled and check.type in ("postmortem-coverage", "follow-up"):
            told |= check.params
    known = {key for _, key, _ in codec.fields(Options)}
    return codec.decode(Options, {key: told[key] for key in known & set(told)})


def _row(report: Report) -> Row:
    counts = report.counts
    return Row(
        id=report.id,
        state=report.state,
        items=counts.items,
        guarded=counts.guarded,
        weak=counts.weak,
        decided=counts.decided,
        open=counts.open,
        overdue=counts.overdue,
        proof=f"{counts.proven}/{counts.guards}" if counts.guards else "-",
        title=report.title or "",
    )


def _after(seen: Coverage, policy: Policy) -> Iterator[str]:
    """What stands below the table."""
    if seen.reports:
        states = [report.state for report in seen.reports]
        told = [f"{states.count(state)} {state}" for state in sorted(set(states))]
        reports = "post-mortem" if len(states) == 1 else "post-mortems"
        yield from ("", f"{len(states)} {reports}: {', '.join(told)}; {seen.checks} checks")
    if seen.findings:
        yield from ("", "What is wrong, worst first:")
        yield from map(_wrong, seen.findings[:_MOST])
    if len(seen.findings) > _MOST:
        yield f"  and {len(seen.findings) - _MOST} more: --json prints all"
    yield from _suggested(seen, policy)


def _wrong(finding: Finding) -> str:
    place = ":".join(str(part) for part in (finding.path, finding.line) if part)
    return escape.line(f"  {place}: {finding.message} [{finding.rule}]")


def _suggested(seen: Coverage, policy: Policy) -> Iterator[str]:
    from gatekeeper.cli.covered import suggestions

    found = list(suggestions(seen, policy))
    if found:
        yield from ("", "Checks whose words are like those of an open item; nothing is linked:")
    for one in found:
        checks = ", ".join(f"{check.id} ({check.score:.2f})" for check in one.checks)
        yield escape.line(f"  {one.item}: {checks}")
