"""Dates and times of day as people write them, in English and six other languages.

`2026-03-04`, `March 4th, 2026`, `4 Mar 2026`, `04-03-2026`, `3/4/2026`, `4. März 2026`,
`4 de março de 2026`, `2026年3月4日`; `14:02`, `2:02 PM`, `14h02`, `14時02分`. Of a range the first
day counts. Quarters and bare months are no dates.

Where both orders are possible, `/` has the month first and `-` and `.` have the day first, unless
the caller knows the order that the document uses elsewhere (`day_first`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

_MONTHS = (
    "january jan januar jänner janvier janv enero ene janeiro",
    "february feb februar février févr fevrier febrero fevereiro fev",
    "march mar märz mär maerz mrz mars marzo março marco",
    "april apr avril avr abril abr",
    "may mai mayo maio",
    "june jun juni juin junio junho",
    "july jul juli juillet juil julio julho",
    "august aug août aout agosto ago",
    "september sept sep septembre septiembre setiembre setembro set",
    "october oct oktober okt octobre octubre outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc decembre diciembre dic dezembro",
)
_MONTH = {name: number for number, line in enumerate(_MONTHS, 1) for name in line.split()}
# These are words too: without a year, only a capital makes them a month.
_WORDS = frozenset({"may", "march", "mar", "set", "out", "ago", "dic"})

_INITIALS = frozenset(name[0] for name in _MONTH)
_NAME = "|".join(sorted(_MONTH, key=len, reverse=True))
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_TH = r"(?:st|nd|rd|th|er|º|ª)?"
_TO = r"\s?(?:-|\u2013|\u2014|/|&|to|and|bis|und|au|et|al|y|e)\s?"
_YEAR = r"(?:19|20)\d\d(?!\d)"
_NUMERIC = r"""(?P<a>\d(?<![\d.:/-]\d)\d?) (?P<ns>[-/.]) (?P<b>\d\d?) (?P=ns)
        (?P<ny>(?:19|20)\d\d|(?<=/)\d\d) (?![\d:]|[./-]\d)"""
_NUMERIC_DATE = re.compile(_NUMERIC, re.VERBOSE)
# Without this there is none, not that of a date in ISO; it starts with what is rarer than a digit.
_LIKE_NUMERIC = tuple(
    re.compile(rf"{sign}(?<=\d.)(?<!\d\d\d.)\d\d?{sign}\d") for sign in ("-", "/", r"\.")
)
_DATE = re.compile(
    rf"""
    (?<![\d.]) (?P<iy>\d{{4}}) (?P<is>[-/.]) (?P<im>\d\d?) (?P=is) (?P<id>\d\d?) (?!\d)
  | (?:(?P<cy>\d{{4}})\s?[年년]\s?)? (?P<cm>\d\d?)\s?[月월]\s?(?P<cd>\d\d?)\s?[日일]
  | {_NUMERIC}
  | (?<![^\W_]) (?P<mm>{_NAME})\.? [\s-]? (?P<md>{_DAY}) {_TH}
        (?:{_TO}{_DAY}{_TH})? (?:,?\s?(?:de\s|del\s)?(?<=[\s,])(?P<my>{_YEAR}))?
  | (?<![\d.:/-]) (?P<dd>{_DAY}) (?:{_TH}|\.) (?:{_TO}{_DAY}(?:{_TH}|\.))?
        [\s/-]{{0,2}} (?:(?:of|de|del)\s)? (?P<dm>{_NAME})(?![^\W_])
        \.? (?:,?[\s/-]?\s?(?:de\s|del\s|of\s)?(?P<dy>{_YEAR}))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ISO = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)
_BETWEEN = re.compile(rf"\s*(?:{_TO}|until|through|till)?\s*\w{{0,9}},?\s*", re.IGNORECASE)
_ANY_DIGIT = re.compile(r"\d")
_AROUND = re.compile(
    r"(?:(?:by|on|before|until|due|end of day|eod|bis|zum|am|le|avant|el|para|até|antes de|since"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi"
    r"|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|utc|gmt|t?\d\d?:\d\d(?::\d\d)?z?)\b"
    r"|[月火水木金土日](?:曜日?|(?=[)\uff09]))|まで|[\s,.:;()*_~\[\]`\uff08\uff09])*+",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\d.:+-])(?<!\d[,/])(?P<h>[01]?\d|2[0-4])"
    r"(?:(?P<dot>[.])(?P<p>[0-5]\d)(?!\.?\d)|[:\uff1a](?P<m>[0-5]\d)(?::[0-5]\d(?:[.,]\d{1,9})?)?"
    r"|\s?[時点时](?:(?P<k>[0-5]?\d)[分])?|(?P<c>[0-5]\d)(?=\s?(?:utc|gmt|z|hrs)\b)"
    r"|[hH](?P<f>[0-5]\d))?"
    r"(?P<half>\s?[ap]\.?\s?m\b)?(?P<uhr>\s?uhr\b)?(?!:?\d)",
    re.IGNORECASE,
)
# `10.30` is a time at the start of a text or after these.
_AT = re.compile(r"(?:\b(?:at|around|about|um|gegen|kl)|^)[\s(\[*_`~-]*", re.IGNORECASE)


