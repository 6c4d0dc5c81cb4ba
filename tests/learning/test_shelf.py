"""The folder of post-mortems: which files are reports, and what cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from gatekeeper.errors import ConfigurationError, NotMeasured
from gatekeeper.learning import shelf
from gatekeeper.learning.postmortem import PostMortem

Recall = Callable[..., PostMortem]
P = "learning/postmortems/"


def load(files: Mapping[str, bytes], recall: Recall, cap: int = shelf.CAP) -> shelf.Shelf:
    def content(path: str) -> bytes:
        if files[path] == b"LINK":
            raise NotMeasured("is a symbolic link")
        return files[path]

    return shelf.load("learning", files, content, recall, cap)


def test_reports_are_the_markdown_below_the_folder(recall: Recall) -> None:
    """At any depth, whatever the letter case of the suffix; a README and others are none."""
    files = [
        *(f"{P}a.md", f"{P}2026/b.MD", f"{P}c.markdown"),
        *(f"{P}README.md", f"{P}2026/readme.md", f"{P}chart.png", "learning/lessons/d.md"),
        *("learning/postmortems.md", "docs/postmortems/e.md"),
    ]
    found = load(dict.fromkeys(files, b""), recall)
    assert list(found.reports) == ["a", "b", "c"]
    assert [report.file for report in found.reports.values()] == files[:3]


def test_the_id_is_the_stated_one_else_the_stem(recall: Recall) -> None:
    """Two files with one content, remembered once, still have ids of their own."""
    found = load({f"{P}a.md": b"PM-1", f"{P}b.md": b"", f"{P}c.md": b""}, recall)
    assert list(found.reports) == ["PM-1", "b", "c"]
    assert found.reports["c"].file == f"{P}c.md"


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"!", 3, "the front matter is no mapping"),
        (b"x" * 101, 1, "is over 100 bytes"),
        (b"LINK", 1, "is a symbolic link"),
    ],
)
def test_what_cannot_be_read_is_unguarded(
    data: bytes, line: int, words: str, recall: Recall
) -> None:
    """It may promise anything; the other reports are read all the same."""
    found = load({f"{P}a.md": data, f"{P}b.md": b"PM-2"}, recall, cap=100)
    assert list(found.reports) == ["PM-2"]
    (finding,) = found.findings
    assert (finding.rule, finding.path, finding.line) == ("unguarded", f"{P}a.md", line)
    assert words in finding.message


HOSTILE = [
    b"a\0b",
    "# A".encode("utf-16"),
    b"caf\xe9",
    b"---\n- a\n---\n# A\n",
    b"> " * 5000 + b"a",
]


@pytest.mark.parametrize("data", HOSTILE)
def test_hostile_content_is_a_finding(data: bytes) -> None:
    """Binary, another encoding, a front matter that is no mapping, deep nesting: as really read."""
    found = load({f"{P}a.md": data}, lambda data, read, _: read(data))
    assert found.reports == {}
    assert [finding.rule for finding in found.findings] == ["unguarded"]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (b"PM-1", b"PM-1", "two post-mortems have the id `PM-1`"),
        (b"PM-1", b"pm-1", "the ids `pm-1` and `PM-1` differ in letter case only"),
    ],
)
def test_ids_that_cannot_be_told_apart_are_a_mistake(
    first: bytes, second: bytes, words: str, recall: Recall
) -> None:
    """It names both places."""
    with pytest.raises(ConfigurationError) as caught:
        load({f"{P}a.md": first, f"{P}b.md": second}, recall)
    (problem,) = caught.value.problems
    assert words in problem.message
    assert (problem.file, f"{P}a.md:1" in problem.message) == (f"{P}b.md", True)


@pytest.mark.parametrize("id_", ["../PM-1", "a/b", "a\\b", "PM..1", "PM#1", "/etc/passwd"])
def test_an_id_that_could_be_a_path_is_a_mistake(id_: str, recall: Recall) -> None:
    """It becomes part of file names and links."""
    with pytest.raises(ConfigurationError, match="cannot be the id"):
        load({f"{P}a.md": id_.encode()}, recall)


@pytest.mark.parametrize("instead", ["learning", "learning/postmortems"])
def test_a_folder_that_is_none_is_no_empty_one(instead: str, recall: Recall) -> None:
    """A link or a submodule in its place would look like a folder without reports."""
    with pytest.raises(NotMeasured, match="no folder of post-mortems"):
        load({instead: b""}, recall)
