"""What a push brings: the distinct commits, each with what it changes for the remote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from gatekeeper import checkout
from gatekeeper.adapters import git, gitpush
from gatekeeper.adapters.prepush import Reference
from gatekeeper.checkout import Change, Checkout
from gatekeeper.errors import NotMeasured

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Target:
    """A commit that is pushed under some names, and what it changes; None: all of it is new."""

    commit: str
    titles: tuple[str, ...]
    changes: tuple[git.Changed | None, ...] = ()

    @property
    def name(self) -> str:
        """Its names and its short id, for people."""
        return f"{_listed(self.titles)} {self.commit[:7]}"

    def change(self, place: Checkout) -> Change:
        """What it changes in a checkout of it: whatever is new to one of its references."""
        parts = [checkout.change(place, one) if one else Change() for one in self.changes]
        whole = [part for part in parts if part.files is None]
        return whole[0] if whole else reduce(_joined, parts)


def _joined(one: Change, other: Change) -> Change:
    """Two changes that lead to the same content."""
    files, gone = {*(one.files or ()), *(other.files or ())}, {*one.gone, *other.gone}
    return Change(one.base, tuple(sorted(files)), tuple(sorted(gone)))


def targets(
    repository: git.Repository, references: Sequence[Reference], remote: str
) -> tuple[list[Target], list[str]]:
    """The distinct commits that are new to a remote; and of the others, why they need no judging.

    No reference is one that is only deleted. Raises NotMeasured where what is pushed, or what it
    changes, cannot be told.
    """
    found: dict[str, Target] = {}
    others: dict[str, list[str]] = {}
    for one in references:
        commit = gitpush.commit(repository, one.oid)
        base = gitpush.base(repository, commit, one.old, remote) if commit else None
        if commit is None or base == commit:
            seen = f"{remote or 'the remote'} has this already"
            reason = seen if commit else _no_commit(repository, one)
            others.setdefault(reason, []).append(one.title)
            continue
        before = found.get(commit, Target(commit, ()))
        changed = git.between(repository, base, commit) if base else None
        changes = (*before.changes, changed)
        found[commit] = Target(commit, (*before.titles, one.title), tuple(dict.fromkeys(changes)))
    told = [f"{_listed(titles)}: {reason}" for reason, titles in others.items()]
    return list(found.values()), told


def _listed(titles: Sequence[str]) -> str:
    """The first of them: a push may bring thousands of tags."""
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    return ", ".join(titles[:_NAMED]) + more


def _no_commit(repository: git.Repository, one: Reference) -> str:
    kind = gitpush.points(repository, one.oid)
    if not kind:
        reason = f"{one.title} leads to {one.oid[:12]}, which is not in this repository"
        raise NotMeasured(reason, "see what `git fsck` says")
    return f"leads to a {kind}, and not to a commit"
