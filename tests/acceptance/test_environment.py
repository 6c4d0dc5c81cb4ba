"""What a check sees of the caller's environment, and what becomes of secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ALLOWED = {
    "PATH": None,
    "HOME": None,
    "TMPDIR": None,
    "USER": "u",
    "LOGNAME": "u",
    "SHELL": "/bin/sh",
    "LANG": "C.UTF-8",
    "LC_TIME": "C",
    "TZ": "UTC",
    "TERM": "dumb",
    "XDG_CACHE_HOME": "/tmp/cache",
    "VIRTUAL_ENV": "/tmp/venv",
    "SSL_CERT_FILE": "/tmp/cert",
    "SSL_CERT_DIR": "/tmp/certs",
    "REQUESTS_CA_BUNDLE": "/tmp/bundle",
    "HTTPS_PROXY": "http://proxy",
    "no_proxy": "localhost",
}
DROPPED = dict.fromkeys(
    (
        "CI",
        "GITHUB_TOKEN",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "AWS_SECRET_ACCESS_KEY",
        "PYTEST_ADDOPTS",
        "PYTHONOPTIMIZE",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "RUFF_CONFIG",
        "MYPYPATH",
        "SKIP",
        "GOFLAGS",
        "NODE_OPTIONS",
        "LD_PRELOAD_",
        "GIT_DIR_",
        "NO_COLOR",
        "FORCE_COLOR",
        "COLUMNS",
    ),
    "disarmed",
)
SECRET = 'tr0ub4dor&3"\\<x>'


def test_only_what_is_allowed(place: Any) -> None:
    """A check gets a short list of the caller's variables, what it names, and nothing else."""
    script = "env -0 > seen"
    place.gate(
        {"command": ["sh", "-c", script], "env": {"MODE": "fast", "NAMED": None, "ABSENT": None}}
    )
    place.commit()
    given = {name: value for name, value in ALLOWED.items() if value is not None}
    outcome = place.run(env={**given, **DROPPED, "NAMED": "passed"})
    assert outcome.exit == 0, outcome.said
    entries = (place.folder / "seen").read_bytes().decode().split("\0")
    seen = dict(entry.split("=", 1) for entry in entries if entry)
    shells = {"PWD", "OLDPWD", "SHLVL", "_"}
    ours = {"OUT", "GATEKEEPER_OWNER"}
    assert set(seen) - shells == {*ALLOWED, "MODE", "NAMED", *ours}
    assert seen["MODE"] == "fast"
    assert seen["NAMED"] == "passed"
    assert all(seen[name] == value for name, value in given.items())
    assert "disarmed" not in seen.values()


def test_nothing_is_on_standard_input(judge: Any) -> None:
    """A check that asks a question gets no answer."""
    assert judge({}, {"command": ["sh", "-c", "! read answer"]}).exit == 0


def test_pytest_is_not_disarmed(place: Any) -> None:
    """PYTEST_ADDOPTS and PYTHONOPTIMIZE of the caller do not turn a failing test green."""
    place.write({"test_a.py": "def test_a():\n    assert 1 == 2\n"})
    command = ["pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=${out}/j.xml"]
    reads = [{"format": "junit", "file": "${out}/j.xml"}]
    place.gate({"command": command, "reads": reads, "exit": {"clean": [0], "findings": [1]}})
    place.commit()
    outcome = place.run(env={"PYTEST_ADDOPTS": "--deselect=test_a.py", "PYTHONOPTIMIZE": "1"})
    assert outcome.exit == 1, outcome.said


@pytest.mark.parametrize("stage", [None, "push"])
def test_ci_decides_the_default_stage(place: Any, stage: str | None) -> None:
    """The variable CI makes the stage `ci`, unless one is named."""
    place.gate({"command": ["true"]})
    place.commit()
    outcome = place.run(*(["--stage", stage] if stage else []), env={"CI": "true"})
    assert outcome.result.get("stage", "push") == (stage or "ci")


@pytest.mark.parametrize("how", ["finding", "failure", "report", "version", "crash"])
def test_secret_appears_nowhere(place: Any, how: str) -> None:
    """A secret given by name is in no record, report, log or evidence, however it gets out."""
    ways: Mapping[str, tuple[str, Mapping[str, Any]]] = {
        "finding": ('echo "password $TOKEN"; exit 1', {}),
        "failure": ('echo "cannot log in with $TOKEN"; exit 99', {"exit": {"clean": [0]}}),
        "report": (
            'echo "a.py:1: error: $TOKEN  [$TOKEN]"; cat tail; exit 1',
            {"reads": [{"format": "mypy", "from": "stdout"}], "exit": {"findings": [1]}},
        ),
        "version": ("true", {"version": ["sh", "-c", 'echo "1.0 $TOKEN"']}),
        "crash": (
            'echo "$TOKEN" > "$OUT/log-$TOKEN"; printf "%s" "$TOKEN" > "$OUT/j.xml"',
            {"reads": [{"format": "junit", "file": "${out}/j.xml"}]},
        ),
    }
    script, extra = ways[how]
    place.write({"tail": "Found 1 error in 1 file (checked 1 source file)\n"})
    place.gate({"command": ["sh", "-c", script], "env": {"TOKEN": None}, **extra})
    place.commit()
    reports = [f"--report={form}:{place.base}/report.{form}" for form in ("json", "junit")]
    outcome = place.run(*reports, env={"TOKEN": SECRET})
    assert outcome.exit == (0 if how == "version" else 3 if how in ("failure", "crash") else 1)
    written = [*(place.folder / ".gatekeeper").rglob("*"), *place.base.glob("report.*")]
    texts = {str(path): path.read_text() for path in written if path.is_file()}
    texts["said"] = outcome.said
    forms = {SECRET, json.dumps(SECRET)[1:-1], "tr0ub4dor"}
    leaks = [name for name, text in texts.items() if any(f in text or f in name for f in forms)]
    assert leaks == []
    if how != "crash":
        assert "[redacted: TOKEN]" in Path(f"{place.base}/report.json").read_text()


def test_evidence_of_a_failed_measurement_is_kept(judge: Any, place: Any) -> None:
    """What could not be read is there to be looked at, at the place that the message names."""
    check = {
        "command": ["sh", "-c", "echo '<broken' > $OUT/j.xml"],
        "reads": [{"format": "junit", "file": "${out}/j.xml"}],
    }
    outcome = judge({}, check)
    assert outcome.exit == 3
    named = outcome.observed("it")["failure"]["reason"].split(": ")[0]
    assert Path(place.folder, named).read_text() == "<broken\n"
