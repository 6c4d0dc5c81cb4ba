"""sarif: severity, category and place of every result, and no clean reading of a failed scan."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.adapters import sariflog
from gatekeeper.errors import NotMeasured
from gatekeeper.model import Finding, Measurement, count
from gatekeeper.readers.sarif import PLUGIN


def log(*results: Any, rules: Any = (), **run: Any) -> dict[str, Any]:
    """A log of one run."""
    driver = {"name": "scanner", "rules": list(rules)}
    return {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": list(results), **run}],
    }


def only(measured: Measurement) -> Finding:
    """The one finding."""
    (finding,) = measured.findings
    return finding


def at(**artifact: Any) -> dict[str, Any]:
    """A result at an artifact."""
    return {"locations": [{"physicalLocation": {"artifactLocation": artifact}}]}


def test_ruff(read: Any, fixtures: Any) -> None:
    """A log of ruff, whose rules stand after its results, is read like its JSON."""
    finding = only(read(PLUGIN, fixtures / "sarif" / "ruff.sarif"))
    assert (finding.rule, finding.severity, finding.category) == ("F401", "high", "lint")
    assert (finding.path, finding.line, finding.column) == ("shop.py", 1, 8)
    assert finding.url.endswith("/unused-import")


def test_many(read: Any, fixtures: Any) -> None:
    """Each kind of result becomes a finding with its rule's words, severity and category."""
    measured = read(PLUGIN, fixtures / "sarif" / "many.sarif")
    assert [(f.rule, f.severity, f.category, f.message) for f in measured.findings] == [
        ("SQL", "high", "weakness", "SQL built from name in {braces}"),
        ("style/space", "low", "lint", "trailing space"),
        ("X1", "info", "weakness", "from an **extension**"),
        ("CVE-2026-0001", "critical", "vulnerability", "pkg 1.0 is vulnerable"),
        ("unnamed", "medium", "lint", "no message"),
        ("SQL", "high", "weakness", "under review"),
        ("style", "high", "lint", "look at this"),
    ]
    assert [(f.path, f.line) for f in measured.findings[:3]] == [
        ("src/db layer/query.py", 7),
        ("src/util.py", 2),
        (None, None),
    ]
    assert measured.notes == (
        "results fixed since the tool's baseline: 1",
        "results of kind pass: 1",
        "results suppressed in the tool: 1",
    )
    assert measured.work == {"files": 2}
    owasp = {m.name: m.value for m in measured.metrics if m.value}
    assert owasp == {"owasp.total": 2, "owasp.a03": 2}
    assert len(measured.metrics) == 11


@pytest.mark.parametrize(
    ("result", "rule", "severity"),
    [
        ({}, {}, "medium"),
        ({"level": "error"}, {}, "high"),
        ({"level": "warning"}, {}, "medium"),
        ({"level": "note"}, {}, "low"),
        ({"level": "none"}, {}, "info"),
        ({"level": "Error"}, {}, "high"),
        ({"level": "fatal"}, {}, "unknown"),
        ({"level": 1}, {}, "unknown"),
        ({"level": None}, {"defaultConfiguration": {"level": "note"}}, "low"),
        ({"level": "error"}, {"defaultConfiguration": {"level": "note"}}, "high"),
        ({"kind": "review"}, {"defaultConfiguration": {"level": "error"}}, "high"),
        ({"kind": "open", "level": "note"}, {}, "low"),
        ({"level": "note"}, {"properties": {"security-severity": "9.0"}}, "critical"),
        ({"level": "note"}, {"properties": {"security-severity": 8.9}}, "high"),
        ({"level": "note"}, {"properties": {"security-severity": "7.0"}}, "high"),
        ({"level": "note"}, {"properties": {"security-severity": "6.9"}}, "medium"),
        ({"level": "note"}, {"properties": {"security-severity": 4}}, "medium"),
        ({"level": "error"}, {"properties": {"security-severity": "3.9"}}, "low"),
        ({"level": "error"}, {"properties": {"security-severity": "0.0"}}, "info"),
        ({"level": "error"}, {"properties": {"security-severity": "-1"}}, "unknown"),
        ({"level": "error"}, {"properties": {"security-severity": "10.1"}}, "unknown"),
        ({"level": "error"}, {"properties": {"security-severity": "nan"}}, "unknown"),
        ({"level": "error"}, {"properties": {"security-severity": True}}, "unknown"),
        ({"level": "error"}, {"properties": {"security-severity": []}}, "unknown"),
        ({"level": "note"}, {"properties": {"security-severity": "CRITICAL"}}, "critical"),
        ({"level": "note"}, {"properties": {"security-severity": ""}}, "low"),
        ({"properties": {"security-severity": "9.8"}}, {"properties": {}}, "critical"),
    ],
)
def test_severity(result: Any, rule: Any, severity: str, read: Any) -> None:
    """A result's level, else its rule's, else warning; a security-severity outranks them."""
    document = log({"ruleId": "R", **result}, rules=[{"id": "R", **rule}])
    assert only(read(PLUGIN, document)).severity == severity


