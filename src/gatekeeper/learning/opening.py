"""Title, day and severity of a report, wherever teams write them.

The day is the first one of the incident. Where a document contradicts itself, these speak before
each other: a label such as `Incident date`, the opening sentence (`Between March 2 and 4, ...`),
the title or a label `Date`, the first day of the timeline, the front matter, the file's name. A
title that neither the timeline nor the file's name bears out was copied.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice
from posixpath import basename, splitext

from gatekeeper.learning import dates, headings, residue
from gatekeeper.learning.headings import Role
from gatekeeper.learning.outline import Node, Outline, Paragraph, Prose, Quote, Section
from gatekeeper.learning.parts import Part, Written
from gatekeeper.learning.postmortem import Event

_PREFIX = re.compile(r"incident\s*[:\uff1a]\s*", re.IGNORECASE)
_GENERIC = re.compile(r"\W*(?:template for reports?|post-?mortem template)\W*", re.IGNORECASE)
_GRADE = r"(?:sev(?:erity)?|priority|prio|level|tier|class|s|p)[\s:#-]*\d(?!\d)|[1-5](?=\s|$|\W)"
_SEVERITY = re.compile(
    rf"(?:{_GRADE}|(?:crit|high|major|medium|moderate|minor|low\b|emergency|severe|significant|urgent"
    r"|blocker|catastroph|informational|kritisch|hoch|mittel|niedrig|gering|schwer|leicht|critique"
    r"|élevée?|haute?|majeure?|moyen|faible|mineure?|grave|crític|alt[ao]\b|medi[ao]\b|médi[ao]\b"
    r"|baj[ao]\b|baix[ao]\b|mayor|menor|severa?)\w*"
    r"|致命|重大|重要|紧急|緊急|严重|嚴重|[一二三四特1-4]级|レベル\s?\d|[高中低大小軽](?!\w))",
    re.IGNORECASE,
)
# A choice that nobody made: `P0 / P1 / P2`.
_CHOICE = re.compile(rf"(?:{_SEVERITY.pattern})\s*[/|,]\s*(?:{_SEVERITY.pattern})", re.IGNORECASE)
_IN_PROSE = re.compile(
    r"(?:severity|schweregrad|sévérité|gravité|severidade?|gravedad|gravidade|重要度|严重程度)"
    r"(?:\s\w{1,20})?\s*[:\uff1a=]\s*",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"^[^\w(]+")
# The first words of a sentence that says when it happened.
_OPENING = re.compile(
    r"\W*(?:(?:on|between|from|starting|beginning|early|late|around|at|since|in the (?:morning|"
    r"afternoon|evening|night) of|am|vom|zwischen|le|du|entre|el|del|desde|em|no dia|de)\b"
    r"[\s\w:,~.]{0,40}?)?",
    re.IGNORECASE,
)
_OPENING_LENGTH = 90
_SUMMARIES: frozenset[Role | None] = frozenset({"summary", "impact", "detection", None})
# Days that a report's own date may follow the incident.
_LATER = timedelta(days=31)
_MAX_TITLE = 300
_FIRST_SECTIONS = 6
_SEVERITY_KEYS = frozenset({"severity", "sev", "priority", "impact-level", "incident-severity"})
_INCIDENT_KEYS = frozenset(
    {"incident-date", "date-of-incident", "incident-start", "started", "start", "start-date"}
    | {"started-at", "detected", "detected-at", "occurred", "occurred-at", "incident-detected"}
)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_CODE = re.compile(r"`[^`]+`")


def title(outline: Outline) -> Written | None:
    """The title in the front matter, else the first heading that is not one of a section."""
    values, lines = outline.front_matter.values, outline.front_matter.lines
    stated = values.get("title")
    if isinstance(stated, str) and not residue.is_empty(stated):
        return Written(stated.strip(), lines.get("title", 1))
    heading = _title_heading(outline.sections)
    if heading is None:
        return None
    text = _PREFIX.sub("", " ".join(_with_code(heading.title).split()), count=1)
    return None if residue.is_empty(text) else Written(text, heading.line)


def _with_code(title: Prose) -> str:
    """A title with its backticks: code is part of what it says."""
    if not _CODE.search(title.raw) or title.links:
        return title.text
    return _EMPHASIS.sub("", title.raw)


def _title_heading(sections: Sequence[Section]) -> Section | None:
    """The first heading of the highest level, unless it heads a part of the report."""
    real = [section for section in sections if not section.label]
    for section in real:
        if _GENERIC.fullmatch(section.title.text) and section is not real[-1]:
            continue
        if len(section.title.text) > _MAX_TITLE:
            return None
        is_part = headings.role(section.title.text) and not _names_more(section, real)
        return None if is_part else section
    return None


def _names_more(section: Section, real: Sequence[Section]) -> bool:
    """Whether a heading that sounds like a part is the title: all other sections stand below it."""
    return len(real) == 1 and bool(section.sections) and section.level == 1


def severity(outline: Outline, parts: Iterable[Part]) -> Written | None:
    """The severity: what is recognised at the start of its value, as written.

    A choice that nobody has made (`P0 / P1`) is none.
    """
    told = chain(
        ((part.value, part.line) for part in parts if part.field == "severity"),
        ((value, line) for key, value, line in _stated(outline) if key in _SEVERITY_KEYS),
        _in_sentences(outline),
    )
    found = (Written(value, line) for text, line in told if (value := _severity(text)))
    return next(found, None)


def _in_sentences(outline: Outline) -> Iterator[tuple[str, int]]:
    """What follows the word severity in the first paragraphs."""
    for text, line in _prose(outline):
        if (":" in text or "\uff1a" in text) and (label := _IN_PROSE.search(text)):
            yield text[label.end() :], line


def _severity(text: str) -> str | None:
    value = _SIGNS.sub("", text)
    found = _SEVERITY.match(value)
    return found[0].strip() if found and not _CHOICE.match(value) else None


def _stated(outline: Outline) -> Iterator[tuple[str, str, int]]:
    """Key, text and line of the front matter, mappings in it included."""
    front = outline.front_matter
    for key, value in front.values.items():
        inner = value if isinstance(value, dict) else {"": value}
        for name, one in inner.items():
            if isinstance(one, str):
                full = f"{key}-{name}".strip("-").replace("_", "-").lower()
                yield full, one, front.lines.get(key, 1)


@dataclass(frozen=True, slots=True)
class Clues:
    """What a document says about days; `year` is that of days without one."""

    outline: Outline
    parts: Sequence[Part]
    title: Written | None
    file: str
    year: int | None
    day_first: bool | None

    def first(self, text: str) -> str | None:
        """The first day in a text, ISO."""
        return dates.first(text, self.year, day_first=self.day_first)


def in_name(file: str) -> str | None:
    """The day that a file's name or folder states, ISO."""
    folder, name = splitext(file)[0].rsplit("/", 1) if "/" in file else ("", splitext(file)[0])
    for text in (name, basename(folder)):
        spaced = re.sub(
            r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)", r"\1-\2-\3", text.replace("_", "-")
        )
        if found := dates.first(spaced):
            return found
    return None


