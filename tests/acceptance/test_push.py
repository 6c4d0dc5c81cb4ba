"""A push by git itself, to a repository beside it: what is judged, and from where it changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NO_BUG = {"check": "no-bug", "type": "pattern", "files": ["**/*.txt"], "with": {"forbid": "bug"}}
WHOLE = {"check": "whole", "command": ["true"]}
Push = Callable[..., "Pushed"]


@dataclass(frozen=True)
class Pushed:
    """How a push ended: what was said, and the record of each commit that was judged."""

    exit: int
    said: str
    results: Sequence[Mapping[str, Any]]

    @property
    def files(self) -> list[str] | None:
        """The files that the only judged commit was narrowed to."""
        (result,) = self.results
        found: list[str] | None = result["plan"].get("files")
        return found

    def ran(self, check: str) -> bool:
        """Whether a check of the only judged commit ran."""
        (result,) = self.results
        return check in [observation["check"] for observation in result["observations"]]


@pytest.fixture
def push(place: Any) -> Push:
    """Push from a folder of the place."""

    def pushed(*words: str, folder: Path | None = None) -> Pushed:
        runs = place.folder / ".gatekeeper" / "runs"
        known = set(runs.glob("*/result.json"))
        done = subprocess.run(
            ["git", "push", "--quiet", *words],
            cwd=folder or place.folder,
            env=place.env,
            capture_output=True,
            timeout=60,
            check=False,
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert "Traceback" not in said
        assert "defect" not in said
        assert not list(place.base.glob("gatekeeper-*"))
        new = sorted(set(runs.glob("*/result.json")) - known)
        return Pushed(done.returncode, said, [json.loads(path.read_bytes()) for path in new])

    return pushed


@pytest.fixture
def work(place: Any) -> Any:
    """A repository with a gate and the hook, pushed to `origin`."""
    place.write({"a.txt": "good\n", "sub/b.txt": "good\n", "code.py": "\n"})
    place.gate(NO_BUG, WHOLE)
    place.commit()
    place.git("init", "--quiet", "--bare", str(place.base / "origin.git"))
    place.git("remote", "add", "origin", str(place.base / "origin.git"))
    place.git("push", "--quiet", "origin", "main")
    assert place.run("install", command="hook").exit == 0
    return place


def commit(place: Any, files: Mapping[str, Any] | None = None, remove: Sequence[str] = ()) -> str:
    """Commit files and removals; returns the name of the commit."""
    place.write(files or {})
    for name in remove:
        (place.folder / name).unlink()
    place.git("add", "--all")
    place.git("commit", "--quiet", "--allow-empty", "--message=more")
    return str(place.git("rev-parse", "HEAD"))


def tip(place: Any, name: str = "main") -> str:
    """What a branch of the remote names."""
    return str(place.git("rev-parse", name, folder=place.base / "origin.git"))


# ------------------------------------------------------------------------------- what is said


def test_a_push_that_passes_says_so_in_one_line(work: Any, push: Push) -> None:
    """One line, with the branch, the commit, and how much was looked at."""
    name = commit(work, {"a.txt": "better\n"})
    pushed = push("origin", "main")
    line = rf"gatekeeper: main {name[:7]} passed at push: 2 checks in \d+\.\d s\n"
    assert re.fullmatch(line, pushed.said)
    assert (pushed.exit, tip(work)) == (0, name)
    assert pushed.files == ["a.txt"]


def test_a_push_that_is_blocked_says_what_to_do(work: Any, push: Push) -> None:
    """What, where, how to see more, how to run the check alone, how to push all the same."""
    before, name = tip(work), commit(work, {"a.txt": "a bug\n"})
    pushed = push("origin", "main")
    assert (pushed.exit, tip(work)) == (1, before)
    record = re.search(r"gatekeeper report (\S+)", pushed.said)
    assert record
    assert (work.folder / record[1]).is_file()
    for words in (
        "a.txt:1",
        f"main {name[:7]} is blocked",
        "gatekeeper run --only no-bug",
        "git push --no-verify",
    ):
        assert words in pushed.said
    assert push("--no-verify", "origin", "main").exit == 0


def test_a_push_that_passes_with_warnings_shows_them(work: Any, push: Push) -> None:
    """What does not block is still told."""
    work.gate(NO_BUG, {"check": "hint", "command": ["false"], "advisory": True})
    name = commit(work)
    pushed = push("origin", "main")
    assert pushed.exit == 0
    assert "hint" in pushed.said
    assert f"main {name[:7]} passed with warnings" in pushed.said
    assert "--no-verify" not in pushed.said


def test_nothing_to_push_is_silent(work: Any, push: Push) -> None:
    """Neither an up-to-date branch nor one that is deleted there is judged."""
    work.git("push", "--quiet", "--no-verify", "origin", "main:old")
    for words in (("origin", "main"), ("origin", ":old"), ("--delete", "origin", "main")):
        pushed = push(*words)
        assert "gatekeeper" not in pushed.said
        assert pushed.results == []


# ----------------------------------------------------------------- the commit, and nothing else


def test_a_bug_only_in_the_working_copy_does_not_block(work: Any, push: Push) -> None:
    """Changed, staged or untracked: what is not pushed is not judged."""
    name = commit(work, {"a.txt": "better\n"})
    work.write({"a.txt": "a bug\n", "sub/b.txt": "bug\n", "untracked.txt": "bug\n"})
    work.git("add", "sub/b.txt")
    status = work.git("status", "--porcelain")
    pushed = push("origin", "main")
    assert pushed.exit == 0, pushed.said
    assert pushed.results[0]["subject"]["commit"] == name
    assert not pushed.results[0]["subject"].get("dirty")
    assert work.git("status", "--porcelain") == status
    assert work.git("worktree", "list").count("\n") == 0


def test_a_bug_only_in_the_commit_blocks(work: Any, push: Push) -> None:
    """It does not help to mend it in the working copy, nor to stand elsewhere."""
    commit(work, {"a.txt": "a bug\n"})
    work.write({"a.txt": "mended\n"})
    pushed = push("origin", "main")
    assert pushed.exit == 1
    assert "what is not committed took no part" in pushed.said
    work.git("checkout", "--quiet", "--force", "--detach", "origin/main")
    assert push("origin", "main").exit == 1
    assert push("origin", "HEAD:refs/heads/good").exit == 0


def test_a_branch_without_a_commit(work: Any, push: Push) -> None:
    """What one stands on need not have a commit: another branch is judged all the same."""
    good = commit(work, {"a.txt": "better\n"})
    commit(work, {"a.txt": "a bug\n"})
    work.git("checkout", "--quiet", "--orphan", "pages")
    assert push("origin", f"{good}:refs/heads/main").exit == 0
    assert push("origin", "main").exit == 1


def test_hidden_changes_are_seen(work: Any, push: Push) -> None:
    """A file that git was told not to look at is no part of the commit either."""
    commit(work, {"a.txt": "a bug\n"})
    work.git("update-index", "--assume-unchanged", "a.txt")
    work.write({"a.txt": "mended\n"})
    assert push("origin", "main").exit == 1


def test_what_stands_in_for_an_object_is_not_pushed(work: Any, push: Push) -> None:
    """`git replace` changes what is seen here, and not what a remote gets."""
    bad = commit(work, {"a.txt": "a bug\n"})
    work.git("reset", "--quiet", "--hard", "HEAD~")
    work.git("replace", bad, commit(work, {"a.txt": "good\n"}))
    work.git("reset", "--quiet", "--hard", bad)
    assert push("origin", "main").exit == 1


def test_a_commit_without_gates(work: Any, push: Push) -> None:
    """Nothing was judged: that is no pass; of which commit, and the way around, is said."""
    name = commit(work, remove=["gates/gate.yaml"])
    pushed = push("origin", "main")
    assert pushed.exit == 1
    assert f"gatekeeper: main {name[:7]} could not be judged:\ngates: there is" in pushed.said
    assert "git push --no-verify" in pushed.said


def test_an_editable_install_leads_to_the_pushed_code(work: Any, push: Push) -> None:
    """A test of the pushed commit imports the package as it is there, not the working copy's."""
    venv = work.base / "venv"
    command = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(venv)]
    subprocess.run(command, check=True)
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "own.pth").write_text(f"{work.folder}/src\n")
    work.env["PATH"] = f"{venv}/bin:{work.env['PATH']}"
    test = "import own, sys; sys.exit(own.WRONG)"
    work.gate(NO_BUG, {"check": "right", "command": ["python", "-c", test]})
    commit(work, {"src/own.py": "WRONG = 1\n"})
    work.write({"src/own.py": "WRONG = 0\n"})
    pushed = push("origin", "main")
    assert pushed.exit == 1
    assert pushed.results[0]["verdict"]["verdict"] == "fail"
    commit(work)
    work.write({"src/own.py": "WRONG = 1\n"})
    pushed = push("origin", "main")
    assert pushed.exit == 0, pushed.said


