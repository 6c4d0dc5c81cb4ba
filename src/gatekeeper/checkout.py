"""The folder that is judged: where it is, which files it holds, and what is kept beside them."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from gatekeeper.adapters import git
from gatekeeper.config.settings import PLACES, settings
from gatekeeper.errors import NotMeasured, UsageError, suggest

STATE = ".gatekeeper"
# Untracked files whose content is worth looking at to recognise a work tree.
_FEW = 500
# The largest file that is read.
FILE_CAP = 16 * 2**20
# git's mode of a symbolic link.
_LINK = "120000"
# What a walk outside a repository leaves out.
_LEFT_OUT = frozenset({".git", STATE, "node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Change:
    """The files that differ from a commit, `base`, and still exist; None: all files.

    `gone` are those that do not exist any more. All are relative to the judged folder. `widened` is
    a file whose change asks for all files, because it decides what is measured.
    """

    base: str | None = None
    files: tuple[str, ...] | None = None
    gone: tuple[str, ...] = ()
    widened: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A judged folder: `root` is the folder itself, `top` that of the repository around it.

    `files` are relative to `root`, sorted; `modes` are git's index modes by path, of tracked files
    only. `prefix` leads from `top` to `root`: "" or `services/api/`. `config` is the folder that
    holds `gates/`. `home` is where records are kept, if that is not `top`: so it is where a commit
    is judged in a work tree of its own.
    """

    top: Path
    root: Path
    config: Path
    prefix: str = ""
    repository: git.Repository | None = None
    snapshot: git.Snapshot = field(default_factory=git.Snapshot)
    files: tuple[str, ...] = ()
    modes: Mapping[str, str] = field(default_factory=dict)
    home: Path | None = None

    @property
    def state(self) -> Path:
        """Where records and logs of runs are kept, ignored by git."""
        return (self.home or self.top) / STATE


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
    """The repository of a checkout whose HEAD has a commit; UsageError says what needs one."""
    repository = versioned(place, what)
    if repository.commit is None:
        reason = f"{what} needs a git repository with a commit; {place.top} has none yet"
        raise UsageError(f"{reason}: commit first")
    return repository


def versioned(place: Checkout, what: str) -> git.Repository:
    """The repository of a checkout; UsageError says that `what` needs one."""
    if place.repository is None:
        reason = f"{what} needs a git repository with a commit; {place.top} is none"
        raise UsageError(f"{reason}: run `git init` and commit")
    return place.repository


def changed_since(place: Checkout, reference: str | None) -> Change:
    """What changed since the merge base with a commit, branch or tag; UsageError without one."""
    if not reference:
        return Change()
    repository = committed(place, "--changed-since")
    return change(place, git.changed_since(repository, place.snapshot, reference))


def change(place: Checkout, changed: git.Changed) -> Change:
    """What a change is to a judged folder: all files, where it changes what is measured."""
    if path := _ruling(place, changed):
        return Change(changed.base, widened=path)
    files, gone = (tuple(_below(place.prefix, paths)) for paths in (changed.files, changed.gone))
    return Change(changed.base, files, gone)


def _ruling(place: Checkout, changed: git.Changed) -> str:
    """A changed file that decides what is measured, "" if there is none.

    That is whatever lies in the folders of gates and checks, or is linked from there, and the
    settings. Waivers, sign-offs and the baseline are among them: where one goes, what it excused or
    approved counts again, in files that did not change.
    """
    folders = _folders(place)
    deciding = (p for p in changed.paths if _in(p, folders) or _sets(place, changed.base, p))
    return next(deciding, "")


def _folders(place: Checkout) -> set[str]:
    """The folders of gates and checks, and what links there lead to, relative to the top."""
    chosen, own = settings(place.config), os.path.relpath(place.config, place.top)
    folders = {os.path.normpath(os.path.join(own, name)) for name in (chosen.gates, chosen.checks)}
    links = {path for path, mode in place.snapshot.tracked.items() if mode == _LINK}
    ours = {path for path in links if _in(path, folders) or os.path.basename(path) in dict(PLACES)}
    real = os.path.realpath(place.top)
    leads = {os.path.relpath(os.path.realpath(place.top / p), real) for p in folders | ours}
    # One link may lead over others: any of them may be on the way.
    return folders | leads | (links if leads - folders else set())


def _in(path: str, folders: Iterable[str]) -> bool:
    return any(f in (".", path) or path.startswith(f"{f}/") for f in folders)


def _sets(place: Checkout, base: str, path: str) -> bool:
    """Whether a changed file holds settings of ours, or held some at the base."""
    folder, name = os.path.split(path)
    if name not in dict(PLACES) or place.top / folder not in (place.top, place.root, place.config):
        return False
    if name != "pyproject.toml" or place.repository is None:
        return True
    before = git.files_at(place.repository, base, [path], FILE_CAP)
    now = place.top / path
    contents = [*before.values(), now.read_bytes() if now.is_file() else b""]
    return any(b"gatekeeper" in content for content in contents)


def files_at(place: Checkout, commit: str | None, paths: Sequence[str]) -> dict[str, bytes] | None:
    """The files at and below paths of the judged folder at a commit; None where there is none.

    One over the cap stands as empty.
    """
    if commit is None or place.repository is None:
        return None
    inside = [f"{place.prefix}{path}" for path in paths]
    found = git.files_at(place.repository, commit, inside, FILE_CAP)
    return {path.removeprefix(place.prefix): data for path, data in found.items()}


def open_inside(root: Path, path: str, cap: int = FILE_CAP) -> BinaryIO:
    """Open a regular file below `root` without following links; NotMeasured says why not."""
    whole = root / path
    parent = os.path.realpath(whole.parent)
    if not os.path.join(parent, "").startswith(os.path.join(_real(root), "")):
        raise NotMeasured("leads out of the repository")
    try:
        descriptor = os.open(
            os.path.join(parent, whole.name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        )
    except OSError as error:
        reason = (
            "is a symbolic link" if os.path.islink(whole) else f"cannot be opened: {error.strerror}"
        )
        raise NotMeasured(reason) from None
    seen = os.fstat(descriptor)
    if not stat.S_ISREG(seen.st_mode) or seen.st_size > cap:
        os.close(descriptor)
        large = stat.S_ISREG(seen.st_mode)
        raise NotMeasured(f"is larger than {cap // 2**20} MiB" if large else "is no regular file")
    return open(descriptor, "rb")


@functools.lru_cache(maxsize=8)
def _real(root: Path) -> str:
    """A judged folder without links; each of thousands of files asks for it."""
    return os.path.realpath(root)


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
