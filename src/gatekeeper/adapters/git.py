"""The only caller of git; what the judged repository could make it run is switched off.

A snapshot is taken before the checks run and compared after, by content.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gatekeeper.adapters import process
from gatekeeper.errors import NotMeasured, UsageError

# Inherited variables that may redirect git (a hook sets GIT_DIR) are dropped; the caller's own
# configuration by environment stays.
_KEPT = "GIT_CONFIG_"
_SAFE = (
    "--no-optional-locks",
    "--no-replace-objects",  # a commit is what its name says, and what a remote would get
    "--literal-pathspecs",
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "core.pager=cat"),
    *("-c", "submodule.recurse=false"),
)
_TIMEOUT = 120.0
# A variable that is empty: the value of each setting that is switched off.
_OFF = "GATEKEEPER_OFF"
_SUBMODULE = "160000"
_DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree: its top folder, and the commit and tree of HEAD (None before the first).

    `index` is where git keeps its list of tracked files, `filters` are the options for git that
    switch off the external filters which the repository's own configuration names.
    """

    top: Path
    commit: str | None
    tree: str | None
    index: Path | None = None
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is in the work tree: tracked files with mode, untracked ones, changed ones with digest.

    Paths are relative to the top, with `/`; bytes that are no text stand as surrogates. `hidden`
    are tracked files whose changes git was told not to look for (`assume-unchanged`,
    `skip-worktree`), with digest; `index` tells whether git's list of files was written since.
    """

    tracked: Mapping[str, str] = field(default_factory=dict)
    untracked: tuple[str, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    index: tuple[int, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are there, sorted: tracked, and untracked but not ignored."""
        deleted = {path for path, digest in self.changed.items() if digest == _DELETED}
        return tuple(sorted({*self.tracked, *self.untracked} - deleted))