def test_code_of_the_working_copy_that_runs_all_the_same_is_no_measurement(
    work: Any, push: Push
) -> None:
    """A check that names the working copy by its whole path did not measure the commit."""
    work.gate({"check": "own", "command": ["python3", "-c", f"import runpy; {_RUN}"]})
    commit(work, {"own.py": "X = 1\n", "place": str(work.folder)})
    work.write({"own.py": "X = 2\n"})
    pushed = push("origin", "main")
    assert pushed.results[0]["verdict"]["verdict"] == "error"
    assert pushed.exit == 1
    assert "ran code of the working copy: own.py" in pushed.said


_RUN = "runpy.run_path(open('place').read() + '/own.py')"


# -------------------------------------------------------------------------- since which commit


def test_a_new_branch_is_judged_from_where_it_left_the_remote(work: Any, push: Push) -> None:
    """Only what the remote does not know has changed: the nearest of its branches counts."""
    commit(work, {"a.txt": "on main\n"})
    base = commit(work, {"code.py": "1\n"})
    push("--no-verify", "origin", "main")
    work.git("checkout", "--quiet", "-b", "topic")
    commit(work, {"sub/b.txt": "1\n"})
    commit(work, {"new.txt": "1\n"})
    pushed = push("origin", "topic")
    assert (pushed.exit, pushed.files) == (0, ["new.txt", "sub/b.txt"])
    assert pushed.results[0]["subject"]["base"] == base


