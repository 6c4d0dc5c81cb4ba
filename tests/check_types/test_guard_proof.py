"""guard-proof: guards without a current proof."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from gatekeeper import codec
from gatekeeper.check_types import guard_proof
from gatekeeper.check_types.guard_proof import Params
from gatekeeper.learning import proofs

TEST = "def test_order(): ...\n"
GUARDS = {"order": {"origin": ["PM-1#AI-1"]}}
Make = Callable[..., Any]


def record(ctx: Any, **changes: Any) -> str:
    """The record of a proof of `order` as it is in a context."""
    made = proofs.Record(
        check="order",
        method="fixed-by",
        green="HEAD",
        red="HEAD without 1234567",
        tests=("test_order",),
        check_digest=proofs.check_digest(ctx.policy.checks["order"]),
        files={"tests/test_order.py": f"sha256:{hashlib.sha256(TEST.encode()).hexdigest()}"},
        fixed_by=("1234567",),
        fix_digest="sha256:0",
        date="2026-03-05",
        duration=1.5,
    )
    return json.dumps({**codec.encode(made), **changes})


@pytest.mark.parametrize(
    ("changes", "test", "words"),
    [
        ({}, TEST, ""),
        (None, TEST, "it was never proven"),
        ({}, TEST + "#", "tests/test_order.py has changed since it was proven"),
        ({}, None, "tests/test_order.py has changed since it was proven"),
        ({"check-digest": "sha256:1"}, TEST, "the check has changed since it was proven"),
        ({"check": "other"}, TEST, "checks/proofs/order.json is the record of other"),
        ({"schema": "gatekeeper/proof/9"}, TEST, "has the schema gatekeeper/proof/9"),
        ({"duration": "long"}, TEST, "is no record of a proof"),
    ],
)
def test_a_proof_stands_or_says_why_not(
    changes: dict[str, Any] | None, test: str | None, words: str, context: Make
) -> None:
    """The finding stands at the check and says what to do."""
    files = {"tests/test_order.py": test} if test else {}
    ctx = context(files, guards=GUARDS)
    if changes is not None:
        ctx = context({**files, "checks/proofs/order.json": record(ctx, **changes)}, guards=GUARDS)
    measurement = guard_proof.measure(Params(), ctx)
    assert [finding.rule for finding in measurement.findings] == ["unproven"] * bool(words)
    for finding in measurement.findings:
        assert words in finding.message
        assert "gatekeeper prove order" in finding.message
        assert (finding.path, finding.line) == ("checks/order.yaml", 1)


def test_what_is_no_guard_or_disabled_needs_no_proof(context: Make) -> None:
    """The work is the checks that were looked at."""
    guards = {"plain": {}, "off": {"origin": ["PM-1#AI-1"], "enabled": False, "reason": "flaky"}}
    measurement = guard_proof.measure(Params(), context({}, guards=guards))
    assert measurement.findings == ()
    assert measurement.work == {"items": 3}
