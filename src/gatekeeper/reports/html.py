"""The verdict as one HTML page: self-contained, readable without a network and without a script.

    gatekeeper run --report html:reports/gates.html

The verdict and what blocks come first, then the gates with their requirements and checks, the
findings by check and file, what is excused, the post-mortems and their guards, the course of the
run, and a chart of each series that a check kept. The only script filters the findings.

Whatever comes from tools is text here: autoescape and `escape.line` on every value, a content
security policy that lets nothing run but the page's own script, links to `http` and `https` only,
and a cap on every value (4,096 characters) and on the findings of a check (10,000, worst first).
The page is ASCII, so that it is right in any encoding it is written in.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper import chart, conditions, escape, wording
from gatekeeper.interfaces import Report
from gatekeeper.model import Finding, Item, Observation, Series, Verdict
from gatekeeper.result import CheckVerdict, GateVerdict, Judgement, Result

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).parent / "templates"
# Findings of one check; more of them nobody reads, and a browser shows them slowly.
_MOST = 10_000
# Groups of findings are open as long as they hold no more than this together.
_OPEN = 40
# Findings shown with their check, reasons in the head, charts, points of a chart, rows of a table.
_WORST, _REASONS, _CHARTS, _POINTS, _ROWS = 5, 8, 60, 400, 200


@dataclass(frozen=True, slots=True)
class _Group:
    """Findings of one file, or of one rule where they are in no file; worst first."""

    label: str
    findings: list[Finding]
    open: bool


@dataclass(frozen=True, slots=True)
class _Listed:
    """The findings of one check, in groups; `more` are left out."""

    gate: GateVerdict
    check: CheckVerdict
    groups: list[_Group]
    more: int


@dataclass(frozen=True, slots=True)
class _Bar:
    """When a check ran; `x` and `width` are parts of the whole run, in percent."""

    seen: Observation
    verdict: Verdict
    word: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class _Chart:
    """The line of a series in a box of 600 by 120; `points` is "" where nothing can be drawn."""

    check: str
    series: Series
    figures: chart.Figures | None
    points: str


def render(result: Result) -> Iterator[str]:
    """Yield the page in pieces."""
    from markupsafe import Markup  # noqa: PLC0415  comes with jinja2, which takes 100 ms

    style, script = ((_TEMPLATES / name).read_text("ascii") for name in ("report.css", "report.js"))
    page = _template().stream(
        **_page(result),
        style=Markup(style),  # noqa: S704  our own code stands in the page as it is
        script=Markup(script),  # noqa: S704
        allowed={"style": _hash(style), "script": _hash(script)},
    )
    page.enable_buffering(100)
    for piece in page:
        yield piece.encode("ascii", "xmlcharrefreplace").decode("ascii")


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  as above

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    return environment.get_template("report.html")


def _harmless(value: Any) -> Any:
    """What stands for a value in the page, before it is escaped for HTML."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return "" if value is None else value
    cut = f" ... ({len(value):,} characters in all)" if len(value) > wording.LONGEST else ""
    return escape.printed(value[: wording.LONGEST]) + cut


