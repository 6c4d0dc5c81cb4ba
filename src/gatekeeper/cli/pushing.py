"""Judge each commit of a push: in place where the working copy is just that, else elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from gatekeeper import checkout, pushed
from gatekeeper.adapters import gitpush
from gatekeeper.adapters.prepush import Reference
from gatekeeper.checkout import Change, Checkout
from gatekeeper.cli import say
from gatekeeper.cli.judging import Asked, Judged, judged
from gatekeeper.cli.progress import progress
from gatekeeper.cli.reporting import stream
from gatekeeper.cli.signals import stop_when_told
from gatekeeper.errors import Exit, GatekeeperError
from gatekeeper.pushed import Target
from gatekeeper.result import Plan

_ASKED = Asked("push")


def push(references: Sequence[Reference], remote: str) -> int:
    """Judge what is pushed to a remote and say what came of it; the worst exit code."""
    stop_when_told()
    home = checkout.find(Path.cwd())
    targets, others = pushed.targets(checkout.versioned(home, "a push"), references, remote)
    for other in others:
        say(f"gatekeeper: nothing to judge in {other}")
    worst = int(Exit.PASSED)
    for target in targets:
        try:
            worst = max(worst, _judge(target, home))
        except GatekeeperError:
            say(f"gatekeeper: {target.name} could not be judged:")
            raise
        if worst >= Exit.INTERRUPTED:
            break
    return worst


def _judge(target: Target, home: Checkout) -> int:
    """Judge a commit where it lies, else in a work tree of its own."""
    if gitpush.holds(home.repository, home.snapshot, target.commit):
        change = target.change(home)
        return _tell(target, change, judged(home, change, _ASKED, progress), here=True)
    from gatekeeper.prove import elsewhere

    with elsewhere.opened(home, target.commit, os.environ) as other:
        change = target.change(other.place)
        done = judged(other.place, change, _ASKED, progress, other)
    return _tell(target, change, done, here=False)


def _tell(target: Target, change: Change, done: Judged, *, here: bool) -> int:
    """Say in one line that a commit passed, else what is wrong and what to do."""
    result = done.result
    if done.exit == Exit.PASSED and result.verdict.verdict != "warn":
        for warning in result.warnings:
            say(f"warning: {warning}")
        say(f"gatekeeper: {target.name} passed at push: {_summary(done, change)}")
        return done.exit
    stood = os.path.join(Path.cwd(), os.environ.get("GIT_PREFIX", ""))  # git went to the top
    record = os.path.relpath(done.record, stood) if done.record else ""
    stream(sys.stderr, result, "terminal", "quiet", record)
    word = "passed with warnings" if done.exit == Exit.PASSED else "is blocked"
    say(f"gatekeeper: {target.name} {word}: {_summary(done, change)}")
    for line in _advice(done, here=here):
        say(f"  {line}")
    return done.exit


def _summary(done: Judged, change: Change) -> str:
    """How much was looked at, in how long, and what was not."""
    result = done.result
    began, ended = map(datetime.fromisoformat, (result.started, result.finished))
    ran = len(result.observations)
    checks = "1 check" if ran == 1 else f"{ran} checks"
    parts = list(_skipped(result.plan))
    if change.widened:
        parts.append(f"all files, because {change.widened} changed")
    more = f" ({', '.join(parts)})" if parts else ""
    return f"{checks} in {(ended - began).total_seconds():.1f} s{more}"


def _skipped(plan: Plan) -> Iterator[str]:
    """How many checks did not run: `2 skipped`, `4 open until ci`."""
    skipped = [check.reason for check in plan.checks if check.action == "skip"]
    opens = [reason for reason in skipped if reason.startswith("open until ")]
    if other := len(skipped) - len(opens):
        yield f"{other} skipped"
    for reason in dict.fromkeys(opens):
        yield f"{opens.count(reason)} {reason}"


def _advice(done: Judged, *, here: bool) -> Iterator[str]:
    """What else a person should know, who is in a hurry."""
    if not here:
        yield "judged was the commit in a clean work tree: what is not committed took no part"
    if done.exit:
        yield "to push all the same, for CI to judge: git push --no-verify"
