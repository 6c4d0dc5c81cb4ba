"""The timeline of a report: its entries, the milestones among them, and the time between those.

Entries are list items, lines, rows of a table, or sections, each with a time in front; in a chat
log that is pasted as code, each line. A day that stands alone holds for the entries after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from gatekeeper.learning import dates, milestones, residue
from gatekeeper.learning.outline import (
    Code,
    Html,
    Item,
    Node,
    Paragraph,
    Prose,
    Quote,
    Section,
    Table,
)
from gatekeeper.learning.parts import Part, is_own, one_line, texts
from gatekeeper.learning.postmortem import MILESTONES, Event

_DAY = 24 * 60
# Minutes. A time that falls by more, where no day is written, belongs to the next day.
_NEXT_DAY = 6 * 60
# A time stands among the first characters of its entry.
_HEAD, _FIRST_DIGIT = 80, 30
_MAX_EVENTS = 2_000
_MAX_LINES = 20
_TWO = 2

_BEFORE = re.compile(
    r"(?:[\s\[(*_~`>|≈-]|(?:on|at|by|from|since|between|around|about|approx(?:imately|\.)?|circa|ca\."
    r"|um|gegen|am|ab|vers|à|le|hacia|el|às|em|a las|day [+-]?\d{1,3}|t[+-]\d+"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\b,?\s*)*+",
    re.IGNORECASE,
)
_GAP = re.compile(r"[\s\[(*_~`,T@≈-]*(?:at|around|um|à|às|a las|kl)?[\s\[(*_~`≈]*", re.IGNORECASE)
_ZONE = (
    r"(?:\s?(?:\(?(?-i:UTC|GMT|[A-Z]{1,4}T|Z)(?:\s?[+-]\d{1,2}(?::?\d\d)?)?\)?(?![A-Za-z])"
    r"|[+-]\d\d:?\d\d\b))?"
)
_AFTER = re.compile(
    rf"(?:ish)?{_ZONE}(?:\s?(?:-|\u2013|\u2014|/|to|until|bis|->|→)\s?(?:\d{{4}}-\d\d-\d\d\s)?"
    rf"\d{{1,2}}[:.h]\d\d(?::\d\d)?(?:\s?[ap]m\b)?{_ZONE})?[\])*_`]*",
    re.IGNORECASE,
)
_ZONE_NAME = re.compile(r"(?<![A-Z])(?:[A-Z]{2,4}T|UTC|GMT|Z)\b(?:\s?[+-]\d+)?")
_SEPARATOR = re.compile(
    r"[\s\])*_`]*(?:[:\uff1a|,;/=>→\u2013\u2014-]+|\.(?=\s))?[\s:\uff1a|=>→\u2013\u2014*_`-]*"
)
_DIGIT = re.compile(r"\d")
_TRAILING = re.compile(r"\d[:.h]\d\d")
_EDGES = " \t[]()*_`~,;:|-\u2013\u2014"
_TIME_COLUMN = re.compile(
    r"\b(?:time|date|when|day|timestamp|zeit|uhrzeit|datum|zeitpunkt|heure|hora|fecha|data)\b"
    r"|[時时日]|日期",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The time in front of an entry, and what follows it."""

    at: str
    rest: str
    day: date | None
    minute: int | None


@dataclass(slots=True)
class _Entry:
    """An entry to which lines may be added."""

    at: str
    texts: list[str]
    line: int
    day: str | None

    def event(self) -> Event:
        return Event(self.at, one_line(" ".join(self.texts)), None, self.line, self.day)


