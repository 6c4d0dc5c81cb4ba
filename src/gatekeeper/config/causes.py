"""The closed vocabulary for the cause of an incident: category, area, focus. Plain data."""

from __future__ import annotations

LEVELS = ("category", "area", "focus")
_FOCUSES = {
    "technical/system-architecture": (
        *("design-weaknesses", "scalability-issues", "redundancy-gaps", "integration-problems"),
    ),
    "technical/operational-procedures": (
        *("detection-effectiveness", "response-efficiency", "recovery-speed"),
        "validation-thoroughness",
    ),
    "process/communication": (
        *("notification-speed", "information-clarity", "stakeholder-engagement"),
        *("feedback-loops", "escalation", "coordination"),
    ),
    "process/documentation": ("accuracy", "completeness", "accessibility", "usefulness"),
}
# Every cause, `category/area/focus`; a word stands at one place only, so it says what is above it.
PATHS = tuple(f"{area}/{focus}" for area, focuses in _FOCUSES.items() for focus in focuses)


def words(level: str, above: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words of a level (`area`) that fit below those above it, "" where one is not stated."""
    n = LEVELS.index(level)
    paths = [path.split("/") for path in PATHS]
    fitting = [p for p in paths if all(a in ("", p[i]) for i, a in enumerate(above))]
    return tuple(dict.fromkeys(path[n] for path in fitting))


def path(category: str, area: str, focus: str) -> str:
    """`category/area/focus` down to the finest that is known; what is left out above follows."""
    known = focus or area or category
    for one in PATHS:
        parts = one.split("/")
        if known in parts:
            return "/".join(parts[: parts.index(known) + 1])
    return ""
