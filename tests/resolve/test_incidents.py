"""Incidents as written -> incidents of the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

import pytest

from gatekeeper import codec
from gatekeeper.config.policy import Incident, Policy
from gatekeeper.config.schema import IncidentSpec
from gatekeeper.learning.postmortem import KINDS

Configure = Callable[[Mapping[str, str]], Policy]
GATE = "gate: g\nchecks:\n  - {check: c, command: ['true']}\n"
PLACE = "learning/incidents/a.yaml"


@pytest.fixture
def incident(configure: Configure) -> Callable[[str], Incident]:
    """An incident of which some keys are written."""

    def made(keys: str) -> Incident:
        text = f"incident: INC-1\ntitle: t\ndetected: 2026-03-04T14:02:00+01:00\n{keys}"
        return configure({"gates/g.yaml": GATE, PLACE: text}).incidents[0]

    return made


def test_a_whole_incident(incident: Callable[[str], Incident]) -> None:
    """Times are in UTC, the cause is whole, the impact is as written, and all survives JSON."""
    one = incident(
        "resolved: 2026-03-05\nseverity: SEV-1\nkind: production-bug\ncause: {focus: escalation}\n"
        "impact: {users: 1200, data-loss: 3 orders}\nrolled-back: true\nservices: [orders]\n"
        "evidence: [{kind: timeline, url: 'https://x'}]\npost-mortem: PM-1\n"
    )
    assert (one.detected, one.resolved) == ("2026-03-04T13:02:00Z", "2026-03-05")
    assert one.cause == "process/communication/escalation"
    assert one.impact == {"users": "1200", "data-loss": "3 orders"}
    assert (one.data_loss, one.rolled_back, one.performance_degraded) == (True, True, False)
    assert one.evidence == ({"url": "https://x", "kind": "timeline"},)
    assert one.position is not None
    assert (one.position.file, one.position.line) == (PLACE, 1)
    assert codec.decode(Incident, codec.encode(one)) == one


@pytest.mark.parametrize(
    "words", ["No", "none", "false", "0", "n/a", "no data loss", "'No, replicas had all'", "'-'"]
)
def test_words_for_no_loss(incident: Callable[[str], Incident], words: str) -> None:
    """They mean that nothing was lost."""
    assert not incident(f"impact: {{data-loss: {words}}}\n").data_loss


@pytest.mark.parametrize("words", ["yes", "true", "unknown", "3 orders", "no backup, all is lost"])
def test_any_other_word_is_a_loss(incident: Callable[[str], Incident], words: str) -> None:
    """What is not clearly nothing counts."""
    assert incident(f"impact: {{data-loss: '{words}'}}\n").data_loss


def test_the_digest_tells_of_incidents(configure: Configure) -> None:
    """The policy of another incident is another policy; without any it is what it was."""
    before = configure({"gates/g.yaml": GATE}).digest
    after = configure({PLACE: "incident: INC-1\ntitle: t\ndetected: 2026-03-04\n"}).digest
    assert before != after


def test_kinds_are_those_of_post_mortems() -> None:
    """The two tables of the rule of the four failures agree."""
    written = get_args(IncidentSpec.model_fields["kind"].annotation)
    assert tuple(kind for kind in written if kind) == KINDS
