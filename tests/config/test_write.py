"""YAML files that the program writes, and how they reach the disk."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.config.write import dump, write
from gatekeeper.config.yamlfile import parse
from gatekeeper.errors import UsageError

GATE = {
    "gate": "code-quality",
    "requirements": {"coverage.line": "> 80%", "x": ["< 10", "!= 3"], "y": "between 60% and 80%"},
    "checks": [
        "ruff",
        {"uses": "pytest", "with": {"args": ["-q"]}},
        {"command": ["ruff", "--output-file", "${out}/ruff.json", "--", "${files}"]},
    ],
    "files": ["**/*.py"],
    "date": "2026-03-04",
    "values": [1, 2.5, True, None, "1e3", "0o17", "yes", "null"],
    "idle": r'no "\d+" files',
    "reason": "Two lines\n  with an indent\n",
    "empty": [[], {}, ""],
    "long": ["x" * 40, "y" * 40],
}
GATE_TEXT = """\
# yaml-language-server: $schema=https://gatekeeper.example/schemas/1/gate.json
gate: code-quality
requirements:
  coverage.line: "> 80%"
  x: ["< 10", "!= 3"]
  y: between 60% and 80%
checks:
  - ruff
  - uses: pytest
    with:
      args: [-q]
  - command: [ruff, --output-file, "${out}/ruff.json", --, "${files}"]
files: ["**/*.py"]
date: "2026-03-04"
values: [1, 2.5, true, null, "1e3", "0o17", "yes", "null"]
idle: 'no "\\d+" files'
reason: |
  Two lines
    with an indent
empty:
  - []
  - {}
  - ""
long:
  - xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  - yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
"""

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.text(st.sampled_from("a1:-,[]{}&*!|>'\"%@`#?<= \n\t\r\\~.\x85\u2028\ufeff"), max_size=12),
    st.sampled_from(
        ["---", "...", "---\na", "a\n...\nb", "<<", "0x1F", ".nan", "1e3", "12:30", "~"]
    ),
)
NUMBERS = st.one_of(
    st.integers(-(10**90), 10**90), st.floats(allow_nan=False, allow_infinity=False)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXT),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_what_a_person_would_write() -> None:
    """Keys keep their order, conditions are quoted, short lists stand in one line."""
    assert dump(GATE, "gate") == GATE_TEXT


@settings(deadline=None)
@given(VALUES)
def test_round_trip(value: Any) -> None:
    """What is written reads back as the same value, of the same types."""
    read = parse("f", dump(value, "gate").encode()).value
    assert read == value
    assert dump(read, "gate") == dump(value, "gate")


def test_sources_of_numbers_survive() -> None:
    """A number that was read is written as its author wrote it."""
    text = "version: 3.10\nfixed-by: 0123456\nmask: 0o17\nlarge: 1e3\n"
    assert dump(parse("f", text.encode()).value, "check").partition("\n")[2] == text


@pytest.mark.parametrize("value", [["a\0"], {"\ud800": 1}, float("nan"), float("-inf"), 10**200])
def test_what_cannot_be_read_back_is_not_written(value: Any) -> None:
    """A value without a text that reads back is refused."""
    with pytest.raises(UsageError, match="cannot be written as YAML"):
        dump(value, "gate")


def test_aliases_are_not_written() -> None:
    """A value that stands twice is written twice."""
    shared = {"a": [1]}
    assert parse("f", dump([shared, shared], "gate").encode()).value == [shared, shared]


def test_write(tmp_path: Path) -> None:
    """A file is written with its folders, and nothing else is left behind."""
    path = tmp_path / "gates" / "waivers" / "W-1.yaml"
    write(path, "ä: 1\n", root=tmp_path)
    assert path.read_bytes() == "ä: 1\n".encode()
    assert [child.name for child in path.parent.iterdir()] == ["W-1.yaml"]


def test_existing_files_stay(tmp_path: Path) -> None:
    """An existing file, even a dangling link, is replaced only when that is asked for."""
    path = tmp_path / "a.yaml"
    path.symlink_to("nowhere")
    with pytest.raises(UsageError, match=r"a\.yaml is not written: it exists"):
        write(path, "new", root=tmp_path)
    write(path, "new", root=tmp_path, overwrite=True)
    assert not path.is_symlink()
    assert path.read_text() == "new"


@pytest.mark.parametrize("target", ["..", "/"])
def test_links_that_lead_out(tmp_path: Path, target: str) -> None:
    """A folder that is a link out of the repository is not written into."""
    root = tmp_path / "repository"
    root.mkdir()
    (root / "gates").symlink_to(target)
    with pytest.raises(UsageError, match="leads out of"):
        write(root / "gates" / "deeper" / "a.yaml", "x", root=root)
    assert [child.name for child in tmp_path.iterdir()] == ["repository"]


def test_links_that_stay_inside(tmp_path: Path) -> None:
    """A folder that is a link to another folder of the repository may be written into."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "gates").symlink_to("policy")
    write(tmp_path / "gates" / "a.yaml", "x", root=tmp_path)
    assert (tmp_path / "policy" / "a.yaml").read_text() == "x"


def test_a_file_where_a_folder_belongs(tmp_path: Path) -> None:
    """The reason of the file system is told, and nothing is changed."""
    (tmp_path / "gates").write_text("x")
    with pytest.raises(UsageError, match=r"a\.yaml cannot be written: "):
        write(tmp_path / "gates" / "a.yaml", "x", root=tmp_path)


def test_a_folder_where_the_file_belongs(tmp_path: Path) -> None:
    """A failed replacement leaves no temporary file."""
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(UsageError, match="cannot be written: Is a directory"):
        write(tmp_path / "a.yaml", "x", root=tmp_path, overwrite=True)
    assert [child.name for child in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_full_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without space is an error in words, and the old file stays."""
    path = tmp_path / "a.yaml"
    path.write_text("old")
    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda _, mode: real(Path("/dev/full"), mode.replace("x", "w"))
    )
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        write(path, "new", root=tmp_path, overwrite=True)
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(tmp_path: Path) -> None:
    """A folder without the right to write is an error in words."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="cannot be written: Permission denied"):
            write(tmp_path / "a.yaml", "x", root=tmp_path)
    finally:
        tmp_path.chmod(0o700)
