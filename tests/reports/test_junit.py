"""The JUnit report, read back by junitparser and by lxml."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from lxml import etree

from gatekeeper.model import Finding
from gatekeeper.reports.junit import PLUGIN, render
from gatekeeper.result import Result, RunVerdict

COUNTS = [  # result, tests, failures, errors, skipped
    ("approved", 8, 0, 0, 0),
    ("failed", 7, 3, 0, 0),
    ("unmeasured", 2, 0, 2, 0),
    ("waived", 7, 0, 0, 5),
    ("opened", 8, 0, 0, 6),
    ("nothing-due", 3, 0, 1, 2),
    ("advisory", 6, 0, 0, 2),
    ("interrupted", 3, 0, 1, 0),
    ("empty", 1, 0, 1, 0),
]


def read(result: Result) -> JUnitXml:
    return JUnitXml.fromstring("".join(render(result)).encode())


def cases(result: Result) -> dict[str, TestCase]:
    return {str(case.name): case for suite in read(result) for case in suite}


@pytest.mark.parametrize(("name", "tests", "failures", "errors", "skipped"), COUNTS)
def test_the_counts_are_right(
    results: Mapping[str, Result], name: str, tests: int, failures: int, errors: int, skipped: int
) -> None:
    """Attributes and elements agree on how many cases ended how."""
    document = read(results[name])
    stated = [
        sum(getattr(suite, word) for suite in document)
        for word in ("tests", "failures", "errors", "skipped")
    ]
    kinds = [type(found) for suite in document for case in suite for found in case.result]
    counted = [kinds.count(kind) for kind in (Failure, Error, Skipped)]
    assert stated == [tests, failures, errors, skipped]
    assert counted == stated[1:]
    assert sum(len(list(suite)) for suite in document) == tests


def test_every_case_can_be_shown_by_every_reviewing_tool(any_result: Result) -> None:
    """Named suites, unique names, a class name, a time, at most one outcome and its message."""
    for suite in read(any_result):
        assert suite.name
        assert len({case.name for case in suite}) == len(list(suite))
        for case in suite:
            assert case.classname == f"gatekeeper.{suite.name}"
            assert case.time > 0
            assert len(case.result) <= 1
            assert all(found.message for found in case.result)


def test_a_failure_tells_where_to_look(results: Mapping[str, Result]) -> None:
    """File and line are those of the worst finding; the text lists each as path:line: message."""
    case = cases(results["failed"])["requirement: lint.errors == 0"]
    (failure,) = case.result
    assert (case._elem.get("file"), case._elem.get("line")) == ("src/a.py", "3")
    assert failure.message == "lint.errors == 0: 2"
    assert "src/a.py:3:101: Line too long (120 > 100) [E501]" in failure.text
    assert "src/b.py:9: Argument 1 is wrong ... [arg-type]" in failure.text
    assert "fix: ruff check --fix\nremedy: make the types agree\nfix: mypy" in failure.text


def test_a_failed_command_shows_its_last_lines(results: Mapping[str, Result]) -> None:
    """What the command printed last stands in the text of its failure."""
    (failure,) = cases(results["failed"])["headers"].result
    assert failure.text.endswith("line 29\nno header")


def test_what_could_not_be_measured_is_an_error_with_its_remedy(
    results: Mapping[str, Result],
) -> None:
    """An error is no failure, and says what to do."""
    (error,) = cases(results["unmeasured"])["unit-tests"].result
    assert isinstance(error, Error)
    assert error.type == "not-measured"
    assert error.message == "pytest: no such program on PATH"
    assert "remedy: pip install pytest" in error.text


def test_each_waived_finding_is_skipped_with_waiver_and_reason(
    results: Mapping[str, Result],
) -> None:
    """Waived findings stay visible, also two that look the same."""
    found = cases(results["waived"])
    said = {name: case.result[0].message for name, case in found.items() if case.result}
    assert said == {
        "requirement: coverage.line > 80%": (
            "coverage.line > 80%: 70%, waived by W-13; waived until 2026-12-20: tests follow"
        ),
        "bench": "latency.p95 < 300ms: 400 ms, waived by W-14",
        "ruff: E501 src/a.py:3:101": "waived by W-12: the generator is replaced in December",
        "ruff: W291 src/a.py:1:5": "known in the baseline",
        "ruff: W291 src/a.py:1:5 (2)": "known in the baseline",
    }


def test_of_a_long_baseline_the_rest_is_counted(results: Mapping[str, Result]) -> None:
    """A viewer of cases is not flooded: the worst stand alone, the rest as one case."""
    gate = results["waived"].verdict.gates[0]
    worst, known = gate.checks[0].excused[:2]
    ruff = dataclasses.replace(gate.checks[0], excused=(*[known] * 500, worst))
    waived = dataclasses.replace(gate, checks=(ruff, *gate.checks[1:]))
    found = cases(dataclasses.replace(results["waived"], verdict=RunVerdict("pass", (waived,))))
    named = {name: case for name, case in found.items() if name.startswith("ruff: ")}
    assert len(named) == 201
    assert "ruff: E501 src/a.py:3:101" in named
    assert named["ruff: and 301 more"].result[0].message == "they do not count either"


def test_what_is_open_or_skipped_says_why(results: Mapping[str, Result]) -> None:
    """Open requirements name their stage, skipped checks their reason."""
    found = cases(results["opened"])
    assert found["requirement: coverage.branch"].result[0].message == "open until ci"
    assert found["bandit"].result[0].message == "the change holds no file of its kind"


def test_what_is_advisory_is_seen_and_fails_nothing(results: Mapping[str, Result]) -> None:
    """A failing advisory check is skipped with its verdict; a warning passes and says so."""
    found = cases(results["advisory"])
    (skipped,) = found["ruff"].result
    assert skipped.message == "advisory, does not block: fail: lint.errors == 0: 1"
    assert "src/a.py:3:101" in skipped.text
    assert found["requirement: coverage.line > 90%"].system_out == "coverage.line > 90%: 85%"


def test_a_gate_is_never_bad_without_a_bad_case(results: Mapping[str, Result]) -> None:
    """A gate that ends skipped at stage deploy is an error that the counts show."""
    result = results["opened"]
    gates = tuple(
        dataclasses.replace(gate, verdict="error", reason="all its checks are skipped")
        for gate in result.verdict.gates[1:2]
    )
    verdict = dataclasses.replace(result.verdict, verdict="error", gates=gates)
    (error,) = cases(dataclasses.replace(result, verdict=verdict))["gate"].result
    assert isinstance(error, Error)
    assert error.message == "all its checks are skipped"


def test_names_stay_unique_whatever_they_look_like(results: Mapping[str, Result]) -> None:
    """A number is added to what repeats, and never makes another case's name."""
    result = results["waived"]
    gate = result.verdict.gates[0]
    checks = tuple(
        dataclasses.replace(gate.checks[1], check=name) for name in ("a", "a", "a (2)", "a", "b")
    )
    gates = (dataclasses.replace(gate, requirements=(), checks=checks),)
    verdict = dataclasses.replace(result.verdict, gates=gates)
    found = cases(dataclasses.replace(result, verdict=verdict))
    assert list(found) == ["a", "a (3)", "a (2)", "a (4)", "b"]


