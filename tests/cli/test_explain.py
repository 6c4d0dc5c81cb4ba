"""gatekeeper explain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gatekeeper import metrics, plugins
from gatekeeper.cli.explain import TOPICS
from gatekeeper.cli.here import Here
from gatekeeper.cli.keys import KEYS
from gatekeeper.config import load, schema

FREE = sorted(
    {name for topic in TOPICS.values() for name in topic.names(Here())} - set(metrics.TABLE)
)


@pytest.mark.parametrize("name", [*FREE, "coverage.line", "latency.p95", "benchmark.sort.mean"])
def test_every_name_is_explained_where_the_configuration_is_broken(broken: Any, name: str) -> None:
    """What needs no configuration is explained without one; nothing is said on standard error."""
    ended = broken.run("explain", name)
    assert (ended.exit, ended.stderr) == (0, "")
    assert name in ended.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("coverage.line", "unit: %, from 0, to 100"),
        ("coverage.line", "readers      cobertura, coverage-json"),
        ("coverage.line", "tools        pytest"),
        ("coverage.line", "stated by the report"),
        ("lint.errors", "counted from findings"),
        ("lint.errors", "check types  pattern"),
        ("memory.growth", "no lower bound"),
        ("latency.p95", "unit: ms, from 0, no upper bound"),
        ("lint.errors", "required by the gate quality: == 0  (gates/quality.yaml:3:16)"),
        ("lint.errors", "expected by the check no-tabs: == 0"),
        ("quality", "lint.errors == 0, measured by no-tabs  (gates/quality.yaml:3:16)"),
        ("no-tabs", '{"forbid": "\\t"'),
        ("no-tabs", "written at gates/quality.yaml:5:5; uses pattern"),
        ("no-tabs", "requirement of the gate quality, gates/quality.yaml:3:16"),
        ("builds", "exit found  1-125"),
        ("error", "verdict error"),
        ("found", "word of a report found"),
        ("fail", "exit code 1"),
        ("skipped", "--only"),
        ("unknown", "severity unknown"),
        ("ci", "stage ci"),
        ("3", "exit code 3"),
        ("143", "exit code 143"),
        ("ruff", "reader ruff"),
        ("ruff", "tool ruff"),
        ("timeout", "10m by default"),
        ("junit", "report junit"),
    ],
)
def test_what_is_said(repository: Any, name: str, said: str) -> None:
    """Each kind of name is told with what one would ask next."""
    shown = repository.run("explain", name).stdout
    assert said in shown


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("covrage.line", "did you mean `coverage.line`?"),
        ("qualty", "did you mean `quality`?"),
        ("no-tab", "did you mean `no-tabs`?"),
        ("zzzz", "`gatekeeper list gates|checks|tools|metrics` shows names"),
    ],
)
def test_an_unknown_name_is_a_mistake_with_a_suggestion(
    repository: Any, name: str, hint: str
) -> None:
    """The suggestion is looked for among all names, those of this repository included."""
    ended = repository.run("explain", name)
    assert (ended.exit, ended.stdout) == (2, "")
    assert f"nothing is named `{name}`; {hint}" in ended.stderr


def test_an_unknown_name_tells_that_the_configuration_is_broken(broken: Any) -> None:
    """The name may be that of a gate that cannot be known."""
    said = broken.run("explain", "quality").stderr
    assert "gates and checks are not known" in said
    assert "unknown key `colour`" in said


def test_a_value_tells_where_it_is_written(repository: Any) -> None:
    """A key of the check points into the gate, one of the tool into the catalogue."""
    gate = "gate: q\nchecks:\n  - uses: pytest\n    timeout: 1m\n    with: {args: [-q]}\n"
    repository.write({"gates/q.yaml": gate})
    lines = repository.run("explain", "pytest").stdout.splitlines()
    found = [line.split() for line in lines]
    assert ["timeout", "1m", "(gates/q.yaml:4:14)"] in found
    assert any(words[:1] == ["reads"] and "catalogue/pytest.yaml" in words[-1] for words in found)


@pytest.mark.parametrize(
    ("written", "shown"), [("90s", "90s"), ("1.5h", "90m"), ("24h", "1d"), ("250ms", "250ms")]
)
def test_times_are_shown_with_a_unit(repository: Any, written: str, shown: str) -> None:
    """The largest unit that leaves a whole number; what is not written is shown as well."""
    check = f"{{check: c, command: [x], timeout: {written}}}"
    repository.write({"gates/q.yaml": f"gate: q\nchecks: [{check}, {{check: d, command: [x]}}]\n"})
    assert f" {shown} " in repository.run("explain", "c").stdout
    assert " 10m " in repository.run("explain", "d").stdout


def test_a_plugin_that_does_not_load_is_explained_by_its_failure(
    folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its failure is its manual page."""
    broken = plugins.Plugin("reader", "junit", "theirs", "1", None, "theirs cannot be imported")
    monkeypatch.setattr(plugins, "load", lambda *_: broken)
    assert "theirs cannot be imported" in folder.run("explain", "junit").stdout


PARTS: Mapping[str, type[schema.Spec]] = {
    **schema.KINDS,
    "reads": schema.ReadsSpec,
    "exit": schema.ExitSpec,
    "origin": schema.OriginSpec,
    "proof": schema.ProofSpec,
    "evidence": schema.EvidenceSpec,
    "cause": schema.CauseSpec,
    "impact": schema.ImpactSpec,
    "incident-evidence": schema.IncidentEvidenceSpec,
    "known-finding": schema.BaselineFinding,
    "reference": schema.BaselineMetric,
}


@pytest.mark.parametrize("kind", PARTS)
def test_every_key_has_a_meaning_and_every_meaning_a_key(kind: str) -> None:
    """The tables of meanings and the models hold the same keys."""
    keys = {field.alias or name for name, field in PARTS[kind].model_fields.items()}
    extra = {"check", "gate", "uses", "enabled", "reason", "owner", "origin", "proof"}
    assert set(KEYS[kind]) == (keys | extra if kind == "tool" else keys)


def test_the_tables_cover_all_kinds() -> None:
    """No kind of file is without meanings; the catalogue holds only keys that have one."""
    assert set(KEYS) == set(PARTS)
    entries = [load.tool(name) for name in load.tool_names()]
    used = {key for entry in entries if entry for key in entry.document.value}
    assert used <= set(KEYS["tool"])
