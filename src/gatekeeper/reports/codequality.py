"""Code quality for GitLab's merge requests: `artifacts: reports: codequality:`.

    gatekeeper run --report codequality:gl-code-quality-report.json

A list of what GitLab reads of the Code Climate format: each shortfall, worst first, at its place,
or in the policy's YAML where no finding tells it. Not measured is `blocker`, critical `critical`,
high and unknown `major`, medium `minor`, low and info `info`. Excused findings are left out: a
merge request counts every item as a fault, and the format has no word for what is excused.

GitLab stops at the first item that lacks description, fingerprint, severity or location, keeps one
of equal fingerprints, and ignores what else there is. What is worst is kept within 20,000 items and
20 MB, and a last item tells how many are left out.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format and, for what is
refused, lib/gitlab/ci/parsers/codequality/code_climate.rb of GitLab.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatekeeper import escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.model import Severity
from gatekeeper.result import Result
from gatekeeper.shortfalls import Shortfall, shortfalls

_MOST_ITEMS = 20_000
_MOST_BYTES = 20_000_000
_SEVERITIES: Mapping[Severity, str] = {
    "critical": "critical",
    "high": "major",
    "unknown": "major",
    "medium": "minor",
    "low": "info",
    "info": "info",
}


def render(result: Result) -> Iterator[str]:
    """Yield the list in ASCII, an item per line; the same bytes for the same result."""
    found = shortfalls(result)
    items, size = [], 0
    for shortfall in found[:_MOST_ITEMS]:
        item = _item(shortfall)
        size += len(item)
        if size > _MOST_BYTES:
            break
        items.append(item)
    if left := len(found) - len(items):
        items.append(_item(_more(left)))
    yield "[\n" + ",\n".join(items) + "\n]\n"


def _more(left: int) -> Shortfall:
    said = f"{left} more problems are left out: see the other reports"
    return Shortfall("warn", "info", "gatekeeper/left-out", "", said, "gates", 1, None, "left-out")


def _item(shortfall: Shortfall) -> str:
    advice = "" if shortfall.finding else "; ".join(shortfall.advice)
    said = "; ".join(filter(None, [wording.flat(shortfall.message), advice]))
    return escape.as_json(
        {
            "description": escape.line(said) or "no message",
            "check_name": escape.line(wording.flat(shortfall.rule, 200)),
            "fingerprint": shortfall.fingerprint,
            "severity": "blocker" if shortfall.unmeasured else _SEVERITIES[shortfall.severity],
            "location": {
                "path": escape.line(shortfall.path),
                "lines": {"begin": shortfall.begins},
            },
        }
    )


PLUGIN = Report(api=1, render=render)
