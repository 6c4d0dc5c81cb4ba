"""A check over its catalogue entry: which of the two a value comes from, and where it stands."""

from __future__ import annotations

import pytest

from gatekeeper.config import load, schema
from gatekeeper.errors import Problem
from gatekeeper.resolve.written import Merged, Source

TOOL = load.read(
    schema.ToolSpec,
    "checks/tools/t.yaml",
    b"tool: t\ntitle: T\ncommand: [t]\nwith: {a: 1, b: 2}\ntimeout: 1m\n",
)
GATE = load.read(
    schema.GateSpec,
    "gates/g.yaml",
    b"gate: g\nchecks:\n  - {check: c, uses: t, title: X, with: {b: 3}, files: [a]}\n  - plain\n",
)


def merged(*, tool: bool) -> Merged:
    """The first check of the gate, with its tool or without."""
    spec = GATE.spec.checks[0]
    assert isinstance(spec, schema.CheckSpec)
    return Merged(Source(GATE, ("checks", 0), spec), TOOL if tool else None, [])


def test_values() -> None:
    """A key of the check comes first, then the entry's, then the default; `with` is joined."""
    over, alone = merged(tool=True), merged(tool=False)
    assert [over.get(name) for name in ("title", "timeout", "stage")] == ["X", 60.0, "push"]
    assert over.get("with_") == {"a": 1, "b": 3}
    assert alone.get("with_") == {"b": 3}
    assert [alone.get(name) for name in ("title", "timeout", "batch")] == ["X", 600.0, False]
    assert [over.has(name) for name in ("title", "command", "stage", "batch")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "gates/g.yaml:3:5"),
        (("title",), "gates/g.yaml:3:32"),
        (("with", "b"), "gates/g.yaml:3:45"),
        (("timeout",), "checks/tools/t.yaml:5:10"),
        (("command", 0), "checks/tools/t.yaml:3:11"),
    ],
)
def test_places(path: tuple[str | int, ...], place: str) -> None:
    """A mistake is told where the value is written, in the check or in its entry."""
    found = merged(tool=True)
    found.complain("wrong", "hint", at=path)
    problem: Problem = found.problems[0]
    assert f"{problem.file}:{problem.line}:{problem.column}" == place
    assert (problem.message, problem.hint) == ("wrong", "hint")


def test_positions() -> None:
    """Every key that is written has a place; the check's own hide the entry's."""
    positions = {key: str(place) for key, place in merged(tool=True).positions().items()}
    assert positions["title"] == "gates/g.yaml:3:32"
    assert positions["timeout"] == "checks/tools/t.yaml:5:10"
    assert set(positions) == {
        "tool",
        "title",
        "command",
        "with",
        "timeout",
        "check",
        "uses",
        "files",
    }


def test_a_check_by_name_has_no_keys() -> None:
    """`- plain` has the place of its name, and no keys."""
    spec = schema.CheckSpec.model_validate({"uses": "plain"})
    source = Source(GATE, ("checks", 1), spec)
    assert str(source.position) == "gates/g.yaml:4:5"
    assert Merged(source, None, []).positions() == {}
