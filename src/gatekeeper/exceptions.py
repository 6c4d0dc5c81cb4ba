"""What people accept for now: waivers, the baseline and the reference metrics. Pure.

A waiver applies from the day it was created to its last day, both included, in UTC. It excuses a
finding by fingerprint, or by rule and path; `judge` applies those that name a requirement or a
check. An excused finding does not count, and stays visible beside what excuses it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from gatekeeper.config.policy import Waiver
from gatekeeper.model import Finding, Metric
from gatekeeper.result import Excused, Result

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """A known finding, for a person to recognise; its fingerprint is what identifies it."""

    rule: str = ""
    path: str | None = None

    def __str__(self) -> str:
        """`RULE in PATH`."""
        return f"{self.rule or 'finding'} in {self.path or 'no file'}"


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The waivers, and the known findings: check -> fingerprint -> entry."""

    waivers: tuple[Waiver, ...] = ()
    baseline: Mapping[str, Mapping[str, BaselineEntry]] = field(default_factory=dict)


# What relative conditions compare with: check -> metric name -> metric.
References: TypeAlias = Mapping[str, Mapping[str, Metric]]


def measured(result: Result) -> References:
    """The metrics of an earlier result."""
    return {
        observation.check: {metric.name: metric for metric in observation.measurement.metrics}
        for observation in result.observations
        if observation.measurement is not None
    }


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings that count, findings that do not, and why waivers for the former do not apply."""

    counted: tuple[Finding, ...] = ()
    excused: tuple[Excused, ...] = ()
    lapsed: tuple[str, ...] = ()


def choose(waivers: Iterable[Waiver], today: date) -> tuple[Waiver | None, tuple[str, ...]]:
    """The first waiver that applies today, or why none of them does."""
    lapsed = []
    for waiver in waivers:
        reason = _lapsed(waiver, today)
        if not reason:
            return waiver, ()
        lapsed.append(reason)
    return None, tuple(lapsed)


def _lapsed(waiver: Waiver, today: date) -> str:
    if today < date.fromisoformat(waiver.created):
        return f"waiver {waiver.waiver} is dated {waiver.created}, which is in the future"
    if today > date.fromisoformat(waiver.expires):
        return f"waiver {waiver.waiver} expired on {waiver.expires}"
    return ""


def sort(findings: Iterable[Finding], check: str, exceptions: Exceptions, today: date) -> Sorted:
    """Part the findings of a check into those that count and those that are excused."""
    known = exceptions.baseline.get(check, {})
    counted, excused, lapsed = [], [], dict[str, None]()
    for finding in findings:
        waivers = [waiver for waiver in exceptions.waivers if _covers(waiver, finding)]
        waiver, reasons = choose(waivers, today)
        if waiver:
            excused.append(Excused(finding, waiver.waiver, waiver.reason))
        elif finding.fingerprint in known:
            excused.append(Excused(finding, "baseline"))
        else:
            counted.append(finding)
            lapsed.update(dict.fromkeys(reasons))
    return Sorted(tuple(counted), tuple(excused), tuple(lapsed))


def _covers(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver is meant for a finding; its path is a path or a glob from the root."""
    if waiver.finding:
        return waiver.finding == finding.fingerprint
    if not waiver.rule or waiver.rule != finding.rule or not finding.path:
        return False
    return finding.path == waiver.path or _glob(waiver.path).match_file(finding.path)


@cache
def _glob(pattern: str) -> GitIgnoreSpec:
    import pathspec  # noqa: PLC0415 - 37 ms, and most runs have no waiver

    # The leading slash ties the pattern to the root: `app.py` is not `tests/app.py`.
    return pathspec.GitIgnoreSpec.from_lines([f"/{pattern.lstrip('/')}"])


def gone(
    check: str, findings: Iterable[Finding], exceptions: Exceptions, files: Collection[str] | None
) -> Sequence[str]:
    """The baseline entries of a measured check whose finding is no longer there.

    `files` are those that the check looked at, None for all: what it did not look at is not gone.
    """
    known = exceptions.baseline.get(check)
    if not known:
        return ()
    present = {finding.fingerprint for finding in findings}
    examined = None if files is None else frozenset(files)
    return [
        f"{entry} ({fingerprint})"
        for fingerprint, entry in known.items()
        if fingerprint not in present and (examined is None or entry.path in examined)
    ]