@pytest.mark.parametrize(
    ("name", "properties", "category"),
    [
        ("R", {}, "lint"),
        ("R", {"tags": ["maintainability", "external/cwe/cwe-563"]}, "lint"),
        ("R", {"tags": ["Security"]}, "weakness"),
        ("R", {"tags": ["secret", "security"]}, "secret"),
        ("R", {"tags": ["misconfiguration", "security", "HIGH"]}, "misconfiguration"),
        ("R", {"tags": ["vulnerability", "security"]}, "vulnerability"),
        ("R", {"security-severity": "5"}, "weakness"),
        ("CVE-2026-1234-libfoo", {"security-severity": "5"}, "vulnerability"),
        ("GHSA-aaaa-bbbb-cccc", {}, "vulnerability"),
        ("GO-2024-0001", {}, "vulnerability"),
        ("GO-W1000", {}, "lint"),
        ("hard-coded-password", {"tags": ["security"]}, "weakness"),
    ],
)
def test_category(name: str, properties: Any, category: str, read: Any) -> None:
    """Tags and ids of rules tell vulnerabilities, weaknesses, misconfigurations, secrets apart."""
    document = log({"ruleId": name}, rules=[{"id": name, "properties": properties}])
    assert only(read(PLUGIN, document)).category == category


RULES = [
    {"id": "A", "defaultConfiguration": {"level": "none"}},
    {"id": "B", "defaultConfiguration": {"level": "note"}},
    {"id": "B", "defaultConfiguration": {"level": "error"}},
]
PACK = {"name": "pack", "rules": [{"id": "P", "defaultConfiguration": {"level": "error"}}]}


@pytest.mark.parametrize(
    ("reference", "rule", "severity"),
    [
        ({"ruleId": "A"}, "A", "info"),
        ({"ruleId": "B"}, "B", "low"),
        ({"ruleId": "B", "ruleIndex": 2}, "B", "high"),
        ({"ruleIndex": 1}, "B", "low"),
        ({"rule": {"index": 2}}, "B", "high"),
        ({"rule": {"id": "A"}}, "A", "info"),
        ({"ruleId": "A/sub/part"}, "A/sub/part", "info"),
        ({"ruleId": "A/sub", "ruleIndex": 0}, "A/sub", "info"),
        ({"ruleId": "A", "ruleIndex": 2}, "A", "info"),
        ({"ruleId": "other", "ruleIndex": 2}, "other", "high"),
        ({"ruleId": "P"}, "P", "high"),
        ({"ruleId": "P", "rule": {"index": 0, "toolComponent": {"index": 0}}}, "P", "high"),
        ({"rule": {"index": 0, "toolComponent": {"name": "pack"}}}, "P", "high"),
        ({"rule": {"index": 0, "toolComponent": {"index": 7}}}, "unnamed", "medium"),
        ({"ruleIndex": -1}, "unnamed", "medium"),
        ({"ruleIndex": 99}, "unnamed", "medium"),
        ({"ruleId": "nowhere"}, "nowhere", "medium"),
        ({"ruleId": 5, "rule": "A"}, "unnamed", "medium"),
    ],
)
def test_rule(reference: Any, rule: str, severity: str, read: Any) -> None:
    """A rule is found by index or id, in the driver or an extension, though ids may repeat."""
    tool = {"driver": {"name": "scanner", "rules": RULES}, "extensions": [PACK]}
    finding = only(read(PLUGIN, log(reference, tool=tool)))
    assert (finding.rule, finding.severity) == (rule, severity)


def test_override(read: Any) -> None:
    """An invocation may set a rule's level; a result's own level stands."""
    override = {"descriptor": {"id": "A"}, "configuration": {"level": "error"}}
    invocation = {"executionSuccessful": True, "ruleConfigurationOverrides": [override]}
    results = [{"ruleId": "A"}, {"ruleId": "A", "level": "note"}]
    measured = read(PLUGIN, log(*results, rules=RULES, invocations=[invocation]))
    assert [f.severity for f in measured.findings] == ["high", "low"]


