"""The record of a run as JSON: the interface of all that comes after it.

ASCII only, so that text that is no valid Unicode survives. The same bytes for the same result, a
line for each planned check, observation and gate, so that two records can be compared. NaN is an
error, never written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gatekeeper import codec
from gatekeeper.interfaces import Report
from gatekeeper.result import Result

# Only what has no indentation is encoded by the C code of the standard library, ten times as fast.
_compact = json.JSONEncoder(allow_nan=False).encode


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
            yield f"{before}{_compact(key)}: "
            yield from _pieces(item)
            before = ",\n"
        yield "\n}"
    elif value and isinstance(value, list):
        yield "["
        for item in value:
            yield f"{before}{_compact(item)}"
            before = ",\n"
        yield "\n]"
    else:
        yield _compact(value)


PLUGIN = Report(api=1, render=render)
