"""Findings of the rules about learning, at the line of a report or of a check."""

from __future__ import annotations

from gatekeeper.model import Finding, Position, Severity


def fault(
    rule: str, message: str, at: Position | tuple[str, int] | None, severity: Severity = "high"
) -> Finding:
    """A finding of category postmortem; `rule` is the last word of the metric that counts it."""
    if isinstance(at, tuple):
        return Finding(rule, message, severity, "postmortem", *at)
    place = (at.file, at.line, at.column) if at else (None, None, None)
    return Finding(rule, message, severity, "postmortem", *place)
