"""Worktrees and changes: what `prove` asks of git, beside the questions of `git`.

Only plumbing with raw output is asked, and no patch is ever printed or applied: so no setting of
the user (diff.noprefix, color.ui, diff.external, apply.whitespace, ...) can change an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gatekeeper.adapters import git

# A sparse work tree must not make ours sparse; relative paths would be noted in the configuration.
_OPTIONS = (
    *("-c", "core.sparseCheckout=false"),
    *("-c", "index.sparse=false"),
    *("-c", "worktree.useRelativePaths=false"),
    *("-c", "advice.detachedHead=false"),
)
# The largest file whose content is read, and the largest that is merged.
CAP = 16 * 2**20
# Similarity from which a deleted and an added file count as one renamed, as in git itself, and
# the number of files up to which they are compared.
_RENAMES = ("-M50%", "-l1000")
_NOTHING = "0" * 6
# What has a meaning in a line of .gitignore, and how it has none.
_GLOB, _LITERAL = re.compile(r"[*?!#\[\\ ]"), r"\\\g<0>"


class Entry(NamedTuple):
    """What a tree holds at a path: git's mode, and the name of the object."""

    mode: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """A path that differs between two trees; None where one of them has nothing.

    `was` is where the first tree has it: another path where the file was renamed.
    """

    was: str
    path: str
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, slots=True)
class Place:
    """A work tree with the folder that holds its state; git looks for neither by itself."""

    top: Path
    state: Path
    filters: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """The words that lead git to it."""
        return (f"--git-dir={self.state}", f"--work-tree={self.top}", *_OPTIONS, *self.filters)


def shared(repository: git.Repository) -> Path:
    """The folder in which the repository keeps what its work trees share."""
    words = ("rev-parse", "--path-format=absolute", "--git-common-dir")
    return Path(git.text(git.answered(repository.top, words)).removesuffix("\n"))


def shallow(repository: git.Repository) -> bool:
    """Whether the history was cut off when it was fetched."""
    words = ("rev-parse", "--is-shallow-repository")
    return git.text(git.answered(repository.top, words)).strip() == "true"


def create(folder: Path, ignored: Sequence[str] = ()) -> Place:
    """Make a folder a repository that tracks all files in it; nothing is committed.

    `ignored` are paths that will come and that git is to overlook.
    """
    state = folder / ".git"
    git.answered(folder, ("init", "--quiet", "--template="))
    git.answered(folder, ("add", "--all", "--force"), ("-c", "core.safecrlf=false"))
    (state / "info").mkdir(exist_ok=True)
    lines = "".join(f"/{_GLOB.sub(_LITERAL, path)}\n" for path in ignored)
    (state / "info/exclude").write_text(lines, "utf-8", "surrogateescape")
    return Place(folder, state)


def add(repository: git.Repository, folder: Path, commit: str) -> Place:
    """Add a work tree without a branch at a folder that is empty.

    Files are checked out in a second step, by a process that ends when we end it.
    """
    words = ("worktree", "add", "--detach", "--no-checkout", "--quiet", "--", str(folder), commit)
    git.answered(repository.top, words, (*_OPTIONS, *repository.filters))
    line = (folder / ".git").read_bytes().decode("utf-8", "surrogateescape")
    state = Path(line.removeprefix("gitdir: ").removesuffix("\n"))
    place = Place(folder, state, repository.filters)
    reset(place, commit)
    return place


def reset(place: Place, commit: str) -> None:
    """Make the tracked files those of the commit, whatever they are."""
    git.answered(place.top, ("reset", "--hard", "--quiet", commit, "--"), place.options)


def clean(place: Place) -> None:
    """Remove what git does not track."""
    git.answered(place.top, ("clean", "-ffdx", "--quiet"), place.options)


def take(place: Place, commit: str, paths: Iterable[str]) -> None:
    """Take files over from another commit, which has them."""
    given = "\0".join(paths).encode("utf-8", "surrogateescape")
    words = ("checkout", "--quiet", commit, "--pathspec-from-file=-", "--pathspec-file-nul")
    git.answered(place.top, words, place.options, given)


def entries(place: Place) -> dict[str, Entry]:
    """All tracked files of the work tree."""
    found = {}
    for line in git.parts(git.answered(place.top, ("ls-files", "-s", "-z"), place.options)):
        meta, _, path = line.partition("\t")
        mode, name, _ = meta.split(" ")
        found[path] = Entry(mode, name)
    return found


def tree(place: Place, index: Path | None = None) -> str:
    """The name of the tree of all tracked files; of those in another list of them."""
    return git.text(git.answered(place.top, ("write-tree",), place.options, index=index)).strip()


