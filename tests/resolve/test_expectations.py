"""What a check measures and what is expected of it, from readers, entry and check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.config import load, schema
from gatekeeper.interfaces import API, Reader
from gatekeeper.model import Measurement
from gatekeeper.resolve.expectations import expected, measured
from gatekeeper.resolve.written import Merged, Source


def read(path: Path, ctx: object) -> Measurement:
    """Read nothing."""
    raise NotImplementedError


FIRST = Reader(API, read, ("lint.errors",), ("vulnerabilities.*",), {"lint.errors": "== 0"})
SECOND = Reader(
    API, read, ("lint.errors", "tests.total"), (), {"lint.errors": "< 2", "tests.total": "> 0"}
)


def merged(check: str, tool: str = "") -> Merged:
    """A check, and its entry if one is given."""
    found = load.read(schema.CheckSpec, "checks/c.yaml", f"check: c\n{check}\n".encode())
    entry = load.read(schema.ToolSpec, "checks/tools/t.yaml", f"tool: t\n{tool}\n".encode())
    return Merged(Source(found, (), found.spec), entry if tool else None, [])


MEASURED: Mapping[str, tuple[str, str, Sequence[Reader], Sequence[str], str]] = {
    "what every report shows": ("", "", [FIRST], ["lint.errors"], ""),
    "of several readers once": ("", "", [FIRST, SECOND], ["lint.errors", "tests.total"], ""),
    "what is named, in its order": (
        "measures: [vulnerabilities.high, lint.errors]",
        "",
        [FIRST],
        ["vulnerabilities.high", "lint.errors"],
        "",
    ),
    "what the entry names": (
        "",
        "measures: [vulnerabilities.low]",
        [FIRST],
        ["vulnerabilities.low"],
        "",
    ),
    "the check's before the entry's": (
        "measures: [lint.errors]",
        "measures: [vulnerabilities.low]",
        [FIRST],
        ["lint.errors"],
        "",
    ),
    "what it cannot measure": (
        "measures: [tests.total]",
        "",
        [FIRST],
        ["tests.total"],
        "c cannot measure tests.total",
    ),
    "what nobody knows": ("measures: [a.b]", "", [FIRST], ["a.b"], "unknown metric `a.b`"),
    "nothing": ("", "", [], [], "c measures nothing: `measures:` is missing"),
}


@pytest.mark.parametrize(
    ("check", "tool", "sources", "names", "wrong"), MEASURED.values(), ids=MEASURED.keys()
)
def test_measured(
    check: str, tool: str, sources: Sequence[Reader], names: Sequence[str], wrong: str
) -> None:
    """A check measures what it names, else what every report of its readers shows."""
    found = merged(check, tool)
    assert measured(found, "c", sources, complete=True) == tuple(names)
    assert [problem.message for problem in found.problems] == ([wrong] if wrong else [])


def test_what_did_not_load_may_measure_anything() -> None:
    """Where a plug-in did not load, what it could measure is not known, and not a mistake."""
    found = merged("measures: [tests.total]")
    assert measured(found, "c", [], complete=False) == ("tests.total",)
    assert measured(merged(""), "c", [], complete=False) == ()
    assert not found.problems


EXPECTED: Mapping[str, tuple[str, str, Sequence[Reader], Mapping[str, tuple[str, bool]]]] = {
    "of the reader": ("", "", [FIRST], {"lint.errors": ("== 0", True)}),
    "of the last reader": (
        "",
        "",
        [FIRST, SECOND],
        {"lint.errors": ("< 2", True), "tests.total": ("> 0", True)},
    ),
    "of the entry before the reader": (
        "",
        "expect: {lint.errors: '< 7'}",
        [FIRST],
        {"lint.errors": ("< 7", True)},
    ),
    "of the check before all": (
        "expect: {lint.errors: '< 9'}",
        "expect: {lint.errors: '< 7'}",
        [FIRST],
        {"lint.errors": ("< 9", False)},
    ),
    "only of what is measured": (
        "",
        "",
        [Reader(API, read, ("lint.errors",), (), {"tests.failed": "0"})],
        {},
    ),
}


@pytest.mark.parametrize(
    ("check", "tool", "sources", "conditions"), EXPECTED.values(), ids=EXPECTED.keys()
)
def test_expected(
    check: str, tool: str, sources: Sequence[Reader], conditions: Mapping[str, tuple[str, bool]]
) -> None:
    """The nearest to the check holds: its own, the entry's, the reader's."""
    found = merged(check, tool)
    measures = measured(found, "c", sources, complete=True)
    rules = expected(found, "c", sources, measures)
    assert {r.metric: (r.accept[0].text, r.inherited) for r in rules} == conditions
    assert not found.problems


FORMS: Mapping[str, tuple[Any, tuple[Sequence[str], Sequence[str]]]] = {
    "a number": ("3", (["== 3"], [])),
    "text": ("'< 3'", (["< 3"], [])),
    "a list": ("['< 9', '> 3']", (["< 9", "> 3"], [])),
    "pass and warn": ("{pass: 0, warn: ['< 9', '> 3']}", (["== 0"], ["< 9", "> 3"])),
}


@pytest.mark.parametrize(("form", "conditions"), FORMS.values(), ids=FORMS.keys())
def test_forms(form: str, conditions: tuple[Sequence[str], Sequence[str]]) -> None:
    """A condition is text or a number, a list of them, or a pair of those."""
    found = merged(f"expect: {{lint.errors: {form}}}")
    (rule,) = expected(found, "c", [FIRST], ["lint.errors"])
    assert ([c.text for c in rule.accept], [c.text for c in rule.warn]) == conditions
    assert str(rule.position) == "checks/c.yaml:2:23"
