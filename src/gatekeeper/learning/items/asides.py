"""What stands beside an action item on its line: in brackets at the end, or after dashes.

Add an alert (Ana, by 2026-04-01)  ->  "Ana", "by 2026-04-01"
Add an alert – Ana – done          ->  "Ana", "done"
"""

from __future__ import annotations

import re

_MAX_BRACKETS = 4
_MAX_LENGTH = 100
_END = " .。*_"
_OPENING = {")": "(", "]": "[", "）": "（", "】": "【"}
_APART = re.compile(r"\s*[;，、；|]\s*|\s*[,/](?!\d)\s*|\s(?:-|–|—)\s")
_DASH = re.compile(r"\s+(?:--?|–|—|\||=>|->|→)\s+")
# A dot at the end; not that of an initial.
_DOT = re.compile(r"(?<!\b[A-Z])\.+$")
_URL = re.compile(r"https?://\S+")


def asides(text: str) -> tuple[str, ...]:
    """The pieces, the last first; what they mean is for the caller to see."""
    found: list[str] = []
    rest = _URL.sub("", text).rstrip(_END)
    for _ in range(_MAX_BRACKETS):
        opening = _OPENING.get(rest[-1:])
        at = rest.rfind(opening) if opening else -1
        if at < 0:
            break
        inner = rest[at + 1 : -1]
        found += [inner, *(_APART.split(inner) if _APART.search(inner) else ())]
        rest = rest[:at].rstrip(_END)
    for piece in reversed(_DASH.split(rest)[1:]):
        found += [piece, *(_APART.split(piece) if _APART.search(piece) else ())]
    return tuple(_DOT.sub("", piece.strip(" *_`")) for piece in found if len(piece) <= _MAX_LENGTH)
