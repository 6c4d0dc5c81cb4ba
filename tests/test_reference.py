"""docs/reference/ is what the code says, and leaves nothing out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper import cli, plugins
from gatekeeper.cli.keys import KEYS
from gatekeeper.config import load
from gatekeeper.metrics import FAMILIES, TABLE

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs/reference"
TOLD = {
    "commands.md": [f"gatekeeper {name}" for name in cli._COMMANDS],
    "files.md": list(KEYS),
    "metrics.md": [*TABLE, *(family.name.replace("|", "\\|") for family in FAMILIES)],
    "tools.md": load.tool_names(),
    "check-types.md": plugins.names("check-type"),
    "readers.md": plugins.names("reader"),
    "reports.md": plugins.names("report"),
}


def test_the_pages_are_current(tmp_path: Path) -> None:
    """`make reference` would change nothing."""
    subprocess.run([sys.executable, ROOT / "scripts/reference.py", tmp_path], check=True)
    written = {page.name: page.read_text("utf-8") for page in tmp_path.iterdir()}
    assert written == {page.name: page.read_text("utf-8") for page in PAGES.iterdir()}


@pytest.mark.parametrize("page", TOLD)
def test_a_page_is_complete(page: str) -> None:
    """Each name of its kind is a heading, or begins a row of a table."""
    text = (PAGES / page).read_text("utf-8")
    found = re.findall(r"^## (.*)$|^\| `([^`]+)`", text, re.MULTILINE)
    told = {name for names in found for name in names}
    assert TOLD[page]
    assert set(TOLD[page]) <= told