def _hash(code: str) -> str:
    """The source expression that lets an inlined style or script through the policy.

    https://www.w3.org/TR/CSP3/#match-element-to-source-list
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _page(result: Result) -> Mapping[str, Any]:
    """What the templates show."""
    items = _items(result)
    listed = list(_findings(result))
    charts = list(_charts(result))
    return {
        "result": result,
        "wording": wording,
        "seen": {observation.check: observation for observation in result.observations},
        "blocked": wording.blocked(result),
        "reasons": list(chain.from_iterable(map(_reasons, result.verdict.gates))),
        "most_reasons": _REASONS,
        "took": _took(result),
        "worst": _worst,
        "most_rows": _ROWS,
        "listed": listed,
        "total": sum(min(len(each.check.findings), _MOST) for each in listed),
        "severities": _severities(chain.from_iterable(each.check.findings for each in listed)),
        "tally": _severities,
        "excused": list(_excused(result)),
        "items": items,
        "checks": {check.check for gate in result.verdict.gates for check in gate.checks},
        "states": Counter(map(attrgetter("state"), items.values())),
        "titles": {item.id: item.title for item in items.values()} | dict(result.titles),
        "horizon": _horizon(result),
        "bars": list(_bars(result)),
        "skipped": [check for check in result.plan.checks if check.action == "skip"],
        "charts": charts[:_CHARTS],
        "more_charts": len(charts[_CHARTS:]),
    }


def _reasons(gate: GateVerdict) -> Iterator[tuple[str, str]]:
    """Why a gate blocks, if it does, each with the place on the page that says more."""
    if not wording.blocks(gate):
        return
    place = f"gate-{_anchor(gate.gate)}"
    unmet = [
        (place, f"{gate.gate}: {wording.judged(requirement)}{whose}")
        for requirement, whose in wording.requirements(gate)
        if requirement.verdict in wording.BAD
    ]
    for check in filter(wording.blocks, gate.checks):
        told = [*wording.causes(check), *wording.listed(check.findings, 1), check.title]
        unmet.append((f"check-{_anchor(check.check)}", f"{check.check}: {told[0]}"))
    yield from unmet or [(place, f"{gate.gate}: {wording.flat(gate.reason) or gate.verdict}")]


def _worst(gate: GateVerdict, check: CheckVerdict) -> list[Finding]:
    """The findings that stand with their check."""
    return wording.ranked(wording.telling(gate, check) or check.findings)[:_WORST]


def _findings(result: Result) -> Iterator[_Listed]:
    """The findings that count, by check, then by file; the first groups are open."""
    left = _OPEN
    for gate in result.verdict.gates:
        for check in gate.checks:
            if not check.findings:
                continue
            order = wording.ranked(check.findings)
            groups = []
            for (_, label), found in _grouped(order[:_MOST]).items():
                groups.append(_Group(label, found, open=len(found) <= left))
                left -= len(found)
            yield _Listed(gate, check, groups, len(order[_MOST:]))


def _grouped(findings: Iterable[Finding]) -> dict[tuple[bool, str], list[Finding]]:
    """By path, or by rule where there is none; in the order of the worst of each group."""
    groups: dict[tuple[bool, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((bool(finding.path), finding.path or finding.rule), []).append(finding)
    return groups


def _severities(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """How many findings of each severity there are, worst first, none of them zero."""
    counts = Counter(finding.severity for finding in findings)
    return [(severity, counts[severity]) for severity in wording.WORST if counts[severity]]


def _excused(result: Result) -> Iterator[tuple[str, int, list[tuple[str, Finding]]]]:
    """The findings that do not count, by why: how many, and the worst, each with its check."""
    groups: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
    for check in (check for gate in result.verdict.gates for check in gate.checks):
        for one in check.excused:
            groups.setdefault((one.by, one.reason), []).append((check.check, one.finding))
    for why, pairs in sorted(groups.items()):
        pairs.sort(key=lambda pair: wording.rank(pair[1]))
        yield wording.excused_by(*why), len(pairs), pairs[:_MOST]


def _items(result: Result) -> dict[str, Item]:
    """The post-mortems that checks looked at, by id, what is unguarded first."""
    found = [
        item
        for observation in result.observations
        if observation.measurement
        for item in observation.measurement.items
    ]
    found.sort(key=lambda item: (_STATES.get(item.state, ("", 0))[1], item.id))
    items: dict[str, Item] = {}
    for item in found[:_MOST]:
        items.setdefault(item.id, item)
    return items


def _horizon(result: Result) -> float:
    """When the last check ended, in seconds after the run began."""
    return max((seen.started + seen.wall for seen in result.observations), default=0.0)


def _bars(result: Result) -> Iterator[_Bar]:
    """When each check ran, in the order in which they began."""
    gates = result.verdict.gates
    verdicts = {each.check: wording.shown(gate, each) for gate in gates for each in gate.checks}
    whole = _horizon(result) or 1.0
    for seen in sorted(result.observations, key=lambda seen: (seen.started, seen.check)):
        start = min(max(seen.started / whole, 0.0), 1.0)
        width = max(min(seen.wall / whole, 1.0 - start), 0.0)
        verdict, word = verdicts.get(seen.check, _UNJUDGED)
        yield _Bar(seen, verdict, word, f"{100 * start:.2f}%", f"{max(100 * width, 0.6):.2f}%")


def _charts(result: Result) -> Iterator[_Chart]:
    """A chart for each series, in the order of the checks."""
    for seen in result.observations:
        for series in seen.measurement.series if seen.measurement else ():
            figures = chart.figures(series)
            points = chart.line(series, figures, 600, 120, _POINTS) if figures else ""
            yield _Chart(seen.check, series, figures, points)


def _took(result: Result) -> float | None:
    """Seconds from the beginning to the end; None where a time cannot be read."""
    try:
        ended = datetime.fromisoformat(result.finished)
        return (ended - datetime.fromisoformat(result.started)).total_seconds()
    except (TypeError, ValueError):
        return None


def _anchor(text: str) -> str:
    """A text as part of an id in the page."""
    return re.sub(r"[^\w-]+", "-", text[:200], flags=re.ASCII)


def _moment(text: str) -> str:
    """A time to the second, as `2026-11-20 12:00:00 UTC`."""
    known = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)", text)
    return f"{known[1]} {known[2]} UTC" if known else text


def _seconds(value: float) -> str:
    """A time in the unit that suits it: `340 ns`, `12 ms`, `1.2 s`, `2 min 5 s`."""
    if not 0 <= value < 1e9:
        return f"{value:.3g} s"
    if value >= 60:
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes:,} min {seconds} s"
    if value >= 1:
        return f"{value:.1f} s"
    for unit, factor in (("ms", 1e3), ("us", 1e6), ("ns", 1e9)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return "0 s"


def _size(value: float) -> str:
    """Bytes in the unit that suits them."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            break
        value /= 1024
    return f"{value:.4g} {unit}"


