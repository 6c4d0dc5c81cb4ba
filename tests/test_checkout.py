"""The folder that is judged."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatekeeper import checkout
from gatekeeper.errors import UsageError

SETTINGS = '[services]\napi = "services/api"\nown = "./services/own/"\ngone = "nowhere"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two services, one of which has gates of its own."""
    for name in (
        "a.py",
        "services/api/b.py",
        "services/own/c.py",
        "services/own/gates/g.yaml",
        ".venv/pyvenv.cfg",
        ".venv/d.py",
        "node_modules/e.js",
        "__pycache__/f.pyc",
        ".gatekeeper/runs/g",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "gatekeeper.toml").write_text(SETTINGS)
    return tmp_path


def track(folder: Path) -> None:
    """Make a repository of the folder, and track one file."""
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "services/api/b.py"], cwd=folder, check=True)


def test_outside_a_repository(folder: Path) -> None:
    """The files are found by walking, without environments, caches and our own records."""
    place = checkout.find(folder)
    assert (place.top, place.root, place.config, place.repository) == (folder,) * 3 + (None,)
    services = ("services/api/b.py", "services/own/c.py", "services/own/gates/g.yaml")
    assert place.files == ("a.py", "gatekeeper.toml", *services)
    assert place.modes == {}


def test_inside_a_repository(folder: Path) -> None:
    """From any folder it is the whole repository: what git lists."""
    track(folder)
    (folder / ".gitignore").write_text("*.toml\n.*\n*.js\na.py\n__pycache__\n")
    place = checkout.find(folder / "services/own")
    assert place.top == folder
    services = ("services/api/b.py", "services/own/c.py", "services/own/gates/g.yaml")
    assert place.files == services
    assert place.modes == {"services/api/b.py": "100644"}
    assert place.state == folder / ".gatekeeper"


@pytest.mark.parametrize("tracked", [False, True])
def test_service(folder: Path, tracked: bool) -> None:
    """A service is a folder: its files are relative to it, its gates are its own if it has any."""
    if tracked:
        track(folder)
    api = checkout.find(folder, "api")
    assert (api.root, api.config, api.prefix) == (folder / "services/api", folder, "services/api/")
    assert api.files == ("b.py",)
    assert api.modes == ({"b.py": "100644"} if tracked else {})
    own = checkout.find(folder, "own")
    assert own.config == own.root == folder / "services/own"
    assert own.files == ("c.py", "gates/g.yaml")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("apo", "unknown service `apo`; did you mean `api`?"),
        ("gone", "the folder nowhere/ of the service gone does not exist"),
    ],
)
def test_no_service(folder: Path, name: str, message: str) -> None:
    """A service that does not exist is a usage error."""
    with pytest.raises(UsageError) as raised:
        checkout.find(folder, name)
    assert str(raised.value) == message


def test_ignore_state(tmp_path: Path) -> None:
    """The folder ignores itself; what a person wrote there stays."""
    state = tmp_path / ".gatekeeper"
    checkout.ignore_state(state)
    assert (state / ".gitignore").read_text() == "*\n"
    (state / ".gitignore").write_text("runs\n")
    checkout.ignore_state(state)
    assert (state / ".gitignore").read_text() == "runs\n"


def test_ignore_state_never_writes_through_a_link(tmp_path: Path) -> None:
    """A dangling link that the judged repository left is not followed."""
    state, outside = tmp_path / ".gatekeeper", tmp_path / "outside"
    state.mkdir()
    (state / ".gitignore").symlink_to(outside)
    checkout.ignore_state(state)
    assert not outside.exists()


def test_a_work_tree_is_recognised_by_its_content(folder: Path) -> None:
    """Whatever is tracked, changed or not: another content has another identity."""
    assert checkout.identity(checkout.find(folder)) is None  # no repository, no commit
    track(folder)
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a"]
    subprocess.run(commit, cwd=folder, check=True)

    def identity() -> str | None:
        return checkout.identity(checkout.find(folder))

    seen = [identity()]
    assert identity() == seen[0] is not None
    for name, text in (("new.txt", "a"), ("new.txt", "b"), ("services/api/a.py", "# other\n")):
        (folder / name).write_text(text)
        seen.append(identity())
    (folder / "new.txt").unlink()
    seen.append(identity())
    assert len(set(seen)) == 5
