"""What was made of some content before: kept by the content's digest, in `.gatekeeper/cache/`.

Nothing depends on it but time: an entry is made again where it is missing or does not read.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from gatekeeper import rows
from gatekeeper.checkout import Checkout
from gatekeeper.errors import NotMeasured
from gatekeeper.history import records

T = TypeVar("T")
_SOURCES = (".py", ".yaml")


@dataclass
class Cache:
    """Results by digest; without a `place` they are kept for this process only.

    `_made` are those of this process, `_stored` those of the file, as rows.
    """

    place: Callable[[], Path | None] | None = None
    _stored: dict[str, Any] | None = None
    _made: dict[tuple[str, type[Any]], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _changed: bool = False

    @cached_property
    def file(self) -> Path | None:
        """Where results are kept; looked for when it is needed first, which most runs never do."""
        return self.place() if self.place else None

    def recall(self, data: bytes, read: Callable[[bytes], T], form: type[T]) -> T:
        """What `read` makes of the content, from memory where it was made before."""
        digest = hashlib.sha256(data).hexdigest()
        with self._lock:  # checks that ask for the same at once wait for the first
            made: T | None = self._made.get((digest, form))
            if made is None:
                made = self._recalled(digest, form)
            if made is None:
                made = read(data)
                self._changed = True
            self._made[digest, form] = made
        return made

    def _recalled(self, digest: str, form: type[T]) -> T | None:
        if self._stored is None:
            self._stored = _load(self.file)
        row = self._stored.pop(f"{form.__name__} {digest}", None)
        try:
            made: T | None = None if row is None else rows.unpack(form, row)
        except (TypeError, ValueError, AttributeError):
            return None
        return made

    def save(self) -> None:
        """Keep what this process used; what it did not use, and what older code made, goes."""
        if not self._changed or self.file is None:
            return
        kept = {
            f"{form.__name__} {digest}": rows.pack(form, made)
            for (digest, form), made in self._made.items()
        }
        text = json.dumps(kept)
        try:
            records.write(self.file, [f"{_checksum(text.encode())}\n", text])
        except NotMeasured:
            return  # only time is lost
        for old in self.file.parent.glob(f"{self.file.name.rpartition('-')[0]}-*.json"):
            if old != self.file:
                old.unlink(missing_ok=True)


def _load(file: Path | None) -> dict[str, Any]:
    """The rows of a file; none where it is not what was written."""
    try:
        checksum, _, text = file.read_bytes().partition(b"\n") if file else (b"", b"", b"")
        stored = json.loads(text) if checksum and checksum.decode() == _checksum(text) else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _checksum(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def at(checkout: Checkout, kind: str, code: Path) -> Cache:
    """The cache of a checkout, for what the modules below the folder `code` make."""
    return Cache(partial(_place, checkout, kind, code))


def _place(checkout: Checkout, kind: str, code: Path) -> Path | None:
    """The file that belongs to the code; None where another put one there.

    What git tracks was put there by the judged repository, not by gatekeeper.
    """
    if checkout.home:
        return None  # which files git tracks there is not known here
    sources = (one for one in code.rglob("*") if one.suffix in _SOURCES)
    stamps = [(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in sources]
    version = hashlib.sha256(repr(sorted(stamps)).encode()).hexdigest()[:16]
    file = checkout.state / "cache" / f"{kind}-{version}.json"
    ours = file.relative_to(checkout.top).as_posix() not in checkout.snapshot.tracked
    linked = file.is_symlink() or file.parent.is_symlink()
    return file if ours and not linked else None