def test_gitlab_shows_a_text_and_not_attributes(any_result: Result) -> None:
    """Whatever did not pass has a text: GitLab shows no message beside it, and no bare element."""
    found = [each for suite in read(any_result) for case in suite for each in case.result]
    assert all(each.text and each.text.strip() for each in found)


def test_thousands_of_findings_are_cut(results: Mapping[str, Result]) -> None:
    """The text of a case stays readable, and tells how many more there are."""
    result = results["failed"]
    gate = result.verdict.gates[0]
    many = tuple(Finding("E1", "m", "high", "lint", f"f{n:05}.py", n + 1) for n in range(5000))
    checks = (dataclasses.replace(gate.checks[1], findings=many),)
    gates = (dataclasses.replace(gate, checks=checks),)
    verdict = dataclasses.replace(result.verdict, gates=gates)
    (failure,) = cases(dataclasses.replace(result, verdict=verdict))["mypy"].result
    assert "f00199.py:200: m [E1]\nand 4800 more" in failure.text
    assert "f00200.py" not in failure.text


def test_hostile_text_stays_text(hostile_result: Result) -> None:
    """Nothing breaks the document or its structure, whatever findings and tools say."""
    written = "".join(render(hostile_result))
    assert written.isascii()
    root = etree.fromstring(written.encode(), etree.XMLParser(huge_tree=True))
    tags = {str(element.tag) for element in root.iter()}
    assert tags <= {
        *("testsuites", "testsuite", "properties", "property", "testcase"),
        *("failure", "error", "skipped"),
    }
    assert len(root.findall(".//testcase")) == 5
    assert len(root.findall(".//failure")) == 2
    assert len(root.findall(".//error")) == 1
    strings = [value for element in root.iter() for value in element.attrib.values()]
    assert not any(set(value) & set("\x1b\x7f\u202e\n\t") for value in map(str, strings))


def test_the_same_result_gives_the_same_bytes(any_result: Result) -> None:
    """Nothing depends on a clock or on an order of hashing."""
    assert "".join(PLUGIN.render(any_result)) == "".join(PLUGIN.render(any_result))
