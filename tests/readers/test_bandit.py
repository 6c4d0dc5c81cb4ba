"""bandit: every result is a weakness, and a file that was not examined is no clean report."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import count
from gatekeeper.readers.bandit import PLUGIN

RESULT = {
    "filename": "./src/a.py",
    "issue_severity": "HIGH",
    "issue_text": "shell",
    "line_number": 3,
    "col_offset": 4,
    "more_info": "https://bandit.readthedocs.io/",
    "test_id": "B602",
    "test_name": "subprocess",
}


def test_real(read: Any, fixtures: Any) -> None:
    """Results are weaknesses at their places, columns count from 1, and the metrics prove work."""
    measured = read(PLUGIN, fixtures / "bandit" / "findings.json")
    assert [(f.rule, f.severity, f.path, f.line, f.column) for f in measured.findings] == [
        ("B404", "low", "shop.py", 2, 1),
        ("B101", "low", "shop.py", 12, 5),
        ("B602", "high", "shop.py", 13, 5),
    ]
    assert {f.category for f in measured.findings} == {"weakness"}
    assert measured.work == {"files": 1, "lines": 10}
    assert measured.notes == ("1 lines marked nosec",)


def test_unparsed(read: Any, fixtures: Any) -> None:
    """A report that names a file bandit could not parse is no measurement, findings or not."""
    with pytest.raises(NotMeasured, match=r"\./broken\.py \(syntax error while parsing AST"):
        read(PLUGIN, fixtures / "bandit" / "unparsed.json")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"rule": "B602", "severity": "high", "path": "src/a.py", "message": "shell"}),
        ({"issue_severity": "MEDIUM"}, {"severity": "medium"}),
        ({"issue_severity": "low"}, {"severity": "low"}),
        ({"issue_severity": "UNDEFINED"}, {"severity": "unknown"}),
        ({"issue_severity": None}, {"severity": "unknown"}),
        ({"col_offset": -1}, {"column": None}),
        ({"col_offset": None}, {"column": None}),
        ({"line_number": -100}, {"line": None}),
        ({"test_id": None}, {"rule": "subprocess"}),
        ({"issue_text": ""}, {"message": "subprocess"}),
        ({"filename": "/etc/passwd"}, {"path": None}),
        ({"filename": None}, {"path": None}),
    ],
)
def test_result(change: dict[str, Any], expected: dict[str, Any], read: Any) -> None:
    """Each key of a result, and its variants, become what they mean."""
    (finding,) = read(PLUGIN, {"results": [RESULT | change]}).findings
    assert {key: getattr(finding, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("metrics", "work"),
    [
        (None, {}),
        ({}, {}),
        ({"_totals": {"loc": 0, "nosec": 0}}, {"files": 0, "lines": 0}),
        ({"_totals": {"loc": 5}, "a.py": {}, "b.py": {}}, {"files": 2, "lines": 5}),
        ({"_totals": {"loc": "5"}, "a.py": {}}, {"files": 1, "lines": 0}),
    ],
)
def test_work(metrics: Any, work: dict[str, int], read: Any) -> None:
    """Work is what the metrics list, and nothing where there are none."""
    assert read(PLUGIN, {"results": [], "errors": [], "metrics": metrics}).work == work


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({}, id="empty object"),
        pytest.param([], id="list"),
        pytest.param({"results": None}, id="no results"),
        pytest.param({"results": {}}, id="results of another tool"),
        pytest.param({"results": ["B602"]}, id="results that are no objects"),
        pytest.param({"results": [], "errors": "many"}, id="errors in another form"),
        pytest.param({"results": [], "errors": [{}]}, id="a nameless error"),
        pytest.param("invalid file", id="text"),
        pytest.param('{"results": [{}], "results": []}', id="results twice"),
    ],
)
def test_other(document: Any, read: Any) -> None:
    """What is no report of bandit, or tells of trouble, is no measurement."""
    with pytest.raises(NotMeasured):
        read(PLUGIN, document)


def test_many_errors(read: Any) -> None:
    """Of many files that could not be examined, a few are named and the others counted."""
    errors = [{"filename": f"{n}.py", "reason": "syntax error"} for n in range(12)]
    with pytest.raises(NotMeasured, match=r"4\.py \(syntax error\) and 7 more"):
        read(PLUGIN, {"results": [], "errors": errors})


JSON = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.none())


@given(result=st.dictionaries(st.sampled_from(sorted(RESULT)), JSON), metrics=JSON)
def test_any_result(result: dict[str, Any], metrics: Any, attempt: Any) -> None:
    """Whatever the values of a result are, it counts."""
    measured = attempt(PLUGIN, {"results": [result], "metrics": metrics})
    assert count(measured.findings)["vulnerabilities.total"] == 1


def test_damaged(fixtures: Any, damaged: Any, attempt: Any) -> None:
    """Damage leaves the findings or the measurement fails; it never reads as clean."""
    for variant in damaged((fixtures / "bandit" / "findings.json").read_bytes()):
        if measured := attempt(PLUGIN, variant):
            assert len(measured.findings) == 3


def test_corpus(corpus: Any, attempt: Any) -> None:
    """Real reports agree with the index; those with errors, and `{}`, are no measurement."""
    for path, holds in corpus(r".*/bandit/.*\.json", r"\d+ results"):
        measured = attempt(PLUGIN, path)
        if not holds.endswith("errors 0") or path.name == "spy-bandit-report-empty.json":
            assert measured is None, path
            continue
        stated = {
            word.lower(): int(n)
            for n, word in re.findall(r"(\d+) (HIGH|MEDIUM|LOW)", holds.partition("confidence")[0])
        }
        counts = count(measured.findings)
        assert counts["vulnerabilities.total"] == int(holds.split()[0]), path
        assert {word: counts[f"vulnerabilities.{word}"] for word in stated} == stated, path
