"""What a command may import: start-up is the larger part of what a user waits for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# What pydantic stands on is imported with it; cython_runtime belongs to PyYAML.
_PYDANTIC = {
    "annotated_types",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}
# Of the standard library and of our own: slow to import, and of no use to an ordinary run.
# importlib.metadata is not among them, because pydantic imports it to look for its own plug-ins.
_SLOW = {
    *("asyncio", "concurrent.futures", "difflib", "http.client", "logging", "multiprocessing"),
    *("pickle", "sqlite3", "tomllib", "unittest", "xml"),
    *(
        "gatekeeper.adapters.jsonfile",
        "gatekeeper.adapters.markdown",
        "gatekeeper.adapters.xmlfile",
    ),
    *("gatekeeper.adapters.markdown", "gatekeeper.reports.json", "gatekeeper.reports.junit"),
}
_SHOW = """
import atexit, json, sys
before = set(sys.modules)
atexit.register(lambda: print(json.dumps(sorted(set(sys.modules) - before))))
from gatekeeper.cli import main
main()
"""


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        pytest.param(["--version"], {"click"}, id="version"),
        pytest.param(["--help"], {"click"}, id="help"),
        pytest.param(["run"], {"click", "yaml", "cython_runtime", *_PYDANTIC}, id="run"),
    ],
)
def test_imports(arguments: list[str], allowed: set[str], tmp_path: Path) -> None:
    """A command imports what it needs of other projects, and nothing slow that it can spare."""
    (tmp_path / "gates").mkdir()
    gate = 'gate: g\nchecks: [{check: noop, command: ["true"]}]\n'
    (tmp_path / "gates" / "g.yaml").write_text(gate)
    done = subprocess.run(
        [sys.executable, "-c", _SHOW, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(json.loads(done.stdout.splitlines()[-1]))
    foreign = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    assert {name for name in foreign if not name.startswith("_")} - {"gatekeeper"} <= allowed
    assert not modules & _SLOW
