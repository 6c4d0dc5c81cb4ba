"""Which files of a folder are records. Everything else in it is a mistake, so that none vanishes.

A record that nobody reads, such as `security.yml` or `learning/postmortem/PM-7.md`, would count as
if it had never been written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from gatekeeper.config.settings import inside
from gatekeeper.errors import Problem

OUTSIDE = "is a link that leads out of the repository"
INCIDENTS = "incidents"
# The other folders of what was learned -> the endings of their records.
_LEARNING = {
    "postmortems": (".md", ".markdown"),
    "improvements": (".yaml",),
    "lessons": (".md",),
}
_DEEP = "postmortems"  # reports may be sorted into folders, by year or service
# Names that may stand beside the records without being one.
_SILENT = frozenset({"README.md", ".gitkeep", ".gitignore"})


def files(
    root: Path,
    folder: str,
    suffixes: Sequence[str],
    problems: list[Problem],
    nested: Sequence[str] = (),
) -> Iterator[str]:
    """The record files of one folder, sorted, relative to `root`; others are noted as problems.

    `nested` are names in it that are looked at elsewhere.
    """
    entries = _entries(root, folder, problems, nested)
    return _records(root, folder, suffixes, problems, entries)


def _records(
    root: Path,
    folder: str,
    suffixes: Sequence[str],
    problems: list[Problem],
    entries: Iterable[os.DirEntry[str]],
) -> Iterator[str]:
    ends = tuple(suffixes)
    for entry in entries:
        file = f"{folder}/{entry.name}"
        if _is_folder(entry):
            problems += [_unread(found, folder, suffixes) for found in _below(root, file)]
        elif not entry.name.endswith(ends):
            problems.append(_unread(file, folder, suffixes))
        else:
            yield file


def refuse_strangers(root: Path, learning: str, problems: list[Problem]) -> None:
    """Note what nobody reads in the folder of what was learned.

    Other folders in it, such as `talks`, are its owners' own, unless their name is one of the four
    misspelt.
    """
    known = (INCIDENTS, *_LEARNING)
    for entry in _entries(root, learning, problems, [INCIDENTS]):
        place = f"{learning}/{entry.name}"
        if not _is_folder(entry):
            hint = f"records stand in {', '.join(f'{learning}/{name}' for name in known)}"
            problems.append(Problem(place, 0, 0, "nobody reads this file", hint))
        elif entry.name in _LEARNING:
            _refuse_in(root, place, _LEARNING[entry.name], problems, deep=entry.name == _DEEP)
        elif meant := _meant(entry.name, known):
            hint = f"rename the folder to {learning}/{meant}"
            problems.append(Problem(place, 0, 0, "nobody reads this folder", hint))


def _refuse_in(
    root: Path, folder: str, suffixes: Sequence[str], problems: list[Problem], *, deep: bool
) -> None:
    """Note what is no record in a folder; `deep`: nor in the folders below it."""
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        entries = _entries(root, place, problems, walked=place != folder)
        below = {e.name for e in entries if deep and e.is_dir(follow_symlinks=False)}
        waiting += [f"{place}/{name}" for name in sorted(below)]
        own = (entry for entry in entries if entry.name not in below)
        for _ in _records(root, place, suffixes, problems, own):
            pass


def _meant(name: str, known: Sequence[str]) -> str:
    """The folder whose misspelt name this is, "" if none."""
    from difflib import get_close_matches  # noqa: PLC0415  only an unknown folder needs it

    return next(iter(get_close_matches(name.lower(), known, 1, 0.85)), "")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder; a link that leads in a circle is none."""
    return os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir()


def _entries(
    root: Path,
    folder: str,
    problems: list[Problem],
    but: Sequence[str] = (),
    *,
    walked: bool = False,
) -> list[os.DirEntry[str]]:
    """What else stands in a folder, sorted; links that lead out of the repository are noted.

    `walked`: no link led to the folder itself.
    """
    try:
        with os.scandir(os.path.join(root, folder)) as scan:
            entries = {entry.name: entry for entry in scan}
    except FileNotFoundError:
        return []
    except OSError as error:
        problems.append(Problem(folder, 0, 0, f"cannot be read: {error.strerror}"))
        return []
    leads_out = not walked and not inside(root, root / folder)
    kept = []
    for name in sorted(entries.keys() - _SILENT.union(but)):
        entry = entries[name]
        if leads_out or (entry.is_symlink() and not inside(root, Path(entry.path))):
            problems.append(Problem(f"{folder}/{entry.name}", 0, 0, OUTSIDE))
        else:
            kept.append(entry)
    return kept


def _unread(file: str, folder: str, suffixes: Sequence[str]) -> Problem:
    stem = file.rpartition(".")[0]
    hint = f"rename it to {stem}.yaml" if file.endswith(".yml") else "move it elsewhere"
    text = f"nobody reads this file: only {folder}/*{suffixes[0]} is read"
    return Problem(file, 0, 0, text, hint)


def _below(root: Path, folder: str) -> list[str]:
    """All files below a folder, links not followed; the folder itself where there is none."""
    found: list[str] = []
    waiting = [folder]
    while waiting:  # a loop, because folders may be nested deeper than Python's calls
        place = waiting.pop()
        with suppress(OSError), os.scandir(os.path.join(root, place)) as scan:
            for entry in scan:
                kept = waiting if entry.is_dir(follow_symlinks=False) else found
                kept.append(f"{place}/{entry.name}")
    return sorted(found) or [folder]
