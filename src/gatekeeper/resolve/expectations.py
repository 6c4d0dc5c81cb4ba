"""What a check measures, and the conditions on it: inherited, and written at the check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from gatekeeper import conditions, metrics
from gatekeeper.config import load, schema
from gatekeeper.config.policy import Expectation
from gatekeeper.errors import Problem, suggest
from gatekeeper.interfaces import CheckType, Reader
from gatekeeper.model import Position
from gatekeeper.resolve.written import Merged, Path

Sources = Sequence[CheckType | Reader]


def measured(merged: Merged, check: str, sources: Sources, *, complete: bool) -> tuple[str, ...]:
    """The metrics that count: those that `measures:` names, else what every report shows.

    `complete`: all plug-ins could be loaded, so that `sources` tells all that can be measured.
    """
    named = tuple(merged.get("measures"))
    default = tuple(dict.fromkeys(name for source in sources for name in source.always))
    known = [name for source in sources for name in (*source.always, *source.sometimes)]
    for n, name in enumerate(named):
        if metrics.define(name) is None:
            hint = suggest(name, metrics.TABLE)
            merged.complain(f"unknown metric `{name}`", hint, at=("measures", n))
    measures = named or default
    if complete:
        _refuse_unmeasurable(merged, check, measures, known)
    return measures


def _refuse_unmeasurable(
    merged: Merged, check: str, measures: Sequence[str], known: Sequence[str]
) -> None:
    """What none of the check's plug-ins can measure, and a check that measures nothing."""
    if not measures:
        text = f"{check} measures nothing: `measures:` is missing"
        merged.complain(text, f"choose from {', '.join(known)}")
    for n, name in enumerate(measures):
        if metrics.define(name) and not any(fnmatchcase(name, pattern) for pattern in known):
            hint = f"it can measure {', '.join(known) or 'nothing'}"
            merged.complain(f"{check} cannot measure {name}", hint, at=("measures", n))


def expected(
    merged: Merged, check: str, sources: Sources, measures: Sequence[str]
) -> tuple[Expectation, ...]:
    """The conditions on what a check measures; one written at the check replaces an inherited."""
    found = {
        name: Expectation(name, (_condition(text, name),), inherited=True)
        for source in sources
        for name, text in source.expect.items()
    }
    if merged.tool is not None:
        written = merged.tool.spec.expect
        for one in conditions_of(merged.tool, ("expect",), written, merged.problems):
            found[one.metric] = replace(one, inherited=True)
    found = {name: one for name, one in found.items() if name in measures}
    own = merged.source
    for one in conditions_of(own.loaded, (*own.path, "expect"), own.spec.expect, merged.problems):
        found[one.metric] = one
        if one.metric not in measures:
            hint = f"it measures {', '.join(measures)}"
            text = f"{check} does not measure {one.metric}"
            merged.complain(text, hint, at=("expect", one.metric))
    return tuple(found.values())


def conditions_of(
    loaded: load.Loaded[Any],
    path: Path,
    written: Mapping[str, schema.ConditionsSpec],
    problems: list[Problem],
) -> Iterator[Expectation]:
    """The conditions of a mapping metric -> condition; each problem is noted at its place."""
    for name, spec in written.items():
        place = (*path, name)
        if (metric := metrics.define(name)) is None:
            hint = suggest(name, metrics.TABLE) or "`gatekeeper list metrics` shows all"
            problems.append(loaded.problem(place, f"unknown metric `{name}`", hint, key=True))
            continue
        at = loaded.problem(place, "")
        try:
            yield Expectation(
                metric=name,
                accept=_together(spec.pass_, metric),
                warn=_together(spec.warn, metric),
                position=Position(at.file, at.line, at.column),
            )
        except conditions.ConditionError as error:
            problems.append(replace(at, message=str(error)))


def _together(texts: Sequence[str], metric: metrics.Definition) -> tuple[conditions.Condition, ...]:
    found = tuple(conditions.parse(text, metric) for text in texts)
    if conditions.contradiction(found, metric):
        shown = " and ".join(f"`{condition.text}`" for condition in found)
        raise conditions.ConditionError(f"{shown} can never hold together")
    return found


@lru_cache(maxsize=512)
def _condition(text: str, name: str) -> conditions.Condition:
    metric = metrics.define(name)
    if metric is None:
        raise ValueError(f"a plug-in expects an unknown metric: {name}")
    return conditions.parse(text, metric)
