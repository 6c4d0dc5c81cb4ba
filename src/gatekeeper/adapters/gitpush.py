"""Pushes: what the hook before one asks of git, beside the questions of `git` and `gitwork`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.adapters import git, gitwork
from gatekeeper.errors import NotMeasured

# Commits of the remote that a new branch grew from and that are compared; a merge makes several.
_COMPARED = 16
_HISTORY = "fetch the history that is missing: git fetch --unshallow, or git fetch REMOTE"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The folder of hooks that git uses here.

    `setting` is what `core.hooksPath` says, "" where nothing does, and `scope` who says it.
    `inside`: it lies in the work tree or in the repository's own folder. `tracked`: git tracks
    files in it, so that it belongs to everybody who clones.
    """

    folder: Path
    setting: str = ""
    scope: str = ""
    inside: bool = True
    tracked: bool = False


def hooks(repository: git.Repository) -> Hooks:
    """The folder of hooks that git uses here.

    We ask git with hooks switched off, by a setting that comes last: the one before it counts.
    https://git-scm.com/docs/git-config#Documentation/git-config.txt-corehooksPath
    """
    own = usual(repository)
    words = ("config", "--show-scope", "-z", "--type=path", "--get-all", "core.hooksPath")
    said = git.text(git.answered(repository.top, words)).split("\0")[:-1]
    settings = list(zip(said[::2], said[1::2], strict=True))[:-1]
    if not settings:
        return Hooks(own)
    scope, setting = settings[-1]
    folder = repository.top / setting  # a relative one is seen from the top of the work tree
    real = Path(os.path.realpath(folder))
    homes = (repository.top, Path(os.path.realpath(own.parent)))
    inside = any(real.is_relative_to(home) for home in homes)
    return Hooks(folder, setting, scope, inside, inside and _tracked(repository, real))


def usual(repository: git.Repository) -> Path:
    """The folder of hooks that git uses where nothing else is set."""
    return gitwork.shared(repository) / "hooks"


def _tracked(repository: git.Repository, folder: Path) -> bool:
    """Whether git tracks a file in a folder."""
    if not folder.is_relative_to(repository.top):
        return False
    place = os.path.relpath(folder, repository.top)
    return bool(git.answered(repository.top, ("ls-files", "-z", "--", place)).stdout)


def commit(repository: git.Repository, name: str) -> str | None:
    """The full name of the commit that a name leads to, tags peeled; None where there is none."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    done = git.call(repository.top, words)
    return git.text(done).strip() if done.exit == 0 else None


def points(repository: git.Repository, name: str) -> str:
    """What a tag that leads to no commit leads to: "tree", "blob", or "" where it is not here."""
    kinds = ("tree", "blob")
    found = (one for one in kinds if gitwork.known(repository, f"{name}^{{{one}}}"))
    return next(found, "")


def base(repository: git.Repository, pushed: str, old: str, remote: str) -> str | None:
    """The commit from which a pushed one is judged: the remote has it, and it leads to `pushed`.

    `old` is what the remote's reference names now, "" for a new one; both are full names. Where it
    is not known here, what was last seen of the remote counts. It is `pushed` itself where the
    remote has it already, and None where the remote has nothing of its history: then all is new.
    Raises NotMeasured where that cannot be told.
    """
    if old and gitwork.known(repository, f"{old}^{{commit}}"):
        return _merge_base(repository, old, pushed)
    seen = _references(repository, remote)
    if not seen:
        return None
    words = ("rev-list", "--boundary", pushed, "--not", *seen)
    lines = git.text(git.answered(repository.top, words, remedy=_HISTORY)).split()
    met = [line[1:] for line in lines if line.startswith("-")]
    if len(lines) == len(met):
        return pushed
    if not met:
        _refuse_shallow(repository, pushed, f"what was last seen of {remote}")
        return None
    return min(met[:_COMPARED], key=lambda one: len(git.between(repository, one, pushed).paths))


def _merge_base(repository: git.Repository, old: str, pushed: str) -> str | None:
    done = git.call(repository.top, ("merge-base", old, pushed))
    if done.exit == 0:
        return git.text(done).strip()
    if done.exit == 1:
        _refuse_shallow(repository, pushed, old[:12])
        return None
    message = done.stderr.decode("utf-8", "replace").strip()
    raise NotMeasured(f"git cannot compare {pushed[:12]} with {old[:12]}: {message}", _HISTORY)


def _refuse_shallow(repository: git.Repository, pushed: str, other: str) -> None:
    """Raise NotMeasured where there may be a common commit that was not fetched."""
    if gitwork.shallow(repository):
        reason = f"this clone is shallow: its history of {pushed[:12]} does not reach {other}"
        raise NotMeasured(reason, _HISTORY)


def _references(repository: git.Repository, remote: str) -> Sequence[str]:
    """The words that name what was last seen of a remote; none where that is nothing.

    So it is with a URL in place of a name, and with a pattern: none matches a name and a slash.
    """
    words = ("for-each-ref", "--count=1", f"refs/remotes/{remote}/")
    if not git.answered(repository.top, words).stdout:
        return ()
    # The references of a remote `a/b` stand below those of a remote `a`.
    names = git.text(git.answered(repository.top, ("remote",))).splitlines()
    others = (f"--exclude={name}/*" for name in names if name.startswith(f"{remote}/"))
    return (*others, f"--remotes={remote}")


def holds(repository: git.Repository | None, snapshot: git.Snapshot, commit: str) -> bool:
    """Whether the work tree holds a commit, all of it, and nothing else but what git ignores."""
    if repository is None or repository.commit != commit:
        return False
    if snapshot.changed or snapshot.untracked or snapshot.hidden:
        return False
    if not any(map(git.submodule, snapshot.tracked.values())):
        return True
    words = ("status", "--porcelain", "-z", "--ignore-submodules=none", "--untracked-files=no")
    return not git.answered(repository.top, words, repository.filters).stdout
