"""ruff: every diagnostic is a finding, in all versions of the format."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import Finding, count
from gatekeeper.readers.ruff import PLUGIN

ENTRY = {
    "code": "F401",
    "message": "`os` imported but unused",
    "filename": "/repo/src/a.py",
    "location": {"row": 3, "column": 8},
    "url": "https://docs.astral.sh/ruff/rules/unused-import",
}


def test_check(read: Any, fixtures: Any) -> None:
    """Findings of `ruff check` are lint errors at their places; the list proves no work."""
    measured = read(PLUGIN, fixtures / "ruff" / "check.json")
    seen = [(f.rule, f.path, f.line, f.column) for f in measured.findings]
    assert seen[:4] == [
        ("invalid-syntax", "broken.py", 1, 7),
        ("invalid-syntax", "broken.py", 1, 8),
        ("S105", "settings.py", 2, 12),
        ("F401", "shop.py", 1, 8),
    ]
    assert count(measured.findings) == {"lint.errors": 8}
    assert (measured.work, measured.metrics) == ({}, ())


def test_format(read: Any, fixtures: Any) -> None:
    """Findings of `ruff format --check` are of category format."""
    findings = read(PLUGIN, fixtures / "ruff" / "format.json").findings
    assert [(f.rule, f.category, f.path) for f in findings] == [
        ("invalid-syntax", "lint", "broken.py"),
        ("unformatted", "format", "ugly.py"),
    ]
    assert count(findings) == {"lint.errors": 2}


CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"rule": "F401", "severity": "high", "path": "src/a.py", "line": 3, "column": 8}),
    ({"code": None}, {"rule": "syntax-error", "severity": "high"}),
    ({"code": "E999"}, {"rule": "E999", "severity": "high"}),
    ({"severity": "error"}, {"severity": "high"}),
    ({"severity": "warning"}, {"severity": "medium"}),
    ({"severity": "info"}, {"severity": "low"}),
    ({"severity": "dire"}, {"severity": "unknown"}),
    ({"severity": 7}, {"severity": "unknown"}),
    ({"filename": "/elsewhere/a.py"}, {"path": None}),
    ({"filename": None}, {"path": None}),
    ({"location": None}, {"line": None, "column": None}),
    ({"location": {"row": 0, "column": "x"}}, {"line": None, "column": None}),
    ({"cell": 2}, {"message": "`os` imported but unused (cell 2)"}),
    ({"message": None}, {"message": "F401"}),
    ({"url": None}, {"url": ""}),
]


@pytest.mark.parametrize(("change", "expected"), CASES)
def test_entry(change: dict[str, Any], expected: dict[str, Any], read: Any) -> None:
    """Each key of a diagnostic, and its variants by version, become what they mean."""
    (finding,) = read(PLUGIN, [ENTRY | change]).findings
    assert {key: getattr(finding, key) for key in expected} == expected


def test_clean(read: Any) -> None:
    """An empty list has no findings, and proves no work."""
    measured = read(PLUGIN, b"\xef\xbb\xbf[]\r\n")
    assert (measured.findings, measured.work) == ((), {})


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({}, id="object"),
        pytest.param(None, id="null"),
        pytest.param([1], id="numbers"),
        pytest.param([{"code": "E501", "name": "line-too-long", "count": 3}], id="statistics"),
        pytest.param([{k: v for k, v in ENTRY.items() if k != "filename"}], id="without a file"),
        pytest.param("", id="empty"),
        pytest.param("All checks passed!", id="text"),
        pytest.param("[]\n[]", id="two documents"),
    ],
)
def test_other(document: Any, read: Any) -> None:
    """What is no list of diagnostics is no measurement."""
    with pytest.raises(NotMeasured):
        read(PLUGIN, document)


JSON = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.none())


@given(entry=st.fixed_dictionaries(dict.fromkeys(ENTRY, JSON), optional={"severity": JSON}))
def test_any_entry(entry: dict[str, Any], attempt: Any) -> None:
    """Whatever the values of a diagnostic are, it counts."""
    measured = attempt(PLUGIN, [entry])
    assert measured
    assert isinstance(measured.findings[0], Finding)
    assert sum(count(measured.findings).values()) == 1


def test_damaged(fixtures: Any, damaged: Any, attempt: Any) -> None:
    """Damage leaves the findings or the measurement fails; it never reads as clean."""
    for name in ("check.json", "format.json"):
        for variant in damaged((fixtures / "ruff" / name).read_bytes()):
            if measured := attempt(PLUGIN, variant):
                assert len(measured.findings) == {"check.json": 8, "format.json": 2}[name]


def test_corpus(corpus: Any, read: Any) -> None:
    """Real reports of all versions agree with the index."""
    for path, holds in corpus(r".*/ruff/.*\.json", r"\d+ violations"):
        stated = re.match(r"\d+", holds)
        assert stated
        assert count(read(PLUGIN, path).findings)["lint.errors"] == int(stated[0]), path