def test_a_merge_of_two_branches_of_the_remote(work: Any, push: Push) -> None:
    """All that is new is looked at, from the branch that is nearest."""
    work.git("checkout", "--quiet", "-b", "far")
    commit(work, {f"{n}.txt": "far\n" for n in range(5)})
    work.git("checkout", "--quiet", "main")
    commit(work, {"a.txt": "near\n"})
    push("--no-verify", "origin", "main", "far")
    work.git("checkout", "--quiet", "-b", "both", "far")
    work.git("merge", "--quiet", "--no-edit", "main")
    commit(work, {"new.txt": "a bug\n"})
    pushed = push("origin", "both")
    assert (pushed.exit, pushed.files) == (1, ["a.txt", "new.txt"])


def test_a_first_push_is_judged_whole(work: Any, push: Push) -> None:
    """Where nothing is known of the remote, all files are new: by its name and by its URL."""
    other = str(work.base / "other.git")
    work.git("init", "--quiet", "--bare", other)
    work.git("remote", "add", "other", other)
    for words in (("other", "main"), (other, "main:again")):
        pushed = push(*words)
        assert (pushed.exit, pushed.files) == (0, None)


def test_a_commit_that_the_remote_has_is_not_judged_again(work: Any, push: Push) -> None:
    """A branch or a tag at such a commit is pushed, and one line says why it was not judged."""
    pushed = push("origin", "main:release")
    assert (pushed.exit, pushed.results) == (0, [])
    assert "nothing to judge in release: origin has this already" in pushed.said


