"""Would this guard have caught its bug? A check and its `proof:` -> an `Answer`, and its record.

The guard is run in a clean worktree of HEAD, where it must be green; then the fix is taken out, and
it must be red for the right reason (`reason`). Where the fix cannot be taken out of HEAD, or where
that leaves the guard green, the same is done with the state of the fix itself. What was red must be
red again, and green again with the fix: a guard that goes by chance proves nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gatekeeper import codec
from gatekeeper.adapters import git
from gatekeeper.adapters.process import Supervisor
from gatekeeper.config.policy import CheckPolicy
from gatekeeper.errors import NotMeasured
from gatekeeper.learning import proofs
from gatekeeper.learning.proofs import Record
from gatekeeper.prove import fix, guard, reason, shadow, trial, worktree
from gatekeeper.prove.guard import Guard, Lab
from gatekeeper.prove.trial import Trial

_CAP = 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a guard would have caught its bug.

    `why` says why not, and `remedy` what to do next; `tests` are the tests or finding rules that
    turned red. `green` and `red` say on what. `duration` is seconds; `record` is the proof, None
    where there is none.
    """

    check: str
    answer: reason.Answer
    why: str = ""
    remedy: str = ""
    tests: tuple[str, ...] = ()
    green: str = ""
    red: str = ""
    duration: float = 0.0
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """What the proofs of one call share. `told` hears what is done now, as a line for a person.

    `bytecode` is a folder for what is compiled of the environments, which takes a second each time.
    """

    repository: git.Repository
    supervisor: Supervisor
    caller: Mapping[str, str]
    now: datetime
    told: Callable[[str], object] = repr
    bytecode: Path | None = None


def prove(check: CheckPolicy, bench: Bench) -> Answer:
    """Prove one guard at HEAD; whatever prevents it is an answer too.

    Raises ConfigurationError where the configuration at HEAD is wrong.
    """
    began = time.monotonic()
    try:
        answer = _prove(check, bench, began)
    except NotMeasured as error:
        answer = Answer(check.id, "not measured", error.reason, error.remedy)
    return replace(answer, duration=round(time.monotonic() - began, 3))


def _prove(check: CheckPolicy, bench: Bench, began: float) -> Answer:
    head = bench.repository.commit or ""
    with worktree.open_tree(bench.repository, head) as tree:
        at_head = _committed(check, guard.find(tree.path, check.id))
        proof = at_head.check.proof
        if proof is None:
            raise NotMeasured(f"{check.id} has no `proof:` at HEAD", "commit it, then prove it")
        tree.link(proof.link)
        stand_ins = shadow.shadows(bench.repository.top, tree.path, bench.bytecode)
        lab = Lab(tree, stand_ins, bench.supervisor, bench.caller, bench.now)
        tried = Trial(bench.repository, head, lab, at_head, proof, bench.told)
        claim = tried.claim()
        if bench.bytecode:
            stand_ins.move(bench.bytecode)
        found, record = claim.reason, None
        if found.answer == "proven":
            date = bench.now.isoformat(timespec="seconds")
            record = tried.record(claim, date, time.monotonic() - began)
    return Answer(
        check=check.id,
        answer=found.answer,
        why=found.why,
        remedy=found.remedy,
        tests=found.tests,
        green=claim.green,
        red=claim.red,
        record=record,
    )


def _committed(check: CheckPolicy, at_head: Guard | None) -> Guard:
    """What is proven is what HEAD holds; a record of anything else would be stale at once."""
    if at_head is None:
        raise NotMeasured(f"the check {check.id} is not in HEAD", "commit it, then prove it")
    if proofs.check_digest(at_head.check) != proofs.check_digest(check):
        where = check.position.file if check.position else check.id
        raise NotMeasured(f"{where} differs from HEAD", "commit the check, then prove it")
    return at_head


def verified(answer: Answer, record: Record, bench: Bench, path: str) -> Answer:
    """The answer, where the record that is kept at `path` claims what was proven now."""
    wrong = _wrong(bench.repository.top / path, path, record, bench.repository)
    if not wrong:
        return answer
    remedy = f"gatekeeper prove {answer.check}"
    return replace(answer, answer="not proven", why=wrong, remedy=remedy)


def _wrong(place: Path, path: str, record: Record, repository: git.Repository) -> str:
    """What is wrong with the record that is kept; "" where nothing is."""
    if place.is_symlink() or not place.is_file():
        return f"there is no record at {path}"
    with place.open("rb") as file:
        kept = proofs.parse(file.read(_CAP), path)
    keys = [*differences(kept, record), *_misplaced(kept, repository)]
    return f"{path} does not say what was proven now: {', '.join(keys)}" if keys else ""


def differences(kept: Record, made: Record) -> list[str]:
    """What two records of one proof claim differently.

    When it was made and how long it took is no claim; nor is at which commit, as HEAD moves on.
    """
    beside = ("green", "red", "date", "duration")
    one, other = codec.encode(kept), codec.encode(made)
    return [key for key in one if key not in beside and one[key] != other[key]]


def _misplaced(kept: Record, repository: git.Repository) -> list[str]:
    """What a record by commits says of where it was made, and cannot be."""
    if kept.method != "fixed-by":
        return []
    try:
        fix.find(repository, [kept.green])
    except NotMeasured:
        return ["green"]
    return [] if kept.red == trial.without(kept.green, kept.fixed_by) else ["red"]
