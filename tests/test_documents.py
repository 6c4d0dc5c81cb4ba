"""The examples of the documents are what gatekeeper takes."""

from __future__ import annotations

import re
import textwrap
import tomllib
from pathlib import Path

import pytest

from gatekeeper.config import load, schema

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
MODELS: dict[str, type[schema.Spec]] = {
    "gates": schema.GateSpec,
    "checks": schema.CheckSpec,
    "checks/tools": schema.ToolSpec,
    "gates/signoffs": schema.SignoffSpec,
    "gates/waivers": schema.WaiverSpec,
}
EXAMPLES = [
    pytest.param(folder, textwrap.dedent(text), id=f"{document.name}: {folder}/{name}")
    for document in DOCUMENTS
    for folder, name, text in re.findall(
        r"^ *```yaml\n *# ([\w/-]+)/([\w-]+\.yaml)[^\n]*\n(.*?)^ *```",
        document.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    if folder in MODELS
]


def test_there_are_examples() -> None:
    """A README without a gate, a check and a tool would leave the newcomer alone."""
    assert len([example for example in EXAMPLES if str(example.id).startswith("README")]) >= 3


@pytest.mark.parametrize(("folder", "text"), EXAMPLES)
def test_example(folder: str, text: str) -> None:
    """An example has the shape of its file kind."""
    load.read(MODELS[folder], "example.yaml", text.encode())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_targets(document: Path) -> None:
    """Each make target that a document shows exists."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:\$ |`)make ([a-z]+)", document.read_text("utf-8")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_floors() -> None:
    """The architecture shows the floors that import-linter enforces, and a row for each room."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    architecture = (ROOT / "docs/architecture.md").read_text("utf-8")
    shown = re.search(r"## Floors\n.*?```\n(.*?)```", architecture, re.DOTALL)
    assert shown
    floors = [re.findall(r"\w+", line) for line in shown[1].splitlines()]
    assert floors == [re.findall(r"\w+", layer) for layer in layers]
    rooms = re.findall(r"`(\w+)(?:\.py|/)`", architecture.partition("## Rooms")[2])
    assert {room for floor in floors for room in floor} <= set(rooms)
