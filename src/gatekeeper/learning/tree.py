"""The files of the judged folder, as the rules of learning see them: names, content on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gatekeeper import checkout, selection
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import CheckContext


@dataclass(frozen=True)
class Tree:
    """`files` are relative to the judged folder; `content` gives the bytes of one of them.

    `content` raises NotMeasured with what is wrong with a file, as in "is a symbolic link".
    """

    files: Sequence[str]
    content: Callable[[str], bytes]
    _digests: dict[str, str] = field(default_factory=dict)
    _selecting: dict[tuple[str, ...], bool] = field(default_factory=dict)

    @cached_property
    def names(self) -> frozenset[str]:
        """The files, to look one up."""
        return frozenset(self.files)

    def digest(self, path: str) -> str:
        """`sha256:HEX` of a file's content, "" where it cannot be read."""
        if path not in self._digests:
            try:
                found = f"sha256:{hashlib.sha256(self.content(path)).hexdigest()}"
            except NotMeasured:
                found = ""
            self._digests[path] = found
        return self._digests[path]

    def selects(self, globs: tuple[str, ...]) -> bool:
        """Whether globs select a file."""
        if globs not in self._selecting:
            # A plain path is looked up: thousands of checks may each name one.
            plain = any(glob in self.names for glob in globs)
            no = any(glob.startswith("!") for glob in globs)
            found = (plain and not no) or any(selection.matching(globs, [f]) for f in self.files)
            self._selecting[globs] = found
        return self._selecting[globs]


def of(ctx: CheckContext) -> Tree:
    """The tree that a check sees."""

    def content(path: str) -> bytes:
        stream = ctx.open(path)
        if stream is None:
            raise NotMeasured("cannot be opened")
        with stream:
            return stream.read()

    return Tree(ctx.tracked, content)


def at(place: checkout.Checkout) -> Tree:
    """The tree of a checkout, without a check that notes what it could not read."""

    def content(path: str) -> bytes:
        with checkout.open_inside(place.root, path) as stream:
            return stream.read()

    return Tree(place.files, content)
