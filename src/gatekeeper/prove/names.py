"""What a fix introduced: the names that are in its files with it and not without it.

A test that asks for one of them is red without the fix whatever the bug was: it shows only that new
code is new. For Python, definitions are compared with what they belong to; for every language, the
words of the code.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_WORD = re.compile(r"[^\W\d]\w+")
_PYTHON = (".py", ".pyi")
_NESTING = 200
_BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Introduced:
    """Names by themselves; by what they belong to (class, function); files that were added."""

    names: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def module(self, name: str) -> bool:
        """Whether a Python module, by its dotted name, is (or was) in a file that was added."""
        path = "/" + name.replace(".", "/")
        return bool(name) and any(
            f"/{file}".endswith((f"{path}.py", f"{path}.pyi")) or f"{path}/" in f"/{file}"
            for file in self.files
        )


def introduced(with_fix: Mapping[str, str], without: Mapping[str, str]) -> Introduced:
    """Compare the files that a fix changed: their texts with it, and without it."""
    defined = _defined(with_fix) - _defined(without)
    words = _words(with_fix.values()) - _words(without.values())
    members: dict[str, set[str]] = defaultdict(set)
    for owner, name in defined:
        members[owner].add(name)
    return Introduced(
        names=frozenset(words | {name for _, name in defined}),
        members={owner: frozenset(names) for owner, names in members.items() if owner},
        files=tuple(sorted(set(with_fix) - set(without))),
    )


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text)}


def _defined(files: Mapping[str, str]) -> set[tuple[str, str]]:
    """What is defined in the Python files, each with the class or function that it belongs to."""
    found: set[tuple[str, str]] = set()
    for path, text in files.items():
        if PurePosixPath(path).suffix in _PYTHON:
            try:
                with warnings.catch_warnings(action="ignore"):  # an odd escape is not ours to tell
                    tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue  # its words are known all the same
            _body(tree.body, "", found)
    return found


def _body(body: Iterable[ast.AST], owner: str, found: set[tuple[str, str]], depth: int = 0) -> None:
    """The definitions of a module or class; `owner` is the class, "" for a module."""
    for node in body if depth < _NESTING else ():
        found.update((owner, name) for name in _bound(node))
        if isinstance(node, ast.ClassDef):
            _body(node.body, node.name, found, depth + 1)
        elif isinstance(node, _BLOCKS):
            _body(ast.iter_child_nodes(node), owner, found, depth + 1)
        elif isinstance(node, _FUNCTIONS):
            found.update((node.name, name) for name in _parameters(node.args))
            found.update(_attributes(node, owner))


def _bound(node: ast.AST) -> list[str]:
    """The names that a statement defines where it stands."""
    if isinstance(node, (ast.ClassDef, *_FUNCTIONS)):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(one.asname or one.name).partition(".")[0] for one in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [name for target in targets for name in _names(target)]
    return []


def _names(target: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _parameters(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    extra = [one for one in (arguments.vararg, arguments.kwarg) if one]
    return [one.arg for one in (*every, *extra)]


def _attributes(function: ast.AST, owner: str) -> list[tuple[str, str]]:
    """The attributes that a method sets on an object."""
    return [
        (owner, node.attr)
        for node in ast.walk(function)
        if owner and isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