BASES = {
    "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
    "ROOT": {"uri": "file:///repo/"},
    "THERE": {"uri": "file:///home/ci/build/"},
    "BROKEN": {"uri": ":::/"},
    "LOOP": {"uri": "loop/", "uriBaseId": "LOOP"},
    "BARE": {},
}


@pytest.mark.parametrize(
    ("artifact", "path"),
    [
        ({"uri": "a.py"}, "a.py"),
        ({"uri": "a%20b/%C3%A9.py"}, "a b/é.py"),
        ({"uri": "src\\a.py"}, "src/a.py"),
        ({"uri": "file:///repo/a%20b.py"}, "a b.py"),
        ({"uri": "/repo/a.py"}, "a.py"),
        ({"uri": "/etc/passwd"}, None),
        ({"uri": "../a.py"}, None),
        ({"uri": "%2e%2e/a.py"}, None),
        ({"uri": "https://example.org/a.py"}, None),
        ({"uri": "a.py", "uriBaseId": "%SRCROOT%"}, "a.py"),
        ({"uri": "a.py", "uriBaseId": "SRC"}, "src/a.py"),
        ({"uri": "a.py", "uriBaseId": "THERE"}, "a.py"),
        ({"uri": "a.py", "uriBaseId": "BROKEN"}, "a.py"),
        ({"uri": "a.py", "uriBaseId": "LOOP"}, "loop/a.py"),
        ({"uri": "a.py", "uriBaseId": "BARE"}, "a.py"),
        ({"index": 0}, "src/listed.py"),
        ({"index": 9}, None),
        ({"index": -1, "uri": "a.py"}, "a.py"),
        ({}, None),
        ({"uri": 5}, None),
    ],
)
def test_path(artifact: Any, path: str | None, read: Any) -> None:
    """A URI is decoded and resolved against its bases; none leads out of the repository."""
    artifacts = [{"location": {"uri": "listed.py", "uriBaseId": "SRC"}}]
    document = log(at(**artifact), originalUriBaseIds=BASES, artifacts=artifacts)
    assert only(read(PLUGIN, document)).path == path


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"text": "plain {0}"}, "plain {0}"),
        ({"text": "{0} of {1}, {2}", "arguments": ["a", "b"]}, "a of b, {2}"),
        ({"markdown": "**m**"}, "**m**"),
        ({"id": "rule-words", "arguments": ["x"]}, "of the rule: x"),
        ({"id": "all-words"}, "of the tool"),
        ({"id": "nowhere"}, "the summary"),
        ({"text": ""}, "the summary"),
        (None, "the summary"),
        ({"text": "x" * 5000}, "x" * 999 + "…"),
        ({"text": "\ud800"}, "?"),
    ],
)
def test_message(message: Any, words: str, read: Any) -> None:
    """A message is a text, or an id of one in the rule or tool, with arguments put in."""
    rule = {
        "id": "A",
        "messageStrings": {"rule-words": {"text": "of the rule: {0}"}},
        "shortDescription": {"text": "the summary"},
    }
    words_of_all = {"all-words": {"text": "of the tool"}}
    tool = {"driver": {"name": "t", "rules": [rule], "globalMessageStrings": words_of_all}}
    document = log({"ruleId": "A", "message": message}, tool=tool)
    assert only(read(PLUGIN, document)).message == words


@pytest.mark.parametrize(
    ("result", "counts"),
    [
        ({"suppressions": []}, True),
        ({"suppressions": None}, True),
        ({"suppressions": [{"kind": "inSource"}]}, False),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, False),
        ({"suppressions": [{"status": "rejected"}, {"status": "accepted"}]}, False),
        ({"suppressions": [{"status": "rejected"}]}, True),
        ({"suppressions": [{"status": "underReview"}]}, True),
        ({"suppressions": [{"state": "rejected"}]}, True),
        ({"suppressions": ["inSource"]}, True),
        ({"baselineState": "absent"}, False),
        ({"baselineState": "unchanged"}, True),
        ({"kind": "pass"}, False),
        ({"kind": "notApplicable"}, False),
        ({"kind": "informational"}, False),
        ({"kind": "fail"}, True),
        ({"kind": "open"}, True),
        ({"kind": "strange"}, True),
    ],
)
def test_counts(result: Any, counts: bool, read: Any) -> None:
    """What is suppressed, fixed or no failure does not count, and is noted."""
    measured = read(PLUGIN, log(result))
    assert len(measured.findings) == counts
    assert len(measured.notes) == (not counts)


