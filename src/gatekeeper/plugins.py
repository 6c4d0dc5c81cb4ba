"""Check types, readers and reports by name.

A built-in plug-in is a module of its kind's package: its file name is its name (dashes for
underscores), and it cannot be replaced. Any other name is looked up among the entry points of the
installed distributions, and loaded only when a policy names it.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gatekeeper import __version__, codec, conditions
from gatekeeper.errors import NotMeasured, suggest
from gatekeeper.interfaces import API, CheckType, Reader, Report
from gatekeeper.metrics import define
from gatekeeper.model import Finding, Item, Measurement

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Kind = Literal["check-type", "reader", "report"]
# What the code of a third party may raise: it must not end the run, least of all with exit code 0.
FAILURES = (Exception, SystemExit)
_PACKAGES: dict[Kind, str] = {
    "check-type": "check_types",
    "reader": "readers",
    "report": "reports",
}
_FORMS: dict[Kind, type[CheckType | Reader | Report]] = {
    "check-type": CheckType,
    "reader": Reader,
    "report": Report,
}


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plug-in and where it comes from; `failure` says why `value` could not be loaded."""

    kind: Kind
    name: str
    source: str
    version: str
    value: CheckType | Reader | Report | None
    failure: str = ""
    manual: str = ""


class UnknownPlugin(LookupError):
    """No plug-in, or more than one, has this name; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        """Keep both apart: they are shown on two lines, or joined."""
        super().__init__(message)
        self.hint = hint


@cache
def names(kind: Kind) -> tuple[str, ...]:
    """The built-in names of a kind, sorted."""
    folder = Path(__file__).parent / _PACKAGES[kind]
    stems = (path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    return tuple(sorted(stem.replace("_", "-") for stem in stems))


@cache
def load(kind: Kind, name: str) -> Plugin:
    """The plug-in of a name; raises UnknownPlugin where there is none, or more than one."""
    if name in names(kind):
        package = f"gatekeeper.{_PACKAGES[kind]}"
        module = importlib.import_module(f"{package}.{name.replace('-', '_')}")
        return Plugin(
            kind, name, "gatekeeper", __version__, module.PLUGIN, "", module.__doc__ or ""
        )
    points = [point for point in foreign(kind) if point.name == name]
    if not points:
        raise UnknownPlugin(
            f"unknown {kind.replace('-', ' ')} `{name}`", suggest(name, names(kind))
        )
    if len(points) > 1:
        sources = " and ".join(sorted(_source(point) for point in points))
        raise UnknownPlugin(
            f"two plug-ins have the name `{name}`: {sources}", "uninstall one of them"
        )
    return _load_foreign(kind, points[0])


def foreign(kind: Kind) -> Sequence[EntryPoint]:
    """The entry points of other distributions; nothing is loaded."""
    from importlib.metadata import entry_points  # noqa: PLC0415  costs 40 ms that few runs need

    found = entry_points(group=f"gatekeeper.{_PACKAGES[kind]}")
    # The same distribution can be found twice on sys.path; that is no conflict.
    unique = {(point.name, point.value, _source(point)): point for point in found}
    return [unique[key] for key in sorted(unique)]


def _source(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _load_foreign(kind: Kind, point: EntryPoint) -> Plugin:
    source = point.dist.name if point.dist else point.value
    version = point.dist.version if point.dist else ""
    try:
        loaded = point.load()
        value = getattr(loaded, "PLUGIN", loaded)
        problem = _unfit(kind, value)
    except FAILURES as error:  # whatever a third party's import raises is its failure
        loaded = value = None
        problem = f"cannot be imported: {type(error).__name__}: {error}"
    if problem:
        return Plugin(kind, point.name, source, version, None, f"{point.value} {problem}")
    return Plugin(kind, point.name, source, version, value, manual=loaded.__doc__ or "")


def _unfit(kind: Kind, value: Any) -> str:
    """Why an object is no plug-in of a kind, "" if it is one."""
    form = _FORMS[kind]
    if not isinstance(value, form):
        return f"is no {form.__name__}"
    if value.api != API:
        return f"is written for interface {value.api}, this is {API}"
    if isinstance(value, Report):
        return ""
    if isinstance(value, CheckType) and not is_dataclass(value.params):
        return "has parameters that are no dataclass"
    claims = [*((name, "") for name in value.always), *value.expect.items()]
    return next(filter(None, (_problem(name, condition) for name, condition in claims)), "")


def _problem(name: str, condition: str = "") -> str:
    """What is wrong with a metric, and with a condition on it where there is one."""
    metric = define(name)
    if metric is None:
        return f"measures {name}, which is no metric"
    try:
        if condition:
            conditions.parse(condition, metric)
    except conditions.ConditionError as error:
        return f"expects `{condition}` of {name}: {error}"
    return ""


def sound(value: Any, plugin: Plugin) -> Measurement:
    """What a plug-in measured, in plain values; a third party's is not believed to be one.

    Raises NotMeasured for what is no measurement, less than no work, and places that cannot be.
    """
    if plugin.source == "gatekeeper":
        return value  # type: ignore[no-any-return]  # mypy and the tests have seen to it
    try:
        measurement = codec.decode(Measurement, codec.encode(value), "it")
    except (codec.CodecError, TypeError, AttributeError) as error:
        raise _unsound(plugin, str(error)) from None
    if less := [kind for kind, amount in measurement.work.items() if amount < 0]:
        raise _unsound(plugin, f"it examined less than no {less[0]}")
    places: list[Finding | Item] = [*measurement.findings, *measurement.items]
    for located in places:
        if problem := _misplaced(located):
            raise _unsound(plugin, problem)
    return measurement


def _misplaced(located: Finding | Item) -> str:
    """Why the place of a finding or item cannot be, "" where it can."""
    parts = (located.path or "").split("/")
    if ".." in parts or (len(parts) > 1 and not parts[0]):
        return f"the path {located.path} leads out of the repository"
    line, column = located.line, located.column if isinstance(located, Finding) else None
    if any(number is not None and number < 1 for number in (line, column)):
        return f"line {line}, column {column} is no place"
    return ""


def _unsound(plugin: Plugin, reason: str) -> NotMeasured:
    what = f"the {plugin.kind.replace('-', ' ')} {plugin.name} of {plugin.source}"
    return NotMeasured(f"{what} returned no measurement: {reason}", "mend the plug-in")
