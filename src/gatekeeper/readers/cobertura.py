"""Cobertura XML: line and branch coverage, as coverage.py, coverlet, gcovr and others write it.

The rates that a report states often disagree with its own lines (rounded, or of another scope), so
the lines are counted: the `line` elements of each class, and those of its methods only where the
class has none of its own, as they repeat the same lines. Every class counts for itself, as the
tools sum up: a line that two classes show (a template, a partial class, a class listed twice)
counts twice. Merging them by file name would be too kind, for names are relative to several source
folders, and two files of one name would lend each other their hits. Branches are summed from
`condition-coverage="50% (1/2)"`.

Where the classes show no line, what the report states stands in: lines-covered of lines-valid, else
line-rate. A note tells where counted and stated lines differ. A report that names no class, or
that covers none of zero lines, is no measurement. Branch coverage is there only where there are
branches. Work is the number of lines; with only a line-rate, the number of classes as files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from gatekeeper.adapters import xmlfile
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Measurement, Metric, metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_REMEDY = "look whether the coverage tool found the sources and was on while the tests ran"
_WHOLE = re.compile(r"([0-9]{1,15})(?:\.0*)?")
_CONDITIONS = re.compile(r"\(([0-9]{1,9})/([0-9]{1,9})\)")


@dataclass(slots=True)
class _Count:
    """Lines and branches: how many were reached, of how many."""

    lines: int = 0
    covered: int = 0
    branches: int = 0
    taken: int = 0

    def add(self, other: _Count) -> None:
        """Add the numbers of another count."""
        self.lines += other.lines
        self.covered += other.covered
        self.branches += other.branches
        self.taken += other.taken


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Measure the coverage that a Cobertura report shows; raises NotMeasured without."""
    events = xmlfile.events(path, "coverage")
    _, _, first = next(events)
    root = dict(first.attrib)
    counted, classes = _count(path, events)
    if not classes:
        raise NotMeasured(f"{path}: the coverage report names no class", _REMEDY)
    stated = _Count(
        _stated(root, "lines-valid"),
        _stated(root, "lines-covered"),
        _stated(root, "branches-valid"),
        _stated(root, "branches-covered"),
    )
    notes: tuple[str, ...] = ()
    if counted.lines and stated.lines and counted.lines != stated.lines:
        notes = (f"{counted.lines} lines are counted, the report states {stated.lines}",)
    lines = counted if counted.lines else stated
    branches = counted if counted.branches else stated
    if lines.lines:
        metrics = [_percent(path, "coverage.line", lines.covered, lines.lines)]
        work = {"lines": lines.lines}
    else:
        metrics = [_line_rate(path, root)]
        work = {"files": classes}
    if branches.branches:
        metrics.append(_percent(path, "coverage.branch", branches.taken, branches.branches))
    return Measurement(metrics=tuple(metrics), work=work, notes=notes)


def _count(path: Path, events: Iterable[xmlfile.Event]) -> tuple[_Count, int]:
    """What the lines add up to, and the number of classes."""
    total, own, methods = _Count(), _Count(), _Count()
    classes, within_method = 0, False
    for event, name, element in events:
        if name == "method":
            within_method = event == "start"
        elif name == "line" and event == "end":
            _line(path, methods if within_method else own, element.attrib)
        elif name == "class":
            if event == "end":
                classes += 1
                total.add(own if own.lines else methods)
            own, methods = _Count(), _Count()
    return total, classes


def _line(path: Path, count: _Count, line: Mapping[str, str]) -> None:
    """Count one line, and the branches that start on it."""
    count.lines += 1
    count.covered += _number(path, "hits", line.get("hits", "")) > 0
    if found := _CONDITIONS.search(line.get("condition-coverage", "")):
        count.taken += int(found[1])
        count.branches += int(found[2])


def _stated(root: Mapping[str, str], name: str) -> int:
    """A number that the root states; 0 where it states none that can be read."""
    found = _WHOLE.fullmatch(root.get(name, ""))
    return int(found[1]) if found else 0


def _number(path: Path, name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise NotMeasured(f"{path}: {name}={text[:40]!r} is no number", _REMEDY)
    return number


def _line_rate(path: Path, root: Mapping[str, str]) -> Metric:
    """The stated rate of a report that shows and states no numbers of lines."""
    if "lines-valid" in root or "line-rate" not in root:
        raise NotMeasured(f"{path}: the report covers no line of code", _REMEDY)
    rate = _number(path, "line-rate", root["line-rate"])
    if not 0 <= rate <= 1:
        raise NotMeasured(f"{path}: line-rate {rate:.4g} is not between 0 and 1", _REMEDY)
    return metric("coverage.line", rate * 100, "%")


def _percent(path: Path, name: str, part: int, whole: int) -> Metric:
    if part > whole:
        raise NotMeasured(f"{path}: {name}: {part} of {whole} are covered", _REMEDY)
    return metric(name, Decimal(part) * 100 / whole, "%", samples=whole)


PLUGIN = Reader(
    api=1,
    read=read,
    always=("coverage.line",),
    sometimes=("coverage.branch",),
)
