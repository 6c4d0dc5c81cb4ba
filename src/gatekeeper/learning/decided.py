"""What was decided on the way, and the alternatives that were not taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gatekeeper.learning import residue
from gatekeeper.learning.narrative import listed, of_role
from gatekeeper.learning.outline import Item, Node, Prose, Table
from gatekeeper.learning.parts import Part, items, one_line, texts, whole
from gatekeeper.learning.postmortem import Decision

_ALTERNATIVES = re.compile(
    r"\b(?:alternatives?|alternativen?|alternativas?|rejected|options?|considered|instead of"
    r"|verworfen|rejetée?s?|descartad[ao]s?|rejeitad[ao]s?)\b|代替案|却下|見送|替代|备选|否决",
    re.IGNORECASE,
)
_MAX_LABEL = 40


def decisions(parts: Sequence[Part]) -> tuple[Decision, ...]:
    """What was decided, each with its alternatives; a list of the rejected is one decision."""
    found: list[Decision] = []
    for part in of_role(parts, "decisions", "rejected"):
        if part.role == "decisions" and not _ALTERNATIVES.search(part.title):
            found += _decided(part)
        elif rejected := tuple(text for text, _ in listed(part)):
            if found and part.role == "decisions":
                found[-1] = replace(found[-1], alternatives=found[-1].alternatives + rejected)
            else:
                found.append(Decision(part.title, part.line, rejected))
    return tuple(found)


def _decided(part: Part) -> Iterator[Decision]:
    """Rows, items, or else paragraphs."""
    rows = [one for node in part.nodes if isinstance(node, Table) for one in _rows(node)]
    entries = [_decision(item) for item in items(part) if residue.says(item.prose.text)]
    yield from rows
    yield from entries
    if not rows and not entries:
        yield from (Decision(text, line) for text, line in listed(part))


def _rows(table: Table) -> Iterator[Decision]:
    rejected = [bool(_ALTERNATIVES.search(cell.text)) for cell in table.header]
    for row in table.rows:
        told, others = (_cells(row, rejected, wanted) for wanted in (False, True))
        if told:
            yield Decision(one_line(" \u2013 ".join(told)), row[0].line, others)


def _cells(row: Sequence[Prose], rejected: Sequence[bool], wanted: bool) -> tuple[str, ...]:  # noqa: FBT001
    cells = zip(row, rejected, strict=True)
    return tuple(cell.text for cell, one in cells if one is wanted and residue.says(cell.text))


def _decision(item: Item) -> Decision:
    """An item; what stands below it under that name are its alternatives."""
    told, others = [one_line(item.prose.text)], list[str]()
    for child in item.children:
        if isinstance(child, Item) and _ALTERNATIVES.search(child.prose.text[:_MAX_LABEL]):
            others += _alternatives(child)
        else:
            told += _all(child)
    return Decision(" ".join(told), item.line, tuple(others))


def _alternatives(item: Item) -> Iterator[str]:
    label, colon, value = item.prose.text.partition(":")
    is_label = colon and _ALTERNATIVES.search(label)
    if text := one_line(value if is_label else item.prose.text):
        yield text
    for child in item.children:
        yield from _all(child)


def _all(node: Node) -> list[str]:
    return [whole(node)] if isinstance(node, Item) else [one_line(t) for t, _ in texts([node])]
