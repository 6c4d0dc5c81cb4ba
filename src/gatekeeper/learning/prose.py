"""Text of a Markdown document without markup: emphasis, code and links taken out, links kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.adapters import markdown

if TYPE_CHECKING:
    from markdown_it.token import Token

# A longer line is prose that is read without markup: emphasis in it may take quadratic time.
_MAX_INLINE = 20_000
_COLONS = ":： "
# Each alternative below starts with its sign, and then looks back: Python searches fast for that.
# An underscore within a word is none.
_MARKUP = re.compile(r"[\\`*\[\]<&!_](?:(?<!_)|(?<!\w_)|(?!\w))")
# Bold text, code and links without anything inside that could be read otherwise, and line ends.
_PLAIN_MARKUP = re.compile(
    r"\*(?<![\w*]\*)\*(?P<bold>(?!\s)[^\\`*_\[\]<&!\n]+(?<!\s))\*\*(?![\w*])"
    r"|`(?<!``)(?P<code>[^\s`](?:[^`\n]*[^\s`])?)`(?!`)"
    r"|\[(?P<link>[^\\`*_\[\]<&!\n]+)\]\((?P<target>[^\\`*_\[\]()<>&\s]*)\)"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is written as one; bare addresses stand in the text."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class Prose:
    r"""Text without markup, its lines apart by `\n`; `raw` is its source.

    `lead` is the bold text it starts with, without a colon, or "".
    """

    text: str
    raw: str
    line: int
    lead: str = ""
    links: tuple[Link, ...] = ()


def read(source: str, line: int, inline: Callable[[str], list[Token]]) -> Prose:
    """What inline source says; `inline` is the parser of what a short cut cannot read."""
    if len(source) > _MAX_INLINE or not _MARKUP.search(source):
        return Prose(_stripped(source), source, line)
    return _simple(source, line) or _parsed(inline(source), source, line)


def _simple(source: str, line: int) -> Prose | None:
    """What a text says whose only markup is plain: most of the time of parsing goes into these."""
    between: list[str] = []
    shown: list[str] = []
    links: list[Link] = []
    lead, at = "", 0
    for found in _PLAIN_MARKUP.finditer(source):
        start, end = found.span()
        bold, code, text, target = found.groups()
        if text:
            links.append(Link(text, target))
        elif bold and not start:
            lead = bold.rstrip(_COLONS)
        between.append(source[at:start])
        shown += source[at:start], bold or code or text
        at = end
    rest = source[at:]
    if _MARKUP.search("".join(between) + rest):
        return None
    return Prose(_stripped("".join(shown) + rest), source, line, lead, tuple(links))


def _stripped(text: str) -> str:
    return "\n".join(map(str.strip, text.split("\n"))) if "\n" in text else text.strip()


def _parsed(tokens: list[Token], source: str, line: int) -> Prose:
    """What inline tokens say."""
    text = "".join(map(_shown, tokens)).strip()
    links = tuple(
        Link(shown, str(opening.attrs.get("href", "")))
        for opening, shown in _between(tokens, "link_open", "link_close")
    )
    bold = next(_between(tokens, "strong_open", "strong_close"), None)
    lead = bold[1] if bold and text.startswith(bold[1]) and _starts_bold(tokens) else ""
    return Prose(text, source, line, lead.strip().rstrip(_COLONS), links)


def _shown(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    if token.type == "html_inline":
        return markdown.visible(token.content).strip(" " + markdown.IMAGE)
    return "" if token.type == "image" else token.content


def _between(tokens: list[Token], opening: str, closing: str) -> Iterator[tuple[Token, str]]:
    """Each token of a type that opens, and what is shown up to the one that closes."""
    opened: Token | None = None
    start = 0
    for at, token in enumerate(tokens):
        if token.type == opening:
            opened, start = token, at
        elif token.type == closing and opened:
            yield opened, "".join(map(_shown, tokens[start:at]))
            opened = None


def _starts_bold(tokens: list[Token]) -> bool:
    """Whether nothing is shown in front of the first bold text."""
    for token in tokens:
        if token.type == "strong_open":
            return True
        if _shown(token):
            return False
    return False
