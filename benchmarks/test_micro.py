"""What single steps of a run cost; `benchmark.<name>.median` compares them over time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from gatekeeper import codec
from gatekeeper.config import yamlfile
from gatekeeper.config.load import load
from gatekeeper.config.policy import Policy
from gatekeeper.exceptions import Exceptions
from gatekeeper.fingerprint import fingerprint
from gatekeeper.judge import judge
from gatekeeper.model import Finding, Measurement, Observation
from gatekeeper.plan import plan
from gatekeeper.resolve import resolve
from gatekeeper.result import SCHEMA, Plan, Result, Subject

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_CHECKS = 100
_FINDINGS = tuple(
    Finding(
        f"R{n % 20}",
        f"the value of `name{n}` is used before it is checked",
        severity="medium",
        category="lint",
        path=f"src/module{n % 50}.py",
        line=n + 1,
        column=5,
    )
    for n in range(1000)
)
_CHECK = """
  - check: lint-{0}
    command: [lint, --output, "${{out}}/report.sarif", "${{files}}"]
    files: ["src/**/*.py", "!src/generated/**"]
    reads: [{{format: sarif, file: "${{out}}/report.sarif"}}]
    exit: {{clean: [0], findings: [1]}}
    timeout: 5m
    expect: {{lint.warnings: "<= 10"}}
"""
_GATE = "gate: quality\nrequirements: {lint.errors: '== 0'}\nchecks:" + "".join(
    _CHECK.format(n) for n in range(_CHECKS)
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    (folder / "gates").mkdir()
    (folder / "gates" / "quality.yaml").write_text(_GATE, "utf-8")
    return folder


@pytest.fixture(scope="module")
def policy(root: Path) -> Policy:
    return resolve(load(root))


@pytest.fixture(scope="module")
def planned(policy: Policy) -> Plan:
    return plan(policy, stage="push")


@pytest.fixture(scope="module")
def observations(policy: Policy) -> tuple[Observation, ...]:
    return tuple(
        Observation(
            check=check.id,
            digest=check.digest,
            measurement=Measurement(
                findings=fingerprint(_FINDINGS[10 * n : 10 * n + 10], lambda *_: ""),
                work={"files": 50},
            ),
        )
        for n, check in enumerate(policy.checks.values())
    )


def test_yaml(benchmark: BenchmarkFixture) -> None:
    document = benchmark(yamlfile.parse, "gates/quality.yaml", _GATE.encode())
    assert len(document.value["checks"]) == _CHECKS


def test_resolve(benchmark: BenchmarkFixture, root: Path) -> None:
    resolved = benchmark(resolve, load(root))
    assert len(resolved.checks) == _CHECKS


def test_judge(
    benchmark: BenchmarkFixture,
    policy: Policy,
    planned: Plan,
    observations: tuple[Observation, ...],
) -> None:
    verdict = benchmark(judge, policy, planned, observations, Exceptions(), {}, _NOW)
    assert verdict.verdict == "pass"


def test_encode(
    benchmark: BenchmarkFixture,
    policy: Policy,
    planned: Plan,
    observations: tuple[Observation, ...],
) -> None:
    result = Result(
        schema=SCHEMA,
        engine="0",
        subject=Subject(),
        policy=policy.digest,
        started=_NOW.isoformat(),
        finished=_NOW.isoformat(),
        stage="push",
        plan=planned,
        observations=observations,
        verdict=judge(policy, planned, observations, Exceptions(), {}, _NOW),
    )
    record = benchmark(codec.encode, result)
    assert len(record["observations"]) == _CHECKS


def test_fingerprint(benchmark: BenchmarkFixture) -> None:
    line = "    total = compute(name)"
    identified = benchmark(fingerprint, _FINDINGS, lambda *_: line)
    assert len({finding.fingerprint for finding in identified}) == len(_FINDINGS)
