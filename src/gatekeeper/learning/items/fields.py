"""An action item out of what a document says of it: text, state, owner, due date, references.

A column of its table or a line below the item counts first, then what its text says, then the line
or heading it stands under.
"""

from __future__ import annotations

from dataclasses import replace

from gatekeeper.learning.items import due, owners, refs
from gatekeeper.learning.items.asides import asides
from gatekeeper.learning.items.candidate import Candidate
from gatekeeper.learning.items.due import Calendar
from gatekeeper.learning.items.front import Front, front
from gatekeeper.learning.items.names import Field
from gatekeeper.learning.items.names import state as state_of
from gatekeeper.learning.items.placeholders import is_blank
from gatekeeper.learning.items.state import said_done
from gatekeeper.learning.items.stated import stated, value, without_fields
from gatekeeper.learning.postmortem import ActionItem

# Cells that may tell of the state beside what they are for.
_TELLING: tuple[Field, ...] = ("refs", "kind", "note", "due")


def item(candidate: Candidate, calendar: Calendar) -> ActionItem | None:
    """The action item that a candidate is, or None; its id is "" where it states none."""
    prose, fields = without_fields(candidate.prose)
    found = front(prose.text)
    if is_blank(found.text):
        return None
    if fields:
        candidate = replace(candidate, prose=prose, details=(*fields, *candidate.details))
    said = stated(candidate)
    beside = asides(found.text)
    own = value(candidate.cells.get("id")) or found.id
    parts = (candidate.prose, *candidate.cells.values(), *candidate.details)
    return ActionItem(
        id=own or "",
        text=found.text,
        line=candidate.prose.line,
        labelled=bool(own),
        done=_done(candidate, found, said.get("state"), beside),
        owner=_owner(candidate, found, said.get("owner"), beside),
        due=_due(candidate, found, said.get("due"), beside, calendar),
        refs=refs.refs(parts) or ((found.ref,) if found.ref else ()),
        priority=said.get("priority") or found.priority,
        success=said.get("success"),
        cause=said.get("cause"),
        group=candidate.group.title,
    )


def _done(
    candidate: Candidate, found: Front, said: str | None, beside: tuple[str, ...]
) -> bool | None:
    """The checkbox, then a field, then what stands in front, at the end, beside, below, above."""
    if candidate.checked is not None:
        return candidate.checked
    if said:
        return state_of(said)
    if found.done is not None:
        return found.done
    cells = [candidate.cells[name].text for name in _TELLING if name in candidate.cells]
    done = said_done(candidate.prose, beside, [*cells, *(one.text for one in candidate.details)])
    return candidate.group.done if done is None else done


def _owner(
    candidate: Candidate, found: Front, said: str | None, beside: tuple[str, ...]
) -> str | None:
    """Who is named in a field, in front, in the text, at the end, above, or below."""
    if said:
        return said
    if found.owner and owners.is_people(found.owner.title()):
        return found.owner
    return (
        owners.leading(found.text, candidate.prose.lead)
        or owners.handles(found.text)
        or owners.trailing(beside, candidate.prose.raw)
        or candidate.group.owner
        or next(filter(None, (owners.handles(one.text) for one in candidate.details)), None)
    )


def _due(
    candidate: Candidate,
    found: Front,
    said: str | None,
    beside: tuple[str, ...],
    calendar: Calendar,
) -> str | None:
    """What a field says, then the text, then what stands above."""
    if said:
        return calendar.day(said)
    in_text = due.due(found.text, beside, calendar)
    above = candidate.group.due
    return in_text or (calendar.day(above) if above else None)
