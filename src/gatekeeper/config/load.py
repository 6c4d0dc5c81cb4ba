"""The files people write -> `Documents`: found, read, checked for shape, each value with its place.

Every mistake of every file is reported at once. A file in these folders that nobody reads is a
mistake too: no gate may vanish silently.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from gatekeeper.config import schema, yamlfile
from gatekeeper.errors import ConfigurationError, Problem

S = TypeVar("S", bound=schema.Spec)

# Names that may stand beside the records without being one.
_SILENT = frozenset({"README.md", ".gitkeep", ".gitignore"})
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
    """All that people wrote, in file order; `root` is the folder that the paths are relative to."""

    root: Path
    settings: schema.SettingsSpec
    gates: tuple[Loaded[schema.GateSpec], ...] = ()
    checks: tuple[Loaded[schema.CheckSpec], ...] = ()
    tools: tuple[Loaded[schema.ToolSpec], ...] = ()
    signoffs: tuple[Loaded[schema.SignoffSpec], ...] = ()
    waivers: tuple[Loaded[schema.WaiverSpec], ...] = ()
    baseline: Loaded[schema.BaselineSpec] | None = None


def load(root: Path) -> Documents:
    """Read the configuration below `root`; raise ConfigurationError with every mistake."""
    problems: list[Problem] = []
    chosen = settings(root)

    def one(file: str, model: type[S]) -> Iterator[Loaded[S]]:
        try:
            yield read(model, file, (root / file).read_bytes())
        except ConfigurationError as error:
            problems.extend(error.problems)
        except OSError as error:
            problems.append(Problem(file, 0, 0, f"cannot be read: {error.strerror}"))

    def records(folder: str, model: type[S], nested: Sequence[str] = ()) -> tuple[Loaded[S], ...]:
        files = list(_yaml_files(root, folder, nested, problems))
        return tuple(record for file in files for record in one(file, model))

    gates, checks = chosen.gates, chosen.checks
    baseline = f"{gates}/baseline.yaml"
    documents = Documents(
        root=root,
        settings=chosen,
        gates=records(gates, schema.GateSpec, ("signoffs", "waivers", "baseline.yaml")),
        checks=records(checks, schema.CheckSpec, ("tools", "proofs")),
        tools=records(f"{checks}/tools", schema.ToolSpec),
        signoffs=records(f"{gates}/signoffs", schema.SignoffSpec),
        waivers=records(f"{gates}/waivers", schema.WaiverSpec),
        baseline=next(one(baseline, schema.BaselineSpec), None)
        if (root / baseline).exists()
        else None,
    )
    _refuse_strangers(root, f"{checks}/proofs", ".json", problems)
    if not documents.gates and not problems:
        problems.append(
            Problem(
                gates,
                0,
                0,
                "there is no gate",
                f"write {gates}/NAME.yaml, or run `gatekeeper init`",
            )
        )
    if problems:
        raise ConfigurationError(tuple(problems))
    return documents


def read(model: type[S], file: str, data: bytes) -> Loaded[S]:
    """Read one record; raise ConfigurationError with every mistake in it."""
    document = yamlfile.parse(file, data)
    if not isinstance(document.value, dict):
        wanted = f"expected a mapping that starts with `{next(iter(model.model_fields))}:`"
        raise ConfigurationError((yamlfile.problem(document, (), wanted),))
    try:
        return Loaded(model.model_validate(document.value), document)
    except ValidationError as error:
        found = dict.fromkeys(
            _translate(document, model, mistake) for mistake in error.errors(include_url=False)
        )
        raise ConfigurationError(tuple(found)) from None


def settings(root: Path) -> schema.SettingsSpec:
    """Read `gatekeeper.toml`, or `[tool.gatekeeper]` in `pyproject.toml`; the defaults if neither."""
    for name, table in (("gatekeeper.toml", ()), ("pyproject.toml", ("tool", "gatekeeper"))):
        path = root / name
        if not path.is_file() or (table and b"tool.gatekeeper" not in path.read_bytes()):
            continue
        import tomllib  # noqa: PLC0415  costs time that most repositories need not spend

        try:
            value: Any = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError((Problem(name, 0, 0, f"is no valid TOML: {error}"),)) from None
        for part in table:
            value = value.get(part, {})
        try:
            chosen = schema.SettingsSpec.model_validate(value)
        except ValidationError as error:
            raise ConfigurationError(
                tuple(
                    Problem(name, 0, 0, f"{'.'.join([*table, *map(str, e['loc'])])}: {e['msg']}")
                    for e in error.errors(include_url=False)
                )
            ) from None
        _refuse_outside(root, name, chosen)
        return chosen
    return schema.SettingsSpec()


def _refuse_outside(root: Path, name: str, chosen: schema.SettingsSpec) -> None:
    for folder in (chosen.gates, chosen.checks, chosen.learning, *chosen.services.values()):
        if not _inside(root, root / folder):
            raise ConfigurationError(
                (Problem(name, 0, 0, f"`{folder}` leads out of the repository"),)
            )


def _inside(root: Path, path: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def tool_names() -> list[str]:
    """The names of the built-in catalogue."""
    return sorted(path.stem for path in _CATALOGUE.glob("*.yaml"))


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
    for entry in entries:
        file = f"{folder}/{entry.name}"
        if entry.name in nested or entry.name in _SILENT:
            continue
        if not _inside(root, root / file):
            problems.append(Problem(file, 0, 0, "is a link that leads out of the repository"))
        elif entry.is_dir():
            problems += [
                Problem(found, 0, 0, f"nobody reads this file: only {folder}/*.yaml is read")
                for found in _below(root, file)
            ]
        elif entry.name.endswith(".yaml"):
            yield file
        else:
            stem = entry.name.rpartition(".")[0] or entry.name
            hint = (
                f"rename it to {stem}.yaml" if entry.name.endswith(".yml") else "move it elsewhere"
            )
            problems.append(
                Problem(file, 0, 0, f"nobody reads this file: only {folder}/*.yaml is read", hint)
            )


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
            Problem(
                f"{folder}/{name}", 0, 0, f"nobody reads this file: only {folder}/*{suffix} is read"
            )
            for name in sorted(os.listdir(root / folder))
            if not name.endswith(suffix) and name not in _SILENT
        ]


# The models whose keys are suggested below a key of this name.
_NESTED: dict[str, type[schema.Spec]] = {
    "checks": schema.CheckSpec,
    "reads": schema.ReadsSpec,
    "exit": schema.ExitSpec,
    "origin": schema.OriginSpec,
    "proof": schema.ProofSpec,
    "evidence": schema.EvidenceSpec,
}


def _translate(document: yamlfile.Document, model: type[schema.Spec], mistake: Any) -> Problem:
    """A pydantic error in words for the author of the file, at its place."""
    path: tuple[str | int, ...] = ()
    for part in mistake["loc"]:
        if (*path, part) in document.positions or (*path, part) in document.keys:
            path = (*path, part)
    kind, given, last = (
        mistake["type"],
        mistake.get("input"),
        str(mistake["loc"][-1:] and mistake["loc"][-1]),
    )
    context = mistake.get("ctx", {})
    if kind == "extra_forbidden":
        nested = [_NESTED[part] for part in path[:-1] if part in _NESTED]
        keys = [field.alias or name for name, field in (nested or [model])[-1].model_fields.items()]
        return yamlfile.problem(
            document, path, f"unknown key `{last}`", suggest(last, keys), key=True
        )
    if kind == "missing":
        return yamlfile.problem(document, path, f"`{last}:` is missing")
    if given is None:
        return yamlfile.problem(document, path, f"`{last}:` has no value", key=True)
    if kind == "literal_error":
        allowed = [
            word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")
        ]
        message = f"`{given}` is not one of {context['expected']}"
        return yamlfile.problem(document, path, message, suggest(str(given), allowed))
    messages = {
        "string_type": f"expected text, not a {type(given).__name__}: quote it if it is meant as text",
        "string_too_short": "is empty",
        "string_pattern_mismatch": f"`{given}` does not have the form {context.get('pattern')}",
        "too_short": "the list is empty",
        "list_type": f"expected a list: write [{given}]",
        "dict_type": "expected a mapping",
        "model_type": "expected a mapping",
        "bool_parsing": f"`{given}` is neither true nor false",
        "bool_type": f"`{given}` is neither true nor false",
    }
    text = messages.get(kind, str(mistake["msg"]).removeprefix("Value error, "))
    return yamlfile.problem(document, path, text)


def suggest(name: str, known: Sequence[str]) -> str:
    """A hint where a name is nearly right, else ""."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""
