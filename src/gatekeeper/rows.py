"""Frozen dataclasses as bare rows of JSON values: for what gatekeeper itself keeps and reads again.

Much faster than `codec`, and without its keys and checks: who reads rows knows that the same code
wrote them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Turn = Callable[[Any], Any]
_SCALARS = frozenset({str, int, float, bool, NoneType})


def pack(form: Any, value: Any) -> Any:
    """A dataclass as a list of its fields' values, in their order."""
    turn = _packer(form)
    return turn(value) if turn else value


def unpack(form: Any, row: Any) -> Any:
    """The value of a row; raises TypeError or ValueError where it is no row of the form."""
    turn = _unpacker(form)
    return turn(row) if turn else row


@cache
def _packer(form: Any) -> Turn | None:
    """What packs a value of a form; None where it is a JSON value as it is."""
    if not dataclasses.is_dataclass(form):
        return _turn(form, _packer, list)
    names, turns = _fields(form, _packer)
    get = attrgetter(*names, names[0])  # of two names or more it gives a tuple

    def packed(value: Any) -> list[Any]:
        row = list(get(value))[:-1]
        for n, turn in turns:
            row[n] = turn(row[n])
        return row

    return packed


@cache
def _unpacker(form: Any) -> Turn | None:
    """What unpacks a value of a form; None where it is the JSON value."""
    if not dataclasses.is_dataclass(form):
        return _turn(form, _unpacker, tuple)
    make: Any = form
    names, turns = _fields(form, _unpacker)

    def unpacked(row: list[Any]) -> Any:
        if type(row) is not list or len(row) != len(names):
            raise ValueError(f"a row of {form} has {len(names)} values")
        for n, turn in turns:
            row[n] = turn(row[n])
        return make(*row)

    return unpacked


def _fields(
    form: Any, inner: Callable[[Any], Turn | None]
) -> tuple[list[str], list[tuple[int, Turn]]]:
    """The names of the fields, and what turns those that need it, by their place."""
    hints = get_type_hints(form)
    names = [field.name for field in dataclasses.fields(form)]
    turned = [(n, inner(hints[name])) for n, name in enumerate(names)]
    return names, [(n, turn) for n, turn in turned if turn]


def _turn(form: Any, inner: Callable[[Any], Turn | None], sequence: type[Any]) -> Turn | None:
    """What turns a value that is no dataclass: a scalar, an optional one, a tuple, a mapping."""
    origin, parts = get_origin(form), get_args(form)
    if form in _SCALARS or origin is Literal:
        return None
    if origin in (Union, UnionType):
        return _optional(_one(form, set(parts) - {NoneType}, inner))
    if origin is tuple:
        return _all(_one(form, set(parts) - {...}, inner), sequence)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _values(inner(parts[1]))
    raise TypeError(f"{form} cannot be kept as a row")


def _one(form: Any, parts: set[Any], inner: Callable[[Any], Turn | None]) -> Turn | None:
    """The one way in which all parts of a value are turned; of several, a row cannot tell which."""
    turns = {inner(part) for part in parts}
    if len(turns) > 1:
        raise TypeError(f"{form} cannot be kept as a row")
    return turns.pop()


def _optional(turn: Turn | None) -> Turn | None:
    if turn is None:
        return None
    return lambda value: None if value is None else turn(value)


def _all(turn: Turn | None, sequence: type[Any]) -> Turn:
    if turn is None:
        return sequence
    return lambda items: sequence(map(turn, items))


def _values(turn: Turn | None) -> Turn:
    if turn is None:
        return dict
    return lambda items: {key: turn(value) for key, value in items.items()}