@pytest.mark.parametrize(
    ("tag", "category"),
    [
        ("OWASP-A03:2021 - Injection", "owasp.a03"),
        ("OWASP-A10:2021", "owasp.a10"),
        ("owasp-a1", "owasp.a01"),
        ("owasp-top10-2021-a03", "owasp.a03"),
        ("OWASP Top Ten 2021 A5", "owasp.a05"),
    ],
)
def test_owasp(tag: str, category: str, read: Any) -> None:
    """Tags of the OWASP Top Ten are counted by category, and 0 where none was found."""
    rules = [{"id": "R", "properties": {"tags": [tag]}}]
    found = {m.name: m.value for m in read(PLUGIN, log({"ruleId": "R"}, rules=rules)).metrics}
    assert Counter(found)[category] == found["owasp.total"] == 1
    assert sum(found.values()) == 2
    assert not any(m.value for m in read(PLUGIN, log(rules=rules)).metrics)
    assert read(PLUGIN, log({"ruleId": "R"})).metrics == ()


def _notes(level: str, name: str = "") -> dict[str, Any]:
    note = {"level": level, "descriptor": {"id": name}, "message": {"text": "out of\nmemory"}}
    return {"executionSuccessful": True, "toolExecutionNotifications": [note]}


FAILED: dict[str, tuple[Any, str]] = {
    "no version": ({"runs": []}, "without a version"),
    "old version": ({"version": "1.0.0", "runs": []}, "of version '1.0.0'"),
    "no runs": ({"version": "2.1.0"}, "holds no run"),
    "empty runs": ({"version": "2.1.0", "runs": []}, "holds no run"),
    "null runs": ({"version": "2.1.0", "runs": None}, "holds no run"),
    "a run that is no object": ({"version": "2.1.0", "runs": [1]}, "not one complete"),
    "null results": (log(results=None), "did not scan"),
    "results that are no list": (log(results={}), "did not scan"),
    "a result that is no object": (log("x"), "results\\[0\\] is no object"),
    "an artifact that is no object": (log(artifacts=[1]), "artifacts\\[0\\] is no object"),
    "failed": (log(invocations=[{"executionSuccessful": False}]), "run failed: it gives no reason"),
    "failed in a word": (log(invocations=[{"executionSuccessful": "false"}]), "run failed"),
    "failed with findings": (log({}, invocations=[{"executionSuccessful": False}]), "run failed"),
    "the second failed": (log(invocations=[{}, {"executionSuccessful": False}]), "run failed"),
    "an error of its own": (log(invocations=[_notes("error")]), "run failed: out of memory"),
    "unparsed": (log(invocations=[_notes("warning", "Syntax error")]), "could not examine every"),
    "results elsewhere": (
        log(externalPropertyFileReferences={"results": [{}]}),
        "keeps its results",
    ),
    "results beside": (
        log() | {"inlineExternalProperties": [{"results": [{}]}]},
        "keeps its results",
    ),
    "another tool's": ({"results": []}, "without a version"),
    "a list": ([], "not one complete"),
}


@pytest.mark.parametrize("name", FAILED)
def test_failed(name: str, read: Any) -> None:
    """What is no log of a complete scan is no measurement."""
    document, reason = FAILED[name]
    with pytest.raises(NotMeasured, match=reason):
        read(PLUGIN, document)


def test_no_results_key(read: Any) -> None:
    """A run without results did not scan, though it lists artifacts."""
    document = log(artifacts=[{"location": {"uri": "a"}, "roles": ["analysisTarget"]}])
    del document["runs"][0]["results"]
    with pytest.raises(NotMeasured, match="did not scan"):
        read(PLUGIN, document)


def test_one_of_two_runs(read: Any) -> None:
    """Findings of all runs count; one run that did not scan spoils the log."""
    one, two = log({"ruleId": "A"}), log({"ruleId": "B"}, {"ruleId": "C"})
    document = {"version": "2.1.0", "runs": one["runs"] + two["runs"]}
    assert [f.rule for f in read(PLUGIN, document).findings] == ["A", "B", "C"]
    del document["runs"][1]["results"]
    with pytest.raises(NotMeasured, match="did not scan"):
        read(PLUGIN, document)


