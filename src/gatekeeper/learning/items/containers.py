"""What may be an action item, in a section that is about them: lists, tables, paragraphs, headings.

* A list item is one, with what stands below it as detail; one that only names a topic heads those
  below it; one that only states a field belongs to the one before.
* A row of a table is one. A list of single words, each with its explanation, beside it is a legend.
* A paragraph may be one (`paragraphs`).
* A heading below is one where only prose and fields stand below it, if it has a number or says
  enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gatekeeper.learning.headings import words
from gatekeeper.learning.items import owners, table, titles
from gatekeeper.learning.items.candidate import Candidate, Group
from gatekeeper.learning.items.paragraphs import in_paragraph
from gatekeeper.learning.items.stated import is_field
from gatekeeper.learning.outline import Item, Node, Paragraph, Prose, Quote, Section, Table

_LEGEND_WORDS = 2


def candidates(section: Section) -> list[Candidate]:
    """All that a section about action items holds."""
    found: list[Candidate] = []
    _section(section, titles.group(section, Group()), found)
    return found


def below(item: Item) -> list[Candidate]:
    """What stands below a list item that acts as the heading."""
    found: list[Candidate] = []
    _nodes(item.children, Group(), found, listed=any(map(_is_listed, item.children)))
    return found


def _section(section: Section, group: Group, found: list[Candidate]) -> None:
    _nodes(section.nodes, group, found, listed=any(map(_is_listed, _told(section))))
    owned = any(owners.is_team(part.title.text) for part in section.sections)
    for part in section.sections:
        if titles.is_elsewhere(part):
            continue
        if _is_item(part):
            details = tuple(_prose(_told(part)))
            found.append(Candidate(part.title, group, details=details, structured=False))
        else:
            _section(part, titles.group(part, group, owned=owned), found)


def _told(section: Section) -> Iterator[Node]:
    """All that stands in a section and below."""
    return (node for part in section.walk() for node in part.nodes)


def _is_item(section: Section) -> bool:
    """Whether a heading below the heading of action items is one itself."""
    title = section.title.text
    numbered = titles.is_numbered(title)
    if titles.names_group(title) or (section.label and not numbered):
        return False
    lists = list(filter(_is_listed, _told(section)))
    if any(map(_states_field, section.nodes)):
        return True
    if numbered and lists:
        return len(words(title)) > titles.TOPIC_WORDS
    return numbered or (not lists and titles.is_told(title))


def _is_listed(node: Node) -> bool:
    return isinstance(node, Item | Table)


def _is_field(node: Node) -> bool:
    """Whether a line only states a field: `Owner: Ana`."""
    return isinstance(node, Item) and node.checked is None and is_field(node.prose.text)


def _nodes(nodes: Iterable[Node], group: Group, found: list[Candidate], *, listed: bool) -> None:
    """Add what nodes hold; lines that only state a field go to the item before."""
    nodes = tuple(nodes)
    first = len(found)
    legend = any(isinstance(node, Table) for node in nodes)
    for node in nodes:
        if len(found) > first and _states_field(node):
            last = found[-1]
            found[-1] = replace(last, details=(*last.details, *_prose([node])))
        elif not (legend and _explains(node)):
            _node(node, group, found, listed=listed)


def _states_field(node: Node) -> bool:
    return _is_field(node) or (isinstance(node, Paragraph) and is_field(node.prose.text))


def _node(node: Node, group: Group, found: list[Candidate], *, listed: bool) -> None:
    if isinstance(node, Item):
        _item(node, group, found)
    elif isinstance(node, Table):
        found += table.rows(node, group)
    elif isinstance(node, Paragraph):
        found += in_paragraph(node.prose, group, listed=listed)
    elif isinstance(node, Quote):
        _nodes(filter(_is_listed, node.nodes), group, found, listed=True)


def _explains(node: Node) -> bool:
    """`**Prevent**: what keeps it from coming back`: a legend, beside a table."""
    if not isinstance(node, Item) or node.checked is not None:
        return False
    return 0 < len(words(node.prose.lead)) <= _LEGEND_WORDS


def _item(item: Item, group: Group, found: list[Candidate]) -> None:
    inner = [child for child in item.children if _is_listed(child) and not _is_field(child)]
    if not item.prose.text:
        _nodes(item.children, group, found, listed=bool(inner))
    elif inner and titles.is_topic(item):
        _nodes(inner, titles.group_of_item(item, group), found, listed=True)
    else:
        details = tuple(_prose(item.children))
        found.append(Candidate(item.prose, group, item.checked, details))


def _prose(nodes: Iterable[Node]) -> Iterator[Prose]:
    """All prose in nodes and below."""
    for node in nodes:
        if isinstance(node, Paragraph | Item):
            yield node.prose
        if isinstance(node, Item):
            yield from _prose(node.children)