def submodule(mode: str) -> bool:
    """Whether an index mode is that of a submodule."""
    return mode == _SUBMODULE


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for git."""
    source = os.environ if env is None else env
    kept = {k: v for k, v in source.items() if not k.startswith("GIT_") or k.startswith(_KEPT)}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", _OFF: ""}


def find(folder: Path) -> Repository | None:
    """The repository around a folder; None where there is none.

    Raises UsageError where git is missing or refuses, or the repository has no work tree.
    """
    words = ("--is-inside-work-tree", "--show-cdup", "HEAD", "HEAD^{tree}", "--git-path", "index")
    done = call(folder, ("rev-parse", *words))
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    if done.exit != 0 and lines[0] not in ("true", "false"):
        message = done.stderr.decode("utf-8", "replace").strip()
        if "not a git repository" in message:
            return None
        if "dubious ownership" in message:
            named = re.search("repository at '(.*)'$", message, re.MULTILINE)
            top = named[1] if named else str(folder)  # what git wants to be told
            hint = f"allow it: git config --global --add safe.directory {shlex.quote(top)}"
            raise UsageError(f"git refuses {top}, which belongs to another user; {hint}")
        raise UsageError(f"git cannot read the repository at {folder}: {message}")
    if lines[0] == "false":
        raise UsageError(
            f"{folder} is inside a repository without a work tree; use a checkout of it"
        )
    top = Path(os.path.realpath(folder / lines[1]))
    if done.exit != 0:
        return Repository(top, None, None, None, _filters(top))
    index = folder / "\n".join(lines[4:]).removesuffix("\n")  # a folder's name may hold line ends
    return Repository(top, lines[2], lines[3], index, _filters(top))


def _filters(top: Path) -> tuple[str, ...]:
    """Options that switch off the external filters which the repository's own config names.

    `--config-env` splits at the last `=`: the name of a filter may hold one.
    """
    pattern = r"^filter\..*\.(clean|smudge|process)$"
    done = call(top, ("config", "--show-scope", "-z", "--get-regexp", pattern))
    words = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    drivers = dict.fromkeys(
        entry.partition("\n")[0].rpartition(".")[0]
        for scope, entry in zip(words[::2], words[1::2], strict=False)
        if scope in ("local", "worktree")
    )
    keys = (f"{d}.{key}" for d in drivers for key in ("clean", "smudge", "process", "required"))
    return tuple(f"--config-env={key}={_OFF}" for key in keys)


def snapshot(repository: Repository) -> Snapshot:
    """The state of the work tree now."""
    index = _stamp(repository.index)
    tracked, hidden = _tracked(repository)
    _, changed, untracked = _status(repository, "all")
    top = repository.top
    return Snapshot(tracked, untracked, _digests(top, changed), _digests(top, hidden), index)


def _tracked(repository: Repository) -> tuple[dict[str, str], list[str]]:
    """The tracked files with their modes, and those whose changes git does not look for.

    https://git-scm.com/docs/git-ls-files#Documentation/git-ls-files.txt--v
    """
    tracked, hidden = {}, []
    for entry in _lines(repository, ("ls-files", "-s", "-v", "-z")):
        meta, _, path = entry.partition("\t")
        tag, mode, _ = meta.split(" ", 2)
        tracked[path] = mode
        if tag == "S" or tag.islower():
            hidden.append(path)
    return tracked, hidden


def _stamp(index: Path | None) -> tuple[int, ...]:
    """What changes when git writes its list of files; () where that cannot be told."""
    try:
        seen = os.stat(index) if index else None
    except OSError:
        return ()
    return (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns) if seen else ()


def altered(repository: Repository, before: Snapshot) -> tuple[str, ...]:
    """The tracked files whose content differs from the snapshot, sorted."""
    commit, changed, _ = _status(repository, "no")
    if commit != repository.commit:
        return (".git/HEAD",)
    known = {**before.changed, **before.hidden}
    now = _digests(repository.top, {*changed, *known})
    if not before.index or _stamp(repository.index) != before.index:
        _, hidden = _tracked(repository)
        now.update(dict.fromkeys(set(hidden) - set(before.hidden), "hidden"))
    return tuple(sorted(path for path in now if now[path] != known.get(path)))


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs from a commit, `base`: the files that are there now, and those that are gone.

    Both are sorted, relative to the top; a renamed file is one of each.
    """

    base: str
    files: tuple[str, ...]
    gone: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Whatever differs."""
        return (*self.files, *self.gone)


_NAMES = ("-z", "--name-status", "--no-renames", "--no-ext-diff", "--no-textconv")


def changed_since(repository: Repository, before: Snapshot, reference: str) -> Changed:
    """What changed since the merge base with a reference, in the work tree too.

    Untracked files belong to it: those of the snapshot, so that git need not look for them again.
    Raises UsageError where there is no such commit, or no common one.
    """
    options, top = repository.filters, repository.top
    if reference.startswith("-"):
        raise UsageError(f"`{reference}` is no commit, branch or tag")
    found = call(top, ("merge-base", reference, "HEAD"), options)
    if found.exit != 0:
        message = found.stderr.decode("utf-8", "replace").strip() or "they have no common commit"
        remedy = f"fetch it with its history (git fetch --unshallow, or fetch-depth: 0): {message}"
        raise UsageError(f"cannot compare HEAD with `{reference}`; {remedy}")
    base = found.stdout.decode("ascii", "replace").strip()
    entries = _lines(repository, ("diff", *_NAMES, "--ignore-submodules=dirty", base))
    return _changed(base, entries, before.untracked)


def between(repository: Repository, base: str, commit: str) -> Changed:
    """What differs between two commits, whatever the work tree holds.

    Raises NotMeasured where one of them is not here, or only a part of it.
    """
    remedy = "fetch what is missing: git fetch --refetch, or git fetch --unshallow"
    words = ("diff-tree", "-r", *_NAMES, "--ignore-submodules=none", base, commit)
    return _changed(base, parts(answered(repository.top, words, remedy=remedy)))


def _changed(base: str, entries: Sequence[str], untracked: Iterable[str] = ()) -> Changed:
    """The changes that git names, each after its letter.

    https://git-scm.com/docs/git-diff-tree#_raw_output_format
    """
    named = list(zip(entries[::2], entries[1::2], strict=True))
    there = {*untracked, *(path for letter, path in named if letter != "D")}
    gone = {path for letter, path in named if letter == "D"} - there
    return Changed(base, tuple(sorted(there)), tuple(sorted(gone)))


def _status(
    repository: Repository, untracked: str
) -> tuple[str | None, list[str], tuple[str, ...]]:
    """The commit of HEAD, the changed tracked paths, and the untracked ones.

    https://git-scm.com/docs/git-status#_porcelain_format_version_2
    """
    words = (f"--untracked-files={untracked}", "--no-renames", "--ignore-submodules=dirty")
    commit, changed, others = None, [], []
    for entry in _lines(repository, ("status", "--porcelain=v2", "--branch", "-z", *words)):
        if entry.startswith("# branch.oid "):
            commit = entry.removeprefix("# branch.oid ")
        elif entry.startswith("?"):
            others.append(entry[2:])
        elif entry.startswith(("1", "u")):
            changed.append(entry.split(" ", 8 if entry.startswith("1") else 10)[-1])
    return None if commit == "(initial)" else commit, changed, tuple(others)


def _digests(top: Path, paths: Iterable[str]) -> dict[str, str]:
    return {path: digest(top / path) for path in paths}


def digest(path: Path) -> str:
    """The content of a file, a link's target, or what stands in its place."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return f"link {os.readlink(path)}"
        if not stat.S_ISREG(mode):
            return "no file"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return _DELETED
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _lines(repository: Repository, words: Sequence[str]) -> list[str]:
    done = answered(repository.top, words, repository.filters, remedy="repair the repository")
    return parts(done)


