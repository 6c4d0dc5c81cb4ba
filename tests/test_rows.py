"""Dataclasses as bare rows, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from gatekeeper import rows
from gatekeeper.learning.postmortem import ActionItem, Cause, Impact, PostMortem


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field only."""

    text: str


@dataclass(frozen=True, slots=True)
class Tree:
    """Every form that a row can hold."""

    kind: Literal["a", "b"] | None
    leaf: Leaf | None = None
    leaves: tuple[Leaf, ...] = ()
    by_name: Mapping[str, Leaf] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    nested: tuple[tuple[int, ...], ...] = ()


@pytest.mark.parametrize(
    "value",
    [
        Leaf("é"),
        Tree(None),
        Tree("a", Leaf("b"), (Leaf("c"),), {"d": Leaf("e")}, {"f": 1}, ("g",), ((1, 2), ())),
        PostMortem("PM-1", "a.md"),
        PostMortem(
            "PM-1",
            "a.md",
            durations={"detected..stable": 63},
            action_items=(ActionItem("AI-1", "One", 3, done=None, refs=("#1",)),),
            chain=(Cause("why", 2),),
            impact=Impact(users="1200"),
            problems=((3, "no mapping"),),
        ),
    ],
)
def test_a_row_is_read_back_as_it_was(value: Any) -> None:
    """Also through JSON."""
    form = type(value)
    assert rows.unpack(form, json.loads(json.dumps(rows.pack(form, value)))) == value


@pytest.mark.parametrize("row", [[], ["a", "b"], {"text": "a"}, None, 3])
def test_what_is_no_row_is_refused(row: Any) -> None:
    """Who keeps rows makes them again then."""
    with pytest.raises((TypeError, ValueError)):
        rows.unpack(Leaf, row)


def test_a_form_that_cannot_be_kept_says_so() -> None:
    """A set, or a choice of two records, has no row."""

    @dataclass(frozen=True)
    class Odd:
        either: Leaf | Tree

    with pytest.raises(TypeError, match="cannot be kept as a row"):
        rows.pack(Odd, Odd(Leaf("a")))
