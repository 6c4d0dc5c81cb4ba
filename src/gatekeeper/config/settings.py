"""`gatekeeper.toml`, or `[tool.gatekeeper]` in `pyproject.toml`: where the folders are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gatekeeper.config.schema import SettingsSpec
from gatekeeper.errors import ConfigurationError, Problem

# The file, and the table in it; the first that is there counts.
PLACES = (("gatekeeper.toml", ()), ("pyproject.toml", ("tool", "gatekeeper")))


def settings(root: Path) -> SettingsSpec:
    """Read the settings; the defaults where there are none."""
    for name, table in PLACES:
        path = root / name
        if path.is_file() and (not table or b"gatekeeper" in path.read_bytes()):
            return _read(root, name, table)
    return SettingsSpec.model_construct()  # nothing to validate: no validator is built


def inside(root: Path, path: Path) -> bool:
    """Whether a path, its links followed, stays within a folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _read(root: Path, name: str, table: tuple[str, ...]) -> SettingsSpec:
    import tomllib  # noqa: PLC0415  costs time that most repositories need not spend

    try:
        value: Any = tomllib.loads((root / name).read_text("utf-8"))
        for part in table:
            value = value.get(part, {}) if isinstance(value, dict) else value
        chosen = SettingsSpec.model_validate(value)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError((Problem(name, 0, 0, f"is no valid TOML: {error}"),)) from None
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        places = [".".join(map(str, (*table, *mistake["loc"]))) for mistake in mistakes]
        problems = [
            Problem(name, 0, 0, f"{place}: {mistake['msg']}")
            for place, mistake in zip(places, mistakes, strict=True)
        ]
        raise ConfigurationError(tuple(problems)) from None
    for folder in (chosen.gates, chosen.checks, chosen.learning, *chosen.services.values()):
        if not inside(root, root / folder):
            text = f"`{folder}` leads out of the repository"
            raise ConfigurationError((Problem(name, 0, 0, text),))
    return chosen
