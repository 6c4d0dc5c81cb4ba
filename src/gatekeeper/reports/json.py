"""The record of a run as JSON: the interface of all that comes after it.

ASCII only, so that text that is no valid Unicode survives. The same bytes for the same result, a
line for each planned check, observation and gate, so that two records can be compared. NaN is an
error, never written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper import codec, escape
from gatekeeper.interfaces import Report
from gatekeeper.result import Result


def render(result: Result) -> Iterator[str]:
    """Yield the JSON text in pieces; `codec.decode(Result, json.loads(text))` reads it back."""
    yield from _pieces(codec.encode(result))
    yield "\n"


def _pieces(value: Any) -> Iterator[str]:
    """Each value of an object and each item of a list on a line; what is in an item stays on it."""
    before = "\n"
    if value and isinstance(value, dict):
        yield "{"
        for key, item in value.items():
            yield f"{before}{escape.as_json(key)}: "
            yield from _pieces(item)
            before = ",\n"
        yield "\n}"
    elif value and isinstance(value, list):
        yield "["
        for item in value:
            yield f"{before}{escape.as_json(item)}"
            before = ",\n"
        yield "\n]"
    else:
        yield escape.as_json(value)


PLUGIN = Report(api=1, render=render)
