"""The coverage as `postmortem coverage --json` prints it, and the suggestions beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from gatekeeper.cli.read import Located, located
from gatekeeper.config.policy import Policy
from gatekeeper.learning import suggest
from gatekeeper.learning.coverage import Coverage
from gatekeeper.learning.links import Report

# Open items that existing checks are suggested for.
_SUGGESTED = 20


@dataclass(frozen=True, slots=True)
class Suggested:
    """Checks that look like an open item, by their words alone; nothing follows from it."""

    item: str
    checks: tuple[suggest.Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """What `postmortem coverage --json` prints.

    `checks` is the number of checks that were joined to the action items of the reports.
    """

    reports: tuple[Report, ...]
    checks: int
    findings: tuple[Located, ...]
    suggestions: tuple[Suggested, ...]
    notes: tuple[str, ...]


def covered(seen: Coverage, policy: Policy) -> Covered:
    """All of it."""
    findings = tuple(map(located, seen.findings))
    found = tuple(suggestions(seen, policy))
    return Covered(seen.reports, seen.checks, findings, found, seen.notes)


def suggestions(seen: Coverage, policy: Policy) -> Iterator[Suggested]:
    """Existing checks for the first open items, where any is like them."""
    items = (item for report in seen.reports for item in report.items if item.state == "open")
    if first := list(islice(items, _SUGGESTED)):
        index = suggest.checks(policy.checks.values())
        looked_up = (Suggested(item.item, suggest.nearest(index, item.text)) for item in first)
        yield from (one for one in looked_up if one.checks)
