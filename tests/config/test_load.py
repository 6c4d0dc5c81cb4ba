"""Which files are read, and that none in these folders goes unread."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from gatekeeper.config import load, schema
from gatekeeper.errors import ConfigurationError, Problem

Mistakes = Callable[[Mapping[str, str | Path]], Sequence[Problem]]

GATE = "gate: g\nchecks:\n  - {check: c, command: ['true']}\n"
UNREAD = "nobody reads this file: only "


def write(root: Path, files: Mapping[str, str | Path]) -> None:
    """Write files; a Path as content makes a symbolic link."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            path.symlink_to(content)
        else:
            path.write_text(content, "utf-8")


def test_every_kind_of_file(tmp_path: Path) -> None:
    """Each folder holds its kind of record, in the order of the names."""
    date = "by: b\ndate: 2026-11-20\nexpires: 2026-11-21\n"
    write(
        tmp_path,
        {
            "gates/b.yaml": GATE,
            "gates/a.yaml": GATE,
            "gates/README.md": "",
            "gates/signoffs/s.yaml": f"signoff: s\n{date}",
            "gates/signoffs/.gitkeep": "",
            "gates/waivers/w.yaml": "waiver: w\ncheck: c\nreason: r\nowner: o\n"
            "created: 2026-11-20\nexpires: 2026-11-21\n",
            "gates/baseline.yaml": "findings: {}\n",
            "checks/c.yaml": "check: d\ngate: g\ncommand: [a]\n",
            "checks/tools/t.yaml": "tool: t\ncommand: [t]\n",
            "checks/proofs/p.json": "{}",
            "learning/README.md": "",
            "learning/incidents/i.yaml": "incident: INC-1\ntitle: t\ndetected: 2026-11-20\n",
            "learning/postmortems/PM-1.md": "",
            "learning/postmortems/2026/PM-2.markdown": "",
            "learning/improvements/i.yaml": "",
            "learning/lessons/l.md": "",
            "learning/talks/2026-03.pdf": "the owner's own",
            "elsewhere/x.yml": "",
        },
    )
    documents = load.load(tmp_path)
    assert documents.problems == ()
    assert [gate.document.file for gate in documents.gates] == ["gates/a.yaml", "gates/b.yaml"]
    assert [len(part) for part in (documents.signoffs, documents.waivers)] == [1, 1]
    assert [len(part) for part in (documents.checks, documents.tools)] == [1, 1]
    assert documents.baseline is not None
    assert [one.spec.incident for one in documents.incidents] == ["INC-1"]


def test_nothing(tmp_path: Path) -> None:
    """An empty folder has no documents, and no mistakes yet."""
    assert load.load(tmp_path) == load.Documents(tmp_path, schema.SettingsSpec())


def test_settings_move_the_folders(tmp_path: Path) -> None:
    """The folders stand where the settings say."""
    write(
        tmp_path,
        {
            "gatekeeper.toml": "gates = 'ci/gates'\n",
            "ci/gates/a.yaml": GATE,
            "gates/not-ours.txt": "",
        },
    )
    documents = load.load(tmp_path)
    assert [gate.document.file for gate in documents.gates] == ["ci/gates/a.yaml"]
    assert documents.problems == ()


OUT = Path("/etc/passwd")
STRANGERS: Mapping[str, tuple[str, str | Path, str]] = {
    "another ending": ("gates/security.yml", GATE, f"{UNREAD}gates/*.yaml"),
    "an ending in capitals": ("gates/security.YAML", GATE, UNREAD),
    "no ending": ("gates/security", GATE, UNREAD),
    "a copy of an editor": ("gates/security.yaml~", GATE, UNREAD),
    "JSON": ("gates/security.json", "{}", UNREAD),
    "a folder too deep": ("gates/more/security.yaml", GATE, UNREAD),
    "a folder too deep in checks": ("checks/more/a.yaml", GATE, f"{UNREAD}checks/*.yaml"),
    "a sign-off too deep": ("gates/signoffs/2026/a.yaml", "", UNREAD),
    "a tool of another ending": ("checks/tools/a.yml", "", f"{UNREAD}checks/tools/*.yaml"),
    "a baseline of another ending": ("gates/baseline.yml", "", UNREAD),
    "a proof of another ending": ("checks/proofs/a.yaml", "", f"{UNREAD}checks/proofs/*.json"),
    "a folder in place of a file": ("gates/a.yaml/b", "", UNREAD),
    "an incident of another ending": ("learning/incidents/a.yml", "", "learning/incidents/*.yaml"),
    "an incident too deep": ("learning/incidents/2026/a.yaml", "", UNREAD),
    "a report of another ending": (
        "learning/postmortems/PM-1.txt",
        "",
        f"{UNREAD}learning/postmortems/*.md",
    ),
    "a report too deep of another ending": ("learning/postmortems/a/b/c.txt", "", UNREAD),
    "a report behind a link": ("learning/postmortems/again", Path("../talks"), UNREAD),
    "a lesson of another ending": ("learning/lessons/a.yaml", "", f"{UNREAD}learning/lessons/*.md"),
    "a lesson too deep": ("learning/lessons/a/b.md", "", UNREAD),
    "an improvement of another ending": ("learning/improvements/a.md", "", UNREAD),
    "a file beside the folders of learning": ("learning/PM-1.md", "", "nobody reads this file"),
    "a misspelt folder": ("learning/post-mortems/PM-1.md", "", "nobody reads this folder"),
    "a misspelt folder of incidents": ("learning/Incident/a.yaml", "", "nobody reads this folder"),
    "a report that leads out": ("learning/postmortems/a.md", OUT, "leads out of the repository"),
    "reports in a circle": ("learning/postmortems/a", Path("."), UNREAD),
    "a link that leads out": ("gates/a.yaml", OUT, "leads out of the repository"),
    "a baseline that leads out": ("gates/baseline.yaml", OUT, "leads out of the repository"),
    "a baseline that leads nowhere": ("gates/baseline.yaml", Path("nowhere"), "cannot be read"),
    "a folder that leads out": ("gates/more", Path("/etc"), "leads out of the repository"),
    "a link that leads nowhere": ("gates/a.yaml", Path("nowhere"), "cannot be read"),
    "a link that leads to itself": ("gates/a.yaml", Path("a.yaml"), "cannot be read"),
    "a folder in place of the baseline": ("gates/baseline.yaml/a.yaml", "", "cannot be read"),
    "a file in place of a folder": ("checks/tools", "", "cannot be read"),
    "an empty file": ("gates/a.yaml", "", "expected a mapping that starts with `gate:`"),
    "a list": ("gates/a.yaml", "- gate: g\n", "expected a mapping that starts with `gate:`"),
    "no text": ("gates/a.yaml", "\udc00".encode("utf-16", "surrogatepass").decode("latin-1"), ""),
}