def day(clues: Clues, events: Sequence[Event]) -> Written | None:
    """The first day of the incident."""
    if sure := _labelled(clues, "incident-date") or _in_front(clues, _INCIDENT_KEYS):
        return sure
    stated = _labelled(clues, "date") or _of_title(clues, events)
    opened = _opening(clues)
    if opened and (stated is None or _is_before(opened, stated)):
        return opened
    return stated or _otherwise(clues, events)


def _otherwise(clues: Clues, events: Sequence[Event]) -> Written | None:
    """Where neither label nor title nor opening says it: what the text tells, unless long ago."""
    stated = _in_front(clues, ("date",)) or _of_name(clues.file)
    told = chain(
        (Written(event.day, event.line) for event in events if event.day),
        (
            Written(found, line)
            for text, line in _prose(clues.outline)
            if (found := clues.first(text))
        ),
    )
    first = next(told, None)
    return first if first and (stated is None or _is_before(first, stated)) else stated


def _of_name(file: str) -> Written | None:
    found = in_name(file)
    return Written(found, 1) if found else None


def _labelled(clues: Clues, field: str) -> Written | None:
    for part in clues.parts:
        if part.field == field and (found := clues.first(f"{part.value}"[:_OPENING_LENGTH])):
            return Written(found, part.line)
    return None


def _in_front(clues: Clues, keys: Container[str]) -> Written | None:
    for key, value, line in _stated(clues.outline):
        if key in keys and (found := clues.first(value)):
            return Written(found, line)
    return None


def _of_title(clues: Clues, events: Sequence[Event]) -> Written | None:
    """The day in the title, unless the timeline and the file's name agree on another."""
    if clues.title is None or not (found := clues.first(clues.title.value)):
        return None
    first = next((event for event in events if event.day), None)
    if first and first.day != found and first.day == in_name(clues.file):
        return Written(first.day or "", first.line)
    return Written(found, clues.title.line)


def _opening(clues: Clues) -> Written | None:
    """The day that one of the first sentences begins with."""
    for text, line in _prose(clues.outline):
        head = text[:_OPENING_LENGTH]
        found = next(dates.find(head, clues.year, day_first=clues.day_first), None)
        if found and _OPENING.fullmatch(head, 0, found.start):
            return Written(found.day.isoformat(), line)
    return None


def _is_before(one: Written, other: Written) -> bool:
    between = date.fromisoformat(other.value) - date.fromisoformat(one.value)
    return timedelta(0) < between <= _LATER


def _prose(outline: Outline) -> Iterable[tuple[str, int]]:
    """The first paragraphs of the introduction and of the sections that sum up."""
    yield from _paragraphs(outline.nodes)
    for section in islice(outline.walk(), _FIRST_SECTIONS):
        if headings.role(section.title.text) in _SUMMARIES:
            yield from _paragraphs(section.nodes)


def _paragraphs(nodes: Iterable[Node]) -> Iterable[tuple[str, int]]:
    for node in list(nodes)[:2]:
        if isinstance(node, Paragraph):
            yield node.prose.text, node.line
        elif isinstance(node, Quote):
            yield from _paragraphs(node.nodes)


def year(outline: Outline, written: Written | None, file: str, parts: Iterable[Part]) -> int | None:
    """The year of days without one: that of the title, a labelled day, the front matter or file."""
    stated = [part.value for part in parts if part.field in {"incident-date", "date"}]
    front = outline.front_matter.values.get("date")
    texts = [*stated[:4], written.value if written else "", front if isinstance(front, str) else ""]
    for text in (*texts, basename(file).replace("_", "-")):
        if found := _YEAR.search(text):
            return int(found[0])
    return None


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
