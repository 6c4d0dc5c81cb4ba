"""The work tree of a proof, in real repositories."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.errors import Interrupted, NotMeasured
from gatekeeper.prove.worktree import open_tree

if TYPE_CHECKING:
    from tests.prove.conftest import Repo

Configure = Callable[["Repo"], object]


def state(folder: Path) -> dict[str, bytes | str]:
    """The bytes of all files of a working copy and of its .git, without worktrees and objects."""
    found: dict[str, bytes | str] = {}
    for place, folders, names in os.walk(folder):
        if Path(place).name == ".git":
            folders[:] = [name for name in folders if name not in ("worktrees", "objects")]
        for name in (*names, *(f for f in folders if Path(place, f).is_symlink())):
            path = Path(place, name)
            data = os.readlink(path) if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(folder))] = data
    return found


def left(folder: Path) -> list[str]:
    """What a proof has left in the temporary folder, and its entries."""
    temporary = Path(os.environ["TMPDIR"])
    places = [*temporary.glob("*"), *(folder / ".git/worktrees").glob("gatekeeper-*")]
    return [place.name for place in places]


@pytest.fixture
def used(repo: Repo) -> Repo:
    """A repository in use: two commits, staged and unstaged changes, a stash, a hook."""
    repo.commit({"a.txt": "1\n", "src/b.py": "b = 1\n", ".gitignore": "node_modules/\n"})
    repo.commit({"a.txt": "2\n"})
    repo.write({"a.txt": "stashed\n"})
    repo.git("stash", "--quiet")
    repo.write({"src/b.py": "b = 2\n", "new.txt": "staged\n", "node_modules/x.js": "x\n"})
    repo.git("add", "new.txt")
    hook = repo.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    return repo


def test_a_temporary_folder_in_the_repository(used: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a tool would find the configuration of the working copy above: it is no place."""
    monkeypatch.setattr("tempfile.tempdir", str(used.path / "node_modules"))
    with (
        pytest.raises(NotMeasured, match=r"lies in the repository .*TMPDIR"),
        open_tree(used.found, "HEAD"),
    ):
        pass
    assert os.listdir(used.path / "node_modules") == ["x.js"]


def test_clean(used: Repo) -> None:
    """The tree holds the commit and nothing of the working copy; no hook has run."""
    with open_tree(used.found, used.git("rev-parse", "HEAD~1")) as tree:
        files = {name: data for name, data in state(tree.path).items() if name != ".git"}
    assert files == {"a.txt": b"1\n", "src/b.py": b"b = 1\n", ".gitignore": b"node_modules/\n"}


def test_untouched(used: Repo) -> None:
    """Whatever is done in a tree, the user's repository is as before, byte by byte."""
    before = state(used.path)
    head = used.git("rev-parse", "HEAD")
    with open_tree(used.found, head) as tree:
        tree.link(["node_modules"])
        (tree.path / "a.txt").write_text("changed")
        (tree.path / "made/deep").mkdir(parents=True)
        tree.files_from(used.git("rev-parse", "HEAD~1"), ["a.txt"])
        tree.move(used.git("rev-parse", "HEAD~1"))
        tree.reset()
    assert state(used.path) == before
    assert left(used.path) == []
    assert not (used.path / ".git/worktrees").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, Interrupted, ValueError])
def test_removed_on_errors(used: Repo, error: type[BaseException]) -> None:
    """An exception, or a signal that becomes one, is an end like any other."""
    before = state(used.path)
    with pytest.raises(error), open_tree(used.found, used.git("rev-parse", "HEAD")):
        raise error
    assert state(used.path) == before
    assert left(used.path) == []


def test_stubborn_folders(used: Repo) -> None:
    """Folders that may be neither read nor written are removed too."""
    with open_tree(used.found, used.git("rev-parse", "HEAD")) as tree:
        (tree.path / "locked/in").mkdir(parents=True)
        (tree.path / "locked/in/file").touch()
        (tree.path / "locked/in").chmod(0o500)
        (tree.path / "locked").chmod(0o000)
    assert left(used.path) == []


_KILLED = """
import os, sys, time
from pathlib import Path
from gatekeeper.adapters import git
from gatekeeper.prove.fix import find, take_out
from gatekeeper.prove.worktree import open_tree
repository = git.find(Path.cwd())
with open_tree(repository, repository.commit) as tree:
    tree.link(["node_modules"])
    assert take_out(tree, find(repository, ["HEAD"]), lambda path: False).changed == ("a.txt",)
    print(tree.path, flush=True)
    time.sleep(60)
"""


