"""Decide whether a change may be deployed, and make sure that no failure happens twice.

The public interface is one function a step: `load` the files people write, `resolve` them into a
policy, `plan` a run, `run` it, `judge` what was seen, `render` a report.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gatekeeper.config.load import load as load
    from gatekeeper.judge import judge as judge
    from gatekeeper.plan import plan as plan
    from gatekeeper.reports import render as render
    from gatekeeper.resolve import resolve as resolve
    from gatekeeper.run import run as run

__all__ = ["judge", "load", "plan", "render", "resolve", "run"]
_HOMES = {"load": "config.load", "render": "reports"}


class _Steps(ModuleType):
    """A step and its module have the same name: here the name always means the function."""

    def __getattr__(self, name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # Only when it is asked for: `gatekeeper --version` needs none of the steps.
        home = importlib.import_module(f"{__name__}.{_HOMES.get(name, name)}")
        return getattr(home, name)

    def __setattr__(self, name: str, value: object) -> None:
        """The import system binds each imported module to its name."""
        if name in __all__ and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Steps
