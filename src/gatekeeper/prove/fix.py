"""The fix of a defect: which commits it is, what it changed, and how it is taken out again.

A change is taken out file by file, as what git stores and not as a patch: a file that is still as
the fix left it becomes what it was before; one that changed since is merged (3-way); where both
changes touch the same lines there is a conflict. Nothing is ever guessed from context.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gatekeeper import selection
from gatekeeper.adapters import git, gitwork
from gatekeeper.adapters.gitwork import Change, Entry
from gatekeeper.config.policy import CheckPolicy
from gatekeeper.errors import NotMeasured
from gatekeeper.prove.undo import Undoing, apart
from gatekeeper.prove.worktree import Tree

_FETCH = "fetch the whole history: git fetch --unshallow (in CI: fetch-depth: 0)"
# More commits than a fix has.
_MOST = 100
_NAMED = 5
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix: full names of its commits, newest first, and what each of them changed.

    `files` are the paths it touched, old and new names; `added` those that were not there before.
    `digest` is `sha256:HEX` over its changes, whatever the configuration.
    """

    commits: tuple[str, ...]
    changes: tuple[tuple[Change, ...], ...]
    files: tuple[str, ...]
    added: tuple[str, ...]
    digest: str

    @property
    def latest(self) -> str:
        """The newest commit by ancestry."""
        return self.commits[0]


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a work tree from which a fix was to be taken out.

    `changed` files are as before the fix, `deleted` ones are gone because the fix had added them;
    `left` are documents that stay as they are, because they changed since, and submodules, whose
    files are not in the work tree. `conflicts` are other files that changed since. `reason` is ""
    where the fix was taken out; else it says why not, and nothing was changed.
    """

    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    reason: str = ""


# ------------------------------------------------------------------------------------- finding


def find(repository: git.Repository, references: Sequence[str]) -> Fix:
    """The fix that consists of these commits, each compared with its first parent.

    So a merge is the whole change of its branch, and a commit of that branch adds nothing to it.
    Raises NotMeasured where one is no commit, is not part of HEAD, or cannot be reached.
    """
    commits = _ordered(repository, _resolved(repository, references))
    changes = _changes(repository, commits)
    every = [change for each in changes for change in each]
    if not every:
        reason = f"the fix {', '.join(references)} changes no file"
        raise NotMeasured(reason, "name the commit that fixed it")
    touched = {path for change in every for path in (change.was, change.path)}
    added = (c.was for c in every if c.after is None or c.was != c.path)
    return Fix(commits, changes, _sorted(touched), _sorted(added), _digest(every))


def _sorted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(paths)))


def _digest(changes: Iterable[Change]) -> str:
    """Of what was and what is at each path: what counts as renamed is up to the version of git."""
    lines = set()
    for change in changes:
        for path in (change.was, change.path):
            before = change.before if path == change.was else None
            after = change.after if path == change.path else None
            lines.add("\0".join((path, *(before or ("-",)), *(after or ("-",)), "\n")))
    text = "".join(sorted(lines)).encode("utf-8", "surrogateescape")
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def _resolved(repository: git.Repository, references: Sequence[str]) -> list[str]:
    """The full names of the commits, each once."""
    if not 0 < len(references) <= _MOST:
        reason = f"`fixed-by:` names {len(references)} commits, not 1 to {_MOST}"
        raise NotMeasured(reason, "name the commits of the fix, or the merge that holds them all")
    for reference in references:
        if not reference.isprintable() or reference.startswith("-") or not reference.strip():
            raise NotMeasured(f"`fixed-by: {reference!a}` is no commit", "name a commit")
    names: dict[str, None] = {}
    for reference, name in zip(references, gitwork.resolve(repository, references), strict=True):
        if name is None:
            raise _unknown(repository, reference)
        names[name] = None
    return list(names)


def _unknown(repository: git.Repository, reference: str) -> NotMeasured:
    reason = f"`fixed-by: {reference}` is no commit of this repository"
    if gitwork.shallow(repository):
        return NotMeasured(f"{reason}, which is a shallow clone", _FETCH)
    return NotMeasured(reason, "write the full name of a commit that HEAD holds (git log)")


def _ordered(repository: git.Repository, commits: Sequence[str]) -> tuple[str, ...]:
    """The commits, newest first; all of them must be part of HEAD."""
    tip = repository.commit or ""
    outside = [name for name in gitwork.heads(repository, [tip, *commits]) if name != tip]
    if outside:
        reason = f"the fix {outside[0][:_SHORT]} is not part of HEAD ({tip[:_SHORT]})"
        remedy = "merge it first, or name the commit that it became when it was merged"
        raise NotMeasured(reason, _FETCH if gitwork.shallow(repository) else remedy)
    waiting, ordered = list(commits), list[str]()
    while waiting:
        newest = gitwork.heads(repository, waiting)
        ordered += newest
        waiting = [name for name in waiting if name not in newest]
    return tuple(ordered)


def _changes(repository: git.Repository, commits: Sequence[str]) -> tuple[tuple[Change, ...], ...]:
    """What leads from each commit back to its first parent; nothing where a merge includes it."""
    parents = {commit: gitwork.parents(repository, commit) for commit in commits}
    merges = {commit: above[0] for commit, above in parents.items() if len(above) > 1}
    return tuple(
        () if _merged(repository, commit, merges) else _change(repository, commit, above)
        for commit, above in parents.items()
    )


def _merged(repository: git.Repository, commit: str, merges: Mapping[str, str]) -> bool:
    """Whether a commit came with one of the merges: it is in it, and not in its first parent."""
    return any(
        gitwork.heads(repository, [merge, commit]) == [merge]
        and commit in gitwork.heads(repository, [before, commit])
        for merge, before in merges.items()
        if commit not in (merge, before)
    )


def _change(repository: git.Repository, commit: str, parents: Sequence[str]) -> tuple[Change, ...]:
    if parents and not gitwork.known(repository, parents[0]):
        reason = f"what {commit[:_SHORT]} changed is not known: its parent was not fetched"
        raise NotMeasured(reason, _FETCH)
    before = parents[0] if parents else gitwork.empty(repository)
    return tuple(gitwork.changes(repository, commit, before))


# ------------------------------------------------------------------------------------ taking out


def take_out(tree: Tree, fix: Fix, own: Callable[[str], bool]) -> Removal:
    """Take a fix out of a work tree, in all files but the guard's own, newest commit first.

    Other files stay as they are: those that were built, and the guard's.
    """
    changes = [[part for one in each for part in apart(one, own)] for each in fix.changes]
    if not any(changes):
        return Removal(reason=f"the fix changes only the guard's own files: {_some(fix.files)}")
    before = gitwork.entries(tree.place)
    undoing = Undoing(tree, before, own)
    for commit, each in zip(fix.commits, changes, strict=True):
        undoing.commit(commit, each)
    left = _sorted(undoing.left)
    if undoing.conflicts:
        conflicts = _sorted(undoing.conflicts)
        whys = "; ".join(f"{path} {undoing.conflicts[path]}" for path in conflicts[:_NAMED])
        return Removal(left=left, conflicts=conflicts, reason=f"it cannot be taken out: {whys}")
    return replace(_written(tree, before, undoing.files, left), left=left)


def _written(
    tree: Tree, before: Mapping[str, Entry], after: Mapping[str, Entry], left: Sequence[str]
) -> Removal:
    """Write what was worked out, and see that it is there."""
    touched = _sorted(path for path, _ in before.items() ^ after.items())
    if not touched:
        stays = f"; what stays as it is: {_some(left)}" if left else ""
        return Removal(reason=f"nothing of the fix is left to take out{stays}")
    seen = {path: _seen(tree.path / path) for path in touched}
    gitwork.update(tree.place, before, after, tree.path.parent / "index")
    new = [path for path in touched if _seen(tree.path / path) != seen[path]]
    if not new:  # such as line ends that git converts both ways
        tree.reset()
        reason = f"what the fix changed makes no difference in a work tree: {_some(touched)}"
        return Removal(reason=reason)
    gone = set(touched) - set(after)
    return Removal(_sorted(set(new) - gone), _sorted(gone))


def _seen(path: Path) -> tuple[str, bool]:
    """What tells whether a file changed: content or target, and whether it may be executed."""
    return git.digest(path), os.access(path, os.X_OK)


def _some(paths: Collection[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(sorted(paths)[:_NAMED]) + more


# ------------------------------------------------------------------------------ the guard's own


def own_files(
    check: CheckPolicy,
    keep: Sequence[str],
    files: Sequence[str],
    registry_file: str,
    prefix: str = "",
) -> Callable[[str], bool]:
    """Whether a path is the guard's own, so that it stays when the fix is taken out.

    Its own are its check file, the files that its `with:` names, all in and under their folders,
    each conftest.py above, and what the globs of `keep` select. A file at the top has no folder:
    else the whole repository were the guard's; the same holds for the top of a judged folder.

    `files` tells which words of `with:` are paths. All paths are relative to the top of the
    repository; `with:` and `keep` to the judged folder, which is at `prefix` (`services/a/`).
    """
    base = os.path.normpath(f"{prefix}{check.cwd}")
    known = frozenset(files)
    named = {os.path.normpath(f"{base}/{word}") for word in words(check.given)}
    single = named & known
    whole = {path for path in named if any(file.startswith(f"{path}/") for file in known)}
    whole = {*whole, *(_above(path)[0] for path in single)} - {".", prefix.rstrip("/")}
    above = {folder for path in whole | single for folder in _above(path)}
    single.add(registry_file)

    def own(path: str) -> bool:
        folder, *_ = parents = _above(path)
        if path in single or path in whole or not whole.isdisjoint(parents):
            return True
        if os.path.basename(path) == "conftest.py" and folder in above:
            return True
        inside = path.startswith(prefix)
        return inside and bool(selection.matching(keep, [path.removeprefix(prefix)]))

    return own


def _above(path: str) -> list[str]:
    """The folders that a path is in, nearest first; `.` is the top."""
    found = []
    while path := path.rpartition("/")[0]:
        found.append(path)
    return [*found, "."]


def words(value: Any) -> Iterable[str]:
    """The texts in `with:` that may be paths: `tests/test_a.py::test_b`, `--config=tests/a.ini`."""
    if isinstance(value, str):
        path, _, _ = value.partition("::")
        yield from filter(None, (path, path.partition("=")[2]))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from words(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from words(each)
