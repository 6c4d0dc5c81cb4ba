"""A Markdown document as a tree of sections, without markup, each part with its line.

Sections nest by the level of their headings. Two kinds of lines act as headings below the sixth
level, and are told by `label`: a line in bold only (level 7) and a short line of its own that ends
in a colon (level 8). Text that is written into a heading by accident (a whole sentence underlined
with `---`) stays a paragraph; a heading inside a quotation or a list item is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from gatekeeper.adapters import markdown
from gatekeeper.adapters.markdown import FrontMatter
from gatekeeper.learning import html
from gatekeeper.learning.headings import exact_role
from gatekeeper.learning.prose import Prose
from gatekeeper.learning.prose import read as read_prose

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = [
    "BOLD_LABEL",
    "COLON_LABEL",
    "Code",
    "Html",
    "Item",
    "Node",
    "Outline",
    "Paragraph",
    "Prose",
    "Quote",
    "Section",
    "Table",
    "read",
]

BOLD_LABEL = 7
COLON_LABEL = 8
_MAX_HEADING = 150

_CHECKBOX = re.compile(r"(`?)\[([ xX*✓✔☑]?)\]\1(?![(\[:])[ \t]*")
# In bold, in HTML's bold, behind a sign.
_LABEL_LINE = re.compile(
    r"(?:([*_]{1,3})(?![\s*_])([^\n]{1,100}?)\1|<(b|strong)>[^<\n]{1,100}</\3>)"
    r"[ \t]*[:：]?[ \t]*(?:<br ?/?>|\\)?(?:\n|$)"
    r"|[■□◆◇▶▼●★][ \t\u3000]*[^\n]{1,60}(?:\n|$)|【[^\n】]{1,60}】[ \t]*(?:\n|$)"
)
# In front of a label within a paragraph.
_LABEL_BREAK = re.compile(
    r"\n(?=[■□◆◇▶▼●★【]|\*\*(?!\s)[^*\n]{1,80}\*\*[ \t]*[:：]?[ \t]*(?:\n|$))"
)
_COLON_LINE = re.compile(r"([^\n]{1,60})[:：][ \t]*(?:\n|$)")
# A time in front is an entry of a timeline, more than one sentence is prose.
_NO_LABEL = re.compile(r"^\W*\d|[.!?。！？](?:\s|$)")
_COLONS = ":： "
_NO_LABEL_END = frozenset(".!:：。")
_MAX_LABEL = 60
_LABEL_SIGNS = frozenset("*_<■□◆◇▶▼●★【")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose between empty lines."""

    prose: Prose

    @property
    def line(self) -> int:
        """Where it starts."""
        return self.prose.line


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, at `depth` 1 or deeper; its first paragraph is `prose`.

    `number` is None in a bullet list, `checked` None without a checkbox.
    """

    prose: Prose
    depth: int
    number: int | None = None
    checked: bool | None = None
    children: tuple[Node, ...] = ()

    @property
    def line(self) -> int:
        """Where it starts."""
        return self.prose.line


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has as many cells as the header."""

    header: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Code:
    """A code block, indented or fenced; `info` is the word after the fence."""

    text: str
    info: str
    line: int


@dataclass(frozen=True, slots=True)
class Html:
    """The visible text of a block of HTML."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation."""

    nodes: tuple[Node, ...]
    line: int


Node = Paragraph | Item | Table | Code | Html | Quote


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what stands below it before the next one, and the sections below it."""

    title: Prose
    level: int
    nodes: tuple[Node, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def line(self) -> int:
        """Where the heading stands."""
        return self.title.line

    @property
    def label(self) -> bool:
        """Whether a line of text acts as the heading."""
        return self.level >= BOLD_LABEL

    def walk(self) -> Iterator[Section]:
        """The section and all below it, in the order of the document."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True)
class Outline:
    """A document; `nodes` stand before its first heading."""

    front_matter: FrontMatter
    nodes: tuple[Node, ...]
    sections: tuple[Section, ...]

    def walk(self) -> Iterator[Section]:
        """All sections, in the order of the document."""
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True)
class _Heading:
    title: Prose
    level: int


