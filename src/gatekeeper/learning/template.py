"""The house template of a post-mortem, and the next free id.

What is not known yet stands in brackets, which the reader takes for no value and the lint reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gatekeeper.config.policy import Incident
from gatekeeper.learning.postmortem import KINDS, MILESTONES, Milestone

_TEMPLATE = """\
---
id: {id}
kind: {kind}{incident}
---
## Incident: {title}

**Date**: {date}
**Severity**: {severity}

### 1. Timeline
-   `[{times[detected]}]` - Issue first detected.
-   `[{times[impact-confirmed]}]` - Impact confirmed.
-   `[{times[cause-identified]}]` - Root cause identified.
-   `[{times[fix-deployed]}]` - Fix deployed.
-   `[{times[stable]}]` - System verified as stable.
### 2. Root Cause Analysis
[What let it happen, and what let it through to users]
### 3. Impact
-   **Users Affected**: {users}
-   **Data Loss**: {data_loss}
-   **Duration**: {duration}
### 4. Lessons Learned
1.  [Key learning]
### 5. Action Items
-   `[ ]` **Action Item 1**: [What keeps it from happening again]. Owner: [Name]. Due: [Date].
"""
_NO_TIME = "HH:MM"
_UNKNOWN = {
    "kind": f"{KINDS[0]}        # or {', '.join(KINDS[1:])}",
    "title": "[Clear, concise title of the incident]",
    "date": "[Date of the incident]",
    "severity": "[P0, P1, P2 or P3]",
    "users": "[Number or percentage of users]",
    "data_loss": "[Yes/No, and scope of loss]",
    "duration": "[Total time of the incident]",
}
_NUMBER = re.compile(r"PM-(\d{4})-(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when a report is begun; "" where it is not. `times` are `HH:MM`."""

    title: str = ""
    date: str = ""
    severity: str = ""
    kind: str = ""
    times: Mapping[Milestone, str] = field(default_factory=dict)
    users: str = ""
    data_loss: str = ""
    duration: str = ""
    incident: str = ""


def next_id(year: int, taken: Iterable[str]) -> str:
    """`PM-YEAR-NNN` with the number after the highest one of that year."""
    found = (_NUMBER.fullmatch(id_) for id_ in taken)
    numbers = [int(match[2]) for match in found if match and int(match[1]) == year]
    return f"PM-{year}-{max(numbers, default=0) + 1:03}"


def known(incident: Incident) -> Known:
    """What an incident's record tells: times, severity, kind and impact."""
    times: dict[Milestone, str] = {}
    if at := _clock(incident.detected):
        times["detected"] = at
    if at := _clock(incident.resolved):
        times["stable"] = at
    return Known(
        title=incident.title,
        date=incident.detected[:10],
        severity=incident.severity,
        kind=incident.kind,
        times=times,
        users=incident.impact.get("users", ""),
        data_loss=incident.impact.get("data-loss") or ("Yes" if incident.data_loss else ""),
        duration=incident.impact.get("downtime", ""),
        incident=incident.id,
    )


def _clock(moment: str) -> str:
    """`14:02` of an ISO 8601 moment; "" of a day."""
    return moment[11:16]


def render(id_: str, what: Known) -> str:
    """The report to fill in, as Markdown; every text becomes part of one line."""
    told = {name: " ".join(getattr(what, name).split()) for name in _UNKNOWN}
    return _TEMPLATE.format(
        id=id_,
        incident=f"\nincident: {what.incident}" if what.incident else "",
        times={name: what.times.get(name, _NO_TIME) for name in MILESTONES},
        **{name: told[name] or unknown for name, unknown in _UNKNOWN.items()},
    )
