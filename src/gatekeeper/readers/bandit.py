"""bandit JSON: security weaknesses in Python code, as `bandit -f json` writes them.

Severity is issue_severity; UNDEFINED, another word or none is unknown. A report whose `errors` name
files that bandit could not parse or read is no measurement, whatever else it found. Work is the
lines of code and the files that its metrics list; a report without metrics proves none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, position, sequence, text
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Finding, Measurement, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_SEVERITIES: Mapping[str, Severity] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
_SHOWN = 5


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Read a report of bandit; raises NotMeasured for what is none, or names unexamined files."""
    report = mapping(jsonfile.load(path))
    results = report.get("results")
    if not isinstance(results, list):
        raise NotMeasured(f"{path}: is no bandit report: it has no results", "use `bandit -f json`")
    if errors := report.get("errors"):
        raise NotMeasured(
            f"{path}: bandit could not examine {_unexamined(sequence(errors))}",
            "mend these files, or exclude them from bandit",
        )
    metrics = mapping(report.get("metrics"))
    totals = mapping(metrics.get("_totals"))
    work = {"files": len(metrics.keys() - {"_totals"}), "lines": _count(totals, "loc")}
    notes = {"nosec": "lines marked nosec", "skipped_tests": "tests skipped by nosec comments"}
    return Measurement(
        findings=tuple(_finding(path, result, ctx) for result in results),
        work=work if totals else {},
        notes=tuple(f"{n} {what}" for key, what in notes.items() if (n := _count(totals, key))),
    )


def _unexamined(errors: Sequence[Any]) -> str:
    told = [
        f"{text(error.get('filename'), 300)} ({text(error.get('reason'), 200)})"
        for error in map(mapping, errors[:_SHOWN])
    ]
    more = len(errors) - len(told)
    return ", ".join(told or ["something it does not name"]) + (f" and {more} more" if more else "")


def _count(totals: Mapping[str, Any], key: str) -> int:
    value = totals.get(key)
    return value if type(value) is int and value > 0 else 0


def _finding(path: Path, result: Any, ctx: ReadContext) -> Finding:
    if not isinstance(result, dict):
        raise NotMeasured(f"{path}: holds a result that is no object", "use `bandit -f json`")
    offset = result.get("col_offset")  # from 0; since bandit 1.7
    name = text(result.get("filename"), 4096)
    rule = text(result.get("test_id")) or text(result.get("test_name")) or "unnamed"
    return Finding(
        rule=rule,
        message=text(result.get("issue_text")) or text(result.get("test_name")) or rule,
        severity=_SEVERITIES.get(text(result.get("issue_severity")).upper(), "unknown"),
        category="weakness",
        path=ctx.relative(name) if name else None,
        line=position(result.get("line_number")),
        column=position(offset + 1) if type(offset) is int else None,
        url=text(result.get("more_info")),
    )


PLUGIN = Reader(
    api=1,
    read=read,
    always=(
        "vulnerabilities.critical",
        "vulnerabilities.high",
        "vulnerabilities.medium",
        "vulnerabilities.low",
        "vulnerabilities.unknown",
        "vulnerabilities.total",
    ),
    expect={
        "vulnerabilities.critical": "== 0",
        "vulnerabilities.high": "== 0",
        "vulnerabilities.unknown": "== 0",
    },
)
