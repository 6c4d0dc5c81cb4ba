"""Counts of findings, what accounts for them, exact values, and the order of verdicts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.codec import decode, encode
from gatekeeper.model import (
    CATEGORIES,
    RANK,
    SEVERITIES,
    Category,
    Finding,
    Metric,
    Position,
    Severity,
    Verdict,
    accounts_for,
    count,
    counted_in,
    is_count,
    metric,
    worst,
)

FINDINGS = st.builds(
    Finding,
    st.sampled_from(["E1", "failed", "total", "missing", "overdue"]),
    st.just(""),
    st.sampled_from(SEVERITIES),
    st.sampled_from(CATEGORIES),
)


def counts(category: Category, severity: Severity, rule: str = "E1") -> set[str]:
    return set(counted_in(Finding(rule, "", severity, category)))


@pytest.mark.parametrize("category", ["lint", "format", "types"])
@pytest.mark.parametrize(
    ("severity", "names"),
    [
        ("critical", {"lint.errors"}),
        ("high", {"lint.errors"}),
        ("unknown", {"lint.errors"}),
        ("medium", {"lint.warnings"}),
        ("low", {"lint.warnings"}),
        ("info", set()),
    ],
)
def test_lint(category: Category, severity: Severity, names: set[str]) -> None:
    """Lint, format and type findings are errors or warnings by severity; info counts nowhere."""
    assert counts(category, severity) == names


@pytest.mark.parametrize("category", ["vulnerability", "weakness", "misconfiguration"])
@pytest.mark.parametrize("severity", SEVERITIES)
def test_security(category: Category, severity: Severity) -> None:
    """Each counts in the total and in its severity; a vulnerability also makes a dependency so."""
    names = {"vulnerabilities.total", f"vulnerabilities.{severity}"} - {"vulnerabilities.info"}
    if category == "vulnerability":
        names.add("dependencies.vulnerable")
    assert counts(category, severity) == names


@pytest.mark.parametrize(
    ("category", "rule", "name"),
    [
        ("test", "failed", "tests.failed"),
        ("test", "errors", "tests.errors"),
        ("test", "flaky", "tests.flaky"),
        ("document", "broken-links", "documents.broken-links"),
        ("signoff", "expired", "signoffs.expired"),
        ("postmortem", "unguarded", "postmortems.unguarded"),
        ("postmortem", "overdue", "actions.overdue"),
        ("postmortem", "unproven", "guards.unproven"),
        ("incident", "recurring", "incidents.recurring"),
        ("command", "failures", "command.failures"),
        ("monitoring", "incomplete", "alerts.incomplete"),
        ("secret", "AWS", "secrets.total"),
        ("licence", "GPL", "licences.denied"),
        ("complexity", "C901", "complexity.over"),
    ],
)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_counted_whatever_the_severity(
    category: Category, rule: str, name: str, severity: Severity
) -> None:
    """Outside lint and security a finding counts by its rule or category, not its severity."""
    assert name in counts(category, severity, rule)


@pytest.mark.parametrize(
    ("category", "rule"),
    [
        ("test", "total"),
        ("test", "passed"),
        ("test", "skipped"),
        ("monitoring", "total"),
        ("duplication", "copy"),
        ("coverage", "line"),
        ("performance", "slow"),
    ],
)
def test_counted_nowhere(category: Category, rule: str) -> None:
    """Stated totals are never derived, and some findings only explain a stated value."""
    assert counts(category, "high", rule) == set()


@pytest.mark.parametrize(
    ("category", "measures", "known"),
    [
        ("lint", ["lint.warnings"], True),
        ("types", ["lint.errors"], True),
        ("lint", ["vulnerabilities.total"], False),
        ("lint", [], False),
        ("weakness", ["vulnerabilities.high"], True),
        ("weakness", ["owasp.a03"], True),
        ("weakness", ["dependencies.vulnerable"], False),
        ("vulnerability", ["dependencies.vulnerable"], True),
        ("vulnerability", ["lint.errors"], False),
        ("misconfiguration", ["vulnerabilities.low"], True),
        ("test", ["tests.failed"], True),
        ("test", ["tests.total", "tests.passed", "tests.skipped"], False),
        ("monitoring", ["alerts.total", "dashboards.total"], False),
        ("monitoring", ["alerts.incomplete"], True),
        ("postmortem", ["actions.open"], True),
        ("postmortem", ["guards.weak"], True),
        ("incident", ["incidents.recurring"], True),
        ("document", ["documents.stale"], True),
        ("signoff", ["signoffs.missing"], True),
        ("command", ["command.failures"], True),
        ("secret", ["secrets.total"], True),
        ("licence", ["licences.denied"], True),
        ("complexity", ["complexity.max"], True),
        ("complexity", ["duplication.percent"], False),
        ("duplication", ["duplication.percent"], True),
        ("coverage", ["coverage.branch"], True),
        ("performance", ["latency.p95"], True),
        ("performance", ["throughput"], True),
        ("performance", ["benchmark.sort.median"], True),
        ("performance", ["coverage.line"], False),
    ],
)
def test_accounts_for(category: str, measures: list[str], known: bool) -> None:
    """A check accounts for a finding where one of its metrics takes note of the category."""
    assert accounts_for(category, measures) is known


@given(st.lists(FINDINGS, max_size=20))
def test_counting_is_adding(findings: list[Finding]) -> None:
    """Every finding counts once in each of its metrics; all of them are derived ones."""
    counted = count(findings)
    assert counted.total() == sum(len(counted_in(finding)) for finding in findings)
    assert all(is_count(name) for name in counted)
    assert counted["never.there"] == 0


@given(FINDINGS)
def test_what_counts_is_accounted_for(finding: Finding) -> None:
    """A check that declares where a finding counts accounts for its category."""
    assert all(accounts_for(finding.category, [name]) for name in counted_in(finding))


@pytest.mark.parametrize("category", CATEGORIES)
def test_no_category_is_accounted_for_by_nothing(category: Category) -> None:
    """Without metrics no finding is taken note of."""
    assert not accounts_for(category, [])


@pytest.mark.parametrize(
    ("given_value", "value"),
    [
        ("0.1", "0.1"),
        (3, "3"),
        ("91.23456789012345678", "91.2345678901235"),
        ("12345678901234567890", "12345678901234600000"),
        ("1E+999999", "Infinity"),
        ("-1E+999999", "-Infinity"),
        ("1E-999999", "0"),
        ("Infinity", "Infinity"),
    ],
)
def test_metric_values(given_value: str | int, value: str) -> None:
    """A metric keeps 15 digits; what no float could hold is infinite, for `judge` to refuse."""
    assert metric("tests.total", given_value).value == Decimal(value)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "many", ""])
def test_no_number_is_nan(text: str) -> None:
    """What is no number becomes a quiet NaN, for `judge` to refuse."""
    assert metric("tests.total", text).value.is_qnan()


@given(
    st.decimals(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.floats(allow_nan=False).map(repr)
)
def test_metrics_survive_json(value: Decimal | int | str) -> None:
    """A metric read back from JSON equals the one that was written."""
    made = metric("tests.total", value, samples=3)
    assert decode(Metric, json.loads(json.dumps(encode(made), allow_nan=False))) == made


def test_worst() -> None:
    """An error outranks a failure, that a warning, that a pass; skipped outranks nothing."""
    order: list[Verdict] = ["skipped", "pass", "warn", "fail", "error"]
    assert sorted(RANK, key=RANK.__getitem__) == order
    assert set(RANK) == set(get_args(Verdict))
    for number, verdict in enumerate(order):
        assert worst(order[: number + 1]) == verdict
        assert worst(reversed(order[: number + 1])) == verdict


def test_worst_of_nothing_is_no_pass() -> None:
    """Where there is no verdict nothing was judged."""
    assert worst([]) == "skipped"


def test_a_position_reads_like_a_compiler_message() -> None:
    """`file:line:column`."""
    assert str(Position("gates/quality.yaml", 3, 7)) == "gates/quality.yaml:3:7"
