"""The parts of a report by what they hold: its sections, and what it labels in lines and tables.

`## Impact`, `- **Impact**: slow pages`, `**Impact:** slow pages` and a row `| Impact | slow |` all
become a part of the role `impact`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatekeeper.learning import dates, headings, labels, residue
from gatekeeper.learning.headings import Role
from gatekeeper.learning.labels import Field
from gatekeeper.learning.outline import (
    Code,
    Html,
    Item,
    Node,
    Outline,
    Paragraph,
    Prose,
    Quote,
    Section,
    Table,
)

# What stands in these is theirs: an entry `Impact: ...` of a timeline is an entry.
_OPAQUE = frozenset({"timeline", "action-items", "decisions", "rejected", "method"})
_LABEL = re.compile(r"[\W_]{0,8}([^\n:\uff1a|]{1,60}?)\s*[:\uff1a]\s*")
# Cells of a row that is made of labels and values.
_MAX_LABELLED = 4
_MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class Written:
    """A value and the line where it stands."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Part:
    """A section or a labelled value.

    `text` is what follows the label in its line, `nodes` and `sections` what stands below.
    """

    title: str
    line: int
    role: Role | None
    field: Field | None
    text: str = ""
    nodes: tuple[Node, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def value(self) -> str:
        """What is said, in one line: the text, or the first line below; "" for a placeholder."""
        return next((text for text, _ in lines_of(self) if residue.says(text)), "")


def of(outline: Outline) -> tuple[Part, ...]:
    """All parts of a report, in its order."""
    found = list(_labelled(outline.nodes))
    _collect(outline.sections, found, within=None)
    return tuple(found)


def _collect(sections: Iterable[Section], found: list[Part], within: Role | None) -> None:
    for section in sections:
        part = _part(section, within)
        found.append(part)
        role = part.role or within
        if role not in _OPAQUE:
            found += _labelled(section.nodes)
        _collect(section.sections, found, role)


def _part(section: Section, within: Role | None) -> Part:
    title = section.title.text
    role = headings.role(title)
    if within == "timeline" and role and (section.label or dates.clock(title)):
        role = None
    return Part(title, section.line, role, labels.field(title), "", section.nodes, section.sections)


def is_own(section: Section, within: Role | None) -> bool:
    """Whether a section below another belongs to it: it has no role of its own."""
    return _part(section, within).role in {None, within}


def _labelled(nodes: Iterable[Node]) -> Iterator[Part]:
    for node in nodes:
        if isinstance(node, Paragraph):
            yield from _lines(node.prose)
        elif isinstance(node, Item):
            yield from _item(node)
        elif isinstance(node, Table):
            yield from _table(node)
        elif isinstance(node, Quote):
            yield from _labelled(node.nodes)


def _lines(prose: Prose) -> Iterator[Part]:
    """`Label: value`, one per line; what follows an unlabelled line belongs to no label."""
    for number, line in enumerate(prose.text.split("\n")):
        label, value = _split(line, prose.lead if number == 0 else "") or ("", "")
        if part := _known(label, value, prose.line + number):
            yield part


def _item(item: Item) -> Iterator[Part]:
    text, _, rest = item.prose.text.partition("\n")
    label, value = _split(text, item.prose.lead) or (text if item.children else "", "")
    if part := _known(label, f"{value}\n{rest}".strip(), item.line, item.children):
        yield part
    else:
        yield from _labelled(child for child in item.children if isinstance(child, Item))


def _known(label: str, value: str, line: int, nodes: tuple[Node, ...] = ()) -> Part | None:
    """A labelled part, if the label is known."""
    if not label or len(label) > _MAX_LABEL:
        return None
    role, field = headings.role(label), labels.field(label)
    return Part(label, line, role, field, value, nodes) if role or field else None


def _split(line: str, lead: str) -> tuple[str, str] | None:
    """A label and its value."""
    if lead and line.startswith(lead):
        return lead.strip(), line[len(lead) :].lstrip(" :\uff1a-\u2013\u2014\t").strip()
    match = _LABEL.match(line)
    return (match[1], line[match.end() :].strip()) if match else None


def _table(table: Table) -> Iterator[Part]:
    """Pairs in most rows (`| Severity | P1 |`), or one row of values below their labels."""
    header = [labels.field(cell.text) for cell in table.header]
    if len(table.rows) == 1 and sum(map(bool, header)) > 1:
        yield from _pairs(zip(table.header, table.rows[0], strict=True))
        return
    if len(table.header) > _MAX_LABELLED:
        return
    rows = [list(_pairs(zip(row[::2], row[1::2], strict=False))) for row in table.rows]
    if sum(map(bool, rows)) * 2 >= len(rows):
        yield from _pairs(zip(table.header[::2], table.header[1::2], strict=False))
        yield from (part for row in rows for part in row)


def _pairs(cells: Iterable[tuple[Prose, Prose]]) -> Iterator[Part]:
    for label, value in cells:
        part = _known(label.text.strip(" :\uff1a"), value.text, label.line)
        if part and value.text and not labels.field(value.text):
            yield part


def lines_of(part: Part) -> Iterator[tuple[str, int]]:
    """What a part says, one text per paragraph, item, row or code; sections of its own included."""
    if part.text:
        yield part.text, part.line
    yield from texts(part.nodes)
    for section in _own(part):
        below = list(texts(section.nodes))
        if any(residue.says(text) for text, _ in below):
            yield section.title.text, section.line
            yield from below


def _own(part: Part) -> Iterator[Section]:
    """The sections below a part that have no other role, at any depth."""
    for section in part.sections:
        if is_own(section, part.role):
            yield from (inner for inner in section.walk() if is_own(inner, part.role))


def texts(nodes: Iterable[Node]) -> Iterator[tuple[str, int]]:
    """The texts of nodes, nested ones after what they stand in."""
    for node in nodes:
        if isinstance(node, Paragraph):
            yield node.prose.text, node.line
        elif isinstance(node, Item):
            yield node.prose.text, node.line
            yield from texts(node.children)
        elif isinstance(node, Table):
            for row in node.rows:
                yield " | ".join(cell.text for cell in row if cell.text), row[0].line
        elif isinstance(node, (Code, Html)):
            yield node.text.strip(), node.line
        else:
            yield from texts(node.nodes)


def said(part: Part) -> str | None:
    """All that a part says of the incident, a line per text, or None."""
    found = [text for text, _ in lines_of(part) if residue.says(text)]
    return "\n".join(found) or None


def items(part: Part) -> Iterator[Item]:
    """The list items of a part, at the first depth, in its own sections too."""
    yield from (node for node in part.nodes if isinstance(node, Item))
    for section in _own(part):
        yield from (node for node in section.nodes if isinstance(node, Item))


def one_line(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split())


def whole(item: Item) -> str:
    """An item with all that stands below it, in one line."""
    return one_line(" ".join(text for text, _ in texts([item])))
