"""Secrets out of what tools say, once, where it enters: before any log, record or report."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# Shapes of well-known credentials; each is distinctive enough not to hit ordinary text.
_SHAPES = re.compile(
    r"""
    gh[pousr]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{30,} | glpat-[A-Za-z0-9_-]{20,}
    | (?:AKIA|ASIA)[A-Z0-9]{16} | xox[abprs]-[A-Za-z0-9-]{10,} | sk-[A-Za-z0-9_-]{32,}
    | pypi-[A-Za-z0-9_-]{40,} | npm_[A-Za-z0-9]{36}
    | eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}
    | (?<=://)[^\s/:@]{1,100}:[^\s/@]{3,200}(?=@)
    | -----BEGIN[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----
      (?s:.{0,10000}?)-----END[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----
    """,
    re.VERBOSE,
)
# Files are redacted in pieces of so many characters; as many as a secret may have are held back
# from each, because it may go on in the next one.
_PIECE = 4 * 2**20
_LONGEST = 12_000
# A shorter value would also hit innocent text.
_SHORTEST = 6
_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def secrets(env: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The values of variables that a check is given by name: value -> name.

    Also each line of a value, and the value as JSON and XML write it.
    """
    found = {form: name for name in names for form in _forms(env.get(name, ""))}
    return {form: found[form] for form in sorted(found, key=len, reverse=True)}


def _forms(value: str) -> Iterator[str]:
    for text in {value, *value.splitlines()}:
        xml = "".join(_XML.get(c, c) for c in text)
        written = (json.dumps(text, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False))
        yield from (form for form in (text, xml, *written) if len(form.strip()) >= _SHORTEST)


def redact(text: str, known: Mapping[str, str]) -> str:
    """Replace known values and well-known shapes of credentials."""
    for value, name in known.items():
        if value in text:
            text = text.replace(value, f"[redacted: {name}]")
    return _SHAPES.sub("[redacted]", text)


def redact_file(path: Path, known: Mapping[str, str]) -> None:
    """Redact a file in place; one without secrets is not touched."""
    if not any(found for found, _ in _pieces(path, known)):
        return
    target = path.with_name(f".{path.name}.redacted")
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as copy:
        copy.writelines(text for _, text in _pieces(path, known))
    os.replace(target, path)


def _pieces(path: Path, known: Mapping[str, str]) -> Iterator[tuple[bool, str]]:
    """The redacted text piece by piece, each with whether there was something to redact."""
    held = max(_LONGEST, *map(len, known), 0)
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as source:
        rest = ""
        while piece := source.read(_PIECE):
            whole = rest + piece
            text = redact(whole, known)
            rest = text[-held:]
            yield text != whole, text[: -len(rest)]
        yield False, rest
