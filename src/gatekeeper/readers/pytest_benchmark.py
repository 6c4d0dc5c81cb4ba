"""pytest-benchmark JSON: the times of benchmarks, as `--benchmark-json` writes them.

`benchmark.NAME.median` and `benchmark.NAME.mean` are seconds per iteration, over as many samples as
there were rounds. NAME is the benchmark's name, each run of characters other than letters, digits,
`_`, `.` and `-` put as one `-`: `test_sort[10]` is `test_sort-10`. Benchmarks whose names fall
together are told apart by their full names, with the path. Work is the number of rounds.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from gatekeeper.adapters import jsonfile
from gatekeeper.adapters.jsonfile import mapping, text
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Reader
from gatekeeper.model import Measurement, Metric, metric

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.interfaces import ReadContext

_REMEDY = "run pytest with --benchmark-json, and look at what it printed"
_OTHER = re.compile(r"[^\w.-]+")
_LONGEST = 1e9  # seconds; thirty years


def read(path: Path, _ctx: ReadContext) -> Measurement:
    """Read the benchmarks of a run; raises NotMeasured where there is none, or one has no time."""
    benchmarks = mapping(jsonfile.load(path)).get("benchmarks")
    if not isinstance(benchmarks, list) or not benchmarks:
        raise NotMeasured(f"{path}: holds no benchmark", _REMEDY)
    names = Counter(_name(benchmark, "name") for benchmark in benchmarks)
    metrics: dict[str, Metric] = {}
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
            value = _seconds(path, name, stats, kind)
            full = f"benchmark.{name}.{kind}"
            metrics[full] = metric(full, value, "s", samples=rounds)
    return Measurement(metrics=tuple(metrics.values()), work={"samples": total})


def _name(benchmark: Any, key: str) -> str:
    return _OTHER.sub("-", text(mapping(benchmark).get(key))).strip("-.")


def _rounds(path: Path, name: str, stats: Mapping[str, Any]) -> int:
    rounds = stats.get("rounds")
    if not name or type(rounds) is not int or not 0 < rounds < 1 << 53:
        raise NotMeasured(f"{path}: benchmark {name!r} has no name or no rounds", _REMEDY)
    return rounds


def _seconds(path: Path, name: str, stats: Mapping[str, Any], kind: str) -> str:
    value = stats.get(kind)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 <= stats[kind] <= _LONGEST:
        raise NotMeasured(f"{path}: the {kind} of {name} is no time: {str(value)[:40]}", _REMEDY)
    return repr(value)


PLUGIN = Reader(
    api=1,
    read=read,
    always=(),
    sometimes=("benchmark.*.median", "benchmark.*.mean"),
)
