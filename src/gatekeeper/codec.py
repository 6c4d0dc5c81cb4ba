"""Frozen dataclasses to plain JSON values and back, without pydantic: the form of all records.

Keys are kebab-case; a key that is missing is read back as the field's default.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import types
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
# Values of a Decimal for which JSON has no number.
_NO_JSON_NUMBER = ("NaN", "Infinity", "-Infinity")
# Most values are one of these, and JSON values already.
_PLAIN = frozenset({str, int, float, bool, type(None)})


class CodecError(ValueError):
    """A value does not have the form of its type; the message names the place in the document."""


def encode(value: Any) -> Any:
    """Turn a dataclass, or a container of them, into JSON values."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if isinstance(value, Decimal):
        return _encode_decimal(value)
    if isinstance(value, (tuple, list)):
        return [item if type(item) in _PLAIN else encode(item) for item in value]
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    return _encode_record(type(value), value)


def _encode_record(form: Any, record: Any) -> dict[str, Any]:
    return {
        key: item if type(item := getattr(record, name)) in _PLAIN else encode(item)
        for name, key, _ in fields(form)
    }


def _encode_decimal(value: Decimal) -> float | str:
    """A JSON number; the name of a value for which JSON has none."""
    if not value.is_finite():
        return "NaN" if value.is_nan() else str(value)
    # Far beyond a float, an integer would have more digits than Python is willing to read back.
    if abs(value.adjusted()) < 300 and value == value.to_integral_value():
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else str(Decimal(number))


def decode(form: type[T], value: Any, where: str = "document") -> T:
    """Read JSON values back as `form`; `where` names the place in messages."""
    return _decode(form, value, where)  # type: ignore[no-any-return]


@cache
def fields(form: Any) -> tuple[tuple[str, str, Any], ...]:
    """Name, key and default (MISSING where there is none) of each field."""
    return tuple(
        (
            field.name,
            field.name.replace("_", "-"),
            field.default
            if field.default_factory is dataclasses.MISSING
            else field.default_factory(),
        )
        for field in dataclasses.fields(form)
    )


@cache
def _hints(form: type) -> dict[str, Any]:
    return get_type_hints(form)


def _decode(form: Any, value: Any, where: str) -> Any:
    origin = get_origin(form)
    if form is Any:
        return value
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(form), value, where)
    if origin is Literal:
        return _expect(value in get_args(form), value, where, f"one of {get_args(form)}")
    if origin is tuple:  # always tuple[FORM, ...]
        _expect(isinstance(value, list), value, where, "a list")
        item = get_args(form)[0]
        return tuple(_decode(item, v, f"{where}[{n}]") for n, v in enumerate(value))
    if origin is not None:  # a Mapping
        _expect(isinstance(value, dict), value, where, "an object")
        item = get_args(form)[1]
        return {key: _decode(item, v, f"{where}.{key}") for key, v in value.items()}
    if dataclasses.is_dataclass(form):
        return _decode_record(form, value, where)
    return _decode_scalar(form, value, where)


def _decode_union(forms: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in forms:
        return None
    problem = CodecError(f"{where}: unexpected null")
    for form in forms:
        if form is not type(None):
            try:
                return _decode(form, value, where)
            except CodecError as error:
                problem = error
    raise problem


def _decode_scalar(form: Any, value: Any, where: str) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if form is Decimal:
        _expect(number or value in _NO_JSON_NUMBER, value, where, "a number")
        return Decimal(str(value))
    if form is float:
        # Comparing refuses NaN, and an integer too large for a float.
        fits = number and abs(value) <= sys.float_info.max
        return float(_expect(fits, value, where, "a number"))
    exact = isinstance(value, form) and (form is bool or not isinstance(value, bool))
    return _expect(exact, value, where, form.__name__)


def _decode_record(form: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), value, where, "an object")
    hints, rest, arguments = _hints(form), dict(value), {}
    for name, key, default in fields(form):
        if key in rest:
            arguments[name] = _decode(hints[name], rest.pop(key), f"{where}.{key}")
        elif default is dataclasses.MISSING:
            raise CodecError(f"{where}: {key} is missing")
    if rest:
        raise CodecError(f"{where}: unknown key {next(iter(rest))}")
    return form(**arguments)


def _expect(holds: object, value: Any, where: str, wanted: str) -> Any:
    if not holds:
        raise CodecError(f"{where}: expected {wanted}, not {type(value).__name__}")
    return value
