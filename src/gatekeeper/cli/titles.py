"""What the post-mortems behind the checks that did not pass are called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import cache, wording
from gatekeeper.checkout import Checkout
from gatekeeper.errors import NotMeasured
from gatekeeper.result import RunVerdict

if TYPE_CHECKING:
    from gatekeeper.learning.postmortem import PostMortem


def titles(verdict: RunVerdict, place: Checkout, learning: str) -> Mapping[str, str]:
    """The title of each post-mortem that a check guards which a reader is told of, by id.

    A report that cannot be read has none. Nothing is read where there is no such check.
    """
    wanted = {
        origin.partition("#")[0]
        for gate in verdict.gates
        for check in gate.checks
        if check.verdict not in ("pass", "skipped") or wording.telling(gate, check)
        for origin in check.origin
    }
    return _read(wanted, place, learning) if wanted else {}


def _read(wanted: set[str], place: Checkout, learning: str) -> Mapping[str, str]:
    from gatekeeper import learning as room
    from gatekeeper.learning import shelf
    from gatekeeper.learning.tree import at

    tree = at(place)
    memory = cache.at(place, "learning", Path(room.__file__).parent)
    found: dict[str, PostMortem] = {}
    for path in shelf.files_of(learning, place.files):
        try:
            data = tree.content(path)
        except NotMeasured:
            continue
        # An id stands in the report or is the name of its file; all others need not be understood.
        if len(data) <= shelf.CAP and any(
            name == Path(path).stem or name.encode() in data for name in wanted
        ):
            report = shelf.parsed(path, data, memory.recall)
            found.setdefault(report.id, report)
    known = {name: found[name].title for name in sorted(wanted & set(found))}
    return {name: title for name, title in known.items() if title}
