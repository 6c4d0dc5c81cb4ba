"""The headings of a report, with how much stands below each and what the template left there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatekeeper.learning import headings as vocabulary
from gatekeeper.learning import residue
from gatekeeper.learning.outline import Item, Node, Outline, Paragraph, Prose, Quote, Section, Table
from gatekeeper.learning.parts import texts
from gatekeeper.learning.postmortem import Heading


def headings(outline: Outline) -> Iterator[Heading]:
    """Each heading, and each label that heads a part of the report, in its order."""
    for section in outline.sections:
        yield from _section(section)[1]


def _section(section: Section) -> tuple[int, list[Heading]]:
    """The words below a heading, and the headings from there on."""
    words = sum(text.count(" ") + 1 for text, _ in texts(section.nodes))
    below: list[Heading] = []
    for inner in section.sections:
        count, found = _section(inner)
        words += count + (inner.title.text.count(" ") + 1 if inner.label else 0)
        below += found
    if section.label and vocabulary.role(section.title.text) is None:
        return words, below
    title = section.title
    told = (title, *_prose(section.nodes))
    left = 0
    if residue.is_left("\n".join([prose.text for prose in told])):
        left = sum(residue.count(prose.text, prose.raw) for prose in told)
    left += sum(map(_instructs, section.nodes))
    return words, [Heading(title.text, section.level, section.line, words, left), *below]


def _prose(nodes: Iterable[Node]) -> Iterator[Prose]:
    for node in nodes:
        if isinstance(node, Paragraph):
            yield node.prose
        elif isinstance(node, Item):
            yield node.prose
            yield from _prose(node.children)
        elif isinstance(node, Table):
            yield from (cell for row in node.rows for cell in row)
        elif isinstance(node, Quote):
            yield from _prose(node.nodes)


def _instructs(node: Node) -> bool:
    """Whether a paragraph tells what to write; a question may be the report's own heading."""
    if not isinstance(node, Paragraph) or node.prose.text.rstrip().endswith("?"):
        return False
    return residue.is_instruction(node.prose.text)
