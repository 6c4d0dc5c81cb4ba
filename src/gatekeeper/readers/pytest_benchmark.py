"""pytest-benchmark JSON: the times of benchmarks, as `--benchmark-json` writes them.

`benchmark.NAME.median` and `benchmark.NAME.mean` are seconds per iteration, over as many samples as
there were rounds. NAME is the benchmark's name, each run of characters other than letters, digits,
`_`, `.` and `-` put as one `-`: `test_sort[10]` is `test_sort-10`. Benchmarks whose names fall
together are told apart by their full names, with the path. Work is the number of rounds.

The times of the rounds are kept for a chart, as the series `benchmark.NAME`, where the report holds
them (`stats.data`): of the first 50 benchmarks at most 200 each, the least and the greatest of
every run of rounds, so that no outlier is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from gatekeeper import chart
from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, text
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Measurement, Metric, Series, metric

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_REMEDY = "run pytest with --benchmark-json, and look at what it printed"
_OTHER = re.compile(r"[^\w.-]+")
_LONGEST = 1e9  # seconds; thirty years
_CHARTS = 50
_POINTS = 200


def read(path: Path, _ctx: ReadContext) -> Measurement:
    """Read the benchmarks of a run; raises NotMeasured where there is none, or one has no time."""
    benchmarks = mapping(jsonfile.load(path)).get("benchmarks")
    if not isinstance(benchmarks, list) or not benchmarks:
        raise NotMeasured(f"{path}: holds no benchmark", _REMEDY)
    names = Counter(_name(benchmark, "name") for benchmark in benchmarks)
    metrics: dict[str, Metric] = {}
    series: list[Series] = []
    total = 0
    for benchmark in benchmarks:
        name = _name(benchmark, "name")
        if names[name] > 1:
            name = _name(benchmark, "fullname")
        stats = mapping(mapping(benchmark).get("stats"))
        rounds = _rounds(path, name, stats)
        if f"benchmark.{name}.median" in metrics:
            raise NotMeasured(f"{path}: two benchmarks are called {name}", "rename one of them")
        total += rounds
        for kind in ("median", "mean"):
            value = _seconds(path, name, kind, stats.get(kind))
            full = f"benchmark.{name}.{kind}"
            metrics[full] = metric(full, repr(value), "s", samples=rounds)
        if len(series) < _CHARTS:
            series += _series(path, name, stats.get("data"))
    return Measurement(
        metrics=tuple(metrics.values()), work={"samples": total}, series=tuple(series)
    )


def _name(benchmark: Any, key: str) -> str:
    return _OTHER.sub("-", text(mapping(benchmark).get(key))).strip("-.")


def _rounds(path: Path, name: str, stats: Mapping[str, Any]) -> int:
    rounds = stats.get("rounds")
    if not name or type(rounds) is not int or not 0 < rounds < 1 << 53:
        raise NotMeasured(f"{path}: benchmark {name!r} has no name or no rounds", _REMEDY)
    return rounds


def _series(path: Path, name: str, data: Any) -> list[Series]:
    """The times of the rounds, thinned; none where the report does not hold them."""
    if data is None:
        return []
    if not isinstance(data, list):
        raise NotMeasured(f"{path}: the data of {name} is no list of times", _REMEDY)
    times = [float(_seconds(path, name, "data", value)) for value in data]
    thinned = tuple(times[place] for place in chart.kept(times, _POINTS))
    return [Series(f"benchmark.{name}", "s", thinned)] if thinned else []


def _seconds(path: Path, name: str, kind: str, value: Any) -> int | float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 <= value <= _LONGEST:
        raise NotMeasured(f"{path}: the {kind} of {name} is no time: {str(value)[:40]}", _REMEDY)
    return value  # type: ignore[no-any-return]  # it is a number


PLUGIN = Reader(
    api=1,
    read=read,
    always=(),
    sometimes=("benchmark.*.median", "benchmark.*.mean"),
)
