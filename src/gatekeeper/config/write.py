"""YAML files that gatekeeper writes: each names its schema for editors and reads back the same."""

from __future__ import annotations

import math
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gatekeeper.config.yamlfile import UNUSABLE, Float, Int, resolve
from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA_BASE = "https://gatekeeper.example/schemas/1"  # where releases publish the folder schemas/

_TEXT = "tag:yaml.org,2002:str"
_FLOW_WIDTH = 72  # characters of a list that stands in one line


def schema_url(kind: str) -> str:
    """The address of the JSON Schema of a kind of file, such as `gate`."""
    return f"{SCHEMA_BASE}/{kind}.json"


def dump(value: Any, kind: str) -> str:
    """YAML for plain values, with the schema of `kind` named in its first line.

    Keys keep their order. What `yamlfile.parse` reads from the text equals `value`; UsageError
    where there is no such text (NUL and lone surrogates, infinity and NaN).
    """
    text = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=math.inf,
    )
    return f"# yaml-language-server: $schema={schema_url(kind)}\n{text}"


def write(path: Path, text: str, *, root: Path, overwrite: bool = False) -> None:
    """Write a file whole or not at all, below `root`; missing folders are made.

    Raises UsageError where the file exists and `overwrite` is not set, where a symbolic link leads
    out of `root`, and where the file system refuses.
    """
    folder = Path(os.path.realpath(path.parent))
    if not folder.is_relative_to(os.path.realpath(root)):
        raise UsageError(f"{path} is not written: its folder leads out of {root}, to {folder}")
    if os.path.lexists(path) and not overwrite:
        raise UsageError(f"{path} is not written: it exists; remove it first if it is not needed")
    temporary = folder / f".gatekeeper-{secrets.token_hex(8)}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(folder / path.name)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


class _Dumper(yaml.SafeDumper):
    """Block style with the items of lists indented, and nothing shared by aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    if found := UNUSABLE.search(text):
        raise UsageError(f"{text!r} cannot be written as YAML: it holds U+{ord(found[0]):04X}")
    style = None
    if "\n" in text and text[0] not in " \n" and text.replace("\n", "").isprintable():
        style = "|"
    elif ("\\" in text or '"' in text) and text.isprintable():
        style = "'"
    elif not _is_clear(dumper, text):
        style = '"'
    return dumper.represent_scalar(_TEXT, text, style)


def _is_clear(dumper: _Dumper, text: str) -> bool:
    """Whether neither YAML 1.1 nor 1.2 reads anything but text, wherever it stands."""
    return (
        dumper.analyze_scalar(text).allow_flow_plain
        and not text.startswith(("<", "=", "!"))  # a condition
        and _guess(dumper, text) == _TEXT
        and isinstance(resolve(text), str)
    )


def _guess(dumper: _Dumper, text: str) -> str:
    """The tag of a plain scalar under YAML 1.1."""
    tag: str = dumper.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag


def _number(dumper: _Dumper, number: float) -> yaml.Node:
    source = number.source if isinstance(number, (Int, Float)) else repr(number)
    if isinstance(resolve(source), str):
        raise UsageError(f"the number {source[:60]} cannot be written as YAML")
    # A number that YAML 1.1 takes for text, such as 1e3, is tagged unless it is passed as text.
    return dumper.represent_scalar(_guess(dumper, source), source)


def _list(dumper: _Dumper, items: Sequence[Any]) -> yaml.Node:
    short = sum(len(str(item)) + 2 for item in items) <= _FLOW_WIDTH and not any(
        isinstance(item, (dict, list, tuple)) or "\n" in str(item) for item in items
    )
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(tuple, _list)
_Dumper.add_representer(int, _number)
_Dumper.add_representer(float, _number)
_Dumper.add_representer(Int, _number)
_Dumper.add_representer(Float, _number)
