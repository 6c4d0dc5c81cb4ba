"""JSON of doubtful origin: whatever is wrong with a file becomes `NotMeasured`, and nothing else.

`load` reads a small document whole; `stream` walks a large one piece by piece. Both take UTF-8, and
UTF-16 or UTF-32 with a byte order mark; both refuse NaN, Infinity, numbers out of range, what is
truncated, and what follows the document. `text`, `position`, `mapping` and `sequence` take values
of unknown form apart.

Streaming stands on the C scanner of the standard library. ijson is as fast for the values below
one prefix; a report needs several, which costs it a pass for each, or objects built in Python.
"""

from __future__ import annotations

import codecs
import gc
import json
import os
import re
import stat
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO

from gatekeeper.errors import NotMeasured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MiB = 1 << 20
MAX_DOCUMENT = 64 * MiB
MAX_STREAM = 1024 * MiB
# One value of a stream, such as a scanner's table of rules, in characters.
MAX_VALUE = 32 * MiB
_CHUNK = 1 * MiB
_RERUN = "run the tool again and look at what it printed"
# The mark of UTF-32 begins with that of UTF-16: the order matters.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPACE = re.compile(r"[ \t\n\r]+")


def load(path: Path, limit: int = MAX_DOCUMENT) -> Any:
    """Read one JSON document of at most `limit` bytes; a key that repeats in an object is refused.

    Of two equal keys parsers take the first, the last or both, so such a report has no one meaning.
    """
    with _open(path, limit) as file:
        try:
            return json.loads(
                file.read(),
                parse_constant=_refuse,
                parse_float=_finite,
                object_pairs_hook=_unique,
            )
        except RecursionError:
            raise _too_deep(path) from None
        except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
            raise _broken(path, error) from None


@contextmanager
def stream(path: Path, limit: int = MAX_STREAM) -> Iterator[Stream]:
    """Open a JSON document of at most `limit` bytes to be walked; leaving checks that it ended.

    The collector of cyclic garbage rests meanwhile: JSON has no cycles, and looking for them again
    and again among a million values would take a fifth of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with _open(path, limit) as file:
            document = Stream(file, path)
            yield document
            document.end()
    finally:
        if collecting:
            gc.enable()


class Stream:
    """A JSON document and the place reached in it; values are consumed in their order."""

    def __init__(self, file: TextIO, name: object) -> None:
        """Start before the document; `name` is for messages."""
        self._file = file
        self._name = str(name)
        self._buffer = ""
        self._at = 0
        self._scan = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite).raw_decode

    def peek(self) -> str:
        """The character that the next value or mark begins with; "" at the end of the file."""
        while True:
            mark = self._buffer[self._at : self._at + 1]
            if mark and mark not in " \t\n\r":
                return mark
            if space := _SPACE.match(self._buffer, self._at):
                self._at = space.end()
            elif not self._fill():
                return ""

    def value(self) -> Any:
        """Consume the next value whole."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._fill():
                    continue
                raise _broken(self._name, error.msg) from None
            except RecursionError:
                raise _too_deep(self._name) from None
            except ValueError as error:
                raise _broken(self._name, error) from None
            # A number near the end of the buffer may go on, as `1` does in `1e+` `5`.
            if end + 2 < len(self._buffer) or not self._fill():
                self._at = end
                return value

    def members(self) -> Iterator[str]:
        """Enter an object; yields each key, after which its value has to be consumed."""
        self._take("{", "an object")
        seen: set[str] = set()
        while not (self.peek() == "}" and not seen):
            key = self.value()
            if not isinstance(key, str) or key in seen:
                raise _broken(self._name, f"{str(key)[:80]!r} is no key, or repeats")
            seen.add(key)
            self._take(":", "a colon")
            yield key
            if self._take(",}", "a comma or the end of an object") == "}":
                return
        self._at += 1

    def elements(self) -> Iterator[int]:
        """Enter an array; yields each index from 0, after which the element has to be consumed."""
        self._take("[", "an array")
        index = 0
        while not (self.peek() == "]" and not index):
            yield index
            index += 1
            if self._buffer.startswith(",", self._at):  # nearly always, and a call less
                self._at += 1
            elif self._take(",]", "a comma or the end of an array") == "]":
                return
        self._at += 1

    def skip(self) -> None:
        """Consume the next value, an array element by element, and forget it."""
        if self.peek() != "[":
            self.value()
            return
        for _ in self.elements():
            self.value()

    def end(self) -> None:
        """Make sure that nothing follows the document."""
        if self.peek():
            raise _broken(self._name, "more follows after the end of the document")

    def _take(self, marks: str, wanted: str) -> str:
        mark = self.peek()
        if not mark or mark not in marks:
            found = f"{mark!r}" if mark else "the end of the file"
            raise _broken(self._name, f"expected {wanted}, found {found}")
        self._at += 1
        return mark

    def _fill(self) -> bool:
        """Read on, twice as far each time a value does not fit; False at the end of the file."""
        rest = self._buffer[self._at :]
        if len(rest) > MAX_VALUE:
            raise NotMeasured(
                f"{self._name}: is broken or holds a value of more than {MAX_VALUE} characters",
                _RERUN,
            )
        try:
            more = self._file.read(max(_CHUNK, len(rest)))
        except ValueError as error:
            raise _broken(self._name, error) from None
        if more:
            self._buffer, self._at = rest + more, 0
        return bool(more)


def text(value: object, limit: int = 1000) -> str:
    """A string cut to `limit` characters and fit for UTF-8 (no lone surrogates); "" for others."""
    if not isinstance(value, str):
        return ""
    short = value if len(value) <= limit else value[: limit - 1] + "…"
    return short if short.isascii() else short.encode("utf-8", "replace").decode()


def position(value: object) -> int | None:
    """A line or column: an integer from 1 on; None for anything else."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 1 <= value < 1 << 31 else None  # type: ignore[operator,return-value]


def mapping(value: object) -> Mapping[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[Any]:
    """An array; an empty one for anything else."""
    return value if isinstance(value, list) else ()


@contextmanager
def _open(path: Path, limit: int) -> Iterator[TextIO]:
    try:
        # Non-blocking: opening a named pipe must not wait for a writer.
        raw = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise NotMeasured(f"{path}: cannot be read: {error.strerror}", _RERUN) from None
    with raw:
        status = os.fstat(raw.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NotMeasured(f"{path}: is no regular file", _RERUN)
        if status.st_size > limit:
            raise NotMeasured(
                f"{path}: has {status.st_size} bytes, more than the {limit} allowed",
                "narrow what the tool reports",
            )
        head = raw.peek(4)
        encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
        if not head.strip() and status.st_size < 4:
            raise NotMeasured(f"{path}: is empty", _RERUN)
        with TextIOWrapper(raw, encoding=encoding, newline="") as file:
            yield file


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {repeated[:80]!r} stands twice in one object")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")


def _finite(number: str) -> float:
    value = float(number)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {number[:20]} is out of range")
    return value


def _broken(name: object, error: object) -> NotMeasured:
    return NotMeasured(f"{name}: is not one complete JSON document: {error}", _RERUN)


def _too_deep(name: object) -> NotMeasured:
    return NotMeasured(f"{name}: is nested too deeply to be a report", _RERUN)
