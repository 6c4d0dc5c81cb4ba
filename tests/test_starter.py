"""What `init` proposes for the files of a repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.config import load, schema, write
from gatekeeper.config.schema import SettingsSpec
from gatekeeper.resolve import resolve
from gatekeeper.starter import Proposal, propose

GATES = ["code-quality", "performance", "security", "operational-readiness"]
LEARNING = ["postmortem-coverage", "follow-up", "guard-proof"]
BENCHMARK = "def test_sort(benchmark):\n    benchmark(sorted, [])\n"
WORKFLOW = ".github/workflows/ci.yml"


def proposed(files: Mapping[str, str]) -> dict[str, Proposal]:
    """The proposals by gate."""
    return {proposal.gate: proposal for proposal in propose(files, lambda p: files.get(p, ""))}


def names(proposal: Proposal) -> list[str]:
    """The checks of a proposal, by tool or by name."""
    checks = proposal.content["checks"]
    return [c if isinstance(c, str) else str(c.get("uses") or c["check"]) for c in checks]


@pytest.mark.parametrize(
    ("files", "gate", "checks"),
    [
        ({}, "code-quality", ["conflict-markers"]),
        ({"a.py": ""}, "code-quality", ["ruff", "lizard"]),
        ({"a.py": "", "tests/test_a.py": ""}, "code-quality", ["ruff", "pytest", "lizard"]),
        ({"a.py": "", "benchmarks/test_a.py": ""}, "code-quality", ["ruff", "lizard"]),
        (
            {"a.py": "", "pyproject.toml": "[tool.mypy]\nstrict = true\n"},
            "code-quality",
            ["ruff", "mypy", "lizard"],
        ),
        (
            {"a.py": "", "ruff.toml": "[format]\nquote-style = 'single'\n"},
            "code-quality",
            ["ruff", "ruff-format", "lizard"],
        ),
        ({"a.py": "", "pyproject.toml": "[tool.black]\n"}, "code-quality", ["ruff", "lizard"]),
        ({"a.go": "", "b.js": ""}, "code-quality", ["conflict-markers", "lizard"]),
        ({"README.md": ""}, "code-quality", ["conflict-markers"]),
        ({}, "performance", ["load-test"]),
        ({"benchmarks/test_a.py": BENCHMARK}, "performance", ["pytest-benchmark"]),
        ({"benchmarks/README.md": ""}, "performance", ["load-test"]),
        (
            {"benchmarks/test_a.py": f"@pytest.mark.parametrize('n', [1])\n{BENCHMARK}"},
            "performance",
            ["load-test"],
        ),
        ({"benchmarks/test_a.py": "def broken(:\nbenchmark"}, "performance", ["load-test"]),
        ({}, "security", ["detect-secrets", "security-review"]),
        ({"a.py": ""}, "security", ["detect-secrets", "bandit", "security-review"]),
        (
            {"a.py": "", "requirements.txt": "", WORKFLOW: ""},
            "security",
            ["detect-secrets", "bandit", "zizmor", "pip-audit"],
        ),
        (
            {"a.py": "", "pyproject.toml": "[project]\nname = 'a'\n"},
            "security",
            ["detect-secrets", "bandit", "pip-audit"],
        ),
        ({".github/workflows/deep/ci.yml": ""}, "security", ["detect-secrets", "security-review"]),
        (
            {},
            "operational-readiness",
            ["readme", "release-documents", *LEARNING, "rollback-drill"],
        ),
        (
            {"CHANGES.md": ""},
            "operational-readiness",
            ["readme", "release-documents", "changelog", *LEARNING, "rollback-drill"],
        ),
    ],
)
def test_checks_fit_what_is_there(files: Mapping[str, str], gate: str, checks: list[str]) -> None:
    """Each check has a reason among the files; what is not configured is not asked."""
    assert names(proposed(files)[gate]) == checks


def test_the_thresholds_are_those_of_a_serious_policy() -> None:
    """A Python project with tests and dependencies is held to all of them."""
    files = {"a.py": "", "test_a.py": "", "requirements.txt": ""}
    found = proposed(files)
    assert found["code-quality"].content["requirements"] == {
        "lint.errors": "== 0",
        "coverage.line": "> 80%",
        "complexity.max": "< 10",
        "duplication.percent": "< 3%",
    }
    assert found["security"].content["requirements"] == {
        "secrets.total": "== 0",
        "vulnerabilities.critical": "== 0",
        "vulnerabilities.high": "== 0",
        "dependencies.vulnerable": "== 0",
    }


@pytest.mark.parametrize(
    ("files", "documents"),
    [
        ([], ["docs/release.md", "docs/rollback.md"]),
        (["RELEASING.md", "docs/rollback.md"], ["RELEASING.md", "docs/rollback.md"]),
        (["docs/release.rst"], ["docs/release.md", "docs/rollback.md"]),
        (["docs/release_process.md"], ["docs/release_process.md", "docs/rollback.md"]),
        (["docs/re lease.md", "src/release.md"], ["docs/release.md", "docs/rollback.md"]),
    ],
)
def test_release_documents_are_found_where_they_are(files: list[str], documents: list[str]) -> None:
    """Those that the document check can read; a missing one is required, and said to be missing."""
    proposal = proposed(dict.fromkeys(files, ""))["operational-readiness"]
    check = next(c for c in proposal.content["checks"] if c["check"] == "release-documents")
    assert check["files"] == documents
    for document in documents:
        missing = any(r.startswith(f"{document} does not exist yet") for r in proposal.remarks)
        assert missing == (document not in files)


def test_what_is_unguarded_blocks_and_what_is_open_warns() -> None:
    """No failure happens twice; what is promised may still be on its way."""
    requirements = proposed({})["operational-readiness"].content["requirements"]
    assert requirements["postmortems.unguarded"] == "== 0"
    assert requirements["actions.open"] == {"pass": "== 0", "warn": "> 0"}


def test_the_rollback_drill_is_bound_to_what_deploys() -> None:
    """Its approval ends when the files that deploy change."""
    files = {"Dockerfile": "", "deploy/prod/a.yaml": "", ".github/workflows/release.yml": ""}
    drill = proposed(files)["operational-readiness"].content["checks"][-1]
    assert drill["files"] == ["Dockerfile", "deploy/**", ".github/workflows/*release*"]
    assert "files" not in proposed({})["operational-readiness"].content["checks"][-1]


def test_dependencies_are_audited_from_their_lists() -> None:
    """Files of requirements by name; odd names and nested folders are left out."""
    files = [
        "requirements.txt",
        "requirements/dev.txt",
        "requirements ${x}.txt",
        "a/requirements.txt",
    ]
    security = proposed(dict.fromkeys(files, ""))["security"]
    audit = next(c for c in security.content["checks"] if isinstance(c, dict) and "uses" in c)
    assert audit["with"]["args"] == [
        *("--requirement", "requirements.txt"),
        *("--requirement", "requirements/dev.txt"),
    ]


PIECES = (
    *("README.md", "README.rst", "readme.txt", "CHANGELOG.md", "HISTORY", "docs/release.md"),
    *("docs/rollback.md", "RELEASING.md", "src/a.py", "a.go", "web/b.ts", "x.tar.gz", "Dockerfile"),
    *("tests/test_a.py", "conftest.py", "pyproject.toml", "setup.cfg", "mypy.ini", "ruff.toml"),
    *(
        "requirements.txt",
        "requirements-dev.txt",
        "requirements/dev.txt",
        WORKFLOW,
        "deploy/a.yaml",
    ),
    *("benchmarks/test_b.py", "benchmarks/b.py", ".pre-commit-config.yaml", "package.json"),
)
TEXTS = st.sampled_from(
    [
        "",
        BENCHMARK,
        "[project]\nname = 'a'\n[tool.mypy]\n[tool.ruff.format]\n[mypy]\n[format]\n",
        "id: ruff-format\n",
        "benchmark \0 (((",
        "(" * 500,
    ]
)
ODD = st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(PIECES) | ODD, TEXTS, max_size=12))
def test_whatever_the_files_the_proposal_is_a_sound_policy(files: dict[str, str]) -> None:
    """Four gates, each with a check, that compile without a mistake once written and read back."""
    proposals = propose(files, lambda path: files.get(path, ""))
    assert [proposal.gate for proposal in proposals] == GATES
    gates = [
        load.read(schema.GateSpec, f"gates/{p.gate}.yaml", write.dump(p.content, "gate").encode())
        for p in proposals
    ]
    policy = resolve(load.Documents(Path(), SettingsSpec(), tuple(gates)))
    assert all(gate.checks for gate in policy.gates)