def test_many_tags_that_the_remote_has_are_one_line(work: Any, push: Push) -> None:
    """The first push of all old tags floods nobody's terminal."""
    for name in "abcde":
        work.git("tag", name)
    pushed = push("origin", "--tags")
    said = "gatekeeper: nothing to judge in tag a, tag b, tag c and 2 more: origin has this already"
    assert (pushed.exit, pushed.said) == (0, f"{said}\n")


@pytest.mark.parametrize("annotated", [False, True])
def test_a_tag_is_judged_by_its_commit(work: Any, push: Push, annotated: bool) -> None:
    """A tag leads to content, annotated or not."""
    name = commit(work, {"a.txt": "a bug\n"})
    work.git("tag", *(["-a", "-m", "1"] if annotated else []), "v1")
    pushed = push("origin", "v1")
    assert pushed.exit == 1
    assert f"tag v1 {name[:7]} is blocked" in pushed.said


def test_a_tag_of_no_commit_is_not_judged(work: Any, push: Push) -> None:
    """There is nothing to judge in a blob or a tree, which is said."""
    work.git("tag", "blob", "HEAD:a.txt")
    work.git("tag", "-a", "-m", "1", "tree", "HEAD:sub")
    pushed = push("origin", "blob", "tree")
    assert (pushed.exit, pushed.results) == (0, [])
    assert "tag blob: leads to a blob" in pushed.said
    assert "tag tree: leads to a tree" in pushed.said


def test_several_references_at_once(work: Any, push: Push) -> None:
    """Each commit is judged once, from its own base; the worst decides, and comes first here."""
    push("--no-verify", "origin", "main:bad")
    good = commit(work, {"a.txt": "better\n"})
    work.git("branch", "same")
    work.git("checkout", "--quiet", "-b", "bad")
    bad = commit(work, {"sub/b.txt": "a bug\n"})
    pushed = push("origin", "main", "same", "bad")
    assert pushed.exit == 1
    judged = {r["subject"]["commit"]: r["plan"]["files"] for r in pushed.results}
    assert judged == {bad: ["a.txt", "sub/b.txt"], good: ["a.txt"]}
    assert [*judged] == [bad, good]
    assert len(pushed.results) == 2
    assert re.search("main, same .* passed|same, main .* passed", pushed.said)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_one_commit_for_two_branches_of_the_remote(
    work: Any, push: Push, order: Sequence[str]
) -> None:
    """What is new to one of them is looked at."""
    push("--no-verify", "origin", "main:a")
    commit(work, {"a.txt": "1\n"})
    push("--no-verify", "origin", "main:b")
    commit(work, {"sub/b.txt": "2\n"})
    pushed = push("origin", *(f"main:{name}" for name in order))
    assert (pushed.exit, pushed.files) == (0, ["a.txt", "sub/b.txt"])


def test_a_force_push_is_judged_from_the_common_commit(work: Any, push: Push) -> None:
    """What the remote has on its own side is no change of ours."""
    base = tip(work)
    commit(work, {"sub/b.txt": "to be replaced\n"})
    push("--no-verify", "origin", "main")
    work.git("reset", "--quiet", "--hard", base)
    commit(work, {"a.txt": "instead\n"})
    pushed = push("--force", "origin", "main")
    assert (pushed.exit, pushed.files) == (0, ["a.txt"])
    assert pushed.results[0]["subject"]["base"] == base


def test_what_the_remote_has_and_we_do_not_know(work: Any, push: Push) -> None:
    """Then what was last seen of the remote counts."""
    other = work.base / "clone"
    work.git("clone", "--quiet", str(work.base / "origin.git"), str(other))
    (other / "theirs.txt").write_text("theirs\n")
    work.git("add", ".", folder=other)
    work.git("commit", "--quiet", "-m", "theirs", folder=other)
    work.git("push", "--quiet", folder=other)
    commit(work, {"a.txt": "ours\n"})
    pushed = push("--force", "origin", "main")
    assert (pushed.exit, pushed.files) == (0, ["a.txt"])


