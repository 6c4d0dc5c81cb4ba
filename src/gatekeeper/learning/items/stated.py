"""What an action item states by name: `Owner: Ana`, `担当\uff1a佐藤`, the columns of its row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from gatekeeper.learning.items.candidate import Candidate
from gatekeeper.learning.items.names import Field, exact_state, field
from gatekeeper.learning.items.placeholders import is_blank
from gatekeeper.learning.outline import Prose

_MAX_TEXT = 4_000
_MAX_NAME_WORDS = 3
# A shorter name in the middle of a sentence is another word.
_SHORT = 2
_COLON = re.compile(r"[:：=]")
# The words up to the next sign, whatever it is: to look for a colon behind each of their letters
# takes time. A name is the end of them, in front of a colon.
_NAMED = re.compile(
    r"(?P<name>[^:：=;；.,，、。(（)）\[\]|\n—–]{2,}+)"
    r"(?:[:：=]\s*(?=(?P<value>[^\n;；|，、)）\]—–]{1,80})))?"
)
_MAX_NAME = 30
# The dot behind an initial ends nothing.
_VALUE_END = re.compile(
    r"(?<!^[A-Z])(?<!\W[A-Z])\.(?:\s|$)|\s(?:-|–|—)\s|。|\s(?=[^\W\d]{1,20}(?:[:：]\s|：))"
    r"|,\s*(?=\w{1,20}[:：]|(?:by|bis|due|avant)\b)"
)
_FIELDS = frozenset({"owner", "due", "state", "priority", "success", "cause", "refs"})
_SURE = frozenset({"owner", "due", "state", "refs", "priority"})
_LINE = re.compile(r"\W*([^\W\d_][^:：\n]{0,30})[:：]\s*\S")
_EMPTY = frozenset(
    {
        *("-", "–", "—", "?", "n/a", "na", "none", "tbd", "tba", "tbc", "unassigned", "unknown"),
        *("なし", "未定", "无", "keine", "aucun", "…", "..."),
    }
)


def stated(candidate: Candidate) -> dict[Field, str]:
    """The value of each field; a column counts before a line below, that before the text."""
    return dict(_stated(candidate))


def value(prose: Prose | None) -> str | None:
    """What a cell says, or None where it is empty or a blank."""
    text = " ".join(prose.text.split()) if prose else ""
    return None if not text or text.casefold() in _EMPTY or is_blank(text) else text


def is_field(text: str) -> bool:
    """Whether a line only states a field: `Owner: Ana`; `Verification: ..` may be an item."""
    line = _LINE.match(text)
    name = line[1].strip(" *`_") if line else ""
    stated = field(name) if name else None
    return stated in _SURE or (stated in {"success", "cause"} and " " in name)


def without_fields(prose: Prose) -> tuple[Prose, tuple[Prose, ...]]:
    """Prose without the lines at its end that only state a field, and those."""
    if "\n" not in prose.text:
        return prose, ()
    lines = prose.text.split("\n")
    count = len(list(takewhile(is_field, reversed(lines[1:]))))
    if not count:
        return prose, ()
    at = len(lines) - count
    fields = (Prose(line, line, prose.line + at + n) for n, line in enumerate(lines[at:]))
    return replace(prose, text="\n".join(lines[:at])), tuple(fields)


def _stated(candidate: Candidate) -> Iterator[tuple[Field, str]]:
    """Those that count first come last."""
    for prose in reversed((candidate.prose, *candidate.details)):
        if _COLON.search(prose.text):
            yield from _named(prose.text[:_MAX_TEXT])
    for name, cell in candidate.cells.items():
        if said := cell.text if name == "state" else value(cell):
            yield name, said


def _named(text: str) -> Iterator[tuple[Field, str]]:
    for match in _NAMED.finditer(text):
        value = match["value"]
        if value and (name := _field_named(match["name"][-_MAX_NAME:])):
            said = _VALUE_END.split(value.strip(" *`_"), maxsplit=1)[0].strip(" *`_,")
            if said and said.casefold() not in _EMPTY and not said.startswith(("[", "<")):
                yield name, said


def _stands_out(name: Field | None, word: str) -> bool:
    """Whether a name counts at the end of a sentence, too: not so in `this was done: ..`."""
    return name in {"owner", "due"} and (len(word) > _SHORT or not word.isascii())


def _field_named(text: str) -> Field | None:
    """The field that the last words before a colon name: `.. a test owner`."""
    said = text.strip(" *_`-").split()
    for count in range(min(len(said), _MAX_NAME_WORDS), 0, -1):
        name = field(" ".join(said[-count:]))
        if name == "state" and exact_state(text) is not None:
            return None  # `Done: ..` is a state, not the name of one
        if name in _FIELDS and (count == len(said) or _stands_out(name, said[-count])):
            return name
    return None
