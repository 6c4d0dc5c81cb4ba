"""Plug-ins by name: the built-in ones, and those of other distributions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from gatekeeper import plugins
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import CheckType, Reader, Report
from gatekeeper.model import Finding, Item, Measurement, Metric

Install = Callable[..., None]
GOOD = (
    '"""The manual page."""\nfrom gatekeeper.interfaces import Reader\n'
    "PLUGIN = Reader(api=1, read=print, always=('lint.errors',), sometimes=('benchmark.*',), "
    "expect={'lint.errors': '== 0'})\n"
)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution with one reader on sys.path; what was loaded is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def installed(text: str, dist: str, target: str = "", name: str = "foreign") -> None:
        (tmp_path / f"{dist}_plugin.py").write_text(text)
        info = tmp_path / f"{dist}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[gatekeeper.readers]\n{name} = {target or f'{dist}_plugin'}\n"
        )

    plugins.load.cache_clear()
    yield installed
    plugins.load.cache_clear()
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("kind", "form"), [("check-type", CheckType), ("reader", Reader), ("report", Report)]
)
def test_builtin(kind: plugins.Kind, form: type) -> None:
    """Every module of a kind's package is a plug-in with a manual page, named after its file."""
    for name in plugins.names(kind):
        plugin = plugins.load(kind, name)
        assert isinstance(plugin.value, form)
        assert (plugin.name, plugin.source, plugin.failure) == (name, "gatekeeper", "")
        assert plugin.manual
        assert plugins._unfit(kind, plugin.value) == ""


@pytest.mark.parametrize("target", ["", "their_plugin:PLUGIN"])
def test_foreign(install: Install, target: str) -> None:
    """A distribution's plug-in is found by its entry point: a module, or the object itself."""
    install(GOOD, "their", target)
    assert [point.name for point in plugins.foreign("reader")] == ["foreign"]
    assert "their_plugin" not in sys.modules
    plugin = plugins.load("reader", "foreign")
    assert isinstance(plugin.value, Reader)
    assert (plugin.source, plugin.version) == ("their", "1.0")


def test_same_distribution_twice(install: Install, tmp_path: Path) -> None:
    """A folder that stands twice on sys.path holds one plug-in, not two."""
    install(GOOD, "their")
    sys.path.insert(0, f"{tmp_path}/.")
    assert plugins.load("reader", "foreign").failure == ""


def test_two_of_one_name(install: Install) -> None:
    """Two plug-ins of one name are named both; neither is imported."""
    install(GOOD, "their")
    install(GOOD, "our")
    with pytest.raises(plugins.UnknownPlugin) as caught:
        plugins.load("reader", "foreign")
    assert str(caught.value) == "two plug-ins have the name `foreign`: our 1.0 and their 1.0"
    assert caught.value.hint == "uninstall one of them"
    assert {"our_plugin", "their_plugin"}.isdisjoint(sys.modules)


@pytest.mark.parametrize("name", ["", "junt", "../readers/junit", "__init__", "no.such", "JUNIT"])
def test_unknown(name: str) -> None:
    """Another name is unknown, and what is near is suggested."""
    with pytest.raises(plugins.UnknownPlugin) as caught:
        plugins.load("reader", name)
    assert (caught.value.hint == "did you mean `junit`?") == (name == "junt")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise RuntimeError('no')", "cannot be imported: RuntimeError: no"),
        ("import sys; sys.exit()", "cannot be imported: SystemExit"),
        ("PLUGIN = 3", "is no Reader"),
        (GOOD.replace("api=1", "api=7"), "is written for interface 7, this is 1"),
        (GOOD.replace("'lint.errors',", "'a.b',"), "measures a.b, which is no metric"),
        (GOOD.replace("{'lint.", "{'linet."), "measures linet.errors, which is no metric"),
        (GOOD.replace("'== 0'", "'>= 0'"), "expects `>= 0` of lint.errors"),
        (GOOD.replace("('lint.errors',)", "3"), "TypeError"),
    ],
)
def test_unfit(install: Install, text: str, reason: str) -> None:
    """What cannot be used is a plug-in without a value that says why."""
    install(text, "their")
    plugin = plugins.load("reader", "foreign")
    assert plugin.value is None
    assert reason in plugin.failure


def foreign(name: str = "x") -> plugins.Plugin:
    """A third party's check type."""
    return plugins.Plugin("check-type", name, "their", "1.0", None)


def test_sound() -> None:
    """A measurement survives as it is; that of a built-in plug-in is not even looked at."""
    finding = Finding("r", "m", "high", "lint", "a/b.py", 3, 1)
    measured = Measurement((Metric("lint.errors", Decimal(1)),), (finding,), {"files": 1})
    assert plugins.sound(measured, foreign()) == measured
    anything = object()
    assert plugins.sound(anything, plugins.load("reader", "junit")) is anything


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "expected an object"),
        (Measurement(work={"files": -1}), "less than no files"),
        (Measurement(work={"files": True}), "expected int"),
        (Measurement(findings=(Finding("r", "m", "high", "lint", "../a"),)), "leads out"),
        (Measurement(findings=(Finding("r", "m", "high", "lint", "/a"),)), "leads out"),
        (Measurement(findings=(Finding("r", "m", "high", "lint", "a", 0),)), "is no place"),
        (Measurement(items=(Item("i", "t", "s", "../a"),)), "leads out"),
        (Measurement(items=(Item("i", "t", "s", "a", 0),)), "is no place"),
        (Measurement(findings=(Finding("r", "m", "awful", "lint"),)), "severity"),  # type: ignore[arg-type]
    ],
)
def test_unsound(value: object, reason: str) -> None:
    """What is no measurement is an error that names the plug-in, its source, and the reason."""
    with pytest.raises(NotMeasured) as caught:
        plugins.sound(value, foreign())
    assert "the check type x of their returned no measurement" in caught.value.reason
    assert reason in caught.value.reason
