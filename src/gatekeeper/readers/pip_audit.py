"""pip-audit JSON: known vulnerabilities of Python packages, as `-f json` prints them.

Since 2.2 an object with `dependencies`, before that their list. Each vulnerability of a package is
one finding; pip-audit gives no severity, so it is unknown, and `dependencies.vulnerable` is the
metric to judge. Work is the number of packages that were audited.

A dependency with a `skip_reason` was not audited. pip-audit still exits 0; here a report that skips
something and found nothing is no measurement: leave such packages out by name, or audit them. Left
out on request (`--skip-editable`) is noted only. Where something was found, the report is not clean
in any case, and what was skipped is noted beside the findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, sequence, text
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Finding, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_REMEDY = "look at what pip-audit printed, and use -f json"
# What `--skip-editable` leaves out (pip_audit/_dependency_source).
_REQUESTED = ("distribution marked as editable", "requirement marked as editable")
_SHOWN = 5


def read(path: Path, _ctx: ReadContext) -> Measurement:
    """Read a report of pip-audit; raises NotMeasured where it does not prove an audit."""
    dependencies = _dependencies(path)
    audited = [dependency for dependency in dependencies if not _skipped(dependency)]
    reasons = list(filter(None, map(_skipped, dependencies)))
    skipped = [reason for reason in reasons if reason not in _REQUESTED]
    findings = tuple(_findings(path, audited))
    unproven = skipped or (reasons and not audited)
    if unproven and not findings:
        raise NotMeasured(
            f"{path}: pip-audit audited {len(audited)} of {len(dependencies)} dependencies; "
            f"{_told(reasons)}",
            "leave them out by name (pip-audit -r with a file without them), or make them known",
        )
    work = {"packages": len(audited)}
    return Measurement((), findings, work, notes=_notes(skipped, len(reasons) - len(skipped)))


def _dependencies(path: Path) -> list[Any]:
    report = jsonfile.load(path)
    dependencies = mapping(report).get("dependencies", report)
    if not isinstance(dependencies, list):
        raise NotMeasured(f"{path}: is no pip-audit report: it lists no dependencies", _REMEDY)
    return dependencies


def _skipped(dependency: Any) -> str:
    """Why a dependency was not audited; "" where it was."""
    known = mapping(dependency)
    return "" if known.get("vulns") else text(known.get("skip_reason"), 300)


def _notes(skipped: list[str], requested: int) -> tuple[str, ...]:
    missing = [f"{len(skipped)} not audited: {_told(skipped)}"] if skipped else []
    editable = [f"{requested} editable, left out by --skip-editable"] if requested else []
    return (*missing, *editable)


def _told(reasons: list[str]) -> str:
    more = len(reasons) - _SHOWN
    return "; ".join(reasons[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _findings(path: Path, dependencies: list[Any]) -> Iterator[Finding]:
    for dependency in map(mapping, dependencies):
        name, vulnerabilities = text(dependency.get("name"), 200), dependency.get("vulns")
        if not name or not isinstance(vulnerabilities, list):
            raise NotMeasured(f"{path}: a dependency without a name, or without vulns", _REMEDY)
        package = f"{name} {text(dependency.get('version'), 100)}"
        yield from (_finding(package, mapping(entry)) for entry in vulnerabilities)


def _finding(package: str, vulnerability: Mapping[str, Any]) -> Finding:
    name = text(vulnerability.get("id"), 100) or "unnamed"
    return Finding(
        rule=name,
        message=text(f"{package}: {name}{_aliases(vulnerability)}; {_fix(vulnerability)}"),
        severity="unknown",
        category="vulnerability",
    )


def _aliases(vulnerability: Mapping[str, Any]) -> str:
    aliases = ", ".join(filter(None, map(text, sequence(vulnerability.get("aliases")))))
    return f" ({aliases})" if aliases else ""


def _fix(vulnerability: Mapping[str, Any]) -> str:
    versions = ", ".join(filter(None, map(text, sequence(vulnerability.get("fix_versions")))))
    return f"fixed in {versions}" if versions else "no fixed version is known"


PLUGIN = Reader(
    api=1,
    read=read,
    always=("dependencies.vulnerable",),
    sometimes=("vulnerabilities.unknown", "vulnerabilities.total"),
    expect={"dependencies.vulnerable": "== 0", "vulnerabilities.unknown": "== 0"},
)
