"""The lint of post-mortems: a table of cases for each rule in lint.yaml."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import codec
from gatekeeper.learning import reading
from gatekeeper.learning.lint import RULES, lint
from gatekeeper.learning.postmortem import ActionItem, Cause, Event, PostMortem

CASES = yaml.safe_load(Path(__file__).with_name("lint.yaml").read_text("utf-8"))
SOUND: dict[str, Any] = {
    "id": "PM-2026-003",
    "file": "pm.md",
    "title": "Orders without a customer were stored",
    "severity": "P1",
    "participants": [[30, "Anna", "on-call"], [31, "Ben", "support"]],
    "timeline": [[5, "14:02", "detected"], [6, "15:05", "stable"]],
    "root-cause": "No test covers an order without a customer, and nothing rejects one.",
    "impact": {"users": "1200"},
    "lessons": ["What is not rejected is stored."],
    "references": ["#12"],
    "headings": [{"title": "Root Cause", "level": 2, "line": 10, "words": 12}],
    "action-items": [
        {
            "id": "AI-1",
            "text": "Reject an order without a customer",
            "line": 20,
            "owner": "team-orders",
            "due": "2026-03-20",
        }
    ],
    "lines": {"title": 3, "severity": 4, "root_cause": 10, "lessons": 14, "action_items": 19},
}
SHARED = Path(__file__).parents[3] / "shared/corpus/postmortems"
# Rules that would rather stay silent than be wrong, and the shared reports they may speak of.
CAUTIOUS = {
    "blame": 5,
    "surface-cause": 5,
    "unaddressed-cause": 5,
    "empty-section": 5,
    "no-milestones": 15,
    "timeline-out-of-order": 15,
    "template-residue": 15,
    "hedge": 20,
}
# Rows that stand for records: their keys, and what the table leaves out.
ROWS = {
    "timeline": (("line", "at", "milestone", "day"), {"milestone": None, "text": ""}),
    "chain": (("line", "text"), {}),
    "participants": (("line", "name", "role"), {}),
}


def report(case: dict[str, Any]) -> PostMortem:
    """The sound report with some parts replaced."""
    plain = {**SOUND, **case, "lines": case.get("lines-of", SOUND["lines"])}
    problems = tuple(map(tuple, plain.pop("problems", ())))
    plain.pop("lines-of", None)
    for key, (names, rest) in ROWS.items():
        rows = plain.get(key, ())
        plain[key] = [{**rest, **dict(zip(names, row, strict=False))} for row in rows]
    return replace(codec.decode(PostMortem, plain), problems=problems)


def cases(kind: str) -> list[Any]:
    """Rule and case of the table."""
    return [
        pytest.param(rule, case, id=f"{rule}-{number}")
        for rule, both in CASES.items()
        for number, case in enumerate(both[kind])
    ]


@pytest.mark.parametrize(("rule", "case"), cases("fires"))
def test_a_rule_fires(rule: str, case: dict[str, Any]) -> None:
    """At the lines that the table names, with a message that says what to do."""
    found = [finding for finding in lint(report(case)) if finding.rule == rule]
    assert [finding.line for finding in found] == case["lines"]
    remedy = next(one.remedy for one in RULES if one.name == rule)
    assert all(finding.message.endswith(f": {remedy}") for finding in found)


@pytest.mark.parametrize(("rule", "case"), cases("silent"))
def test_a_rule_stays_silent(rule: str, case: dict[str, Any]) -> None:
    """Where nothing is wrong, or where that cannot be told."""
    assert rule not in [finding.rule for finding in lint(report(case))]


def test_every_rule_has_cases_of_both_kinds() -> None:
    """No rule is added without a table."""
    assert {rule for rule, both in CASES.items() if both["fires"] and both["silent"]} == {
        rule.name for rule in RULES
    }


def test_a_sound_report_has_no_findings() -> None:
    """The report that the cases change is clean."""
    assert lint(report({})) == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_can_be_switched_off(rule: Any) -> None:
    """A rule that is left out finds nothing, and the others find what they found."""
    bad = report(CASES[rule.name]["fires"][0])
    found = lint(bad)
    assert lint(bad, frozenset({rule.name})) == tuple(f for f in found if f.rule != rule.name)


def test_findings_stand_in_the_order_of_their_lines() -> None:
    """Whatever the order of the rules; each has the file and a line."""
    found = lint(report({"action-items": [], "root-cause": "Human error", "lessons": []}))
    lines = [finding.line for finding in found]
    assert lines == sorted(lines, key=lambda line: line or 0)
    assert {(f.path, f.category) for f in found} == {("pm.md", "postmortem")}


def test_a_report_that_cannot_be_read_has_no_other_findings() -> None:
    """What is not there was not left out by its author."""
    unread = PostMortem("pm", "pm.md", problems=((0, "is binary"),))
    assert [(finding.rule, finding.line) for finding in lint(unread)] == [("unreadable", 1)]


@given(st.text(max_size=60))
def test_no_text_stops_the_lint(text: str) -> None:
    """Whatever a report holds, each finding has a line."""
    bad = replace(
        report({}),
        severity=text,
        root_cause=text,
        lessons=(text,),
        timeline=(Event(text, text, None, 0),) * 3,
        contributing_factors=(Cause(text, 0),) * 2,
        action_items=(ActionItem("AI-1", text, 0),),
    )
    assert all((finding.line or 0) >= 1 for finding in lint(bad))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared reports are not here")
def test_real_reports_raise_few_alarms() -> None:
    """Rules that judge words stay silent on nearly all of them."""
    spoken: Counter[str] = Counter()
    for path in SHARED.glob("*/*.md"):
        if "template" not in str(path.relative_to(SHARED)):
            found = lint(reading.read(path.read_bytes(), path.name))
            spoken.update({finding.rule for finding in found})
    assert spoken["no-owner"]
    assert {rule: spoken[rule] for rule, most in CAUTIOUS.items() if spoken[rule] > most} == {}
