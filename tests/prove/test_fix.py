"""Fixes found and taken out, in real repositories."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.config.policy import CheckPolicy
from gatekeeper.errors import NotMeasured
from gatekeeper.prove.fix import Removal, find, own_files, take_out
from gatekeeper.prove.undo import document
from gatekeeper.prove.worktree import open_tree

if TYPE_CHECKING:
    from tests.prove.conftest import Repo

Files = Mapping[str, str | bytes | Path | None]
LINES = [f"line {n}\n" for n in range(40)]


def text(**lines: str) -> str:
    """Forty lines, some of them replaced: `l3="x"`."""
    return "".join(f"{lines[f'l{n}']}\n" if f"l{n}" in lines else LINES[n] for n in range(40))


def guard(path: str) -> bool:
    """The guard's own files in these tests."""
    return path.startswith("tests/")


def taken(repo: Repo, fix: Sequence[str]) -> tuple[Removal, dict[str, Any]]:
    """What became of HEAD without the fix: the answer, and the files."""
    with open_tree(repo.found, repo.git("rev-parse", "HEAD")) as tree:
        removal = take_out(tree, find(repo.found, fix), guard)
        files: dict[str, Any] = {}
        for place, _, names in os.walk(tree.path):
            for name in names:
                path = Path(place, name)
                content = Path(os.readlink(path)) if path.is_symlink() else path.read_bytes()
                files[str(path.relative_to(tree.path))] = content
        del files[".git"]
        return removal, files


def plain(files: Files) -> dict[str, Any]:
    """The files that there should be, as bytes."""
    return {
        name: content.encode() if isinstance(content, str) else content
        for name, content in files.items()
        if content is not None
    }


