"""gatekeeper prove: would this guard have caught its bug?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from gatekeeper import checkout, codec, escape, prove
from gatekeeper.cli import complete, say
from gatekeeper.cli.signals import stop_when_told
from gatekeeper.config.load import load
from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.config.settings import inside
from gatekeeper.errors import Exit, NotMeasured, UsageError, suggest
from gatekeeper.history import records
from gatekeeper.learning import guards, proofs
from gatekeeper.learning.tree import at
from gatekeeper.prove.reason import Answer as Kind
from gatekeeper.resolve import resolve

SCHEMA = "gatekeeper/proving/1"
_EXITS: dict[Kind, Exit] = {
    "proven": Exit.PASSED,
    "not proven": Exit.FAILED,
    "not measured": Exit.NOT_MEASURED,
}
_TESTS = 10


@dataclass(frozen=True, slots=True)
class Proved:
    """What was found of one guard; `record` is the path of its proof, "" where there is none.

    `why` says why it is not proven, `remedy` what to do next, `tests` are the tests or finding
    rules that turned red, `green` and `red` say on what. `duration` is seconds.
    """

    check: str
    answer: Kind
    why: str
    remedy: str
    tests: tuple[str, ...]
    green: str
    red: str
    duration: float
    record: str


@dataclass(frozen=True, slots=True)
class Proving:
    """What `prove --json` prints: an answer for each guard."""

    schema: str
    commit: str
    answers: tuple[Proved, ...]


@click.command(epilog="Example: gatekeeper prove order-needs-customer")
@click.argument("names", nargs=-1, metavar="[CHECK]...", shell_complete=complete.guards)
@click.option("--all", "every", is_flag=True, help="Also guards whose proof is current.")
@click.option(
    "--verify", is_flag=True, help="Prove again, compare with the records and write nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON.")
def command(names: tuple[str, ...], every: bool, verify: bool, as_json: bool) -> int:
    """Would these guards have caught their bugs? Without CHECK: those without a current proof."""
    from gatekeeper.adapters.process import Supervisor

    began = datetime.now(UTC)
    place = checkout.find(Path.cwd())
    repository = checkout.committed(place, "a proof")
    policy = resolve(load(place.config))
    chosen = _chosen(policy, names, place, every=every or verify)
    stop_when_told()
    answers = []
    with Supervisor() as supervisor, TemporaryDirectory(prefix="gatekeeper-") as spare:
        bytecode = Path(spare, "bytecode")
        bench = prove.Bench(repository, supervisor, dict(os.environ), began, _tell, bytecode)
        for check in chosen:
            answers.append(_proved(check, bench, policy.registry, verify=verify))
            if not as_json:
                click.echo("\n".join(_block(answers[-1])))
    if as_json:
        whole = Proving(SCHEMA, repository.commit or "", tuple(answers))
        click.echo(json.dumps(codec.encode(whole), indent=2))
    elif not answers:
        click.echo("Nothing to prove: each guard has a current proof (--all proves them again)")
    return max((_EXITS[answer.answer] for answer in answers), default=Exit.PASSED)


def _tell(step: str) -> None:
    say(f"{step} ...")


def _chosen(
    policy: Policy, names: Sequence[str], place: checkout.Checkout, *, every: bool
) -> list[CheckPolicy]:
    """The guards that are named, else all, or those whose proof is missing or stale."""
    if names:
        return [_named(policy, name) for name in dict.fromkeys(names)]
    known = [check for check in policy.checks.values() if check.proof]
    if not known:
        raise UsageError("no check has a `proof:`; write one, as in `proof: {fixed-by: COMMIT}`")
    tree = at(place)
    return [
        c for c in known if every or guards.standing(c, policy.registry, tree).state != "proven"
    ]


def _named(policy: Policy, name: str) -> CheckPolicy:
    check = policy.checks.get(name)
    if check is None:
        raise UsageError(f"unknown check `{name}`; {suggest(name, policy.checks)}")
    if check.proof is None:
        where = f" in {check.position.file}" if check.position else ""
        hint = "`proof: {fixed-by: COMMIT}`, or `proof: {rejects: [...], accepts: [...]}`"
        raise UsageError(f"the check {name} does not say how it is proven; write {hint}{where}")
    return check


def _proved(check: CheckPolicy, bench: prove.Bench, registry: str, *, verify: bool) -> Proved:
    """Prove one guard, and write its record, or compare with it."""
    answer = prove.prove(check, bench)
    path = proofs.place(registry, check.id)
    record = answer.record
    try:
        if record and verify:
            answer = prove.verified(answer, record, bench, path)
        elif record:
            _write(record, bench.repository.top, path)
    except NotMeasured as error:
        answer = replace(answer, answer="not measured", why=error.reason, remedy=error.remedy)
    return Proved(
        check=check.id,
        answer=answer.answer,
        why=answer.why,
        remedy=answer.remedy,
        tests=answer.tests,
        green=answer.green,
        red=answer.red,
        duration=answer.duration,
        record=path if record and answer.answer == "proven" else "",
    )


def _write(record: proofs.Record, root: Path, path: str) -> None:
    """Write a record, unless the one that is there claims the same."""
    place = root / path
    if not inside(root, place) or place.is_symlink():
        raise NotMeasured(f"{path} leads out of the repository", "replace the link by a folder")
    try:
        before = proofs.parse(place.read_bytes(), path)
    except (OSError, NotMeasured):
        before = None
    if before is None or prove.differences(before, record):
        records.write(place, [proofs.dump(record)])


def _block(answer: Proved) -> Iterator[str]:
    """What a person reads of one guard."""
    head = f"{answer.check}: {answer.answer}"
    yield escape.line(f"{head}: {answer.why}" if answer.why else head)
    for name in answer.tests[:_TESTS]:
        yield escape.line(f"    red: {name}")
    if len(answer.tests) > _TESTS:
        yield f"    and {len(answer.tests) - _TESTS} more"
    if answer.red:
        yield escape.line(f"    green at {answer.green}")
        yield escape.line(f"    red at {answer.red}")
    if answer.remedy:
        yield from (escape.line(f"    {line}") for line in answer.remedy.splitlines())
    if answer.record:
        yield escape.line(f"    {answer.record}")
