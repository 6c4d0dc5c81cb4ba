"""`${name}` in a command: parameters are filled in now, `${out}` and `${files}` by the run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gatekeeper.errors import suggest

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
# What is only known when the check runs.
_AT_RUN = frozenset({"out", "files"})


def fill(
    words: Sequence[str], values: Mapping[str, Any], complain: Callable[..., None]
) -> tuple[str, ...]:
    """Fill in the values; a list takes the place of a whole word.

    `complain(message, hint)` hears of unknown names, and of lists inside a word.
    """
    done: list[str] = []
    for word in words:
        match = _PLACEHOLDER.fullmatch(word)
        if match and isinstance(values.get(match[1]), list):
            done += values[match[1]]
            continue
        for name in _PLACEHOLDER.findall(word):
            if problem := _problem(name, values, alone=bool(match)):
                complain(*problem)
        done.append(_PLACEHOLDER.sub(lambda m: str(values.get(m[1], m[0])), word))
    return tuple(done)


def _problem(name: str, values: Mapping[str, Any], *, alone: bool) -> tuple[str, ...]:
    """What is wrong with a placeholder, and a hint; nothing where it is right."""
    if name not in values and name not in _AT_RUN:
        hint = suggest(name, [*values, *sorted(_AT_RUN)])
        return f"unknown placeholder `${{{name}}}`", hint
    if isinstance(values.get(name), list) or (name == "files" and not alone):
        return (f"`${{{name}}}` holds several words: it must stand alone",)
    return ()
