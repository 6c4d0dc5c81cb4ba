"""The text of an action item without what stands in front of it: state, label, ticket, priority.

[DONE] (ops team) P1: **Action Item 2**: Add an alert   ->   Add an alert
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_letters

from gatekeeper.learning.items.names import exact_state, state

_MAX_MARKS = 8


@dataclass(slots=True)
class Front:
    """What stood in front of the text that is left; None where nothing did."""

    text: str
    done: bool | None = None
    id: str | None = None
    ref: str | None = None
    priority: str | None = None
    owner: str | None = None


_BULLET = re.compile(r"[-*+•・‣◦●○▪–—►▶→]\s*(?=\S)")
_NUMBER = re.compile(r"(?:[(（]?\d{1,2}[.)）、．]|[①-⑳])\s*(?=\D)")
_BOX = re.compile(r"(`?)\[([ xX*✓✔☑]?)\]\1(?![(\[:])\s*")
_MARK = re.compile(
    r"(✅|☑️?|✔️?|✓|🟢|❌|⬜️?|☐|🔲|🔴|⏳|🚧|🟡|:(?:white|heavy)_check_mark:|:ballot_box_with_check:)\s*"
)
_STATE = re.compile(
    r"[\[(]\s*([^\W\d][\w '-]{1,18})\s*[\])]\s*[:：\-–—]?\s*"
    r"|(DONE|TODO|TO DO|TO-DO|WIP|FIXED|COMPLETED?|CLOSED|OPEN|PENDING|WONTDO|ERLEDIGT|OFFEN"
    r"|FAIT|HECHO|FEITO|ToDo|Todo)(?:\s*[:：\-–—]\s*|\s+)"
    r"|([^\W\d_]{2,14}(?: [^\W\d_]{2,12})?)(?:\s*[:：]|\s[-–—])\s*"
)
# States that are neither done nor still to do.
_NEITHER = frozenset(
    {"wip", "in progress", "ongoing", "in arbeit", "en cours", "en curso", "対応中"}
)
_LABEL = re.compile(
    r"((?:corrective |preventive |follow[- ]?up )?action(?: item| point)?|AI|item|task|todo"
    r"|follow[- ]?up|maßnahme|aufgabe|action corrective|mesure|acción|tarea|medida|ação"
    r"|アクション|対策|行动项|措施)[ \-#]*(\d{0,3})\s*(?:[:：.)]|\s[-–—]|-(?=\s))\s*",
    re.IGNORECASE,
)
_OWN_ID = re.compile(
    r"(?!P[0-5]\b)(?!HTTP|UTF|SHA|TLS|IPV|S3)([A-Z]{1,4}-?\d{1,3})\s*(?:[:：.)]|\s[-–—])\s+"
)
_TICKET = re.compile(
    r"(?:\[(#\d+|[A-Z][A-Z0-9]+-\d+)\]|(#\d+|[A-Z][A-Z0-9]+-\d+))\s*(?:[:：]|\s[-–—])\s*(?=\S)"
)
_PRIORITY = re.compile(
    r"[\[(]\s*(P[0-4]|(?i:critical|urgent|high|medium|low|prio\w* ?\d))\s*(?i:priority|prio)?"
    r"\s*[\])]\s*[:：\-–—]?\s*"
    r"|(P[0-4]|HIGH|MEDIUM|LOW|CRITICAL|URGENT)\b(?:\s+(?i:priority|prio))?\s*[:：\-–—]*\s*(?=\S)"
    r"|((?i:critical|urgent|high|medium|low)(?: priority)?)\s*[:：]\s*"
    r"|(?:🔴|🟠|🟡|🟢)\s*(?=[A-Z(])"
)
# A capital word and a small one: a text that starts without any mark.
_PLAIN = re.compile(r"[A-Z]?[a-z’'-]+,? [a-z]+[ ,.][^:：.)\d–—-]{4}")
_TEAM = re.compile(r"\(([^()\d]{2,40})\)\s*[:：]?\s*(?=[^\s.,;:)])")


def front(text: str) -> Front:
    """Take off what stands in front, in whatever order."""
    found = Front(" ".join(text.replace("~~", "").split()))
    if _PLAIN.match(found.text):
        return found
    for _ in range(_MAX_MARKS):
        takers = _TAKERS_OF_WORDS if found.text[:1] in ascii_letters else _TAKERS
        if not any(take(found) for take in takers):
            break
    return found


def _rest(found: Front, match: re.Match[str]) -> bool:
    found.text = found.text[match.end() :]
    return True


def _bullet(found: Front) -> bool:
    match = _BULLET.match(found.text) or _NUMBER.match(found.text)
    return _rest(found, match) if match else False


def _box(found: Front) -> bool:
    match = _BOX.match(found.text)
    if not match or match.end() == len(found.text):
        return False
    found.done = bool(match[2].strip())
    return _rest(found, match)


def _sign(found: Front) -> bool:
    match = _MARK.match(found.text)
    if not match or match.end() == len(found.text):
        return False
    if found.done is None:
        found.done = state(match[1].rstrip("\ufe0f"))
    return _rest(found, match)


def _state(found: Front) -> bool:
    match = _STATE.match(found.text)
    if not match or match.end() == len(found.text):
        return False
    said = (match[1] or match[2] or match[3]).strip()
    done = state(said) if match[2] else exact_state(said)
    if not match[2] and done is None and said.lower() not in _NEITHER:
        return False
    found.done = done
    return _rest(found, match)


def _label(found: Front) -> bool:
    match = _LABEL.match(found.text)
    if not match or match.end() == len(found.text):
        return False
    if match[2]:
        found.id = f"AI-{int(match[2])}"
    elif match[1].lower() == "todo" and found.done is None:
        found.done = False
    return _rest(found, match)


def _own_id(found: Front) -> bool:
    match = _OWN_ID.match(found.text)
    if not match:
        return False
    found.id = found.id or match[1]
    return _rest(found, match)


def _ticket(found: Front) -> bool:
    match = _TICKET.match(found.text)
    if not match:
        return False
    found.ref = found.ref or match[1] or match[2]
    return _rest(found, match)


def _priority(found: Front) -> bool:
    match = _PRIORITY.match(found.text)
    if not match or match.end() == len(found.text):
        return False
    found.priority = found.priority or match[1] or match[2] or match[3]
    return _rest(found, match)


def _team(found: Front) -> bool:
    match = _TEAM.match(found.text)
    if not match:
        return False
    found.owner = match[1]
    return _rest(found, match)


_TAKERS = (_bullet, _box, _sign, _state, _label, _ticket, _own_id, _priority, _team)
# The others find nothing where a letter comes first.
_TAKERS_OF_WORDS = (_state, _label, _ticket, _own_id, _priority)
