"""Where a tool is found, and its identity.

A tool is looked for on PATH (absolute entries only), then beside the running Python. The judged
repository replaces no tool: one that resolves to a tracked file of it must be named by path.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gatekeeper.errors import NotMeasured

_SCRIPT = b"#!"


@dataclass(frozen=True, slots=True)
class Tool:
    """A program: its path, the SHA-256 of its file, and what it says of its version."""

    path: str
    digest: str
    version: str = ""


@lru_cache
def search_path(path: str) -> tuple[str, ...]:
    """The folders to look in: the absolute entries of PATH, then the running Python's own."""
    entries = [entry for entry in path.split(os.pathsep) if os.path.isabs(entry)]
    return tuple(dict.fromkeys([*entries, os.path.dirname(sys.executable)]))


def find(
    name: str, folder: Path, top: Path, tracked: Collection[str], path: str, install: str = ""
) -> Path:
    """The file that runs as `name`; a name with a slash is a path, relative to `folder`.

    Raises NotMeasured where there is none, or where the judged repository would stand in for it.
    """
    if "/" in name:
        return _by_path(name, folder)
    try:
        found, places = _on_path(name, path, top)
    except FileNotFoundError:
        remedy = f"install it: {install}" if install else "install it, or correct `command:`"
        raise NotMeasured(f"the tool {name} is not found on PATH", remedy) from None
    if inside := next((place for place in places if place in tracked), ""):
        raise NotMeasured(
            f"{name} resolves to {inside}, a tracked file of the judged repository",
            f"name it by path (./{inside}) if it is meant, or take {found.parent} off PATH",
        )
    return found


def _by_path(name: str, folder: Path) -> Path:
    found = Path(os.path.normpath(folder / name))
    if not os.access(found, os.X_OK) or found.is_dir():
        why = "is not executable" if found.exists() else "does not exist"
        raise NotMeasured(f"{name} {why} in {folder}", "check the path that `command:` names")
    return found


@lru_cache
def _on_path(name: str, path: str, top: Path) -> tuple[Path, tuple[str, ...]]:
    """A program on PATH, and where it and what it links to lie seen from `top`.

    It is remembered once it is found.
    """
    for entry in search_path(path):
        found = Path(entry, name)
        if os.access(found, os.X_OK) and not found.is_dir():
            places = os.path.join(os.path.realpath(entry), name), os.path.realpath(found)
            return found, tuple(os.path.relpath(p, os.path.realpath(top)) for p in places)
    raise FileNotFoundError(name)


@dataclass(slots=True)
class Memory:
    """What is known of tools already seen, kept in one file; a stale entry is seen by its key."""

    file: Path
    known: dict[str, dict[str, str]]
    changed: bool = False

    @classmethod
    def load(cls, file: Path) -> Memory:
        """Read the memory; anything unreadable is forgotten."""
        try:
            known = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            known = {}
        sound = isinstance(known, dict) and all(
            isinstance(entry, dict) and all(isinstance(value, str) for value in entry.values())
            for entry in known.values()
        )
        return cls(file, known if sound else {})

    def identify(self, path: Path, command: Sequence[str], ask: Callable[[], str]) -> Tool:
        """The identity of a program; `ask` is called for its version where that is not known."""
        try:
            key = _key(path)
            entry = self.known.get(str(path), {})
            if entry.get("key") != key:
                entry = {"key": key, "digest": _digest(path)}
        except OSError as error:
            raise NotMeasured(
                f"{path} cannot be read: {error.strerror}", "check its permissions"
            ) from None
        question = " ".join(command)
        if question and entry.get("question") != question:
            entry = {**entry, "question": question, "version": ask()}
        if self.known.get(str(path)) != entry:
            self.known[str(path)] = entry
            self.changed = True
        return Tool(str(path), entry["digest"], entry.get("version", "") if question else "")


def _key(path: Path) -> str:
    """What changes when the program does: for a script, its interpreter and its packages too."""
    stamp = _stamp(path)
    interpreter = _interpreter(path, stamp)
    return " ".join([stamp, *_environment(interpreter)]) if interpreter else stamp


@lru_cache
def _interpreter(path: Path, stamp: str) -> Path | None:  # noqa: ARG001  the file as it is then
    """What runs a script, None for another program; it is the same until the stamp changes."""
    with path.open("rb") as file:
        head = file.read(256)
    words = head[2:].split(b"\n", 1)[0].split() if head.startswith(_SCRIPT) else []
    return Path(os.fsdecode(words[0])) if words else None


def _environment(interpreter: Path) -> list[str]:
    """The interpreter, and the folders whose times change when packages are installed."""
    places = [interpreter, *sorted(interpreter.parent.parent.glob("lib/python*/site-packages"))]
    return [_stamp(place) for place in places if place.exists()]


def _stamp(path: Path) -> str:
    seen = path.stat()
    return f"{path}:{seen.st_size}:{seen.st_ino}:{seen.st_mtime_ns}:{seen.st_ctime_ns}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


# The variables of the caller that a check is given; the rest it must name.
_PASSED = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TERM"),
        *("XDG_CACHE_HOME", "VIRTUAL_ENV", "REQUESTS_CA_BUNDLE"),
    }
)


def environment(caller: Mapping[str, str], wanted: Mapping[str, str | None]) -> dict[str, str]:
    """The environment of a check: a short list of the caller's, then what the check asks for."""
    env = {
        name: value
        for name, value in caller.items()
        if name in _PASSED
        or name.startswith(("LC_", "SSL_CERT_"))
        or name.upper().endswith("_PROXY")
    }
    env["PATH"] = os.pathsep.join(search_path(caller.get("PATH", "")))
    for name, value in wanted.items():
        if value is not None:
            env[name] = value
        elif name in caller:
            env[name] = caller[name]
    return env
