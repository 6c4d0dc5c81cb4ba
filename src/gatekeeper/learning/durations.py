"""Durations as people write them, in minutes: `47 minutes`, `20h 03m`, `1d 5h`, `about 2.5 hours`.

In English and six other languages; also `1:30`, and a span of two times of one day.
"""

from __future__ import annotations

import re

from gatekeeper.learning import dates

_MINUTES = {
    "w": 7 * 24 * 60,
    "d": 24 * 60,
    "h": 60,
    "m": 1,
    "s": 1 / 60,
}
_UNITS = {
    "w": r"weeks?|wochen?|semaines?|semanas?|週間|周",
    "d": r"days?|d|tagen?|tage?|jours?|j|d[ií]as?|日間?|天",
    "h": r"hours?|hrs?|h|stunden?|std|heures?|horas?|時間|小时|小時",
    "m": r"minutes?|mins?|m|minuten?|minutos?|分钟|分鐘|分間?",
    "s": r"seconds?|secs?|s|sekunden?|secondes?|segundos?|秒",
}
_NUMBER = r"(?<![\d.,:])\d{1,6}(?:[.,]\d{1,3})?"
_PART = re.compile(
    rf"({_NUMBER})(?:\s|-)?(?:"
    + "|".join(rf"(?P<{unit}>{words})" for unit, words in _UNITS.items())
    + r")(?![a-zà-ÿ])",
    re.IGNORECASE,
)
_WORDS = {"a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_WORDS |= {"six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "half an": "0.5"}
_SPOKEN = re.compile(
    r"\b(half an|an?|one|two|three|four|five|six|seven|eight|nine|ten)(?=[\s-](?:\w+ )?"
    r"(?:week|day|hour|minute|second)s?\b)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\D{0,12}(\d{1,3}):([0-5]\d)(?::[0-5]\d)?\s*(?:h\w*)?\W*", re.IGNORECASE)
_JOINED = re.compile(r"(?:\s|,|&|and|und|et|y|e|と)*", re.IGNORECASE)
_MAX = 500


def minutes(text: str) -> int | None:
    """The first duration that a text tells, in full minutes, or None."""
    told = find(text)
    return told[0] if told else None


def find(text: str) -> tuple[int, str] | None:
    """The first duration that a text tells, in full minutes, and its words."""
    text = _SPOKEN.sub(lambda word: _WORDS[word[1].lower()], text[:_MAX])
    total, start, end = 0.0, -1, 0
    for part in _PART.finditer(text):
        if start >= 0 and not _JOINED.fullmatch(text, end, part.start()):
            break
        start = part.start() if start < 0 else start
        total += _number(part[1]) * _MINUTES[part.lastgroup or "m"]
        end = part.end()
    if start >= 0:
        return int(total), text[start:end]
    if clock := _CLOCK.fullmatch(text):
        return int(clock[1]) * 60 + int(clock[2]), text.strip()
    return _span(text)


def _number(text: str) -> float:
    """`1.5` and `1,5` are one and a half; `1,200` is a number of three more digits."""
    whole, _, part = text.replace(",", ".").partition(".")
    return float(whole + part if len(part) == 3 else f"{whole}.{part or 0}")


def _span(text: str) -> tuple[int, str] | None:
    first = dates.clock(text)
    last = dates.clock(text[first.end :].lstrip(" -\u2013\u2014~to")) if first else None
    if not first or not last or not re.match(r"[^\d.]{1,12}\d", text[first.end :]):
        return None
    return (last.minute - first.minute) % (24 * 60), text.strip()
