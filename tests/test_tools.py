"""Where a tool is found, and its identity."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from gatekeeper import tools
from gatekeeper.errors import NotMeasured


def executable(path: Path, text: str = "#!/bin/sh\n") -> Path:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_on_path_then_beside_python(tmp_path: Path) -> None:
    """PATH is searched in order, and the folder of the running Python last."""
    executable(tmp_path / "two/tool")
    first = executable(tmp_path / "one/tool")
    (tmp_path / "zero/tool").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    (tmp_path / "none/tool").write_text("")
    path = os.pathsep.join(str(tmp_path / n) for n in ("zero", "none", "nowhere", "one", "two"))
    assert tools.find("tool", tmp_path, tmp_path / "top", (), path) == first
    beside = tools.find("pytest", tmp_path, tmp_path / "top", (), "/nowhere")
    assert beside == Path(sys.executable).parent / "pytest"


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin", "~/bin"])
def test_relative_entries_leave_path(entry: str) -> None:
    """A folder that depends on where one stands is not searched."""
    found = tools.search_path(os.pathsep.join(["/a", entry, "/b", "/a"]))
    assert found == ("/a", "/b", os.path.dirname(sys.executable))


@pytest.mark.parametrize(
    ("tracked", "refused"),
    [({"bin/link"}, True), ({"bin/real"}, True), ({"bin/other"}, False), (set(), False)],
)
def test_file_of_the_judged_repository(tmp_path: Path, tracked: set[str], refused: bool) -> None:
    """A tracked file is no tool, nor what a tracked link leads to; an untracked one is."""
    executable(tmp_path / "bin/real")
    (tmp_path / "bin/link").symlink_to("real")
    if refused:
        with pytest.raises(NotMeasured, match=r"name it by path \(\./bin/"):
            tools.find("link", tmp_path, tmp_path, tracked, str(tmp_path / "bin"))
    else:
        found = tools.find("link", tmp_path, tmp_path, tracked, str(tmp_path / "bin"))
        assert found == tmp_path / "bin/link"


def test_tracked_link_that_leads_out(tmp_path: Path) -> None:
    """A tracked link to a harmless program would stand in for the tool."""
    (tmp_path / "ruff").symlink_to("/bin/true")
    with pytest.raises(NotMeasured, match="resolves to ruff, a tracked file"):
        tools.find("ruff", tmp_path, tmp_path, {"ruff"}, str(tmp_path))


@pytest.mark.parametrize("name", ["./tool", "sub/../tool", "../top/tool"])
def test_named_by_path(tmp_path: Path, name: str) -> None:
    """A name with a slash is a path from the check's folder."""
    tool = executable(tmp_path / "top/tool")
    assert tools.find(name, tmp_path / "top", tmp_path, {"top/tool"}, "") == tool


def test_memory_asks_again_when_the_program_changes(tmp_path: Path) -> None:
    """A version is asked for once, until the program or the question changes."""
    program = executable(tmp_path / "tool")
    file = tmp_path / "tools.json"
    asked: list[str] = []

    def ask() -> str:
        asked.append("once")
        return f"1.{len(asked)}"

    memory = tools.Memory.load(file)
    first = memory.identify(program, ["tool", "--version"], ask)
    assert memory.changed
    file.write_text(json.dumps(memory.known))
    memory = tools.Memory.load(file)
    assert memory.identify(program, ["tool", "--version"], ask) == first
    assert not memory.changed
    assert memory.identify(program, [], ask).version == ""
    assert memory.identify(program, ["tool", "-V"], ask).version == "1.2"
    executable(program, "#!/bin/sh\nexit 1\n")
    changed = memory.identify(program, ["tool", "-V"], ask)
    assert (changed.version, changed.digest != first.digest) == ("1.3", True)


def test_memory_knows_the_packages_of_a_script(tmp_path: Path) -> None:
    """A script is another tool once packages are installed beside its interpreter."""
    python = executable(tmp_path / "venv/bin/python")
    packages = tmp_path / "venv/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    os.utime(packages, ns=(1, 1))
    script = executable(tmp_path / "venv/bin/tool", f"#!{python}\n")
    memory = tools.Memory(tmp_path / "tools.json", {})
    assert memory.identify(script, ["v"], lambda: "1").version == "1"
    assert memory.identify(script, ["v"], lambda: "2").version == "1"
    (packages / "new").mkdir()
    assert memory.identify(script, ["v"], lambda: "2").version == "2"


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": {"b": 1}}', "[" * 99_999, "\udcff"])
def test_unreadable_memory_is_forgotten(tmp_path: Path, text: str) -> None:
    """Only time is lost."""
    file = tmp_path / "tools.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert tools.Memory.load(file).known == {}


def test_program_that_cannot_be_read(tmp_path: Path) -> None:
    """A program that vanished has no identity."""
    with pytest.raises(NotMeasured, match="cannot be read: No such file"):
        tools.Memory(tmp_path / "x", {}).identify(tmp_path / "gone", [], lambda: "")


def test_environment_of_a_check() -> None:
    """Few variables pass; what the check names is set, passed by name, or left out."""
    caller = {"PATH": "/bin:.", "HOME": "/h", "CI": "1", "LC_ALL": "C", "A": "a", "Http_Proxy": "p"}
    env = tools.environment(caller, {"B": "b", "A": None, "ABSENT": None, "HOME": "/other"})
    path = f"/bin:{os.path.dirname(sys.executable)}"
    expected = {"PATH": path, "HOME": "/other", "LC_ALL": "C", "A": "a", "B": "b"}
    assert env == {**expected, "Http_Proxy": "p"}