def test_a_shallow_clone_whose_history_does_not_reach(work: Any, push: Push) -> None:
    """It is not measured, and how to fetch the rest is said."""
    work.git("checkout", "--quiet", "-b", "topic")
    commit(work, {"sub/b.txt": "topic\n"})
    work.git("checkout", "--quiet", "main")
    commit(work, {"a.txt": "main\n"})
    push("--no-verify", "origin", "main", "topic")
    clone, url = work.base / "shallow", f"file://{work.base}/origin.git"
    work.git("clone", "--quiet", "--depth=1", "--no-single-branch", "-bmain", url, str(clone))
    assert work.run("install", command="hook", folder=clone).exit == 0
    pushed = push("--force", "origin", "main:topic", folder=clone)
    assert pushed.exit == 1
    assert "this clone is shallow" in pushed.said
    assert "git fetch --unshallow" in pushed.said
    assert "git push --no-verify" in pushed.said


def test_a_base_of_which_a_part_is_missing(work: Any, push: Push) -> None:
    """A comparison that fails is never a change of nothing."""
    name = work.git("rev-parse", "origin/main^{tree}")
    commit(work, {"a.txt": "better\n"})
    (work.folder / ".git/objects" / name[:2] / name[2:]).unlink()
    pushed = push("origin", "main")
    assert pushed.exit == 1
    assert "git diff-tree failed" in pushed.said
    assert "git fetch" in pushed.said


# ------------------------------------------------------------------------------- what changed


def test_a_file_that_is_gone_lets_its_checks_look_at_all(work: Any, push: Push) -> None:
    """What needed it lies elsewhere; a renamed file is looked at under its new name."""
    commit(work, {"ok.txt": "fine\n"}, remove=["sub/b.txt"])
    assert push("origin", "main").files == ["ok.txt"]
    commit(work, remove=["ok.txt"])
    pushed = push("origin", "main")
    assert (pushed.files, pushed.ran("no-bug")) == ([], True)
    work.git("mv", "a.txt", "sub/moved.txt")
    commit(work)
    assert push("origin", "main").files == ["sub/moved.txt"]
    commit(work, {"code.py": "2\n"})
    assert not push("origin", "main").ran("no-bug")


@pytest.mark.parametrize("name", ["a b.txt", "line\nend.txt", "-n.txt", "ümlaut.txt", '"q".txt'])
def test_names_of_files(work: Any, push: Push, name: str) -> None:
    """Whatever a file is called, it is looked at."""
    commit(work, {name: "a bug\n"})
    pushed = push("origin", "main")
    assert (pushed.exit, pushed.files) == (1, [name])


def test_a_name_that_is_no_text(work: Any, push: Push) -> None:
    """It could not be examined, which is no pass."""
    (work.folder / os.fsdecode(b"\xff.txt")).write_text("good\n")
    commit(work)
    pushed = push("origin", "main")
    assert (pushed.exit, len(pushed.files or [])) == (1, 1)
    assert pushed.results[0]["verdict"]["verdict"] == "error"


def test_a_name_of_a_branch_with_everything_in_it(work: Any, push: Push) -> None:
    """Names of references are bytes; what controls a terminal never reaches it."""
    commit(work, {"a.txt": "better\n"})
    pushed = push("origin", "main:refs/heads/\u202etxt/;$(x)")
    assert pushed.exit == 0, pushed.said
    assert "\u202e" not in pushed.said


def test_links_and_modes_are_changes(work: Any, push: Push) -> None:
    """A file that becomes a link, or executable, differs; what cannot be examined is said."""
    (work.folder / "a.txt").chmod(0o755)
    commit(work)
    assert push("origin", "main").files == ["a.txt"]
    (work.folder / "sub/b.txt").unlink()
    commit(work, {"sub/b.txt": Path("../a.txt")})
    pushed = push("origin", "main")
    assert (pushed.exit, pushed.files) == (1, ["sub/b.txt"])
    assert "symbolic link" in pushed.said


