"""XML files as a stream of events, in bounded memory, nothing expanded and nothing fetched.

lxml.etree.iterparse over the file. What has been handled is cleared with its earlier siblings, so
that the tree never grows. libxml2 limits one text to 10 MB and entity expansion to a small factor;
the first limit is lifted (test output is long), and only where the prolog shows that the document
declares no entities. A DOCTYPE is allowed, its DTD is never loaded.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gatekeeper.errors import NotMeasured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO


class Element(Protocol):
    """What a reader may ask an element for."""

    @property
    def attrib(self) -> Mapping[str, str]:
        """The attributes by name."""

    @property
    def text(self) -> str | None:
        """The text up to the first child; complete at "end" only."""

    @property
    def tag(self) -> str:
        """The name, with its namespace."""

    def getparent(self) -> Element | None:
        """The element around this one."""


Event: TypeAlias = "tuple[str, str, Element]"
DEPTH = 200
# Bytes between two events: one text, comment or start tag; it stands in memory several times.
QUIET = 32 * 1024 * 1024
_HEAD = 64 * 1024
# Some writers put whitespace or comments before the declaration, where XML allows nothing.
_MISPLACED = re.compile(
    rb"(?P<bom>(?:\xef\xbb\xbf)?)(?>\s+|<!--(?>.*?-->))++(?=<\?xml\s)", re.DOTALL
)
# All that may precede the root element, except a DOCTYPE with declarations of its own.
_PLAIN_PROLOG = re.compile(
    r"(?>\s+|<!--(?>.*?-->)|<\?(?>.*?\?>)|<!DOCTYPE[^\[<>]*>)*+<[^!?]", re.DOTALL
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class _Source:
    """The file as iterparse reads it, which refuses to go on for too long without an event."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.file = file
        self.head = file.read(_HEAD)
        self.plain = _declares_nothing(self.head)
        if misplaced := _MISPLACED.match(self.head):
            self.head = misplaced["bom"] + self.head[misplaced.end() :]
        self.quiet = 0

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`."""
        data, self.head = self.head[:size], self.head[size:]
        data = data or self.file.read(size)
        self.quiet += len(data)
        if self.quiet > QUIET:
            raise NotMeasured(
                f"{self.path}: one text or tag is longer than {QUIET >> 20} MiB",
                "let the tool leave captured output out of its report",
            )
        return data


def events(path: Path, *roots: str) -> Iterator[Event]:
    """Yield `("start" | "end", local name, element)` in document order.

    At "start" an element has its attributes, at "end" also its text; its children are gone by then.
    An element must not be used after its "end" has been handled. Raises NotMeasured where the file
    cannot be read, is no complete XML document or begins with none of the elements `roots`, where
    elements are nested deeper than `DEPTH`, or one text is longer than `QUIET`.
    """
    from lxml import etree  # noqa: PLC0415 -- only who reads XML pays for lxml

    try:
        with path.open("rb") as file:
            source = _Source(path, file)
            if not source.head.strip():
                raise NotMeasured(f"{path}: is empty", "the tool wrote no report: see its output")
            parser = etree.iterparse(
                source,
                events=("start", "end"),
                remove_comments=True,
                remove_pis=True,
                resolve_entities=False,
                load_dtd=False,
                no_network=True,
                huge_tree=source.plain,
            )
            yield from _walk(source, parser, roots)
    except OSError as error:
        raise NotMeasured(f"{path}: cannot be read: {error.strerror or error}") from error
    except (etree.LxmlError, LookupError, ValueError) as error:
        raise NotMeasured(
            f"{path}: is no complete XML document: {getattr(error, 'msg', '') or error}",
            "the tool crashed while it wrote, or writes another format",
        ) from error


def _walk(
    source: _Source, parser: Iterable[tuple[str, Any]], roots: tuple[str, ...]
) -> Iterator[Event]:
    depth = 0
    for event, element in parser:
        source.quiet = 0
        name = element.tag
        if name[0] == "{":
            name = name.rpartition("}")[2]
        if event == "start":
            if not depth and name not in roots:
                raise NotMeasured(
                    f"{source.path}: begins with <{name[:80]}>, not with <{'> or <'.join(roots)}>",
                    "this is another format: correct `reads`, or what the tool is asked to write",
                )
            depth += 1
            if depth > DEPTH:
                raise NotMeasured(f"{source.path}: elements are nested deeper than {DEPTH}")
            yield event, name, element
        else:
            depth -= 1
            yield event, name, element
            _discard(element)


def _discard(element: Any) -> None:
    """Drop what an element held, and the emptied elements before it."""
    element.clear()
    # Not all other siblings: lxml parses ahead, later ones are in the tree already.
    while (earlier := element.getprevious()) is not None:
        element.getparent().remove(earlier)


def _declares_nothing(head: bytes) -> bool:
    """Whether the document reaches its root element without a declaration of entities.

    Before the root all encodings that libxml2 knows are ASCII, or UTF-16 with its mark; whatever
    else is there does not match and keeps the limits.
    """
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "latin-1")
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    return _PLAIN_PROLOG.match(text) is not None
