"""The first draft of a guard: what suits an action item."""

from __future__ import annotations

import pytest

from gatekeeper.learning import draft
from gatekeeper.learning.postmortem import ActionItem, PostMortem

GATES = ("code-quality", "performance", "operational-readiness")
REPORT = PostMortem("PM-1", "PM-1.md")


def made(text: str, report: PostMortem = REPORT, **wanted: object) -> draft.Draft:
    """The draft for an item of that text, in a repository of Python code."""
    item = ActionItem("AI-1", text, 1, owner="team-a")
    files = ("src/a.py", "tests/unit/test_a.py", "tests/test_b.py", "tests/unit/test_c.py")
    return draft.draft("my-guard", report, item, GATES, files, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("Add a regression test for stale alerts", "pytest"),
        ("Write end-to-end tests that validate a deployment", "pytest"),
        ("Reject an order without a customer", "pytest"),
        ("Never log a token", "pattern"),
        ("Forbid `rm -rf` in scripts", "pattern"),
        ("Add an alert on queue length", "pattern"),
        ("Show memory in the dashboard", "pattern"),
        ("Document how to restore", "document"),
        ("Update the runbook", "document"),
        ("Drill the failover every quarter", "signoff"),
        ("Run a game day", "signoff"),
        ("Two people approve each migration", "signoff"),
        ("Benchmark the lookup", "pytest-benchmark"),
        ("Bring the latency below 300 ms", "pytest-benchmark"),
        ("Restart the hub without manual steps", "pytest"),
        ("", "pytest"),
    ],
)
def test_the_words_choose(text: str, uses: str) -> None:
    """A tool or a check type that suits what the item says."""
    content = made(text).content
    assert (content.get("uses") or content["type"]) == uses


def test_a_regression_without_words() -> None:
    """The report's kind chooses where the words do not."""
    report = PostMortem("PM-1", "PM-1.md", kind="performance-regression")
    content = made("Undo the change of the cache", report).content
    assert (content["uses"], content["gate"]) == ("pytest-benchmark", "performance")


@pytest.mark.parametrize("text", ["Reject it", "Never do it", "Alert on it", "Benchmark it"])
def test_a_draft_is_switched_off(text: str) -> None:
    """Until somebody has filled it in; and it says what is to be done."""
    found = made(text)
    assert found.content["enabled"] is False
    assert found.content["reason"]
    assert found.fill_in.endswith("then take out `enabled:` and `reason:`")
    assert found.proof


@pytest.mark.parametrize("text", ["Drill it", "Document it"])
def test_what_cannot_pass_by_chance_is_on(text: str) -> None:
    """An approval and a document that do not exist yet fail; nothing proves them."""
    found = made(text)
    assert "enabled" not in found.content
    assert found.proof == ()


def test_a_test_stands_where_most_tests_stand() -> None:
    """The file and the function bear the name of the check."""
    place = made("Reject it").content["with"]["tests"]
    assert place == ["tests/unit/test_my_guard.py::test_my_guard"]


def test_who_and_when_are_no_title() -> None:
    """The origin keeps the whole text, by which it is found again."""
    text = "Reject an order without a customer. Owner: team-orders. Due: 2026-03-20."
    content = made(text).content
    assert content["title"] == "Reject an order without a customer"
    assert content["origin"][0]["text"] == text


def test_wishes_come_first() -> None:
    """A gate and a tool that are asked for replace those that would suit."""
    content = made("Reject it", gate="performance", uses={"uses": "ruff"}).content
    assert (content["gate"], content["uses"], "with" in content) == ("performance", "ruff", False)
