"""Stand in for an environment: its packages, with the worktree wherever it means the working copy.

Imported by a `.pth` file at the start of each interpreter of the shadow, also under `python -I`.
"""

from __future__ import annotations

import os
import site
import sys
from types import TracebackType
from typing import Any

import gatekeeper_seen

_TOP, _TREE, _, _BYTECODE = gatekeeper_seen.settings()
_PACKAGES = ("site-packages", "dist-packages")
_told: set[str] = set()
_known: dict[str, bool] = {}


def inside(path: str) -> str:
    """A path of the working copy, relative to it; "" for any other and for its environments."""
    for place in (os.path.abspath(path), os.path.realpath(path)):
        if place == _TOP:
            return "."
        if place.startswith(_TOP + os.sep) and not place.startswith(_TREE + os.sep):
            rest = place[len(_TOP) + 1 :]
            return "" if _environment(rest) else rest
    return ""


def _environment(rest: str) -> bool:
    """Whether a path below the working copy is in a virtual environment that lies there."""
    parts = rest.split(os.sep)
    if any(name in parts for name in _PACKAGES):
        return True
    folders = [os.path.join(_TOP, *parts[:n]) for n in range(1, len(parts) + 1)]
    return any(
        os.path.exists(os.path.join(folder, mark))
        for folder in folders
        for mark in ("pyvenv.cfg", "conda-meta")
    )


def mapped(path: str) -> str:
    """The place in the worktree that answers to one of the working copy; any other as it is."""
    rest = inside(path)
    return os.path.normpath(os.path.join(_TREE, rest)) if rest else path


def _enter(folders: list[str]) -> None:
    """Add the packages of the environment, as `site` does, and map what leads to the copy."""
    sys.excepthook = _crashed
    sys.pycache_prefix = _BYTECODE or None  # also under -I, which drops PYTHONPYCACHEPREFIX
    for folder in folders:
        site.addsitedir(folder)
    kept: list[str] = []
    for path in sys.path:
        place = mapped(path) if path else path
        if place not in kept:
            kept.append(place)
    sys.path[:] = kept
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):  # setuptools: module -> folder, namespace -> folders
            _remap(getattr(module, "MAPPING", {}))
            _remap(getattr(module, "NAMESPACES", {}))
    redirector = getattr(sys.modules.get("editables.redirector"), "RedirectingFinder", None)
    _remap(getattr(redirector, "_redirections", {}))  # hatch, pdm


def _remap(table: dict[str, Any]) -> None:
    for key, value in table.items():
        table[key] = mapped(value) if isinstance(value, str) else [mapped(one) for one in value]


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Tell of each file of the working copy that is executed; an audit hook, so it must be quick.

    https://docs.python.org/3/library/audit_events.html
    """
    if event == "exec":
        file = getattr(arguments[0], "co_filename", None)
    elif event == "import":  # with a file for an extension module only
        file = arguments[1]
    elif event == "cpython.run_file":
        file = arguments[0]
    else:
        return
    if isinstance(file, str) and file not in _told and not file.startswith("<"):
        _told.add(file)
        _tell(file)


def _tell(file: str) -> None:
    path = os.path.abspath(file)
    if path.startswith(_TREE + os.sep):
        return
    folder = os.path.dirname(path)
    if folder not in _known:
        _known[folder] = bool(inside(folder))
    if _known[folder]:
        gatekeeper_seen.write({"ran": inside(path) or path})


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write down an exception that ends a process, then show it as ever."""
    gatekeeper_seen.write({"crash": gatekeeper_seen.crash(error)})
    sys.__excepthook__(kind, error, trace)


sys.addaudithook(_watch)
_list = os.path.join(sys.prefix, "packages")
if os.path.exists(_list):  # a shadow: any other interpreter is only watched
    with open(_list, encoding="utf-8", errors="surrogateescape") as _file:
        _enter(_file.read().split("\0")[:-1])
