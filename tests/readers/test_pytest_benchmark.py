"""pytest-benchmark: medians and means in seconds, under names that stay."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import NotMeasured
from gatekeeper.metrics import define
from gatekeeper.readers.pytest_benchmark import PLUGIN


def benchmark(name: str = "test_a", file: str = "b.py", **stats: Any) -> dict[str, Any]:
    """One benchmark, with what else its statistics hold."""
    known = {"median": 0.25, "mean": 0.5, "rounds": 4}
    return {"name": name, "fullname": f"{file}::{name}", "stats": known | stats}


def test_real(read: Any, fixtures: Any) -> None:
    """Each benchmark gives its median and mean, with its rounds as samples."""
    measured = read(PLUGIN, fixtures / "pytest-benchmark" / "two.json")
    assert [(m.name, m.unit, m.samples) for m in measured.metrics] == [
        ("benchmark.test_speed-10.median", "s", 198),
        ("benchmark.test_speed-10.mean", "s", 198),
        ("benchmark.test_speed-100.median", "s", 154),
        ("benchmark.test_speed-100.mean", "s", 154),
    ]
    assert all(0 < m.value < 1 and define(m.name) for m in measured.metrics)
    assert measured.work == {"samples": 352}


def test_values(read: Any) -> None:
    """The numbers are those of the report, unrounded."""
    measured = read(PLUGIN, {"benchmarks": [benchmark(median=4.7874999609121e-07, mean=2)]})
    assert [m.value for m in measured.metrics] == [Decimal("4.7874999609121E-7"), 2]


def test_rounds(read: Any, fixtures: Any) -> None:
    """The times of the rounds make a series: thinned where they are many, and never their peaks."""
    measured = read(PLUGIN, fixtures / "pytest-benchmark" / "rounds.json")
    report = json.loads((fixtures / "pytest-benchmark" / "rounds.json").read_bytes())
    times = [benchmark["stats"]["data"] for benchmark in report["benchmarks"]]
    assert [(s.name, s.unit, len(s.values), s.at) for s in measured.series] == [
        ("benchmark.test_speed-10", "s", 197, ()),
        ("benchmark.test_speed-100", "s", 12, ()),
    ]
    assert [(min(s.values), max(s.values)) for s in measured.series] == [
        (min(values), max(values)) for values in times
    ]


def test_series_are_few(read: Any) -> None:
    """A series is kept for the first fifty benchmarks, a metric for each."""
    benchmarks = [benchmark(f"test_{n}", data=[0.25, 0.75]) for n in range(60)]
    measured = read(PLUGIN, {"benchmarks": benchmarks})
    assert [series.name for series in measured.series] == [f"benchmark.test_{n}" for n in range(50)]
    assert len(measured.metrics) == 120


def test_without_rounds(read: Any) -> None:
    """A report without the times of the rounds has metrics and no series."""
    assert read(PLUGIN, {"benchmarks": [benchmark(), benchmark("b", data=[])]}).series == ()


@pytest.mark.parametrize(
    ("benchmarks", "names"),
    [
        ([benchmark("test_sort[10-ä b]")], {"test_sort-10-ä-b"}),
        ([benchmark("a"), benchmark("b")], {"a", "b"}),
        (
            [benchmark("a", "tests/x.py"), benchmark("a", "tests/y.py"), benchmark("b")],
            {"tests-x.py-a", "tests-y.py-a", "b"},
        ),
        ([benchmark("a[b]"), benchmark("a-b", "c.py")], {"b.py-a-b", "c.py-a-b"}),
    ],
)
def test_names(benchmarks: Any, names: set[str], read: Any) -> None:
    """Names are put into words of one form, and told apart by the path where they are equal."""
    metrics = read(PLUGIN, {"benchmarks": benchmarks}).metrics
    assert {m.name.removeprefix("benchmark.").rpartition(".")[0] for m in metrics} == names


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"benchmarks": []}, id="none"),
        pytest.param({"benchmarks": {}}, id="another form"),
        pytest.param({}, id="no key"),
        pytest.param([], id="list"),
        pytest.param({"benchmarks": ["test_a"]}, id="words"),
        pytest.param({"benchmarks": [benchmark("")]}, id="no name"),
        pytest.param({"benchmarks": [benchmark("[]")]}, id="no letter in the name"),
        pytest.param({"benchmarks": [benchmark(), benchmark()]}, id="one name twice"),
        pytest.param({"benchmarks": [benchmark() | {"stats": None}]}, id="no statistics"),
        *(
            pytest.param({"benchmarks": [benchmark(**wrong)]}, id=str(wrong))
            for wrong in (
                {"median": None},
                {"median": -0.1},
                {"mean": "0.5"},
                {"mean": True},
                {"mean": float("nan")},
                {"mean": float("inf")},
                {"median": 1e300},
                {"rounds": 0},
                {"rounds": -1},
                {"rounds": 2.5},
                {"rounds": None},
                {"data": 0.25},
                {"data": [0.25, None]},
                {"data": [-1]},
                {"data": [True]},
                {"data": ["0.25"]},
                {"data": [1e300]},
            )
        ),
    ],
)
def test_no_time(document: Any, read: Any) -> None:
    """A run without benchmarks, or a benchmark without a time, is no measurement."""
    with pytest.raises(NotMeasured):
        read(PLUGIN, document)


NUMBER = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@given(name=st.text(), median=NUMBER, rounds=NUMBER)
def test_any_values(name: str, median: Any, rounds: Any, attempt: Any) -> None:
    """Whatever the values of a benchmark are: two known metrics not below 0, or no measurement."""
    document = {"benchmarks": [benchmark(name, median=median, rounds=rounds)]}
    if measured := attempt(PLUGIN, document):
        assert [m.value >= 0 and define(m.name) is not None for m in measured.metrics] == [True] * 2


def test_damaged(fixtures: Any, damaged: Any, attempt: Any) -> None:
    """Damage never loses a benchmark: all are there, or nothing is measured."""
    for variant in damaged((fixtures / "pytest-benchmark" / "two.json").read_bytes()):
        if measured := attempt(PLUGIN, variant):
            assert len(measured.metrics) == 4


def test_corpus(corpus: Any, read: Any) -> None:
    """Real results agree with the index."""
    for path, holds in corpus(r"local/pytest-benchmark/.*\.json"):
        means = [m.value for m in read(PLUGIN, path).metrics if m.name.endswith(".mean")]
        stated = [float(word) for word in holds.partition("means [")[2].rstrip("]").split(", ")]
        assert [round(float(mean), 9) for mean in means] == stated, path
