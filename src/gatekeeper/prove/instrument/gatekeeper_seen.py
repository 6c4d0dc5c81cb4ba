"""Write down what is seen in a proof: a line of JSON for each test, crash and module.

`settings` stands beside this file; see the docstring of the package.
"""

from __future__ import annotations

import json
import linecache
import os
from typing import Any

_INNER, _OUTER = 60, 20  # frames that are kept at both ends
_MESSAGE = 4000
_LINE = 400
_CHAIN = 5


def settings() -> list[str]:
    """The fields of the settings as they are now."""
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "settings")
    with open(place, encoding="utf-8", errors="surrogateescape") as file:
        return file.read().split("\0")[:-1]


def write(record: dict[str, Any]) -> None:
    """Add a line; several processes may write at once."""
    place = os.path.join(settings()[2], "seen.jsonl")
    try:
        handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError:
        return  # the proof is over, and this process outlived it
    try:
        os.write(handle, json.dumps(record).encode("ascii") + b"\n")
    finally:
        os.close(handle)


def crash(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """An exception: what it says, what it asked for, where it was raised, what it hides."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return {
        "kinds": [kind.__name__ for kind in type(error).__mro__],
        "message": _text(error),
        "name": _attribute(error, "name"),
        "filename": _attribute(error, "filename"),
        "frames": frames(error),
        "hidden": crash(before, depth + 1) if before is not None and depth < _CHAIN else None,
    }


def frames(error: BaseException) -> list[dict[str, Any]]:
    """The frames of a traceback, the innermost first; files below the worktree are relative."""
    top = settings()[1]
    found = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        file, line = code.co_filename, trace.tb_lineno or 0
        source = linecache.getline(file, line, trace.tb_frame.f_globals).strip()[:_LINE]
        place = _below(file, top)
        found.append({"file": place, "line": line, "function": code.co_name, "source": source})
        trace = trace.tb_next
    found.reverse()
    return found if len(found) <= _INNER + _OUTER else found[:_INNER] + found[-_OUTER:]


def _below(file: str, top: str) -> str:
    """A file relative to the worktree; what is not below it stays absolute, `<...>` as it is."""
    if file.startswith("<"):
        return file
    for place in (os.path.abspath(file), os.path.realpath(file)):
        if place.startswith(top + os.sep):
            return place[len(top) + 1 :].replace(os.sep, "/")
    return os.path.abspath(file)


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MESSAGE]
    except BaseException as problem:  # noqa: BLE001  what a judged class does is not ours
        return "no message: " + type(problem).__name__


def _attribute(error: BaseException, name: str) -> str:
    value = getattr(error, name, None)
    value = os.fspath(value) if isinstance(value, os.PathLike) else value
    return value[:_MESSAGE] if isinstance(value, str) else ""
