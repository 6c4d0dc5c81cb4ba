"""Secrets out of what tools say, once, where it enters: before any log, record or report."""

from __future__ import annotations

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
# Files are redacted in pieces of about this many characters, cut at the end of a line or a value.
_PIECE = 4 * 2**20
_CUTS = re.compile(r'.*[\n",]', re.DOTALL)
# A shorter value would also hit innocent text.
_SHORTEST = 6


def secrets(env: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The values of variables that a check is given by name: value -> name."""
    found = {env[name]: name for name in names if len(env.get(name, "")) >= _SHORTEST}
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def redact(text: str, known: Mapping[str, str]) -> str:
    """Replace known values and well-known shapes of credentials."""
    for value, name in known.items():
        if value in text:
            text = text.replace(value, f"[redacted: {name}]")
    return _SHAPES.sub("[redacted]", text)


def redact_file(path: Path, known: Mapping[str, str]) -> None:
    """Redact a file in place; one without secrets is not touched."""
    if all(redact(piece, known) == piece for piece in _pieces(path)):
        return
    target = path.with_name(f".{path.name}.redacted")
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as copy:
        copy.writelines(redact(piece, known) for piece in _pieces(path))
    os.replace(target, path)


def _pieces(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as source:
        rest = ""
        while piece := source.read(_PIECE):
            whole = rest + piece
            cut = _CUTS.match(whole)
            end = cut.end() if cut else len(whole)
            yield whole[:end]
            rest = whole[end:]
        yield rest
