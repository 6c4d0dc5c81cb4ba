"""gatekeeper report."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import plugins


@pytest.fixture
def judged(repository: Any) -> Any:
    """A repository in which one run has failed, with its record as `result.json`."""
    repository.write({"notes.txt": "a\tb\n"})
    assert repository.run("run", "--report", "json:result.json").exit == 1
    return repository


def test_a_stored_result_is_rendered_as_the_run_was(judged: Any) -> None:
    """The exit code does not repeat the verdict."""
    shown = judged.run("report", "result.json")
    assert (shown.exit, shown.stderr) == (0, "")
    assert "notes.txt:1:2" in shown.stdout
    assert shown.stdout.endswith("Deployment blocked\n")


def test_a_stored_result_makes_every_report_that_the_run_made(judged: Any) -> None:
    """To the byte, for each form there is: from the record of the run, and from a report of it."""
    forms = plugins.names("report")
    targets = [word for form in forms for word in ("--report", f"{form}:made/{form}")]
    judged.run("run", "--verbose", *targets)
    last = max((judged.folder / ".gatekeeper/runs").glob("*/result.json"), key=os.path.getmtime)
    for stored in (last.relative_to(judged.folder), Path("made/json")):
        for form in forms:
            judged.run("report", str(stored), "--verbose", "--format", f"{form}:again/{form}")
            made, again = (judged.folder / folder / form for folder in ("made", "again"))
            assert made.read_bytes() == again.read_bytes(), (form, stored)


def test_a_report_goes_to_a_file(judged: Any) -> None:
    """`FORMAT:PATH` writes there, folders included, and prints nothing."""
    ended = judged.run("report", "result.json", "--format", "junit:out/gates.xml")
    assert (ended.exit, ended.said) == (0, "")
    assert (judged.folder / "out/gates.xml").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no result of gatekeeper"),
        ("[]", "is no result of gatekeeper"),
        ("{", "is no result of gatekeeper"),
        ("[" * 100_000, "is no result of gatekeeper"),
        ("\ud800".encode("utf-8", "surrogatepass").hex(), "is no result of gatekeeper"),
        ('{"schema": "gatekeeper/result/2"}', "its schema is 'gatekeeper/result/2'"),
        ('{"schema": "gatekeeper/result/1"}', "is missing"),
    ],
    ids=["empty", "a list", "truncated", "deep", "a number", "a later schema", "a stub"],
)
def test_what_is_no_result_is_wrong_usage(folder: Any, content: str, said: str) -> None:
    """The message says what is wrong with the file."""
    folder.write({"result.json": content})
    ended = folder.run("report", "result.json")
    assert (ended.exit, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_bytes_that_are_no_text_are_wrong_usage(folder: Any) -> None:
    """Not UTF-8 is told, not thrown."""
    (Path(folder.folder) / "result.json").write_bytes(b"\xff\xfe\xfa")
    assert folder.run("report", "result.json").exit == 2


def test_a_result_with_a_wrong_value_names_its_place(judged: Any) -> None:
    """The path of the value in the document is told."""
    record = json.loads((judged.folder / "result.json").read_text())
    record["observations"][0]["wall"] = "long"
    judged.write({"result.json": json.dumps(record)})
    ended = judged.run("report", "result.json")
    assert ended.exit == 2
    assert "observations[0].wall: expected a number, not str" in ended.stderr


def test_a_place_that_cannot_be_written_is_told(judged: Any) -> None:
    """A report that is lost is not a success."""
    judged.write({"file": "x"})
    ended = judged.run("report", "result.json", "--format", "junit:file/gates.xml")
    assert ended.exit == 3
    assert "file" in ended.stderr
