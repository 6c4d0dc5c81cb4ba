"""What a template left behind: placeholders and instructions, which say nothing about an incident.

`[Number of users]`, `{{ summary }}`, `${title}`, `HH:MM`, `TBD`; "Describe what went wrong".
"""

from __future__ import annotations

import functools
import re

# Brackets with nothing but one of these, or anything else that stands for a value.
_TOKEN = re.compile(
    r"\[(?!\d{1,2}[:.h])[^\[\]\n]{0,200}\](?![(\[])|\{\{[^{}\n]{0,200}\}\}|\$?\{[^{}\n]{0,200}\}"
    r"|<(?!https?:)[^<>\n]{1,80}>|\((?:e\.g\.|for example|z\. ?B\.|p\. ?ex\.)[^()\n]{0,200}\)"
    r"|\b(?:hh|xx)[:h](?:mm|xx)(?::ss)?\b|\b(?:yyyy|yy|jjjj|aaaa)[-/.](?:mm|xx)[-/.](?:dd|tt|jj|xx)\b"
    r"|\b(?:dd|tt|jj|mm)[-/.](?:mm|dd)[-/.](?:yyyy|jjjj|aaaa)\b"
    r"|\b(?:tb[dca]|n/?a|todo|xxx+|lorem ipsum)\b|未定|未記入|記入|待定|待补充",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W_]")
# Of those, the ones that nobody writes on purpose; first those in brackets, quick to find alone.
_IN_BRACKETS = re.compile(
    r"\[(?:date|name|number|title|time|yes/no|clear, concise|total|key l|p0,|what |who |your "
    r"|insert|describe|add |link to|author|team|owner|description|incident|event|role|list |detail"
    r"|summary|fill|datum|nombre|nom|fecha|data)[^\[\]\n]{0,200}\](?![(\[])",
    re.IGNORECASE,
)
_SURE = re.compile(
    rf"{_IN_BRACKETS.pattern}"
    r"|\{\{[^{}\n]{1,200}\}\}|\$\{[^{}\n]{1,200}\}"
    r"|\b(?:hh|xx):(?:mm|xx)\b|\byyyy-mm-dd\b|\bdd[-/.]mm[-/.]yyyy\b|\blorem ipsum\b",
    re.IGNORECASE,
)
_SIGNS = ("{", ":mm", ":xx", "yyyy", "lorem")
_CODE = re.compile(r"`[^`\n]*`")
# How instructions begin. A real report says what happened, not what to write.
_INSTRUCTION = re.compile(
    r"""[\s*_>(\[-]*(?:
      (?:please\s)?(?:describe|explain|provide|summari[sz]e|fill\s(?:in|out)|insert|outline|specify
        |briefly|enter|list\s(?:all|any|each|the|of|every|out)|include\s(?:all|any|a|the|links?)
        |use\s(?:this|the)\s(?:template|section)|write\s(?:a|down|the|about)\b
        |add\s(?:any|links?\sto|details|a\sshort)|note\sany|document\s(?:any|the|all)\s)
    | (?:an?|one|two|short|brief|concise|quick|high-level|one-paragraph)\s[\w\s,-]{0,40}
        (?:summary|description|overview|explanation)\sof\s(?:the|what|this)
    | a\sdetailed,\stimestamped\slog | a\sdeep\sdive\sinto\swhat | a\squantitative\sand\squalitative
    | a\slist\sof\sconcrete | summary\sof\s(?:the\s)?event\b | quick\ssummary
    | list\sof\sthings\sthat | things\sthat\s(?:could|went)\b.{0,40}\bideally
    | these\sare\s(?:only\ssample|good\sthings\sthat)
    | this\s(?:is\sa|section|template|document)\s(?:template|should|is\sfor|describes\show)
    | each\slist\sitem\shere | action\sitems\sshould\sbe | every\saction\sitem\sshould
    | (?:e\.\s?g\.|z\.\s?b\.|p\.\s?ex\.|ex\.:)
    | start\sof\sincident\.\sfirst\ssymptoms | investigation\sstarts\.$ | more\sdetails\.$
    | what\shappened\.(?:\s\(repeat|$) | should\slink\sto\san\sissue | tracks\sthe\swork\sprocess
    | bulleted$ | list$ | (?:first|second|third|next)\sitem$
    | (?:what|how|who|when|which|where)\b[^.!?\n]{0,120}\?\s*(?:\([^()\n]*\))?\s*$
    | (?:beschreib|erläuter|schildere|fasse?n?\s|trage?n?\s)(?:e|en|t|ung)?\b.{0,80}
        (?:sie|hier|kurz|was|den|die|das)\b
    | (?:décri(?:re|vez)|expliquez|résumez|indiquez|listez|renseignez)\b
    | (?:describ[ae]|expli(?:que|car)|resum[ae]|indi(?:que|car)|enumer[ae]|complete)
        \s(?:a|o|el|la|los|las|os|as|qué|que|cómo)\b
    | (?:descreva|explique|resuma|liste|preencha)\b
    )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_IN_SCRIPT = re.compile(
    r".{0,60}(?:してください|を記載|を記入|を書く)[。.]?$|请(?:描述|填写|说明|列出)|在此处?(?:填写|描述)"
)
_EXAMPLE = re.compile(
    r"(?:for example|e\.g\.|zum beispiel|par exemple|por ejemplo)[,:.]?\s*$", re.IGNORECASE
)
_OPENS = re.compile(r"[\[{<(]")
# Lengths: of an instruction, of several placeholders, of a word that stands for one.
_MAX, _MAX_TOKENS, _MAX_WORD = 1_000, 300, 30
_MAX_LABEL = 60


def is_empty(text: str) -> bool:
    """Whether a text holds placeholders and signs only, or nothing."""
    if len(text) > (_MAX_TOKENS if _OPENS.search(text) else _MAX_WORD):
        return False
    return not _LETTER.search(_TOKEN.sub("", text))


def is_instruction(text: str) -> bool:
    """Whether a paragraph tells the writer what to write."""
    return len(text) <= _MAX and _instructs(text)


@functools.lru_cache(maxsize=1024)  # the same paragraph is asked for each part that it belongs to
def _instructs(text: str) -> bool:
    if _INSTRUCTION.match(text) or _EXAMPLE.search(text[-_MAX_WORD:]):
        return True
    return not text.isascii() and bool(_IN_SCRIPT.match(text))


def says(text: str) -> bool:
    """Whether a paragraph is about the incident, not left by a template."""
    return not is_empty(text) and not is_instruction(text) and not _is_label(text)


def _is_label(text: str) -> bool:
    """Whether a text only announces what was to be written behind it."""
    text = text.rstrip()
    return text.endswith((":", "\uff1a")) and len(text) <= _MAX_LABEL and "\n" not in text


def count(text: str, raw: str) -> int:
    """How many placeholders a text has that nobody writes on purpose; `raw` is its source."""
    return len(_SURE.findall(_CODE.sub(_kept, raw))) if is_left(text) else 0


def is_left(text: str) -> bool:
    """Whether one of some lines of text has such a placeholder; most have none, quick to see."""
    if _IN_BRACKETS.search(text):
        return True
    small = text.lower()
    return any(sign in small for sign in _SIGNS) and _SURE.search(text) is not None


def _kept(code: re.Match[str]) -> str:
    """Variables in code are the system's own; times and dates are not."""
    return "" if "{" in code[0] or "<" in code[0] else code[0]
