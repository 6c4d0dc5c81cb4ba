"""follow-up: open and overdue items, incidents without a post-mortem, failures that come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gatekeeper.check_types import follow_up
from gatekeeper.check_types.follow_up import Params
from gatekeeper.config.policy import Incident
from gatekeeper.model import Position, count

P = "learning/postmortems/"
REPORT = """---
id: PM-1
---
# Orders were lost

Date: 2026-03-04

## Action items

- [x] Reject an order without a customer. Owner: team-orders. Due: 2026-03-20.
- [ ] Forbid null in the column. Owner: team-orders. Due: 2026-04-01.
- [ ] Alert on a backlog. Owner: team-orders. Due: 2026-12-01.
"""
Make = Callable[..., Any]


@pytest.fixture
def counted(context: Make) -> Callable[..., Mapping[str, int]]:
    """The metrics of the type that are not zero."""

    def measured(files: Mapping[str, str], params: Params = Params(), **keys: Any) -> Any:  # noqa: B008
        measurement = follow_up.measure(params, context(files, **keys))
        counts = count(measurement.findings)
        return {name: counts[name] for name in follow_up.PLUGIN.always if counts[name]}

    return measured


def test_open_and_overdue_items(counted: Callable[..., Mapping[str, int]]) -> None:
    """A tick guards nothing and is not late; what is due later is open only."""
    assert counted({f"{P}a.md": REPORT}) == {"actions.open": 3, "actions.overdue": 1}


def test_a_decision_closes_an_item(counted: Callable[..., Mapping[str, int]]) -> None:
    """It stands in the front matter, under review."""
    decided = REPORT.replace("id: PM-1", "id: PM-1\nno-check: {AI-1: vendor, AI-2: vendor}")
    assert counted({f"{P}a.md": decided}) == {"actions.open": 1}


def test_a_finding_stands_at_the_line_of_the_item(context: Make) -> None:
    """And says who answers for it."""
    findings = follow_up.measure(Params(), context({f"{P}a.md": REPORT})).findings
    late = next(finding for finding in findings if finding.rule == "overdue")
    assert (late.path, late.line) == (f"{P}a.md", 11)
    assert "was due on 2026-04-01, owner team-orders" in late.message
    ticked = next(finding for finding in findings if finding.line == 10)
    assert "is ticked done, and no check guards it" in ticked.message


def test_an_incident_without_its_post_mortem(counted: Callable[..., Mapping[str, int]]) -> None:
    """Missing after the days that the policy gives, here from the tenth on."""
    incident = Incident(
        "INC-1",
        "Orders were lost",
        "2026-11-11T10:00:00Z",
        severity="P0",
        position=Position("learning/incidents/INC-1.yaml", 1, 1),
    )
    assert counted({}, incidents=(incident,)) == {"incidents.without-postmortem": 1}
    assert counted({}, Params(due_within=9), incidents=(incident,)) == {}


def test_a_failure_that_came_back(counted: Callable[..., Mapping[str, int]]) -> None:
    """A later report that names an earlier one."""
    later = "# Orders, again\n\nDate: 2026-05-04\n\nSee PM-1.\n"
    found = counted({f"{P}a.md": REPORT, f"{P}PM-2.md": later})
    assert found["incidents.recurring"] == 1


@pytest.mark.parametrize(
    ("params", "words"),
    [({"due_within": -1}, "is negative"), ({"max_size": 0}, "lets nothing be read"), ({}, "")],
)
def test_parameters_that_make_no_sense(params: Mapping[str, Any], words: str) -> None:
    """They are refused before anything runs."""
    problem = Params(**params).problem()
    assert words in problem
    assert bool(words) == bool(problem)
