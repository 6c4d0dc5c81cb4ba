"""Changes undone in the files of a work tree: what each file becomes, or why that is not known."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from gatekeeper.adapters import git, gitwork
from gatekeeper.adapters.gitwork import Change, Entry
from gatekeeper.prove.worktree import Tree

# What only people read: it may stay as it is where it cannot be taken out.
_TEXTS = (".md", ".rst", ".txt", ".adoc")
_FOLDERS = frozenset({"docs", "doc", "changelog.d", "newsfragments", ".changeset"})
_LOGS = frozenset({"changelog", "changes", "history", "news"})
# Texts that tools read.
_READ = ("requirements", "constraints", "cmakelists", "robots")


def apart(change: Change, own: Callable[[str], bool]) -> Iterable[Change]:
    """The change without what concerns the guard's own files."""
    kept = [not own(path) for path in (change.was, change.path)]
    if all(kept):
        yield change
    elif kept[0]:
        yield Change(change.was, change.was, change.before, None)
    elif kept[1]:
        yield Change(change.path, change.path, None, change.after)


class _ConflictError(Exception):
    """Why a change cannot be taken out of a file."""


@dataclass
class Undoing:
    """The files of a work tree while changes are undone in them, and what could not be."""

    tree: Tree
    before: Mapping[str, Entry]
    own: Callable[[str], bool]
    left: set[str] = field(default_factory=set)
    conflicts: dict[str, str] = field(default_factory=dict)
    files: dict[str, Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.files = dict(self.before)

    def commit(self, commit: str, changes: Iterable[Change]) -> None:
        """Undo what a commit changed: first files go, then files come back."""
        renamed = _Renamed(self.tree, commit)
        for change in sorted(changes, key=lambda one: one.before is None):
            try:
                self._undo(change, renamed)
            except _ConflictError as why:
                if _submodule(change) or document(change.was):
                    self.left.add(change.was)
                else:
                    self.conflicts[change.was] = str(why)

    def _undo(self, change: Change, renamed: _Renamed) -> None:
        if _submodule(change):
            raise _ConflictError("is a submodule, whose files are not in a work tree")
        where = self._where(change, renamed)
        if change.before is None or where is None:
            self._restore(change.path, change.after)
            return
        ours = self.files[where]
        merged = self._merged(change.before, ours, change.after)
        del self.files[where]
        try:
            self._restore(change.path if where == change.was else where, merged)
        except _ConflictError:
            self.files[where] = ours
            raise

    def _where(self, change: Change, renamed: _Renamed) -> str | None:
        """The path of the changed file now; None where it is to come back, or has come back."""
        if change.before is None or change.was in self.files:
            return change.was
        where = renamed.since.get(change.was)
        if where is None:
            if self.files.get(change.path) != change.after:
                raise _ConflictError("is gone since")
        elif change.path not in (change.was, where):
            raise _ConflictError(f"was renamed by the fix and again since, to {where}")
        elif self.own(where):
            raise _ConflictError(f"has become the guard's own since, as {where}")
        return where

    def _merged(self, base: Entry, ours: Entry, theirs: Entry | None) -> Entry | None:
        """The file without the change."""
        if ours in (base, theirs):
            return theirs
        if theirs is None:
            raise _ConflictError("was added by the fix and has changed since")
        plain = all(entry.mode.startswith("100") for entry in (base, ours, theirs))
        if plain and theirs.name == base.name:  # only the mode, or the name
            return Entry(theirs.mode if ours.mode == base.mode else ours.mode, ours.name)
        with tempfile.TemporaryDirectory(dir=self.tree.path.parent) as spare:
            repository = self.tree.repository
            merged = plain and gitwork.merge(repository, base, ours, theirs, Path(spare))
        if not merged:
            raise _ConflictError("has changed since in the same place, or is no text")
        return merged

    def _restore(self, path: str, entry: Entry | None) -> None:
        """Put a file where nothing else is, neither a folder nor a file in place of its folder."""
        if entry is None:
            return
        occupied = self.files.get(path, entry) != entry
        if path not in self.before:
            parents = (str(parent) for parent in PurePosixPath(path).parents)
            inside = (name for name in self.files if name.startswith(f"{path}/"))
            occupied |= any(parent in self.files for parent in parents) or any(inside)
        if occupied:
            raise _ConflictError("has something else in its place since")
        self.files[path] = entry


@dataclass
class _Renamed:
    """The files of a commit that have another name in the work tree; asked for where it matters."""

    tree: Tree
    commit: str

    @cached_property
    def since(self) -> Mapping[str, str]:
        """New names by old ones."""
        found = gitwork.changes(self.tree.repository, self.commit, gitwork.tree(self.tree.place))
        return {change.was: change.path for change in found if change.was != change.path}


def _submodule(change: Change) -> bool:
    return any(git.submodule(e.mode) for e in (change.before, change.after) if e)


def document(path: str) -> bool:
    """Whether a file is only for people: documentation, a changelog."""
    *folders, name = path.lower().split("/")
    told = name.endswith(_TEXTS) and not name.startswith(_READ)
    return told or name in _LOGS or not _FOLDERS.isdisjoint(folders)
