"""Action items in the front matter: `action-items:` with texts, or mappings of their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.adapters.markdown import FrontMatter
from gatekeeper.learning.headings import role
from gatekeeper.learning.items.candidate import Candidate
from gatekeeper.learning.items.names import Field, field
from gatekeeper.learning.outline import Prose


def in_front_matter(front_matter: FrontMatter) -> list[Candidate]:
    """A candidate for each entry of the lists whose name says so."""
    return [
        candidate
        for name, values in front_matter.values.items()
        if isinstance(values, list) and role(name) == "action-items"
        for candidate in _candidates(values, front_matter.lines.get(name, front_matter.line))
    ]


def _candidates(values: list[Any], line: int) -> Iterator[Candidate]:
    for value in values:
        if isinstance(value, str):
            yield Candidate(Prose(value, value, line))
        elif isinstance(value, Mapping):
            cells = _cells(value, line)
            if text := cells.pop("text", None):
                yield Candidate(text, cells=cells)


def _cells(value: Mapping[str, Any], line: int) -> dict[Field, Prose]:
    """The fields that a mapping states; yes and no are states."""
    words = {True: "done", False: "open"}
    return {
        name: Prose(text, text, line)
        for key, one in value.items()
        if (name := field(key)) and one is not None
        for text in [words[one] if isinstance(one, bool) else str(one)]
    }
