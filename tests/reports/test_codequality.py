"""The code quality report, held to what GitLab documents and to what its parser refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gatekeeper.model import Finding, Severity
from gatekeeper.reports.codequality import PLUGIN, render
from gatekeeper.result import Result

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": TEXT,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./|\\.\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
One = Callable[..., Result]


def read(result: Result) -> Any:
    return json.loads("".join(render(result)))


def test_the_list_is_what_gitlab_reads(any_result: Result) -> None:
    """GitLab drops all after the first item that is not complete, and equal fingerprints."""
    items = read(any_result)
    Draft202012Validator(SCHEMA).validate(items)
    assert len({item["fingerprint"] for item in items}) == len(items)


def test_hostile_text_changes_no_form(hostile_result: Result) -> None:
    """Whatever tools say, each item is complete."""
    Draft202012Validator(SCHEMA).validate(read(hostile_result))


def test_an_item_tells_what_and_where(one: One) -> None:
    """All that a merge request shows of a finding."""
    finding = Finding(
        "E501", "Line too\nlong", "high", "lint", "./src/a b.py", 3, 9, "0123456789ab"
    )
    assert read(one(finding)) == [
        {
            "description": "Line too long",
            "check_name": "scan/E501",
            "fingerprint": "0123456789ab",
            "severity": "major",
            "location": {"path": "src/a b.py", "lines": {"begin": 3}},
        }
    ]


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        ("critical", "critical"),
        ("high", "major"),
        ("unknown", "major"),
        ("medium", "minor"),
        ("low", "info"),
        ("info", "info"),
    ],
)
def test_severities(one: One, severity: Severity, word: str) -> None:
    """Each of our severities has its word."""
    (item,) = read(one(Finding("r", "m", severity, "lint", "a.py", 1)))
    assert item["severity"] == word


def test_what_was_not_measured_blocks(one: One) -> None:
    """It stands first, in the policy, with its remedy."""
    finding = Finding("r", "m", "critical", "lint", "a.py", 1)
    broken = one(finding, verdict="error", reason="no tool", remedy="get it")
    first, second = read(broken)
    assert first["severity"] == "blocker"
    assert first["description"] == "no tool; remedy: get it"
    assert first["location"] == {"path": "gates/security.yaml", "lines": {"begin": 7}}
    assert second["severity"] == "critical"


def test_excused_findings_are_left_out(results: Mapping[str, Result]) -> None:
    """What does not count is no fault of the merge request."""
    assert read(results["waived"]) == []


def test_a_passed_run_is_an_empty_list(results: Mapping[str, Result]) -> None:
    """GitLab takes it for a report without faults."""
    assert read(results["approved"]) == []


def test_no_end_of_findings_is_cut_and_told(one: One) -> None:
    """The worst are kept; the last item says how many more there are."""
    findings = [Finding("r", "m", "low", "lint", f"f{n:06}.py", n + 1) for n in range(21_000)]
    worst = Finding("r", "m", "critical", "lint", "z.py", 1)
    items = read(one(*findings, worst))
    assert len(items) == 20_001
    assert items[0]["location"]["path"] == "z.py"
    assert items[-1]["description"] == "1001 more problems are left out: see the other reports"


def test_the_same_bytes_in_any_order(one: One) -> None:
    """The order of the findings does not matter."""
    findings = [Finding("r", "m", "low", "lint", f"f{n}.py", n + 1) for n in range(50)]
    once = "".join(PLUGIN.render(one(*findings)))
    assert once == "".join(render(one(*reversed(findings))))
