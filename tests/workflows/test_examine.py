"""What disarms the gate in GitHub workflows, as a table of workflows."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper import workflows

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
FOLDER = ".github/workflows"
ROOT = Path(__file__).parents[2]


def said(files: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Severity, place and message of each remark on files in the folder of workflows."""
    texts = {posixpath.normpath(f"{FOLDER}/{n}"): text.encode() for n, text in files.items()}
    return [
        (
            "error" if remark.certain else "warning",
            f"{remark.problem.line}:{remark.problem.column}",
            remark.problem.message,
        )
        for remark in workflows.examine(texts)
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_workflow_is_told_what_disarms_its_gate(case: Mapping[str, Any]) -> None:
    """All of it, each with severity and place, and nothing else."""
    found = said(case.get("files") or {"w.yml": case["text"]})
    expected = [text.split(" ", 2) for text in case.get("says", ())]
    assert [one[:2] for one in found] == [(severity, at) for severity, at, _ in expected], found
    for (_, _, message), (_, _, words) in zip(found, expected, strict=True):
        assert words in message


def test_a_remark_has_a_remedy_and_its_source_line() -> None:
    """For someone at two in the morning."""
    text = "on: push\njobs:\n  gate:\n    steps: [{run: gatekeeper run || true}]\n"
    (remark,) = workflows.examine({f"{FOLDER}/w.yml": text.encode()})
    assert remark.problem.file == f"{FOLDER}/w.yml"
    assert remark.problem.hint
    assert "gatekeeper run || true" in remark.problem.source


def test_our_own_workflows_leave_the_gate_armed() -> None:
    """The reusable one included."""
    own = sorted((ROOT / FOLDER).glob("*.yml"))
    files = {f"{FOLDER}/{path.name}": path.read_bytes() for path in own}
    files["action.yml"] = (ROOT / "action.yml").read_bytes()
    assert f"{FOLDER}/deploy-gate.yml" in files
    assert workflows.examine(files) == ()


@pytest.mark.parametrize("without", ["gate]", "needs.gate", "uses: ./gatekeeper"])
def test_our_own_workflow_is_found_wanting_once_it_is_weakened(without: str) -> None:
    """So that the test above cannot pass for nothing."""
    text = (ROOT / FOLDER / "deploy-gate.yml").read_text("utf-8")
    weak = {
        "gate]": text.replace("needs: [test, gate]", "needs: [test]"),
        "needs.gate": text.replace("needs.gate.result == 'success' && ", "always() && ").replace(
            "needs.gate.outputs.approved == 'true'", "true"
        ),
        "uses: ./gatekeeper": text.replace("uses: ./gatekeeper", "uses: ./other"),
    }[without]
    assert weak != text
    assert said({"deploy-gate.yml": weak})


@pytest.mark.parametrize(
    "text",
    [
        "on: push\njobs: []\n",
        "on: 3\njobs: {a: 3, b: [], c: {steps: 3, needs: {}}, deploy: {needs: [deploy, x, 3]}}\n",
        "jobs: {a: {steps: [3, {run: [], with: 3}], needs: b}, b: {needs: a}}\n",
        "3\n",
        "",
    ],
)
def test_any_shape_is_read(text: str) -> None:
    """GitHub refuses such a workflow; nothing fails here."""
    said({"w.yml": text})


def test_too_many_jobs_are_said_not_to_be_examined() -> None:
    """Never silently fine."""
    jobs = "".join(f"  j{n}: {{needs: j{n + 1}}}\n" for n in range(600))
    ((severity, _, message),) = said({"w.yml": f"on: push\njobs:\n{jobs}"})
    assert severity == "warning"
    assert "more than 500 jobs" in message


def test_workflows_that_call_each_other_in_a_circle_are_read() -> None:
    """GitHub refuses them; nothing hangs here, and the caller's deployment is found."""
    inner = "on: workflow_call\njobs: {x: {uses: ./.github/workflows/%s.yml}, deploy: {}}\n"
    outer = "on: push\njobs: {x: {uses: ./.github/workflows/a.yml}}\n"
    ((_, _, message),) = said({"a.yml": inner % "b", "b.yml": inner % "a", "w.yml": outer})
    assert "`x` deploys without" in message


@given(st.text(st.sampled_from("on:jobsteprungatekeeper run[]{}|&*-'\" \n"), max_size=100))
@settings(max_examples=50)
def test_any_text_is_read_or_said_not_to_be(text: str) -> None:
    """No text makes the examination fail."""
    said({"w.yml": text})
