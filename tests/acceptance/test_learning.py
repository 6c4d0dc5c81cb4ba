"""Post-mortems, registered checks and gates in a real repository, through the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest

P = "learning/postmortems/"
GATE = """gate: operational-readiness
requirements:
  postmortems.unguarded: "== 0"
  actions.open: {pass: "== 0", warn: "> 0"}
checks: [postmortem-coverage, follow-up]
"""
QUALITY = "gate: code-quality\nchecks: []\n"
REPORT = """---
id: PM-2026-003
kind: production-bug
---
## Incident: Orders without a customer were stored

**Date**: 2026-03-04
**Severity**: P1

### 1. Timeline
-   `[14:02]` - Issue first detected.
### 2. Root Cause Analysis
The form let an empty customer through, and the table allowed it.
### 3. Impact
-   **Users Affected**: 1200
### 4. Lessons Learned
1.  A constraint in one layer only is none.
### 5. Action Items
-   `[ ]` **Action Item 1**: Reject an order without a customer. Owner: orders. Due: 2126-03-20.
-   `[ ]` **Action Item 2**: Forbid null in the column. Owner: orders. Due: 2126-04-01.
"""
GUARD = """check: order-needs-customer
gate: code-quality
type: pattern
files: [orders.py]
with: {forbid: "customer=None"}
origin:
  - {item: PM-2026-003#AI-1, text: Reject an order without a customer}
"""
FILES = {
    "gates/operational-readiness.yaml": GATE,
    "gates/code-quality.yaml": QUALITY.replace("[]", "[{check: noop, command: ['true']}]"),
    "orders.py": "def order(customer): ...\n",
    f"{P}PM-2026-003.md": REPORT,
}
GUARDED = {**FILES, "checks/order-needs-customer.yaml": GUARD}


def found(outcome: Any, check: str) -> list[str]:
    """The rules of a check's findings."""
    return [finding["rule"] for finding in outcome.observed(check)["measurement"]["findings"]]


def test_an_unguarded_post_mortem_blocks(judge: Any) -> None:
    """The run fails, at the report, and says what to do."""
    outcome = judge(FILES)
    assert outcome.exit == 1
    assert found(outcome, "postmortem-coverage") == ["unguarded"]
    assert f"{P}PM-2026-003.md:18" in outcome.stdout
    assert "gatekeeper check new ID --from" in outcome.stdout


def test_a_guard_lets_it_pass_and_open_items_warn(judge: Any) -> None:
    """One item is guarded; the other is still to be done."""
    outcome = judge(GUARDED)
    assert outcome.exit == 0, outcome.said
    assert outcome.verdict("postmortem-coverage") == "pass"
    assert found(outcome, "follow-up") == ["open"]
    gates = {gate["gate"]: gate["verdict"] for gate in outcome.result["verdict"]["gates"]}
    assert gates == {"operational-readiness": "warn", "code-quality": "pass"}


def test_a_new_repository_passes_with_a_note(judge: Any) -> None:
    """Nothing has happened there yet."""
    outcome = judge({path: text for path, text in FILES.items() if not path.startswith(P)})
    assert outcome.exit == 0, outcome.said
    notes = outcome.observed("postmortem-coverage")["measurement"]["notes"]
    assert notes == ["there is no post-mortem yet below learning/postmortems"]


def test_two_reports_with_one_id_end_the_run(judge: Any) -> None:
    """A mistake in the files: exit 2, both places, no defect."""
    outcome = judge({**GUARDED, f"{P}2026/again.md": REPORT.replace("-003", "-003")})
    assert outcome.exit == 2
    assert "two post-mortems have the id `PM-2026-003`" in outcome.stderr
    assert f"{P}PM-2026-003.md:2" in outcome.stderr
    assert "defect" not in outcome.said


@pytest.mark.parametrize("id_", ["../../etc/passwd", "a/b", "PM-1\\x"])
def test_an_id_that_is_a_path_ends_the_run(judge: Any, id_: str) -> None:
    """It is never used as one."""
    outcome = judge({**FILES, f"{P}PM-2026-003.md": REPORT.replace("PM-2026-003", id_, 1)})
    assert outcome.exit == 2
    assert "cannot be the id of a report" in outcome.stderr


def test_a_report_over_the_cap_is_a_finding(judge: Any) -> None:
    """It is not parsed, and nothing guards it."""
    outcome = judge({**GUARDED, f"{P}huge.md": "# Huge\n" + "a " * 2**20})
    assert outcome.exit == 1
    assert found(outcome, "postmortem-coverage") == ["unguarded"]


def test_what_a_change_takes_away_blocks(place: Any) -> None:
    """A guard made advisory, and a report moved out of reach."""
    place.write({**GUARDED, f"{P}PM-2026-004.md": REPORT.replace("-003", "-004")})
    place.write(
        {"checks/other.yaml": GUARD.replace("order-needs", "other-needs").replace("003", "004")}
    )
    place.commit()
    assert place.run("--changed-since", "HEAD").exit == 0
    place.git("mv", f"{P}PM-2026-004.md", "old.md")
    place.git("rm", "--quiet", "checks/other.yaml")
    place.write({"checks/order-needs-customer.yaml": GUARD + "advisory: true\n"})
    outcome = place.run("--changed-since", "HEAD")
    assert outcome.exit == 1
    assert sorted(found(outcome, "postmortem-coverage")) == [
        "lost",
        "lost",
        "unguarded",
        "unguarded",
        "weak",
    ]
    assert "PM-2026-004 is gone: the base has it at" in outcome.stdout


def test_none_read_where_the_base_had_some_is_an_error(place: Any) -> None:
    """An emptied folder is no clean one."""
    place.write(GUARDED)
    place.commit()
    place.git("rm", "--quiet", "-r", "learning")
    outcome = place.run("operational-readiness", "--changed-since", "HEAD")
    assert outcome.exit == 3
    assert "no post-mortem was read, and the base has 1" in outcome.stdout


def test_a_folder_that_is_a_link_is_an_error(place: Any) -> None:
    """Nobody can swap the folder for an empty one."""
    place.write({path: text for path, text in GUARDED.items() if not path.startswith(P)})
    place.write({"docs/a.md": "# A\n", "learning/lessons/a.md": "# A\n"})
    (place.folder / "learning/postmortems").symlink_to("../docs")
    place.commit()
    outcome = place.run("operational-readiness")
    assert outcome.exit == 3
    assert "learning/postmortems is a link" in outcome.stdout


def coverage(place: Any, *arguments: str) -> Any:
    """Run `postmortem coverage`."""
    return place.run("coverage", *arguments, command="postmortem")


def test_coverage_shows_the_table_and_what_is_wrong(place: Any) -> None:
    """It only shows: exit 0, also where something is wrong."""
    place.write({**GUARDED, f"{P}PM-2026-004.md": REPORT.replace("-003", "-004")})
    place.commit()
    outcome = coverage(place)
    assert outcome.exit == 0, outcome.said
    rows = [line.split()[:9] for line in outcome.stdout.splitlines()[:3]]
    assert rows == [
        ["ID", "STATE", "ITEMS", "GUARDED", "WEAK", "DECIDED", "OPEN", "OVERDUE", "PROOF"],
        ["PM-2026-003", "partly", "guarded", "2", "1", "0", "0", "1", "0"],
        ["PM-2026-004", "unguarded", "2", "0", "0", "0", "2", "0", "-"],
    ]
    assert "2 post-mortems: 1 partly guarded, 1 unguarded; 4 checks" in outcome.stdout
    wrong = outcome.stdout.partition("worst first:\n")[2].splitlines()
    assert wrong[0].startswith(f"  {P}PM-2026-004.md:18: no check guards PM-2026-004")


def test_coverage_as_json_is_all_of_it(place: Any) -> None:
    """It has the schema that is published."""
    place.write(GUARDED)
    place.commit()
    printed = json.loads(coverage(place, "--json").stdout)
    schema = json.loads(place.run("coverage", command="schema").stdout)
    jsonschema.Draft202012Validator(schema).validate(printed)
    (report,) = printed["reports"]
    assert [item["state"] for item in report["items"]] == ["guarded", "open"]
    assert report["items"][0]["guards"][0]["check"] == "order-needs-customer"
    assert {finding["rule"] for finding in printed["findings"]} == {"open", "unproven"}


def test_coverage_sees_every_change(place: Any) -> None:
    """What it remembers is never shown for other content."""
    place.write(GUARDED)
    place.commit()

    def states() -> Mapping[str, int]:
        (report,) = json.loads(coverage(place, "--json").stdout)["reports"]
        return {name: report["counts"][name] for name in ("guarded", "decided", "open")}

    assert states() == states() == {"guarded": 1, "decided": 0, "open": 1}
    decided = REPORT.replace("kind:", "no-check: {AI-2: The column is gone}\nkind:")
    place.write({f"{P}PM-2026-003.md": decided})
    assert states() == {"guarded": 1, "decided": 1, "open": 0}
    place.write({"checks/order-needs-customer.yaml": GUARD + "advisory: true\n"})
    assert states() == {"guarded": 0, "decided": 1, "open": 0}
    place.write({"checks/second.yaml": GUARD.replace("order-needs", "second")})
    assert states() == {"guarded": 1, "decided": 1, "open": 0}


def test_coverage_since_a_commit_tells_what_was_lost(place: Any) -> None:
    """The same that a run with --changed-since finds."""
    place.write(GUARDED)
    place.commit()
    place.write({"checks/order-needs-customer.yaml": GUARD.partition("origin")[0]})
    assert "[lost]" not in coverage(place).stdout
    assert (
        "PM-2026-003#AI-1 was guarded by order-needs-customer"
        in coverage(place, "--since", "HEAD").stdout
    )


def test_coverage_without_a_post_mortem_says_so(place: Any) -> None:
    """And in a folder that is no repository, nothing is remembered."""
    place.write({path: text for path, text in FILES.items() if not path.startswith(P)})
    outcome = coverage(place)
    assert (outcome.exit, outcome.stdout) == (
        0,
        "there is no post-mortem yet below learning/postmortems\n",
    )
