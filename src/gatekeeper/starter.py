"""What `init` proposes: four gates for the files of a repository, as plain data. Pure.

It proposes what can be measured there with the catalogue, and a sign-off for what only people can
tell. What stays open is said in the remarks, which become comments of the file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import basename, splitext
from typing import Any

# Paths are written into YAML and arguments only where they are beyond doubt.
_PLAIN = re.compile(r"[\w./-]+", re.ASCII)
# Languages that lizard counts the complexity of, by suffix (https://github.com/terryyin/lizard).
_LIZARD = (
    *(".py", ".c", ".h", ".cc", ".cpp", ".hpp", ".java", ".cs", ".js", ".jsx", ".ts", ".tsx"),
    *(".go", ".rs", ".rb", ".php", ".swift", ".kt", ".scala", ".lua"),
)
_TESTS = ("test_*.py", "*_test.py")
_BENCHMARK_BUDGET = "< 1s"
_MOST_BENCHMARKS = 10
_DEPLOYMENT = (
    *("Dockerfile", "docker-compose*.yml", "docker-compose*.yaml", "compose.yaml", "Procfile"),
    *("deploy/*", "deployment/*", "helm/*", "charts/*", "k8s/*", "kubernetes/*", "terraform/*"),
    *(".github/workflows/*deploy*", ".github/workflows/*release*", ".github/workflows/*publish*"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A gate: its name, its content as in YAML, why it looks so, and remarks for its author."""

    gate: str
    content: Mapping[str, Any]
    found: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """A repository: its files, and how to read one ("" where it cannot be read)."""

    files: Sequence[str]
    read: Callable[[str], str]

    def named(self, *globs: str) -> list[str]:
        """The files whose whole path matches, in order; `*` matches `/` too."""
        return [path for path in self.files if any(fnmatchcase(path, glob) for glob in globs)]

    def says(self, pattern: str, *paths: str) -> bool:
        """Whether one of the files exists and holds the pattern."""
        return any(re.search(pattern, self.read(p), re.MULTILINE) for p in paths if p in self.files)

    @cached_property
    def python(self) -> bool:
        """Whether there is Python code."""
        return bool(self.named("*.py"))

    @cached_property
    def tests(self) -> list[str]:
        """The files that pytest collects, benchmarks aside."""
        return [
            path
            for path in self.files
            if any(fnmatchcase(basename(path), glob) for glob in _TESTS)
            and not path.startswith("benchmarks/")
        ]

    @cached_property
    def workflows(self) -> bool:
        """Whether there are workflows of GitHub Actions."""
        found = self.named(".github/workflows/*.yml", ".github/workflows/*.yaml")
        return any(path.count("/") == 2 for path in found)


def propose(files: Iterable[str], read: Callable[[str], str]) -> tuple[Proposal, ...]:
    """Propose the four gates of a repository.

    `files` are relative to it; `read` gives the text of one of them, "" where there is none.
    """
    seen = _Seen(sorted(files), read)
    return _code_quality(seen), _performance(seen), _security(seen), _readiness(seen)


def _code_quality(seen: _Seen) -> Proposal:
    requirements: dict[str, str] = {"lint.errors": "== 0"}
    checks: list[Any] = []
    remarks: list[str] = []
    found: list[str] = []
    if seen.python:
        checks.append("ruff")
        found.append("Python")
        if _ruff_formats(seen):
            checks.append("ruff-format")
            found.append("a configured formatter")
        if _mypy_configured(seen):
            # Given no folder it would also take tests, examples and docs/conf.py to be typed.
            checks.append({"uses": "mypy", "whole": ["src"]} if seen.named("src/*.py") else "mypy")
            found.append("a configured mypy")
    else:
        checks.append(_conflict_markers())
    if seen.tests:
        checks.append("pytest")
        requirements["coverage.line"] = "> 80%"
        found.append("tests")
        remarks.append("If the tests take long, give pytest `stage: ci`.")
    else:
        remarks.append(
            "No tests were found that gatekeeper knows to run, so none are judged here. Add a "
            "check with `command:` and `reads:` (junit, cobertura) and require `coverage.line`."
        )
    if languages := sorted({splitext(path)[1] for path in seen.files} & set(_LIZARD)):
        globs = [f"**/*{suffix}" for suffix in languages]
        checks.append("lizard" if languages == [".py"] else {"uses": "lizard", "files": globs})
        requirements |= {"complexity.max": "< 10", "duplication.percent": "< 3%"}
        found += [] if languages == [".py"] else [f"code in {', '.join(languages)}"]
    nothing = "no language that the catalogue knows"
    return _proposal("code-quality", requirements, checks, found or [nothing], remarks)


