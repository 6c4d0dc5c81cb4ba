"""Policy -> plan: what runs, what is skipped and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatekeeper.config.policy import CheckPolicy, GatePolicy, Policy
from gatekeeper.errors import UsageError
from gatekeeper.model import Position
from gatekeeper.plan import cores, plan
from gatekeeper.result import PlannedCheck

CHECK = CheckPolicy(id="lint", title="", gate="quality", type="command", digest="d")
PYTHON = replace(CHECK, files=("**/*.py",), config=("ruff.toml",))


def planned(check: CheckPolicy = CHECK, **keys: Any) -> PlannedCheck:
    """The plan of one check."""
    gate = GatePolicy("quality", "", "push", False, (), (check.id,), Position("g", 1, 1))
    policy = Policy("", (gate,), {check.id: check})
    [found] = plan(policy, **{"stage": "push", **keys}).checks
    return found


@pytest.mark.parametrize(
    ("own", "stage", "reason"),
    [
        ("push", "push", ""),
        ("push", "deploy", ""),
        ("ci", "push", "open until ci"),
        ("ci", "ci", ""),
        ("deploy", "ci", "open until deploy"),
    ],
)
def test_stages_are_cumulative(own: Any, stage: str, reason: str) -> None:
    """A check runs at its stage and at every later one."""
    found = planned(replace(CHECK, stage=own), stage=stage)
    assert (found.action, found.reason) == ("skip" if reason else "run", reason)


@pytest.mark.parametrize(
    ("check", "files", "action", "narrowed"),
    [
        (PYTHON, None, "run", False),
        (PYTHON, ["a.py", "b.md"], "run", True),
        (PYTHON, ["b.md"], "skip", True),
        (PYTHON, [], "skip", True),
        (PYTHON, ["b.md", "ruff.toml"], "run", False),
        (CHECK, ["b.md"], "run", False),
        (CHECK, [], "run", False),
    ],
)
def test_narrowed_to_a_change(
    check: CheckPolicy, files: list[str] | None, action: str, narrowed: bool
) -> None:
    """A check with `files:` looks at the change only, unless its configuration changed."""
    found = planned(check, files=files)
    assert (found.action, found.narrowed) == (action, narrowed)


def test_disabled() -> None:
    """A disabled check is skipped with its reason, whatever the stage."""
    found = planned(replace(CHECK, enabled=False, reason="broken", stage="deploy"))
    assert (found.action, found.reason) == ("skip", "disabled: broken")


def test_unknown_gate() -> None:
    """A gate that does not exist is a usage error with a suggestion."""
    with pytest.raises(UsageError, match=r"unknown gate `qualty`; did you mean `quality`\?"):
        planned(gates=["qualty"])


def test_order_jobs_and_durations() -> None:
    """Checks stand in gate order; files are sorted; durations and jobs are taken over."""
    checks = {name: replace(CHECK, id=name, gate=name[0]) for name in ("b1", "b2", "a1")}
    gates = tuple(
        GatePolicy(gate, "", "push", False, (), names, Position("g", 1, 1))
        for gate, names in (("b", ("b2", "b1")), ("a", ("a1",)))
    )
    policy = Policy("", gates, checks)
    found = plan(policy, stage="ci", files=["z", "a"], durations={"b1": 2.5})
    assert [c.check for c in found.checks] == ["b2", "b1", "a1"]
    assert [c.expected for c in found.checks] == [None, 2.5, None]
    assert (found.files, found.jobs, found.whole) == (("a", "z"), cores(), True)
    named = plan(policy, stage="ci", gates=["a"], jobs=3)
    assert ([c.check for c in named.checks], named.jobs, named.whole) == (["a1"], 3, False)
