"""gatekeeper hook: the file that git runs before a push; what the push brings is tested apart."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OTHER = '#!/bin/sh\n{ echo "$@"; cat; } >> "$0.log"\nexit %d\n'
ZERO = "0" * 40


def git(folder: Path, *words: str) -> str:
    """Call git as somebody."""
    me = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *me, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def script(place: Path, text: str, mode: int = 0o755) -> None:
    """Write an executable file."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    place.chmod(mode)


@pytest.fixture
def hooks(repository: Any) -> Path:
    """The folder of hooks of a repository with a commit and a remote."""
    git(repository.folder, "init", "-q", "--bare", str(repository.folder.parent / "remote"))
    git(repository.folder, "remote", "add", "origin", "../remote")
    git(repository.folder, "add", "--all")
    git(repository.folder, "commit", "-qm", "1")
    return Path(repository.folder / ".git/hooks")


def call(hook: Path, given: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a hook as a shell's words do; `given` is what leads to its standard input."""
    words = ["/bin/sh", "-c", f'/bin/sh "$1" origin x {given}', "sh", str(hook)]
    env = {"PATH": os.environ["PATH"], **env}
    top = hook.parent.parent.parent
    return subprocess.run(words, cwd=top, env=env, capture_output=True, text=True, check=False)


def push(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Push with what is installed."""
    argv = ["git", "push", "--quiet", "origin", *(words or ("HEAD:refs/heads/main",))]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def test_install(repository: Any, hooks: Path) -> None:
    """The hook blocks a push that fails; installing again changes nothing; it goes again."""
    done = repository.run("hook", "install")
    said = "installed .git/hooks/pre-push: it judges each push at stage push\n"
    assert (done.exit, done.stdout) == (0, said)
    before = (hooks / "pre-push").read_text()
    assert repository.run("hook", "install").stdout.startswith("updated .git/hooks/pre-push")
    assert (hooks / "pre-push").read_text() == before
    assert push(repository.folder).returncode == 0
    repository.write({"notes.txt": "a tab:\t\n"})
    git(repository.folder, "commit", "-qam", "2")
    blocked = push(repository.folder)
    assert blocked.returncode == 1
    assert "notes.txt:1" in blocked.stderr
    assert repository.run("hook", "uninstall").stdout == "removed .git/hooks/pre-push\n"
    assert [path for path in hooks.iterdir() if path.suffix != ".sample"] == []
    assert push(repository.folder).returncode == 0


def test_the_path_of_the_engine_is_updated(repository: Any, hooks: Path) -> None:
    """Installed again from another environment, the hook runs that one."""
    repository.run("hook", "install")
    place = hooks / "pre-push"
    place.write_text(place.read_text().replace(sys.executable, "/gone/python"))
    repository.run("hook", "install")
    assert "/gone" not in place.read_text()
    assert stat.S_IMODE(place.stat().st_mode) == 0o755


def test_an_engine_that_is_gone_blocks(
    repository: Any, hooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not judged is not passed: the push is blocked, and what to do is said."""
    python, gone = sys.executable, repository.folder.parent / "it's $HOME/python"
    monkeypatch.setattr(sys, "executable", str(gone))
    repository.run("hook", "install")
    done = push(repository.folder)
    assert done.returncode == 1
    assert f"nothing was judged: {gone} is gone" in done.stderr
    assert "gatekeeper hook install" in done.stderr
    assert "git push --no-verify" in done.stderr
    script(gone, f'#!/bin/sh\nexec {python} "$@"\n')
    assert push(repository.folder).returncode == 0


@pytest.mark.parametrize(("given", "path"), [("<&-", ""), ("</", ""), ("", "/nowhere")])
def test_lines_that_cannot_be_read_are_not_nothing(
    repository: Any, hooks: Path, given: str, path: str
) -> None:
    """What git says is lost, or there is no `cat`: blocked, and the system's word for it shown."""
    repository.run("hook", "install")
    done = call(hooks / "pre-push", given, **({"PATH": path} if path else {}))
    assert done.returncode == 3
    assert "cat" in done.stderr


def test_nothing_to_push_is_given_on(repository: Any, hooks: Path) -> None:
    """The hook that was there hears of it, as from git; we are not even started."""
    script(hooks / "pre-push", OTHER % 0)
    repository.run("hook", "install")
    place = hooks / "pre-push"
    place.write_text(place.read_text().replace(sys.executable, "/gone/python"))
    done = call(place, "</dev/null")
    assert (done.returncode, done.stderr) == (0, "")
    assert (hooks / "pre-push.before-gatekeeper.log").read_text() == "origin x\n"


def test_the_judged_repository_replaces_no_part_of_the_engine(
    repository: Any, hooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where the caller has set PYTHONPATH to it."""
    repository.write({"notes.txt": "a tab:\t\n", "click/__init__.py": "raise SystemExit(0)\n"})
    git(repository.folder, "add", "--all")
    git(repository.folder, "commit", "-qm", "2")
    repository.run("hook", "install")
    monkeypatch.setenv("PYTHONPATH", ".")
    done = push(repository.folder)
    assert done.returncode == 1
    assert "notes.txt:1" in done.stderr


@pytest.mark.parametrize(("exits", "blocked"), [(0, False), (7, True)])
def test_a_hook_that_exists_runs_first(
    repository: Any, hooks: Path, exits: int, blocked: bool
) -> None:
    """With the same arguments and lines; its failure blocks, and its success does not pass."""
    script(hooks / "pre-push", OTHER % exits, 0o711)
    done = repository.run("hook", "install")
    assert "is now pre-push.before-gatekeeper and runs first" in done.stdout
    head = git(repository.folder, "rev-parse", "HEAD")
    done = push(repository.folder)
    assert done.returncode == int(blocked)
    assert ("gatekeeper" in done.stderr) != blocked
    lines = (hooks / "pre-push.before-gatekeeper.log").read_text()
    assert lines == f"origin ../remote\nHEAD {head} refs/heads/main {ZERO}\n"
    done = repository.run("hook", "uninstall")
    assert "is again what it was before" in done.stdout
    assert (hooks / "pre-push").read_text() == OTHER % exits
    assert stat.S_IMODE((hooks / "pre-push").stat().st_mode) == 0o711
    assert not (hooks / "pre-push.before-gatekeeper").exists()


def test_a_hook_that_exists_reads_nothing(repository: Any, hooks: Path) -> None:
    """Nor does one that may not be executed count, as for git itself."""
    script(hooks / "pre-push", "#!/bin/sh\nexit 0\n")
    repository.run("hook", "install")
    assert push(repository.folder).returncode == 0
    repository.run("hook", "uninstall")
    script(hooks / "pre-push", "#!/bin/sh\nexit 1\n", 0o644)
    repository.run("hook", "install")
    assert push(repository.folder, "HEAD:refs/heads/other").returncode == 0


def test_a_hook_that_is_a_link(repository: Any, hooks: Path) -> None:
    """It is moved as it is, and nothing is written through it."""
    script(repository.folder / "own.sh", "#!/bin/sh\nexit 5\n")
    (hooks / "pre-push").symlink_to("../../own.sh")
    repository.run("hook", "install")
    assert push(repository.folder).returncode == 1
    repository.run("hook", "uninstall")
    assert os.readlink(hooks / "pre-push") == "../../own.sh"
    assert (repository.folder / "own.sh").read_text() == "#!/bin/sh\nexit 5\n"


def test_two_hooks_of_others(repository: Any, hooks: Path) -> None:
    """What is kept is never overwritten."""
    for name in ("pre-push", "pre-push.before-gatekeeper"):
        script(hooks / name, f"#!/bin/sh\n# {name}\n")
    done = repository.run("hook", "install")
    assert done.exit == 2
    assert "keeps another one already" in done.stderr
    assert (hooks / "pre-push").read_text() == "#!/bin/sh\n# pre-push\n"


def test_uninstall_leaves_others_alone(repository: Any, hooks: Path) -> None:
    """Neither a hook of somebody else nor none at all is a mistake; it is said."""
    assert "pre-push does not exist" in repository.run("hook", "uninstall").stdout
    script(hooks / "pre-push", "#!/bin/sh\n# mentions gatekeeper hook install\n")
    done = repository.run("hook", "uninstall")
    assert done.exit == 0
    assert "is not gatekeeper's: left alone" in done.stdout
    assert (hooks / "pre-push").exists()


def test_pre_commit_moves_our_hook(repository: Any, hooks: Path) -> None:
    """pre-commit and prek keep it as `.legacy` and run it: it is updated and removed there."""
    repository.run("hook", "install")
    (hooks / "pre-push").rename(hooks / "pre-push.legacy")
    script(hooks / "pre-push", "#!/bin/sh\n# pre-commit\n")
    assert "updated .git/hooks/pre-push.legacy" in repository.run("hook", "install").stdout
    assert "removed .git/hooks/pre-push.legacy" in repository.run("hook", "uninstall").stdout
    assert (hooks / "pre-push").exists()


@pytest.mark.parametrize("running", ["PRE_COMMIT_RUNNING_LEGACY", "PREK_RUNNING_LEGACY"])
def test_pre_commit_around_us_again(repository: Any, hooks: Path, running: str) -> None:
    """Installed before us and after us, it runs once: neither calls the other in a circle."""
    loop = f'#!/bin/sh\n# hook-impl\n[ -z "${running}" ] || exit 9\nexport {running}=1\n'
    loop += 'echo ran >> "$0.log"\nexec "${0%/*}/pre-push.legacy" "$@"\n'
    script(hooks / "pre-push", loop)
    repository.run("hook", "install")
    (hooks / "pre-push").rename(hooks / "pre-push.legacy")
    script(hooks / "pre-push", loop)
    done = push(repository.folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("passed at push") == 1
    assert (hooks / "pre-push.log").read_text() == "ran\n"


# --------------------------------------------------------------------------- where hooks stand


def test_a_folder_of_its_own(repository: Any, hooks: Path) -> None:
    """core.hooksPath is honoured where it leads to an untracked folder of this repository."""
    git(repository.folder, "config", "core.hooksPath", ".githooks")
    done = repository.run("hook", "install")
    assert done.stdout.startswith("installed .githooks/pre-push")
    assert "passed at push" in push(repository.folder).stderr
    assert repository.run("hook", "uninstall").stdout == "removed .githooks/pre-push\n"


def test_a_setting_that_came_later(repository: Any, hooks: Path) -> None:
    """The hook is removed where it was installed."""
    repository.run("hook", "install")
    git(repository.folder, "config", "core.hooksPath", ".githooks")
    assert repository.run("hook", "uninstall").stdout == "removed .git/hooks/pre-push\n"


def test_a_folder_that_git_tracks(repository: Any, hooks: Path) -> None:
    """A path of this machine does not go to everybody who clones."""
    repository.write({".husky/pre-commit": "#!/bin/sh\n"})
    git(repository.folder, "add", "--all")
    git(repository.folder, "config", "core.hooksPath", ".husky")
    done = repository.run("hook", "install")
    assert done.exit == 2
    assert "which git tracks" in done.stderr
    assert 'Add `gatekeeper hook pre-push "$@"` to .husky/pre-push' in done.stderr
    assert not (repository.folder / ".husky/pre-push").exists()


@pytest.mark.parametrize("scope", ["global", "local"])
def test_a_folder_of_all_repositories(
    repository: Any, hooks: Path, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written outside of the repository; the remedy works."""
    outside = repository.folder.parent / "all-hooks"
    outside.mkdir()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(repository.folder.parent / "gitconfig"))
    git(repository.folder, "config", f"--{scope}", "core.hooksPath", str(outside))
    done = repository.run("hook", "install")
    assert done.exit == 2
    assert f"core.hooksPath ({scope})" in done.stderr
    assert list(outside.iterdir()) == []
    remedy = done.stderr[done.stderr.index("git config --local") :].strip()
    subprocess.run(["sh", "-c", remedy], cwd=repository.folder, check=True)
    assert repository.run("hook", "install").exit == 0
    assert (hooks / "pre-push").exists()


def test_a_linked_work_tree(repository: Any, hooks: Path) -> None:
    """All work trees share their hooks; its path is named whole."""
    linked = repository.folder.parent / "linked"
    git(repository.folder, "worktree", "add", "-q", str(linked))
    here, repository.folder = repository.folder, linked
    assert f"installed {here}/.git/hooks/pre-push" in repository.run("hook", "install").stdout
    assert (hooks / "pre-push").exists()


def test_no_repository(folder: Any) -> None:
    """Hooks are git's."""
    done = folder.run("hook", "install")
    assert done.exit == 2
    assert "is in no git repository" in done.stderr


def test_a_bare_repository(repository: Any, hooks: Path) -> None:
    """There is no work tree to judge in: that is said, and blocks."""
    repository.folder = repository.folder.parent / "remote"
    for words in (("install",), ("uninstall",)):
        done = repository.run("hook", *words)
        assert done.exit == 2
        assert "without a work tree" in done.stderr


def test_before_the_first_commit(empty: Any) -> None:
    """The hook can be installed at once."""
    shutil.rmtree(empty.folder / ".git/hooks")
    assert empty.run("hook", "install").exit == 0
    assert (empty.folder / ".git/hooks/pre-push").exists()


# -------------------------------------------------------------------------- the hook by itself


@pytest.mark.parametrize(
    ("given", "exit_", "said"),
    [
        ("", 0, ""),
        (f"(delete) {ZERO} refs/heads/old {'a' * 40}\n", 0, ""),
        ("nonsense\n", 3, "is not what git gives a pre-push hook"),
        (f"x {'a' * 40} y {ZERO}\n", 3, "which is not in this repository"),
    ],
)
def test_what_is_given(repository: Any, hooks: Path, given: str, exit_: int, said: str) -> None:
    """Nothing is silent and quick; what cannot be told blocks, with the way around."""
    done = repository.start("hook", "pre-push", "origin", "x", via=f"printf '{given}' | \"$@\"")
    assert done.exit == exit_
    assert said in done.stderr
    assert bool(done.stderr) == bool(said)
    assert ("git push --no-verify" in done.stderr) == bool(said)


@pytest.mark.parametrize("given", ["<&-", "</dev/null"])
def test_nobody_tells_what_is_pushed(repository: Any, hooks: Path, given: str) -> None:
    """A script that calls us and keeps git's lines to itself does not turn each push green."""
    done = repository.start("hook", "pre-push", "origin", "x", via=f'"$@" {given}')
    assert done.exit == 3
    assert "nobody tells what is pushed" in done.stderr
    assert "git push --no-verify" in done.stderr


def test_nothing_to_push_imports_next_to_nothing(repository: Any, hooks: Path) -> None:
    """A push that only deletes does not wait for what it does not use."""
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, sep='\\n'))\n"
    code += "from gatekeeper.cli import main; main()"
    argv = [sys.executable, "-c", code, "hook", "pre-push", "origin", "url"]
    given = f"(delete) {ZERO} refs/heads/old {'a' * 40}\n"
    done = subprocess.run(argv, input=given, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "click" in loaded
    assert not loaded & {"pydantic", "yaml", "subprocess", "gatekeeper.checkout", "gatekeeper.run"}