def update(
    place: Place, before: Mapping[str, Entry], after: Mapping[str, Entry], spare: Path
) -> None:
    """Change tracked files, of which there are those of `before`; `spare` is a file for our use.

    git itself writes the files: it does not follow links that stand in the way. It looks only at
    those that change.
    """
    gone = [f"0 {'0' * len(before[path].name)}\t{path}" for path in before if path not in after]
    new = [f"{e.mode} {e.name}\t{path}" for path, e in after.items() if before.get(path) != e]
    given = "".join(f"{line}\0" for line in (*gone, *new)).encode("utf-8", "surrogateescape")
    old = tree(place)
    # A list without the times of files is quicker to change than a copy of the work tree's own.
    git.answered(place.top, ("read-tree", old), place.options, index=spare)
    words = ("update-index", "-z", "--index-info")
    git.answered(place.top, words, place.options, given, spare)
    git.answered(place.top, ("read-tree", "--reset", "-u", old, tree(place, spare)), place.options)


def ignored(repository: git.Repository, path: str) -> bool:
    """Whether git ignores a path of the work tree."""
    given = f"./{path}\0".encode("utf-8", "surrogateescape")
    words = ("check-ignore", "--stdin", "-z")  # refuses to take its paths literally
    return git.call(repository.top, words, ("--no-literal-pathspecs",), given).exit == 0


def head(folder: Path) -> str | None:
    """The commit that a work tree, such as a submodule's, stands at; None where it has none."""
    done = git.call(folder, ("rev-parse", "--verify", "--quiet", "HEAD"))
    return git.text(done).strip() if done.exit == 0 else None


def resolve(repository: git.Repository, references: Sequence[str]) -> list[str | None]:
    """The full name of the commit of each reference, None where there is none."""
    asked = "".join(f"{reference}^{{commit}}\n" for reference in references)
    words = ("cat-file", "--batch-check=%(objectname) %(objecttype)")
    given = asked.encode("utf-8", "surrogateescape")
    answers = (
        git.text(git.answered(repository.top, words, given=given)).removesuffix("\n").split("\n")
    )
    names = [answer.removesuffix(" commit") for answer in answers]
    return [name if name != answer else None for name, answer in zip(names, answers, strict=True)]


def known(repository: git.Repository, name: str) -> bool:
    """Whether an object of this name is here."""
    return git.call(repository.top, ("cat-file", "-e", name)).exit == 0


def parents(repository: git.Repository, commit: str) -> list[str]:
    """The parents that a commit names, also where they were not fetched."""
    done = git.answered(repository.top, ("cat-file", "commit", commit))
    header, _, _ = done.stdout.partition(b"\n\n")
    lines = header.decode("ascii", "replace").split("\n")
    return [line.removeprefix("parent ") for line in lines if line.startswith("parent ")]


def heads(repository: git.Repository, commits: Sequence[str]) -> list[str]:
    """Those of the commits that no other one leads to."""
    done = git.answered(repository.top, ("merge-base", "--independent", *commits))
    return git.text(done).split()


def empty(repository: git.Repository) -> str:
    """The name of the tree that holds nothing."""
    return git.text(git.answered(repository.top, ("mktree",))).strip()


def changes(repository: git.Repository, before: str, after: str) -> list[Change]:
    """What differs between two trees or commits, renames recognised.

    https://git-scm.com/docs/git-diff-tree#_raw_output_format
    """
    words = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--ignore-submodules=none")
    parts = iter(git.parts(git.answered(repository.top, (*words, *_RENAMES, before, after))))
    found = []
    for meta in parts:
        mode, new_mode, name, new_name, status = meta.removeprefix(":").split(" ")
        was = next(parts)
        path = next(parts) if status[0] == "R" else was
        found.append(Change(was, path, _entry(mode, name), _entry(new_mode, new_name)))
    return found


def _entry(mode: str, name: str) -> Entry | None:
    return None if mode == _NOTHING else Entry(mode, name)


def merge(
    repository: git.Repository, base: Entry, ours: Entry, theirs: Entry, spare: Path
) -> Entry | None:
    """The content of a file with two changes to it; None where they touch each other.

    So it is with what is no text, or over the cap. `spare` is an empty folder for our use.
    """
    given = "".join(f"{entry.name}\n" for entry in (ours, base, theirs)).encode()
    sizes = git.text(
        git.answered(repository.top, ("cat-file", "--batch-check=%(objectsize)"), given=given)
    ).split()
    if any(int(size) > CAP for size in sizes):
        return None
    for label, entry in (("ours", ours), ("base", base), ("theirs", theirs)):
        data = git.answered(repository.top, ("cat-file", "blob", entry.name)).stdout
        (spare / label).write_bytes(data)
    files = [str(spare / label) for label in ("ours", "base", "theirs")]
    merged = git.call(repository.top, ("merge-file", "-p", "--quiet", *files))
    if merged.exit != 0:
        return None
    words = ("hash-object", "-w", "--stdin")
    name = git.text(git.answered(repository.top, words, given=merged.stdout)).strip()
    return Entry(theirs.mode if ours.mode == base.mode else ours.mode, name)
