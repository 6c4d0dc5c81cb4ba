"""Action items are found in whatever container, and nothing is invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.learning import outline
from gatekeeper.learning.items import action_items
from gatekeeper.learning.postmortem import ActionItem

TABLES = Path(__file__).parent / "items"


def table(name: str) -> list[dict[str, Any]]:
    """The cases of a YAML file."""
    cases: list[dict[str, Any]] = yaml.safe_load((TABLES / name).read_text("utf-8"))
    return cases


def read(markdown: str) -> tuple[ActionItem, ...]:
    """The items of a document."""
    return action_items(outline.read(markdown))


def named(case: dict[str, Any]) -> str:
    """How a case is called in a test report."""
    return str(case.get("case") or case["line"])


@pytest.mark.parametrize("case", table("containers.yaml"), ids=named)
def test_containers(case: dict[str, Any]) -> None:
    """Each shape gives its items in order, with what it states of them."""
    wanted = [one if isinstance(one, dict) else {"text": one} for one in case["items"]]
    found = read(case["markdown"])
    assert [one.text for one in found] == [one["text"] for one in wanted]
    for one, stated in zip(found, wanted, strict=True):
        given_ = {name: getattr(one, name) for name in stated}
        assert given_ == stated | ({"refs": tuple(stated["refs"])} if "refs" in stated else {})


@pytest.mark.parametrize("case", table("fields.yaml"), ids=named)
def test_fields(case: dict[str, Any]) -> None:
    """The line of an item states what the table says, and nothing else is read into it."""
    (found,) = read(f"## Action items\n\n- {case['line']}\n")
    stated = {name: value for name, value in case.items() if name != "line"}
    if "refs" in stated:
        stated["refs"] = tuple(stated["refs"])
    assert {name: getattr(found, name) for name in stated} == stated


@pytest.mark.parametrize("case", table("nothing.yaml"), ids=named)
def test_nothing(case: dict[str, Any]) -> None:
    """Placeholders, instructions and empty items are no action items."""
    assert [one.text for one in read(case["markdown"])] == []


def test_lines() -> None:
    """An item knows the line it stands at, behind front matter too."""
    markdown = "---\ntitle: T\n---\n# T\n\n## Action items\n\n- Split\n\n\n1. Join\n"
    assert [one.line for one in read(markdown)] == [8, 11]


def test_ids_are_unique() -> None:
    """Of two items with one label the first keeps it, and a position yields to a label."""
    markdown = "## Action items\n- Join it\n- AI-1: Split it\n- ai-1: Sort it\n- AI-1: Move it\n"
    found = read(markdown)
    assert [one.id for one in found] == ["AI-2", "AI-1", "AI-3", "AI-4"]
    assert [one.labelled for one in found] == [False, True, False, False]


def test_year_of_due_dates() -> None:
    """A due date without a year is in the year that the caller knows, else as written."""
    document = outline.read("## Action items\n- Add an alert by March 4\n")
    assert [one.due for one in action_items(document)] == ["March 4"]
    assert [one.due for one in action_items(document, 2026)] == ["2026-03-04"]


PIECES = st.sampled_from(
    [
        *("## Action items\n", "- ", "- [ ] ", "1. ", "| a | Owner |\n|--|--|\n", "| x | y |\n"),
        *("**Kim**\n", "word ", "[", "]", "(", ")", "`", "*", "_", ":", "\n", "\n\n", "  ", "> "),
        *(
            "TODO",
            "(done)",
            "P1",
            "@kim",
            "#7",
            "2026-01-02",
            "due ",
            "https://x.example/",
            "—",
            "：",
        ),
        *(
            "### 1) Do it\n",
            "■ 再発防止\n",
            "・",
            "N/A",
            "e.g. ",
            "<h2>Actions</h2>\n",
            "---\n",
            "\\",
            "&amp;",
        ),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_document(markdown: str) -> None:
    """Any text gives items with an id and a text, each id once."""
    found = read(markdown)
    assert all(one.text and one.id and one.line > 0 for one in found)
    assert len({one.id.casefold() for one in found}) == len(found)


HOSTILE = {
    "brackets": "[" * 20_000,
    "stars": "- " + "*a " * 10_000,
    "colons": "- " + "a: " * 10_000,
    "one long line": "- " + "word " * 50_000,
    "dashes": "- " + " - " * 10_000,
    "checkboxes": "- " + "[ ] " * 10_000,
    "labels": "- " + "Action item: " * 10_000,
    "parentheses": "- a " + "(" * 10_000 + ")" * 10_000,
    "links": "- " + "[a](https://x.example/) " * 5_000,
    "urls": "- " + "https://x.example/((((" * 5_000,
    "handles": "- " + "@a" * 20_000,
    "capitals": "- " + "A" * 20_000 + " to add",
    "names": "- " + "Kim/" * 10_000,
    "spaces": "- a" + " " * 40_000 + "b",
    "items": "- a\n" * 10_000,
    "headings": "### a\n" * 10_000,
    "labels in bold": "**a**\n\n" * 5_000,
    "rows": "| Action | Owner |\n|---|---|\n" + "| a | b |\n" * 5_000,
    "nested": "".join("  " * n + "- a\n" for n in range(12)),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile(text: str) -> None:
    """What was written to take long is read all the same."""
    for found in read(f"## Action items\n\n{text}\n"):
        assert found.text
