"""Policy -> plan: what runs, what is skipped and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatekeeper.config.policy import CheckPolicy, GatePolicy, Policy
from gatekeeper.errors import UsageError
from gatekeeper.model import Position
from gatekeeper.plan import cores, plan
from gatekeeper.result import UNNAMED, PlannedCheck

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


@pytest.mark.parametrize(
    ("files", "gone", "action", "narrowed"),
    [
        ([], ["ruff.toml"], "run", False),
        ([], ["a.py"], "run", False),
        (["b.py"], ["a.py"], "run", True),
        (["b.md"], ["a.md"], "skip", True),
    ],
)
def test_what_a_change_takes_away(
    files: list[str], gone: list[str], action: str, narrowed: bool
) -> None:
    """A configuration that is gone widens; so do files of its kind, where they are all there is."""
    found = planned(PYTHON, files=files, gone=gone)
    assert (found.action, found.narrowed) == (action, narrowed)


def test_disabled() -> None:
    """A disabled check is skipped with its reason, whatever the stage."""
    found = planned(replace(CHECK, enabled=False, reason="broken", stage="deploy"))
    assert (found.action, found.reason) == ("skip", "disabled: broken")


@pytest.mark.parametrize(
    ("only", "stage", "reason"),
    [((), "push", "open until ci"), (("lint",), "push", ""), (("other",), "ci", UNNAMED)],
)
def test_named_checks(only: tuple[str, ...], stage: str, reason: str) -> None:
    """Named checks run before their stage too, and no others run; the plan is not whole."""
    checks = {name: replace(CHECK, id=name, stage="ci") for name in ("lint", "other")}
    gate = GatePolicy("quality", "", "push", False, (), tuple(checks), Position("g", 1, 1))
    found = plan(Policy("", (gate,), checks), stage=stage, only=only)  # type: ignore[arg-type]
    assert (found.checks[0].reason, found.whole, found.only) == (reason, not only, only)


def test_a_named_check_still_looks_at_the_change_only() -> None:
    """Its name says that it runs, not on what."""
    found = planned(PYTHON, only=["lint"], files=["b.md"])
    assert (found.action, found.reason) == ("skip", "the change holds no file of its kind")


@pytest.mark.parametrize(
    ("check", "keys", "said"),
    [
        (CHECK, {"only": ["lnt"]}, r"unknown check `lnt`; did you mean `lint`\?"),
        (replace(CHECK, enabled=False, reason="broken"), {"only": ["lint"]}, "is disabled: broken"),
    ],
)
def test_named_checks_that_cannot_run(check: CheckPolicy, keys: Any, said: str) -> None:
    """Who names a check wants it measured: nothing is left out in silence."""
    with pytest.raises(UsageError, match=said):
        planned(check, **keys)


def test_a_named_check_of_a_gate_that_is_not_named() -> None:
    """Gates and checks that exclude each other would measure nothing."""
    gates = tuple(
        GatePolicy(name, "", "push", False, (), (f"in-{name}",), Position("g", 1, 1))
        for name in ("a", "b")
    )
    checks = {f"in-{name}": replace(CHECK, id=f"in-{name}", gate=name) for name in ("a", "b")}
    with pytest.raises(UsageError, match="`in-b` is one of the gate b; name that gate too"):
        plan(Policy("", gates, checks), stage="push", gates=["a"], only=["in-b"])


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