def _ruff_formats(seen: _Seen) -> bool:
    return (
        seen.says(r"^\[tool\.ruff\.format\]", "pyproject.toml")
        or seen.says(r"^\[format\]", "ruff.toml", ".ruff.toml")
        or seen.says(r"id: *ruff-format", ".pre-commit-config.yaml")
    )


def _mypy_configured(seen: _Seen) -> bool:
    return (
        "mypy.ini" in seen.files
        or ".mypy.ini" in seen.files
        or seen.says(r"^\[tool\.mypy\]", "pyproject.toml")
        or seen.says(r"^\[mypy\]", "setup.cfg")
    )


def _conflict_markers() -> dict[str, Any]:
    return {
        "check": "conflict-markers",
        "title": "no file holds a merge conflict",
        "type": "pattern",
        "files": ["**/*"],
        # What is no text cannot hold a conflict either.
        "with": {
            "forbid": "^(<{7}|>{7}) ",
            "message": "resolve the merge conflict",
            "may-skip": ["**/*"],
        },
    }


def _performance(seen: _Seen) -> Proposal:
    files = [path for path in seen.named("benchmarks/*.py") if "benchmark" in seen.read(path)]
    names = sorted({name for path in files for name in _benchmarks(seen.read(path))})
    if names and seen.python:
        metrics = [f"benchmark.{name}.median" for name in names[:_MOST_BENCHMARKS]]
        check = {"uses": "pytest-benchmark", "measures": metrics}
        remarks = [f"`{_BENCHMARK_BUDGET}` is a first guess: give each benchmark its own budget."]
        requirements = dict.fromkeys(metrics, _BENCHMARK_BUDGET)
        return _proposal("performance", requirements, [check], ["benchmarks/"], remarks)
    question = "Is it fast enough under the load expected in production? Evidence: the figures."
    check = _signoff("load-test", "a load test has shown that it is fast enough", question)
    remarks = [
        "No benchmark was found whose name is known beforehand, so nothing is measured here yet.",
        "Somebody signs off a load test before a release (`gatekeeper explain signoff`).",
        "Better: benchmarks with pytest-benchmark, or a load test whose report a check reads.",
    ]
    return _proposal("performance", {}, [check], ["no benchmarks"], remarks)


