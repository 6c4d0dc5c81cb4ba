"""Lizard's results: its text, with the duplicate rate of `-Eduplicate`, its CSV and its XML.

The three are told apart by content. The text of `lizard -Eduplicate` is the fullest: functions,
all files, thresholds, and the duplicate rate. The CSV (`--csv`, with or without a header row) shows
only files that hold functions. The XML (`--xml`, cppncss) shows all files and no duplicates; with
`-Eduplicate` it is no longer XML, since lizard appends text to it.

A function whose cyclomatic complexity exceeds the threshold that the text states, else lizard's
default of 15, is a finding. Work is the number of files. Lizard prints nothing in CSV where it
found no function, be it that there is none or that it could not parse: that is not measured.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.adapters import printed, xmlfile
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Finding, Measurement, metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.interfaces import ReadContext

_THRESHOLD = 15
_REMEDY = "see what lizard printed: did it find the sources, and was it left to finish?"
_NAME = 200
# Characters of an item's name in XML that are looked at: the end, where the place stands.
_PLACE = 2_000
_FUNCTIONS = 500_000
_CSV = re.compile(r'NLOC,CCN,token,|(?:\d{1,9},){5}"')
# NLOC CCN token PARAM length [columns of extensions] name@start-end@path
_FUNCTION = re.compile(
    r" *\d{1,9} +(?P<ccn>\d{1,9})(?: +[\d.]{1,20}){3,20} "
    r"(?P<name>.*?)@(?P<line>\d{1,9})-\d{1,9}@(?P<path>.+)"
)
# NLOC Avg.NLOC ... function_cnt path
_FILE = re.compile(r" *\d{1,9}(?: +[\d.]{1,20}){1,20} +(?P<functions>\d{1,9}) {5}(?P<path>.+)")
_ANALYSED = re.compile(r"(?P<files>\d{1,9}) files? analyzed\.")
_LIMIT = re.compile(r"cyclomatic_complexity > (\d{1,9})")
_RATE = re.compile(r"Total duplicate rate: (\d{1,3}(?:\.\d{1,9})?)%")
# The item of a function in XML.
_ITEM = re.compile(r"(?P<name>.*) at (?P<path>.+):(?P<line>\d{1,9})", re.DOTALL)


class _Function(NamedTuple):
    """One function and its cyclomatic complexity."""

    ccn: int
    name: str
    path: str
    line: str


@dataclass(slots=True)
class _Output:
    """What lizard has said so far."""

    path: Path
    functions: list[_Function] = field(default_factory=list)
    files: int = 0
    threshold: int = _THRESHOLD
    rate: str = ""

    def add(self, ccn: str, name: str, path: str, line: str) -> None:
        """Keep one function."""
        if len(self.functions) == _FUNCTIONS:
            raise self.broken(f"more than {_FUNCTIONS} functions")
        if not (ccn.isdecimal() and line.isdecimal() and len(ccn + line) < 20):
            raise self.broken(f"complexity {ccn[:40]!r} and line {line[:40]!r} of {name[:_NAME]!r}")
        self.functions.append(_Function(int(ccn), name[:_NAME], path, line))

    def broken(self, reason: str) -> NotMeasured:
        """Why this is no complete output of lizard."""
        return NotMeasured(f"{self.path}: is no complete output of lizard: {reason}", _REMEDY)


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Measure complexity and duplication; raises NotMeasured where no file was analysed."""
    output = _parse(path)
    if not output.files:
        raise NotMeasured(f"{path}: lizard analysed no file", _REMEDY)
    worst = max((function.ccn for function in output.functions), default=0)
    metrics = [metric("complexity.max", worst, samples=len(output.functions))]
    if output.rate:
        # It counts code anew for each of its duplicates, and so may arrive at more than 100 %.
        rate = min(Decimal(output.rate), Decimal(100))
        metrics.append(metric("duplication.percent", rate, "%"))
    over = (function for function in output.functions if function.ccn > output.threshold)
    return Measurement(
        metrics=tuple(metrics),
        findings=tuple(_finding(function, output.threshold, ctx) for function in over),
        work={"files": output.files},
    )


def _parse(path: Path) -> _Output:
    """What lizard says, in whichever format."""
    output = _Output(path)
    lines = printed.lines(path)
    first = next(filter(None, lines), "")
    if first.lstrip().startswith("<"):
        _xml(output)
    elif _CSV.match(first):
        _csv(output, chain([first], lines))
    else:
        _text(output, chain([first], lines))
    return output