class Found(NamedTuple):
    """A day and where the text names it."""

    day: date
    start: int
    end: int


class Clock(NamedTuple):
    """A time of day in minutes since midnight, and where the text names it."""

    minute: int
    start: int
    end: int


def find(text: str, year: int | None = None, *, day_first: bool | None = None) -> Iterator[Found]:
    """The days a text names, in order; `year` is that of days without one, which else are none."""
    if _ISO.fullmatch(text):  # most dates are written so
        if valid := _valid(int(text[:4]), int(text[5:7]), int(text[8:])):
            yield Found(valid, 0, len(text))
    elif _ANY_DIGIT.search(text):
        yield from _named(text, year, day_first=day_first)


def _named(text: str, year: int | None, *, day_first: bool | None) -> Iterator[Found]:
    after: tuple[int, int, int] | None = None  # year, month and start of the date that follows
    found = []
    for match in reversed(list(_DATE.finditer(text))):
        its_year, month, day = _parts(match, day_first=day_first)
        if its_year is None and after and _BETWEEN.fullmatch(text, match.end(), after[2]):
            its_year = after[0] - (month > after[1])
        if (its_year := its_year or year) and (valid := _valid(its_year, month, day)):
            found.append(Found(valid, match.start(), match.end()))
            after = (its_year, month, match.start())
    yield from reversed(found)


def starts(text: str, at: int, year: int | None, *, day_first: bool | None) -> Found | None:
    """The day that is named at a place of a text, if one is."""
    initial = text[at : at + 1].lower()
    if not initial.isdigit() and initial not in _INITIALS:
        return None
    if ":" not in text[at : at + 3] and (match := _DATE.match(text, at)):  # else it is a time
        its_year, month, day = _parts(match, day_first=day_first)
        if (its_year := its_year or year) and (valid := _valid(its_year, month, day)):
            return Found(valid, match.start(), match.end())
    return None


def first(text: str, year: int | None = None, *, day_first: bool | None = None) -> str | None:
    """The first day a text names, as ISO, or None."""
    return next((found.day.isoformat() for found in find(text, year, day_first=day_first)), None)


def due(text: str, year: int | None = None, *, day_first: bool | None = None) -> str:
    """The ISO date, where a text is nothing but a date (with a weekday, `by`); else the text."""
    for found in find(text, year, day_first=day_first):
        if _AROUND.fullmatch(text, 0, found.start) and _AROUND.fullmatch(text, found.end):
            return found.day.isoformat()
    return text


def day_first(text: str) -> bool | None:
    """Whether numeric dates of a document have the day first, by those that leave no choice."""
    if not any(like.search(text) for like in _LIKE_NUMERIC):
        return None
    for match in _NUMERIC_DATE.finditer(text):
        a, b = int(match["a"]), int(match["b"])
        if (a > 12) != (b > 12):
            return a > 12
    return None


def clock(text: str) -> Clock | None:
    """The first time of day a text names, or None; zones are not read."""
    if not _ANY_DIGIT.search(text):
        return None
    match = next(filter(_is_clock, _TIME.finditer(text)), None)
    return _clock(match) if match else None


def clock_at(text: str, at: int) -> Clock | None:
    """The time of day that is named at a place of a text, if one is."""
    match = _TIME.match(text, at)
    return _clock(match) if match and (match["dot"] or _is_clock(match)) else None


def _clock(match: re.Match[str]) -> Clock:
    minute = int(match["h"]) * 60 + int(next(filter(None, match.group(*"mpkcf")), 0))
    if half := match["half"]:
        minute = minute % 720 + (720 if "p" in half.lower() else 0)
    return Clock(minute, match.start(), match.end())


def _is_clock(match: re.Match[str]) -> bool:
    if match["half"] or match["uhr"]:
        return True
    if match["dot"]:
        before = match.string[max(0, match.start() - 12) : match.start()]
        at = _AT.search(before)
        return bool(at and at.end() == len(before) and (at[0].strip() or len(before) < 12))
    return match.end("h") < match.end()


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _parts(match: re.Match[str], *, day_first: bool | None) -> tuple[int | None, int, int]:
    """Year or None, month and day; the month is 0 for what only looks like a date."""
    if match["iy"]:
        return int(match["iy"]), int(match["im"]), int(match["id"])
    if match["cm"]:
        return _number(match["cy"]), int(match["cm"]), int(match["cd"])
    if match["ny"]:
        return _numeric(match, day_first=day_first)
    groups = ("mm", "md", "my") if match["mm"] else ("dm", "dd", "dy")
    name, day, year = match.group(*groups)
    month = 0 if not year and name in _WORDS else _MONTH[name.lower()]
    return _number(year), month, int(day)


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _numeric(match: re.Match[str], *, day_first: bool | None) -> tuple[int, int, int]:
    a, b, year = int(match["a"]), int(match["b"]), int(match["ny"])
    if day_first is None:
        day_first = match["ns"] != "/"
    if b > 12 or (not day_first and a <= 12):
        a, b = b, a
    return year if year > 99 else 2000 + year, b, a
