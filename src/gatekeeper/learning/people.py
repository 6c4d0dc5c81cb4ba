"""Who took part, with their roles: from lists, tables, labelled lines and the front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gatekeeper.adapters.markdown import FrontMatter
from gatekeeper.learning import labels, residue
from gatekeeper.learning.outline import Item, Paragraph, Table
from gatekeeper.learning.parts import Part, one_line
from gatekeeper.learning.postmortem import Participant

_NAME_BREAK = re.compile(r"\s*(?:[,;、\uff0c\n]|\s(?:and|und|et|y|e|&)\s|\s/\s)\s*")
_IN_BRACKETS = re.compile(
    r"([^()\uff08\uff09]{1,60}?)\s*[(\uff08]([^()\uff08\uff09]{1,60})[)\uff09]\W*"
)
_DASHED = re.compile(r"([^\n]{1,40}?)\s*(?:\s[-\u2013\u2014]\s|[:\uff1a])\s*([^\n]{1,60})")
_HANDLE = re.compile(r"https?://\S+|[()\uff08\uff09\[\]]")
_NO_NAME = re.compile(r"\d{3}|[.!?。]\s|[.。]$|https?:|\b(?:the|for|who|was|were|with|thanks)\b")
_ROLE_COLUMN = re.compile(
    r"\b(?:roles?|rolle|rôle|rol|papel|função|funktion)\b|役割|角色", re.IGNORECASE
)
_MAX_NAME = 60
_MAX_WORDS = 5
_MAX_NAMES = 200


_KEYS = ("authors", "author", "participants", "attendees", "responders")


def participants(parts: Sequence[Part], front: FrontMatter) -> tuple[Participant, ...]:
    """Everybody who is named, each once, with the first role that is stated."""
    found: dict[str, Participant] = {}
    for part in parts:
        if part.field == "role" or part.role == "participants":
            for one in _people(part):
                _add(found, one)
    for key in _KEYS:
        for one in _stated(front.values.get(key), key, front.lines.get(key, 1)):
            _add(found, one)
    return tuple(found.values())[:_MAX_NAMES]


def _stated(value: object, key: str, line: int) -> Iterator[Participant]:
    """The people of a value of the front matter: text, a list, or mappings with name and role."""
    if isinstance(value, list):
        for one in value:
            yield from _stated(one, key, line)
    elif isinstance(value, dict):
        name, role = value.get("name"), value.get("role")
        if isinstance(name, str) and name.strip():
            yield Participant(name.strip(), role if isinstance(role, str) else _role(key), line)
    elif isinstance(value, str):
        yield from _named(value, _role(key), line)


def _add(found: dict[str, Participant], one: Participant) -> None:
    """Add a person, or the role of one that is known without."""
    known = found.get(one.name.casefold())
    if known is None or (known.role is None and one.role):
        found[one.name.casefold()] = one


def _role(label: str) -> str | None:
    return None if labels.is_plain_role(label) or len(label) > _MAX_NAME else label


def _people(part: Part) -> Iterator[Participant]:
    role = _role(part.title) if part.field == "role" else None
    yield from _named(part.text, role, part.line)
    for node in part.nodes:
        if isinstance(node, Item):
            yield from _listed(node, role)
        elif isinstance(node, Table):
            yield from _tabled(node)
        elif isinstance(node, Paragraph):
            for number, line in enumerate(node.prose.text.split("\n")):
                if not labels.is_labelled(line):
                    yield from _named(line, role, node.line + number)


def _listed(item: Item, role: str | None) -> Iterator[Participant]:
    """`Ann (scribe)`, `Ann - scribe`, `Scribe: Ann`, `Ann`; below a role, those who had it."""
    text = one_line(item.prose.text)
    yield from _named(*_with_role(text, role), item.line)
    for child in item.children:
        if isinstance(child, Item):
            yield from _listed(child, _role(text.rstrip(":")))


def _with_role(text: str, role: str | None) -> tuple[str, str | None]:
    """The names in a line, and the role that it states."""
    bracketed, dashed = _IN_BRACKETS.fullmatch(text), _DASHED.fullmatch(text)
    if bracketed and not bracketed[2].startswith("@"):
        return bracketed[1], bracketed[2]
    if dashed and labels.field(dashed[1]) == "role":
        return dashed[2], _role(dashed[1])
    if dashed and len(list(_names(dashed[1]))) == 1:
        return dashed[1], dashed[2]
    return text, role


def _tabled(table: Table) -> Iterator[Participant]:
    roles = [n for n, cell in enumerate(table.header) if _ROLE_COLUMN.search(cell.text)]
    name = next((n for n, _ in enumerate(table.header) if n not in roles), 0)
    for row in table.rows:
        role = row[roles[0]].text if roles else ""
        yield from _named(row[name].text, role if residue.says(role) else None, row[0].line)


def _named(text: str, role: str | None, line: int) -> Iterator[Participant]:
    return (Participant(name, role, line) for name in _names(text))


def _names(text: str) -> Iterator[str]:
    """The names in a short text; prose names nobody."""
    for piece in filter(residue.says, _NAME_BREAK.split(text[: 20 * _MAX_NAME])):
        name = one_line(_HANDLE.sub(" ", piece)).strip(" \t.*_`-:")
        if 0 < len(name) <= _MAX_NAME and _is_name(name):
            yield name


def _is_name(text: str) -> bool:
    return len(text.split()) <= _MAX_WORDS and not _NO_NAME.search(text)
