"""The examples of the documents are what gatekeeper takes."""

from __future__ import annotations

import re
import textwrap
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
