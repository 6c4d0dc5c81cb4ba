"""gatekeeper postmortem: show, list, lint, new."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gatekeeper.cli.schema import schema
from gatekeeper.learning.lint import RULES

REPORTS = "learning/postmortems"
SOUND = """\
---
id: PM-2026-003
kind: production-bug
---
## Incident: Orders without a customer were stored

**Date**: 2026-03-04
**Severity**: P2

### 1. Timeline
-   `[14:02]` - Issue first detected.
-   `[15:05]` - System verified as stable.
### 2. Root Cause Analysis
No test stores an order without a customer, and nothing rejects one.
### 3. Impact
-   **Users Affected**: 1200
-   **Data Loss**: No
-   **Duration**: 47 minutes
### 4. Lessons Learned
1.  What nothing rejects is stored.
### 5. Action Items
-   `[x]` **Action Item 1**: Reject such an order. Owner: team-orders. Due: 2026-03-20.
"""
HEDGED = SOUND.replace("`[x]`", "`[ ]`").replace("Reject such an order", "Consider a check")
NO_DATE = SOUND.replace("`[x]`", "`[ ]`").replace(" Due: 2026-03-20.", "")
KEYS = {
    "": "id title date severity kind timeline root_cause contributing_factors impact lessons "
    "action_items",
    "timeline": "at text milestone line",
    "action_items": "id text done owner due refs line",
}
INCIDENT = """\
incident: INC-2026-007
title: Orders without a customer were stored
detected: 2026-03-04T14:02Z
resolved: 2026-03-04T15:05Z
severity: P1
kind: production-bug
"""


@pytest.fixture
def shelf(repository: Any) -> Any:
    """A repository with one sound report."""
    repository.write({f"{REPORTS}/PM-2026-003.md": SOUND})
    return repository


def test_show_json_has_the_published_keys(shelf: Any) -> None:
    """The names of the fields, null where nothing is stated, as the schema says."""
    shown = json.loads(shelf.run("postmortem", "show", "PM-2026-003", "--json").stdout)
    jsonschema.Draft202012Validator(schema("post-mortem")).validate(shown)
    assert set(KEYS[""].split()) <= shown.keys()
    for part in ("timeline", "action_items"):
        assert set(KEYS[part].split()) <= shown[part][0].keys()
    (item,) = shown["action_items"]
    assert (item["id"], item["done"], item["owner"]) == ("AI-1", True, "team-orders")
    assert (item["due"], item["line"]) == ("2026-03-20", 22)
    assert shown["incident"] is None
    assert shown["file"] == f"{REPORTS}/PM-2026-003.md"


def test_show_reads_a_file_anywhere(shelf: Any, tmp_path: Path) -> None:
    """Relative to the current folder, also outside the repository; or by an id of it."""
    other = tmp_path / "elsewhere.md"
    other.write_text(SOUND.replace("PM-2026-003", "PM-2020-001"), "utf-8")
    for name in (os.path.relpath(other, shelf.folder), "pm-2026-003"):
        ended = shelf.run("postmortem", "show", name)
        assert ended.exit == 0
        assert "Orders without a customer were stored" in ended.stdout


def test_show_is_a_page_for_a_terminal(shelf: Any) -> None:
    """Each part under its heading; parts that are not there are left out; nothing is obeyed."""
    shelf.write({f"{REPORTS}/a.md": SOUND.replace("1200", "12\x1b[31m00").replace("2026-003", "1")})
    page = shelf.run("postmortem", "show", f"{REPORTS}/a.md").stdout
    assert "PM-1  Orders without a customer were stored\n" in page
    assert "\nTimeline\n  14:02  Issue first detected. [detected]\n" in page
    assert "[x] AI-1 Reject such an order. Owner: team-orders. Due: 2026-03-20., line 22\n" in page
    assert "Decisions" not in page
    assert "\x1b" not in page


def test_show_refuses_what_is_not_there(shelf: Any) -> None:
    """It suggests the id that was meant."""
    ended = shelf.run("postmortem", "show", "PM-2026-004")
    assert ended.exit == 2
    assert "no post-mortem of that id; did you mean `PM-2026-003`?" in ended.stderr


def test_list_shows_a_line_for_each_report(shelf: Any) -> None:
    """Open items are those that are not done; the JSON follows its schema."""
    shelf.write({f"{REPORTS}/old/b.md": HEDGED.replace("PM-2026-003", "PM-2025-001")})
    lines = shelf.run("postmortem", "list").stdout.splitlines()
    assert lines[0].split() == ["ID", "DATE", "SEVERITY", "KIND", "ITEMS", "OPEN", "FILE", "TITLE"]
    assert len(lines) == 3
    listed = json.loads(shelf.run("postmortem", "list", "--json").stdout)
    jsonschema.Draft202012Validator(schema("post-mortems")).validate(listed)
    opened = {row["id"]: row["open"] for row in listed["reports"]}
    assert opened == {"PM-2026-003": 0, "PM-2025-001": 1}


def test_list_says_where_there_is_none(repository: Any) -> None:
    """And how to begin."""
    ended = repository.run("postmortem", "list")
    assert (ended.exit, ended.stdout) == (0, "")
    assert "gatekeeper postmortem new" in ended.stderr


def test_two_reports_with_one_id_are_a_configuration_error(shelf: Any) -> None:
    """Both places are named."""
    shelf.write({f"{REPORTS}/again.md": SOUND})
    for words in (["list"], ["lint"], ["show", "PM-2026-003"], ["new"]):
        ended = shelf.run("postmortem", *words)
        assert ended.exit == 2
        assert "again.md" in ended.stderr
        assert "PM-2026-003.md" in ended.stderr


@pytest.mark.parametrize(
    ("text", "exit_", "rules"),
    [
        (SOUND, 0, []),
        (NO_DATE, 0, ["no-due-date"]),
        (HEDGED, 1, ["hedge"]),
        ("\0", 3, ["unreadable"]),
        ("x" * (2 * 2**20 + 1), 3, ["unreadable"]),
    ],
    ids=["sound", "low", "medium", "binary", "too large"],
)
@pytest.mark.parametrize("named", [True, False], ids=["by file", "all"])
def test_lint_exits_by_severity(
    repository: Any, text: str, exit_: int, rules: list[str], named: bool
) -> None:
    """0 where nothing weighs, 1 where something does, 3 where a report cannot be read."""
    file = f"{REPORTS}/PM-2026-003.md"
    repository.write({file: text})
    words = ["postmortem", "lint", *([file] if named else [])]
    ended = repository.run(*words)
    assert ended.exit == exit_
    shown = [line for line in ended.stdout.splitlines() if line.startswith(f"{file}:")]
    assert [line.rpartition("[")[2].rstrip("]") for line in shown] == rules
    linted = json.loads(repository.run(*words, "--json").stdout)
    jsonschema.Draft202012Validator(schema("post-mortem-lint")).validate(linted)
    assert [finding["rule"] for finding in linted["findings"]] == rules


def test_lint_leaves_rules_out(shelf: Any) -> None:
    """Those that are named; a name that no rule has is a mistake."""
    shelf.write({f"{REPORTS}/PM-2026-003.md": HEDGED})
    assert shelf.run("postmortem", "lint", "--without", "hedge").exit == 0
    ended = shelf.run("postmortem", "lint", "--without", "hedgehog")
    assert (ended.exit, "did you mean `hedge`?" in ended.stderr) == (2, True)
    assert shelf.run("postmortem", "lint", "--without", "unreadable").exit == 2


def test_lint_of_nothing_is_no_pass(repository: Any) -> None:
    """Where there is no report, nothing was looked at."""
    assert repository.run("postmortem", "lint").exit == 3


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_explain_tells_of_each_rule(folder: Any, rule: Any) -> None:
    """What it looks for, and how to mend it."""
    shown = folder.run("explain", rule.name).stdout
    assert rule.meaning in shown
    assert rule.remedy in shown


def test_new_writes_the_template_with_the_next_free_id(shelf: Any) -> None:
    """It prints the path and the next step, and what it wrote is a report of the shelf."""
    shelf.write({f"{REPORTS}/PM-1999-001.md": SOUND.replace("2026-003", "1999-001")})
    ended = shelf.run("postmortem", "new", "--title", "The queue was full")
    path, step = ended.stdout.splitlines()
    assert step == f"Fill it in, then: gatekeeper postmortem lint {Path(path).stem}"
    assert "## Incident: The queue was full\n" in (shelf.folder / path).read_text("utf-8")
    again = shelf.run("postmortem", "new").stdout.splitlines()[0]
    assert int(again[-6:-3]) == int(path[-6:-3]) + 1
    assert Path(path).stem in shelf.run("postmortem", "list").stdout


def test_new_fills_in_an_incident(repository: Any) -> None:
    """Its year gives the id; an unknown incident is a mistake."""
    repository.write({"learning/incidents/INC-2026-007.yaml": INCIDENT})
    ended = repository.run("postmortem", "new", "--from", "INC-2026-007")
    assert ended.exit == 0, ended.said
    text = (repository.folder / f"{REPORTS}/PM-2026-001.md").read_text("utf-8")
    assert "incident: INC-2026-007\n" in text
    assert "**Date**: 2026-03-04\n**Severity**: P1\n" in text
    assert "-   `[14:02]` - Issue first detected.\n" in text
    ended = repository.run("postmortem", "new", "--from", "INC-2026-007")
    assert (ended.exit, "PM-2026-001.md" in ended.stderr) == (2, True)
    ended = repository.run("postmortem", "new", "--from", "INC-2026-008")
    assert (ended.exit, "did you mean `INC-2026-007`?" in ended.stderr) == (2, True)


def test_new_never_leaves_the_repository(repository: Any, tmp_path: Path) -> None:
    """A link in the place of the folder is refused, and nothing is written behind it."""
    (tmp_path / "outside").mkdir()
    (repository.folder / "learning").mkdir()
    (repository.folder / REPORTS).symlink_to(tmp_path / "outside")
    assert repository.run("postmortem", "new").exit == 3
    assert [*(tmp_path / "outside").iterdir()] == []