def files_at(
    repository: Repository, commit: str, paths: Sequence[str], cap: int
) -> dict[str, bytes]:
    """The regular files at a commit that have one of the paths, or stand below it.

    They are named relative to the top. One over `cap` bytes stands as empty; NotMeasured where one
    is not here, as in a partial clone. https://git-scm.com/docs/git-cat-file#_batch_output
    """
    if not paths:
        return {}
    remedy = "fetch all of it: git fetch --refetch --no-filter, or clone again without --filter"
    words = ("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *paths)
    listed = parts(answered(repository.top, words, remedy=remedy))
    names: dict[str, str] = {}
    found: dict[str, bytes] = {}
    for entry in listed:
        meta, _, path = entry.partition("\t")
        mode, _, name, length = meta.split()
        if mode.startswith("100"):
            found[path] = b""
            if not length.isdigit() or int(length) <= cap:  # what is not here has no length
                names[path] = name
    asked = "".join(f"{name}\n" for name in names.values()).encode()
    data = answered(repository.top, ("cat-file", "--batch"), given=asked, remedy=remedy).stdout
    start = 0
    for path, name in names.items():
        end = data.index(b"\n", start)
        answer, _, length = data[start:end].decode("ascii").rpartition(" ")
        if answer != f"{name} blob":
            raise NotMeasured(f"the content of {path} at {commit} is not in this clone", remedy)
        size = int(length)
        found[path] = data[end + 1 : end + 1 + size]
        start = end + size + 2
    return found


def call(
    folder: Path,
    words: Sequence[str],
    options: Sequence[str] = (),
    given: bytes = b"",
    index: Path | None = None,
) -> process.Captured:
    """Run git, without what the judged repository could make it run; UsageError without git.

    `index` is a list of tracked files to use in place of the work tree's own.
    """
    argv = ("git", *_SAFE, *options, *words)
    env = environment()
    env["PATH"] = _search(env.get("PATH", os.defpath), folder)
    if index:
        env["GIT_INDEX_FILE"] = str(index)
    try:
        return process.capture(argv, cwd=folder, env=env, timeout=_TIMEOUT, given=given)
    except FileNotFoundError:
        raise UsageError("git is not found on PATH; install git") from None


@cache
def _search(path: str, folder: Path) -> str:
    """PATH so that no program of the judged repository stands in for git.

    Its own folders come last, as some environments lie in it; what is relative leaves.
    """
    inside = Path(os.path.realpath(folder))
    top = next((one for one in (inside, *inside.parents) if (one / ".git").exists()), inside)
    entries = filter(os.path.isabs, path.split(os.pathsep))
    ranked = sorted(entries, key=lambda one: Path(os.path.realpath(one)).is_relative_to(top))
    return os.pathsep.join(ranked) or os.defpath  # an empty PATH means the working folder


def answered(
    folder: Path,
    words: Sequence[str],
    options: Sequence[str] = (),
    given: bytes = b"",
    index: Path | None = None,
    *,
    remedy: str = "see what git says",
) -> process.Captured:
    """What git answered; NotMeasured, with a remedy, where it could not."""
    done = call(folder, words, options, given, index)
    if done.exit != 0:
        message = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.exit}"
        raise NotMeasured(f"git {words[0]} failed in {folder}: {message}", remedy)
    return done


def text(done: process.Captured) -> str:
    """What git printed; bytes that are no text stand as surrogates."""
    return done.stdout.decode("utf-8", "surrogateescape")


def parts(done: process.Captured) -> list[str]:
    """The parts of an answer that end in NUL."""
    return [part for part in text(done).split("\0") if part]
