"""git, asked about real repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gatekeeper.adapters import git
from gatekeeper.errors import NotMeasured, UsageError

Git = Callable[..., str]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two commits, one file in each."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\nname = A\nemail = a@example.org\n")
    monkeypatch.setenv("HOME", str(home))
    folder = tmp_path / "repo"
    folder.mkdir()
    call(folder, "init", "--quiet", "--initial-branch=main")
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("1\n")
        commit(folder)
    return folder


def call(folder: Path, *words: str) -> str:
    """Call git."""
    env = git.environment()
    done = subprocess.run(
        ["git", *words], cwd=folder, env=env, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> None:
    """Commit all that is there."""
    call(folder, "add", "--all")
    call(folder, "commit", "--quiet", "--allow-empty", "--message=x")


def found(folder: Path) -> git.Repository:
    """The repository, which exists."""
    repository = git.find(folder)
    assert repository is not None
    return repository


def test_environment() -> None:
    """What redirects git is dropped; the caller's own configuration by environment stays."""
    env: Mapping[str, str] = {
        "PATH": "/bin",
        "GIT_DIR": "x",
        "GIT_INDEX_FILE": "x",
        "GIT_CONFIG_GLOBAL": "/c",
    }
    kept = git.environment(env)
    assert {"PATH", "GIT_CONFIG_GLOBAL"} <= set(kept)
    assert not {"GIT_DIR", "GIT_INDEX_FILE"} & set(kept)
    assert kept["LC_ALL"] == "C"


def test_find(repo: Path) -> None:
    """The top, commit and tree are found from any folder inside; outside there is none."""
    (repo / "sub/deep").mkdir(parents=True)
    repository = found(repo / "sub/deep")
    assert repository.top == repo
    assert repository.commit == call(repo, "rev-parse", "HEAD")
    assert repository.tree == call(repo, "rev-parse", "HEAD^{tree}")
    assert repository.index is not None
    assert repository.index.resolve() == repo / ".git/index"
    assert git.find(repo.parent) is None