def _quantity(value: float, unit: str) -> str:
    """A number of a series with its unit."""
    if unit == "s":
        return _seconds(value)
    return _size(value) if unit == "bytes" else f"{value:.4g} {unit}".rstrip()


def _cut(rows: Sequence[object]) -> str:
    """How much of a table is left out, if any is."""
    return f": the first {_ROWS} of {len(rows):,}" if len(rows) > _ROWS else ""


def _reference(judgement: Judgement) -> str:
    """What a measured value was compared with, in all its digits."""
    value, measured = judgement.reference, judgement.measured
    unit = measured.unit if measured else ""
    return "none" if value is None else conditions.show(value, unit, (value,))


_UNJUDGED: tuple[Verdict, str] = ("skipped", "not judged")
_WORDS: Mapping[str, str] = {"error": "not measured"}
# How a state of a post-mortem looks, and where it stands.
_STATES: Mapping[str, tuple[Verdict, int]] = {
    "unguarded": ("fail", -3),
    "partly": ("warn", -2),
    "guarded": ("pass", 1),
    "decided": ("skipped", 2),
}
_FILTERS: Mapping[str, Callable[..., Any]] = {
    "anchor": _anchor,
    "command": shlex.join,
    "cut": _cut,
    "link": escape.link,
    "look": lambda state: _STATES.get(state, ("skipped", 0))[0],
    "moment": _moment,
    "pair": lambda judgement: (judgement, ""),
    "quantity": _quantity,
    "reference": _reference,
    "seconds": _seconds,
    "size": _size,
    "measured": wording.measured,
    "word": lambda verdict: _WORDS.get(verdict, verdict),
}

PLUGIN = Report(api=1, render=render)