@dataclass(slots=True)
class _Reader:
    """Collects entries; `day` is the one that was last written."""

    year: int | None
    day_first: bool | None
    entries: list[_Entry]
    day: date | None = None

    def section(self, section: Section, role: Part) -> None:
        stamp = self.stamp(section.title.text)
        if stamp and stamp.minute is not None:
            self.add(stamp, section.title.line)
            for text, _ in texts(section.nodes):
                self.append(text)
        else:
            if stamp:
                self.day = stamp.day
            self.nodes(section.nodes)
        for inner in section.sections:
            if is_own(inner, role.role):
                self.section(inner, role)

    def nodes(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if isinstance(node, Paragraph):
                self.lines(node.prose.text, node.line)
            elif isinstance(node, Item):
                self.item(node)
            elif isinstance(node, Table):
                self.table(node)
            elif isinstance(node, Quote):
                self.nodes(node.nodes)
            elif isinstance(node, (Code, Html)):
                self.append(node.text)

    def lines(self, text: str, line: int) -> None:
        for number, one in enumerate(text.split("\n")):
            if stamp := self.stamp(one):
                self.entry(stamp, line + number)
            else:
                self.append(one)

    def item(self, item: Item) -> None:
        stamp = self.stamp(item.prose.text) or self.trailing(item.prose.text)
        if not stamp:
            self.nodes(item.children)
        elif stamp.minute is None and not stamp.rest and item.children:
            self.day = stamp.day
            self.nodes(item.children)
        else:
            if item.children:
                inside = [text for text, _ in texts(item.children)]
                stamp = replace(stamp, rest=one_line(" ".join([stamp.rest, *inside])))
            self.entry(stamp, item.line)

    def table(self, table: Table) -> None:
        times = [bool(_TIME_COLUMN.search(cell.text)) for cell in table.header]
        if not any(times):
            times = [n == 0 for n in range(len(times))]
        for row in table.rows:
            self.row(row, times)

    def row(self, row: Sequence[Prose], times: Sequence[bool]) -> None:
        """Day and time may stand in columns of their own; of two times the first counts."""
        text = one_line(" \u2013 ".join(filter(None, _cells(row, times, of_time=False))))
        stamps = list(filter(None, map(self.stamp, _cells(row, times, of_time=True))))
        clock = next((stamp for stamp in stamps if stamp.minute is not None), None)
        first = next((stamp for stamp in stamps if stamp.day), clock)
        if first and residue.says(text):
            last = clock or first
            at = first.at if first is last else f"{first.at} {last.at}"
            self.add(_Stamp(at, text, first.day, last.minute), row[0].line)

    def stamp(self, text: str) -> _Stamp | None:
        """The time that a text starts with."""
        text = text.lstrip()
        head = text[:_HEAD]
        if not _DIGIT.search(head, 0, _FIRST_DIGIT):
            return None
        start = end = 0 if head[0].isdigit() else _match_end(_BEFORE, head, 0)
        day = dates.starts(head, start, self.year, day_first=self.day_first)
        if day:
            end = _match_end(_GAP, head, day.end)
        clock = dates.clock_at(head, end)
        if clock:
            end = _match_end(_AFTER, head, clock.end)
        elif day:
            end = _match_end(_AFTER, head, day.end)
        else:
            return None
        at, rest = head[start:end].strip(_EDGES), text[_match_end(_SEPARATOR, text, end) :]
        return _Stamp(at, one_line(rest), day and day.day, clock and clock.minute)

    def trailing(self, text: str) -> _Stamp | None:
        """The day and time that a short entry ends with: `Resolved 2026-03-04 15:05`."""
        head = text[: 2 * _HEAD]
        if not _TRAILING.search(head):
            return None
        for day in dates.find(head, self.year, day_first=self.day_first):
            clock = dates.clock(head[day.end :])
            if clock and not _GAP.sub("", head[day.end : day.end + clock.start], count=1):
                end = day.end + clock.end
                rest = f"{text[: day.start].strip(_EDGES)} {text[end:].strip(_EDGES)}".strip()
                return _Stamp(text[day.start : end], one_line(rest), day.day, clock.minute)
        return None

    def entry(self, stamp: _Stamp, line: int) -> None:
        """Add what has a text; a day alone holds for what follows."""
        if stamp.rest or stamp.minute is not None:
            self.add(stamp, line)
        else:
            self.day = stamp.day

    def add(self, stamp: _Stamp, line: int) -> None:
        self.day = stamp.day or self.day
        day = self.day.isoformat() if self.day else None
        self.entries.append(_Entry(stamp.at, [stamp.rest], line, day))

    def append(self, text: str) -> None:
        """More of the last entry; what stands before the first (`All times in UTC`) is none."""
        if self.entries and text and len(self.entries[-1].texts) < _MAX_LINES:
            self.entries[-1].texts.append(text)


def _cells(row: Sequence[Prose], times: Sequence[bool], *, of_time: bool) -> list[str]:
    """The texts of those columns that tell the time, or of the others."""
    return [cell.text for cell, one in zip(row, times, strict=True) if one is of_time]


def _match_end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def read(
    timelines: Iterable[Part], year: int | None = None, *, day_first: bool | None = None
) -> tuple[Event, ...]:
    """The entries of all timelines of a report, in its order, with their milestones.

    `year` is that of days without one.
    """
    reader = _Reader(year, day_first, [])
    for part in timelines:
        if part.text:
            reader.lines(part.text, part.line)
        reader.nodes(part.nodes)
        for section in part.sections:
            if is_own(section, part.role):
                reader.section(section, part)
    events = (entry.event() for entry in reader.entries[:_MAX_EVENTS])
    return tuple(milestones.mark(event for event in events if event.text))


def durations(events: Iterable[Event]) -> Mapping[str, int]:
    """Minutes between each two milestones that have a time, in one time zone."""
    events = tuple(events)
    if sum(event.milestone is not None for event in events) < _TWO:
        return {}
    at = {event.milestone: (moment, event) for moment, event in _moments(events)}
    told = [(name, at[name][0], _zone(at[name][1].at)) for name in MILESTONES if name in at]
    return {
        f"{first}..{last}": end - start
        for (first, start, zone), (last, end, other) in combinations(told, 2)
        if start <= end and len({zone, other} - {""}) < _TWO
    }


def _moments(events: Iterable[Event]) -> Iterator[tuple[int, Event]]:
    """The minute of each entry that has a time; midnight passes where no day is written."""
    written, day, last = None, 0, 0
    for event in events:
        clock = dates.clock(event.at)
        if clock is None:
            continue
        if event.day and event.day != written:
            written = event.day
            day = date.fromisoformat(event.day).toordinal()
        elif last - clock.minute > _NEXT_DAY:
            day += 1
        last = clock.minute
        yield day * _DAY + clock.minute, event


def _zone(at: str) -> str:
    found = _ZONE_NAME.search(at)
    return "UTC" if found and found[0] in {"Z", "GMT"} else found[0] if found else ""
