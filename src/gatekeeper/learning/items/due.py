"""When an action item is due: a day in ISO, else as written (`Q3 2026`, `end of April 2026`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from gatekeeper.learning import dates

_NEAR = 40
_LEAP_YEAR = 2000
_DIGIT = re.compile(r"\d")
_BY = re.compile(
    r"\b(?:by|before|until|due(?: on| by)?|on or before|no later than|eta|bis(?: zum)?"
    r"|avant(?: le)?|antes del?|até|para el|pour le|d['’]ici(?: le)?|à partir de)[:\s]\s*"
    r"(?:the\s+)?",
    re.IGNORECASE,
)
# Without one of these, or a digit, nothing below is found.
_SIGNS = (" by ", " before ", " until ", "due ", "bis ", "avant ", "antes ", "até ", "para el ")
_PERIOD = r"(?:Q[1-4]|H[12])(?:[ /-]?(?:20)?\d\d)?"
_IN_PERIOD = re.compile(
    r"\b(?:by|in|during|before|until|for|end of|early|late|bis|im|en|au|em|due)\s+(?:the\s+)?"
    rf"(?:end of\s+)?({_PERIOD})\b"
)
# Times that are no days: `end of May`, `next sprint`, `Ende Juni 2026`, `fin avril`.
_TIME = re.compile(
    r"(?:(?:the )?(?:end of|start of|mid|early|late|next|this|ende|anfang|mitte|nächste[nrs]?|fin"
    r"|fin de|début|mi|prochaine?|finales de|fin del?|principios de|próxim[oa]|fim de|fim do"
    r"|início de)[ -](?:the |de |del |do |du |der |des )?)?"
    rf"(?:{_PERIOD}|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|month|quarter|sprint|year|release"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|woche|monats?|quartals?|jahres?|januar|februar|märz|mai|juni|juli|oktober|dezember|kw ?\d\d?"
    r"|semaine|mois|trimestre|janvier|février|mars|avril|juin|juillet|août|septembre|octobre"
    r"|novembre|décembre|semana|mes|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre"
    r"|octubre|noviembre|diciembre|mês|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro"
    r"|novembro|dezembro|eo[wmqy])(?: (?:de |del )?20\d\d)?(?!\w)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[;；、，]|,(?! (?:19|20)\d\d)")
_LIMIT = re.compile(r"(?:まで(?:に)?|迄|前完成|之前|前)$")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The year of dates without one, and the order of numeric dates, where they are known."""

    year: int | None = None
    day_first: bool | None = None

    def day(self, text: str) -> str:
        """The day, where a text is nothing but a date, else the text."""
        return dates.due(text, self.year, day_first=self.day_first)

    def first(self, text: str) -> dates.Found | None:
        """The first day that a text names, in any year where it names none."""
        year = self.year or _LEAP_YEAR
        return next(dates.find(text, year, day_first=self.day_first), None)


def due(text: str, asides: Iterable[str], calendar: Calendar) -> str | None:
    """What the text of an item says, and what stands beside it."""
    if not _DIGIT.search(text) and not any(word in text for word in _SIGNS):
        return None
    said = (_after(text, match.end(), calendar) for match in _BY.finditer(text))
    beside = (_beside(aside, calendar) for aside in asides)
    found = next(filter(None, chain(said, beside)), None)
    if not found and (period := _IN_PERIOD.search(text)):
        return period[1]
    return found


def _after(text: str, at: int, calendar: Calendar) -> str | None:
    """The day or the time that follows in a text."""
    near = text[at : at + _NEAR]
    found = calendar.first(near) if _DIGIT.search(near) else None
    if found and found.start == 0:
        return calendar.day(near[: found.end])
    time = _TIME.match(near)
    return time[0] if time else None


def _beside(aside: str, calendar: Calendar) -> str | None:
    """A piece beside the text that is a time, or names one after `by`."""
    if _SEVERAL.search(aside):
        return None
    said = _LIMIT.sub("", _BY.sub("", aside, count=1) if _BY.match(aside) else aside)
    if not _DIGIT.search(said):
        return said if _TIME.fullmatch(said) else None
    day = calendar.day(said)
    sure = day != said or said != aside or _TIME.fullmatch(said)
    return day if sure else None
