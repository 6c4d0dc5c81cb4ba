"""The files people write -> `Documents`: found, read, checked for shape, each value with its place.

Every mistake of every file is reported at once. A file in these folders that nobody reads is a
mistake too: no gate may vanish silently.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from gatekeeper.config import schema, yamlfile
from gatekeeper.config.mistakes import translate, without
from gatekeeper.config.settings import inside, settings
from gatekeeper.errors import ConfigurationError, Problem

S = TypeVar("S", bound=schema.Spec)

# Names that may stand beside the records without being one.
_SILENT = frozenset({"README.md", ".gitkeep", ".gitignore"})
_OUTSIDE = "is a link that leads out of the repository"
_CATALOGUE = Path(__file__).parent.parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """A record and the document it was read from."""

    spec: S
    document: yamlfile.Document

    def problem(
        self, path: Sequence[str | int], message: str, hint: str = "", *, key: bool = False
    ) -> Problem:
        """A mistake at a place of the document."""
        return yamlfile.problem(self.document, tuple(path), message, hint, key=key)


@dataclass(frozen=True, slots=True)
class Documents:
    """All that people wrote, in file order, and what is wrong with it.

    `root` is the folder that the paths are relative to.
    """

    root: Path
    settings: schema.SettingsSpec
    gates: tuple[Loaded[schema.GateSpec], ...] = ()
    checks: tuple[Loaded[schema.CheckSpec], ...] = ()
    tools: tuple[Loaded[schema.ToolSpec], ...] = ()
    signoffs: tuple[Loaded[schema.SignoffSpec], ...] = ()
    waivers: tuple[Loaded[schema.WaiverSpec], ...] = ()
    baseline: Loaded[schema.BaselineSpec] | None = None
    problems: tuple[Problem, ...] = ()


def load(root: Path) -> Documents:
    """Read the configuration below `root`, as far as it can be read; mistakes are in `problems`."""
    problems: list[Problem] = []
    chosen = settings(root)

    def one(file: str, model: type[S]) -> Iterator[Loaded[S]]:
        if not inside(root, root / file):
            problems.append(Problem(file, 0, 0, _OUTSIDE))
            return
        try:
            document = yamlfile.parse(file, _content(root / file))
        except ConfigurationError as error:
            problems.extend(error.problems)
        except OSError as error:
            problems.append(Problem(file, 0, 0, f"cannot be read: {error.strerror}"))
        else:
            yield from _validated(model, document, problems)

    def records(folder: str, model: type[S], nested: Sequence[str] = ()) -> tuple[Loaded[S], ...]:
        files = list(_yaml_files(root, folder, nested, problems))
        return tuple(record for file in files for record in one(file, model))

    gates, checks = chosen.gates, chosen.checks
    baseline = f"{gates}/baseline.yaml"
    known = list(one(baseline, schema.BaselineSpec)) if os.path.lexists(root / baseline) else []
    documents = Documents(
        root=root,
        settings=chosen,
        gates=records(gates, schema.GateSpec, ("signoffs", "waivers", "baseline.yaml")),
        checks=records(checks, schema.CheckSpec, ("tools", "proofs")),
        tools=records(f"{checks}/tools", schema.ToolSpec),
        signoffs=records(f"{gates}/signoffs", schema.SignoffSpec),
        waivers=records(f"{gates}/waivers", schema.WaiverSpec),
        baseline=known[0] if known else None,
    )
    _refuse_strangers(root, f"{checks}/proofs", ".json", problems)
    return replace(documents, problems=tuple(problems))


def _content(path: Path) -> bytes:
    """A file, or as much of it as shows that it is too large."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size  # to read more would reserve the memory for it
        return file.read(min(size, yamlfile.MAX_BYTES) + 1)


def _validated(
    model: type[S], document: yamlfile.Document, problems: list[Problem]
) -> Iterator[Loaded[S]]:
    """The record of a document; wrong parts are noted and left out, so that the rest is read."""
    if not isinstance(document.value, dict):
        wanted = f"expected a mapping that starts with `{next(iter(model.model_fields))}:`"
        problems.append(yamlfile.problem(document, (), wanted))
        return
    value: Any = document.value
    while True:
        try:
            yield Loaded(model.model_validate(value), document)
        except ValidationError as error:
            mistakes = error.errors(include_url=False)
            # What is missing after the first pass is what was left out because it is wrong.
            told = [one for one in mistakes if value is document.value or one["type"] != "missing"]
            problems += dict.fromkeys(translate(document, model, one) for one in told)
            if (rest := without(value, document, mistakes)) is None:
                return
            value = rest
        else:
            return


def read(model: type[S], file: str, data: bytes) -> Loaded[S]:
    """Read one record; raise ConfigurationError with every mistake in it."""
    problems: list[Problem] = []
    found = list(_validated(model, yamlfile.parse(file, data), problems))
    if problems:
        raise ConfigurationError(tuple(problems))
    return found[0]


def tool_names() -> list[str]:
    """The names of the built-in catalogue."""
    return sorted(path.stem for path in _CATALOGUE.glob("*.yaml"))


@cache
def tool(name: str) -> Loaded[schema.ToolSpec] | None:
    """The built-in catalogue's entry of a name, None where there is none."""
    path = _CATALOGUE / f"{name}.yaml"
    if "/" in name or not path.is_file():
        return None
    return read(schema.ToolSpec, f"catalogue/{name}.yaml", path.read_bytes())


def _yaml_files(
    root: Path, folder: str, nested: Sequence[str], problems: list[Problem]
) -> Iterator[str]:
    """The record files of one folder, sorted; everything else in it is a mistake."""
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(Problem(folder, 0, 0, f"cannot be read: {error.strerror}"))
        return
    leads_out = not inside(root, root / folder)
    silent = _SILENT.union(nested)
    for entry in entries:
        if entry.name in silent:
            continue
        file = f"{folder}/{entry.name}"
        if leads_out or (entry.is_symlink() and not inside(root, root / file)):
            problems.append(Problem(file, 0, 0, _OUTSIDE))
        elif unread := _unread_at(root, folder, file):
            problems += unread
        else:
            yield file


def _unread_at(root: Path, folder: str, file: str) -> list[Problem]:
    """What nobody reads at a place: a file of another kind, or all of a folder too deep."""
    if os.path.isdir(root / file):
        return [_unread(found, folder) for found in _below(root, file)]
    return [] if file.endswith(".yaml") else [_unread(file, folder)]


def _unread(file: str, folder: str, suffix: str = ".yaml") -> Problem:
    stem = file.rpartition(".")[0]
    hint = f"rename it to {stem}.yaml" if file.endswith(".yml") else "move it elsewhere"
    return Problem(file, 0, 0, f"nobody reads this file: only {folder}/*{suffix} is read", hint)


def _below(root: Path, folder: str) -> list[str]:
    found = [
        f"{Path(place).relative_to(root).as_posix()}/{name}"
        for place, _, names in os.walk(root / folder)
        for name in sorted(names)
    ]
    return found or [folder]


def _refuse_strangers(root: Path, folder: str, suffix: str, problems: list[Problem]) -> None:
    if (root / folder).is_dir():
        problems += [
            _unread(f"{folder}/{name}", folder, suffix)
            for name in sorted(os.listdir(root / folder))
            if not name.endswith(suffix) and name not in _SILENT
        ]
