"""The id of each action item: its own label, else `AI-` and its position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from gatekeeper.learning.postmortem import ActionItem

_BARE_NUMBER = re.compile(r"#?(\d{1,4})")
_OUTSIDE = re.compile(r"[^\w.-]+")
_MAX_LENGTH = 40


def numbered(items: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    """Each item with an id that no other has, in whatever letter case; the first keeps its own."""
    taken: dict[str, int] = {}
    stated = [_id(one.id) for one in items]
    for position, own in enumerate(stated):
        if own:
            taken.setdefault(own.casefold(), position)
    result: list[ActionItem] = []
    for position, (one, own) in enumerate(zip(items, stated, strict=True)):
        labelled = bool(own) and taken[own.casefold()] == position
        id_ = own if labelled else _free(position + 1, taken)
        taken.setdefault(id_.casefold(), position)
        same = one.id == id_ and one.labelled == labelled
        result.append(one if same else replace(one, id=id_, labelled=labelled))
    return tuple(result)


def _free(position: int, taken: dict[str, int]) -> str:
    """`AI-` and the position, or the next number that is free."""
    return next(f"AI-{n}" for n in count(position) if f"ai-{n}" not in taken)


def _id(text: str) -> str:
    """An id as one word; a bare number is that of an action item."""
    if bare := _BARE_NUMBER.fullmatch(text):
        return f"AI-{int(bare[1])}"
    return _OUTSIDE.sub("-", text).strip("-.")[:_MAX_LENGTH]
