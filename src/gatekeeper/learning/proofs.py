"""The record of a proof, `checks/proofs/CHECK.json`, which `prove` writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gatekeeper import codec
from gatekeeper.adapters import utf8
from gatekeeper.config.policy import CheckPolicy
from gatekeeper.errors import NotMeasured

SCHEMA = "gatekeeper/proof/1"
FOLDER = "proofs"
# What may change without making a proof stale.
_BESIDE = (
    *("title", "gate", "digest", "stage", "reason", "enabled", "advisory", "owner", "origin"),
    *("registered", "asked", "install", "fix", "docs", "position", "positions"),
)
# A bare commit id looks like a secret to the scanners of secrets.
_COMMIT = "commit "
Method = Literal["fixed-by", "samples"]


@dataclass(frozen=True, slots=True)
class Record:
    """That a guard was green on one thing and red on another, for the right reason.

    `green` and `red` say on what: a commit, a commit without the fix, samples. `tests` are the
    tests or finding rules that turned red. `check`, `files` (the guard's own, by path) and `fix`
    are digests `sha256:HEX`: where one changes, the record is stale. `date` is ISO, `duration` in
    seconds.
    """

    check: str
    method: Method
    green: str
    red: str
    tests: tuple[str, ...]
    check_digest: str
    files: Mapping[str, str]
    fixed_by: tuple[str, ...]
    fix_digest: str
    date: str
    duration: float
    schema: str = SCHEMA


def place(registry: str, check: str) -> str:
    """The path of a check's record, relative to the judged folder."""
    return f"{registry}/{FOLDER}/{check}.json"


def dump(record: Record) -> str:
    """The record as the text of its file."""
    plain = codec.encode(record)
    plain["fixed-by"] = [_COMMIT + commit for commit in record.fixed_by]
    if record.method == "fixed-by":
        plain["green"] = _COMMIT + record.green
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def parse(data: bytes, file: str) -> Record:
    """Read a record; NotMeasured says what is wrong with it."""
    try:
        record = codec.decode(Record, json.loads(utf8.decode(data)))
    except (ValueError, RecursionError) as error:
        remedy = "make it again: gatekeeper prove"
        raise NotMeasured(f"{file} is no record of a proof: {error}", remedy) from None
    record = replace(
        record,
        green=record.green.removeprefix(_COMMIT),
        fixed_by=tuple(commit.removeprefix(_COMMIT) for commit in record.fixed_by),
    )
    if record.schema != SCHEMA:
        raise NotMeasured(f"{file} has the schema {record.schema}, not {SCHEMA}", "prove it again")
    return record


def check_digest(check: CheckPolicy) -> str:
    """What the guard does and is proven by, whatever it is called, owned or written beside."""
    plain = codec.encode(check)
    for key in _BESIDE:
        del plain[key]
    for expectation in plain["expect"]:
        del expectation["position"]
    text = json.dumps(plain, sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
