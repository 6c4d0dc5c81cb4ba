"""Paragraphs as action items, in a section that is about them.

A paragraph with lines that start like bullets is a list. Else it is one item where the section has
neither list nor table; where each of its lines is a sentence, each line is one. A bold name in
front makes it one beside a list, too. What introduces a list is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gatekeeper.learning.items import owners
from gatekeeper.learning.items.candidate import Candidate, Group
from gatekeeper.learning.items.verbs import starts_with_verb
from gatekeeper.learning.outline import Prose

_BULLET = re.compile(
    r"\s*(?:[・•‣◦●○◎▪►▶→]|[①-⑳]|[(（]?\d{1,2}[)）、.．]|[-–—*]\s|\[[ xX]?\]|☐|☑|✅|⬜)\s*\S"
)
_MAX_INTRODUCTION = 200
_INTRODUCES = re.compile(
    r"(?:the|these|this|here|below|we|following|our|based on|as a result|in order|all)\b.{0,80}"
    r"\b(?:following|below|listed|action items)\b"
    r"|.{0,80}\b(?:these|here|below|following) (?:are|is)\b"
    r"|(?:these |the |all )?(?:action items?|actions|items|tasks|follow[- ]?ups?|list)\b.{0,40}"
    r"\b(?:should|must|are|is|will|can|need|that|of|to)\b"
    r"|(?:list|describe|add|include|document|note|what|how|which|who|when|why)\b.{0,60}"
    r"\b(?:action items?|actions|follow[- ]?ups?)\b"
    r"|(?:see|tracked|moved|refer|details)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?。！？)\]]\s*$|[A-Z]{2,}\s*$")
_MIN_WORDS = 3


def in_paragraph(prose: Prose, group: Group, *, listed: bool) -> Iterator[Candidate]:
    """What a paragraph holds; `listed`: lists or tables stand beside it."""
    lines = prose.text.split("\n")
    bullets = [_BULLET.match(line) is not None for line in lines]
    if bullets[0]:
        yield from (Candidate(part, group) for part in _parts(prose, bullets))
    elif owner := _bold_owner(prose):
        yield Candidate(_without_lead(prose), replace(group, owner=owner))
    elif not listed and not introduces(prose.text):
        yield from _sentences(prose, lines, group)


def behind_lead(prose: Prose) -> Iterator[Candidate]:
    """What stands behind a bold heading on the same line: `**Next steps:** add an alert`."""
    rest = _without_lead(prose)
    if rest.text and not introduces(rest.text):
        yield Candidate(rest, structured=False)


def introduces(text: str) -> bool:
    """Whether a text only says that something follows."""
    if text.rstrip().endswith((":", "：")):
        return True
    return len(text) <= _MAX_INTRODUCTION and _INTRODUCES.match(text) is not None


def _bold_owner(prose: Prose) -> str | None:
    said = len(prose.text) > len(prose.lead) + _MIN_WORDS
    return owners.named_in(prose.lead) if prose.lead and said else None


def _without_lead(prose: Prose) -> Prose:
    return replace(prose, text=prose.text[len(prose.lead) :].lstrip(" :：-–—"))


def _one_per_line(lines: list[str]) -> bool:
    """Whether each line is a sentence of its own, and not a part of a wrapped text."""
    return len(lines) > 1 and all(
        line[:1].isupper() and len(line.split()) >= _MIN_WORDS and _SENTENCE_END.search(line)
        for line in lines
    )


def _plain(parts: Iterable[Prose], group: Group) -> Iterator[Candidate]:
    return (Candidate(part, group, structured=False) for part in parts)


def _broken(prose: Prose) -> bool:
    """Whether each line but the last ends in a line break that was meant."""
    raw = prose.raw.split("\n")
    return len(raw) > 1 and all(line.endswith(("  ", "\\")) for line in raw[:-1])


def _all_tasks(lines: list[str]) -> bool:
    """Whether each line starts with what somebody does, and with a capital letter."""
    return len(lines) > 1 and all(line[:1].isupper() and starts_with_verb(line) for line in lines)


def _sentences(prose: Prose, lines: list[str], group: Group) -> Iterator[Candidate]:
    """One item, or one for each line."""
    if _one_per_line(lines) or _broken(prose) or _all_tasks(lines):
        yield from _plain(_parts(prose, [True] * len(lines)), group)
        return
    yield Candidate(prose, group, structured=False)


def _parts(prose: Prose, starts: list[bool]) -> Iterator[Prose]:
    """The lines of a paragraph as prose of their own, each with those that go on with it."""
    raw = prose.raw.split("\n")
    text = prose.text.split("\n")
    bounds = [n for n, start in enumerate(starts) if start]
    for start, end in zip(bounds, [*bounds[1:], len(text)], strict=True):
        said = "\n".join(text[start:end])
        source = "\n".join(raw[start:end])
        links = tuple(link for link in prose.links if link.text in said and link.target in source)
        yield Prose(said, source, prose.line + start, "", links)
