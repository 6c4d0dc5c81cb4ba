"""What a report tells in prose and lists: causes, decisions, impact, lessons, who took part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from gatekeeper.learning import durations, labels, residue
from gatekeeper.learning.headings import Role
from gatekeeper.learning.parts import Part, Written, items, lines_of, one_line, said, whole
from gatekeeper.learning.postmortem import Cause, Impact

_CAUSE_ITSELF = re.compile(r"root|racine|ra[ií]z|grund|根|真", re.IGNORECASE)
_SENTENCE = re.compile(
    r"[^.!?。\uff01\uff1f\n]+(?:[.!?](?!\s|$)[^.!?。\uff01\uff1f\n]*)*[.!?。\uff01\uff1f]?"
)
# Sentences of an impact section that tell one of its values.
_TELLS = {
    "users": re.compile(
        r"\b(?:users?|customers?|clients?|tenants?|patients?|visitors?|merchants?|subscribers?"
        r"|accounts?|records|orders|requests|nutzer\w*|kund\w+|benutzer\w*|utilisateurs?"
        r"|usuarios?|clientes?|usuários?)\b|ユーザー?|顧客|用户|用戶|客户",
        re.IGNORECASE,
    ),
    "data_loss": re.compile(
        r"\bdata(?:base)?\b.{0,40}\b(?:loss|lost|corrupt\w*|deleted|destroyed|leaked|exposed)\b"
        r"|\b(?:lost|loss of|corrupted|deleted|no)\s(?:\w+\s){0,3}data\b|datenverlust"
        r"|perte de données|données perdues|pérdida de datos|perda de dados"
        r"|データ.{0,6}(?:損失|消失|欠損|破損)|数据.{0,4}(?:丢失|损坏)",
        re.IGNORECASE,
    ),
    "duration": re.compile(
        r"\b(?:for|lasted|lasting|took|over|within|during|after|until|outage|downtime|unavailable"
        r"|down|dauerte|lang|minuten|stunden|pendant|durante|por)\b|間|时间|持续|停止|分钟|小时",
        re.IGNORECASE,
    ),
    "recovery": re.compile(
        r"\b(?:recover\w*|restor\w*|wiederherg\w+|rétabli\w*|restaur\w+|recuper\w+)\b|復旧|恢复",
        re.IGNORECASE,
    ),
    "resources": re.compile(
        r"[$€£¥]\s?\d|\b(?:cost|spent|engineer(?:ing)?[\s-]hours|cpu|memory|budget|revenue)\b",
        re.IGNORECASE,
    ),
}
_MEASURED = re.compile(
    r"\d|\b(?:hours?|days?|weeks?|minutes?|stunden?|tage?|heures?|horas?)\b", re.IGNORECASE
)
_MAX_SENTENCES = 200


def of_role(parts: Iterable[Part], *roles: Role) -> list[Part]:
    """The parts that have one of the roles."""
    return [part for part in parts if part.role in roles]


def root_cause(parts: Sequence[Part]) -> Written | None:
    """The text of the root cause and its line; a section that says `root` comes before others."""
    found = [(text, part) for part in of_role(parts, "root-cause") if (text := said(part))]
    if not found:
        return None
    text, part = next((one for one in found if _CAUSE_ITSELF.search(one[1].title)), found[0])
    return Written(text, part.line)


def contributing_factors(parts: Sequence[Part]) -> tuple[Cause, ...]:
    """Each contributing factor: a list item, or else a paragraph."""
    return tuple(
        Cause(text, line)
        for part in of_role(parts, "contributing-factors")
        for text, line in listed(part)
    )


def lessons(parts: Sequence[Part]) -> tuple[tuple[str, ...], int]:
    """What was learned, what went well and wrong; and the line of the first section of them."""
    chosen = of_role(parts, "lessons", "went-well", "went-wrong")
    told = [text for part in chosen for text, _ in listed(part)]
    return tuple(dict.fromkeys(told)), chosen[0].line if chosen else 0


def listed(part: Part) -> Iterator[tuple[str, int]]:
    """The entries of a part: its list items, else its rows and paragraphs."""
    entries = [(whole(item), item.line) for item in items(part)]
    if not entries:
        entries = [(one_line(text), line) for text, line in lines_of(part)]
    yield from ((text, line) for text, line in entries if residue.says(text))


def impact(parts: Sequence[Part]) -> tuple[Impact, int]:
    """What it cost, and the line of the section; labelled values come before sentences."""
    sections = of_role(parts, "impact")
    told = "\n".join(dict.fromkeys(filter(None, map(_prose, sections))))
    values = dict(_in_sentences(told))
    for part in reversed(parts):
        name = (part.field or "").replace("-", "_")
        if name in _TELLS and (value := _value(part)):
            values[name] = value
    duration = values.get("duration")
    found = Impact(
        **values,
        duration_minutes=durations.minutes(duration) if duration else None,
        text=told or None,
    )
    return found, sections[0].line if sections else 0


def _value(part: Part) -> str:
    """A labelled value, in one line; a duration has a number."""
    told = [text for text, _ in lines_of(part) if residue.says(text)]
    value = one_line(" ".join(told))
    return "" if part.field == "duration" and not _MEASURED.search(value) else value


def _prose(part: Part) -> str:
    """What an impact section says beside its labelled values."""
    if part.field and part.text:
        return ""
    told = []
    for text, _ in lines_of(part):
        own = "\n".join(line for line in text.split("\n") if not labels.is_labelled(line))
        if residue.says(own):
            told.append(one_line(own))
    return "\n".join(told)


def _in_sentences(text: str) -> Iterator[tuple[str, str]]:
    """The first sentence that tells each value; of a duration, its words."""
    sentences = [found[0].strip() for found in _SENTENCE.finditer(text)][:_MAX_SENTENCES]
    for name, tells in _TELLS.items():
        for sentence in filter(tells.search, sentences):
            told = durations.find(sentence) if name == "duration" else (0, sentence)
            if told:
                yield name, told[1]
                break
