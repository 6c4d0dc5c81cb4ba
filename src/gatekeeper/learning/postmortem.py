"""A post-mortem, as it is read: plain values, each with the line it stands at.

`None` means that the document does not say; text is as written, without markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Milestone = Literal["detected", "impact-confirmed", "cause-identified", "fix-deployed", "stable"]
MILESTONES: tuple[Milestone, ...] = get_args(Milestone)
Kind = Literal["production-bug", "review-rejection", "deployment-failure", "performance-regression"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Method = Literal["5-whys", "fishbone", "failure-mode-analysis"]


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the timeline; `at` is the time as written.

    `day` is its day, ISO, where the document names one, in the entry or above it.
    """

    at: str
    text: str
    milestone: Milestone | None
    line: int
    day: str | None = None


@dataclass(frozen=True, slots=True)
class ActionItem:
    """A promised piece of work.

    `id` is its own label (`Action Item 2` -> `AI-2`, the id column of a table) or `AI-<position>`,
    which `labelled` tells apart. `text` has no list marker, checkbox, label or ticket prefix.
    `done` is None where nothing says so. `due` is an ISO date where it is a date, else as written.
    `refs` are links and tickets. `success` is the success criterion, `cause` the cause it
    addresses, `group` the sub-heading it stands under.
    """

    id: str
    text: str
    line: int
    labelled: bool = False
    done: bool | None = None
    owner: str | None = None
    due: str | None = None
    refs: tuple[str, ...] = ()
    priority: str | None = None
    success: str | None = None
    cause: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Who took part; `role` is None where none is stated."""

    name: str
    role: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Cause:
    """A contributing factor, a step of the whys, or a row of a failure mode analysis."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and the alternatives that were rejected."""

    text: str
    line: int
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What it cost, as written; `duration_minutes` where the duration can be read."""

    users: str | None = None
    data_loss: str | None = None
    duration: str | None = None
    duration_minutes: int | None = None
    recovery: str | None = None
    resources: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A section as the document has it: `words` counts its own prose, sub-sections included."""

    title: str
    level: int
    line: int
    words: int
    residue: int = 0


@dataclass(frozen=True, slots=True)
class PostMortem:
    """A report on an incident.

    `id` is the one stated in the front matter, else the stem of the file name. `durations` are
    minutes between the milestones that have a time, by `FROM..TO`. `no_check` maps an item's id to
    the reason why no check guards it. `lines` gives the line of each part that was found, by the
    name of the field (`title`, `date`, `root_cause`, `timeline`, `impact`, `lessons`,
    `action_items`, ...). `references` are the ids, tickets and links that the whole text names.
    """

    id: str
    file: str
    title: str | None = None
    date: str | None = None
    severity: str | None = None
    kind: Kind | None = None
    incident: str | None = None
    participants: tuple[Participant, ...] = ()
    timeline: tuple[Event, ...] = ()
    durations: Mapping[str, int] = field(default_factory=dict)
    root_cause: str | None = None
    contributing_factors: tuple[Cause, ...] = ()
    method: Method | None = None
    chain: tuple[Cause, ...] = ()
    decisions: tuple[Decision, ...] = ()
    impact: Impact = field(default_factory=Impact)
    lessons: tuple[str, ...] = ()
    action_items: tuple[ActionItem, ...] = ()
    no_check: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[tuple[int, str], ...] = ()

    def item(self, id_: str) -> ActionItem | None:
        """The action item of an id, or None."""
        return next((item for item in self.action_items if item.id == id_), None)