CASES: Mapping[str, tuple[Files, Files, Files, Files, Removal]] = {
    # name: (before, what the fix changes, what changes after, what comes back, the answer)
    "exact": (
        {"a.py": "bug\n"},
        {"a.py": "fixed\n", "tests/test_a.py": "test\n"},
        {"b.py": "later\n"},
        {"a.py": "bug\n"},
        Removal(("a.py",)),
    ),
    "merged": (
        {"a.py": text()},
        {"a.py": text(l3="fixed")},
        {"a.py": text(l3="fixed", l30="later")},
        {"a.py": text(l30="later")},
        Removal(("a.py",)),
    ),
    "added": (
        {"a.py": "bug\n"},
        {"a.py": "import b\n", "pkg/b.py": "fixed\n"},
        {},
        {"a.py": "bug\n", "pkg/b.py": None},
        Removal(("a.py",), ("pkg/b.py",)),
    ),
    "deleted": (
        {"a.py": "bug\n", "old.py": "old\n"},
        {"old.py": None},
        {},
        {"old.py": "old\n"},
        Removal(("old.py",)),
    ),
    "renamed by the fix": (
        {"a.py": text()},
        {"a.py": None, "b.py": text(l3="fixed")},
        {"b.py": text(l3="fixed", l30="later")},
        {"a.py": text(l30="later"), "b.py": None},
        Removal(("a.py",), ("b.py",)),
    ),
    "renamed since": (
        {"a.py": text()},
        {"a.py": text(l3="fixed")},
        {"a.py": None, "pkg/b.py": text(l3="fixed", l30="later")},
        {"pkg/b.py": text(l30="later")},
        Removal(("pkg/b.py",)),
    ),
    "added and renamed since": (
        {"a.py": "a\n"},
        {"new.py": text()},
        {"new.py": None, "newer.py": text()},
        {"newer.py": None},
        Removal((), ("newer.py",)),
    ),
    "binary": (
        {"a.bin": b"\0bug"},
        {"a.bin": b"\0fixed"},
        {},
        {"a.bin": b"\0bug"},
        Removal(("a.bin",)),
    ),
    "symbolic link": (
        {"a": Path("bug"), "b": "b\n"},
        {"a": Path("fixed"), "b": Path("a")},
        {},
        {"a": Path("bug"), "b": "b\n"},
        Removal(("a", "b")),
    ),
    "a file for a folder": (
        {"a": "a\n"},
        {"a": None, "a/b": "b\n"},
        {},
        {"a": "a\n", "a/b": None},
        Removal(("a",), ("a/b",)),
    ),
    "moved to the guard": (
        {"src/help.py": text()},
        {"src/help.py": None, "tests/help.py": text()},
        {},
        {"src/help.py": text()},
        Removal(("src/help.py",)),
    ),
    "a changelog that grew": (
        {"a.py": "bug\n", "CHANGELOG.md": "old\n"},
        {"a.py": "fixed\n", "CHANGELOG.md": "fixed\nold\n"},
        {"CHANGELOG.md": "newer\nfixed it\nold\n"},
        {"a.py": "bug\n"},
        Removal(("a.py",), left=("CHANGELOG.md",)),
    ),
    "taken out by somebody": (
        {"a.py": "bug\n"},
        {"a.py": "fixed\n"},
        {"a.py": "bug\n"},
        {},
        Removal(reason="nothing of the fix is left to take out"),
    ),
    "only the guard": (
        {"a.py": "a\n"},
        {"tests/test_a.py": "test\n"},
        {},
        {},
        Removal(reason="the fix changes only the guard's own files: tests/test_a.py"),
    ),
    "conflict": (
        {"a.py": "bug\n", "b.py": "bug\n"},
        {"a.py": "fixed\n", "b.py": "fixed\n"},
        {"a.py": "better\n"},
        {},
        Removal(
            conflicts=("a.py",),
            reason="it cannot be taken out: a.py has changed since in the same place, "
            "or is no text",
        ),
    ),
    "binary that changed since": (
        {"a.bin": b"\0bug"},
        {"a.bin": b"\0fixed"},
        {"a.bin": b"\0later"},
        {},
        Removal(
            conflicts=("a.bin",),
            reason="it cannot be taken out: a.bin has changed since in the same place, "
            "or is no text",
        ),
    ),
    "gone since": (
        {"a.py": "bug\n"},
        {"a.py": "fixed\n"},
        {"a.py": None, "b.py": "other\n"},
        {},
        Removal(conflicts=("a.py",), reason="it cannot be taken out: a.py is gone since"),
    ),
    "added and changed since": (
        {"a.py": "a\n"},
        {"b.py": "b\n"},
        {"b.py": "c\n"},
        {},
        Removal(
            conflicts=("b.py",),
            reason="it cannot be taken out: b.py was added by the fix and has changed since",
        ),
    ),
    "deleted and new since": (
        {"a.py": "old\n", "b.py": "b\n"},
        {"a.py": None},
        {"a.py": "new\n"},
        {},
        Removal(
            conflicts=("a.py",),
            reason="it cannot be taken out: a.py has something else in its place since",
        ),
    ),
    "deleted and a folder since": (
        {"a": "old\n", "b.py": "b\n"},
        {"a": None},
        {"a/new.py": "new\n"},
        {},
        Removal(
            conflicts=("a",),
            reason="it cannot be taken out: a has something else in its place since",
        ),
    ),
    "names of all kinds": (
        {"a b.py": "bug\n", "-n.py": "bug\n", ":(top)é\n.py": "bug\n", "[x]*.py": "bug\n"},
        {"a b.py": "ok\n", "-n.py": "ok\n", ":(top)é\n.py": "ok\n", "[x]*.py": "ok\n"},
        {},
        {"a b.py": "bug\n", "-n.py": "bug\n", ":(top)é\n.py": "bug\n", "[x]*.py": "bug\n"},
        Removal(("-n.py", ":(top)é\n.py", "[x]*.py", "a b.py")),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_take_out(repo: Repo, name: str) -> None:
    """HEAD without the fix, file by file, or the reason why there is none."""
    before, change, later, back, wanted = CASES[name]
    repo.commit(before)
    fix = repo.commit(change)
    if later:
        repo.commit(later)
    removal, files = taken(repo, [fix])
    assert removal == wanted
    assert files == plain({**before, **change, **later, **back})


def test_mode_only(repo: Repo) -> None:
    """A fix that only lets a file be executed is taken out, also where the file changed since."""
    repo.commit({"run.sh": "echo\n"})
    (repo.path / "run.sh").chmod(0o755)
    fix = repo.commit({})
    with open_tree(repo.found, fix) as tree:
        assert take_out(tree, find(repo.found, [fix]), guard) == Removal(("run.sh",))
        assert not os.access(tree.path / "run.sh", os.X_OK)
    (repo.path / "run.sh").write_text("echo more\n")
    head = repo.commit({})
    with open_tree(repo.found, head) as tree:
        assert take_out(tree, find(repo.found, [fix]), guard) == Removal(("run.sh",))
        assert (tree.path / "run.sh").read_text() == "echo more\n"


def test_submodule_pointer(repo: Repo, tmp_path: Path) -> None:
    """A fix of a submodule is not in a work tree: it says so."""
    (tmp_path / "library").mkdir()
    library = type(repo)(tmp_path / "library")
    library.git("init", "--quiet")
    library.commit({"lib.py": "x = 1\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path))
    repo.commit({"a.py": "bug\n"})
    type(repo)(repo.path / "library").commit({"lib.py": "x = 2\n"})
    repo.git("config", "-f", ".gitmodules", "submodule.library.ignore", "all")
    repo.git("config", "submodule.library.ignore", "none")
    fix = repo.commit({})
    removal, _ = taken(repo, [fix])
    assert removal.left == ("library",)
    assert removal.changed == (".gitmodules",)
    type(repo)(repo.path / "library").commit({"lib.py": "x = 3\n"})
    only = repo.commit({})
    removal, _ = taken(repo, [only])
    assert removal.reason == (
        "nothing of the fix is left to take out; what stays as it is: library"
    )


def test_several_commits(repo: Repo) -> None:
    """Commits are taken out newest first, in whichever order they are named."""
    repo.commit({"a.py": "bug\n"})
    first = repo.commit({"a.py": "half\n", "b.py": "b\n"})
    repo.commit({"other.py": "x\n"})
    second = repo.commit({"a.py": "fixed\n", "b.py": "c\n"})
    for names in ([first, second], [second, first], [second, first, second[:10]]):
        fix = find(repo.found, names)
        assert fix.commits == (second, first)
        assert fix.latest == second
        assert fix.added == ("b.py",)
        removal, files = taken(repo, names)
        assert removal == Removal(("a.py",), ("b.py",))
        assert files == {"a.py": b"bug\n", "other.py": b"x\n"}


@pytest.mark.parametrize("also", [False, True], ids=["merge", "merge and its commits"])
def test_merge(repo: Repo, also: bool) -> None:
    """A merge is the whole change of its branch, however often its commits are named too."""
    repo.commit({"a.py": text()})
    repo.git("checkout", "--quiet", "-b", "fix")
    parts = [repo.commit({"a.py": text(l3="half")}), repo.commit({"a.py": text(l3="fixed")})]
    repo.git("checkout", "--quiet", "main")
    repo.commit({"a.py": text(l30="main")})
    repo.git("merge", "--quiet", "--no-edit", "fix")
    merge = repo.git("rev-parse", "HEAD")
    removal, files = taken(repo, [merge, *parts] if also else [merge])
    assert removal == Removal(("a.py",))
    assert files == plain({"a.py": text(l30="main")})


def test_root_commit(repo: Repo) -> None:
    """The first commit has added everything."""
    root = repo.commit({"a.py": "a\n"})
    repo.commit({"b.py": "b\n"})
    fix = find(repo.found, [root])
    assert fix.added == fix.files == ("a.py",)
    removal, files = taken(repo, [root])
    assert removal == Removal((), ("a.py",))
    assert files == {"b.py": b"b\n"}


def test_built_files_stay(repo: Repo) -> None:
    """What was built or changed beside the fix stays; a link in the way is not followed."""
    repo.commit({"pkg/a.py": "bug\n", "guard.py": "1\n"})
    repo.commit({"pkg/a.py": "fixed\n", "pkg/b.py": "b\n"})
    outside = repo.path / "outside"
    outside.mkdir()
    (outside / "b.py").touch()
    with open_tree(repo.found, repo.git("rev-parse", "HEAD")) as tree:
        (tree.path / "built").touch()
        (tree.path / "pkg").rename(tree.path / "moved")
        (tree.path / "pkg").symlink_to(outside)
        take_out(tree, find(repo.found, ["HEAD"]), guard)
        assert (tree.path / "built").exists()
        assert (tree.path / "pkg/a.py").read_text() == "bug\n"
        assert not (tree.path / "pkg/b.py").exists()
    assert os.listdir(outside) == ["b.py"]


def test_conflict_changes_nothing(repo: Repo) -> None:
    """Where a part of the fix cannot be taken out, none is."""
    repo.commit({"a.py": "bug\n", "b.py": "bug\n"})
    fix = repo.commit({"a.py": "fixed\n", "b.py": "fixed\n"})
    repo.commit({"a.py": "better\n"})
    with open_tree(repo.found, repo.git("rev-parse", "HEAD")) as tree:
        assert take_out(tree, find(repo.found, [fix]), guard).conflicts == ("a.py",)
        assert (tree.path / "b.py").read_text() == "fixed\n"
        tree.move(fix)
        assert not take_out(tree, find(repo.found, [fix]), guard).reason
        assert (tree.path / "a.py").read_text() == "bug\n"


HOSTILE = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.external": "false",
    "diff.algorithm": "histogram",
    "diff.renames": "false",
    "diff.renameLimit": "1",
    "diff.submodule": "log",
    "diff.context": "0",
    "diff.orderFile": "/dev/null",
    "diff.relative": "true",
    "diff.ignoreSubmodules": "all",
    "color.ui": "always",
    "color.diff": "always",
    "core.abbrev": "4",
    "core.quotePath": "true",
    "core.pager": "false",
    "apply.whitespace": "error",
    "apply.ignoreWhitespace": "change",
    "merge.conflictStyle": "diff3",
    "merge.renames": "false",
    "commit.gpgSign": "true",
    "log.showSignature": "true",
    "status.showUntrackedFiles": "no",
    "checkout.defaultRemote": "origin",
    "submodule.recurse": "true",
}


def test_configuration(repo: Repo) -> None:
    """No setting of the user changes the fix, its digest, or what is taken out."""
    repo.commit({"a é.py": text(), ".gitattributes": "*.py diff=words\n"})
    fix = repo.commit({"a é.py": None, "b.py": text(l3="fixed  ")})
    repo.commit({"b.py": text(l3="fixed  ", l30="later\t")})
    wanted, removed = find(repo.found, [fix]), taken(repo, [fix])
    assert not removed[0].reason
    for key, value in {**HOSTILE, "diff.words.textconv": "false"}.items():
        repo.git("config", key, value)
    (repo.path / "sub").mkdir()
    found = type(repo)(repo.path / "sub").found
    assert find(found, [fix]) == wanted
    assert taken(repo, [fix]) == removed


def test_digest(repo: Repo) -> None:
    """The digest is that of the change: another change has another."""
    repo.commit({"a.py": "bug\n"})
    names = [repo.commit({"a.py": f"{n}\n"}) for n in range(3)]
    digests = {find(repo.found, [name]).digest for name in names}
    assert len(digests) == 3
    assert all(digest.startswith("sha256:") and len(digest) == 71 for digest in digests)


def test_autocrlf(repo: Repo) -> None:
    """Line ends that git converts neither hide a change nor make one."""
    repo.commit({"a.py": text(), "b.py": "1\r\n"})
    fix = repo.commit({"a.py": text(l3="fixed")})
    repo.git("config", "core.autocrlf", "true")
    removal, files = taken(repo, [fix])
    assert removal == Removal(("a.py",))
    assert files["a.py"] == text().replace("\n", "\r\n").encode()


def test_invisible(repo: Repo) -> None:
    """A fix that makes no difference in a work tree says so."""
    repo.commit({"a.py": "1\r\n"})
    fix = repo.commit({"a.py": "1\n"})
    repo.git("config", "core.autocrlf", "true")
    removal, _ = taken(repo, [fix])
    assert removal.reason == "what the fix changed makes no difference in a work tree: a.py"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("--help", "is no commit"),
        ("-1", "is no commit"),
        ("", "is no commit"),
        ("HEAD\nHEAD", "is no commit"),
        ("HEAD^{tree}", "is no commit of this repository"),
        ("HEAD:a.py", "is no commit of this repository"),
        ("0123456", "is no commit of this repository"),
        ("side", "is not part of HEAD"),
        ("empty", "changes no file"),
    ],
)
def test_refused(repo: Repo, reference: str, reason: str) -> None:
    """What is no commit, is not part of HEAD, or changes nothing cannot be a fix."""
    repo.commit({"a.py": "1\n"})
    repo.commit({})
    repo.git("tag", "empty")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"b.py": "1\n"})
    repo.git("checkout", "--quiet", "main")
    with pytest.raises(NotMeasured, match=reason) as caught:
        find(repo.found, [reference])
    assert caught.value.remedy


