"""`${name}` in the words of a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.resolve.placeholders import fill

VALUES: Mapping[str, Any] = {"level": "high", "args": ["-q", "a b"], "none": [], "odd": "${out}"}

CASES: Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "nothing to fill in": (["a", "$x", "$", "{}", "${"], ["a", "$x", "$", "{}", "${"], []),
    "text": (["--l=${level}${level}"], ["--l=highhigh"], []),
    "a list": (["a", "${args}", "b"], ["a", "-q", "a b", "b"], []),
    "an empty list": (["a", "${none}"], ["a"], []),
    "what the run fills in": (["${files}", "${out}/x"], ["${files}", "${out}/x"], []),
    "a value is not looked into": (["${odd}"], ["${out}"], []),
    "a list inside a word": (["-${args}"], [], ["`${args}` holds several words*"]),
    "files inside a word": (["-${files}"], [], ["`${files}` holds several words*"]),
    "an unknown name": (["${lvel}"], [], ["unknown placeholder `${lvel}`"]),
    "no name": (["${}"], [], ["unknown placeholder `${}`"]),
    "all that is wrong": (
        ["${a}${b}", "${c}"],
        [],
        ["unknown placeholder `${a}`", "unknown placeholder `${b}`", "unknown placeholder `${c}`"],
    ),
}


@pytest.mark.parametrize(("words", "filled", "wrong"), CASES.values(), ids=CASES.keys())
def test_fill(words: Sequence[str], filled: Sequence[str], wrong: Sequence[str]) -> None:
    """Text is filled into words, a list takes the place of a word, the rest is a mistake."""
    told: list[str] = []
    done = fill(words, VALUES, lambda *said: told.append(said[0]))
    assert [a.startswith(b.rstrip("*")) for a, b in zip(told, wrong, strict=True)] == [True] * len(
        wrong
    )
    assert wrong or list(done) == list(filled)


@given(st.lists(st.text()))
def test_any_words(words: list[str]) -> None:
    """Whatever stands in a command, it is left as it is or complained about."""
    told: list[str] = []
    assert fill(words, {}, lambda *said: told.append(said[0])) == tuple(words)
