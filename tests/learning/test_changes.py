"""What a change takes away: guards and post-mortems that a commit had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gatekeeper.errors import NotMeasured
from gatekeeper.learning import changes, links, shelf
from gatekeeper.learning.guards import guards
from gatekeeper.learning.postmortem import PostMortem

P = "learning/postmortems/"
GATE = "gate: code-quality\nchecks: []\n"
CHECK = "check: order\ngate: code-quality\norigin: [{item: PM-1#AI-1}]\n"
REPORTS = {f"{P}a.md": "PM-1 | Reject it"}
ORDER: Mapping[str, Any] = {"origin": ["PM-1#AI-1"]}
Make = Callable[..., Any]
Compare = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def compare(policy_of: Make, tree_of: Make, recall: Callable[..., PostMortem]) -> Compare:
    """Compare what is with a base; rule and message of each finding."""

    def compared(
        now: Mapping[str, Mapping[str, Any]],
        *,
        was: str = CHECK,
        gate: str = GATE,
        before: Mapping[str, str] = REPORTS,
        after: Mapping[str, str] = REPORTS,
        no_check: Mapping[str, str] | None = None,
        advisory: tuple[str, ...] = (),
        same: bool = False,
        **settings: str,
    ) -> list[tuple[str, str]]:
        policy = policy_of(now, advisory)
        files = {**after, **({"checks/order.yaml": was} if same else {})}
        tree = tree_of(policy, {**files, "gates/code-quality.yaml": GATE if same else "changed"})
        shelved = shelf.load("learning", tree.files, tree.content, recall)
        reports = {
            id_: replace(report, no_check=no_check or {}) for id_, report in shelved.reports.items()
        }
        joined = links.link(policy, reports, guards(policy, tree), tree, date(2026, 11, 21))
        base = {
            "gates/code-quality.yaml": gate,
            "checks/order.yaml": was,
            **before,
            **{name.replace("_", "."): text for name, text in settings.items()},
        }

        def read(*paths: str) -> Mapping[str, bytes]:
            below = tuple(f"{path}/" for path in paths)
            return {p: t.encode() for p, t in base.items() if f"{p}/".startswith(below)}

        seen = changes.at(read)
        assert seen is not None
        found = changes.changes(seen, policy, reports, joined, tree, recall)
        return [(finding.rule, finding.message) for finding in found]

    return compared


def test_without_a_base_nothing_is_compared() -> None:
    """A run that compares with no commit has no base."""
    assert changes.at(lambda *_: None) is None


@pytest.mark.parametrize("same", [False, True])
def test_a_guard_that_stands_is_no_loss(compare: Compare, same: bool) -> None:
    """Whether its file is the same or was written anew."""
    assert compare({"order": ORDER}, same=same) == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({}, "there is no such check any more"),
        ({"order": {}}, "does not name it as its origin"),
        ({"order": {**ORDER, "enabled": False, "reason": "flaky"}}, "disabled now: flaky"),
        ({"order": {**ORDER, "advisory": True}}, "it is advisory now"),
        ({"order": {**ORDER, "stage": "deploy"}}, "from stage deploy on, not from push"),
        ({"other": {**ORDER, "advisory": True}}, "there is no such check any more"),
        ({"other": {**ORDER, "stage": "ci"}}, "there is no such check any more"),
    ],
)
def test_a_guard_that_is_gone_or_weaker_is_lost(
    now: Mapping[str, Any], words: str, compare: Compare
) -> None:
    """The finding says which item it guarded, and how."""
    ((rule, message),) = compare(now)
    assert rule == "lost"
    assert "PM-1#AI-1 was guarded by order" in message
    assert words in message


def test_a_gate_that_became_advisory_loses_its_guards(compare: Compare) -> None:
    """Also where the file of the check is the same."""
    policy = {"order": ORDER}
    ((rule, message),) = compare(policy, advisory=("code-quality",))
    assert rule == "lost"
    assert "its gate code-quality is advisory" in message


def test_a_guard_inside_a_gate_is_looked_at_too(compare: Compare) -> None:
    """An origin may stand at a check of a gate."""
    inside = "gate: code-quality\nchecks: [{check: order, origin: [{item: PM-1#AI-1}]}]\n"
    assert [rule for rule, _ in compare({}, gate=inside, was="")] == ["lost"]


@pytest.mark.parametrize(
    "settled",
    [
        {"now": {"renamed": ORDER}},
        {"now": {}, "no_check": {"AI-1": "The vendor has ended the service"}},
        {"now": {}, "was": CHECK + "enabled: false\n"},
        {"now": {}, "was": CHECK + "advisory: true\n"},
        {"now": {}, "gate": GATE + "advisory: true\n"},
        {"now": {}, "was": "no: [valid"},
        {"now": {"order": {**ORDER, "stage": "ci"}}, "gate": GATE + "stage: ci\n"},
    ],
)
def test_what_is_guarded_or_decided_otherwise_is_no_loss(
    settled: Mapping[str, Any], compare: Compare
) -> None:
    """A renamed check, a decision, a guard that could not block then either."""
    keys = dict(settled)
    assert compare(keys.pop("now"), **keys) == []


def test_a_post_mortem_that_is_gone_blocks(compare: Compare) -> None:
    """Its id is nowhere any more; `unguarded` is what blocks."""
    before = {**REPORTS, f"{P}b.md": "PM-2 | Other"}
    ((rule, message),) = compare({"order": ORDER}, before=before)
    assert rule == "unguarded"
    assert f"PM-2 is gone: the base has it at {P}b.md" in message


def test_a_post_mortem_that_moved_out_of_reach_blocks(compare: Compare) -> None:
    """Where nobody reads it, it is gone."""
    before = {**REPORTS, f"{P}b.md": "PM-2 | Other"}
    after = {**REPORTS, "learning/old/b.md": "PM-2 | Other"}
    assert [rule for rule, _ in compare({"order": ORDER}, before=before, after=after)] == [
        "unguarded"
    ]


def test_a_post_mortem_that_was_renamed_is_there(compare: Compare) -> None:
    """Its id was that of its file, its content is the same."""
    before = {**REPORTS, f"{P}b.md": " | Other"}
    after = {**REPORTS, f"{P}2026/c.md": " | Other"}
    assert compare({"order": ORDER}, before=before, after=after) == []


def test_none_read_where_there_were_some_is_no_measurement(compare: Compare) -> None:
    """An empty folder is no proof that nothing happened."""
    with pytest.raises(NotMeasured, match="no post-mortem was read, and the base has 1"):
        compare({"order": ORDER}, after={})


def test_a_setting_cannot_hide_the_reports_of_the_base(compare: Compare) -> None:
    """The folder is looked for where the settings of the base had it."""
    toml = '[tool.gatekeeper]\nlearning = "lessons"\n'
    before = {"lessons/postmortems/b.md": "PM-2 | Other"}
    found = compare({"order": ORDER}, before=before, pyproject_toml=toml)
    assert [rule for rule, _ in found] == ["unguarded"]
