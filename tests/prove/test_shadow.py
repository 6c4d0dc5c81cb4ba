"""What runs is the code in the worktree, however the code of the working copy is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.adapters.process import Supervisor
from gatekeeper.prove import guard, shadow
from gatekeeper.prove.guard import Guard, Lab
from gatekeeper.prove.view import View
from gatekeeper.prove.worktree import open_tree

SEEN = "1 failed: the worktree ran"
TOOL = """\
tool: quick
params: {tests: []}
command: [COMMAND, -q, -p, "no:cacheprovider", -p, "no:hypothesispytest",
  "--junit-xml=${out}/r.xml", --, "${tests}"]
reads: [{format: junit, file: "${out}/r.xml"}]
exit: {clean: [0], findings: [1]}
"""
CHILD = """\
import subprocess, sys
import app

def test_child():
    code = "import app; print(app.A)"
    words = [sys.executable, "-I", "-c", code]
    assert subprocess.check_output(words).split() == [b"2"]

def test_here():
    assert app.A == 2
"""
FINDER = """\
import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location
MAPPING = {"app": PLACE}

class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            return spec_from_file_location(fullname, MAPPING[fullname] + "/__init__.py")

def install():
    sys.meta_path.append(_EditableFinder)
"""


@pytest.fixture
def environment(repo: Any) -> Path:
    """A virtual environment in the working copy, with pytest; its `site-packages`."""
    home = repo.path / ".venv"
    words = [sys.executable, "-m", "venv", "--without-pip", str(home)]
    subprocess.run(words, check=True)
    packages: Path = next(home.glob("lib/python*/site-packages"))
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "ours.pth").write_text("\n".join(ours))
    script = home / "bin/pytest"
    script.write_text(f"#!{home}/bin/python\nimport sys, pytest\nsys.exit(pytest.main())\n")
    script.chmod(0o755)
    return packages


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was compiled of the environment, for the next run."""
    return tmp_path_factory.mktemp("shadows") / "bytecode"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor of real processes."""
    with Supervisor(grace=0.2) as started:
        yield started


@pytest.fixture
def run(repo: Any, supervisor: Supervisor, bytecode: Path) -> Any:
    """Commit code and a guard, make the worktree differ from the working copy, run the guard."""

    def ran(
        layout: str,
        test: str = CHILD,
        *,
        path: str = "",
        link: tuple[str, ...] = (),
        command: str = "pytest",
        files: dict[str, str] | None = None,
    ) -> View:
        commit = repo.commit(
            {
                "gates/q.yaml": "gate: q\nchecks: []\n",
                "checks/tools/quick.yaml": TOOL.replace("COMMAND", command),
                "checks/guard.yaml": "check: guard\ngate: q\nuses: quick\nwith: {tests: [tests]}\n",
                ".gitignore": ".venv/\n.gatekeeper/\n",
                layout: "A = 2\n",
                "tests/test_app.py": test,
                **(files or {}),
            }
        )
        with open_tree(repo.found, commit) as tree:
            tree.link(link)
            (tree.path / layout).write_text("A = 3\n")
            found = guard.find(tree.path, "guard")
            assert isinstance(found, Guard)
            caller = {"PATH": f"{path or repo.path / '.venv/bin'}:/usr/bin:/bin"}
            shadows = shadow.shadows(repo.path, tree.path, bytecode)
            view = guard.run(found, Lab(tree, shadows, supervisor, caller, datetime.now(UTC)))
            shadows.move(bytecode)
            return view

    return ran


def _outcomes(view: View) -> dict[str, str]:
    return {name.partition("::")[2]: test.outcome for name, test in view.tests.items()}


BOTH = {"test_child": "failed", "test_here": "failed"}


def test_path_file(repo: Any, environment: Path, run: Any) -> None:
    """A line of a `.pth` file that leads to `src` leads to that of the worktree, also under -I."""
    (environment / "_app.pth").write_text(f"{repo.path}/src\n")
    view = run("src/app/__init__.py")
    assert view.ran == ()
    assert _outcomes(view) == BOTH


def test_finder(repo: Any, environment: Path, run: Any) -> None:
    """So does a finder as setuptools writes one."""
    place = repr(f"{repo.path}/src/app")
    (environment / "__editable___app_finder.py").write_text(FINDER.replace("PLACE", place))
    line = "import __editable___app_finder; __editable___app_finder.install()\n"
    (environment / "__editable__.app.pth").write_text(line)
    view = run("src/app/__init__.py")
    assert view.ran == ()
    assert _outcomes(view) == BOTH


def test_environment_that_is_linked(repo: Any, environment: Path, run: Any) -> None:
    """A tool named by its path in a borrowed environment runs in the stand-in."""
    (environment / "_app.pth").write_text(f"{repo.path}/src\n")
    view = run("src/app/__init__.py", link=(".venv",), command=".venv/bin/pytest", path="/nowhere")
    assert view.ran == ()
    assert _outcomes(view) == BOTH


def test_nothing_installed(run: Any) -> None:
    """Where pytest itself is told where the sources are, there is nothing to map."""
    test = "import app\n\ndef test_here():\n    assert app.A == 2\n"
    files = {"pytest.ini": "[pytest]\npythonpath = src\n"}
    view = run("src/app/__init__.py", test, path=os.path.dirname(sys.executable), files=files)
    assert (view.ran, _outcomes(view)) == ((), {"test_here": "failed"})


@pytest.mark.parametrize("child", [False, True], ids=["in the test", "in a child under -I"])
def test_working_copy_that_runs(repo: Any, run: Any, child: bool) -> None:
    """A module of the working copy is told, wherever it is loaded."""
    code = f"import sys; sys.path.insert(0, {str(repo.path / 'src')!r}); import app"
    here = f"    {code}\n"
    words = f"[sys.executable, '-I', '-c', {code!r}]"
    there = f"    import subprocess, sys\n    subprocess.check_call({words})\n"
    test = f"def test_it():\n{there if child else here}"
    view = run("src/app/__init__.py", test, path=os.path.dirname(sys.executable))
    assert view.ran == ("src/app/__init__.py",)


def test_nested_pytest(run: Any) -> None:
    """A pytest that a test starts is not taken for the guard's."""
    test = (
        "import subprocess, sys, app\n\ndef test_here(tmp_path):\n"
        "    (tmp_path / 'test_in.py').write_text('def test_in(): assert 0')\n"
        "    assert subprocess.call([sys.executable, '-m', 'pytest', str(tmp_path)]) == 1\n"
        "    assert app.A == 2\n"
    )
    files = {"pytest.ini": "[pytest]\npythonpath = src\n"}
    view = run("src/app/__init__.py", test, path=os.path.dirname(sys.executable), files=files)
    assert _outcomes(view) == {"test_here": "failed"}
    crash = view.tests["tests/test_app.py::test_here"].crash
    assert crash is not None
    assert crash.frames[0].source == "assert app.A == 2"
