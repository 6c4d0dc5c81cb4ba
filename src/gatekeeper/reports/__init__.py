"""Reports: one module per form, each a `Report` that shows a result and has no opinion."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper import plugins
from gatekeeper.errors import UsageError
from gatekeeper.interfaces import Report
from gatekeeper.result import Result


def render(result: Result, form: str) -> Iterator[str]:
    """The text of a result in a form, such as `terminal`, `json` or `junit`."""
    try:
        plugin = plugins.load("report", form)
    except plugins.UnknownPlugin as error:
        raise UsageError(f"{error}; {error.hint}") from None
    if not isinstance(plugin.value, Report):
        raise UsageError(f"the report `{form}` of {plugin.source} does not load: {plugin.failure}")
    return plugin.value.render(result)
