"""gatekeeper read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gatekeeper import plugins
from gatekeeper.cli.schema import schema

JUNIT = (
    '<testsuite name="s" tests="2"><testcase classname="a" name="good" time="0.1"/>'
    '<testcase classname="a" name="bad" file="t.py" line="3"><failure message="no\x85"/></testcase>'
    "</testsuite>"
)
COVERAGE = json.dumps(
    {
        "meta": {"format": 3, "version": "7.10"},
        "files": {},
        "totals": {"covered_lines": 9, "num_statements": 10, "percent_covered": 90.0},
    }
)


def test_a_report_is_shown_for_people(folder: Any) -> None:
    """Metrics with the derived counts, work, and findings as `path:line: severity: message`."""
    folder.write({"junit.xml": JUNIT})
    ended = folder.run("read", "junit", "junit.xml")
    assert (ended.exit, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert {"tests.total: 2", "tests.failed: 1", "tests.errors: 0"} <= set(lines)
    assert "examined: 2 tests" in lines
    assert any(line.startswith("t.py:") and "high: " in line and "no" in line for line in lines)


def test_a_report_is_shown_as_json(folder: Any) -> None:
    """As its schema says, with null where the report does not tell a place."""
    folder.write({"junit.xml": JUNIT})
    reading = json.loads(folder.start("read", "junit", "junit.xml", "--json").stdout)
    jsonschema.Draft202012Validator(schema("reading")).validate(reading)
    assert reading["metrics"]["tests.failed"] == {"value": 1, "unit": ""}
    assert reading["work"] == {"tests": 2}
    assert [(f["rule"], f["path"], f["column"]) for f in reading["findings"]] == [
        ("failed", "t.py", None)
    ]


@pytest.mark.parametrize("form", plugins.names("reader"))
@pytest.mark.parametrize("content", ["", "\0", "<", "{", "[]x", "nonsense"])
def test_what_is_no_report_is_not_measured(folder: Any, form: str, content: str) -> None:
    """Exit code 3 and a reason; nothing on the standard output."""
    folder.write({"report": content})
    ended = folder.run("read", form, "report", "--json")
    assert (ended.exit, ended.stdout) == (3, "")
    assert ended.stderr.startswith("not measured: ")


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("junit", '<testsuite name="s" tests="0"/>', "not measured"),
        ("coverage-json", COVERAGE.replace("10", "0").replace("9,", "0,"), "not measured"),
        ("junit", JUNIT[:60], "not measured"),
    ],
    ids=["no tests", "no lines", "truncated"],
)
def test_what_shows_that_nothing_was_examined_is_not_measured(
    folder: Any, form: str, content: str, said: str
) -> None:
    """An empty run is never clean."""
    folder.write({"report": content})
    ended = folder.run("read", form, "report")
    assert (ended.exit, ended.stdout) == (3, "")
    assert said in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["junt", "report"], "unknown reader `junt`; did you mean `junit`?"),
        (["zzz", "report"], "known are bandit, cobertura"),
        (["junit", "nowhere"], "'nowhere' does not exist"),
        (["junit", "."], "is a directory"),
        (["junit"], "missing argument 'FILE'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage(folder: Any, words: list[str], said: str) -> None:
    """An unknown format or file is wrong usage, not a missing measurement."""
    folder.write({"report": JUNIT})
    ended = folder.run("read", *words)
    assert (ended.exit, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_a_reader_that_does_not_load_is_named(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its source and its failure."""
    broken = plugins.Plugin("reader", "theirs", "their-package", "1", None, "cannot be imported")
    monkeypatch.setattr(plugins, "load", lambda *_: broken)
    folder.write({"report": JUNIT})
    ended = folder.run("read", "theirs", "report")
    assert ended.exit == 2
    assert "theirs of their-package does not load: cannot be imported" in ended.stderr


def test_paths_are_relative_to_the_current_folder(folder: Any) -> None:
    """Absolute paths and file URIs inside it are shortened; what leads out has no path."""

    def path(value: str) -> str | None:
        sarif = {
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": {"name": "t"}},
                    "results": [
                        {
                            "ruleId": "r",
                            "message": {"text": "m"},
                            "locations": [
                                {"physicalLocation": {"artifactLocation": {"uri": value}}}
                            ],
                        }
                    ],
                }
            ],
        }
        folder.write({"a.sarif": json.dumps(sarif)})
        shown = json.loads(folder.run("read", "sarif", "a.sarif", "--json").stdout)
        found: str | None = shown["findings"][0]["path"]
        return found

    assert path("src/a.py") == "src/a.py"
    assert path((Path(folder.folder) / "src/b c.py").as_uri()) == "src/b c.py"
    assert path("../../etc/passwd") is None


def test_hostile_text_of_a_report_is_escaped(folder: Any) -> None:
    """A message cannot send commands to the terminal."""
    ruff = [
        {
            "code": "E1",
            "message": "\x1b[31mred",
            "filename": "a.py",
            "location": {"row": 1, "column": 1},
            "end_location": {"row": 1, "column": 1},
        }
    ]
    folder.write({"ruff.json": json.dumps(ruff)})
    shown = folder.run("read", "ruff", "ruff.json").stdout
    assert "\x1b" not in shown
    assert "\\x1b[31mred" in shown
