"""Whether the text of an action item says that it is done, or still to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from gatekeeper.learning.items.names import exact_state, state
from gatekeeper.learning.prose import Prose

_TAIL = 40
_CAPITALS = re.compile(r"\b(DONE|FIXED|COMPLETED|TODO|TO DO|WONTDO|WIP)\b")
_SIGN = re.compile(r"[✅☑✔❌⬜☐🔲]|:(?:white|heavy)_check_mark:")
# `done in #12`, `already fixed by ..`: more than the word, and no part of the sentence.
_DONE_PHRASE = re.compile(
    r"(?:(?:this|it|has been|have been|is|was|were|now|already|just|ist|schon|bereits|wurde|déjà|ya"
    r"|já|est|está)\s+){0,3}"
    r"(?:done|completed?|fixed|implemented|merged|resolved|deployed|shipped|finished|addressed"
    r"|closed|landed|released|rolled out|delivered|in place|live"
    r"|erledigt|umgesetzt|behoben|abgeschlossen|eingerichtet|ausgerollt|fertig"
    r"|(?:fait|terminé|réalisé|corrigé|appliqué|déployé|livré)e?s?"
    r"|(?:hech|completad|aplicad|implementad|realizad|terminad|cerrad|corregid|desplegad|resuelt"
    r"|feit|concluíd|resolvid|corrigid|implantad|finalizad)[oa]s?)"
    r"(?:\s*[:：(,]|\s+(?:in|by|on|as of|via|at|with|during|since|this|today|and"
    r"|am|le|el|em|en|para|\d|#|v\d)|$)",
    re.IGNORECASE,
)
_NOTED = re.compile(r"(?:note )?(?:added|updated|created)\b", re.IGNORECASE)
_LAST_PART = re.compile(r"[.;:,。]\s+([^.;:,。]{2,60})[.!。]?$")
# A mark of its own at the end, in the source: `**done**`, `[x]`.
_MARKED = re.compile(r"(?:\*\*|__|[*_`])([^*_`\n]{2,30})(?:\*\*|__|[*_`])[.)\s]*$")
_BOX = re.compile(r"\s\[([ xX])\]\s*$")
_IN_SCRIPT = re.compile(r"(?<!未)(?:対応済み?|実施済み?|完了済み?|已完成|已修复|已上线)[）)。\s]*$")
_URL = re.compile(r"https?://\S+")


def said_done(prose: Prose, asides: Iterable[str], below: Iterable[str]) -> bool | None:
    """What a text says, what stands beside it, in front of a line below it or in its row."""
    text = prose.text
    if found := _CAPITALS.search(text) or _SIGN.search(text):
        return state(found[0])
    if not text.isascii() and _IN_SCRIPT.search(text):
        return True
    if box := _BOX.search(text):
        return bool(box[1].strip())
    ends = filter(None, (_LAST_PART.search(text), _MARKED.search(prose.raw)))
    beside = map(_aside, (*asides, *(end[1] for end in ends)))
    return next((done for done in chain(beside, map(_below, below)) if done is not None), None)


def _aside(text: str) -> bool | None:
    if (done := exact_state(text)) is not None:
        return done
    return True if _DONE_PHRASE.match(text) or _NOTED.match(text) else None


def _below(text: str) -> bool | None:
    line = _URL.sub("", text).strip(" *_()[]")
    if found := _CAPITALS.search(line[-_TAIL:]):
        return state(found[0])
    return _aside(line[:_TAIL])
