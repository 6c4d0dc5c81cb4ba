"""gatekeeper list: what there is, a line each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from gatekeeper import codec, metrics, plugins
from gatekeeper.cli import say
from gatekeeper.cli.here import Here, look, uses
from gatekeeper.cli.table import columns, table
from gatekeeper.config import schema
from gatekeeper.config.policy import Expectation
from gatekeeper.interfaces import CheckType, Reader
from gatekeeper.model import Stage


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate: when it is first judged, its checks, and its requirements by metric."""

    gate: str
    stage: Stage
    advisory: bool
    checks: tuple[str, ...]
    requirements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check: its gate, its tool or check type, when it first runs, why it is disabled, or ""."""

    check: str
    gate: str
    uses: str
    stage: Stage
    registered: bool
    disabled: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A ready-made check: the metrics it is named for, how to install it, where it is written."""

    tool: str
    title: str
    install: str
    source: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PluginRow:
    """A check type, reader or report; `source` is the distribution that brings it."""

    name: str
    source: str
    summary: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric, or a family of them; the unit of a plain number is ""."""

    metric: str
    unit: str
    meaning: str


ROWS: Mapping[str, type] = {
    "gates": GateRow,
    "checks": CheckRow,
    "types": PluginRow,
    "tools": ToolRow,
    "readers": PluginRow,
    "reports": PluginRow,
    "metrics": MetricRow,
}


@click.command("list", epilog="Example: gatekeeper list checks")
@click.argument("kind", type=click.Choice(list(ROWS)), metavar="KIND")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(kind: str, as_json: bool) -> None:
    """List what there is of a KIND, sorted by name.

    KIND is gates, checks, types, tools, readers, reports or metrics.
    """
    found = sorted(rows(kind), key=lambda row: codec.encode(row)[columns(type(row))[0]])
    if as_json:
        click.echo(json.dumps([codec.encode(row) for row in found], indent=1))
        return
    for line in table(ROWS[kind], found):
        click.echo(line)


def rows(kind: str) -> Iterator[Any]:
    """The rows of a kind, unsorted; ConfigurationError where it is asked for and is broken."""
    makers: Mapping[str, Callable[[], Iterator[Any]]] = {
        "gates": lambda: _gates(look()),
        "checks": lambda: _checks(look()),
        "types": lambda: _plugins("check-type"),
        "tools": lambda: _tools(look()),
        "readers": lambda: _plugins("reader"),
        "reports": lambda: _plugins("report"),
        "metrics": _metrics,
    }
    return makers[kind]()


def shown(expectation: Expectation) -> str:
    """The conditions of an expectation as they are written."""
    text = " and ".join(condition.text for condition in expectation.accept)
    warn = " and ".join(condition.text for condition in expectation.warn)
    return f"{text}, else a warning {warn}" if warn else text


def summary(manual: str, name: str) -> str:
    """The first sentence of a manual page, without the plug-in's name in front."""
    paragraph = " ".join(manual.strip().split("\n\n")[0].split())
    return paragraph.partition(". ")[0].removesuffix(".").removeprefix(f"{name}: ")


def measured_by(spec: schema.CheckKeys) -> tuple[str, ...]:
    """What a tool measures where its user names nothing else; patterns where that is open."""
    names = spec.measures or [
        name for source in _sources(spec) for name in source.always or source.sometimes
    ]
    return tuple(dict.fromkeys(names))


def _sources(spec: schema.CheckKeys) -> list[CheckType | Reader]:
    """What brings the metrics of a tool: its readers if it has any, else its type."""
    kinds: list[tuple[plugins.Kind, str]] = [("reader", reads.format) for reads in spec.reads]
    try:
        found = [plugins.load(*kind).value for kind in kinds or [("check-type", spec.type)]]
    except plugins.UnknownPlugin:
        return []
    return [value for value in found if isinstance(value, (CheckType, Reader))]


def _gates(here: Here) -> Iterator[GateRow]:
    _, policy = here.resolved()
    for gate in policy.gates:
        required = {requirement.metric: shown(requirement) for requirement in gate.requirements}
        yield GateRow(gate.id, gate.stage, gate.advisory, gate.checks, required)


def _checks(here: Here) -> Iterator[CheckRow]:
    documents, policy = here.resolved()
    used = uses(documents)
    for check in policy.checks.values():
        yield CheckRow(
            check.id,
            check.gate,
            used[check.id],
            check.stage,
            check.registered,
            "" if check.enabled else check.reason,
            check.measures,
        )


def _tools(here: Here) -> Iterator[ToolRow]:
    if here.written and (here.documents is None or here.documents.problems):
        say(f"this repository's own tools are left out, its configuration is broken:\n{here.error}")
    for name, entry in here.tools().items():
        spec, source = entry.spec, entry.document.file
        yield ToolRow(name, spec.title, spec.install, source, measured_by(spec))


def _plugins(kind: plugins.Kind) -> Iterator[PluginRow]:
    for name in plugins.names(kind):
        yield PluginRow(name, "gatekeeper", summary(plugins.load(kind, name).manual, name))
    for point in plugins.foreign(kind):
        source = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        taken = point.name in plugins.names(kind)
        used = "never used: the name is built in" if taken else "loaded when a check names it"
        yield PluginRow(point.name, source, f"{point.value}, {used}")


def _metrics() -> Iterator[MetricRow]:
    for metric in (*metrics.TABLE.values(), *metrics.FAMILIES):
        yield MetricRow(metric.name, metric.unit, metric.meaning)
