"""Blocks of HTML within Markdown as pieces of text: headings, list items, rows of tables, the rest.

No HTML parser: tags that nobody closed, or opened, change nothing but where a piece ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

from gatekeeper.learning.prose import Link, Prose

Kind = Literal["text", "heading", "item", "row"]

_TAG = re.compile(r"<!--.*?(?:-->|$)|<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>", re.DOTALL)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = frozenset({"b", "strong"})
_LISTS = frozenset({"ul", "ol"})
# Text goes on in front of and behind any other tag.
_BLOCKS = frozenset(
    {
        *("p", "div", "br", "hr", "summary", "details", "section", "blockquote", "table", "tbody"),
        *(
            "thead",
            "pre",
            "dl",
            "dt",
            "dd",
            "center",
            "article",
            "li",
            "tr",
            "td",
            "th",
            "ul",
            "ol",
        ),
        *_HEADINGS,
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading of a `level`, an item of a list at a depth, a row, or other text."""

    kind: Kind
    prose: Prose
    level: int = 0
    cells: tuple[Prose, ...] = ()


@dataclass(slots=True)
class _Open:
    """What has been read of a piece; `bold` is the bold text in front of it."""

    kind: Kind = "text"
    level: int = 0
    line: int = 0
    parts: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    bold: str = ""

    def add(self, text: str, line: int) -> None:
        if text.strip() and not self.said():
            blank = len(text) - len(text.lstrip())
            self.line = line + text.count("\n", 0, blank)
        self.parts.append(text)

    def said(self) -> str:
        return " ".join(unescape("".join(self.parts)).split())

    def prose(self) -> Prose:
        text = self.said()
        return Prose(text, text, self.line, self.bold.rstrip(":： "), tuple(self.links))


def pieces(source: str, line: int) -> Iterator[Piece]:
    """What a block of HTML shows, in order; comments show nothing."""
    return _Reader(line).read(source)


class _Reader:
    """Goes once over a block; `depth` counts the open lists, `cells` are those of a row."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.depth = 0
        self.open = _Open(line=line)
        self.cells: list[Prose] | None = None

    def read(self, source: str) -> Iterator[Piece]:
        at = 0
        for tag in _TAG.finditer(source):
            self.text(source[at : tag.start()])
            if tag[2]:
                yield from self.tag(tag[2].lower(), tag[3], closes=bool(tag[1]))
            self.line += tag[0].count("\n")
            at = tag.end()
        self.text(source[at:])
        yield from self.row()
        yield from self.close()

    def text(self, text: str) -> None:
        self.open.add(text, self.line)
        self.line += text.count("\n")

    def tag(self, name: str, attributes: str, *, closes: bool) -> Iterator[Piece]:
        if name in _BLOCKS:
            yield from self.block(name, closes=closes)
        elif name in _BOLD:
            self.bold(closes=closes)
        elif name == "a" and not closes and (href := _HREF.search(attributes)):
            self.open.links.append(Link("", "".join(filter(None, href.groups()))))

    def bold(self, *, closes: bool) -> None:
        """Bold text in front of a piece is its lead; a space says that other text is."""
        said = self.open.said()
        if not self.open.bold and said:
            self.open.bold = said if closes else " "

    def block(self, name: str, *, closes: bool) -> Iterator[Piece]:
        if name in {"td", "th"}:
            self.cell(closes=closes)
        elif self.cells is not None and name not in {"tr", "table"}:
            self.open.add(" ", self.line)  # a cell may hold paragraphs and lists
        else:
            yield from self.row()
            yield from self.close()
            self.begin(name, closes=closes)

    def begin(self, name: str, *, closes: bool) -> None:
        if name in _LISTS:
            self.depth = max(0, self.depth + (-1 if closes else 1))
        elif closes:
            return
        elif name == "tr":
            self.cells = []
        elif name == "li":
            self.open = _Open("item", max(1, self.depth), self.line)
        elif name in _HEADINGS:
            self.open = _Open("heading", _HEADINGS[name], self.line)

    def cell(self, *, closes: bool) -> None:
        if closes and self.cells is not None:
            self.cells.append(self.open.prose())
        self.open = _Open(line=self.line)

    def row(self) -> Iterator[Piece]:
        if self.cells is not None and self.open.said():
            self.cells.append(self.open.prose())
        if self.cells:
            yield Piece("row", self.cells[0], cells=tuple(self.cells))
        if self.cells is not None:
            self.cells = None
            self.open = _Open(line=self.line)

    def close(self) -> Iterator[Piece]:
        prose = self.open.prose()
        if prose.text:
            yield Piece(self.open.kind, prose, self.open.level)
        self.open = _Open(line=self.line)
