"""Where gatekeeper stands: it works in any checkout, or says why not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

FORBID = {"type": "pattern", "files": ["**/*.txt"], "with": {"forbid": "forbidden"}}


@pytest.fixture
def checked(place: Any) -> Any:
    """A committed repository whose one check finds nothing."""
    place.write({"a.txt": "good\n", "sub/b.txt": "good\n"})
    place.gate(FORBID)
    place.commit()
    return place


def test_no_git_repository(place: Any) -> None:
    """Outside a repository the files are found by walking."""
    place.write({"a.txt": "forbidden\n", ".venv/pyvenv.cfg": "", ".venv/b.txt": "forbidden\n"})
    place.gate(FORBID)
    outcome = place.run()
    assert outcome.exit == 1, outcome.said
    assert outcome.observed("it")["selected"] == 1
    assert outcome.result["subject"].get("commit") is None


@pytest.mark.parametrize("arguments", [["--stage", "deploy"], ["--changed-since", "main"]])
def test_no_git_repository_where_one_is_needed(place: Any, arguments: Sequence[str]) -> None:
    """Nothing is approved or compared without a commit."""
    place.gate({"command": ["true"]})
    outcome = place.run(*arguments)
    assert outcome.exit == 2
    assert f"{place.folder} is none: run `git init`" in outcome.stderr


def test_no_commit_yet(place: Any) -> None:
    """Before the first commit the untracked files are judged; nothing can be approved."""
    place.write({"a.txt": "forbidden\n"})
    place.gate(FORBID)
    place.git("init", "--quiet")
    assert place.run().exit == 1
    outcome = place.run("--stage", "deploy")
    assert outcome.exit == 2, outcome.said
    assert "commit" in outcome.stderr


def test_detached_head(checked: Any) -> None:
    """A detached HEAD is a commit like any other."""
    checked.git("checkout", "--quiet", "--detach")
    outcome = checked.run("--stage", "deploy")
    assert outcome.exit == 0, outcome.said
    assert f"commit {checked.git('rev-parse', 'HEAD')}" in outcome.stdout


def test_worktree(checked: Any) -> None:
    """A worktree is judged, and not the repository that it belongs to."""
    tree = checked.base / "tree"
    checked.git("worktree", "add", "--quiet", str(tree))
    (tree / "a.txt").write_text("forbidden\n")
    outcome = checked.run(folder=tree)
    assert outcome.exit == 1, outcome.said
    assert "a.txt:1:1: " in outcome.stdout
    assert checked.run().exit == 0


def test_bare_clone(checked: Any) -> None:
    """A bare clone has no files to judge."""
    bare = checked.base / "bare.git"
    checked.git("clone", "--quiet", "--bare", ".", str(bare))
    outcome = checked.run(folder=bare)
    assert outcome.exit == 2
    assert f"{bare} is inside a repository without a work tree" in outcome.stderr
    assert "use a checkout of it" in outcome.stderr


@pytest.mark.parametrize("name", ["with space", "new\nline", "-dash", "ünï*[x]", "$HOME;'\""])
def test_folder_names(checked: Any, name: str) -> None:
    """Whatever a folder is called, the checks in it run and their reports are read."""
    folder = checked.base / name
    shutil.copytree(checked.folder, folder)
    script = 'echo "[]" > "$OUT/ruff.json"'
    reads = {"format": "ruff", "file": "${out}/*.json"}
    check = {"check": "glob", "command": ["sh", "-c", script], "reads": [reads], "idle": ["never"]}
    gate = json.loads((folder / "gates/gate.yaml").read_text())
    gate["checks"].append(check)
    (folder / "gates/gate.yaml").write_text(json.dumps(gate))
    outcome = checked.run(folder=folder / "sub", env={"TMPDIR": str(folder)})
    assert outcome.exit == 0, outcome.said
    records = list((folder / ".gatekeeper/runs").glob("*/result.json"))
    assert len(records) == 1
    kept = json.loads(records[0].read_bytes())["observations"][1]["measurement"]["evidence"]
    assert "ruff.json" in [Path(e["path"]).name for e in kept]


def test_deleted_files_are_not_selected(checked: Any) -> None:
    """A tracked file that was deleted from the work tree is not there to be examined."""
    (checked.folder / "a.txt").unlink()
    outcome = checked.run()
    assert outcome.exit == 0, outcome.said
    assert outcome.observed("it")["selected"] == 1


def test_sparse_checkout_is_not_examined_in_full(checked: Any) -> None:
    """A tracked file that a sparse checkout leaves out was not examined."""
    checked.git("update-index", "--skip-worktree", "a.txt")
    (checked.folder / "a.txt").unlink()
    outcome = checked.run()
    assert outcome.exit == 3, outcome.said
    assert "a.txt cannot be opened: No such file or directory" in outcome.stdout


def reading_only(place: Any) -> Sequence[str]:
    """A command prefix under which the repository may only be read."""
    if os.getuid() != 0:
        for folder in (place.folder, *(p for p in place.folder.rglob("*") if p.is_dir())):
            folder.chmod(0o555)
        return ()
    mount = f"mount --bind '{place.folder}' '{place.folder}'"
    script = f"{mount} && mount -o remount,bind,ro '{place.folder}' && cd . && exec \"$@\""
    prefix = ("unshare", "--mount", "sh", "-c", script, "sh")
    if (
        not shutil.which("unshare")
        or subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("root may write everywhere, and may not mount here")
    return prefix


def test_read_only_checkout(checked: Any) -> None:
    """A checkout that may not be written to is judged; that nothing is kept is said."""
    checked.write({"report": "Success: no issues found in 1 source file\n"})
    reads = [{"format": "mypy", "from": "stdout"}]
    checked.gate(FORBID, {"check": "read", "command": ["cat", "report"], "reads": reads})
    prefix = reading_only(checked)
    try:
        outcome = checked.run(before=prefix, folder=checked.folder)
    finally:
        for folder in (checked.folder, *checked.folder.rglob("*")):
            folder.chmod(folder.stat().st_mode | 0o700)
    assert outcome.exit == 0, outcome.said
    assert ".gatekeeper may not be written to (" in outcome.said
    assert outcome.said.count("no record") == 1
    assert not (checked.folder / ".gatekeeper").exists()


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "/nowhere/.git"},
        {"GIT_INDEX_FILE": "/nowhere/index"},
        {"GIT_WORK_TREE": "/"},
        {"GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_NAMESPACE": "x", "GIT_PREFIX": "sub/"},
    ],
)
def test_variables_inherited_from_a_hook(checked: Any, variables: Mapping[str, str]) -> None:
    """What git gives its hooks does not lead git elsewhere."""
    checked.write({"a.txt": "forbidden\n"})
    outcome = checked.run(env=variables)
    assert outcome.exit == 1, outcome.said
    assert outcome.result["subject"]["commit"] == checked.git("rev-parse", "HEAD")
    assert outcome.result["subject"]["dirty"] is True


def test_as_a_hook(checked: Any) -> None:
    """A real pre-commit hook, with all that git passes to it, judges what stands there."""
    hook = checked.folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -P -m gatekeeper run --stage push\n")
    hook.chmod(0o755)
    checked.write({"a.txt": "good again\n"})
    checked.git("commit", "--quiet", "--all", "--message=good")
    commit = checked.git("rev-parse", "HEAD")
    checked.write({"a.txt": "forbidden\n"})
    with pytest.raises(subprocess.CalledProcessError, match="exit status 1"):
        checked.git("commit", "--quiet", "--all", "--message=bad")
    assert checked.git("rev-parse", "HEAD") == commit


@pytest.mark.parametrize(
    "settings",
    [
        "[core]\nfsmonitor = {run}\n",
        "[core]\nfsmonitor = {run}\nfsmonitorHookVersion = 1\nuntrackedCache = true\n",
        "[core]\nhooksPath = {hooks}\n",
        '[filter "evil"]\nclean = {run}\nsmudge = {run}\n',
        '[filter "evil"]\nclean = {run}\nrequired = true\n',
        '[filter "evil"]\nprocess = {run}\nrequired = true\n',
        '[filter "e=vil"]\nclean = {run}\n',
        "[include]\npath = evil.config\n",
        "[diff]\nexternal = {run}\n",
        '[diff "evil"]\ncommand = {run}\ntextconv = {run}\n',
        "[core]\npager = {run}\n[pager]\nstatus = {run}\ndiff = {run}\n",
        "[alias]\nstatus = !{run}\n",
        "[core]\nsshCommand = {run}\ngitProxy = {run}\n",
        "[extensions]\nworktreeConfig = true\n",
    ],
)
def test_hostile_configuration_of_the_repository(checked: Any, settings: str) -> None:
    """Nothing that .git/config names is run, and what changed is still seen."""
    marker = checked.base / "marker"
    run = checked.base / "run.sh"
    run.write_text(f"#!/bin/sh\ntouch '{marker}'\nexec cat\n")
    run.chmod(0o755)
    hooks = checked.base / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(run, hooks / name)
    text = settings.format(run=run, hooks=hooks)
    (checked.folder / ".git/evil.config").write_text(f'[filter "evil"]\nclean = {run}\n')
    if "worktreeConfig" in settings:
        (checked.folder / ".git/config.worktree").write_text(f'[filter "evil"]\nclean = {run}\n')
    driver = "e=vil" if "e=vil" in settings else "evil"
    checked.write({".gitattributes": f"*.txt filter={driver} diff=evil\n", "c.txt": "good\n"})
    checked.git("add", "--all")
    checked.git("commit", "--quiet", "--message=attributes")
    with (checked.folder / ".git/config").open("a") as file:
        file.write(text)
    checked.write({"a.txt": "GOOD\n", "c.txt": "changed\n"})
    outcome = checked.run("--changed-since", "HEAD~1")
    assert not marker.exists()
    assert outcome.exit == 0, outcome.said
    assert outcome.observed("it")["selected"] == 2
    assert outcome.result["subject"]["dirty"] is True
    assert not marker.exists()


def test_folder_of_another_user(checked: Any) -> None:
    """What git refuses is said, with what to do."""
    if os.getuid() != 0:
        pytest.skip("only root can give files to another user")
    top = checked.folder.rename(checked.base / "its name")
    (top / "below").mkdir()
    os.chown(top, 65534, 65534)
    for folder in (top, top / "below"):
        outcome = checked.run(folder=folder)
        assert outcome.exit == 2
        assert "which belongs to another user" in outcome.stderr
        assert f"git config --global --add safe.directory '{top}'" in outcome.stderr


def test_submodule(checked: Any) -> None:
    """A submodule is one entry: tools see its files, a check that must open it says so."""
    other = checked.base / "other"
    other.mkdir()
    checked.git("init", "--quiet", folder=other)
    (other / "bad.txt").write_text("forbidden\n")
    checked.git("add", ".", folder=other)
    checked.git("commit", "--quiet", "--message=x", folder=other)
    checked.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "m")
    checked.git("commit", "--quiet", "--message=submodule")
    assert checked.run().exit == 0
    (checked.folder / "m/bad.txt").write_text("changed in the submodule\n")
    assert checked.run("--stage", "deploy").exit == 0
    outcome = checked.run(folder=checked.folder / "m")
    assert outcome.exit == 2, outcome.said
    assert "there is no gate" in outcome.stderr


@pytest.mark.parametrize("link", [".gatekeeper", ".gatekeeper/runs"])
def test_records_never_leave_the_repository(checked: Any, link: str) -> None:
    """A link in place of the folder for records is refused, and nothing behind it is touched."""
    outside = checked.base / "outside"
    for n in range(30):
        (outside / f"precious-{n}").mkdir(parents=True)
    checked.write({link: outside})
    outcome = checked.run()
    assert outcome.exit == 2, outcome.said
    assert f"{checked.folder}/{link} is a symbolic link" in outcome.stderr
    assert "remove it" in outcome.stderr
    assert len(list(outside.iterdir())) == 30


def test_file_in_place_of_the_records(checked: Any) -> None:
    """A file where the records of runs belong is named."""
    checked.write({".gatekeeper": ""})
    outcome = checked.run()
    assert outcome.exit == 2, outcome.said
    assert ".gatekeeper is no folder, and records of runs are kept there; remove it" in (
        outcome.stderr
    )


@pytest.mark.parametrize("text", ["[" * 100_000, '{"it": NaN, "p": -1, "q": "x"}', "{", "[]"])
def test_damaged_memory(checked: Any, text: str) -> None:
    """What earlier runs left behind is worth time only: damaged, it is forgotten."""
    checked.gate({"command": ["true"]})
    names = ("durations", "tools")
    checked.write({f".gatekeeper/{name}.json": text for name in names})
    outcome = checked.run("--report", "json")
    assert outcome.exit == 0, outcome.said
    known = [json.loads((checked.folder / f".gatekeeper/{n}.json").read_text()) for n in names]
    assert list(known[0]) == ["it"]
    assert all(path.endswith("/true") for path in known[1])


class TestService:
    """`--service` judges a folder of the repository."""

    @pytest.fixture
    def services(self, place: Any) -> Any:
        """Two services: one with gates of its own, one that is judged by those of the top."""
        toml = '[services]\napi = "services/api"\nweb = "services/web"\ngone = "services/gone"\n'
        place.write(
            {
                "gatekeeper.toml": toml,
                "a.txt": "forbidden at the top\n",
                "services/api/a.txt": "good\nforbidden in api\n",
                "services/web/a.txt": "good\n",
            }
        )
        place.gate(FORBID)
        own = {"gate": "own", "checks": [{"check": "in", "command": ["test", "-f", "top.toml"]}]}
        place.write({"services/web/gates/own.yaml": json.dumps(own)})
        place.commit()
        return place

    def test_judges_its_folder(self, services: Any) -> None:
        """Only its files are selected; paths stay relative to the repository."""
        outcome = services.run("--service", "api")
        assert outcome.exit == 1, outcome.said
        assert "services/api/a.txt:2:1: " in outcome.stdout
        assert outcome.observed("it")["selected"] == 1
        assert outcome.result["subject"]["service"] == "api"

    def test_has_its_own_gates(self, services: Any) -> None:
        """Its own gates replace those of the top, and its commands run in its folder."""
        outcome = services.run("--service", "web")
        assert outcome.exit == 1, outcome.said
        assert "gates/gate.yaml" not in outcome.said
        assert "exited with 1" in outcome.stdout

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("apo", "unknown service `apo`; did you mean `api`?"),
            ("gone", "the folder services/gone/ of the service gone does not exist"),
        ],
    )
    def test_that_does_not_exist(self, services: Any, name: str, message: str) -> None:
        """An unknown service is a usage error."""
        outcome = services.run("--service", name)
        assert outcome.exit == 2
        assert message in outcome.stderr

    def test_narrowed_to_its_change(self, services: Any) -> None:
        """A change elsewhere is none of its business."""
        services.write({"b.txt": "forbidden\n"})
        outcome = services.run("--service", "api", "--changed-since", "HEAD")
        assert outcome.exit == 0, outcome.said
        assert "nothing was measured: the change holds no file" in outcome.stdout
