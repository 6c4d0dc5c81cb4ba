"""gatekeeper read: what a result file of a tool measures."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import click

from gatekeeper import codec, escape, paths, plugins
from gatekeeper.cli import complete, say
from gatekeeper.conditions import show
from gatekeeper.errors import Exit, NotMeasured, UsageError
from gatekeeper.interfaces import Reader
from gatekeeper.metrics import define
from gatekeeper.model import (
    Category,
    Finding,
    Measurement,
    Metric,
    Severity,
    count,
    is_count,
    metric,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """The value of a metric, and its unit; that of a plain number is ""."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Located:
    """A finding; path, line and column are null where the report does not tell them."""

    rule: str
    message: str
    severity: Severity
    category: Category
    path: str | None
    line: int | None
    column: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What `read --json` prints: metrics by name, counts of findings included; work by kind."""

    metrics: Mapping[str, Amount]
    findings: tuple[Located, ...]
    work: Mapping[str, int]
    notes: tuple[str, ...]


class _Here:
    """Paths of a report, seen from the current folder."""

    @staticmethod
    @lru_cache(maxsize=4096)  # most findings of a report are in files that others are in
    def relative(path: str) -> str | None:
        """Relative to the current folder; None if it leads out."""
        return paths.relative(path, Path.cwd(), Path.cwd())


@click.command(epilog="Example: gatekeeper read junit build/junit.xml --json")
@click.argument("form", metavar="FORMAT", shell_complete=complete.readers)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print metrics, findings and work as JSON.")
def command(form: str, file: Path, as_json: bool) -> int:
    """Read a result FILE: metrics, findings, work; exit 3 if it is no measurement."""
    reader = _reader(form)
    try:
        measurement = reader.read(file, _Here())
        _refuse_idle(measurement, file)
    except NotMeasured as error:
        say(f"not measured: {error}")
        return Exit.NOT_MEASURED
    shape = _document if as_json else _lines
    sys.stdout.writelines(shape(_metrics(reader, measurement), measurement))
    return Exit.PASSED


def _refuse_idle(measurement: Measurement, file: Path) -> None:
    if measurement.work and max(measurement.work.values()) <= 0:
        reason = f"{file} shows that nothing was examined"
        raise NotMeasured(reason, "see what the tool was given")


def _lines(metrics: list[Metric], measurement: Measurement) -> Iterator[str]:
    """What a person reads: metrics, work, findings."""
    for one in metrics:
        yield f"{escape.line(one.name)}: {show(one.value, one.unit)}\n"
    for kind, amount in measurement.work.items():
        yield f"examined: {amount} {kind}\n"
    for finding in measurement.findings:
        place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part)
        said = f"{place or '-'}: {finding.severity}: {finding.message} [{finding.rule}]"
        yield f"{escape.line(said)}\n"


def _reader(form: str) -> Reader:
    try:
        plugin = plugins.load("reader", form)
    except plugins.UnknownPlugin as error:
        raise UsageError(f"{error}; {error.hint}") from None
    if not isinstance(plugin.value, Reader):
        raise UsageError(f"the reader {form} of {plugin.source} does not load: {plugin.failure}")
    return plugin.value


def _metrics(reader: Reader, measurement: Measurement) -> list[Metric]:
    """What is set, and what is counted: each count the format always shows or that is not 0."""
    counts = count(measurement.findings)
    found = {one.name: one for one in measurement.metrics}
    for name in (*reader.always, *counts):
        if name not in found and is_count(name) and define(name):
            found[name] = metric(name, counts[name])
    return sorted(found.values(), key=lambda one: one.name)


def _document(metrics: list[Metric], measurement: Measurement) -> Iterator[str]:
    """A `Reading` as JSON; each finding is a line, made when it is written: there may be many."""
    amounts = {one.name: Amount(one.value, one.unit) for one in metrics}
    rest = codec.encode(Reading(amounts, (), measurement.work, measurement.notes))
    before, mark, after = json.dumps(rest).partition('"findings": [')
    yield before + mark
    between = "\n"
    for finding in measurement.findings:
        yield between + json.dumps(codec.encode(located(finding)))
        between = ",\n"
    yield after + "\n"


def located(finding: Finding) -> Located:
    """A finding as it is printed."""
    return Located(
        rule=finding.rule,
        message=finding.message,
        severity=finding.severity,
        category=finding.category,
        path=finding.path,
        line=finding.line,
        column=finding.column,
        url=finding.url,
    )