def _benchmarks(source: str) -> Iterable[str]:
    """The names of benchmarks that are not parametrised: functions that ask for `benchmark`."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if (
            isinstance(node, ast.FunctionDef)
            and node.name.startswith("test_")
            and node.name.isascii()
            and [argument.arg for argument in node.args.args].count("benchmark")
            and not node.decorator_list
        ):
            yield node.name


def _security(seen: _Seen) -> Proposal:
    requirements = {"secrets.total": "== 0"}
    checks: list[Any] = ["detect-secrets"]
    found: list[str] = []
    remarks: list[str] = []
    if seen.python:
        checks.append("bandit")
        found.append("Python")
    if seen.workflows:
        checks.append("zizmor")
        found.append("GitHub workflows")
    if seen.python or seen.workflows:
        requirements |= {"vulnerabilities.critical": "== 0", "vulnerabilities.high": "== 0"}
    if arguments := _audited(seen):
        checks.append({"uses": "pip-audit", "with": {"args": arguments}})
        requirements["dependencies.vulnerable"] = "== 0"
        found.append("dependencies")
        remarks.append("pip-audit asks a service on the internet and runs at stage deploy.")
    if not (seen.python and arguments):
        question = (
            "Have code and dependencies been looked through for weaknesses and known "
            "vulnerabilities, and is none of them critical or high?"
        )
        title = "code and dependencies have no serious weakness"
        checks.append(_signoff("security-review", title, question))
        remarks.append(
            "The catalogue cannot examine all code and dependencies here, so somebody signs off a "
            "review before a release. Better: a scanner whose SARIF report a check reads."
        )
    return _proposal("security", requirements, checks, found or ["files"], remarks)


def _audited(seen: _Seen) -> list[str]:
    """What pip-audit is to look at: lists of requirements, else the project itself."""
    lists = [
        path
        for path in seen.named("requirements*.txt", "requirements/*.txt")
        if path.count("/") <= path.startswith("requirements/") and _PLAIN.fullmatch(path)
    ]
    if lists:
        return [word for path in lists for word in ("--requirement", path)]
    return ["."] if seen.says(r"^\[project\]", "pyproject.toml") else []


def _readiness(seen: _Seen) -> Proposal:
    readme = _document(seen, ("readme",)) or "README.md"
    release = _document(seen, ("release", "releasing", "release-process", "deployment"))
    rollback = _document(seen, ("rollback", "roll-back"))
    changelog = _document(seen, ("changelog", "changes", "history", "news"))
    checks: list[Any] = [
        _required("readme", "a stranger can find their way", [readme]),
        _required(
            "release-documents",
            "it is written down how to release and how to roll back",
            [release or "docs/release.md", rollback or "docs/rollback.md"],
        ),
    ]
    if changelog:
        checks.append(
            {**_required("changelog", "changes are told", [changelog]), "with": {"min-words": 10}}
        )
    asked = [path for check in checks for path in check["files"]]
    present = [path for path in asked if path in seen.files]
    remarks = [
        f"{path} does not exist yet: the gate fails (exit 1) until it is written."
        for path in asked
        if path not in seen.files
    ]
    title = "the rollback has been drilled"
    question = "Has the way back to the last version been tried, as the rollback document says?"
    drill = _signoff("rollback-drill", title, question)
    if deployment := _deployment(seen):
        drill["files"] = deployment
    checks.append(drill)
    remarks.append("rollback-drill fails at stage deploy until somebody has signed it off.")
    requirements = {
        "documents.missing": "== 0",
        "documents.incomplete": "== 0",
        "documents.broken-links": "== 0",
    }
    found = present or ["no documents"]
    return _proposal("operational-readiness", requirements, checks, found, remarks)


def _document(seen: _Seen, stems: Sequence[str]) -> str | None:
    """The first document of such a name that `document` can read, at the top or in docs/."""
    for folder in ("", "docs/"):
        for path in seen.files:
            stem, suffix = splitext(path.removeprefix(folder).lower())
            readable = suffix in (".md", ".markdown", ".txt", "") and _PLAIN.fullmatch(path)
            if path.startswith(folder) and readable and stem.replace("_", "-") in stems:
                return path
    return None


def _deployment(seen: _Seen) -> list[str]:
    """Globs of what deploys, as far as it is there: the approval is bound to it."""
    return [
        glob.removesuffix("*") + "**" if glob.endswith("/*") else glob
        for glob in _DEPLOYMENT
        if seen.named(glob)
    ]


def _required(name: str, title: str, files: list[str]) -> dict[str, Any]:
    return {"check": name, "title": title, "type": "document", "files": files}


def _signoff(name: str, title: str, question: str) -> dict[str, Any]:
    return {
        "check": name,
        "title": title,
        "type": "signoff",
        "stage": "deploy",
        "with": {"question": question},
    }


def _proposal(
    gate: str,
    requirements: Mapping[str, str],
    checks: Sequence[Any],
    found: Sequence[str],
    remarks: Sequence[str],
) -> Proposal:
    content: dict[str, Any] = {"gate": gate, "title": gate.replace("-", " ").capitalize()}
    if requirements:
        content["requirements"] = dict(requirements)
    content["checks"] = list(checks)
    return Proposal(gate, content, ", ".join(found), tuple(remarks))
