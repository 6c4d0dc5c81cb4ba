"""What a report tells, by the tables in narrative.yaml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.learning import reading
from gatekeeper.learning.postmortem import Impact, PostMortem

CASES = yaml.safe_load(Path(__file__).with_name("narrative.yaml").read_text("utf-8"))
PLAIN: dict[str, Callable[[PostMortem], Any]] = {
    "factors": lambda report: [cause.text for cause in report.contributing_factors],
    "chain": lambda report: [cause.text for cause in report.chain],
    "decisions": lambda report: [[one.text, list(one.alternatives)] for one in report.decisions],
    "participants": lambda report: [[one.name, one.role] for one in report.participants],
    "lessons": lambda report: list(report.lessons),
    "residue": lambda report: [heading.residue for heading in report.headings],
    "no_check": lambda report: dict(report.no_check),
    "lines": lambda report: dict(report.lines),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_narrative(case: dict[str, Any]) -> None:
    """Each named field is read as a careful reader would."""
    report = reading.read(case["text"].encode(), case.get("file", "report.md"))
    assert report.problems == ()
    for name, expected in case.items():
        if name in {"name", "text", "file"}:
            continue
        if name == "impact":
            assert report.impact == Impact(**{"text": report.impact.text, **expected})
        else:
            assert PLAIN.get(name, lambda r, n=name: getattr(r, n))(report) == expected, name


def test_lines_point_into_the_report() -> None:
    """Every line that is given is one of the report."""
    for case in CASES:
        report = reading.read(case["text"].encode(), "report.md")
        last = case["text"].count("\n") + 1
        lines = [*report.lines.values(), *(one.line for one in report.headings)]
        assert all(1 <= line <= last for line in lines), case["name"]


def test_impact_has_no_other_field() -> None:
    """The tables cover every field of an impact."""
    named = {key for case in CASES for key in case.get("impact") or ()}
    assert {field.name for field in fields(Impact)} == named
