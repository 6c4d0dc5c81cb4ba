"""Hostile YAML text to plain values with the place of each.

PyYAML delivers parse events; the values are built from them here, in a loop and under caps, so that
neither nesting nor aliases can exhaust the process. Only the plain part of YAML is accepted: one
document in UTF-8, text as keys, no duplicate keys, no anchors, aliases, merge keys or tags.
Scalars are those of the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema), so
`yes`, `12:30` and `2026-03-04` are text.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from gatekeeper.config.yamlsyntax import Mark, excerpt, explain, mark_of, quoting
from gatekeeper.errors import ConfigurationError, Problem
from gatekeeper.model import Position

MAX_BYTES = 2**20
MAX_NODES = 50_000
MAX_DEPTH = 40
MAX_SCALAR = 2**16
MAX_PROBLEMS = 50
_MAX_DIGITS = 100  # longer digits are some identifier, and int() takes quadratic time
_MAX_SOURCE = 200  # characters of a source line shown above the caret

KeyPath = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its parser is used
_BREAK = re.compile(r"\r\n?|\n")
# U+0085, U+2028 and U+2029 are line breaks to PyYAML (YAML 1.1) and to no editor: a reviewer would
# see one line where two are read.
_FORBIDDEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
UNUSABLE = re.compile("[\0\ud800-\udfff]")  # no argument, path or report can hold these
_WORDS = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"(?P<int>[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|(?P<unbounded>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_SAVE = "save the file as UTF-8"


class Int(int):
    """An integer that remembers how it was written: `0123456` can still be read as text."""

    source: str


class Float(float):
    """A float that remembers how it was written: `3.10` can still be read as text."""

    source: str


@dataclass(frozen=True, slots=True)
class Places(Mapping[KeyPath, Position]):
    """Positions by path; kept as bare numbers, because few of them are ever asked for."""

    file: str
    marks: Mapping[KeyPath, Mark]

    def __getitem__(self, path: KeyPath) -> Position:
        return Position(self.file, *self.marks[path])

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self.marks)

    def __len__(self) -> int:
        return len(self.marks)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file, read.

    `value` is made of dict, list, str, Int, Float, bool and None; None for an empty file.
    `positions` gives the place of each value by its path of keys and indexes, `keys` that of the
    key in its mapping; `lines` are the source lines.
    """

    file: str
    value: Any
    positions: Mapping[KeyPath, Position]
    keys: Mapping[KeyPath, Position]
    lines: tuple[str, ...]


def parse(file: str, data: bytes) -> Document:
    """Read the content of one file; `file` is its name in messages.

    Raises ConfigurationError with every problem found; a syntax error ends the search.
    """
    text = _decode(file, data)
    builder = _Builder(file, tuple(_BREAK.split(text)))
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.report(*explain(error, builder.lines))
    except (ValueError, OverflowError):  # PyYAML without libyaml, from chr() of "\UFFFFFFFF"
        builder.report(builder.last, "an escape in or after this place names no character")
    if builder.problems:
        raise ConfigurationError(tuple(builder.problems))
    positions, keys = Places(file, builder.positions), Places(file, builder.keys)
    return Document(file, builder.root, positions, keys, builder.lines)


def problem(
    document: Document, path: KeyPath, message: str, hint: str = "", *, key: bool = False
) -> Problem:
    """A mistake at the value at `path`, or at its key; at the nearest place that the file has."""
    if key and path in document.keys:
        position = document.keys[path]
    else:
        while path and path not in document.positions:
            path = path[:-1]
        position = document.positions[path]
    return _problem(
        document.file, (position.line, position.column), message, hint, lines=document.lines
    )


