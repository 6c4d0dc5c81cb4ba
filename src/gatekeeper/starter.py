"""What `init` proposes: four gates for the files of a repository, as plain data. Pure.

It proposes what can be measured there with the catalogue, and a sign-off for what only people can
tell. What stays open is said in the remarks, which become comments of the file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
_LEARNED = (
    *("postmortems.unguarded", "actions.dangling", "actions.drifted", "guards.lost"),
    "incidents.without-postmortem",
)
_TO_DO = (
    *("postmortems.incomplete", "actions.open", "actions.overdue", "guards.weak"),
    *("guards.unproven", "incidents.recurring"),
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


@dataclass(frozen=True, slots=True)
class _Part:
    """What a gate gets for something that was found, with what is required of it."""

    checks: Sequence[Any] = ()
    requirements: Mapping[str, Any] = field(default_factory=dict)
    found: Sequence[str] = ()
    remarks: Sequence[str] = ()


def propose(files: Iterable[str], read: Callable[[str], str]) -> tuple[Proposal, ...]:
    """Propose the four gates of a repository.

    `files` are relative to it; `read` gives the text of one of them, "" where there is none.
    """
    seen = _Seen(sorted(files), read)
    return tuple(_proposal(gate, parts(seen), nothing) for gate, parts, nothing in _GATES)


def _proposal(gate: str, parts: Iterable[_Part], nothing: str) -> Proposal:
    """A gate made of its parts; `nothing` is what is said where nothing was found."""
    requirements: dict[str, Any] = {}
    checks: list[Any] = []
    found: list[str] = []
    remarks: list[str] = []
    for part in parts:
        requirements |= part.requirements
        checks += part.checks
        found += part.found
        remarks += part.remarks
    content = {
        "gate": gate,
        "title": gate.replace("-", " ").capitalize(),
        **({"requirements": requirements} if requirements else {}),
        "checks": checks,
    }
    return Proposal(gate, content, ", ".join(found) or nothing, tuple(remarks))


def _code_quality(seen: _Seen) -> Iterator[_Part]:
    yield from _python(seen) if seen.python else [_conflict_markers()]
    yield _tests(seen)
    yield _complexity(seen)


def _python(seen: _Seen) -> Iterator[_Part]:
    yield _Part(["ruff"], {"lint.errors": "== 0"}, ["Python"])
    if _ruff_formats(seen):
        yield _Part(["ruff-format"], found=["a configured formatter"])
    if _mypy_configured(seen):
        # Given no folder it would also take tests, examples and docs/conf.py to be typed.
        check = {"uses": "mypy", "whole": ["src"]} if seen.named("src/*.py") else "mypy"
        yield _Part([check], found=["a configured mypy"])


def _tests(seen: _Seen) -> _Part:
    if seen.tests:
        remark = "If the tests take long, give pytest `stage: ci`."
        return _Part(["pytest"], {"coverage.line": "> 80%"}, ["tests"], [remark])
    remark = (
        "No tests were found that gatekeeper knows to run, so none are judged here. Add a "
        "check with `command:` and `reads:` (junit, cobertura) and require `coverage.line`."
    )
    return _Part(remarks=[remark])


def _complexity(seen: _Seen) -> _Part:
    languages = sorted({splitext(path)[1] for path in seen.files} & set(_LIZARD))
    if not languages:
        return _Part()
    requirements = {"complexity.max": "< 10", "duplication.percent": "< 3%"}
    if languages == [".py"]:
        return _Part(["lizard"], requirements)
    check = {"uses": "lizard", "files": [f"**/*{suffix}" for suffix in languages]}
    return _Part([check], requirements, [f"code in {', '.join(languages)}"])


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


def _conflict_markers() -> _Part:
    check = {
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
    return _Part([check], {"lint.errors": "== 0"})


def _performance(seen: _Seen) -> Iterator[_Part]:
    files = [path for path in seen.named("benchmarks/*.py") if "benchmark" in seen.read(path)]
    names = sorted({name for path in files for name in _benchmarks(seen.read(path))})
    if names:
        metrics = [f"benchmark.{name}.median" for name in names[:_MOST_BENCHMARKS]]
        check = {"uses": "pytest-benchmark", "measures": metrics}
        remark = f"`{_BENCHMARK_BUDGET}` is a first guess: give each benchmark its own budget."
        requirements = dict.fromkeys(metrics, _BENCHMARK_BUDGET)
        yield _Part([check], requirements, ["benchmarks/"], [remark])
        return
    question = "Is it fast enough under the load expected in production? Evidence: the figures."
    check = _signoff("load-test", "a load test has shown that it is fast enough", question)
    remarks = [
        "No benchmark was found whose name is known beforehand, so nothing is measured here yet.",
        "Somebody signs off a load test before a release (`gatekeeper explain signoff`).",
        "Better: benchmarks with pytest-benchmark, or a load test whose report a check reads.",
    ]
    yield _Part([check], remarks=remarks)


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


def _security(seen: _Seen) -> Iterator[_Part]:
    no_weakness = {"vulnerabilities.critical": "== 0", "vulnerabilities.high": "== 0"}
    yield _Part(["detect-secrets"], {"secrets.total": "== 0"})
    if seen.python:
        yield _Part(["bandit"], no_weakness, ["Python"])
    if seen.workflows:
        yield _Part(["zizmor"], no_weakness, ["GitHub workflows"])
    arguments = _audited(seen)
    if arguments:
        check = {"uses": "pip-audit", "with": {"args": arguments}}
        remark = "pip-audit asks a service on the internet and runs at stage deploy."
        yield _Part([check], {"dependencies.vulnerable": "== 0"}, ["dependencies"], [remark])
    if not (seen.python and arguments):
        question = (
            "Have code and dependencies been looked through for weaknesses and known "
            "vulnerabilities, and is none of them critical or high?"
        )
        title = "code and dependencies have no serious weakness"
        remark = (
            "The catalogue cannot examine all code and dependencies here, so somebody signs off a "
            "review before a release. Better: a scanner whose SARIF report a check reads."
        )
        yield _Part([_signoff("security-review", title, question)], remarks=[remark])


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


def _readiness(seen: _Seen) -> Iterator[_Part]:
    readme = _document(seen, "readme") or "README.md"
    release = _document(seen, "release", "releasing", "release-process", "deployment")
    rollback = _document(seen, "rollback", "roll-back")
    changelog = _document(seen, "changelog", "changes", "history", "news")
    yield _required(seen, "readme", "a stranger can find their way", [readme])
    yield _required(
        seen,
        "release-documents",
        "it is written down how to release and how to roll back",
        [release or "docs/release.md", rollback or "docs/rollback.md"],
    )
    if changelog:
        yield _required(seen, "changelog", "changes are told", [changelog], {"min-words": 10})
    yield _learning(seen)
    title = "the rollback has been drilled"
    question = "Has the way back to the last version been tried, as the rollback document says?"
    drill = _signoff("rollback-drill", title, question)
    if deployment := _deployment(seen):
        drill["files"] = deployment
    remark = "rollback-drill fails at stage deploy until somebody has signed it off."
    yield _Part([drill], remarks=[remark])


def _learning(seen: _Seen) -> _Part:
    """No failure happens twice: what is unguarded blocks, what is still to be done warns."""
    remark = (
        "A post-mortem below learning/postmortems that no check guards blocks; open items warn."
    )
    return _Part(
        ["postmortem-coverage", "follow-up", "guard-proof"],
        {
            **dict.fromkeys(_LEARNED, "== 0"),
            **{metric: {"pass": "== 0", "warn": "> 0"} for metric in _TO_DO},
        },
        ["post-mortems"] if seen.named("learning/postmortems/*.md") else [],
        [remark],
    )


def _document(seen: _Seen, *stems: str) -> str | None:
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


def _required(
    seen: _Seen,
    name: str,
    title: str,
    files: Sequence[str],
    params: Mapping[str, Any] | None = None,
) -> _Part:
    """A check that documents are there and complete, whether they are there yet or not."""
    check = {"check": name, "title": title, "type": "document", "files": files}
    missing = [path for path in files if path not in seen.files]
    return _Part(
        [{**check, "with": params} if params else check],
        dict.fromkeys(
            ("documents.missing", "documents.incomplete", "documents.broken-links"), "== 0"
        ),
        [path for path in files if path in seen.files],
        [
            f"{path} does not exist yet: the gate fails (exit 1) until it is written."
            for path in missing
        ],
    )


def _signoff(name: str, title: str, question: str) -> dict[str, Any]:
    return {
        "check": name,
        "title": title,
        "type": "signoff",
        "stage": "deploy",
        "with": {"question": question},
    }


# Each gate with its parts, and what is said where nothing was found for it.
_GATES: tuple[tuple[str, Callable[[_Seen], Iterator[_Part]], str], ...] = (
    ("code-quality", _code_quality, "no language that the catalogue knows"),
    ("performance", _performance, "no benchmarks"),
    ("security", _security, "files"),
    ("operational-readiness", _readiness, "no documents"),
)