@pytest.mark.parametrize("entry", ["{repo}/bin", "bin", "", "{repo}/linked"])
def test_no_program_of_the_repository_stands_in_for_git(
    repo: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """Wherever PATH leads; `node_modules/.bin` stands first in it on many machines."""
    for folder in ("bin", "."):
        trap = repo / folder / "git"
        trap.parent.mkdir(exist_ok=True)
        trap.write_text(f"#!/bin/sh\ntouch '{repo}/trapped'\n")
        trap.chmod(0o755)
    (repo / "linked").symlink_to(repo / "bin")
    monkeypatch.chdir(repo)
    path = entry.format(repo=repo)
    alone = [] if os.path.isabs(path) else [path]
    for value in (os.pathsep.join([path, os.environ["PATH"]]), *alone):
        monkeypatch.setenv("PATH", value)
        found = git.find(repo / "bin")
        assert found
        assert found.top == Path(os.path.realpath(repo))
    assert not (repo / "trapped").exists()


def test_find_before_the_first_commit(tmp_path: Path) -> None:
    """There is neither commit nor tree; changes are seen all the same."""
    call(tmp_path, "init", "--quiet")
    (tmp_path / "a").write_text("1")
    call(tmp_path, "add", "a")
    repository = found(tmp_path)
    assert (repository.commit, repository.tree) == (None, None)
    before = git.snapshot(repository)
    (tmp_path / "a").write_text("2")
    assert git.altered(repository, before) == ("a",)


def test_worktree(repo: Path) -> None:
    """A worktree has a top and an index of its own."""
    tree = repo.parent / "tree"
    call(repo, "worktree", "add", "--quiet", str(tree))
    repository = found(tree)
    assert (repository.top, repository.commit) == (tree, found(repo).commit)
    assert git.snapshot(repository).index != git.snapshot(found(repo)).index != ()


@pytest.mark.parametrize("inside", [".git", ".git/objects"])
def test_without_a_work_tree(repo: Path, inside: str) -> None:
    """Inside the repository's own folder there are no files to judge."""
    with pytest.raises(UsageError, match="without a work tree; use a checkout of it"):
        git.find(repo / inside)


def test_broken_repository(repo: Path) -> None:
    """What git cannot read is said."""
    (repo / ".git/config").write_text("[core\n")
    with pytest.raises(UsageError, match=r"git cannot read the repository at .*bad config"):
        git.find(repo)


def test_snapshot(repo: Path) -> None:
    """Tracked files have their modes; ignored ones are left out, deleted ones are not there."""
    (repo / ".gitignore").write_text("*.log\n")
    (repo / "run.sh").write_text("")
    (repo / "run.sh").chmod(0o755)
    (repo / "link").symlink_to("a.txt")
    commit(repo)
    (repo / "new ünï.txt").write_text("")
    Path(os.fsdecode(os.fsencode(repo) + b"/\xff")).write_text("")
    (repo / "x.log").write_text("")
    (repo / "b.txt").write_text("2\n")
    (repo / "a.txt").unlink()
    seen = git.snapshot(found(repo))
    modes = {"run.sh": "100755", "link": "120000", "b.txt": "100644"}
    assert {path: seen.tracked[path] for path in modes} == modes
    assert set(seen.untracked) == {"new ünï.txt", "\udcff"}
    assert set(seen.changed) == {"a.txt", "b.txt"}
    assert seen.files == (".gitignore", "b.txt", "link", "new ünï.txt", "run.sh", "\udcff")


@pytest.mark.parametrize(("flag", "tag"), [("--assume-unchanged", "h"), ("--skip-worktree", "S")])
def test_hidden_changes(repo: Path, flag: str, tag: str) -> None:
    """A file that git was told not to look at is compared by content like any other."""
    call(repo, "update-index", flag, "a.txt")
    assert call(repo, "ls-files", "-v", "a.txt").startswith(tag)
    repository = found(repo)
    before = git.snapshot(repository)
    assert set(before.hidden) == {"a.txt"}
    assert git.altered(repository, before) == ()
    (repo / "a.txt").write_text("2\n")
    assert git.altered(repository, before) == ("a.txt",)
    call(repo, "update-index", flag, "b.txt")
    assert git.altered(repository, before) == ("a.txt", "b.txt")


def test_altered(repo: Path) -> None:
    """Content decides: what was changed before and stays is no news, what goes back is."""
    (repo / "a.txt").write_text("dirty\n")
    (repo / "b.txt").unlink()
    repository = found(repo)
    before = git.snapshot(repository)
    os.utime(repo / "a.txt", ns=(1, 1))
    assert git.altered(repository, before) == ()
    (repo / "b.txt").symlink_to("a.txt")
    (repo / "a.txt").write_text("1\n")
    assert git.altered(repository, before) == ("a.txt", "b.txt")
    commit(repo)
    assert git.altered(repository, before) == (".git/HEAD",)


def test_unreadable_and_strange_files(repo: Path) -> None:
    """A folder or a pipe in place of a file is a change."""
    repository = found(repo)
    before = git.snapshot(repository)
    for name in ("a.txt", "b.txt"):
        (repo / name).unlink()
    (repo / "a.txt").mkdir()
    os.mkfifo(repo / "b.txt")
    assert git.altered(repository, before) == ("a.txt", "b.txt")


def test_changed_since(repo: Path) -> None:
    """Commits, the work tree and untracked files since the merge base; apart, what is gone."""
    base = call(repo, "rev-parse", "HEAD")
    call(repo, "checkout", "--quiet", "-b", "topic")
    (repo / "c.txt").write_text("1\n")
    (repo / "gone.txt").write_text("1\n")
    commit(repo)
    call(repo, "checkout", "--quiet", "main")
    (repo / "on-main.txt").write_text("1\n")
    commit(repo)
    call(repo, "checkout", "--quiet", "topic")
    (repo / "gone.txt").unlink()
    (repo / "b.txt").rename(repo / "moved.txt")
    (repo / "a.txt").write_text("2\n")
    changed = git.changed_since(found(repo), git.snapshot(found(repo)), "main")
    assert changed == git.Changed(base, ("a.txt", "c.txt", "moved.txt"), ("b.txt",))


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("--output=x", "is no commit, branch or tag"),
        ("nowhere", "cannot compare HEAD with `nowhere`; fetch it with its history"),
        ("lonely", "they have no common commit"),
    ],
)
def test_changed_since_what_is_not_there(repo: Path, reference: str, message: str) -> None:
    """What cannot be compared is said, with how to fetch it."""
    call(repo, "checkout", "--quiet", "--orphan", "lonely")
    commit(repo)
    call(repo, "checkout", "--quiet", "main")
    with pytest.raises(UsageError, match=message):
        git.changed_since(found(repo), git.Snapshot(), reference)


