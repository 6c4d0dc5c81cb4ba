"""postmortem-coverage: unguarded post-mortems, and what is wrong with the links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gatekeeper.check_types import postmortem_coverage
from gatekeeper.check_types.postmortem_coverage import Params
from gatekeeper.errors import ConfigurationError, NotMeasured
from gatekeeper.model import Measurement, count

P = "learning/postmortems/"
REPORT = """---
id: PM-2026-001
kind: production-bug
---
## Incident: Orders without a customer were stored

**Date**: 2026-03-04
**Severity**: P1

### 1. Timeline
-   `[14:02]` - Issue first detected.
-   `[14:49]` - Fix deployed.
### 2. Root Cause Analysis
The form let an empty customer through, and the table allowed it.
### 3. Impact
-   **Users Affected**: 1200
### 4. Lessons Learned
1.  A constraint in one layer only is none.
### 5. Action Items
-   `[x]` **Action Item 1**: Reject an order without a customer. Owner: orders. Due: 2026-03-20.
-   `[ ]` **Action Item 2**: Forbid null in the column. Owner: team-orders. Due: 2026-04-01.
"""
FILES = {f"{P}PM-2026-001.md": REPORT}
ONE, TWO = "PM-2026-001#AI-1", "PM-2026-001#AI-2"
Make = Callable[..., Any]


def counted(measurement: Measurement) -> Mapping[str, int]:
    """The metrics of the type that are not zero."""
    counts = count(measurement.findings)
    return {name: counts[name] for name in postmortem_coverage.PLUGIN.always if counts[name]}


@pytest.mark.parametrize(
    ("files", "guards", "params", "expected"),
    [
        (FILES, {"order": {"origin": [ONE]}}, {}, {}),
        (FILES, {}, {}, {"postmortems.unguarded": 1}),
        (
            FILES,
            {"order": {"origin": [ONE], "advisory": True}},
            {},
            {"postmortems.unguarded": 1, "guards.weak": 1},
        ),
        (
            FILES,
            {"order": {"origin": [ONE]}},
            {"proven": True},
            {"postmortems.unguarded": 1, "guards.weak": 1},
        ),
        (FILES, {"order": {"origin": [ONE, "PM-9#AI-1"]}}, {}, {"actions.dangling": 1}),
        (
            {f"{P}a.md": REPORT.partition("### 5.")[0]},
            {},
            {},
            {"postmortems.unguarded": 1, "postmortems.without-actions": 1},
        ),
        (
            {f"{P}a.md": REPORT.replace("1.  A constraint in one layer only is none.\n", "")},
            {"order": {"origin": [ONE]}},
            {},
            {"postmortems.incomplete": 1},
        ),
        (
            {f"{P}a.md": REPORT.replace("1.  A constraint in one layer only is none.\n", "")},
            {"order": {"origin": [ONE]}},
            {"without": ("empty-section",)},
            {},
        ),
        ({f"{P}a.md": "\0"}, {}, {}, {"postmortems.unguarded": 1}),
        (
            FILES,
            {"order": {"origin": [ONE]}},
            {"max_size": 10},
            {"postmortems.unguarded": 1, "actions.dangling": 1},
        ),
    ],
)
def test_what_it_counts(
    files: Mapping[str, str],
    guards: Mapping[str, Any],
    params: Mapping[str, Any],
    expected: Mapping[str, int],
    context: Make,
) -> None:
    """Each metric counts what its meaning says, and no other finding comes along."""
    measurement = postmortem_coverage.measure(Params(**params), context(files, guards=guards))
    assert counted(measurement) == expected
    assert sum(Counter(f.rule for f in measurement.findings).values()) == sum(expected.values())


DECIDED = REPORT.replace(
    "kind:", 'no-check: {AI-1: "The vendor ended it", AI-2: "The vendor ended it"}\nkind:'
)


@pytest.mark.parametrize(
    ("report", "guards", "state", "shown"),
    [
        (REPORT, {}, "unguarded", ()),
        (REPORT, {"weak": {"origin": [ONE], "advisory": True}}, "unguarded", ()),
        (REPORT, {"order": {"origin": [ONE]}}, "partly", ("order",)),
        (
            REPORT,
            {"b": {"origin": [ONE, TWO]}, "a": {"origin": [TWO]}},
            "guarded",
            ("a", "b"),
        ),
        (DECIDED, {}, "decided", ()),
        (DECIDED, {"order": {"origin": [ONE]}}, "guarded", ("order",)),
    ],
)
def test_each_post_mortem_is_an_item(
    report: str, guards: Mapping[str, Any], state: str, shown: tuple[str, ...], context: Make
) -> None:
    """With its state, where it promises something, and the checks that can block."""
    ctx = context({f"{P}PM-2026-001.md": report}, guards=guards)
    (item,) = postmortem_coverage.measure(Params(), ctx).items
    assert (item.id, item.state, item.guards) == ("PM-2026-001", state, shown)
    assert item.title == "Orders without a customer were stored"
    assert (item.path, item.line) == (
        f"{P}PM-2026-001.md",
        report[: report.index("### 5")].count("\n") + 1,
    )


def test_items_stand_worst_first_and_what_cannot_be_read_is_one(context: Make) -> None:
    """Whoever counts the items counts it as well."""
    files = {f"{P}a.md": REPORT, f"{P}b.md": "\0", f"{P}c.md": "# C\n"}
    guards = {"order": {"origin": [ONE, TWO]}}
    items = postmortem_coverage.measure(Params(), context(files, guards=guards)).items
    assert [(item.id, item.state) for item in items] == [
        ("b", "unguarded"),
        ("c", "unguarded"),
        ("PM-2026-001", "guarded"),
    ]


def test_a_finding_names_item_state_and_next_step(context: Make) -> None:
    """A person at two in the morning knows what to do."""
    (finding,) = postmortem_coverage.measure(Params(), context(FILES)).findings
    assert (finding.path, finding.line) == (f"{P}PM-2026-001.md", 19)
    assert finding.message == (
        "no check guards PM-2026-001: AI-1 is open, AI-2 is open; "
        "register a check: gatekeeper check new ID --from 'PM-2026-001#AI-1'"
    )


def test_the_work_is_what_was_joined(context: Make) -> None:
    """Reports read; action items and checks."""
    measurement = postmortem_coverage.measure(
        Params(), context(FILES, guards={"order": {"origin": [ONE]}})
    )
    assert measurement.work == {"documents": 1, "items": 2 + 2}
    assert measurement.notes == ()


def test_a_repository_without_a_post_mortem_passes_and_says_so(context: Make) -> None:
    """The registry was read, which is the proof that something was looked at."""
    measurement = postmortem_coverage.measure(Params(), context({"README.md": "# A"}))
    assert measurement.findings == ()
    assert measurement.work == {"documents": 0, "items": 1}
    assert measurement.notes == ("there is no post-mortem yet below learning/postmortems",)


def test_two_reports_with_one_id_are_a_mistake_in_the_files(context: Make) -> None:
    """It ends the run, with both places."""
    with pytest.raises(ConfigurationError) as caught:
        postmortem_coverage.measure(Params(), context({f"{P}a.md": REPORT, f"{P}b.md": REPORT}))
    assert f"{P}a.md:2" in str(caught.value)
    assert f"{P}b.md:2" in str(caught.value)


def test_a_report_that_is_a_link_is_not_followed(context: Make, tmp_path: Any) -> None:
    """It is a finding, and noted as not examined."""
    ctx = context({f"{P}a.md": tmp_path / "secret"})
    measurement = postmortem_coverage.measure(Params(), ctx)
    assert counted(measurement) == {"postmortems.unguarded": 1}
    assert ctx.skipped == {f"{P}a.md": "is a symbolic link"}


def test_what_the_base_had_is_compared(context: Make) -> None:
    """A report that is gone, and a guard that is disabled now."""
    before = {
        **FILES,
        f"{P}PM-2026-002.md": REPORT.replace("001", "002"),
        "gates/gate.yaml": "gate: gate\nchecks: []\n",
        "checks/order.yaml": f"check: order\ngate: gate\norigin: [{{item: {ONE}}}]\n",
    }
    guards = {
        "order": {"origin": [ONE], "enabled": False, "reason": "flaky"},
        "column": {"origin": [TWO]},
    }
    measurement = postmortem_coverage.measure(
        Params(), context(FILES, guards=guards, before=before)
    )
    assert counted(measurement) == {
        "postmortems.unguarded": 1,
        "guards.lost": 1,
        "guards.weak": 1,
    }


def test_none_read_where_the_base_had_some_is_no_measurement(context: Make) -> None:
    """Not a repository without post-mortems."""
    with pytest.raises(NotMeasured, match="no post-mortem was read"):
        postmortem_coverage.measure(Params(), context({"README.md": "# A"}, before=FILES))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"without": ("nonsense",)}, "knows no rule `nonsense`"),
        ({"max_size": 0}, "lets nothing be read"),
        ({"without": ("blame", "empty-section")}, ""),
    ],
)
def test_parameters_that_make_no_sense(params: Mapping[str, Any], words: str) -> None:
    """They are refused before anything runs."""
    problem = Params(**params).problem()
    assert words in problem
    assert bool(words) == bool(problem)
