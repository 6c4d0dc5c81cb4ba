"""Incidents: which ones are due a post-mortem, and whether it exists. Pure.

A post-mortem is due for any incident of the highest severity, for data loss or corruption, for an
emergency rollback, and for a significant loss of performance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from gatekeeper.config.policy import Incident
from gatekeeper.errors import suggest
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.model import Finding

DAYS = 5
# P0, SEV0, SEV-0, critical.
_HIGHEST = re.compile(r"(?:P|SEV)\W?0|critical", re.IGNORECASE)


def due(incident: Incident) -> tuple[str, ...]:
    """Why a post-mortem is due; empty where none is."""
    reasons = {
        f"its severity is {incident.severity}": _HIGHEST.fullmatch(incident.severity) is not None,
        "data was lost or corrupted": incident.data_loss,
        "it ended in an emergency rollback": incident.rolled_back,
        "performance was degraded": incident.performance_degraded,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def findings(
    incidents: Iterable[Incident], reports: Iterable[PostMortem], now: datetime, days: int = DAYS
) -> tuple[Finding, ...]:
    """The incidents without the post-mortem that they are due, or that they name.

    It is missed from `days` days after the incident was over; where nothing says when that was,
    after it was detected. A name that no report bears is wrong from the first day.
    """
    by_id = {report.id.casefold(): report for report in reports}
    told = {(report.incident or "").casefold() for report in by_id.values()}
    missing = ((incident, _lack(incident, by_id, told, now, days)) for incident in incidents)
    return tuple(_finding(incident, text) for incident, text in missing if text)


def _lack(
    incident: Incident,
    by_id: Mapping[str, PostMortem],
    told: set[str],
    now: datetime,
    days: int,
) -> str:
    """What is wrong with the post-mortem of an incident, "" if nothing."""
    if incident.id.casefold() in told:
        return ""
    if named := incident.post_mortem:
        if named.casefold() in by_id:
            return ""
        known = [report.id for report in by_id.values()]
        hint = suggest(named, known) or "write it: gatekeeper postmortem new"
        return f"names the post-mortem {named}, which does not exist; {hint}"
    reasons, last = due(incident), last_day(incident, days)
    if not reasons or now.astimezone(UTC).date() <= last:
        return ""
    return (
        f"of {week(incident)} has no post-mortem, which was due by {last} "
        f"because {' and '.join(reasons)}; write it: gatekeeper postmortem new --from {incident.id}"
    )


def _finding(incident: Incident, text: str) -> Finding:
    at = incident.position
    place = (at.file, at.line, at.column) if at else (None, None, None)
    message = f"the incident {incident.id} {text}"
    return Finding("without-postmortem", message, "high", "incident", *place)


def last_day(incident: Incident, days: int) -> date:
    """The last day, in UTC, on which the post-mortem may be missing."""
    return day(incident.resolved or incident.detected) + timedelta(days=days)


def day(moment: str) -> date:
    """The day of an ISO date or of an ISO time in UTC."""
    return date.fromisoformat(moment[:10])


def week(incident: Incident) -> str:
    """The ISO week in which an incident was detected: `2026-W11`."""
    return f"{day(incident.detected):%G-W%V}"


def weekly(incidents: Iterable[Incident]) -> Mapping[str, tuple[Incident, ...]]:
    """The incidents by the ISO week in which they were detected, both in order of time."""
    found: dict[str, tuple[Incident, ...]] = {}
    for incident in sorted(incidents, key=lambda one: (one.detected, one.id)):
        found[week(incident)] = (*found.get(week(incident), ()), incident)
    return found
