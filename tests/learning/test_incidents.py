"""Which incidents are due a post-mortem, and what is said where it is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gatekeeper.config.policy import Incident
from gatekeeper.learning import incidents
from gatekeeper.learning.postmortem import PostMortem
from gatekeeper.model import Position

PLACE = Position("learning/incidents/a.yaml", 1, 11)
BAD = Incident("INC-1", "t", "2026-03-09T10:00:00Z", severity="P0", position=PLACE)
LATE = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("known", "reasons"),
    [
        *[
            ({"severity": word}, 1)
            for word in ("P0", "p0", "SEV0", "sev-0", "critical", "CRITICAL")
        ],
        *[({"severity": word}, 0) for word in ("", "P1", "SEV1", "high", "major")],
        ({"data_loss": True}, 1),
        ({"rolled_back": True}, 1),
        ({"performance_degraded": True}, 1),
        ({"data_loss": True, "rolled_back": True, "severity": "P0"}, 3),
    ],
)
def test_what_is_due_a_post_mortem(known: dict[str, object], reasons: int) -> None:
    """The highest severity, data loss, a rollback, a loss of performance; nothing else."""
    plain = Incident("INC-1", "t", "2026-03-09")
    assert len(incidents.due(replace(plain, **known))) == reasons  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("incident", "now", "missing"),
    [
        (BAD, "2026-03-14T23:59:59+00:00", False),
        (BAD, "2026-03-15T00:00:00+00:00", True),
        (BAD, "2026-03-15T01:00:00+02:00", False),
        (replace(BAD, resolved="2026-03-20T10:00:00Z"), "2026-03-25T12:00:00+00:00", False),
        (replace(BAD, resolved="2026-03-20"), "2026-03-26T00:00:00+00:00", True),
        (replace(BAD, severity="P1"), "2026-04-15T00:00:00+00:00", False),
    ],
)
def test_the_last_day(incident: Incident, now: str, missing: bool) -> None:
    """It is missed after the fifth day since the incident was over, in UTC."""
    found = incidents.findings([incident], [], datetime.fromisoformat(now))
    assert bool(found) == missing


def test_the_finding() -> None:
    """It stands at the incident, and says since when, why, and what to do."""
    (found,) = incidents.findings([BAD], [], LATE, days=2)
    assert (found.category, found.rule, found.path, found.line) == (
        "incident",
        "without-postmortem",
        PLACE.file,
        1,
    )
    for text in ("INC-1 of 2026-W11", "2026-03-11", "severity is P0", "new --from INC-1"):
        assert text in found.message


@pytest.mark.parametrize(
    ("incident", "report"),
    [
        (BAD, PostMortem("PM-1", "PM-1.md", incident="inc-1")),
        (replace(BAD, post_mortem="pm-1"), PostMortem("PM-1", "PM-1.md")),
        (replace(BAD, post_mortem="PM-9"), PostMortem("PM-1", "PM-1.md", incident="INC-1")),
    ],
)
def test_either_side_names_the_other(incident: Incident, report: PostMortem) -> None:
    """The incident its report, or the report its incident, in any letter case."""
    assert incidents.findings([incident], [report], LATE) == ()


def test_a_report_that_does_not_exist() -> None:
    """A name that no report bears is told at once, due or not, with the nearest one."""
    named = replace(BAD, severity="P3", post_mortem="PM-2026-01")
    now = datetime(2026, 3, 9, 11, tzinfo=UTC)
    (found,) = incidents.findings([named], [PostMortem("PM-2026-001", "a.md")], now)
    assert "names the post-mortem PM-2026-01, which does not exist" in found.message
    assert "did you mean `PM-2026-001`?" in found.message


@pytest.mark.parametrize(
    ("detected", "week"),
    [
        ("2026-03-09", "2026-W11"),
        ("2026-01-01T00:00:00Z", "2026-W01"),
        ("2027-01-03", "2026-W53"),
        ("2024-12-30", "2025-W01"),
    ],
)
def test_iso_weeks(detected: str, week: str) -> None:
    """A week belongs to the year that holds its Thursday."""
    assert incidents.week(Incident("INC-1", "t", detected)) == week


def test_incidents_by_week() -> None:
    """Weeks, and the incidents in them, come in order of time."""
    days = ("2026-03-10", "2026-01-05", "2026-03-09")
    found = incidents.weekly(Incident(f"INC-{n}", "t", day) for n, day in enumerate(days))
    assert {week: [one.id for one in kept] for week, kept in found.items()} == {
        "2026-W02": ["INC-1"],
        "2026-W11": ["INC-2", "INC-0"],
    }
