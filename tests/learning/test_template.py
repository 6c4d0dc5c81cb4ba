"""The house template, and the next free id."""

from __future__ import annotations

import pytest

from gatekeeper.config.policy import Incident
from gatekeeper.learning import reading, template
from gatekeeper.learning.lint import lint
from gatekeeper.learning.postmortem import KINDS, MILESTONES, Impact
from gatekeeper.learning.template import Known

INCIDENT = Incident(
    "INC-2026-007",
    "Orders without a customer were stored",
    "2026-03-04T14:02:00+00:00",
    resolved="2026-03-04T15:05:00+00:00",
    severity="P1",
    kind="performance-regression",
    impact={"users": "1200", "downtime": "47 minutes"},
    data_loss=True,
)
# The first lines of a filled template replaced by what a person would write.
FILLED = {
    "[What let it happen, and what let it through to users]": "No test stores an empty order.",
    "[Key learning]": "What nothing rejects is stored.",
    "[What keeps it from happening again]": "Reject an order without a customer",
    "[Name]": "team-orders",
    "[Date]": "2026-03-20",
}


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], "PM-2026-001"),
        (["PM-2026-001", "pm-2026-007", "PM-2025-009"], "PM-2026-008"),
        (["PM-2026-999"], "PM-2026-1000"),
        (["notes", "PM-2026-", "PM-2026-002-draft", "XPM-2026-003"], "PM-2026-001"),
    ],
)
def test_the_next_id_follows_the_highest_of_its_year(taken: list[str], free: str) -> None:
    """Whatever the letter case; other names do not count."""
    assert template.next_id(2026, taken) == free


def test_an_unfilled_template_states_nothing() -> None:
    """Placeholders are no values, and the lint names each section that holds one."""
    report = reading.read(template.render("PM-2026-001", Known()).encode(), "a.md")
    assert (report.id, report.kind) == ("PM-2026-001", KINDS[0])
    assert (report.title, report.date, report.severity) == (None, None, None)
    assert (report.root_cause, report.lessons, report.action_items) == (None, (), ())
    assert report.impact == Impact()
    rules = {finding.rule for finding in lint(report)}
    assert {"template-residue", "no-action-items"} <= rules


def test_an_incident_fills_in_what_it_tells() -> None:
    """Times, severity, kind and impact; the rest stays to be written."""
    text = template.render("PM-2026-003", template.known(INCIDENT))
    report = reading.read(text.encode(), "a.md")
    assert report.title == INCIDENT.title
    assert (report.date, report.severity, report.kind) == ("2026-03-04", "P1", INCIDENT.kind)
    assert report.incident == INCIDENT.id
    assert (report.impact.users, report.impact.data_loss) == ("1200", "Yes")
    assert (report.impact.duration, report.impact.duration_minutes) == ("47 minutes", 47)
    times = {event.milestone: event.at for event in report.timeline}
    assert (times["detected"], times["stable"]) == ("14:02", "15:05")


@pytest.mark.parametrize("kind", KINDS)
def test_a_filled_template_reads_back_with_every_field(kind: str) -> None:
    """All that is written is read, and the lint finds nothing."""
    times = dict(zip(MILESTONES, ("14:02", "14:10", "14:40", "14:49", "15:05"), strict=True))
    what = Known("Orders {stored}", "2026-03-04", "P2", kind, times, "1200", "No", "47 minutes")
    text = template.render("PM-2026-003", what)
    for placeholder, words in FILLED.items():
        text = text.replace(placeholder, words)
    report = reading.read(text.encode(), "learning/postmortems/PM-2026-003.md")
    assert (report.title, report.date, report.severity) == ("Orders {stored}", "2026-03-04", "P2")
    assert [(event.milestone, event.at) for event in report.timeline] == [*times.items()]
    assert report.durations["detected..stable"] == 63
    assert report.root_cause == "No test stores an empty order."
    assert report.lessons == ("What nothing rejects is stored.",)
    assert report.impact.users == "1200"
    assert report.impact.data_loss == "No"
    (item,) = report.action_items
    assert (item.id, item.labelled, item.done) == ("AI-1", True, False)
    assert item.text.startswith("Reject an order without a customer")
    assert (item.owner, item.due) == ("team-orders", "2026-03-20")
    assert lint(report) == ()


def test_a_text_cannot_break_out_of_its_line() -> None:
    """A title with line breaks becomes no heading, list or front matter of its own."""
    text = template.render("PM-2026-001", Known(title="a\n---\n# b\r\n"))
    assert "## Incident: a --- # b\n" in text
