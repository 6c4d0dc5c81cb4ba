"""The public interface."""

from __future__ import annotations

import subprocess
import sys

import pytest

STEPS = ["judge", "load", "plan", "render", "resolve", "run"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("first", ["", "import gatekeeper.cli.run"])
def test_steps_are_functions(step: str, first: str) -> None:
    """A step is the function, whether or not the module of its name is imported already."""
    code = f"{first}\nfrom gatekeeper import {step}\nprint(type({step}).__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "function\n"


def test_there_is_nothing_else() -> None:
    """An unknown name is an AttributeError, as of any module."""
    code = "import gatekeeper\ngatekeeper.nothing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "module 'gatekeeper' has no attribute 'nothing'" in done.stderr
