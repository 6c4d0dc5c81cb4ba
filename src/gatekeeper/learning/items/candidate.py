"""What may be an action item, as it stands in its container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gatekeeper.learning.items.names import Field
from gatekeeper.learning.outline import Prose

_NO_CELLS: Mapping[Field, Prose] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Group:
    """What a heading, a label or an owner line says of the items below it."""

    title: str | None = None
    owner: str | None = None
    due: str | None = None
    done: bool | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be an action item; `details` stand below it, `cells` beside it in its row.

    `structured`: in a list or a table, not a heading or prose.
    """

    prose: Prose
    group: Group = field(default_factory=Group)
    checked: bool | None = None
    details: tuple[Prose, ...] = ()
    cells: Mapping[Field, Prose] = field(default_factory=lambda: _NO_CELLS)
    structured: bool = True
