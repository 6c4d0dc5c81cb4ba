"""Plan -> observations: what runs when, and what is remembered."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.checkout import find
from gatekeeper.config.policy import CheckPolicy, GatePolicy, Policy
from gatekeeper.errors import Interrupted
from gatekeeper.model import Observation, Position
from gatekeeper.plan import plan
from gatekeeper.result import PlannedCheck
from gatekeeper.run import Seen, Watch, run

# The name `gatekeeper.run` means the function.
MODULE = sys.modules["gatekeeper.run"]
Go = Callable[..., Seen]


@pytest.fixture
def go(tmp_path: Path) -> Go:
    """Run checks, each given as its name and keys, in a folder that is no repository."""

    def gone(
        checks: Mapping[str, Mapping[str, Any]],
        *,
        jobs: int = 1,
        durations: Mapping[str, float] | None = None,
        **keys: Any,
    ) -> Seen:
        base = {"title": "", "gate": "g", "type": "command", "digest": "d", "command": ("true",)}
        made = {name: CheckPolicy(id=name, **{**base, **given}) for name, given in checks.items()}
        gate = GatePolicy("g", "", "push", False, (), tuple(made), Position("g", 1, 1))
        policy = Policy("", (gate,), made)
        planned = plan(policy, stage="push", jobs=jobs, durations=durations)
        place = find(tmp_path)
        return run(
            policy,
            planned,
            place,
            now=datetime.now(UTC),
            kept=place.state / "runs/now",
            caller=dict(os.environ),
            **keys,
        )

    return gone


def order(seen: Seen) -> list[str]:
    """The checks as they started."""
    return [o.check for o in sorted(seen.observations, key=lambda o: o.started)]


def test_longest_first(go: Go) -> None:
    """What took longest starts first; what was never measured before all others."""
    seen = go({"a": {}, "b": {}, "c": {}, "new": {}}, durations={"a": 1, "b": 3, "c": 2})
    assert order(seen) == ["new", "b", "c", "a"]
    assert [o.check for o in seen.observations] == ["a", "b", "c", "new"]


def test_exclusive_ones_run_alone_and_last(go: Go) -> None:
    """No other check runs beside an exclusive one."""
    wait = {"command": ("sleep", "0.1")}
    alone = {**wait, "exclusive": True}
    seen = go({"x": alone, "a": wait, "y": alone, "b": wait}, jobs=4, durations={"x": 9, "y": 8})
    spans = {o.check: (o.started, o.started + o.wall) for o in seen.observations}
    assert max(spans["a"][0], spans["b"][0]) < min(spans["a"][1], spans["b"][1])
    assert max(spans["a"][1], spans["b"][1]) <= spans["x"][0]
    assert spans["x"][1] <= spans["y"][0]


def test_skipped_checks_do_not_run(go: Go) -> None:
    """A plan without anything to run ends at once."""
    assert go({"a": {"stage": "ci"}, "b": {"enabled": False}}) == Seen(())


def test_tools_are_remembered(go: Go, tmp_path: Path) -> None:
    """The identity of a tool is kept for the next run; where it cannot be, only time is lost."""
    go({"a": {}})
    assert "true" in (tmp_path / ".gatekeeper/tools.json").read_text()
    (tmp_path / ".gatekeeper/tools.json").unlink()
    (tmp_path / ".gatekeeper/tools.json").mkdir()
    [seen] = go({"a": {}}).observations
    assert seen.failure is None


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (Interrupted, 130)])
def test_interrupted(go: Go, error: type[BaseException], code: int) -> None:
    """What ended before is known, what was stopped says so, the rest never began."""

    def ended(observation: Observation) -> None:
        raise error

    checks = {"a": {}, "b": {"command": ("sleep", "9")}, "c": {"exclusive": True}}
    seen = go(checks, jobs=2, watch=Watch(ended=ended))
    assert seen.interrupted == code
    assert [o.check for o in seen.observations] == ["a", "b"]
    stopped = seen.observations[1].failure
    assert stopped is not None
    assert "was stopped, because the run was interrupted" in stopped.reason


def test_who_watches_hears_of_each_check(go: Go) -> None:
    """Its start, then its end, in the thread that runs; and of the time between the two."""
    heard: list[str] = []

    def hear(news: PlannedCheck | Observation | None = None) -> None:
        assert threading.current_thread() is threading.main_thread()
        heard.append(f"{type(news).__name__} {news.check}" if news else "waited")

    go({"a": {"command": ("sleep", "0.3")}}, watch=Watch(hear, hear, hear, 0.01))
    assert heard[0] == "PlannedCheck a"
    assert heard[-1] == "Observation a"
    assert set(heard[1:-1]) == {"waited"}


def test_defect_ends_the_run(go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours is no observation: it is raised, after everything was stopped."""

    def broken(*_: object) -> Observation:
        raise ZeroDivisionError

    monkeypatch.setattr(MODULE, "observe", broken)
    with pytest.raises(ZeroDivisionError):
        go({"a": {}, "b": {}}, jobs=2)


def test_nothing_is_left_in_the_temporary_folder(
    go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folders of the checks go with the run."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    go({"a": {"command": ("sh", "-c", "echo 1 > $OUT/x; mkdir $OUT/../y")}})
    assert list(temporary.iterdir()) == []
    assert (tmp_path / ".gatekeeper/runs/now/a/x").read_text() == "1\n"