def test_warnings(read: Any) -> None:
    """A tool's warnings are noted; what it could not examine stands beside its findings."""
    assert read(PLUGIN, log(invocations=[_notes("warning", "Config")])).notes == (
        "warnings of the tool about its run: 1",
    )
    measured = read(PLUGIN, log({}, invocations=[_notes("warning", "Syntax error")]))
    assert "the tool could not examine everything: Syntax error: out of memory" in measured.notes


def test_results_twice(read: Any) -> None:
    """A second `results` cannot replace the first."""
    document = '{"version": "2.1.0", "runs": [{"results": [{}], "results": []}]}'
    with pytest.raises(NotMeasured, match="repeats"):
        read(PLUGIN, document)


def test_too_many(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results beyond what memory can hold are refused."""
    monkeypatch.setattr(sariflog, "MOST", 3)
    assert len(read(PLUGIN, log({}, {}, {})).findings) == 3
    with pytest.raises(NotMeasured, match="more than 3 results"):
        read(PLUGIN, log({}, {}, {}, {}))


KEYS = (
    *("ruleId", "ruleIndex", "rule", "index", "id", "toolComponent", "level", "kind", "message"),
    *("text", "arguments", "locations", "physicalLocation", "artifactLocation", "uri"),
    *("uriBaseId", "region", "startLine", "properties", "tags", "security-severity"),
    *("suppressions", "status", "baselineState", "executionSuccessful"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(result=JSON, rule=JSON, bases=JSON, invocations=JSON, artifacts=JSON)
def test_any_run(
    result: Any, rule: Any, bases: Any, invocations: Any, artifacts: Any, attempt: Any
) -> None:
    """Whatever a run holds: a measurement in which each result counts or is noted, or none."""
    document = log(
        result,
        rules=[rule],
        originalUriBaseIds=bases,
        invocations=invocations,
        artifacts=artifacts,
    )
    if measured := attempt(PLUGIN, document):
        assert len(measured.findings) + any(n.startswith("results") for n in measured.notes) == 1


@pytest.mark.parametrize("name", ["many.sarif", "ruff.sarif"])
def test_damaged(name: str, fixtures: Any, damaged: Any, attempt: Any) -> None:
    """Damage may change a finding; it never reads as clean."""
    for variant in damaged((fixtures / "sarif" / name).read_bytes()):
        if measured := attempt(PLUGIN, variant):
            assert measured.findings


# What the tool's own words spoil: no run, no results, a failed run, an error of its own.
NOT_MEASURED = re.compile(r"dd-(no_runs|appendix_k4?)\.|Empty_runs|No_runs|Catastroph|Notificat")
MEASURED = re.compile(r"toolConfigurationNotifications")


def test_corpus(corpus: Any, attempt: Any) -> None:
    """Every result that the index counts is a finding, or noted as none."""
    for path, holds in corpus(".*", r"SARIF 2\.1\.0"):
        stated = re.search(r"; (\d+) results", holds)
        assert stated
        measured = attempt(PLUGIN, path)
        if NOT_MEASURED.search(path.name) and not MEASURED.search(path.name):
            assert measured is None, path
            continue
        left_out = sum(
            int(note.rpartition(" ")[2]) for note in measured.notes if note.startswith("results")
        )
        assert len(measured.findings) + left_out == int(stated[1]), path
        levels = re.search(r"explicit level: ((?:\d+ \w+(?:, )?)+)(;|$)", holds)
        if levels and not left_out and "without level" not in holds and "security" not in holds:
            words = {"error": "high", "warning": "medium", "note": "low"}
            expected = {words[word]: int(n) for n, word in re.findall(r"(\d+) (\w+)", levels[1])}
            assert Counter(f.severity for f in measured.findings) == expected, path


def test_damaged_corpus(corpus: Any, attempt: Any) -> None:
    """A real log that is cut off is never a measurement."""
    for path, _ in corpus(".*", r"SARIF 2\.1\.0"):
        report = path.read_bytes().rstrip()
        for end in (1, len(report) // 3, len(report) - 1):
            assert attempt(PLUGIN, report[:end]) is None, path


def test_counts_of_categories(read: Any, fixtures: Any) -> None:
    """The metrics derived from a log are those that the reader declares."""
    derived = count(read(PLUGIN, fixtures / "sarif" / "many.sarif").findings)
    assert derived == {
        "lint.errors": 1,
        "lint.warnings": 2,
        "vulnerabilities.high": 2,
        "vulnerabilities.critical": 1,
        "vulnerabilities.total": 4,
        "dependencies.vulnerable": 1,
    }