def test_a_submodule(work: Any, push: Push) -> None:
    """Its commit is a change; its content is not in this repository, and no dirt of it counts."""
    inner = work.base / "inner"
    inner.mkdir()
    work.git("init", "--quiet", folder=inner)
    work.git("commit", "--quiet", "--allow-empty", "-m", "1", folder=inner)
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    work.git(*add, str(inner), "inner")
    commit(work)
    pushed = push("origin", "main")
    assert (pushed.exit, pushed.files) == (0, [".gitmodules", "inner"])
    (work.folder / "inner/new.txt").write_text("a bug\n")
    work.git("add", ".", folder=work.folder / "inner")
    work.git("commit", "--quiet", "-m", "2", folder=work.folder / "inner")
    commit(work)
    (work.folder / "inner/new.txt").write_text("more\n")
    pushed = push("origin", "main")
    assert (pushed.exit, pushed.files) == (0, ["inner"]), pushed.said


def test_a_change_of_the_policy_looks_at_all(work: Any, push: Push) -> None:
    """A gate that changes finds what was there before; the line says why all was looked at."""
    commit(work, {"old.txt": "an old fault\n"})
    push("--no-verify", "origin", "main")
    work.gate({**NO_BUG, "with": {"forbid": "fault"}}, WHOLE)
    commit(work)
    pushed = push("origin", "main")
    assert (pushed.exit, pushed.files) == (1, None)
    assert "all files, because gates/gate.yaml changed" in pushed.said


def test_a_configuration_that_is_gone_looks_at_all(work: Any, push: Push) -> None:
    """Without its configuration a tool judges every file anew."""
    work.gate({**NO_BUG, "config": ["rules.cfg"]}, WHOLE)
    commit(work, {"rules.cfg": "", "old.txt": "a bug\n"})
    push("--no-verify", "origin", "main")
    commit(work, remove=["rules.cfg"])
    assert push("origin", "main").exit == 1


def test_a_configuration_beside_the_code_looks_at_all(work: Any, push: Push) -> None:
    """The nearest configuration of ruff counts: one in a folder below decides as well."""
    work.gate("ruff")
    commit(work, {"part/ruff.toml": 'lint.ignore = ["F401"]\n', "part/a.py": "import os\n"})
    assert push("origin", "main").exit == 0
    commit(work, {"part/ruff.toml": ""})
    assert push("origin", "main").exit == 1


# ------------------------------------------------------------------------------ where it runs


def test_a_linked_work_tree(work: Any, push: Push) -> None:
    """The hook is shared; a push from a linked work tree judges what is pushed there."""
    linked = work.base / "linked"
    work.git("worktree", "add", "--quiet", "-b", "topic", str(linked))
    (linked / "a.txt").write_text("a bug\n")
    work.git("commit", "--quiet", "-am", "topic", folder=linked)
    assert push("origin", "topic", folder=linked).exit == 1
    assert push("origin", "main:elsewhere", folder=linked).exit == 0


def test_a_push_from_below(work: Any, push: Push) -> None:
    """The whole repository is judged, wherever one stands; what to type works from there."""
    commit(work, {"a.txt": "a bug\n"})
    pushed = push("origin", "main", folder=work.folder / "sub")
    assert pushed.exit == 1
    assert "gatekeeper report ../.gatekeeper/runs/" in pushed.said


@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
def test_pre_commit_and_prek(work: Any, push: Push, tool: str) -> None:
    """Both call the same command in their own pre-push stage."""
    hook = {
        "id": "gatekeeper",
        "name": "gatekeeper",
        "language": "system",
        "entry": f"{sys.executable} -P -m gatekeeper hook pre-push",
        "pass_filenames": False,
        "always_run": True,
        "verbose": True,
        "stages": ["pre-push"],
    }
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    commit(work, {".pre-commit-config.yaml": json.dumps(config)})
    work.run("uninstall", command="hook")
    installed = [str(Path(sys.executable).with_name(tool)), "install", "--hook-type", "pre-push"]
    subprocess.run(installed, cwd=work.folder, env=work.env, check=True, capture_output=True)
    push("--no-verify", "origin", "main")
    commit(work, {"a.txt": "better\n"})
    pushed = push("origin", "main")
    assert (pushed.exit, pushed.files) == (0, ["a.txt"]), pushed.said
    commit(work, {"a.txt": "a bug\n"})
    assert push("origin", "main").exit == 1
    assert push("origin", "main:new").exit == 1
