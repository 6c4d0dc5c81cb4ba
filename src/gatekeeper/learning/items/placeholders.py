"""What a template leaves in the place of an action item, and words that say that there is none."""

from __future__ import annotations

import re

from gatekeeper.learning.headings import BESIDE, words
from gatekeeper.learning.items.names import NAME_WORDS
from gatekeeper.learning.items.verbs import starts_with_verb

_NOTHING = """
    | n a | na | none | nil | nothing | no | tbd | tba | tbc | todo | to do | to be defined
    | to be determined | to be added | to be confirmed | to be completed | to be filled
    | no action | no actions | no action items | no action required | no actions required
    | none identified | none at this time | none yet | none required | not applicable | no items
    | nothing to do | no further action | no further actions | no follow up required
    | no further action required | no further actions required | work in progress | wip
    | keine | keine maßnahmen | entfällt | nicht zutreffend | aucune | aucun | néant | sans objet
    | aucune action | ninguna | ninguno | no aplica | sin acciones | nenhuma | nenhum
    | não aplicável | nada | なし | 特になし | 該当なし | 未定 | 无 | 無 | 暂无 | 没有
    | 不适用 | 待定 | 待补充 | etc | and so on | xxx | foo | bar | lorem ipsum
"""
_NOTHING_WORDS = frozenset(words(phrase) for phrase in _NOTHING.split("|"))
# Marks of a blank that somebody was meant to fill in; a task's `[x]` has been taken out before.
_BLANK = re.compile(
    r"\[(?:[^\]\n]{0,80})\](?!\()|<[^<>\n]{1,80}>|\{\{[^{}\n]{1,80}\}\}|\$\{[^{}\n]{1,80}\}"
    r"|_{3,}|\.{4,}|…{2,}"
)
_EXAMPLE = re.compile(
    r"[\s(\[*_\"'`<{]*(?:e\.?\s?g\b|for example|example\s*:|ex\s?[.:]|z\.\s?b\.|"
    r"p\.?\s?ex\b|por ejemplo|por exemplo|beispiel\s*:|exemple\s*:|ejemplo\s*:|"
    r"exemplo\s*:|例\s*[:：]|例如|例えば)",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\b[YyJA]{4}(?:[-/.][MmDdTJ]{1,2}){0,2}|\b(?:[DdTJj]{2}[-/.])?[Mm]{2}[-/.][YyJjAa]{2,4}"
    r"|\bHH:MM\b|#?\bXXX+\b"
)
_NUMBERED = re.compile(
    r"(?:action(?: item)?|item|task|todo|step|follow[- ]?up|corrective action|maßnahme|aufgabe"
    r"|action corrective|acción|tarea|ação|tarefa|アクション|対策|行动项|措施|任务|改进项)"
    r"\s*#?(?:\d{1,2}|[A-CN-Z])(?=\W|$)[\s:.\-–—。]*",
    re.IGNORECASE,
)
_NO_MORE = re.compile(
    r"(?:nothing (?:beyond|further|else|more|is|was|to)|no (?:further|additional|more|other|new)? ?"
    r"(?:action|follow|task|work)|there (?:are|is|were) no (?:further |additional |open )?"
    r"(?:action|follow|task)|none\b.{0,40}$|keine (?:weiteren |offenen )?(?:maßnahmen|aufgaben)"
    r"|aucune action|ninguna acción|sin acciones|nenhuma ação)",
    re.IGNORECASE,
)
_LIKELY = NAME_WORDS | BESIDE
# A longer text says something.
_LONG = 120
# Each alternative starts with one letter: Python searches fast for that.
_MARKS = re.compile(r"\[|<|\{|\$|…|__|\.\.\.\.|YY|yy|JJ|jj|XX|AAAA|HH:MM|M[Mm][-/.]|m[Mm][-/.]")
_BRACKETED = re.compile(r"\([^()]*\)|（[^（）]*）")


def is_blank(text: str) -> bool:
    """Whether a text only stands where an action item is to be written."""
    if _EXAMPLE.match(text) or (_MARKS.search(text) and is_form(text)):
        return True
    if len(text) > _LONG:
        return False
    said = words(text)
    return (
        not said or said in _NOTHING_WORDS or bool(_NO_MORE.match(text)) or _only_names(text, said)
    )


def is_form(text: str) -> bool:
    """Whether blanks make up the text, or nothing but the names of fields is left beside them."""
    if text.startswith(("[", "<", "{", "$")) and _BLANK.fullmatch(text.strip(" .:;")):
        return True
    if text.startswith("[") and _BLANK.fullmatch(_BRACKETED.sub("", text).strip(" .:;")):
        return True
    rest = _BLANK.sub(" ", text)
    if rest == text and not _FORM.search(text):
        return False
    left = words(_FORM.sub(" ", _NUMBERED.sub("", rest)))
    return sum(word not in NAME_WORDS for word in left) <= len(left) // 4


def _only_names(text: str, said: tuple[str, ...]) -> bool:
    """Whether a text is `Action item 1`, `Owner - Due`, or `Short-term (rollback, patch)`."""
    if said[0] not in _LIKELY and not _NUMBERED.match(text):
        return False
    outside = _NUMBERED.sub("", _BRACKETED.sub(" ", text))
    left = words(outside)
    if not left or starts_with_verb(text) or text.endswith("?"):
        return not left
    names = len(left) > 1 and NAME_WORDS.issuperset(left)
    return names or (outside != text and BESIDE.issuperset(left))
