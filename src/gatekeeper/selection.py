"""Which files a check looks at.

Globs as in .gitignore, but always from the judged folder: `*.py` is there, `**/*.py` anywhere. A
later `!glob` takes files out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathspec import PathSpec


def matching(globs: Sequence[str], files: Iterable[str]) -> tuple[str, ...]:
    """The files that the globs select, in their order."""
    if not globs:
        return ()
    spec = _spec(tuple(globs))
    return tuple(file for file in files if spec.match_file(_text(file)))


def _text(file: str) -> str:
    """A path as a pattern sees it: what is no text in a name is `?`."""
    return file if file.isascii() else file.encode("utf-8", "replace").decode()


@lru_cache(maxsize=256)
def _spec(globs: tuple[str, ...]) -> PathSpec[Any]:
    from pathspec import PathSpec  # noqa: PLC0415  costs 30 ms that a run without globs need not spend

    return PathSpec.from_lines("gitignore", map(_anchored, globs))


def _anchored(glob: str) -> str:
    no, path = ("!", glob[1:]) if glob.startswith("!") else ("", glob)
    return f"{no}/{path.removeprefix('./').lstrip('/')}"
