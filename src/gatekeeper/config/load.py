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

from gatekeeper.config import folders, schema, yamlfile
from gatekeeper.config.mistakes import translate, without
from gatekeeper.config.settings import inside, settings
from gatekeeper.errors import ConfigurationError, Problem

S = TypeVar("S", bound=schema.Spec)

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
    incidents: tuple[Loaded[schema.IncidentSpec], ...] = ()
    problems: tuple[Problem, ...] = ()


def load(root: Path) -> Documents:
    """Read the configuration below `root`, as far as it can be read; mistakes are in `problems`."""
    problems: list[Problem] = []
    chosen = settings(root)

    def one(file: str, model: type[S]) -> Iterator[Loaded[S]]:
        if not inside(root, root / file):
            problems.append(Problem(file, 0, 0, folders.OUTSIDE))
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
        files = list(folders.files(root, folder, (".yaml",), problems, nested))
        return tuple(record for file in files for record in one(file, model))

    gates, checks, learning = chosen.gates, chosen.checks, chosen.learning
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
        incidents=records(f"{learning}/{folders.INCIDENTS}", schema.IncidentSpec),
    )
    list(folders.files(root, f"{checks}/proofs", (".json",), problems))
    for incident in documents.incidents:
        problems += _altered(root, incident)
    folders.refuse_strangers(root, learning, problems)
    return replace(documents, problems=tuple(problems))


def _content(path: Path) -> bytes:
    """A file, or as much of it as shows that it is too large."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size  # to read more would reserve the memory for it
        return file.read(min(size, yamlfile.MAX_BYTES) + 1)


def _altered(root: Path, incident: Loaded[schema.IncidentSpec]) -> Iterator[Problem]:
    """The evidence of an incident that is not there any more, or not what it was."""
    from gatekeeper.config import evidence  # noqa: PLC0415  most repositories have none

    for n, one in enumerate(incident.spec.evidence):
        text, hint = evidence.flaw(root, one.file, one.sha256) if one.file else ("", "")
        if text:
            yield incident.problem(("evidence", n, "sha256" if one.sha256 else "file"), text, hint)


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