def _text(output: _Output, lines: Iterator[str]) -> None:
    """Functions, files, thresholds, totals and duplicates, in this order."""
    _functions(output, lines)
    listed, functions = _listed(output, lines)
    if not any(line.startswith("Total nloc") for line in lines):
        raise output.broken("the totals are missing")
    if (listed, functions) != (output.files, len(output.functions)):
        raise output.broken(
            f"{output.files} files and {functions} functions are stated, "
            f"{listed} and {len(output.functions)} are shown"
        )
    _duplicates(output, lines)


def _functions(output: _Output, lines: Iterator[str]) -> None:
    """The functions, until the number of files is stated."""
    for line in lines:
        if found := _FUNCTION.fullmatch(line):
            output.add(found["ccn"], found["name"], found["path"], found["line"])
        elif found := _ANALYSED.fullmatch(line):
            output.files = int(found["files"])
            return
    raise output.broken("the line `n file analyzed.` is missing")


def _listed(output: _Output, lines: Iterator[str]) -> tuple[int, int]:
    """The number of files and of functions in them, until the thresholds are stated."""
    listed = functions = 0
    for line in lines:
        if found := _FILE.fullmatch(line):
            listed += 1
            functions += int(found["functions"])
        elif line.startswith(("!!!! Warnings", "No thresholds exceeded")):
            # The table of warnings that may follow repeats functions.
            limit = _LIMIT.search(line)
            output.threshold = int(limit[1]) if limit else _THRESHOLD
            break
    return listed, functions


def _duplicates(output: _Output, lines: Iterable[str]) -> None:
    """What `-Eduplicate` prints after all else."""
    asked = False
    for line in lines:
        asked = asked or line == "Duplicates"
        if found := _RATE.fullmatch(line):
            output.rate = found[1]
        elif _ANALYSED.fullmatch(line):
            raise output.broken("it holds several runs; lizard must get all files at once")
    if asked and not output.rate:
        raise output.broken("the rate of duplicates is missing")


def _csv(output: _Output, lines: Iterator[str]) -> None:
    """A row for each function; the duplicates may follow."""
    files: set[str] = set()
    rest: list[str] = []
    try:
        for row in csv.reader(_rows(lines, rest), strict=True):
            if len(row) < 11:
                raise output.broken(f"a row is cut off: {','.join(row)[:_NAME]!r}")
            if row[0] != "NLOC":
                output.add(row[1], row[7], row[6], row[9])
                files.add(row[6])
    except csv.Error as error:
        raise output.broken(f"the CSV cannot be read: {error}") from error
    output.files = len(files)
    _duplicates(output, chain(rest, lines))


def _rows(lines: Iterator[str], rest: list[str]) -> Iterator[str]:
    """The lines of the CSV; the one after them is put into `rest`."""
    for line in lines:
        if line == "Duplicates":
            rest.append(line)
            return
        yield line


def _xml(output: _Output) -> None:
    """Items of a measure of type Function, and one of type File, in the order of the labels."""
    kind = ""
    texts: dict[str, list[str]] = {"label": [], "value": []}
    for event, tag, element in xmlfile.events(output.path, "cppncss"):
        if event == "start":
            if tag == "measure":
                kind = element.attrib.get("type", "")
                texts["label"].clear()
        elif tag in texts:
            texts[tag].append(element.text or "")
        elif tag == "item":
            values = dict(zip(texts["label"], texts["value"], strict=False))
            _item(output, kind, element.attrib.get("name", "")[-_PLACE:], values)
            texts["value"].clear()


def _item(output: _Output, kind: str, name: str, values: Mapping[str, str]) -> None:
    """Keep a function with its complexity, or count a file."""
    if kind == "File":
        output.files += 1
    if kind != "Function":
        return
    found = _ITEM.fullmatch(name)
    if not found or "CCN" not in values:
        raise output.broken(f"the item {name[:_NAME]!r} has no place or no CCN")
    output.add(values["CCN"], found["name"].removesuffix("(...)"), found["path"], found["line"])


def _finding(function: _Function, threshold: int, ctx: ReadContext) -> Finding:
    path = ctx.relative(function.path)
    return Finding(
        rule="cyclomatic-complexity",
        message=f"{function.name} has a cyclomatic complexity of {function.ccn}, over {threshold}",
        severity="medium",
        category="complexity",
        path=path,
        line=int(function.line) or None if path else None,
    )


PLUGIN = Reader(
    api=1,
    read=read,
    always=("complexity.max",),
    sometimes=("complexity.over", "duplication.percent"),
)
