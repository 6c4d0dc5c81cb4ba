"""detect-secrets JSON: the potential secrets that `detect-secrets scan` finds, 0.12 to 1.5.

Each is one finding of severity high; its message names the kind, never the secret or its hash. What
an audit marked as no secret (`is_secret: false`) is left out and noted. The report lists neither
the files that were scanned nor how many there were: work is empty. A scan with no plug-in enabled
looked for nothing and is no measurement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, position, sequence, text
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Finding, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_REMEDY = "write it with `detect-secrets scan`"


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Read a scan of detect-secrets; raises NotMeasured for what is none."""
    results = _results(path)
    found = list(_secrets(path, results))
    real = [pair for pair in found if pair[1].get("is_secret") is not False]
    findings = tuple(_finding(name, secret, ctx) for name, secret in real)
    if audited := len(found) - len(real):
        return Measurement(findings=findings, notes=(f"{audited} audited as no secret",))
    return Measurement(findings=findings)


def _results(path: Path) -> Mapping[str, Any]:
    report = mapping(jsonfile.load(path))
    results = report.get("results")
    if not isinstance(results, dict) or "plugins_used" not in report:
        raise NotMeasured(
            f"{path}: is no detect-secrets scan: results or plugins_used is missing", _REMEDY
        )
    if not sequence(report["plugins_used"]):
        raise NotMeasured(f"{path}: no plug-in was enabled: nothing was looked for", _REMEDY)
    return results


def _secrets(path: Path, results: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each secret with the name of the file that it stands in."""
    for name, secrets in results.items():
        if not isinstance(secrets, list) or not all(isinstance(s, dict) for s in secrets):
            raise NotMeasured(f"{path}: the results of {name[:200]!r} are no list", _REMEDY)
        yield from ((name, secret) for secret in secrets)


def _finding(name: str, secret: Mapping[str, Any], ctx: ReadContext) -> Finding:
    kind = text(secret.get("type"), 100) or "Secret"
    verified = ", verified as valid" if secret.get("is_verified") is True else ""
    return Finding(
        rule=kind,
        message=f"potential secret: {kind}{verified}",
        severity="high",
        category="secret",
        path=ctx.relative(text(name, 4096)),
        line=position(secret.get("line_number")),
    )


PLUGIN = Reader(api=1, read=read, always=("secrets.total",), expect={"secrets.total": "== 0"})