def resolve(text: str) -> Any:
    """The value of a plain scalar; raises ValueError for infinity and NaN.

    A number that a float cannot hold (the commit `3e99999`) or of more than 100 digits is text.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _MAX_DIGITS:
        return text
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    if match["unbounded"]:
        raise ValueError(f"`{text}` is no number that can be compared")
    number: Int | Float
    if match["int"]:
        number = Int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    else:
        number = Float(text)
        if math.isinf(number):
            return text
    number.source = text
    return number


class _Builder:
    """Values and places out of parse events, and the problems met on the way."""

    def __init__(self, file: str, lines: tuple[str, ...]) -> None:
        self.file = file
        self.lines = lines
        self.root: Any = None
        self.positions: dict[KeyPath, Mark] = {(): (1, 1)}
        self.keys: dict[KeyPath, Mark] = {}
        self.problems: list[Problem] = []
        self.last: Mark = (1, 1)
        # The innermost open mapping or list, its path and, in a mapping, the key that waits for
        # its value; on the stack are those around it.
        self._container: dict[str, Any] | list[Any] | None = None
        self._path: KeyPath = ()
        self._key: Any = None
        self._stack: list[tuple[dict[str, Any] | list[Any] | None, KeyPath]] = []
        self._documents = 0
        self._nodes = 0

    def report(self, mark: Mark, message: str, hint: str = "") -> None:
        """Note a problem; too many end the reading."""
        self.problems.append(_problem(self.file, mark, message, hint, lines=self.lines))
        if len(self.problems) == MAX_PROBLEMS:
            self.stop(mark, f"{MAX_PROBLEMS} problems up to here; the rest was not read")

    def stop(self, mark: Mark, message: str, hint: str = "") -> NoReturn:
        """Note a problem after which nothing else can be read."""
        last = _problem(self.file, mark, message, hint, lines=self.lines)
        raise ConfigurationError((*self.problems, last))

    def take(self, event: yaml.Event) -> None:
        """Process the next event."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._open(event, {})
        elif kind is yaml.SequenceStartEvent:
            self._open(event, [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._container, self._path = self._stack.pop()
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                mark = mark_of(event.start_mark, self.lines)
                self.stop(mark, "a second document starts here", "keep one record per file")

    def _scalar(self, event: Any) -> None:
        mark = self._node(event)
        text: str = event.value
        if len(text) > MAX_SCALAR:
            self.report(mark, f"a text of {len(text)} characters; at most {MAX_SCALAR} are read")
            text = text[:MAX_SCALAR]
        if event.style == '"' and (unusable := UNUSABLE.search(text)):
            self.report(mark, f"the text holds the unusable character U+{ord(unusable[0]):04X}")
        if self._key is None and isinstance(self._container, dict):
            self._begin_entry(mark, text, plain=event.implicit[0])
        else:
            self._add(mark, self._value(mark, event, text))

    def _value(self, mark: Mark, event: Any, text: str) -> Any:
        if event.implicit[0]:
            try:
                return resolve(text)
            except ValueError as error:
                self.report(mark, str(error), "write a finite number, or quote it if it is text")
        elif event.style == ">" and not text:
            self.report(
                mark,
                "`>` starts a block of text in the lines below, and none follows",
                quoting(excerpt(self.lines, mark)),
            )
        return text

    def _begin_entry(self, mark: Mark, key: str, *, plain: bool) -> None:
        """Remember the key for which the next event is the value."""
        self._key = key
        path = (*self._path, key)
        if plain and key == "<<":
            self.report(mark, "merge keys are not allowed", "write the values out")
        elif path in self.keys:
            first = self.keys[path][0]
            message = f"the key `{_shown(key)}` stands twice: in line {first} and in line {mark[0]}"
            self.report(mark, message, "keep one of them")
        else:
            self.keys[path] = mark

    def _open(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        mark = self._node(event)
        if self._key is None and isinstance(self._container, dict):
            self.stop(
                mark, "a key must be plain text", "quote text that starts with `{`, `[` or `?`"
            )
        if len(self._stack) == MAX_DEPTH:
            self.stop(mark, f"nested deeper than {MAX_DEPTH} levels")
        outer = (self._container, self._path)
        self._path = self._add(mark, container)
        self._container = container
        self._stack.append(outer)

    def _alias(self, event: Any) -> None:
        mark = self._node(event)
        if self._key is None and isinstance(self._container, dict):
            self._begin_entry(mark, f"*{event.anchor}", plain=True)
        else:
            self._add(mark, None)

    def _node(self, event: Any) -> Mark:
        """What holds for all nodes: bounded in number, neither anchor nor alias nor tag."""
        mark = self.last = mark_of(event.start_mark, self.lines)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.stop(mark, f"more than {MAX_NODES} keys and values", "split the file")
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            text = excerpt(self.lines, mark)
            feature = {"&": "an anchor", "*": "an alias"}.get(text[:1], "a tag")
            message = f"`{text[:1]}` starts {feature}, which is not allowed"
            self.report(mark, message, f"leave it out, or {quoting(text)}")
        return mark

    def _add(self, mark: Mark, value: Any) -> KeyPath:
        """Put a value where it belongs; its path."""
        container = self._container
        path: KeyPath
        if container is None:
            self.root, path = value, ()
        elif isinstance(container, list):
            path = (*self._path, len(container))
            container.append(value)
        else:
            path = (*self._path, self._key)
            container[self._key] = value
            self._key = None
        self.positions[path] = mark
        return path


def _decode(file: str, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data)} bytes; at most {MAX_BYTES} are read"
        raise ConfigurationError((Problem(file, 0, 0, message, "split it"),))
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or 0 in data[:2]:
        message = "the file is not UTF-8 but probably UTF-16"
        raise ConfigurationError((Problem(file, 1, 1, message, _SAVE),))
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"the byte 0x{data[error.start]:02X} here is not UTF-8"
        text, offset = data.decode(errors="replace"), len(data[: error.start].decode())
        raise ConfigurationError((_at_offset(file, text, offset, message, _SAVE),)) from None
    if found := _FORBIDDEN.search(text):
        message = f"the invisible character U+{ord(found[0]):04X} is not allowed"
        hint = "remove it, or write it as an escape in double quotes"
        raise ConfigurationError((_at_offset(file, text, found.start(), message, hint),))
    return text


def _at_offset(file: str, text: str, offset: int, message: str, hint: str) -> Problem:
    """A problem at a character of the text."""
    before = _BREAK.split(text[:offset])
    mark = len(before), len(before[-1]) + 1
    return _problem(file, mark, message, hint, lines=_BREAK.split(text))


def _problem(file: str, mark: Mark, message: str, hint: str, *, lines: Sequence[str]) -> Problem:
    """A problem with its source line, where the line is short enough to show the place."""
    line, column = mark
    source = lines[line - 1] if line <= len(lines) and column <= _MAX_SOURCE else ""
    source = _FORBIDDEN.sub("\ufffd", source[:_MAX_SOURCE])
    return Problem(file, line, column, message, hint, source)


def _shown(text: str) -> str:
    """Text of the file inside a message: short, without control characters."""
    return repr(text[:60])[1:-1]
