"""What a heading, a label or an owner line says of the items below it."""

from __future__ import annotations

import re
from dataclasses import replace

from gatekeeper.learning.headings import Role, exact_role, role, words
from gatekeeper.learning.items import owners
from gatekeeper.learning.items.candidate import Group
from gatekeeper.learning.items.names import exact_state
from gatekeeper.learning.items.verbs import starts_with_verb
from gatekeeper.learning.outline import Item, Section

# Below a heading of action items, these begin something else.
_ELSEWHERE: frozenset[Role] = frozenset(
    {"rejected", "timeline", "lessons", "participants", "went-well", "went-wrong", "evidence"}
)
# These only where nothing else is said: `Impact mitigation` is about actions.
_ELSEWHERE_ALONE: frozenset[Role] = frozenset(
    {"impact", "root-cause", "summary", "contributing-factors", "decisions"}
)
_IMPROVES = re.compile(
    r"improv|better|fix|verbesser|am[eé]lior|mejor|melhor|改善|改进", re.IGNORECASE
)
TOPIC_WORDS = 4
_COLONS = " :："
# What follows is what it is about: `To avoid this, we will:`.
_INTRODUCES = re.compile(
    r"^to\s.*[:：]$|\b(?:will|should|must|could|need to|plan to|going to|following)\s?[:：]$",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[(（\[]([^()（）\[\]]{1,40})[)）\]]")
_PERIOD = re.compile(
    r"(?:by |due:? |until |before |end of |bis )*"
    r"(?:(?:Q[1-4]|H[12])\b.{0,20}|\d{4}-\d\d-\d\d|(?:[^\W\d]+\.? ){0,2}20\d\d|\d.{0,20}20\d\d)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\s*(?:\d{1,2}[.)]|(?i:action(?: item)?|item|task)\s*#?\d{1,2}\b|[A-Z]{1,3}-?\d{1,3}\s*[:.)-])"
    r"[\s:.-]"
)
# States that say less within a heading: `New actions`.
_VAGUE = frozenset(
    {"new", "planned", "proposed", "ready", "no", "live", "scheduled", "todo", "todos"}
)
_BY = re.compile(r"^(?:by|due|until|before|bis):? ", re.IGNORECASE)


def is_elsewhere(section: Section) -> bool:
    """Whether a section below action items is about something else."""
    title = section.title.text
    if _IMPROVES.search(title):
        return role(title) == "rejected"
    return role(title) in _ELSEWHERE or exact_role(title) in _ELSEWHERE_ALONE


def is_numbered(title: str) -> bool:
    """`1) Add an alert`, `AI-3: Add an alert`."""
    return _NUMBERED.match(title) is not None


def names_group(title: str) -> bool:
    """Whether a heading says of the items below it what they are: `Completed`, `Next steps`."""
    return role(title) is not None or exact_state(title) is not None


def is_told(title: str) -> bool:
    """Whether a heading says enough to be an action item itself."""
    return len(words(title)) > TOPIC_WORDS or starts_with_verb(title)


def group(section: Section, outer: Group, *, owned: bool = False) -> Group:
    """What the items below have in common; a line that names no owner ends that of the one before.

    `owned`: the headings beside it name owners.
    """
    title = section.title.text.strip(_COLONS)
    inner = _inner(title, outer)
    may_own = (section.label or owned) and inner.done == outer.done
    hidden = role(title) == "action-items" and not outer.title
    return replace(
        inner,
        title=None if hidden else title,
        owner=owners.named_in(title) if may_own else None,
    )


def group_of_item(item: Item, outer: Group) -> Group:
    """The same for a list item with others below it; there one capital word is rather a topic."""
    title = item.prose.text.strip(_COLONS)
    sure = owners.is_team(title) or owners.handles(title) == title
    return replace(_inner(title, outer), owner=title if sure else outer.owner)


def is_topic(item: Item) -> bool:
    """Whether a list item with others below it only names what they are about."""
    text = item.prose.text.strip()
    if item.checked is not None:
        return False
    if _INTRODUCES.search(text):
        return True
    if starts_with_verb(text):
        return False
    bare = text.rstrip(_COLONS)
    return len(item.prose.lead) >= len(bare) or bare != text or len(words(text)) <= TOPIC_WORDS


def _participle(title: str) -> tuple[str, ...]:
    """The word that says so in a heading of action items: `Completed actions`."""
    if role(title) not in {"action-items", "prevention"}:
        return ()
    return tuple(word for word in words(title) if word not in _VAGUE)


def _inner(title: str, outer: Group) -> Group:
    """With what a title says in brackets: `Follow-up (done)`, `Monitoring (Q4 2025)`."""
    asides = _BRACKET.findall(title)
    states = map(exact_state, (title, _BRACKET.sub("", title), *asides, *_participle(title)))
    periods = [_BY.sub("", text) for text in asides if _PERIOD.fullmatch(text.strip())]
    return replace(
        outer,
        title=title or outer.title,
        due=periods[0] if periods else outer.due,
        done=next((state for state in states if state is not None), outer.done),
    )
