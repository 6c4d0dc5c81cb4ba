"""Reports: one module per form, each a `Report` that shows a result and has no opinion."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper import plugins
from gatekeeper.errors import NotMeasured, UsageError
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
    if plugin.source == "gatekeeper":
        return plugin.value.render(result)
    return _guarded(plugin.value, result, f"the report `{form}` of {plugin.source}")


def _guarded(report: Report, result: Result, name: str) -> Iterator[str]:
    """What a third party's report yields; NotMeasured where it fails."""
    try:
        for text in report.render(result):
            if not isinstance(text, str):
                raise TypeError(f"yields {type(text).__name__}, no text")
            yield text
    except plugins.FAILURES as error:
        reason = f"{name} failed: {type(error).__name__}: {error}"
        raise NotMeasured(reason, "mend the plug-in, or leave the report out") from None
