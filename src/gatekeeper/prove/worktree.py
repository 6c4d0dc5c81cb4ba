"""A clean work tree of one commit, in the system's temporary folder, for the time of a proof.

The user's working copy, index, stash, branches, configuration, HEAD and reflogs are never touched:
git keeps all that it must note about the work tree in an entry of its own, `.git/worktrees/NAME`.
The work tree and its entry are removed at the end. Where we are killed, the next proof removes
them: it knows our entries by their name, and that nobody uses one by the lock on it, which the
system gives back with the process. Nobody else's entry is touched.

Submodules stay empty folders: what they hold is not in this repository. `link` borrows one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from gatekeeper.adapters import git, gitwork
from gatekeeper.errors import NotMeasured

_NAME = "gatekeeper-prove-"
_LOCK = "lock"


class Tree:
    """A work tree at `path`, of the full commit name `commit`; `linked` are borrowed folders.

    The folder around it is ours as well, and is removed with it.
    """

    def __init__(self, repository: git.Repository, place: gitwork.Place, commit: str) -> None:
        self.repository = repository
        self.place = place
        self.path = place.top
        self.commit = commit
        self.linked: tuple[str, ...] = ()

    def reset(self) -> None:
        """Make it the commit again, without anything else but the borrowed folders."""
        for path in self.linked:
            with suppress(OSError):  # whatever a test has put in its place is cleaned away
                os.unlink(self.path / path)
        gitwork.reset(self.place, self.commit)
        gitwork.clean(self.place)
        again, self.linked = self.linked, ()
        self.link(again)

    def move(self, commit: str) -> None:
        """Make it another commit, given by its full name, and nothing else, as `reset` does."""
        self.commit = commit
        self.reset()

    def files_from(self, commit: str, paths: Sequence[str]) -> None:
        """Take files over from another commit; it must have each of them."""
        if paths:
            gitwork.take(self.place, commit, paths)

    def link(self, paths: Sequence[str]) -> None:
        """Borrow folders or files of the working copy that git ignores, as symbolic links.

        A submodule is borrowed where it stands at the commit that this tree asks for. Raises
        NotMeasured for what is not there, leads out, or is tracked by git.
        """
        tracked = gitwork.entries(self.place) if paths else {}
        for path in dict.fromkeys(map(_inside, paths)):
            source = _source(self.repository, path)
            entry = tracked.get(path)
            if entry and git.submodule(entry.mode):
                _refuse_moved(source, path, entry.name)
            elif entry or any(name.startswith(f"{path}/") for name in tracked):
                reason = f"`link: [{path}]` is tracked by git, so the work tree has its own"
                raise NotMeasured(reason, "take it out of `link:`")
            elif not gitwork.ignored(self.repository, path):
                reason = f"`link: [{path}]` is not ignored by git: it may hold what is judged"
                raise NotMeasured(reason, "link only what .gitignore names, such as node_modules")
            borrow(source, self.path, path)
            self.linked += (path,)


@contextmanager
def open_tree(repository: git.Repository, commit: str) -> Iterator[Tree]:
    """A clean work tree of a commit, given by its full name; removed at the end.

    A signal that becomes an exception, such as KeyboardInterrupt, is an end like any other. Raises
    NotMeasured where git or the system refuses.
    """
    _refuse_nested(repository.top)
    entries = gitwork.shared(repository) / "worktrees"
    _prune(entries)
    try:
        folder = Path(os.path.realpath(tempfile.mkdtemp(prefix=_NAME)))
    except OSError as error:
        reason = f"no folder could be made in {tempfile.gettempdir()}: {error.strerror}"
        raise NotMeasured(reason, "make room, or let TMPDIR name a folder with room") from None
    try:
        with (folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            top = folder / folder.name  # git names its entry after it
            top.mkdir()
            yield Tree(repository, gitwork.add(repository, top, commit), commit)
    finally:
        _remove(entries / folder.name, folder)


def _refuse_nested(top: Path) -> None:
    """Tools look for their configuration in the folders above, and would find the working copy."""
    temporary = os.path.realpath(tempfile.gettempdir())
    if Path(temporary).is_relative_to(top):
        reason = f"the temporary folder {temporary} lies in the repository {top}, whose files"
        remedy = "let TMPDIR name a folder outside of it, such as /tmp"
        raise NotMeasured(f"{reason} would count for a work tree there", remedy)


def borrow(source: Path, folder: Path, path: str) -> None:
    """Let `path` below `folder` be a link to `source`; NotMeasured where something is in the way.

    An empty folder is none: git leaves one for each submodule.
    """
    target = folder / path
    try:
        if os.path.realpath(target.parent) != str(target.parent):
            raise NotMeasured(f"`link: [{path}]` leads over a symbolic link", "link what is nearer")
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            target.rmdir()
        target.symlink_to(source)
    except OSError as error:
        reason = f"`link: [{path}]` cannot be borrowed: {error.strerror}"
        raise NotMeasured(reason, "take it out of `link:`") from None


def _inside(path: str) -> str:
    """A path that leads down, and not into git's own folder."""
    plain = os.path.normpath(path)
    parts = plain.split("/")
    own = any(part.lower() == ".git" for part in parts)
    if own or plain == "." or os.path.isabs(plain) or parts[0] == ".." or "\0" in plain:
        reason = f"`link: [{path}]` leads out of the repository"
        raise NotMeasured(reason, "name a folder inside it, relative to its top")
    return plain


