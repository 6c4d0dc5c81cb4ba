"""The folder that is judged: where it is, which files it holds, and what is kept beside them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gatekeeper.adapters import git
from gatekeeper.config.settings import settings
from gatekeeper.errors import UsageError, suggest

STATE = ".gatekeeper"
# Untracked files whose content is worth looking at to recognise a work tree.
_FEW = 500
# What a walk outside a repository leaves out.
_LEFT_OUT = frozenset({".git", STATE, "node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Change:
    """The files that differ from a commit, `base`, and still exist; None: all files.

    They are relative to the judged folder. All are looked at where a file is gone, or one changed
    that decides what is measured.
    """

    base: str | None = None
    files: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A judged folder: `root` is the folder itself, `top` that of the repository around it.

    `files` are relative to `root`, sorted; `modes` are git's index modes by path, of tracked files
    only. `prefix` leads from `top` to `root`: "" or `services/api/`. `config` is the folder that
    holds `gates/`.
    """

    top: Path
    root: Path
    config: Path
    prefix: str = ""
    repository: git.Repository | None = None
    snapshot: git.Snapshot = field(default_factory=git.Snapshot)
    files: tuple[str, ...] = ()
    modes: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        """Where records and logs of runs are kept, ignored by git."""
        return self.top / STATE


def find(folder: Path, service: str | None = None) -> Checkout:
    """The checkout around a folder, or one of the services that its settings name."""
    repository = git.find(folder)
    top = repository.top if repository else Path(os.path.realpath(folder))
    prefix = _prefix(top, service) if service is not None else ""
    root = top / prefix
    own = prefix and (root / settings(root).gates).is_dir()
    snapshot = git.snapshot(repository) if repository else git.Snapshot()
    paths = _below(prefix, snapshot.files) if repository else _walk(root)
    return Checkout(
        top=top,
        root=root,
        config=root if own else top,
        prefix=prefix,
        repository=repository,
        snapshot=snapshot,
        files=tuple(sorted(paths)),
        modes={path: snapshot.tracked[prefix + path] for path in _below(prefix, snapshot.tracked)},
    )


def identity(place: Checkout) -> str | None:
    """One digest of all that is in the work tree; None where telling it would take long.

    That is the tree of HEAD, and the content of whatever differs from it.
    """
    repository, snapshot = place.repository, place.snapshot
    if repository is None or repository.tree is None or len(snapshot.untracked) > _FEW:
        return None
    others = [(path, git.digest(place.top / path)) for path in snapshot.untracked]
    differing = (sorted(snapshot.changed.items()), sorted(snapshot.hidden.items()), others)
    whole = repr((repository.tree, differing, place.prefix))
    return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()


def committed(place: Checkout, what: str) -> git.Repository:
    """The repository of a checkout that has a commit; UsageError says that `what` needs one."""
    if place.repository is None:
        lacks = "is none: run `git init` and commit"
    elif place.repository.commit is None:
        lacks = "has none yet: commit first"
    else:
        return place.repository
    raise UsageError(f"{what} needs a git repository with a commit; {place.top} {lacks}")


def changed_since(place: Checkout, reference: str | None) -> Change:
    """What changed since the merge base with a commit, branch or tag; UsageError without one."""
    if not reference:
        return Change()
    base, paths, gone = git.changed_since(committed(place, "--changed-since"), reference)
    if gone or any(_rules(place, path) for path in paths):
        return Change(base)
    return Change(base, tuple(_below(place.prefix, paths)))


def _rules(place: Checkout, path: str) -> bool:
    """Whether a changed file decides what is measured."""
    chosen = settings(place.config)
    below = os.path.relpath(place.top / path, place.config)
    folders = (f"{chosen.gates}/", f"{chosen.checks}/")
    return below.startswith(folders) or below in ("pyproject.toml", "gatekeeper.toml")


def _prefix(top: Path, service: str) -> str:
    services = settings(top).services
    if service not in services:
        hint = suggest(service, services) or "the settings name none"
        raise UsageError(f"unknown service `{service}`; {hint}")
    prefix = f"{os.path.normpath(services[service])}/"
    if not (top / prefix).is_dir():
        raise UsageError(f"the folder {prefix} of the service {service} does not exist")
    return prefix


def _below(prefix: str, paths: Iterable[str]) -> list[str]:
    """The paths below a prefix, relative to it."""
    return [path.removeprefix(prefix) for path in paths if path.startswith(prefix)]


def _walk(root: Path) -> Iterable[str]:
    for place, folders, names in os.walk(root):
        kept = sorted(f for f in folders if f not in _LEFT_OUT)
        folders[:] = [f for f in kept if not os.path.exists(f"{place}/{f}/pyvenv.cfg")]
        for name in names:
            yield os.path.relpath(os.path.join(place, name), root).replace(os.sep, "/")


def ignore_state(state: Path) -> None:
    """Make the folder for records, with the file that keeps git from seeing it.

    Raises UsageError for what the judged repository may have put in its place, such as a link:
    old runs are removed, and what lies behind a link is not ours.
    """
    for place in (state, state / "runs"):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            kind = "a symbolic link" if place.is_symlink() else "no folder"
            raise UsageError(f"{place} is {kind}, and records of runs are kept there; remove it")
    state.mkdir(exist_ok=True)
    ignored = state / ".gitignore"
    if not os.path.lexists(ignored):
        ignored.write_text("*\n")
