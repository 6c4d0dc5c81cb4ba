"""The SARIF report: validated, read back by our own reader, and held to GitHub's limits."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gatekeeper.adapters import sariflog
from gatekeeper.errors import NotMeasured
from gatekeeper.model import Finding, Severity
from gatekeeper.reports.sarif import PLUGIN, render
from gatekeeper.result import (
    Judgement,
    Plan,
    Result,
    Subject,
)

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif.json").read_text("utf-8"))
# https://docs.github.com/code-security/code-scanning/troubleshooting-sarif-uploads
MOST_SHOWN = 5_000
MOST_BYTES = 10_000_000
One = Callable[..., Result]


def read(result: Result) -> Any:
    """The only run of the log."""
    (run,) = json.loads("".join(render(result)))["runs"]
    return run


def found(run: Any) -> list[tuple[str, str, str, int]]:
    """Rule, level, file and line of each result."""
    rows = []
    for each in run["results"]:
        where = each["locations"][0]["physicalLocation"]
        place = where["artifactLocation"]["uri"], where["region"]["startLine"]
        rows.append((each["ruleId"], each["level"], *place))
    return rows


def test_the_log_is_valid(any_result: Result) -> None:
    """Each kind of result makes what the standard defines, with what GitHub requires."""
    Draft202012Validator(SCHEMA).validate(json.loads("".join(render(any_result))))


def test_a_hostile_log_is_valid(hostile_result: Result) -> None:
    """No text of others changes the form."""
    Draft202012Validator(SCHEMA).validate(json.loads("".join(render(hostile_result))))


def test_findings_stand_at_their_place_and_the_rest_in_the_policy(
    results: Mapping[str, Result],
) -> None:
    """Worst first: what blocks, then what only counts."""
    assert found(read(results["failed"])) == [
        ("mypy/not-met", "error", "gates", 1),
        ("headers/failures", "error", "gates", 1),
        ("ruff/E501", "error", "src/a.py", 3),
        ("mypy/arg-type", "error", "src/b.py", 9),
        ("ruff/W291", "warning", "src/a.py", 1),
    ]


def test_our_own_reader_understands_it(results: Mapping[str, Result], tmp_path: Path) -> None:
    """Findings come back with rule, place and level; excused ones are left out."""
    path = tmp_path / "gates.sarif"
    path.write_text("".join(render(results["waived"])), "ascii")
    (run,) = sariflog.runs(path)
    assert run.results == []
    path.write_text("".join(render(results["failed"])), "ascii")
    (run,) = sariflog.runs(path)
    assert run.results
    assert [(r.rule[0], r.place[0], r.line, r.level) for r in run.results][2:4] == [
        ("ruff/E501", "src/a.py", 3, "error"),
        ("mypy/arg-type", "src/b.py", 9, "error"),
    ]
    assert all(run.find(each.rule) for each in run.results)


@pytest.mark.parametrize("name", ["unmeasured", "nothing-due", "interrupted", "empty"])
def test_what_is_not_measured_is_an_error_and_no_success(
    results: Mapping[str, Result], name: str, tmp_path: Path
) -> None:
    """It is a result of level error, and a reader does not take the run for a clean one."""
    run = read(results[name])
    assert "error" in {level for _, level, _, _ in found(run)}
    assert run["invocations"][0]["executionSuccessful"] is False
    path = tmp_path / "gates.sarif"
    path.write_text("".join(render(results[name])), "ascii")
    with pytest.raises(NotMeasured):
        list(sariflog.runs(path))


def test_not_measured_tells_what_to_do(results: Mapping[str, Result]) -> None:
    """Reason and remedy stand in the message."""
    texts = {
        each["ruleId"]: each["message"]["text"] for each in read(results["unmeasured"])["results"]
    }
    assert texts["unit-tests/not-measured"] == (
        "pytest: no such program on PATH\nremedy: pip install pytest"
    )


def test_an_advisory_check_that_measures_nothing_is_still_an_error(
    one: One,
) -> None:
    """Advisory means that it does not block, not that it is green."""
    run = read(one(verdict="error", reason="no tool", advisory=True))
    assert ("scan/not-measured", "error", "gates/security.yaml", 7) in found(run)
    assert run["invocations"][0]["executionSuccessful"] is False


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [
        ("critical", "error", "9.5"),
        ("high", "error", "8.0"),
        ("unknown", "error", "8.0"),
        ("medium", "warning", "5.5"),
        ("low", "note", "2.0"),
        ("info", "note", None),
    ],
)
def test_levels_and_scores(
    results: Mapping[str, Result], one: One, severity: Severity, level: str, score: str | None
) -> None:
    """GitHub shows a security severity for rules about security, and for no others."""
    weak = Finding("B602", "shell", severity, "weakness", "a.py", 1, url="https://example.org/B602")
    run = read(one(weak, replace(weak, rule="E1", category="lint")))
    secure, plain = run["tool"]["driver"]["rules"]
    assert [each["level"] for each in run["results"]] == [level, level]
    assert secure["properties"].get("security-severity") == score
    assert secure["properties"]["tags"] == ["gate/security", "weakness", "security"]
    assert secure["helpUri"] == "https://example.org/B602"
    assert plain["properties"] == {"tags": ["gate/security", "lint"]}


def test_a_rule_is_as_bad_as_its_worst_result(results: Mapping[str, Result], one: One) -> None:
    """GitHub reads the score of the rule only; what blocks stands first, but need not be worst."""
    mild = Finding("CVE-1", "a", "low", "vulnerability", "a.txt", 1)
    strict = Judgement("vulnerabilities.low", "== 0", "fail", text="1")
    grave = replace(mild, severity="critical", line=2)
    run = read(one(mild, grave, expectations=(strict,)))
    (rule,) = run["tool"]["driver"]["rules"]
    assert [each["level"] for each in run["results"]] == ["note", "error"]
    assert rule["properties"]["security-severity"] == "9.5"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://a b", "https://x/\"onload='", "//x", "", "https://x/é"]
)
def test_only_addresses_of_the_web_become_links(one: One, url: str) -> None:
    """Whatever else stands in the place of an address is left out."""
    run = read(one(Finding("r", "m", "high", "lint", "a.py", 1, url=url)))
    assert "helpUri" not in run["tool"]["driver"]["rules"][0]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("src/a b.py", "src/a%20b.py"),
        ("a\nb%?#:.py", "a%0Ab%25%3F%23%3A.py"),
        ("ü.py", "%C3%BC.py"),
        ("./a/../b.py", "b.py"),
        ("../a.py", "gates/security.yaml"),
        ("/etc/passwd", "gates/security.yaml"),
        (None, "gates/security.yaml"),
        ("x" * 5_000, "gates/security.yaml"),
    ],
)
def test_paths_become_relative_references(one: One, path: str | None, uri: str) -> None:
    """What is no path in the repository stands where its check is declared."""
    run = read(one(Finding("r", "m", "high", "lint", path)))
    assert [row[2:] for row in found(run)] == [(uri, 7 if uri.startswith("gates/") else 1)]


def test_a_service_has_a_category_of_its_own(one: One) -> None:
    """Findings and policy are named from the top; the uploads of two services do not collide."""
    subject = Subject("api 1", config="services/api/")
    result = replace(
        one(Finding("r", "m", "high", "lint", "services/api/a.py", 1), reason="x"),
        subject=subject,
    )
    run = read(result)
    files = {row[2] for row in found(run)}
    assert files == {"services/api/a.py", "services/api/gates/security.yaml"}
    assert run["automationDetails"]["id"] == "gatekeeper/push/api%201/"


@pytest.mark.parametrize(
    ("changes", "category"),
    [
        ({}, "gatekeeper/push/"),
        ({"whole": False}, "gatekeeper/push/code-quality%2Bsecurity/"),
        ({"whole": False, "only": ("ruff",)}, "gatekeeper/push/ruff/"),
    ],
)
def test_a_part_of_the_gates_is_a_category_of_its_own(
    results: Mapping[str, Result], changes: Mapping[str, Any], category: str
) -> None:
    """An upload of one gate must not close the alerts of the others."""
    plan = replace(Plan("push", ("security", "code-quality"), (), jobs=1), **changes)
    result = replace(results["failed"], plan=plan, subject=Subject())
    assert read(result)["automationDetails"]["id"] == category


def test_fingerprints_are_those_of_the_findings(results: Mapping[str, Result], one: One) -> None:
    """What a waiver names can be found in the log; without one, the same is made each time."""
    finding = Finding("r", "m", "high", "lint", "a.py", 1, fingerprint="0123456789abcdef")
    made = [
        read(one(each))["results"][0]["partialFingerprints"]
        for each in (finding, replace(finding, fingerprint=""), replace(finding, fingerprint="x"))
    ]
    assert made[0] == {"gatekeeperFingerprint/v1": "0123456789abcdef"}
    assert made[1] == made[2] != made[0]


def many(one: One, count: int, text: str = "m") -> Result:
    """A result of many findings, a hundred of them bad, in no order."""
    findings = [
        Finding(
            f"E{n % 97}",
            text,
            "high" if n < 100 else "low",
            "lint",
            f"src/{text}/f{n:06}.py",
            n + 1,
        )
        for n in range(count)
    ]
    shuffled = sorted(findings, key=lambda finding: (finding.line or 0) * 7919 % 1009)
    return one(*shuffled)


@pytest.mark.parametrize(("count", "text"), [(10_000, "m"), (30_000, "longer " * 300)])
def test_the_worst_are_kept_within_githubs_limits(
    results: Mapping[str, Result], one: One, count: int, text: str
) -> None:
    """A log that is cut keeps the worst, is small enough, and tells how many are left out."""
    written = "".join(render(many(one, count, text)))
    (run,) = json.loads(written)["runs"]
    rows = run["results"]
    assert 1_000 < len(rows) <= MOST_SHOWN
    assert [each["level"] for each in rows[:101]] == ["error"] * 100 + ["note"]
    assert len(gzip.compress(written.encode())) < len(written) < MOST_BYTES
    told = run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    assert told == f"{count - len(rows)} more results are left out: see the other reports"


def test_the_order_of_findings_does_not_matter(one: One) -> None:
    """The same result gives the same bytes, and so does one whose findings stand otherwise."""
    result = many(one, 500)
    check = result.verdict.gates[0].checks[0]
    turned = one(*reversed(check.findings))
    assert "".join(render(result)) == "".join(render(result)) == "".join(render(turned))


def test_the_same_result_gives_the_same_bytes(any_result: Result) -> None:
    """Nothing depends on a clock but the run's."""
    assert "".join(PLUGIN.render(any_result)) == "".join(render(any_result))


def test_the_run_is_described(results: Mapping[str, Result]) -> None:
    """When it ran, how it ended, of which commit."""
    run = read(replace(results["failed"], started="2026-11-20T14:00:00.5+02:00", finished="soon"))
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "exitCodeDescription": "Deployment blocked",
            "toolExecutionNotifications": [],
            "exitCode": 1,
            "startTimeUtc": "2026-11-20T12:00:00.500Z",
        }
    ]
    assert run["properties"]["commit"] == "3f2a9c1" + 33 * "0"


def test_text_makes_no_link(quoting: Callable[[str], Result]) -> None:
    """In SARIF `[text](address)` is a link of the message."""
    run = read(quoting("[x](https://evil.example)"))
    assert "](" not in json.dumps(run)
