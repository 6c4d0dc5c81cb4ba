"""The ids, tickets, files and links that a text names, as written, each once."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\\])}]{1,500}(?:\([^\s()]{1,100}\))?")
_NUMBER = re.compile(r"#\d{1,9}\b")
_REPOSITORY = re.compile(r"[\w.-]{1,60}/[\w.-]{1,60}\Z")
_NOT_BEFORE_NUMBER = re.compile(r"[\w/#&-]\Z")
_KEY = re.compile(r"[A-Z](?<![\w/.#-][A-Z])[A-Z0-9]{1,14}(?:-\d{1,9}){1,2}(?![\w-])")
_BUG = re.compile(r"[Bb]ug\s#?\d{4,9}\b")
_FILE = re.compile(r"\.(?:md|markdown)\b")
_PATH = re.compile(r"[\w./-]{1,200}\Z")
# They look like the key of a ticket, and are none.
_NO_KEY = re.compile(
    r"(?:UTF|SHA|ISO|RFC|CWE|AES|RSA|TLS|SSL|HTTP|IPV|ECMA|UTC|GMT|AI|SEV|COVID|P|S|V|GPT|MD|H|EC)"
    r"\d*-"
)
_MAX = 500


def find(text: str) -> tuple[str, ...]:
    """At most 500 references, in the order of the text."""
    places = [(match.start(), match[0].rstrip(".,;:!?*_")) for match in _ADDRESS.finditer(text)]
    rest = _ADDRESS.sub(lambda address: " " * len(address[0]), text)
    places += _words(rest)
    return tuple(dict.fromkeys(word for _, word in sorted(places)))[:_MAX]


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Tickets, bugs and files, each with its place."""
    yield from _numbers(text)
    for match in _KEY.finditer(text):
        if not _NO_KEY.match(match[0]):
            yield match.start(), match[0]
    for match in _BUG.finditer(text) if "ug" in text else ():
        yield match.start(), " ".join(match[0].split())
    for match in _FILE.finditer(text):
        if path := _PATH.search(text, max(0, match.start() - 200), match.start()):
            yield match.start(), path[0] + match[0]


def _numbers(text: str) -> Iterator[tuple[int, str]]:
    """`#12`, `org/repo#12`."""
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 121) : match.start()]
        repository = _REPOSITORY.search(before)
        if repository or not _NOT_BEFORE_NUMBER.search(before):
            yield match.start(), (repository[0] if repository else "") + match[0]
