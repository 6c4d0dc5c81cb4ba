"""The rows of a table of action items, whatever its columns are called and however they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gatekeeper.learning.headings import role
from gatekeeper.learning.items.candidate import Candidate, Group
from gatekeeper.learning.items.names import Field, field
from gatekeeper.learning.outline import Prose, Table

_SURE: frozenset[Field] = frozenset({"owner", "due", "state", "refs", "priority", "success"})
_CHECKBOX = re.compile(r"\[([ xX*✓✔]?)\]")
_MEASURED_ROWS = 50


def rows(table: Table, group: Group) -> Iterator[Candidate]:
    """A candidate for each row, if one of the columns holds the action."""
    columns = _columns(table)
    at = _text_column(table, columns)
    if at is None:
        return
    for row in table.rows:
        cells = {name: row[n] for n, name in columns.items() if n != at and row[n].text}
        yield Candidate(row[at], group, _checked(row), cells=cells)


def is_about_actions(table: Table) -> bool:
    """Whether the header alone shows that the rows are action items."""
    names = set(_columns(table).values())
    return any(role(cell.text) == "action-items" for cell in table.header) and bool(names & _SURE)


def _checked(row: tuple[Prose, ...]) -> bool | None:
    """The state of a cell that is a checkbox."""
    boxes = (_CHECKBOX.fullmatch(cell.text) for cell in row)
    return next((bool(box[1].strip()) for box in boxes if box), None)


def _columns(table: Table) -> Mapping[int, Field]:
    """The field of each column that has one; of two columns for a field, the first."""
    columns: dict[int, Field] = {}
    for n, cell in enumerate(table.header):
        name = field(cell.text)
        if name and (name == "text" or name not in columns.values()):
            columns[n] = name
    return columns


def _text_column(table: Table, columns: Mapping[int, Field]) -> int | None:
    """The column of the action: the one so called, of several the widest, else the widest free."""
    named = [n for n, name in columns.items() if name == "text"]
    sure = [n for n in named if role(table.header[n].text) == "action-items"]
    return max(sure or named or _free(table, columns), key=lambda n: _width(table, n), default=None)


def _free(table: Table, columns: Mapping[int, Field]) -> list[int]:
    """The columns that may hold the action, in a table that shows what it is by another column."""
    shown = _SURE.intersection(columns.values())
    taken = _SURE | {"id"}
    if not shown and len(table.header) > 1:
        return []
    return [n for n in range(len(table.header)) if columns.get(n) not in taken]


def _width(table: Table, column: int) -> int:
    return sum(len(row[column].text) for row in table.rows[:_MEASURED_ROWS])
