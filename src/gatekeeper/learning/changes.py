"""What a change takes away: guards removed or weakened, post-mortems gone, since a commit. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from posixpath import normpath
from typing import Any

from gatekeeper.config import yamlfile
from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.config.settings import PLACES
from gatekeeper.errors import ConfigurationError, NotMeasured
from gatekeeper.learning import shelf
from gatekeeper.learning.faults import fault
from gatekeeper.learning.links import Link, Links
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.learning.tree import Tree
from gatekeeper.model import STAGES, Finding, Stage

Files = Mapping[str, bytes]
_FOLDERS = ("gates", "checks", "learning")


@dataclass(frozen=True, slots=True)
class Base:
    """The files of a commit, by path, below its folders of gates, checks and learning."""

    files: Files
    gates: str
    checks: str
    learning: str


@dataclass(frozen=True, slots=True)
class _Was:
    """A guard of the base that could block: the items it named, and when it ran first."""

    check: str
    file: str
    items: tuple[str, ...]
    stage: Stage


def at(read: Callable[..., Files | None]) -> Base | None:
    """The base; `read` gives the files at and below paths there, None where there is no base.

    The folders are those that the settings named then: to move them loses nothing.
    """
    if (own := read(*(name for name, _ in PLACES))) is None:
        return None
    chosen = _settings(own)
    gates, checks, learning = (normpath(str(chosen.get(name, name))) for name in _FOLDERS)
    return Base(read(gates, checks, learning) or {}, gates, checks, learning)


def _settings(files: Files) -> Mapping[str, Any]:
    for name, table in PLACES:
        if name in files and (not table or b"gatekeeper" in files[name]):
            try:
                value: Any = tomllib.loads(files[name].decode("utf-8", "replace"))
            except tomllib.TOMLDecodeError:
                return {}  # gatekeeper did not run on that either
            for part in table:
                value = value.get(part, {})
            return value if isinstance(value, dict) else {}
    return {}


def changes(
    base: Base,
    policy: Policy,
    reports: Mapping[str, PostMortem],
    links: Links,
    tree: Tree,
    recall: shelf.Recall,
) -> tuple[Finding, ...]:
    """What the base has and today lacks; NotMeasured where no report is left of those it has."""
    paths = shelf.files_of(base.learning, base.files)
    if paths and not reports:
        raise NotMeasured(
            f"no post-mortem was read, and the base has {len(paths)} below {base.learning}",
            "put them back, or let the setting `learning` name their folder",
        )
    before = [shelf.parsed(path, base.files[path], recall) for path in paths]
    gone = _gone(before, reports)
    items = {link.item: (report.file, link) for report in links.reports for link in report.items}
    guarded = [(was, item) for was in _guards(base, policy, tree) for item in was.items]
    lost = (_loss(was, item, policy, items.get(item)) for was, item in guarded)
    return (*gone.values(), *filter(None, lost))


def _gone(before: Iterable[PostMortem], reports: Mapping[str, PostMortem]) -> Mapping[str, Finding]:
    """The reports that cannot be found any more, neither by id nor by content."""
    missing = {report.id: report for report in before if report.id not in reports}
    kept = [_content(report) for report in reports.values()] if missing else []
    return {
        id_: fault(
            "unguarded",
            f"{id_} is gone: the base has it at {report.file}, and nothing guards it now; "
            "put it back, a post-mortem is never thrown away",
            (report.file, 1),
        )
        for id_, report in missing.items()
        if _content(report) not in kept
    }


def _content(report: PostMortem) -> PostMortem:
    return replace(report, id="", file="")


def _guards(base: Base, policy: Policy, tree: Tree) -> Iterator[_Was]:
    """The guards of the base that may have changed, those aside that could not block."""
    gates = {}
    for path, data in base.files.items():
        spec = _mapping(path, data) if path.startswith(f"{base.gates}/") else {}
        if isinstance(name := spec.get("gate"), str):
            gates[name] = spec
            for check in _dicts(spec.get("checks")):
                yield from _was(path, check, spec)
    same = _same(base, policy, tree)
    for path, data in base.files.items():
        if path not in same and _is_check(path, base.checks):
            check = _mapping(path, data)
            gate = gates.get(str(check.get("gate")))
            if gate is not None:
                yield from _was(path, check, gate)


def _same(base: Base, policy: Policy, tree: Tree) -> frozenset[str]:
    """The files of registered checks that say the same as in the base, and so do their gates."""
    gates = {gate.id for gate in policy.gates if _unchanged(gate.position.file, base.files, tree)}
    return frozenset(
        check.position.file
        for check in policy.checks.values()
        if check.registered and check.position and check.gate in gates
        if _unchanged(check.position.file, base.files, tree)
    )


def _is_check(path: str, folder: str) -> bool:
    """Whether a file is a check, no tool and no proof."""
    return path.endswith(".yaml") and "/" not in path.removeprefix(f"{folder}/")


def _unchanged(path: str, files: Files, tree: Tree) -> bool:
    try:
        return path in files and path in tree.names and tree.content(path) == files[path]
    except NotMeasured:
        return False


def _was(path: str, check: Mapping[str, Any], gate: Mapping[str, Any]) -> Iterator[_Was]:
    name = check.get("check") or check.get("uses")
    items = tuple(str(origin["item"]) for origin in _dicts(check.get("origin")) if "item" in origin)
    able = check.get("enabled", True) and not (check.get("advisory") or gate.get("advisory"))
    if isinstance(name, str) and items and able:
        yield _Was(name, path, items, _later(check.get("stage"), gate.get("stage")))


def _later(*stages: Any) -> Stage:
    known = [stage for stage in stages if stage in STAGES]
    return max(known, key=STAGES.index, default="push")


def _mapping(path: str, data: bytes) -> Mapping[str, Any]:
    """A YAML file of the base; nothing where it was broken then, for then it guarded nothing."""
    try:
        value = yamlfile.parse(path, data).value
    except ConfigurationError:
        return {}
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _loss(was: _Was, item: str, policy: Policy, now: tuple[str, Link] | None) -> Finding | None:
    """What became of a guard of an item; None where it stands, or something else does."""
    check = policy.checks.get(was.check)
    how = _weaker(was, item, check, policy)
    if not how or (now and _settled(now[1], was)):
        return None
    message = f"{item} was guarded by {was.check} ({was.file}), and {how}: put the guard back, or "
    message += "say in the post-mortem under `no-check` why the item needs none"
    if check is not None and check.position is not None:
        return fault("lost", message, check.position)
    return fault("lost", message, (now[0], now[1].line) if now else (was.file, 1))


def _weaker(was: _Was, item: str, check: CheckPolicy | None, policy: Policy) -> str:
    """How a guard is weaker than it was, "" where it is not."""
    if check is None:
        return "there is no such check any more"
    advisory = {gate.id for gate in policy.gates if gate.advisory}
    ways = {
        "it does not name it as its origin any more": item not in {o.item for o in check.origin},
        f"it is disabled now: {check.reason}": not check.enabled,
        "it is advisory now": check.advisory,
        f"its gate {check.gate} is advisory": check.gate in advisory,
        f"it runs from stage {check.stage} on, not from {was.stage} on any more": (
            STAGES.index(check.stage) > STAGES.index(was.stage)
        ),
    }
    return next((way for way, holds in ways.items() if holds), "")


def _settled(link: Link, was: _Was) -> bool:
    """Whether an item is decided, or guarded as early as before by whatever check."""
    early = STAGES.index(was.stage)
    strong = (guard for guard in link.guards if not guard.weak)
    return link.state == "decided" or any(STAGES.index(g.stage) <= early for g in strong)
