"""What the post-mortems behind the checks that did not pass are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from gatekeeper import cache, wording
from gatekeeper.checkout import Checkout
from gatekeeper.errors import NotMeasured
from gatekeeper.result import RunVerdict


def titles(verdict: RunVerdict, place: Checkout, learning: str) -> Mapping[str, str]:
    """The title of each post-mortem that a check guards which a reader is told of, by id.

    A report that cannot be read has none. Nothing is read where there is no such check.
    """
    wanted = {
        origin.partition("#")[0]
        for gate in verdict.gates
        for check in gate.checks
        if wording.shown(gate, check)[0] not in wording.CALM
        for origin in check.origin
    }
    return _read(wanted, place, learning) if wanted else {}


def _read(wanted: set[str], place: Checkout, learning: str) -> Mapping[str, str]:
    from gatekeeper import learning as room
    from gatekeeper.learning import shelf
    from gatekeeper.learning.tree import at

    tree = at(place)
    memory = cache.at(place, "learning", Path(room.__file__).parent)
    found: dict[str, str | None] = {}
    for path in shelf.files_of(learning, place.files):
        with suppress(NotMeasured):
            data = tree.content(path)
            if _may_be(wanted, path, data) and len(data) <= shelf.CAP:
                report = shelf.parsed(path, data, memory.recall)
                found.setdefault(report.id, report.title)
    return {name: title for name in sorted(wanted) if (title := found.get(name))}


def _may_be(wanted: Iterable[str], path: str, data: bytes) -> bool:
    """Whether a file may be one of these reports: an id stands in it, or is its name."""
    stem = Path(path).stem
    return any(name == stem or name.encode() in data for name in wanted)
