"""A check as it is written, over its catalogue entry: each value, and the place where it stands.

A key of the check replaces the entry's; `with` is joined key by key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gatekeeper.config import load, schema
from gatekeeper.errors import Problem
from gatekeeper.model import Position

Path = tuple[str | int, ...]
Place = Callable[..., Problem]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a check is written: its document, the path to it there, and its model."""

    loaded: load.Loaded[Any]
    path: Path
    spec: schema.CheckSpec

    @property
    def position(self) -> Position:
        """The place of the check itself."""
        found = self.loaded.problem(self.path, "")
        return Position(found.file, found.line, found.column)


@dataclass(frozen=True, slots=True)
class Merged:
    """A check over its catalogue entry: the value of a key, and the place where it is written."""

    source: Source
    tool: load.Loaded[schema.ToolSpec] | None
    problems: list[Problem]

    def complain(self, message: str, hint: str = "", at: Path = ()) -> None:
        """Note a mistake at a key of the check, or of its catalogue entry."""
        self.problems.append(self.at(*at)(message, hint))

    def has(self, name: str) -> bool:
        """Whether a key is written, with a value."""
        return bool(self.get(name)) and self._home(name) is not None

    def get(self, name: str) -> Any:
        """The value of a field of the model."""
        home = self._home(name)
        if name == "with_" and self.tool is not None:
            return {**self.tool.spec.with_, **self.source.spec.with_}
        return getattr(home if home is not None else self.source.spec, name)

    def _home(self, name: str) -> Any:
        if name in self.source.spec.model_fields_set:
            return self.source.spec
        if self.tool is not None and name in self.tool.spec.model_fields_set:
            return self.tool.spec
        return None

    def params(self) -> dict[str, Any]:
        """The parameters that the catalogue entry takes, with their defaults."""
        return dict(self.tool.spec.params) if self.tool is not None else {}

    def at(self, *path: str | int) -> Place:
        """What makes a problem at a key of the check, or of its catalogue entry."""
        loaded, start = self.source.loaded, self.source.path
        if path and self.tool is not None:
            name = str(path[0]).replace("-", "_")
            name = "with_" if name == "with" else name
            if name not in self.source.spec.model_fields_set:
                loaded, start = self.tool, ()
        return lambda message, hint="": loaded.problem((*start, *path), message, hint)

    def positions(self) -> dict[str, Position]:
        """The place of each key that is written."""
        found = {}
        for loaded, start in ((self.tool, ()), (self.source.loaded, self.source.path)):
            if loaded is not None and (spec := loaded.document.value) is not None:
                for part in start:
                    spec = spec[part]
                for key in spec if isinstance(spec, dict) else ():
                    found[key] = loaded.document.positions[(*start, key)]
        return found
