"""Timelines: entries, milestones and durations, by the tables in timeline.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.learning import reading

CASES = yaml.safe_load(Path(__file__).with_name("timeline.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_timeline(case: dict[str, Any]) -> None:
    """The entries are found with time, text, milestone and day, and the minutes between them."""
    report = reading.read(case["text"].encode(), "report.md")
    if "events" in case:
        found = [[e.at, e.text, e.milestone, e.day] for e in report.timeline]
        assert found == case["events"]
    if "milestones" in case:
        assert [event.milestone for event in report.timeline] == case["milestones"]
    expected = case.get("durations", {})
    assert {key: report.durations.get(key) for key in expected} == expected
    if expected == {} and "durations" in case:
        assert report.durations == {}


def test_lines() -> None:
    """Each entry has the line where it stands."""
    text = "## Timeline\n\n10:00 down\n10:05 up\n\n- 10:10 fine\n"
    assert [event.line for event in reading.read(text.encode(), "x.md").timeline] == [3, 4, 6]