def killed(repo: Repo) -> Path:
    """The tree of a proof that was killed in its middle."""
    child = subprocess.Popen(
        [sys.executable, "-c", _KILLED], cwd=repo.path, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout as printed:
        path = Path(printed.readline().strip())
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    return path


def test_killed(used: Repo) -> None:
    """A killed proof leaves the repository as it was, and the next one removes its tree."""
    before = state(used.path)
    path = killed(used)
    assert state(used.path) == before
    assert path.exists()
    with open_tree(used.found, used.git("rev-parse", "HEAD")):
        assert not path.parent.exists()
        assert not (used.path / ".git/worktrees" / path.name).exists()
    assert left(used.path) == []


def test_killed_and_swept(used: Repo) -> None:
    """The entry is removed also where the system has emptied the temporary folder."""
    path = killed(used)
    subprocess.run(["rm", "-r", path.parent], check=True)
    with open_tree(used.found, used.git("rev-parse", "HEAD")):
        pass
    assert left(used.path) == []


def test_others_stay(used: Repo, tmp_path: Path) -> None:
    """Neither a living proof's tree nor the user's own is pruned, not even a lost one."""
    lost = tmp_path / "gatekeeper-prove-mine"
    used.git("worktree", "add", "--quiet", "--detach", str(lost))
    subprocess.run(["rm", "-r", lost], check=True)
    head = used.git("rev-parse", "HEAD")
    with open_tree(used.found, head) as first, open_tree(used.found, head) as second:
        assert first.path != second.path
        assert (first.path / "a.txt").exists()
    assert [place.name for place in (used.path / ".git/worktrees").iterdir()] == [lost.name]


def test_from_linked_worktree(used: Repo, tmp_path: Path) -> None:
    """A proof works from a linked work tree and leaves its entry as it is."""
    used.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = type(used)(tmp_path / "side")
    entry = used.path / ".git/worktrees/side"
    before = state(side.path), state(entry), state(used.path)
    with open_tree(side.found, side.git("rev-parse", "HEAD")) as tree:
        assert (tree.path / "a.txt").read_text() == "2\n"
    assert (state(side.path), state(entry), state(used.path)) == before


def _sparse(repo: Repo) -> None:
    repo.git("sparse-checkout", "set", "src")


def _worktree_config(repo: Repo) -> None:
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "--worktree", "core.hooksPath", "hooks")


def _hooks_path(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", ".git/hooks")


def _split_index(repo: Repo) -> None:
    repo.git("config", "core.splitIndex", "true")


def _relative(repo: Repo) -> None:
    repo.git("config", "worktree.useRelativePaths", "true")


def _driver(repo: Repo) -> None:
    repo.write({".git/info/attributes": "* filter=evil merge=evil diff=evil\n"})
    for key in ("filter.evil.smudge", "filter.evil.clean", "merge.evil.driver"):
        repo.git("config", key, "touch ran; false")


@pytest.mark.parametrize(
    "configure", [_sparse, _worktree_config, _hooks_path, _split_index, _relative, _driver]
)
def test_configured(repo: Repo, configure: Configure) -> None:
    """The tree is whole, the repository untouched and no command run, however git is set up."""
    repo.commit({"a.txt": "1\n", "src/b.py": "b = 1\n"})
    head = repo.commit({"a.txt": "2\n"})
    repo.write({".git/hooks/post-checkout": "#!/bin/sh\ntouch ran\n"})
    (repo.path / ".git/hooks/post-checkout").chmod(0o755)
    configure(repo)
    before = state(repo.path)
    with open_tree(repo.found, head) as tree:
        tree.move(repo.git("rev-parse", "HEAD~1"))
        files = set(state(tree.path)) - {".git"}
    assert files == {"a.txt", "src/b.py"}
    assert state(repo.path) == before


def test_autocrlf(repo: Repo) -> None:
    """Line ends are those that the user gets."""
    head = repo.commit({"a.txt": "1\n"})
    repo.git("config", "core.autocrlf", "true")
    with open_tree(repo.found, head) as tree:
        assert (tree.path / "a.txt").read_bytes() == b"1\r\n"


def test_shallow(repo: Repo, tmp_path: Path) -> None:
    """A shallow clone gives a tree of the commits that it has."""
    repo.commit({"a.txt": "1\n"})
    head = repo.commit({"a.txt": "2\n"})
    clone = type(repo)(tmp_path / "clone")
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(clone.path))
    with open_tree(clone.found, head) as tree:
        assert (tree.path / "a.txt").read_text() == "2\n"