def read(text: str) -> Outline:
    """Read a document of any content; its size is the caller's to bound.

    Raises adapters.utf8.NotText where blocks are nested so deep that some would be lost.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front_matter, body = markdown.split_front_matter(text)
    tokens, inline = markdown.blocks(body)
    parts = _Reader(tokens, inline).parts()
    nodes, sections = _nested(parts)
    return Outline(front_matter, nodes, sections)


@dataclass(slots=True)
class _Open:
    """A section that is being filled."""

    title: Prose
    level: int
    nodes: list[Node] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def close(self) -> Section:
        return Section(self.title, self.level, tuple(self.nodes), tuple(self.sections))


def _nested(parts: Iterable[Node | _Heading]) -> tuple[tuple[Node, ...], tuple[Section, ...]]:
    """What stands before the first heading, and the tree of sections."""
    stack = [_Open(Prose("", "", 0), 0)]

    def close_to(level: int) -> None:
        while stack[-1].level >= level:
            section = stack.pop().close()
            stack[-1].sections.append(section)

    for part in parts:
        if isinstance(part, _Heading):
            close_to(part.level)
            stack.append(_Open(part.title, part.level))
        else:
            stack[-1].nodes.append(part)
    close_to(1)
    return tuple(stack[0].nodes), tuple(stack[0].sections)


class _Reader:
    """Goes once over the tokens of a document; `at` is the next one."""

    def __init__(self, tokens: list[Token], inline: Callable[[str], list[Token]]) -> None:
        self.tokens = tokens
        self.inline = inline
        self.at = 0
        self.depth = 0

    def parts(self) -> list[Node | _Heading]:
        """Headings and nodes from here to the end of the block that is open."""
        parts: list[Node | _Heading] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.nesting < 0:
                break
            self.part(token, parts)
        return parts

    def part(self, token: Token, parts: list[Node | _Heading]) -> None:
        kind = token.type
        if kind == "paragraph_open":
            self.paragraph(parts)
        elif kind in {"bullet_list_open", "ordered_list_open"}:
            self.list(parts)
        elif kind == "heading_open":
            self.heading(token, parts)
        elif kind == "table_open":
            parts.append(self.table(_line(token)))
        elif kind == "blockquote_open":
            parts.append(Quote(tuple(_plain(self.parts())), _line(token)))
        elif kind in {"fence", "code_block"}:
            parts.append(Code(token.content, token.info.strip(), _line(token)))
        elif kind == "html_block":
            parts += _html(token.content, _line(token))

    def enclosed(self) -> Token:
        """The inline token of a paragraph, heading or cell, whose end is passed over."""
        token = self.tokens[self.at]
        self.at += 2
        return token

    def paragraph(self, parts: list[Node | _Heading]) -> None:
        token = self.enclosed()
        line = _line(token)
        if self.depth or token.level != 1:  # in a list or a quotation
            parts.append(Paragraph(self.prose(token.content, line)))
            return
        for source in _at_labels(token.content):
            parts += self.labelled(source, line)
            line += source.count("\n") + 1

    def labelled(self, source: str, line: int) -> Iterator[Node | _Heading]:
        """The label that a paragraph starts with, and what stands behind it."""
        if label := _label(source):
            level, end = label
            yield _Heading(self.prose(source[:end].rstrip("\\\n"), line), level)
            source, line = source[end:].lstrip(), line + source.count("\n", 0, end)
        if source:
            yield Paragraph(self.prose(source, line))

    def heading(self, opening: Token, parts: list[Node | _Heading]) -> None:
        token = self.enclosed()
        prose = self.prose(token.content, _line(token))
        if opening.markup in {"-", "="} and _is_sentence(prose.text):
            parts.append(Paragraph(prose))
        else:
            parts.append(_Heading(prose, int(opening.tag[1])))

    def list(self, parts: list[Node | _Heading]) -> None:
        self.depth += 1
        while (token := self.tokens[self.at]).type == "list_item_open":
            self.at += 1
            parts.append(self.item(token))
        self.at += 1
        self.depth -= 1

    def item(self, opening: Token) -> Item:
        line, number, depth = _line(opening), opening.info, self.depth
        checked, prose = None, None
        first = self.tokens[self.at]
        if first.type in {"paragraph_open", "heading_open"}:
            self.at += 1
            token = self.enclosed()
            checked, source = _checked(token.content)
            prose = self.prose(source, _line(token))
        children = tuple(_plain(self.parts()))
        prose = prose or Prose("", "", line)
        return Item(prose, depth, int(number) if number else None, checked, children)

    def table(self, line: int) -> Table:
        rows: list[list[Prose]] = []
        while (token := self.tokens[self.at]).type != "table_close":
            self.at += 1
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self.prose(token.content, _line(token)))
        self.at += 1
        return Table(tuple(rows[0]), tuple(map(tuple, rows[1:])), line)

    def prose(self, source: str, line: int) -> Prose:
        return read_prose(source, line, self.inline)


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _plain(parts: Iterable[Node | _Heading]) -> Iterator[Node]:
    """Headings where none can be are paragraphs."""
    for part in parts:
        yield Paragraph(part.title) if isinstance(part, _Heading) else part


def _is_sentence(text: str) -> bool:
    """Whether the text of an underlined heading was not meant as one."""
    return "\n" in text or len(text) > _MAX_HEADING


def _label(source: str) -> tuple[int, int] | None:
    """The level of the label that the first line of a paragraph is, and where it ends."""
    if source[:1] in _LABEL_SIGNS:
        bold = _LABEL_LINE.match(source)
        if bold and bold[1] and bold[1] in bold[2]:
            return None  # more than one piece of bold text
        return (BOLD_LABEL, bold.end()) if bold else None
    if headed := _plain_heading(source):
        return BOLD_LABEL, headed
    found = _COLON_LINE.match(source)
    return (COLON_LABEL, found.end()) if found and not _NO_LABEL.search(found[1]) else None


def _at_labels(source: str) -> list[str]:
    """A paragraph, cut in front of each line within that acts as a heading."""
    parts = _LABEL_BREAK.split(source)
    if ":\n" not in source and "：\n" not in source:
        return parts
    cut: list[list[str]] = []
    for part in parts:
        first, *lines = part.split("\n")
        cut.append([first])
        for line in lines:
            if _is_colon_heading(line):
                cut.append([])
            cut[-1].append(line)
    return ["\n".join(lines) for lines in cut]


def _is_colon_heading(line: str) -> bool:
    """Whether a line within a paragraph is a known heading and a colon."""
    bare = line.rstrip(_COLONS)
    return bare != line.rstrip() and len(line) < _MAX_LABEL and exact_role(bare) is not None


def _plain_heading(source: str) -> int:
    """Where the first line ends, if it is a heading that nobody marked as one."""
    line, _, _ = source[:_MAX_LABEL].partition("\n")
    if not line:
        return 0
    shaped = len(line) < _MAX_LABEL and not line[0].islower() and line[-1] not in _NO_LABEL_END
    return min(len(line) + 1, len(source)) if shaped and exact_role(line) else 0


def _checked(source: str) -> tuple[bool | None, str]:
    """The state of the checkbox in front of an item, and the source behind it."""
    box = _CHECKBOX.match(source)
    if not box:
        return None, source
    return bool(box[2].strip()), source[box.end() :]


def _html(source: str, line: int) -> Iterator[Node | _Heading]:
    """The headings of a block of HTML, its lists and tables, and the text between them."""
    for is_row, group in groupby(html.pieces(source, line), lambda piece: piece.kind == "row"):
        if is_row:
            yield _html_table([piece.cells for piece in group])
        else:
            yield from map(_html_node, group)


def _html_table(rows: list[tuple[Prose, ...]]) -> Table:
    """The first row is the header; the others are made as long."""
    header = rows[0]
    blank = Prose("", "", header[0].line)
    filled = ((*row, *[blank] * len(header))[: len(header)] for row in rows[1:])
    return Table(header, tuple(filled), header[0].line)


def _html_node(piece: html.Piece) -> Node | _Heading:
    prose = piece.prose
    if piece.kind == "heading":
        return _Heading(prose, piece.level)
    if piece.kind == "item":
        return Item(prose, piece.level)
    if prose.lead and prose.lead == prose.text.rstrip(_COLONS):
        return _Heading(prose, BOLD_LABEL)
    return Html(prose.text, prose.line)
