"""scripts/browser: takes the Chromium that is there, installs Debian's, or says what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "browser"
INSTALLS = 'echo "$*" >>"$LOG"\ncase "$*" in *chromium) cp "$0" "${0%apt-get}chromium" ;; esac\n'

needs_none = pytest.mark.skipif(
    Path("/Applications/Google Chrome.app").exists() or Path("/Applications/Chromium.app").exists(),
    reason="this machine has a browser that no PATH hides",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder that is the whole PATH; programs are put into it by `put`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "cp").symlink_to("/bin/cp")
    return folder


def put(folder: Path, name: str, body: str = "exit 0\n") -> Path:
    """Write a program in sh."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}")
    program.chmod(0o755)
    return program


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script with a PATH of one folder."""
    return subprocess.run(
        ["/bin/sh", SCRIPT, *arguments],
        env={"PATH": str(folder), "LOG": str(folder.parent / "log")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_there(name: str, path: Path) -> None:
    """A browser on PATH is named, and nothing is installed."""
    put(path, "id", "echo 0\n")
    put(path, "apt-get", INSTALLS)
    program = put(path, name)
    done = call(path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{program}\n", "")
    assert not (path.parent / "log").exists()


@needs_none
def test_root_installs(path: Path) -> None:
    """As root on Debian its chromium is installed, the list of packages renewed first."""
    put(path, "id", "echo 0\n")
    put(path, "apt-get", INSTALLS)
    done = call(path)
    assert (done.returncode, done.stdout) == (0, f"{path / 'chromium'}\n")
    assert (path.parent / "log").read_text().splitlines() == [
        "update -qq",
        "install -qq --yes --no-install-recommends chromium",
    ]


@needs_none
@pytest.mark.parametrize(
    ("user", "apt", "arguments"),
    [
        pytest.param("1000", INSTALLS, (), id="not root"),
        pytest.param("0", "", (), id="no apt-get"),
        pytest.param("0", INSTALLS, ("find",), id="only looking"),
        pytest.param("0", "exit 0\n", (), id="installed nothing"),
    ],
)
def test_says_what_to_do(user: str, apt: str, arguments: tuple[str, ...], path: Path) -> None:
    """Where it may not or cannot install one, it says how, and fails."""
    put(path, "id", f"echo {user}\n")
    if apt:
        put(path, "apt-get", apt)
    done = call(path, *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "sudo apt-get install chromium" in done.stderr
    assert not (path.parent / "log").exists()


@needs_none
def test_apt_fails(path: Path) -> None:
    """Where apt-get fails, so does the script."""
    put(path, "id", "echo 0\n")
    put(path, "apt-get", "echo 'E: no network' >&2\nexit 100\n")
    done = call(path)
    assert done.returncode == 100
    assert "E: no network" in done.stderr