def test_unknown_commit(repo: Repo) -> None:
    """A commit that is not there is not measured, and nothing is left."""
    repo.commit({"a.txt": "1\n"})
    with pytest.raises(NotMeasured, match="invalid reference"), open_tree(repo.found, "0" * 40):
        pass
    assert left(repo.path) == []


# ------------------------------------------------------------------------------------ in a tree


def test_reset(used: Repo) -> None:
    """A reset keeps nothing but what the commit holds and what is borrowed."""
    with open_tree(used.found, used.git("rev-parse", "HEAD")) as tree:
        tree.link(["node_modules"])
        (tree.path / "a.txt").unlink()
        (tree.path / "made").mkdir()
        (tree.path / "made/.git").mkdir()
        tree.reset()
        assert set(os.listdir(tree.path)) == {".git", ".gitignore", "a.txt", "src", "node_modules"}
        assert (tree.path / "node_modules/x.js").read_text() == "x\n"
    assert (used.path / "node_modules/x.js").exists()


def test_redirected(used: Repo) -> None:
    """Where a test makes the tree point to the user's repository, that stays untouched."""
    before = state(used.path)
    with open_tree(used.found, used.git("rev-parse", "HEAD")) as tree:
        (tree.path / ".git").write_text(f"gitdir: {used.path / '.git'}\n")
        tree.move(used.git("rev-parse", "HEAD~1"))
    assert state(used.path) == before
    assert left(used.path) == []


def test_files_from(used: Repo) -> None:
    """Files are taken over from another commit; one that it has not is an error."""
    first, head = used.git("rev-parse", "HEAD~1"), used.git("rev-parse", "HEAD")
    with open_tree(used.found, first) as tree:
        tree.files_from(head, ["a.txt"])
        assert (tree.path / "a.txt").read_text() == "2\n"
        with pytest.raises(NotMeasured, match="did not match"):
            tree.files_from(head, ["*.txt"])


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../repo", "leads out"),
        ("/etc", "leads out"),
        (".", "leads out"),
        (".git/hooks", "leads out"),
        ("sub/.GIT", "leads out"),
        ("gone", "does not exist"),
        ("src", "is tracked"),
        ("src/b.py", "is tracked"),
        ("loose", "is not ignored"),
        ("outside", "leads out"),
    ],
)
def test_refused_links(used: Repo, path: str, reason: str) -> None:
    """Only what git ignores inside the working copy is borrowed."""
    used.write({"loose/x": "x", "outside": Path("/etc")})
    with open_tree(used.found, used.git("rev-parse", "HEAD")) as tree:
        with pytest.raises(NotMeasured, match=reason):
            tree.link([path])
        assert tree.linked == ()


def test_link_over_link(repo: Repo) -> None:
    """A link of the commit is no way out of the tree."""
    repo.commit({".gitignore": "/pkg/lib\n", "pkg": Path("/tmp")})
    old = repo.git("rev-parse", "HEAD")
    repo.write({"pkg": None})
    repo.commit({"pkg/a.txt": "a\n"})
    repo.write({"pkg/lib/x": "x"})
    with open_tree(repo.found, old) as tree, pytest.raises(NotMeasured, match="symbolic link"):
        tree.link(["pkg/lib"])


@pytest.fixture
def nested(repo: Repo, tmp_path: Path) -> Repo:
    """A repository with a submodule."""
    (tmp_path / "library").mkdir()
    library = type(repo)(tmp_path / "library")
    library.git("init", "--quiet")
    library.commit({"lib.py": "x = 1\n"})
    repo.commit({"a.txt": "1\n"})
    allow = ("-c", "protocol.file.allow=always")
    repo.git(*allow, "submodule", "--quiet", "add", str(library.path), "lib")
    repo.commit({})
    return repo


def test_submodules(nested: Repo) -> None:
    """A submodule is an empty folder, and borrowed where it stands at the right commit."""
    before = state(nested.path)
    with open_tree(nested.found, nested.git("rev-parse", "HEAD")) as tree:
        assert os.listdir(tree.path / "lib") == []
        tree.link(["lib"])
        assert (tree.path / "lib/lib.py").exists()
        tree.reset()
        assert (tree.path / "lib/lib.py").exists()
    assert state(nested.path) == before
    assert left(nested.path) == []


def test_moved_submodule(nested: Repo) -> None:
    """A submodule at another commit would not be what is judged."""
    type(nested)(nested.path / "lib").commit({"lib.py": "x = 2\n"})
    with (
        open_tree(nested.found, nested.git("rev-parse", "HEAD")) as tree,
        pytest.raises(NotMeasured, match="submodule lib stands at"),
    ):
        tree.link(["lib"])
