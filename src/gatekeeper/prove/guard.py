"""Run one guard in a worktree, through the same code as `run`, and look at it more closely."""

from __future__ import annotations

import os
import shlex
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gatekeeper import checkout, plugins, tools
from gatekeeper.adapters.process import Supervisor
from gatekeeper.config.load import load
from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.errors import GatekeeperError, NotMeasured
from gatekeeper.exceptions import Exceptions, References
from gatekeeper.interfaces import Case, Reader
from gatekeeper.judge import judge
from gatekeeper.model import Observation, Verdict
from gatekeeper.prove import view
from gatekeeper.prove.shadow import Shadows
from gatekeeper.prove.view import Test, View
from gatekeeper.prove.worktree import Tree
from gatekeeper.resolve import references, resolve
from gatekeeper.result import Plan, PlannedCheck
from gatekeeper.run import measure, reported
from gatekeeper.run.observe import Bench


@dataclass(frozen=True, slots=True)
class Guard:
    """A check as the configuration of a commit has it, with what is needed to judge it."""

    check: CheckPolicy
    policy: Policy
    references: References


@dataclass(frozen=True, slots=True)
class Lab:
    """What all runs of a proof share: where, with what stand-ins, by whom started, when."""

    tree: Tree
    shadows: Shadows
    supervisor: Supervisor
    caller: Mapping[str, str]
    now: datetime


def find(folder: Path, name: str) -> Guard | None:
    """A check of the configuration in a folder; None where there is none.

    Raises ConfigurationError where that configuration is wrong.
    """
    documents = load(folder)
    policy = resolve(documents)
    check = policy.checks.get(name)
    return Guard(check, policy, references(documents)) if check else None


def run(guard: Guard, lab: Lab) -> View:
    """Run a guard on the worktree as it stands; NotMeasured where `prepare:` fails."""
    lab.shadows.take_over(lab.tree.linked)
    phase = lab.shadows.phase()
    place = checkout.find(lab.tree.path)
    checkout.ignore_state(place.state)
    bench = Bench(
        policy=guard.policy,
        checkout=place,
        supervisor=lab.supervisor,
        memory=tools.Memory(phase / "tools.json", {}),
        caller=lab.shadows.environment(lab.caller),
        now=lab.now,
        begin=time.monotonic(),
        out=phase / "out",
        kept=place.state / "runs" / phase.name,
    )
    bench.out.mkdir()
    check = replace(lab.shadows.check(guard.check), enabled=True, advisory=False)
    policy = replace(guard.policy, checks={**guard.policy.checks, check.id: check})
    bench = replace(bench, policy=policy)
    _prepare(check, bench)
    planned = PlannedCheck(check.id, check.gate, check.digest, "run")
    observed: dict[str, Observation] = {}
    measure([planned], 1, bench, observed)
    seen = observed[check.id]
    tests = {} if seen.failure and seen.exit is None else dict(_reported(check, bench))
    return view.seen(
        phase,
        View(
            verdict=_verdict(guard, check, seen, lab.now),
            tests=tests,
            rules=Counter(f.rule for f in seen.measurement.findings) if seen.measurement else {},
            failure=seen.failure,
            exit=seen.exit if seen.argv else 0,
        ),
    )


def _prepare(check: CheckPolicy, bench: Bench) -> None:
    """Build what git ignores; what was built before was of other code."""
    env = tools.environment(bench.caller, check.env)
    place = bench.checkout
    for argv in check.proof.prepare if check.proof else ():
        said = shlex.join(argv)
        tracked = place.snapshot.tracked
        program = tools.find(argv[0], place.root, place.top, tracked, env["PATH"])
        done = bench.supervisor.run(
            (str(program), *argv[1:]),
            cwd=place.root,
            env=env,
            timeout=check.timeout,
            owner=f"{check.id}.prepare",
        )
        if done.stopped:
            raise NotMeasured("it was interrupted", "run it again")
        if done.exit != 0:
            ended = f"exited with {done.exit}" if done.exit is not None else "did not end by itself"
            last = next((one for one in done.output.splitlines()[::-1] if one.strip()), "nothing")
            reason = f"`prepare: {said}` {ended}; it said: {last.strip()[:300]}"
            raise NotMeasured(reason, "let it build this state of the code too")


def _verdict(guard: Guard, check: CheckPolicy, seen: Observation, now: datetime) -> Verdict:
    """The verdict of the check as the only one of its gate, which blocks; nothing is excused."""
    asked = check.asked if check.registered else check.measures
    gates = tuple(
        replace(
            gate,
            checks=(check.id,),
            advisory=False,
            requirements=tuple(rule for rule in gate.requirements if rule.metric in asked),
        )
        for gate in guard.policy.gates
        if gate.id == check.gate
    )
    planned = PlannedCheck(check.id, check.gate, check.digest, "run")
    plan = Plan(stage=check.stage, gates=(check.gate,), checks=(planned,), jobs=1, whole=False)
    policy = replace(guard.policy, gates=gates, checks={check.id: check})
    return judge(policy, plan, (seen,), Exceptions(), guard.references, now).gates[0].verdict


def _reported(check: CheckPolicy, bench: Bench) -> Iterator[tuple[str, Test]]:
    """The tests that the reports of the check show, the worst of each."""
    worst: dict[str, Case] = {}
    for case in _cases(check, bench):
        before = worst.get(case.id)
        if before is None or before.outcome == "passed" or case.outcome == "failed":
            worst[case.id] = case
    for name, case in worst.items():
        yield name, Test("call" if case.body else "setup", case.outcome, None, case.text)


def _cases(check: CheckPolicy, bench: Bench) -> Iterable[Case]:
    folder, kept = bench.checkout.root / check.cwd, bench.kept / check.id
    outs = sorted(kept.iterdir()) if check.batch and kept.is_dir() else [kept]
    for reads in check.reads:
        reader = plugins.load("reader", reads.format).value
        if not isinstance(reader, Reader) or reader.cases is None:
            continue
        for number, out in enumerate(outs):
            stdout = kept.with_name(f"{check.id}.stdout.{number}") if reads.stdout else None
            for place in reported.places(reads, folder, out, stdout):
                yield from _read(reader, Path(place))


def _read(reader: Reader, place: Path) -> Iterator[Case]:
    if reader.cases is None or place.is_symlink() or not os.path.getsize(place):
        return
    try:
        yield from reader.cases(place)
    except GatekeeperError:  # the observation says so too: its reader has read the same file
        return
