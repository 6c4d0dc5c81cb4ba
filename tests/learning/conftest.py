"""Post-mortems, checks and files as plain data, for the rules that join them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gatekeeper import codec, conditions, metrics
from gatekeeper.config.policy import (
    CheckPolicy,
    Expectation,
    GatePolicy,
    Origin,
    Policy,
    Reads,
)
from gatekeeper.errors import NotMeasured
from gatekeeper.learning import proofs
from gatekeeper.learning.postmortem import ActionItem, Heading, PostMortem
from gatekeeper.learning.tree import Tree
from gatekeeper.model import Position

GATES = ("code-quality", "performance", "security", "operational-readiness")
Spec = Mapping[str, Any]


def _check(id_: str, spec: Spec) -> CheckPolicy:
    metric = spec.get("measures", ["tests.failed"])[0]
    definition = metrics.define(metric)
    assert definition is not None
    expect = spec.get("expect", {"pass": f"< 1{definition.unit}"})
    accept, warn = (
        tuple(conditions.parse(expect[tier], definition) for _ in "1" if tier in expect)
        for tier in ("pass", "warn")
    )
    origins = [{"item": one} if isinstance(one, str) else one for one in spec.get("origin", ())]
    return CheckPolicy(
        id=id_,
        title=id_,
        gate=spec.get("gate", "code-quality"),
        type=spec.get("type", "pattern"),
        digest="",
        stage=spec.get("stage", "push"),
        files=tuple(spec.get("files", ())),
        reads=(Reads("junit"),) if spec.get("reads", True) else (),
        enabled=spec.get("enabled", True),
        reason=spec.get("reason", ""),
        advisory=spec.get("advisory", False),
        measures=tuple(spec.get("measures", ["tests.failed"])),
        expect=(Expectation(metric, accept, warn),),
        registered=True,
        origin=tuple(Origin(**one) for one in origins),
        position=Position(f"checks/{id_}.yaml", 1, 1),
    )


def _record(check: CheckPolicy, state: str) -> bytes:
    record = proofs.Record(
        check=check.id,
        method="samples",
        green="samples",
        red="samples",
        tests=(),
        check_digest=proofs.check_digest(check) if state == "proven" else "sha256:0",
        files={},
        fixed_by=(),
        fix_digest="",
        date="2026-03-05",
        duration=1.0,
    )
    return json.dumps(codec.encode(record)).encode()


@pytest.fixture
def policy_of() -> Callable[..., Policy]:
    """A policy of checks by id, as plain data; `advisory` names gates that are."""

    def made(checks: Mapping[str, Spec], advisory: tuple[str, ...] = ()) -> Policy:
        composed = {id_: _check(id_, spec) for id_, spec in checks.items()}
        gates = tuple(
            GatePolicy(
                id=gate,
                title=gate,
                stage="push",
                advisory=gate in advisory,
                requirements=(),
                checks=tuple(id_ for id_, check in composed.items() if check.gate == gate),
                position=Position(f"gates/{gate}.yaml", 1, 1),
            )
            for gate in GATES
        )
        return Policy("", gates, composed)

    return made


@pytest.fixture
def tree_of() -> Callable[..., Tree]:
    """The files of a repository, with the records of the proofs of its checks."""

    def made(
        policy: Policy, files: Mapping[str, str | bytes], states: Mapping[str, str] | None = None
    ) -> Tree:
        known = {path: d.encode() if isinstance(d, str) else d for path, d in files.items()}
        for id_, state in (states or {}).items():
            known[proofs.place("checks", id_)] = _record(policy.checks[id_], state)

        def content(path: str) -> bytes:
            if path not in known:
                raise NotMeasured("is not there")
            return known[path]

        return Tree(tuple(sorted(known)), content)

    return made


@pytest.fixture
def report_of() -> Callable[..., PostMortem]:
    """A report of items by id, as plain data; an item is labelled unless it says otherwise."""

    def made(id_: str, items: Mapping[str, Spec], **keys: Any) -> PostMortem:
        return PostMortem(
            id=id_,
            file=f"learning/postmortems/{id_}.md",
            action_items=tuple(
                ActionItem(id=own, line=10 + n, **{"labelled": True, **spec})
                for n, (own, spec) in enumerate(items.items())
            ),
            **keys,
        )

    return made


@pytest.fixture
def recall() -> Callable[..., PostMortem]:
    """Reads `ID` or `ID | item | item` in place of Markdown; no id: that of the file.

    `!` is what cannot be read.
    """

    def made(data: bytes, read: object, form: object) -> PostMortem:
        name, _, text = data.decode().partition("\0")
        if text == "!":
            return PostMortem(name, "", problems=((3, "the front matter is no mapping"),))
        id_, *items = (part.strip() for part in text.split("|"))
        numbered = enumerate(items, 1)
        return PostMortem(
            id=id_ or name.rpartition(".")[0],
            file="",
            headings=(Heading("A", 1, 1, 1),),
            title=hashlib.sha256("".join(items).encode()).hexdigest() if items else None,
            action_items=tuple(
                ActionItem(f"AI-{n}", text, n, labelled=True) for n, text in numbered
            ),
        )

    return made
