"""coverage.py JSON: what `coverage json` writes, formats 1 to 3 and the unnumbered one before them.

`coverage.line` is covered_lines of num_statements, not `percent_covered`, which mixes lines with
branches; `coverage.branch` is covered_branches of num_branches, where branches were measured and
the version counts them (5.0 does not). Both are exact fractions of the totals. A report whose
totals are not the sums of its files contradicts itself, and is no measurement. Work is the number
of statements.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Measurement, Metric, metric

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_FORMAT = 3
_MOST = 10**12
_REMEDY = "write it with `coverage json`"
_LINES = ("covered_lines", "num_statements")
_BRANCHES = ("covered_branches", "num_branches")


def read(path: Path, _ctx: ReadContext) -> Measurement:
    """Read a report of `coverage json`; raises NotMeasured where it proves no coverage."""
    report = mapping(jsonfile.load(path))
    meta, files, totals = (mapping(report.get(key)) for key in ("meta", "files", "totals"))
    if not (totals and "files" in report):
        raise NotMeasured(f"{path}: is no coverage.py report: files or totals is missing", _REMEDY)
    _require_known(path, meta)
    covered, statements = _counts(path, totals, files, _LINES)
    if not statements:
        raise NotMeasured(
            f"{path}: coverage of zero statements: nothing was measured",
            "see that `--source` or `source_pkgs` names what the tests import",
        )
    metrics = [_share("coverage.line", covered, statements)]
    if meta.get("branch_coverage") is True and "covered_branches" in totals:
        covered, branches = _counts(path, totals, files, _BRANCHES)
        if branches:
            metrics.append(_share("coverage.branch", covered, branches))
    return Measurement(metrics=tuple(metrics), work={"statements": statements})


def _require_known(path: Path, meta: Mapping[str, Any]) -> None:
    if not meta.get("version"):
        raise NotMeasured(f"{path}: is no coverage.py report: meta names no version", _REMEDY)
    if meta.get("format") not in (None, *range(1, _FORMAT + 1)):
        raise NotMeasured(
            f"{path}: has format {str(meta['format'])[:20]}; known are formats up to {_FORMAT}",
            "update gatekeeper, or pin coverage",
        )


def _counts(
    path: Path, totals: Mapping[str, Any], files: Mapping[str, Any], keys: tuple[str, str]
) -> tuple[int, int]:
    """The covered and the whole, of the totals and again of the files."""
    sums = [0, 0]
    for name, file in files.items():
        summary = mapping(mapping(file).get("summary"))
        for place, key in enumerate(keys):
            sums[place] += _count(path, summary, key, name)
    covered, whole = (_count(path, totals, key, "totals") for key in keys)
    if sums != [covered, whole]:
        raise NotMeasured(
            f"{path}: the totals say {covered} of {whole} ({', '.join(keys)}), "
            f"its files add up to {sums[0]} of {sums[1]}",
            "write the report again, and change nothing in it",
        )
    if covered > whole:
        raise NotMeasured(f"{path}: {covered} of {whole} are covered ({', '.join(keys)})")
    return covered, whole


def _count(path: Path, summary: Mapping[str, Any], key: str, where: str) -> int:
    value = summary.get(key)
    if type(value) is not int or not 0 <= value <= _MOST:
        raise NotMeasured(
            f"{path}: {key} of {where[:200]} is missing or no count",
            "write the report again with `coverage json`",
        )
    return value


def _share(name: str, part: int, whole: int) -> Metric:
    return metric(name, Decimal(100 * part) / whole, "%", samples=whole)


PLUGIN = Reader(api=1, read=read, always=("coverage.line",), sometimes=("coverage.branch",))
