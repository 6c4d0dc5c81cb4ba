"""gatekeeper list."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from gatekeeper import plugins
from gatekeeper.cli.list import ROWS, summary
from gatekeeper.cli.table import folded

# What needs no configuration.
FREE = ["types", "tools", "readers", "reports", "metrics"]


@pytest.mark.parametrize("kind", FREE)
@pytest.mark.parametrize("place", ["folder", "empty", "broken"])
def test_what_needs_no_configuration_is_listed_anywhere(
    request: pytest.FixtureRequest, place: str, kind: str
) -> None:
    """Outside a repository, in an empty one, and where the configuration is broken."""
    ended = request.getfixturevalue(place).run("list", kind)
    assert ended.exit == 0
    header, *rows = ended.stdout.splitlines()
    assert header.isupper()
    assert len(rows) >= 3


@pytest.mark.parametrize("kind", ["gates", "checks"])
def test_gates_and_checks_need_a_sound_configuration(broken: Any, kind: str) -> None:
    """Where it is broken, the mistake is told and nothing is listed."""
    ended = broken.run("list", kind)
    assert (ended.exit, ended.stdout) == (2, "")
    assert "unknown key `colour`" in ended.stderr


def test_tools_of_a_broken_configuration_are_said_to_be_left_out(broken: Any) -> None:
    """A list that may be incomplete says so."""
    assert "own tools are left out" in broken.run("list", "tools").stderr


def test_a_gate_shows_its_stage_checks_and_requirements(repository: Any) -> None:
    """One line tells what blocks."""
    rows = repository.run("list", "gates").stdout.splitlines()
    assert rows == [
        "GATE     STAGE  CHECKS           REQUIREMENTS",
        "quality  push   no-tabs, builds  lint.errors == 0",
    ]


def test_checks_show_tool_stage_and_why_they_are_disabled(repository: Any) -> None:
    """A registered and a disabled check are told from the others."""
    repository.write(
        {
            "checks/tests-pass.yaml": "check: tests-pass\ngate: quality\nuses: pytest\nstage: ci\n"
            "enabled: false\nreason: no tests yet\n"
        }
    )
    rows = json.loads(repository.run("list", "checks", "--json").stdout)
    assert [row["check"] for row in rows] == ["builds", "no-tabs", "tests-pass"]
    assert rows[1]["uses"] == "pattern"
    assert rows[2] | {"measures": []} == {
        "check": "tests-pass",
        "gate": "quality",
        "uses": "pytest",
        "stage": "ci",
        "registered": True,
        "disabled": "no tests yet",
        "measures": [],
    }


def test_own_tools_are_listed_with_their_file(repository: Any) -> None:
    """The catalogue of the repository stands beside the built-in one."""
    own = {name: f"tool: {name}\ncommand: [spell]\n" for name in ("spell", "ruff")}
    repository.write({f"checks/tools/{name}.yaml": text for name, text in own.items()})
    rows = {
        row["tool"]: row for row in json.loads(repository.run("list", "tools", "--json").stdout)
    }
    assert rows["spell"]["source"] == "checks/tools/spell.yaml"
    assert rows["ruff"]["source"] == "checks/tools/ruff.yaml"
    assert rows["spell"]["measures"] == ["command.failures"]
    assert rows["bandit"]["measures"][0] == "vulnerabilities.critical"


@pytest.mark.parametrize("kind", ROWS)
def test_rows_are_sorted_and_json_holds_the_same(repository: Any, kind: str) -> None:
    """The first column names the row; both forms hold the same rows in the same order."""
    rows = json.loads(repository.run("list", kind, "--json").stdout)
    names = [next(iter(row.values())) for row in rows]
    assert names == sorted(names)
    lines = repository.run("list", kind).stdout.splitlines()[1:]
    assert [line.split("  ")[0] for line in lines] == names


def test_plugins_of_others_are_listed_without_being_loaded(
    folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be imported is listed; one of a built-in name is said to be never used."""
    points = [
        EntryPoint("mine", "this_module_does_not_exist:PLUGIN", "gatekeeper.readers"),
        EntryPoint("junit", "other_module:PLUGIN", "gatekeeper.readers"),
    ]
    monkeypatch.setattr(plugins, "foreign", lambda _: points)
    lines = folder.run("list", "readers").stdout.splitlines()
    assert any(
        line.startswith("mine ") and "loaded when a check names it" in line for line in lines
    )
    assert sum("never used: the name is built in" in line for line in lines) == 1


def test_hostile_text_of_the_configuration_is_escaped(repository: Any) -> None:
    """A title cannot send commands to the terminal."""
    repository.write({"checks/tools/x.yaml": 'tool: evil\ntitle: "a\\e[31mb"\ncommand: [x]\n'})
    assert "a\\x1b[31mb" in repository.run("list", "tools").stdout


def test_names_of_metrics_are_folded() -> None:
    """Metrics of one family share its name."""
    names = ["lint.errors", "secrets.total", "lint.warnings"]
    assert folded(names) == "lint.errors|warnings, secrets.total"


@pytest.mark.parametrize(
    ("manual", "said"),
    [
        ("junit: reads. More.\n\nRest.", "reads"),
        ("SARIF 2.1.0: a format,\nin two lines.\n", "SARIF 2.1.0: a format, in two lines"),
        ("", ""),
    ],
)
def test_a_manual_page_is_summed_up_by_its_first_sentence(manual: str, said: str) -> None:
    """Without the name in front, and without the full stop."""
    assert summary(manual, "junit") == said
