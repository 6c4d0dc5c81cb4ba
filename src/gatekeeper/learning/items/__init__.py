"""The action items of a post-mortem.

They stand in the sections that are headed so (`headings.role`), in whatever container
(`containers`, `table`, `paragraphs`); where there is no such section, or it holds none, in sections
about prevention, and in tables that say by their columns that they list action items; else in the
front matter. A template that nobody has filled in has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from gatekeeper.learning.headings import Role, exact_role, role, words
from gatekeeper.learning.items import table
from gatekeeper.learning.items.candidate import Candidate, Group
from gatekeeper.learning.items.containers import below, candidates
from gatekeeper.learning.items.due import Calendar
from gatekeeper.learning.items.fields import item
from gatekeeper.learning.items.frontmatter import in_front_matter
from gatekeeper.learning.items.numbering import numbered
from gatekeeper.learning.items.paragraphs import behind_lead
from gatekeeper.learning.items.placeholders import is_form
from gatekeeper.learning.outline import COLON_LABEL, Item, Node, Outline, Paragraph, Section, Table
from gatekeeper.learning.postmortem import ActionItem

_MAX_LABEL = 80
_MAX_COLON_WORDS = 4


def action_items(
    outline: Outline, year: int | None = None, *, day_first: bool | None = None
) -> tuple[ActionItem, ...]:
    """The action items in the order of the document, each with an id of its own.

    `year` is that of due dates without one, `day_first` the order of numeric dates, where known.
    """
    calendar = Calendar(year, day_first)
    for surest, beside in _searches(outline):
        if items := _read(surest, calendar):
            items += _read(beside, calendar)
            return numbered(sorted(items, key=lambda one: one.line))
    return ()


def _read(found: Iterable[Candidate], calendar: Calendar) -> list[ActionItem]:
    return [one for candidate in found if (one := item(candidate, calendar))]


def _searches(outline: Outline) -> Iterator[tuple[list[Candidate], list[Candidate]]]:
    """Where action items are, the surest places first, each with what counts beside them.

    Beside an explicit section only the lists and tables about prevention count. The title of a
    report heads its items last.
    """
    first = next(iter(outline.sections), None)
    if first and is_form(first.title.text):
        return
    title = first if first and first.level == 1 else None
    headed = _headed(outline, title)
    explicit, prevention = headed["action-items"], headed["prevention"]
    yield explicit, [candidate for candidate in prevention if candidate.structured]
    yield prevention + _in_tables(outline, prevention), []
    yield in_front_matter(outline.front_matter), []
    if title:
        yield from ((found, []) for found in _headed(outline, None).values())


_Headed = dict[Role | None, list[Candidate]]


def _headed(outline: Outline, title: Section | None) -> _Headed:
    """What sections, list items and bold words head, by their role; the title heads nothing."""
    found: _Headed = {"action-items": [], "prevention": []}
    _labelled(outline.nodes, found)
    for section in outline.sections:
        _in_section(section, title, found)
    return found


def _in_section(section: Section, title: Section | None, found: _Headed) -> None:
    heads = None if section is title else _role(section)
    if heads in found:
        found[heads] += candidates(section)
        return
    _labelled(section.nodes, found)
    for part in section.sections:
        _in_section(part, title, found)


def _role(section: Section) -> Role | None:
    """The role of a section; a line that ends in a colon may as well be a sentence."""
    if section.level == COLON_LABEL and len(words(section.title.text)) > _MAX_COLON_WORDS:
        return None
    return role(section.title.text)


def _labelled(nodes: Iterable[Node], found: _Headed) -> None:
    """Add what list items and paragraphs hold that start with a heading."""
    for node in nodes:
        if isinstance(node, Item) and node.children:
            text = node.prose.text
            heads = role(text) if len(text) <= _MAX_LABEL else None
            if heads in found:
                found[heads] += below(node)
            else:
                _labelled(node.children, found)
        if isinstance(node, Item | Paragraph) and node.prose.lead:
            heads = exact_role(node.prose.lead)
            if heads in found:
                found[heads] += behind_lead(node.prose)


def _in_tables(outline: Outline, known: Iterable[Candidate]) -> list[Candidate]:
    """The rows of tables that say what they are, but for those that are known."""
    lines = {candidate.prose.line for candidate in known}
    parts = (outline.nodes, *(section.nodes for section in outline.walk()))
    tables = [node for node in chain(*parts) if isinstance(node, Table)]
    rows = chain(*(table.rows(one, Group()) for one in tables if table.is_about_actions(one)))
    return [candidate for candidate in rows if candidate.prose.line not in lines]
