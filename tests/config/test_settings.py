"""`gatekeeper.toml` and `[tool.gatekeeper]`: where the folders are."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.config.schema import SettingsSpec
from gatekeeper.config.settings import inside, settings
from gatekeeper.errors import ConfigurationError

PYPROJECT = "[project]\nname = 'x'\n\n[tool.gatekeeper]\ngates = 'a'\n"


@pytest.mark.parametrize(
    ("files", "gates"),
    [
        ({}, "gates"),
        ({"gatekeeper.toml": "gates = 'a'\n"}, "a"),
        ({"gatekeeper.toml": ""}, "gates"),
        ({"pyproject.toml": PYPROJECT}, "a"),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, "gates"),
        ({"pyproject.toml": "[tool.gatekeeper.services]\napi = 'api'\n"}, "gates"),
        ({"pyproject.toml": '[tool]\ngatekeeper = {gates = "a"}\n'}, "a"),
        ({"pyproject.toml": '[tool."gatekeeper"]\ngates = "a"\n'}, "a"),
        ({"pyproject.toml": "# tool.gatekeeper\n"}, "gates"),
        ({"gatekeeper.toml": "gates = 'b'\n", "pyproject.toml": PYPROJECT}, "b"),
    ],
)
def test_settings(tmp_path: Path, files: dict[str, str], gates: str) -> None:
    """gatekeeper.toml comes first, then pyproject.toml however its table is written."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert settings(tmp_path).gates == gates


def test_all_settings(tmp_path: Path) -> None:
    """Each setting is read."""
    text = "gates='g'\nchecks='c'\nlearning='l'\n[services]\napi='services/api'\n"
    (tmp_path / "gatekeeper.toml").write_text(text)
    assert settings(tmp_path) == SettingsSpec(
        gates="g", checks="c", learning="l", services={"api": "services/api"}
    )


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (b"gates = ", ["is no valid TOML: "]),
        (b"gates = '\xff'", ["is no valid TOML: "]),
        (b"gates = 1\ncolour = 'red'", ["gates: ", "colour: "]),
        (b"gates = ''", ["gates: "]),
        (b"[services]\nAPI = 'a'", ["services.API"]),
        (b"gates = '../out'", ["`../out` leads out of the repository"]),
        (b"checks = '/etc'", ["`/etc` leads out of the repository"]),
        (b"[services]\na = '..'", ["`..` leads out of the repository"]),
        (b"gates = 'link'", ["`link` leads out of the repository"]),
    ],
)
def test_mistakes(tmp_path: Path, text: bytes, messages: list[str]) -> None:
    """What is wrong is told with the name of the setting; nothing is read from outside."""
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "gatekeeper.toml").write_bytes(text)
    with pytest.raises(ConfigurationError) as caught:
        settings(tmp_path)
    found = [problem.message for problem in caught.value.problems]
    assert len(found) == len(messages), found
    assert all(one.startswith(wanted) for one, wanted in zip(found, messages, strict=True)), found
    assert {problem.file for problem in caught.value.problems} == {"gatekeeper.toml"}


@pytest.mark.parametrize(
    "text", ["[tool]\ngatekeeper = 3\n# tool.gatekeeper", "tool = 3 # gatekeeper"]
)
def test_table_that_is_none(tmp_path: Path, text: str) -> None:
    """A table that is no table is a mistake."""
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigurationError):
        settings(tmp_path)


def test_inside(tmp_path: Path) -> None:
    """A path is inside where it stays, its links followed."""
    (tmp_path / "link").symlink_to("..")
    assert inside(tmp_path, tmp_path / "a" / "..")
    assert not inside(tmp_path, tmp_path / "..")
    assert not inside(tmp_path, tmp_path / "link")
    assert not inside(tmp_path / "a", tmp_path / "ab")