@pytest.mark.parametrize("count", [0, 101])
def test_how_many(repo: Repo, count: int) -> None:
    """A fix has at least one commit, and not any number."""
    head = repo.commit({"a.py": "1\n"})
    with pytest.raises(NotMeasured, match="`fixed-by:` names"):
        find(repo.found, [head] * count)


def test_shallow(repo: Repo, tmp_path: Path) -> None:
    """Where the history was cut off, neither the commit nor what it changed is guessed."""
    repo.commit({"a.py": "1\n"})
    fix = repo.commit({"a.py": "2\n"})
    head = repo.commit({"a.py": "3\n"})
    clone = type(repo)(tmp_path / "clone")
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(clone.path))
    with pytest.raises(NotMeasured, match="which is a shallow clone; fetch the whole history"):
        find(clone.found, [fix])
    with pytest.raises(NotMeasured, match="its parent was not fetched; fetch the whole history"):
        find(clone.found, [head])


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("README.md", True),
        ("docs/conf.py", True),
        ("a/docs/x.svg", True),
        ("notes.txt", True),
        ("CHANGES", True),
        ("changelog.d/1.fixed", True),
        ("requirements-dev.txt", False),
        ("CMakeLists.txt", False),
        ("src/history.py", False),
        ("src/a.py", False),
    ],
)
def test_document(path: str, told: bool) -> None:
    """Documentation and changelogs are told from what tools read."""
    assert document(path) is told


