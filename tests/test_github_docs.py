"""The files that docs/github.md tells people to write are sound, and its tables complete."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gatekeeper import workflows

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "github.md").read_text("utf-8")
FILES = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", TEXT, re.DOTALL))
WORKFLOWS = sorted(filter(workflows.is_workflow, FILES))
BIN = Path(sys.executable).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files, with some owner and some commit."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("OWNER", "example").replace("FULL-COMMIT-ID", "0123abcd" * 5))
    return tmp_path


def passes(*words: object) -> None:
    """A tool is content."""
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflows_are_sound(folder: Path) -> None:
    """For GitHub's schema, for zizmor, and for ourselves."""
    assert len(WORKFLOWS) == 3
    paths = [folder / name for name in WORKFLOWS]
    passes(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *paths)
    passes(BIN / "zizmor", "--offline", "--quiet", *paths)
    assert workflows.examine({name: FILES[name].encode() for name in WORKFLOWS}) == ()


def test_the_configurations_of_others_are_sound(folder: Path) -> None:
    """GitLab's schema; and pre-commit itself reads its file, and the hooks exist."""
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    passes(BIN / "check-jsonschema", *schema, folder / ".gitlab-ci.yml")
    passes(BIN / "pre-commit", "validate-config", folder / ".pre-commit-config.yaml")
    passes(BIN / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    used = yaml.safe_load(FILES[".pre-commit-config.yaml"])["repos"][0]["hooks"]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in used} == {hook["id"] for hook in hooks}


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_the_tables_name_all_inputs_and_outputs(kind: str) -> None:
    """Those of action.yml, and no others."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    table = TEXT.partition(f"| {kind[:-1]} |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([^`]+)`", row)} == set(action[kind])


def test_the_reusable_workflow_has_the_inputs_that_callers_give() -> None:
    """A misspelt one would stop the caller."""
    ours = yaml.safe_load((ROOT / ".github/workflows/deploy-gate.yml").read_text("utf-8"))
    call = ours[True]["workflow_call"]  # YAML 1.1 reads `on` as true
    for name in WORKFLOWS:
        for job in yaml.safe_load(FILES[name])["jobs"].values():
            if "deploy-gate.yml" in job.get("uses", ""):
                assert set(job["with"]) <= set(call["inputs"])
                assert set(job.get("secrets", ())) <= set(call["secrets"])
                assert {n for n, one in call["inputs"].items() if one.get("required")} <= set(
                    job["with"]
                )
