"""What `with:` sets for a check type: types, bounds and mistakes, each at its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.config.policy import Policy
from gatekeeper.errors import Problem

Configure = Callable[[Mapping[str, str | Path]], Policy]
Mistakes = Callable[[Mapping[str, str | Path]], Sequence[Problem]]


def gate(keys: str) -> Mapping[str, str]:
    """A gate with one check."""
    return {"gates/g.yaml": f"gate: g\nchecks:\n  - {{check: c, files: [a.md], {keys}}}\n"}


GOOD: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "defaults": ("type: document", {"sections": [], "min-words": 50}),
    "numbers and texts": (
        "type: document, with: {sections: [3.10, 0123], min-words: 7}",
        {"sections": ["3.10", "0123"], "min-words": 7},
    ),
    "text that is a number": ("type: pattern, with: {forbid: 010}", {"forbid": "010"}),
    "lists": ("type: pattern, with: {forbid: x, may-skip: ['*.png']}", {"may-skip": ["*.png"]}),
}


@pytest.mark.parametrize(("keys", "params"), GOOD.values(), ids=GOOD.keys())
def test_params(configure: Configure, keys: str, params: Mapping[str, Any]) -> None:
    """Parameters are plain values, with the defaults of the type, as JSON would hold them."""
    found = configure(gate(keys)).checks["c"].params
    assert {key: found[key] for key in params} == params


WRONG: Mapping[str, tuple[str, Sequence[str]]] = {
    "unknown": (
        "type: document, with: {section: [a], x: 1}",
        ["unknown parameter `section` (did you mean `sections`?)", "unknown parameter `x`"],
    ),
    "no number": ("type: document, with: {min-words: many}", ["`min-words`: "]),
    "no list": ("type: document, with: {sections: Steps}", ["`sections`: "]),
    "no text in a list": ("type: document, with: {sections: [[a]]}", ["`sections`: "]),
    "no value": ("type: document, with: {sections: null}", ["`sections`: "]),
    "several": (
        "type: document, with: {sections: 1, min-words: a}",
        ["`min-words`: ", "`sections`: "],
    ),
    "missing": ("type: signoff", ["`with: {question: ...}` is missing"]),
    "what the type itself refuses": ("type: pattern, with: {forbid: '('}", ["("]),
    "neither of two": ("type: pattern, with: {}", ["forbid"]),
}


@pytest.mark.parametrize(("keys", "expected"), WRONG.values(), ids=WRONG.keys())
def test_mistakes(mistakes: Mistakes, keys: str, expected: Sequence[str]) -> None:
    """Each parameter that is wrong is named, at its place."""
    found = mistakes(gate(keys))
    assert all(problem.line == 3 for problem in found)
    told = sorted(f"{p.message} ({p.hint})" for p in found)
    assert len(told) == len(expected), told
    for one, wanted in zip(told, expected, strict=True):
        assert wanted in one
        assert "Error" not in one
        assert "pydantic" not in one