@pytest.mark.parametrize(("name", "content", "message"), STRANGERS.values(), ids=STRANGERS.keys())
def test_nothing_goes_unread(
    mistakes: Mistakes, name: str, content: str | Path, message: str
) -> None:
    """What these folders hold is read, or a mistake that names the file."""
    others = {"gates/good.yaml": GATE, "learning/talks/a.pdf": "the owner's own"}
    found = mistakes({**others, name: content})
    assert len(found) == 1
    assert found[0].file.startswith(name) or found[0].file == name.rpartition("/")[0]
    assert message in found[0].message


@pytest.mark.parametrize("top", ["learning/postmortems", "gates", "learning/lessons"])
def test_deep_folders_are_walked(tmp_path: Path, top: str) -> None:
    """Folders may be nested deeper than Python's calls."""
    deep = tmp_path / top / "/".join(["a"] * 300)
    deep.mkdir(parents=True)
    (deep / "PM-1.txt").write_text("")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        (found,) = load.load(tmp_path).problems
    finally:
        sys.setrecursionlimit(limit)
    assert found.file.endswith("/a/PM-1.txt")


def test_a_link_within_the_repository_is_read(tmp_path: Path) -> None:
    """A gate may be a link to a file of the same repository."""
    write(tmp_path, {"shared/g.yaml": GATE, "gates/g.yaml": Path("../shared/g.yaml")})
    assert [gate.spec.gate for gate in load.load(tmp_path).gates] == ["g"]


def test_names_are_shown_in_one_line(mistakes: Mistakes) -> None:
    """A file's name cannot forge lines of the message."""
    found = mistakes({"gates/good.yaml": GATE, "gates/a\nb: forged.txt": ""})
    assert len(found) == 1


def test_parts_that_are_wrong_do_not_hide_the_others(mistakes: Mistakes) -> None:
    """Mistakes of shape, of names and of conditions in several files come together."""
    found = mistakes(
        {
            "gates/a.yaml": "gate: a\nstage: \nrequirements: {lint.eror: 0}\nchecks: [ruf]\n",
            "checks/b.yaml": "check: B\ngate: a\ncommand: a\n",
        }
    )
    assert [(p.file, p.line) for p in found] == [
        ("checks/b.yaml", 1),
        ("checks/b.yaml", 3),
        ("gates/a.yaml", 2),
        ("gates/a.yaml", 3),
        ("gates/a.yaml", 4),
    ]


def test_read_one_record() -> None:
    """One record is read, or all that is wrong with it is raised."""
    assert load.read(schema.ToolSpec, "t.yaml", b"tool: t\n").spec.tool == "t"
    with pytest.raises(ConfigurationError) as caught:
        load.read(schema.ToolSpec, "t.yaml", b"tool: T\ncolour: red\n")
    assert len(caught.value.problems) == 2


def test_catalogue() -> None:
    """The catalogue's entries are found by name, and nothing else is."""
    assert "ruff" in load.tool_names()
    assert all(load.tool(name) for name in load.tool_names())
    assert [load.tool(name) for name in ("nothing", "../catalogue/ruff", "")] == [None] * 3


def test_documents_are_plain() -> None:
    """The names of file kinds are those that `gatekeeper schema` takes."""
    assert json.dumps(sorted(schema.KINDS)) == json.dumps(
        ["baseline", "check", "gate", "incident", "settings", "signoff", "tool", "waiver"]
    )
