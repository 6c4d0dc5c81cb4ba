"""Reading a report: whatever the bytes, there is a result."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper import codec
from gatekeeper.learning import reading
from gatekeeper.learning.postmortem import PostMortem

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "postmortems"
REPORTS = sorted(CORPUS.glob("*/*.md"))
FAMILIES = sorted({path.parent.name for path in REPORTS})
PIECES = st.sampled_from(
    """# |## Timeline~|- |  - |14:02 |2026-03-04 |**|`|[ ]|](x)|~~|Severity: P1~|Impact:~|Why? |---~
    |id: x~|> |<b>|&#0;|\t""".replace("~", "\n").split("|")
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe#\0 \0x\0", "UTF-16"),
        (b"# a\0b", "binary"),
        (b"# caf\xe9", "no UTF-8"),
        (b"x" * 101, "over 100 bytes"),
        (b"> " * 40, "deep"),
        (b"---\n- a\n---\n# x\n", "no mapping"),
        (b"---\na: [\n---\n# x\n", "no valid YAML"),
        (b"---\nid: a\nid: b\n---\n", "no valid YAML"),
        (b"+++\na = \n+++\n", "no valid TOML"),
    ],
)
def test_unreadable(data: bytes, words: str) -> None:
    """What cannot be read is a problem on an otherwise empty report."""
    report = reading.read(data, "folder/PM-1.md", cap=100)
    assert [line for line, _ in report.problems] == [1]
    assert words in report.problems[0][1]
    assert report == PostMortem("PM-1", "folder/PM-1.md", problems=report.problems)


@pytest.mark.parametrize(
    ("front", "line", "words"),
    [
        ("kind: bug", 2, "`bug` is no kind"),
        ("id: [a]", 2, "`id` in the front matter is no text"),
        ("kind: {a: b}", 2, "`kind` in the front matter is no text"),
        ("id: a\nno-check: AI-1", 3, "no mapping"),
        ("no-check: {AI-1: ''}", 2, "no mapping"),
    ],
)
def test_wrong_front_matter(front: str, line: int, words: str) -> None:
    """A value that cannot be used is a problem at its line; the rest is read."""
    report = reading.read(f"---\n{front}\n---\n# Title\n".encode(), "x.md")
    assert [found for found, _ in report.problems] == [line]
    assert words in report.problems[0][1]
    assert report.title == "Title"


def test_id_is_text_as_written() -> None:
    """An id that looks like a number stays as it was written; without one, the stem is it."""
    assert reading.read(b"---\nid: 0012\n---\n", "x.md").id == "0012"
    assert reading.read(b"", "folder/x.y.md").id == "x.y"


def test_references() -> None:
    """Ids, tickets, files and links of the whole text, each once, in its order."""
    text = (
        "See https://example.org/issues/7), #12, org/repo#3, OPS-41 and PM-2026-001.\n"
        "Also #12, bug 12345, [x](2026-01-02-other.md), `UTF-8`, SHA-256, P-1, https://a.b/c#4.\n"
    )
    assert reading.read(text.encode(), "x.md").references == (
        "https://example.org/issues/7",
        "#12",
        "org/repo#3",
        "OPS-41",
        "PM-2026-001",
        "bug 12345",
        "2026-01-02-other.md",
        "https://a.b/c#4",
    )


def test_headings() -> None:
    """Words below sub-headings count for the heading above; residue counts where it stands."""
    text = "# Title\n\n## Impact\nDescribe the impact.\n\n## Lessons\n### Good\none two\n"
    found = reading.read(text.encode(), "x.md").headings
    assert [(one.title, one.words, one.residue) for one in found] == [
        ("Title", 5, 0),
        ("Impact", 3, 1),
        ("Lessons", 2, 0),
        ("Good", 2, 0),
    ]


def test_goes_through_the_codec() -> None:
    """A report is plain data: what is kept of it is the same report."""
    text = "# T\n**Date**: 2026-03-04\n## Timeline\n- 10:00 Alert\n- 11:00 Resolved\n## Impact\nx\n"
    report = reading.read(text.encode(), "x.md")
    assert codec.decode(PostMortem, codec.encode(report)) == report


@given(
    st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map("".join).map(str.encode))
)
@settings(max_examples=150, deadline=None)
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, there is a report or a problem."""
    report = reading.read(data, "x.md")
    assert report.file == "x.md"


@pytest.mark.skipif(not REPORTS, reason="the shared corpus is not here")
@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_reports(family: str) -> None:
    """Every shared report, whole, cut off or mutated, gives a result."""
    chance = random.Random(family)  # noqa: S311  no secret
    for path in (path for path in REPORTS if path.parent.name == family):
        data = path.read_bytes()
        assert reading.read(data, path.name).problems == ()
        for part in (0.15, 0.5, 0.85):
            reading.read(data[: int(len(data) * part)], path.name)
        reading.read(_mutated(data, chance), path.name)


def _mutated(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(40):
        at = chance.randrange(len(found))
        found[at : at + chance.randrange(9)] = bytes(
            chance.choices(b"`*_[]()#|->\n\t :{}<&\\09", k=3)
        )
    return bytes(found)
