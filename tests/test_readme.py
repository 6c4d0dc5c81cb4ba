"""The examples of the README and of CONTRIBUTING are what gatekeeper takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatekeeper.config import load, schema

ROOT = Path(__file__).parent.parent
MODELS: dict[str, type[schema.Spec]] = {
    "gates": schema.GateSpec,
    "checks": schema.CheckSpec,
    "checks/tools": schema.ToolSpec,
    "gates/signoffs": schema.SignoffSpec,
    "gates/waivers": schema.WaiverSpec,
}
EXAMPLES = [
    pytest.param(folder, text, id=f"{document}: {folder}/{name}")
    for document in ("README.md", "CONTRIBUTING.md")
    for folder, name, text in re.findall(
        r"^```yaml\n# ([\w/-]+)/([\w-]+\.yaml)[^\n]*\n(.*?)^```",
        (ROOT / document).read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    if folder in MODELS
]


def test_there_are_examples() -> None:
    """A README without a gate, a check and a tool would leave the newcomer alone."""
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize(("folder", "text"), EXAMPLES)
def test_example(folder: str, text: str) -> None:
    """An example has the shape of its file kind."""
    load.read(MODELS[folder], "example.yaml", text.encode())


@pytest.mark.parametrize("target", re.findall(r"make (\w+)", (ROOT / "README.md").read_text()))
def test_targets(target: str) -> None:
    """Each make target that the README shows exists."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
