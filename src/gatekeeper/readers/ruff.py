"""ruff JSON: what `ruff check` and `ruff format --check` print with `--output-format json`.

A list of diagnostics. Severity is the diagnostic's own (from ruff 0.15 on), else an error. A syntax
error bears the code E999, `invalid-syntax` or none, by version; it is a finding of severity high
like any other, so a file that could not be parsed is never clean. `unformatted` is of category
format. In a notebook the line is that within the cell, and the message names the cell.

An empty list does not tell how many files were examined: work is empty. `--statistics` tells no
places and is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, position, text
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Finding, Measurement, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_SEVERITIES: Mapping[str, Severity] = {
    "fatal": "high",
    "error": "high",
    "warning": "medium",
    "info": "low",
}
_KEYS = {"code", "message", "filename", "location"}


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Read ruff's list of diagnostics; raises NotMeasured for anything else."""
    diagnostics = jsonfile.load(path)
    if not isinstance(diagnostics, list):
        raise NotMeasured(f"{path}: is no list of ruff's diagnostics", "use --output-format json")
    return Measurement(findings=tuple(_finding(path, item, ctx) for item in diagnostics))


def _finding(path: Path, item: Any, ctx: ReadContext) -> Finding:
    if not isinstance(item, dict) or not item.keys() >= _KEYS:
        raise NotMeasured(
            f"{path}: holds an entry that is no diagnostic of ruff",
            "use --output-format json, without --statistics",
        )
    rule = text(item["code"]) or "syntax-error"
    place = mapping(item["location"])
    cell = position(item.get("cell"))
    level = item.get("severity")
    return Finding(
        rule=rule,
        message=(text(item["message"]) or rule) + (f" (cell {cell})" if cell else ""),
        severity="high" if level is None else _SEVERITIES.get(text(level).lower(), "unknown"),
        category="format" if rule == "unformatted" else "lint",
        path=ctx.relative(name) if (name := text(item["filename"], 4096)) else None,
        line=position(place.get("row")),
        column=position(place.get("column")),
        url=text(item.get("url")),
    )


PLUGIN = Reader(
    api=1, read=read, always=("lint.errors", "lint.warnings"), expect={"lint.errors": "== 0"}
)
