"""The record of each run, a JSON file beside its evidence; and how long checks last took."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from gatekeeper import codec
from gatekeeper.checkout import ignore_state
from gatekeeper.errors import NotMeasured, UsageError
from gatekeeper.result import SCHEMA, Result

# Runs that are kept; older ones go.
_KEPT = 20
# Seconds that a check can have taken: ten years.
_LONGEST = 3.2e8
# A checkout that may only be read is no fault; a disk that is full is.
READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def write(path: Path, text: Iterable[str]) -> None:
    """Write a file as a whole or not at all; raise NotMeasured where it cannot be.

    What is no regular file (a terminal, a pipe, /dev/null) is written to as it is.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8") as stream:
                stream.writelines(text)
            return
        put(path, text)
    except OSError as error:
        remedy = "make room" if error.errno in _FULL else "name another place"
        raise NotMeasured(f"{path} could not be written: {error.strerror}", remedy) from error


def put(path: Path, text: Iterable[str], mode: int = 0o644, errors: str = "strict") -> None:
    """Put a file in place as a whole or not at all, never through a link; OSError where it cannot.

    `errors` is what becomes of text that UTF-8 cannot carry, as for `open`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", errors=errors) as stream:
            stream.writelines(text)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def prepare(state: Path) -> tuple[str, ...]:
    """Make the folder for records; a warning where it may not be written to, which is no fault."""
    try:
        ignore_state(state)
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise
        return (
            f"{state} may not be written to ({error.strerror}): no record and no evidence is kept",
        )
    return ()


def read(path: Path) -> Result:
    """Read the record of a run; UsageError says what is wrong with it."""
    try:
        value = json.loads(path.read_bytes())
        if isinstance(value, dict) and value.get("schema") != SCHEMA:
            raise UsageError(f"{path} is no {SCHEMA}: its schema is {value.get('schema')!r}")
        return codec.decode(Result, value, "result")
    except (codec.CodecError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no result of gatekeeper: {error}") from None


def save(state: Path, run: str, result: Result) -> str:
    """Keep the record of a run; return a warning where the folder may not be written to."""
    path = state / "runs" / run / "result.json"
    try:
        write(path, [json.dumps(codec.encode(result)), "\n"])
        durations = {o.check: o.wall for o in result.observations if o.measurement is not None}
        write(state / "durations.json", [json.dumps({**known_durations(state), **durations}), "\n"])
    except NotMeasured as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in READ_ONLY:
            return f"no record is kept: {error.reason}"
        raise
    _prune(state / "runs")
    return ""


def known_durations(state: Path) -> Mapping[str, float]:
    """Seconds that each check last took; empty where nothing readable is known."""
    try:
        known = json.loads((state / "durations.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {
        name: float(value)
        for name, value in known.items()
        if isinstance(value, (int, float)) and 0 <= value < _LONGEST
    }


def _prune(runs: Path) -> None:
    for old in sorted(path.name for path in runs.iterdir())[:-_KEPT]:
        shutil.rmtree(runs / old, ignore_errors=True)