def _source(repository: git.Repository, path: str) -> Path:
    """What is borrowed: inside the working copy, links followed."""
    source = repository.top / path
    if not source.exists():
        reason = f"`link: [{path}]` does not exist in {repository.top}"
        raise NotMeasured(reason, "make it there, or build it with `prepare:`")
    if not Path(os.path.realpath(source)).is_relative_to(os.path.realpath(repository.top)):
        reason = f"`link: [{path}]` leads out of the repository"
        raise NotMeasured(reason, "copy it into the repository, or build it with `prepare:`")
    return source


def _refuse_moved(source: Path, path: str, wanted: str) -> None:
    there = gitwork.head(source) if (source / ".git").exists() else None
    if there != wanted:
        has = f"stands at {there[:12]}" if there else "is empty"
        reason = f"the submodule {path} {has} in the working copy, not at {wanted[:12]}"
        raise NotMeasured(reason, f"git submodule update --init {path}")


# ------------------------------------------------------------------------------ the end of it


def _prune(entries: Path) -> None:
    """Remove what earlier proofs left that were killed."""
    for entry in entries.glob(f"{_NAME}*"):
        folder = _folder(entry)
        if folder and not _used(folder):
            _remove(entry, folder)


def _folder(entry: Path) -> Path | None:
    """The folder of ours that an entry belongs to; None where it is not ours."""
    try:
        top = Path((entry / "gitdir").read_text("utf-8", "surrogateescape").strip()).parent
    except FileNotFoundError:  # killed before git had written it
        top = Path(os.path.realpath(tempfile.gettempdir()), entry.name, entry.name)
    except OSError:
        return None
    ours = top.name == top.parent.name == entry.name and not entry.is_symlink()
    return top.parent if ours else None


def _used(folder: Path) -> bool:
    """Whether a living process holds the lock; without the lock's file nobody does."""
    try:
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:  # held, or another user's
        return True
    return False


def _remove(entry: Path, folder: Path) -> None:
    """Remove a work tree and its entry; what cannot be removed now the next proof tries again."""
    shutil.rmtree(folder / folder.name, ignore_errors=True)
    if (folder / folder.name).exists():
        _unlock(folder / folder.name)
        shutil.rmtree(folder / folder.name, ignore_errors=True)
    shutil.rmtree(entry, ignore_errors=True)
    with suppress(OSError):  # other work trees have entries there
        entry.parent.rmdir()
    shutil.rmtree(folder, ignore_errors=True)


def _unlock(folder: Path) -> None:
    """Tests leave folders that may not be written, nor even read."""
    with suppress(OSError):
        folder.chmod(stat.S_IRWXU)
    for place, names, _ in os.walk(folder):
        for path in (os.path.join(place, name) for name in names):
            if not os.path.islink(path):
                with suppress(OSError):
                    os.chmod(path, stat.S_IRWXU)
