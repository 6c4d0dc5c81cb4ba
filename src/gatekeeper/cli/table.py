"""Rows as a table for a terminal; it brings nothing along."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatekeeper import escape

# A last column narrower than this is not broken into lines.
_NARROW = 30


def table(form: type, found: Sequence[Any]) -> Iterator[str]:
    """Aligned columns below their names; on a terminal the last one is broken to its width."""
    columns = _filled(form, found)
    widths = [max(map(len, column)) for column in columns[:-1]]
    start = sum(widths) + 2 * len(widths)
    room = shutil.get_terminal_size().columns - start if sys.stdout.isatty() else 0
    for *heads, last in zip(*columns, strict=True):
        head = "".join(f"{cell:<{width}}  " for cell, width in zip(heads, widths, strict=True))
        first, *more = _wrapped(last, room)
        yield (head + first).rstrip()
        yield from (" " * start + part for part in more)


def _filled(form: type, found: Sequence[Any]) -> list[list[str]]:
    """The columns, each below its name; one in which nothing stands tells nothing."""
    cells = {name: [_cell(name, getattr(row, name)) for row in found] for name in columns(form)}
    return [[name.upper(), *column] for name, column in cells.items() if any(column)]


def _wrapped(text: str, room: int) -> list[str]:
    """A text in lines of that width; one line where that is too narrow to read."""
    return (textwrap.wrap(text, room) if room >= _NARROW else [text]) or [""]


def _cell(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, Mapping):
        value = tuple(f"{key} {item}" for key, item in value.items())
    if isinstance(value, tuple):
        value = folded(value) if name == "measures" else ", ".join(value)
    return escape.line("" if value is None else str(value))


def folded(names: Iterable[str]) -> str:
    """Names of metrics in short: `lint.errors|warnings, secrets.total`."""
    groups: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = name.partition(".")
        groups.setdefault(head, []).append(rest)
    return ", ".join(f"{head}.{'|'.join(rest)}" for head, rest in groups.items())


def columns(form: type) -> list[str]:
    """The names of the fields of a row."""
    return [field.name for field in dataclasses.fields(form)]
