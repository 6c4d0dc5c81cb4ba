"""Decide whether a change may be deployed, and make sure that no failure happens twice.

The public interface is one function a step: `load` the files people write, `resolve` them into a
policy, `plan` a run, `run` it, `judge` what was seen, `render` a report.
"""

from __future__ import annotations

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


def __getattr__(name: str) -> Any:
    """Import a step only when it is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415  `gatekeeper --version` needs none of the steps

    return getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, name)}"), name)
