"""gatekeeper check new: from an action item to the draft of its guard."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

ITEMS = {
    "AI-1": "Add a regression test for an order without a customer. Owner: team-orders.",
    "AI-2": "Forbid calls to `eval` in handlers",
    "AI-3": "Write a runbook for a full disk",
    "AI-4": "Alert when no message came for five seconds",
    "AI-5": "Drill the restore of the database",
    "AI-6": "Measure the latency of the checkout with 9000 tenants",
    "AI-7": 'Reject "quoted": text, # with signs',
}
GATES = ("code-quality", "performance", "operational-readiness")


def report(kind: str = "production-bug") -> str:
    """A report in the house template."""
    items = "\n".join(
        f"-   `[ ]` **Action Item {n}**: {text}" for n, text in enumerate(ITEMS.values(), 1)
    )
    return (
        f"---\nid: PM-2026-003\nkind: {kind}\n---\n## Incident: Orders were lost\n\n"
        "**Date**: 2026-03-04\n**Severity**: P1\n\n### 1. Timeline\n### 2. Root Cause Analysis\n"
        f"The orders had no customer.\n### 5. Action Items\n{items}\n"
    )


@pytest.fixture
def place(empty: Any) -> Any:
    """A repository with Python code, three gates and a post-mortem."""
    check = "checks:\n  - {{check: {0}-a, command: ['true']}}\n"
    empty.write(
        {
            **{f"gates/{gate}.yaml": f"gate: {gate}\n{check.format(gate)}" for gate in GATES},
            "learning/postmortems/PM-2026-003.md": report(),
            "tests/unit/test_a.py": "def test_a(): pass\n",
            "tests/unit/test_b.py": "def test_b(): pass\n",
            "tests/test_c.py": "def test_c(): pass\n",
        }
    )
    return empty


def drafted(place: Any, id_: str = "new-guard") -> tuple[str, Any]:
    """The text of a new check, and its plain values."""
    text = (place.folder / "checks" / f"{id_}.yaml").read_text("utf-8")
    return text, yaml.safe_load(text)


def test_a_draft(place: Any) -> None:
    """Origin, text, title and owner are filled in; what is left is said in the file and told."""
    ended = place.run("check", "new", "new-guard", "--from", "PM-2026-003#AI-1")
    assert (ended.exit, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == "checks/new-guard.yaml"
    assert lines[1].startswith("It guards nothing yet: write the test that `tests:` names")
    assert lines[2] == "Fill in `proof:`, then: gatekeeper prove new-guard"
    text, check = drafted(place)
    sentence = "Add a regression test for an order without a customer"
    assert check["origin"][0]["item"] == "PM-2026-003#AI-1"
    assert check["origin"][0]["text"].startswith(sentence)
    assert check["title"] == sentence
    assert check["owner"].startswith("team-orders")
    assert check["with"] == {"tests": ["tests/unit/test_new_guard.py::test_new_guard"]}
    assert "# proof: {fixed-by: COMMIT}" in text
    assert "# To do: write the test" in text
    assert place.run("validate").exit == 0


@pytest.mark.parametrize(
    ("item", "gate", "uses"),
    [
        ("AI-1", "code-quality", "pytest"),
        ("AI-2", "code-quality", "pattern"),
        ("AI-3", "operational-readiness", "document"),
        ("AI-4", "performance", "pattern"),
        ("AI-5", "operational-readiness", "signoff"),
        ("AI-6", "performance", "pytest-benchmark"),
        ("AI-7", "code-quality", "pytest"),
    ],
)
def test_what_suits_the_words(place: Any, item: str, gate: str, uses: str) -> None:
    """Each draft is accepted by `validate`, and none of them passes or guards."""
    ended = place.run("check", "new", "new-guard", "--from", f"PM-2026-003#{item}")
    assert ended.exit == 0, ended.said
    _, check = drafted(place)
    assert (check["gate"], check.get("uses") or check.get("type")) == (gate, uses)
    assert ITEMS[item].startswith(check["origin"][0]["text"][:10])
    valid = place.run("validate")
    assert valid.exit == 0, valid.said
    asleep = check.get("enabled") is False
    assert asleep or place.run("run", gate).exit in (1, 3)
    if not asleep:
        return
    for key in ("enabled", "reason"):
        check.pop(key)
    place.write({"checks/new-guard.yaml": yaml.safe_dump(check)})
    assert place.start("run", gate).exit in (1, 3), "a draft that is woken up does not pass"


@pytest.mark.parametrize(
    ("kind", "item", "gate"),
    [
        ("deployment-failure", "AI-1", "operational-readiness"),
        ("deployment-failure", "AI-4", "operational-readiness"),
        ("performance-regression", "AI-1", "performance"),
        ("performance-regression", "AI-7", "performance"),
        ("performance-regression", "AI-3", "operational-readiness"),
        ("review-rejection", "AI-2", "code-quality"),
    ],
)
def test_what_suits_the_kind(place: Any, kind: str, item: str, gate: str) -> None:
    """The rule of the four failures chooses the gate."""
    place.write({"learning/postmortems/PM-2026-003.md": report(kind)})
    assert place.run("check", "new", "new-guard", "--from", f"PM-2026-003#{item}").exit == 0
    assert drafted(place)[1]["gate"] == gate


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--uses", "ruff"], {"uses": "ruff", "enabled": False}),
        (["--uses", "signoff"], {"type": "signoff"}),
        (["--uses", "pattern"], {"type": "pattern", "enabled": False}),
        (["--gate", "performance"], {"uses": "pytest", "gate": "performance"}),
        (["--uses", "own"], {"uses": "own"}),
    ],
)
def test_what_its_author_wants(place: Any, options: list[str], wanted: dict[str, Any]) -> None:
    """A tool of the catalogue, one of the repository, a check type; a gate."""
    place.write({"checks/tools/own.yaml": "tool: own\ncommand: [own]\n"})
    ended = place.run("check", "new", "new-guard", "--from", "PM-2026-003#AI-1", *options)
    assert ended.exit == 0, ended.said
    check = drafted(place)[1]
    assert {key: check[key] for key in wanted} == wanted
    assert place.run("validate").exit == 0


def test_without_python(repository: Any) -> None:
    """Where no Python is, a command is to be filled in; where the gate is missing, another one."""
    repository.write({"learning/postmortems/PM-2026-003.md": report()})
    assert repository.run("check", "new", "new-guard", "--from", "PM-2026-003#AI-1").exit == 0
    check = drafted(repository)[1]
    assert (check["gate"], check["command"], check["enabled"]) == ("quality", ["FILL-IN"], False)
    assert repository.run("validate").exit == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["code-quality-a", "--from", "PM-2026-003#AI-1"], "there is a check `code-quality-a`"),
        (["b", "--from", "PM-2026-030#AI-1"], "did you mean `PM-2026-003`?"),
        (["b", "--from", "zzz#AI-1"], "there is no post-mortem `zzz`"),
        (["b", "--from", "PM-2026-003#AI-11"], "has no action item `AI-11`; did you mean `AI-1`?"),
        (["b", "--from", "PM-2026-003"], "`PM-2026-003` names no item; known are AI-1, AI-2"),
        (["b", "--from", "PM-2026-003#AI-1", "--gate", "qualty"], "unknown gate `qualty`"),
        (["b", "--from", "PM-2026-003#AI-1", "--uses", "pytst"], "did you mean `pytest`?"),
        (["../b", "--from", "PM-2026-003#AI-1"], "`../b` does not have the form"),
    ],
)
def test_what_cannot_be_begun(place: Any, words: list[str], says: str) -> None:
    """Nothing is written, and the nearest name is suggested."""
    ended = place.run("check", "new", *words)
    assert (ended.exit, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert not (place.folder / "checks").exists()


def test_a_check_that_is_there_is_not_overwritten(place: Any) -> None:
    """The second one of a name is refused."""
    words = ("check", "new", "new-guard", "--from", "PM-2026-003#AI-1")
    assert place.run(*words).exit == 0
    assert (
        "there is a check `new-guard` already, at checks/new-guard.yaml" in place.run(*words).said
    )


def test_letter_case_does_not_matter(place: Any) -> None:
    """The origin is written as the report has it."""
    assert place.run("check", "new", "new-guard", "--from", "pm-2026-003#ai-2").exit == 0
    assert drafted(place)[1]["origin"][0]["item"] == "PM-2026-003#AI-2"


def test_checks_that_are_there_already(place: Any) -> None:
    """One that guards the item is named, and those that look alike are suggested."""
    place.write(
        {
            "checks/first.yaml": "check: first\ngate: code-quality\ncommand: [x]\n"
            "origin: [{item: 'PM-2026-003#AI-2'}]\n",
            "checks/no-eval.yaml": "check: no-eval\ntitle: No handler calls eval\n"
            "gate: code-quality\ncommand: [x]\n",
        }
    )
    said = place.run("check", "new", "new-guard", "--from", "PM-2026-003#AI-2").stdout
    assert "PM-2026-003#AI-2 has a check already: first" in said
    assert "Alike by their words, from 0 to 1: no-eval (0." in said


def test_a_broken_configuration(broken: Any) -> None:
    """The mistake is told; nothing is written."""
    assert broken.run("check", "new", "a", "--from", "PM-1#AI-1").exit == 2
    assert not (broken.folder / "checks").exists()
