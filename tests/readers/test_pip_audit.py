"""pip-audit: every vulnerability is a finding, and what was skipped is not clean."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.model import count
from gatekeeper.readers.pip_audit import PLUGIN

CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
BAD = {"name": "flask", "version": "0.5", "vulns": [{"id": "PYSEC-2019-179", "fix_versions": []}]}
SKIPPED = {"name": "mine", "skip_reason": "Dependency not found on PyPI: mine (1.0)"}
EDITABLE = {"name": "here", "skip_reason": "distribution marked as editable"}


def test_object(read: Any, fixtures: Any) -> None:
    """Each vulnerability of a package is one finding that says what to do."""
    measured = read(PLUGIN, fixtures / "pip-audit" / "object.json")
    assert [(f.rule, f.message) for f in measured.findings] == [
        ("PYSEC-2019-179", "flask 0.5: PYSEC-2019-179 (CVE-2019-1010083); fixed in 1.0"),
        ("PYSEC-2018-66", "flask 0.5: PYSEC-2018-66 (CVE-2018-1000656); fixed in 0.12.3"),
        ("GHSA-0000-0000-0000", "pip 21.3.1: GHSA-0000-0000-0000; no fixed version is known"),
    ]
    assert count(measured.findings) == {
        "dependencies.vulnerable": 3,
        "vulnerabilities.unknown": 3,
        "vulnerabilities.total": 3,
    }
    assert measured.work == {"packages": 3}
    assert {f.path for f in measured.findings} == {None}


def test_list(read: Any, fixtures: Any) -> None:
    """The bare list of old versions is read alike."""
    measured = read(PLUGIN, fixtures / "pip-audit" / "list.json")
    assert [f.rule for f in measured.findings] == ["PYSEC-2019-179"]
    assert measured.work == {"packages": 2}


@pytest.mark.parametrize(
    ("dependencies", "findings", "packages"),
    [
        ([], 0, 0),
        ([CLEAN], 0, 1),
        ([CLEAN, EDITABLE], 0, 1),
        ([BAD, CLEAN], 1, 2),
        ([BAD, SKIPPED], 1, 1),
        ([BAD | {"skip_reason": "but see vulns"}], 1, 1),
    ],
)
def test_audited(dependencies: Any, findings: int, packages: int, read: Any) -> None:
    """Work is what was audited; none where there was nothing to audit."""
    for document in (dependencies, {"dependencies": dependencies, "fixes": []}):
        measured = read(PLUGIN, document)
        assert (len(measured.findings), measured.work) == (findings, {"packages": packages})


@pytest.mark.parametrize(
    ("dependencies", "reason"),
    [
        ([SKIPPED], r"audited 0 of 1 dependencies; Dependency not found on PyPI: mine \(1\.0\)"),
        ([CLEAN, SKIPPED], "audited 1 of 2 dependencies"),
        ([SKIPPED] * 9, "and 4 more"),
        ([EDITABLE], "dependencies; distribution marked as editable"),
        ([{"name": "x", "version": "1"}], "without vulns"),
        ([{"vulns": []}], "without a name"),
        ([{"name": "x", "skip_reason": ""}], "without vulns"),
        (["flask"], "without a name"),
        ([BAD | {"vulns": {}}], "without vulns"),
    ],
)
def test_not_audited(dependencies: Any, reason: str, read: Any) -> None:
    """A dependency that was not audited, or says nothing, is no clean measurement."""
    with pytest.raises(NotMeasured, match=reason):
        read(PLUGIN, {"dependencies": dependencies})


@pytest.mark.parametrize("document", [{}, {"dependencies": {}}, None, 7, "", "No known"])
def test_other(document: Any, read: Any) -> None:
    """What is no report of pip-audit is no measurement."""
    with pytest.raises(NotMeasured):
        read(PLUGIN, document)


def test_noted(read: Any) -> None:
    """What was skipped stands beside the findings."""
    assert read(PLUGIN, [BAD, SKIPPED, EDITABLE]).notes == (
        "1 not audited: Dependency not found on PyPI: mine (1.0)",
        "1 editable, left out by --skip-editable",
    )


JSON = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.none())


@given(
    vulnerability=JSON | st.dictionaries(st.sampled_from(["id", "aliases", "fix_versions"]), JSON)
)
def test_any_vulnerability(vulnerability: Any, attempt: Any) -> None:
    """Whatever the values of a vulnerability are, it counts."""
    measured = attempt(PLUGIN, [BAD | {"vulns": [vulnerability]}])
    assert count(measured.findings)["dependencies.vulnerable"] == 1


def test_damaged(fixtures: Any, damaged: Any, attempt: Any) -> None:
    """Damage leaves the findings or the measurement fails; it never reads as clean."""
    for variant in damaged((fixtures / "pip-audit" / "object.json").read_bytes()):
        if measured := attempt(PLUGIN, variant):
            assert len(measured.findings) == 3


def test_corpus(corpus: Any, attempt: Any) -> None:
    """Real reports agree with the index; those that skip something are no measurement."""
    for path, holds in corpus(r".*/pip-audit/.*\.json"):
        stated = re.search(r"(\d+) dependencies; (\d+) vulns.*skipped (\d+)", holds)
        measured = attempt(PLUGIN, path)
        if stated is None or (int(stated[3]) and not int(stated[2])):
            assert measured is None, path
        else:
            assert len(measured.findings) == int(stated[2]), path
            assert measured.work == {"packages": int(stated[1]) - int(stated[3])}, path
