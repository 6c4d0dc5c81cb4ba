"""Who is to do an action item, as its text says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gatekeeper.learning.headings import BESIDE, role, word_set, words
from gatekeeper.learning.items.names import state
from gatekeeper.learning.items.verbs import starts_with_verb

_HANDLE = re.compile(r"(?<![\w@./])@[A-Za-z0-9][\w-]{0,38}(?:/[\w-]{1,38})?")
_IN_BRACKETS = re.compile(r"\[([^\[\]]{2,40})\](?!\()")
_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’.-]{0,24}"
# Initials or names, joined.
_PEOPLE = re.compile(
    rf"{_NAME}(?: {_NAME}){{0,2}}(?:\s?(?:/|,|&|\+| and | und | et | y | e | via )\s?"
    rf"{_NAME}(?: {_NAME}){{0,2}}){{0,5}}"
)
_INITIALS = re.compile(r"[A-Z]{2,3}(?:\s?[/,&]\s?[A-Z]{2,3}){0,4}")
_CALLED = re.compile(
    r"^(?:owners?|owned by|assigned to|assignee|responsible|dri|by|resp\.|verantwortlich|zuständig"
    r"|responsables?|responsável|encargad[oa]|担当|负责人)\s+",
    re.IGNORECASE,
)
_TO = re.compile(rf"({_NAME}(?:(?:/|, | & | and ){_NAME}){{0,4}}|[\w-]+ team|[Tt]eam) (?:to|will) ")
_DASH = re.compile(r"\s*(?:\s[-–—]|[:：(（])\s*")
_SCRIPT_NAME = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{2,4}(?:さん|氏)?")
_MAX_WORDS = 4
_MAX_LENGTH = 60
_MAX_IN_SCRIPT = 6
_BOLD_END = re.compile(r"(?:\*\*|__)([A-Z][\w.]{0,20})(?:\*\*|__)((?:/[A-Z][\w.]{0,20}){0,4})\s*$")
# A word for people who work together, in front or at the end of their name.
_GROUPS = word_set(
    """
    team teams squad group guild crew dept department office everyone everybody all abteilung
    gruppe leitstelle équipe pôle service direction département equipo área departamento equipe
    """
)
_GROUP_IN_SCRIPT = re.compile(r"(?:チーム|グループ|[部課班係組组队]|団队|团队)$")
# What groups are called without such a word.
_BRANCHES = frozenset(
    (word,)
    for word in word_set(
        """
    devs dev developers ops sre sres engineering security platform infra infrastructure qa support
    product design management devops it legal marketing sales hr einkauf vertrieb betrieb
    """
    )
)
# One capital word alone is as often a topic as a name.
_TOPICS = word_set(
    """
    monitoring alerting detection prevention mitigation response communication communications
    testing tests documentation docs process processes tooling tools technical technology people
    logging logs metrics dashboards alerts automation deployment deployments deploy release
    releases capacity scaling performance reliability resilience redundancy database databases
    network networking hardware software frontend backend api apis ui code config configuration
    data backup backups training onboarding runbook runbooks playbooks incident incidents general
    other others misc miscellaneous various thoughts ideas questions notes done completed complete
    finished todo open pending planned ongoing blocked future now soon later today tomorrow short
    medium long immediate priority high low critical p0 p1 p2 p3 p4 development operations
    observability architecture design planning review analysis investigation recovery remediation
    cleanup improvements improvement actions action items item follow tasks task timeline example
    examples pr prs api ui ci cd db aws gcp tls ssl dns sla slo eta tbd tbc tba wip okr http vm
    cpu ram eu us uk issue issues link links proposal bug ticket fix fixes optional note see wont
    related blocked what why how when where who phase week month quarter discussed decided
    """
)


def handles(text: str) -> str | None:
    """The `@names` in a text, joined."""
    found = list(dict.fromkeys(_HANDLE.findall(text))) if "@" in text else []
    return ", ".join(found) if found else None


def is_team(text: str) -> bool:
    """Whether a short line names people who work together."""
    said = words(text)
    if not 0 < len(said) <= _MAX_WORDS or role(text) or starts_with_verb(text):
        return False
    return not _GROUPS.isdisjoint({said[0], said[-1]}) or bool(_GROUP_IN_SCRIPT.search(said[-1]))


def is_people(text: str) -> bool:
    """Whether a short line names people or a team, rather than a topic."""
    text = text.strip()
    if not 2 <= len(text) <= _MAX_LENGTH or state(text) is not None or role(text):
        return False
    if _HANDLE.fullmatch(text) or is_team(text) or words(text) in _BRANCHES:
        return True
    return not _is_topic(text) and (_PEOPLE.fullmatch(text) is not None or _in_script(text))


def _is_topic(text: str) -> bool:
    said = words(text)
    if not _TOPICS.isdisjoint(said) or BESIDE.issuperset(said):
        return True
    return starts_with_verb(text) and not text.isupper()


def _in_script(text: str) -> bool:
    return len(text) <= _MAX_IN_SCRIPT and _SCRIPT_NAME.fullmatch(text) is not None


def named_in(title: str) -> str | None:
    """The people that a line above a group of items names: `Ana`, `Ana - for planning`."""
    for text in (title, *_DASH.split(title)[:1]):
        if is_people(text):
            return text.strip()
    return None


def leading(text: str, lead: str = "") -> str | None:
    """The owner that stands in front: `[Team] ..`, `Ana to ..`; `lead` is in bold."""
    if len(lead) < len(text) and _is_sure(lead):
        return lead
    bracketed = _IN_BRACKETS.match(text)
    if bracketed and is_people(bracketed[1]):
        return bracketed[1]
    return _before_verb(text)


def _before_verb(text: str) -> str | None:
    found = _TO.match(text) if " to " in text or " will " in text else None
    if not found or not starts_with_verb(text[found.end() :]):
        return None
    name = found[1]
    return name if is_people(name) and not _is_plural(name) else None


def _is_sure(name: str) -> bool:
    """Whether a name in bold is no topic: a team, a handle, initials."""
    if is_team(name) or words(name) in _BRANCHES or _HANDLE.fullmatch(name):
        return True
    return _INITIALS.fullmatch(name) is not None and is_people(name)


def _is_plural(name: str) -> bool:
    """`Tests to cover this`: more likely things than a person."""
    return name.endswith("s") and not name.isupper()


def trailing(asides: Iterable[str], raw: str) -> str | None:
    """The owner that stands at the end: initials in bold, or beside the text."""
    if found := _BOLD_END.search(raw[-120:]):
        return found[1] + found[2]
    bare = (_CALLED.sub("", aside) for aside in asides)
    return next((aside for aside in bare if is_people(aside)), None)
