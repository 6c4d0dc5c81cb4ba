"""The folder that is judged."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gatekeeper import checkout
from gatekeeper.errors import NotMeasured, UsageError

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


def test_the_files_of_a_commit_are_relative_to_the_judged_folder(folder: Path) -> None:
    """So those of a service have no prefix; without a commit or a repository there are none."""
    assert checkout.files_at(checkout.find(folder), "HEAD", ["a.py"]) is None
    (folder / "services/api/b.py").write_text("then")
    track(folder)
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a"]
    subprocess.run(commit, cwd=folder, check=True)
    (folder / "services/api/b.py").write_text("now")
    api = checkout.find(folder, "api")
    assert checkout.files_at(api, None, ["b.py"]) is None
    assert checkout.files_at(api, "HEAD", ["b.py", "services/api"]) == {"b.py": b"then"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("link", "is a symbolic link"),
        ("out/file", "leads out of the repository"),
        ("../outside/file", "leads out of the repository"),
        ("folder", "is no regular file"),
        ("pipe", "is no regular file"),
        ("large", "is larger than 1 MiB"),
        ("gone", "cannot be opened: No such file or directory"),
    ],
)
def test_open_inside(tmp_path: Path, path: str, reason: str) -> None:
    """Only a regular file of the repository is opened, and none waits for a writer."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "folder", outside):
        folder.mkdir(parents=True)
    (outside / "file").write_text("secret")
    (root / "link").symlink_to("large")
    (root / "out").symlink_to(outside)
    (root / "large").write_bytes(b"x" * (2**20 + 1))
    os.mkfifo(root / "pipe")
    with pytest.raises(NotMeasured) as raised:
        checkout.open_inside(root, path, 2**20)
    assert raised.value.reason == reason


RULES = {
    "gates/g.yaml": "gate: g\n",
    "gates/waivers/w.yaml": "waiver: w\n",
    "checks/c.yaml": "check: c\n",
    "shared/s.yaml": "gate: s\n",
    "gatekeeper.toml": "",
    "pyproject.toml": "[project]\n",
    "sub/pyproject.toml": "[tool.gatekeeper]\n",
    "a.txt": "1\n",
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A committed repository with a configuration, a part of which is linked from elsewhere."""
    for name, text in RULES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "gates/linked.yaml").symlink_to("../shared/s.yaml")
    commit(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def commit(folder: Path, *before: str) -> None:
    """Commit all that is there, after another command."""
    me = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    commands = [before, ("add", "--all"), (*me, "commit", "-qm", "1")]
    for words in filter(None, commands):
        subprocess.run(["git", *words], cwd=folder, check=True)


@pytest.mark.parametrize(
    ("path", "text", "widened"),
    [
        ("gates/g.yaml", "gate: h\n", "gates/g.yaml"),
        ("gates/g.yaml", None, "gates/g.yaml"),
        ("gates/new.yaml", "gate: n\n", "gates/new.yaml"),
        ("gates/waivers/w.yaml", None, "gates/waivers/w.yaml"),
        ("checks/c.yaml", "check: d\n", "checks/c.yaml"),
        ("checks/tools/t.yaml", "tool: t\n", "checks/tools/t.yaml"),
        ("shared/s.yaml", "gate: t\n", "shared/s.yaml"),
        ("gatekeeper.toml", None, "gatekeeper.toml"),
        ("gatekeeper.toml", 'gates = "other"\n', "gatekeeper.toml"),
        ("pyproject.toml", "[tool.gatekeeper]\n", "pyproject.toml"),
        ("pyproject.toml", "[project]\nname = 'x'\n", ""),
        ("sub/pyproject.toml", "", ""),
        ("gates.txt", "1\n", ""),
        ("a.txt", None, ""),
    ],
)
@pytest.mark.parametrize("committed", [False, True])
def test_a_change_of_the_policy_asks_for_all_files(
    rules: Path, path: str, text: str | None, widened: str, committed: bool
) -> None:
    """Whatever decides what is measured, changed or gone, in the work tree or committed since."""
    place = rules / path
    place.parent.mkdir(exist_ok=True)
    if text is None:
        place.unlink()
    else:
        place.write_text(text)
    if committed:
        commit(rules)
    change = checkout.changed_since(checkout.find(rules), "HEAD~1" if committed else "main")
    assert change.base is not None
    assert change.widened == widened
    assert (change.files is None) == bool(widened)
    if not widened:
        assert (*(change.files or ()), *change.gone) == (path,)


@pytest.mark.parametrize("way", ["gates/far.yaml", "pyproject.toml"])
def test_a_link_on_the_way_to_the_policy(rules: Path, way: str) -> None:
    """A link that is led elsewhere changes what a link to it leads to."""
    (rules / way).unlink(missing_ok=True)
    (rules / way).symlink_to(os.path.relpath("shared/way", os.path.dirname(way)))
    (rules / "shared/way").symlink_to("s.yaml")
    (rules / "shared/other").write_text("")
    commit(rules)
    (rules / "shared/way").unlink()
    (rules / "shared/way").symlink_to("other")
    change = checkout.changed_since(checkout.find(rules), "main")
    assert change.widened == "shared/way"


def test_settings_that_are_no_more(rules: Path) -> None:
    """A table that is taken out of pyproject.toml changed the policy as well."""
    (rules / "pyproject.toml").write_text("[tool.gatekeeper]\n")
    commit(rules)
    (rules / "pyproject.toml").write_text("[project]\n")
    change = checkout.changed_since(checkout.find(rules), "main")
    assert change.widened == "pyproject.toml"


def test_the_policy_of_a_service(rules: Path) -> None:
    """What lies outside the folder of a service decides as well, if its gates are there."""
    for name, own in (("api", False), ("own", True)):
        (rules / name).mkdir()
        (rules / name / "b.txt").write_text("1\n")
        if own:
            (rules / name / "gates").mkdir()
            (rules / name / "gates/g.yaml").write_text("gate: g\n")
    (rules / "gatekeeper.toml").write_text('[services]\napi = "api"\nown = "own"\n')
    commit(rules)
    (rules / "gates/g.yaml").write_text("gate: h\n")
    (rules / "own/b.txt").write_text("2\n")

    def changed(service: str) -> checkout.Change:
        return checkout.changed_since(checkout.find(rules, service), "main")

    assert changed("api").widened == "gates/g.yaml"
    assert changed("own").files == ("b.txt",)
    (rules / "own/gates/g.yaml").unlink()
    (rules / "own/gates/h.yaml").write_text("gate: h\n")
    assert changed("own").widened in ("own/gates/g.yaml", "own/gates/h.yaml")
