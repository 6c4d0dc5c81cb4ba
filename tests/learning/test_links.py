"""Action items joined to checks: every state, by a table of cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.config.policy import Policy
from gatekeeper.learning import links
from gatekeeper.learning.guards import guards
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.learning.tree import Tree

TABLE = yaml.safe_load(Path(__file__).with_name("links.yaml").read_text("utf-8"))
TODAY = date(2026, 11, 21)
Make = Callable[..., Any]


def linked(
    case: Mapping[str, Any],
    policy_of: Callable[..., Policy],
    tree_of: Callable[..., Tree],
    report_of: Callable[..., PostMortem],
) -> links.Links:
    checks = case.get("checks", {})
    policy = policy_of(checks, tuple(case.get("advisory", ())))
    proofs = {id_: check["proof"] for id_, check in checks.items() if "proof" in check}
    tree = tree_of(policy, {"src/a.py": "", **case.get("files", {})}, proofs)
    report = report_of(
        "PM-1",
        case["items"],
        date=str(case["date"]) if case["date"] else None,
        kind=case.get("kind"),
        no_check=case.get("no_check", {}),
    )
    able = guards(policy, tree, proven=case.get("proven", False))
    return links.link(policy, {"PM-1": report}, able, tree, TODAY)


@pytest.mark.parametrize("name", TABLE["cases"])
def test_case(name: str, policy_of: Make, tree_of: Make, report_of: Make) -> None:
    """Each row of links.yaml comes out as it says."""
    case = {**TABLE["default"], **TABLE["cases"][name]}
    seen = linked(case, policy_of, tree_of, report_of)
    (report,) = seen.reports
    items = {item.item.removeprefix("PM-1#"): item for item in report.items}
    assert {id_: item.state for id_, item in items.items()} == case["states"]
    assert report.state == case["report"]
    for id_, words in case.get("why", {}).items():
        assert words in items[id_].why
    assert [id_ for id_, item in items.items() if item.overdue] == case.get("overdue", [])
    assert [finding.rule for finding in seen.findings] == case.get("findings", [])


def test_the_counts_add_up(policy_of: Make, tree_of: Make, report_of: Make) -> None:
    """The states of the items add up to all of them; a guard of two items counts once."""
    case = {
        "date": "2026-03-04",
        "items": {f"AI-{n}": {"text": f"{n}", "due": "2026-01-01"} for n in range(1, 6)},
        "checks": {
            "strong": {"origin": ["PM-1#AI-1", "PM-1#AI-2"], "proof": "proven"},
            "frail": {"origin": ["PM-1#AI-3"], "advisory": True},
        },
        "no_check": {"AI-4": "words"},
    }
    (report,) = linked(case, policy_of, tree_of, report_of).reports
    assert report.counts == links.Counts(
        items=5, guarded=2, weak=1, decided=1, open=1, overdue=1, guards=2, proven=1
    )


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("PM-2#AI-1", "no such post-mortem; did you mean `PM-1`?"),
        ("PM-1#A-1", "PM-1.md has no such action item; did you mean `AI-1`?"),
        ("PM-1", "names a post-mortem and an action item"),
    ],
)
def test_a_dangling_link_says_what_is_missing(
    origin: str, words: str, policy_of: Make, tree_of: Make, report_of: Make
) -> None:
    """It stands at the check and suggests what was meant."""
    case = {**TABLE["default"], "checks": {"order": {"origin": [origin]}}}
    (finding,) = linked(case, policy_of, tree_of, report_of).findings
    assert words in finding.message
    assert (finding.path, finding.line) == ("checks/order.yaml", 1)


def test_a_drifted_link_says_where_its_text_is_now(
    policy_of: Make, tree_of: Make, report_of: Make
) -> None:
    """An item that was inserted moves the others: the finding names the new position."""
    case = {
        **TABLE["default"],
        **TABLE["cases"]["a position that says something else has drifted and guards nothing"],
    }
    (finding,) = linked(case, policy_of, tree_of, report_of).findings
    assert "link to PM-1#AI-2" in finding.message
    assert "PM-1.md:10 now says `Something new`" in finding.message


def test_an_id_that_stands_twice_needs_the_text(
    policy_of: Make, tree_of: Make, report_of: Make
) -> None:
    """A table may give two rows one number: the link is to the row whose text it repeats."""
    policy = policy_of({"order": {"origin": [{"item": "PM-1#1", "text": "Two"}]}})
    tree = tree_of(policy, {})
    one = report_of("PM-1", {"1": {"text": "One"}})
    two = report_of("PM-1", {"0": {"text": "-"}, "1": {"text": "Two"}})
    report = report_of("PM-1", {})
    items = (*one.action_items, two.action_items[1])
    report = type(report)(id="PM-1", file=report.file, action_items=items)
    seen = links.link(policy, {"PM-1": report}, guards(policy, tree), tree, TODAY)
    assert [item.state for item in seen.reports[0].items] == ["open", "guarded"]
    bare = policy_of({"order": {"origin": ["PM-1#1"]}})
    seen = links.link(bare, {"PM-1": report}, guards(bare, tree), tree, TODAY)
    assert [finding.rule for finding in seen.findings] == ["dangling"]
