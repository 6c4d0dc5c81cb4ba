"""What a red run proves: the table of cases, and what several runs prove together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.model import Failure
from gatekeeper.prove import reason
from gatekeeper.prove.names import Introduced
from gatekeeper.prove.reason import STILL_GREEN, Facts, Reason
from gatekeeper.prove.view import Crash, Frame, View
from gatekeeper.prove.view import Test as Went

CASES = yaml.safe_load(Path(__file__).with_name("reasons.yaml").read_text("utf-8"))
GREEN = View("pass", {"t": Went("call", "passed")})
INTRODUCED = Introduced(
    names=frozenset({"check", "limit"}),
    members={"put": frozenset({"limit"}), "Order": frozenset({"__len__"})},
    files=("rules.py", "data/known.json"),
)


def crash(case: dict[str, Any]) -> Crash:
    """An exception as a case writes it."""
    frames = []
    for number, text in enumerate(case.get("frames", ())):
        place, _, source = text.partition(": ")
        file, _, function = place.rpartition(":")
        frames.append(Frame(file, number, function, source))
    hidden = case.get("hidden")
    return Crash(
        kinds=(*case["kinds"], "Exception"),
        message=case.get("message", ""),
        name=case.get("name", ""),
        filename=case.get("filename", ""),
        frames=tuple(frames),
        hidden=crash(hidden) if hidden else None,
    )


def view(case: dict[str, Any]) -> View:
    """The red run of a case."""
    ran = tuple(case.get("ran", ()))
    phase, outcome = case.get("phase", "call"), case.get("outcome", "passed")
    if outcome == "missing":
        return View("error", {})
    if "text_only" in case:
        return View("fail", {"t": Went(phase, "failed", None, case["text_only"])})
    if "fails" not in case:
        return View("pass", {"t": Went(phase, outcome)}, ran=ran)
    broken = crash(case["fails"])
    if phase == "collect":
        return View("error", uncollected={"tests/t.py": broken})
    return View("fail", {"t": Went(phase, "failed", broken)})


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_table(case: dict[str, Any]) -> None:
    """Phase and frame decide, never the name of the exception."""
    facts = Facts(
        own=lambda path: path.startswith("tests/"),
        introduced=INTRODUCED,
        taken_out=("rules.py", "data/known.json"),
        text=case.get("text", ""),
    )
    found = reason.compare(GREEN, view(case), facts)
    assert (found.answer, found.why) == (case["answer"], case.get("why", ""))
    assert found.entangled is case.get("entangled", False)
    assert found.tests == (("t",) if found.answer == "proven" else ())


FACTS = Facts(own=lambda path: path.startswith("tests/"))


@pytest.mark.parametrize(
    ("before", "after", "verdict", "answer"),
    [
        ({}, {"eval": 1}, "fail", "proven"),
        ({"eval": 1}, {"eval": 2}, "fail", "not proven"),
        ({}, {}, "pass", "not proven"),
        ({}, {}, "error", "not measured"),
    ],
)
def test_rules(before: Any, after: Any, verdict: Any, answer: str) -> None:
    """A finding rule proves where it found nothing before, and something now."""
    failure = Failure("no report") if verdict == "error" else None
    red = View(verdict, rules=after, failure=failure)
    assert reason.compare(View("pass", rules=before), red, FACTS).answer == answer


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (View("fail", {"t": Went("call", "failed")}), "with the fix, at HEAD, it is red: t"),
        (View("pass", {"t": Went("call", "skipped")}), "with the fix, at HEAD, no test passed"),
        (
            View("error", failure=Failure("no report")),
            "with the fix, at HEAD, it measured nothing: no report",
        ),
        (View("error", failure=Failure("too slow"), exit=None), "too slow"),
        (View("pass", ran=("a.py",)), "ran the working copy: a.py instead of the worktree"),
        (GREEN, ""),
    ],
)
def test_green(seen: View, why: str) -> None:
    """Only what is green with the fix is taken further."""
    found = reason.green(seen, "HEAD")
    assert (found.why if found else "") == why


def test_repeated() -> None:
    """What is not red, or not green, each time goes by chance."""
    seen = Reason("proven", tests=("a", "b"))
    assert reason.both(seen, Reason("proven", tests=("b", "c"))).tests == ("b",)
    assert reason.both(seen, STILL_GREEN).answer == "not measured"
    passed, failed = Went("call", "passed"), Went("call", "failed")
    assert reason.steady(seen, View("pass", {"a": passed, "b": passed}), "HEAD") == seen
    assert reason.steady(seen, View("fail", {"a": passed, "b": failed}), "HEAD").why.startswith(
        "it is green only by chance"
    )
    assert reason.steady(STILL_GREEN, GREEN, "HEAD") == STILL_GREEN


def test_joined() -> None:
    """The answer at the fix counts; where the guard does not run there, it says so."""
    proven, broken = Reason("proven", tests=("t",)), Reason("not measured", "no such test")
    conflict = Reason("not measured", "it cannot be taken out", entangled=True)
    assert reason.joined(conflict, proven, "abc") == proven
    assert reason.joined(STILL_GREEN, STILL_GREEN, "abc").why == "still green, at HEAD and at abc"
    told = reason.joined(STILL_GREEN, broken, "abc")
    assert told.answer == "not proven"
    assert told.why == "still green at HEAD; at abc it does not run: no such test"
    told = reason.joined(conflict, broken, "abc")
    assert told.answer == "not measured"
    assert told.why == "no such test (at abc; at HEAD: it cannot be taken out)"