FILES = (
    "checks/guard.yaml",
    "conftest.py",
    "src/a.py",
    "tests/conftest.py",
    "tests/orders/conftest.py",
    "tests/orders/data/x.json",
    "tests/orders/test_a.py",
    "tests/other/conftest.py",
    "tests/other/test_b.py",
    "test_top.py",
)
NESTED = {
    "checks/guard.yaml",
    "conftest.py",
    "tests/conftest.py",
    "tests/orders/conftest.py",
    "tests/orders/data/x.json",
    "tests/orders/test_a.py",
}


@pytest.mark.parametrize(
    ("given", "keep", "wanted"),
    [
        ({}, [], {"checks/guard.yaml"}),
        ({"tests": ["tests/orders/test_a.py::test_x[a/b]"], "args": ["-q"]}, [], NESTED),
        ({"tests": ["./tests/orders"]}, [], NESTED),
        ({"args": ["--rootdir=tests/orders"]}, [], NESTED),
        ({"deep": {"tests": ["tests/orders/"]}, "n": 3, "on": True}, [], NESTED),
        ({"tests": ["test_top.py"]}, [], {"checks/guard.yaml", "test_top.py", "conftest.py"}),
        ({"tests": [".", "../..", "gone/test_a.py"]}, [], {"checks/guard.yaml"}),
        ({}, ["src/**", "!**/b.py"], {"checks/guard.yaml", "src/a.py"}),
    ],
)
def test_own_files(given: Mapping[str, Any], keep: Sequence[str], wanted: set[str]) -> None:
    """The guard's own files follow from what its check names."""
    check = CheckPolicy("guard", "t", "g", "command", "d", given=given)
    own = own_files(check, keep, FILES, "checks/guard.yaml")
    assert {path for path in FILES if own(path)} == wanted


def test_own_files_of_a_service() -> None:
    """In a judged folder within the repository, words are relative to it and its top is none."""
    check = CheckPolicy("guard", "t", "g", "command", "d", given={"tests": ["test_a.py", "unit"]})
    tests = ("api/test_a.py", "api/unit/b.py", "unit/c.py")
    files = (*tests, "api/src/a.py", "api/x/k", "conftest.py")
    own = own_files(check, ["x/*"], files, "checks/guard.yaml", "api/")
    assert [path for path in files if own(path)] == [
        "api/test_a.py",
        "api/unit/b.py",
        "api/x/k",
        "conftest.py",
    ]