def test_git_fails_later(repo: Path) -> None:
    """A repository that breaks while we look is no measurement."""
    repository = found(repo)
    (repo / ".git/index").write_text("x")
    with pytest.raises(NotMeasured, match=r"git ls-files failed in .*; repair the repository"):
        git.snapshot(repository)


def test_filters_of_the_repository_are_switched_off(repo: Path) -> None:
    """Only what the repository's own configuration names; the caller's filters stay."""
    home = repo.parent / "home/.gitconfig"
    home.write_text(f'{home.read_text()}[filter "lfs"]\nclean = cat\n')
    assert found(repo).filters == ()
    with (repo / ".git/config").open("a") as file:
        file.write('[filter "e=v.il"]\nclean = touch marker\nrequired = true\n')
    words = [f"filter.e=v.il.{key}=" for key in ("clean", "smudge", "process", "required")]
    assert [w.partition("=")[2] for w in found(repo).filters] == [f"{w}{git._OFF}" for w in words]


def test_files_at_a_commit(repo: Path) -> None:
    """At and below several paths, links and what is not there aside; a large one is empty."""
    (repo / "d/e").mkdir(parents=True)
    for name in ("d/one", "d/e/t\two \n", "f"):
        (repo / name).write_bytes(b"\0\n")
    (repo / "d/link").symlink_to("one")
    commit(repo)
    (repo / "d/one").write_text("later")
    (repo / "f").write_text("x" * 10)
    commit(repo)
    seen = git.files_at(found(repo), "HEAD", ["d", "d/one", "f", "gone"], 9)
    assert seen == {"d/one": b"later", "d/e/t\two \n": b"\0\n", "f": b""}
    assert git.files_at(found(repo), "HEAD~1", ["d/one"], 9) == {"d/one": b"\0\n"}
    assert git.files_at(found(repo), "HEAD", [], 9) == {}


def test_files_that_are_not_in_the_clone(repo: Path) -> None:
    """An object that is missing, and a partial clone whose origin is gone, are no measurement."""
    call(repo, "config", "uploadpack.allowFilter", "true")
    for text in ("2\n", "3\n"):
        (repo / "a.txt").write_text(text)
        commit(repo)
    call(repo, "clone", "--quiet", "--filter=blob:none", f"file://{repo}", "../partial")
    partial = repo.parent / "partial"
    assert git.files_at(found(partial), "HEAD", ["a.txt"], 9) == {"a.txt": b"3\n"}
    name = call(repo, "rev-parse", "HEAD:a.txt")
    (repo / f".git/objects/{name[:2]}/{name[2:]}").unlink()
    with pytest.raises(NotMeasured, match=r"content of a.txt at HEAD is not in this clone; fetch"):
        git.files_at(found(repo), "HEAD", ["a.txt"], 9)
    repo.rename(repo.parent / "gone")
    with pytest.raises(NotMeasured, match="git fetch --refetch --no-filter"):
        git.files_at(found(partial), "HEAD~1", ["a.txt"], 9)
