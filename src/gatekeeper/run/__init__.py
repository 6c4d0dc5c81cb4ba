"""Plan -> observations: as many checks at once as there are slots, longest first.

Exclusive checks run alone, after the others. Nothing that was started outlives the run.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from gatekeeper import cache, learning, tools
from gatekeeper.adapters.process import Supervisor
from gatekeeper.checkout import Checkout
from gatekeeper.config.policy import Policy
from gatekeeper.errors import Interrupted, NotMeasured
from gatekeeper.history import records
from gatekeeper.model import Observation
from gatekeeper.result import Plan, PlannedCheck
from gatekeeper.run.blame import blame
from gatekeeper.run.observe import Bench, observe

# A file's times lag behind the clock by up to a tick of the kernel.
_TICK = 0.02
_NAMED = 5


# What a thread tells: it begins a check, has observed one, or met with a defect.
_News = PlannedCheck | Observation | BaseException


def _ignore(*_: object) -> None:
    """Hear nothing."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who hears of a run as it goes on, always in the thread that called `run`.

    `started` and `ended` hear of each check, `waited` every `every` seconds in which neither
    happens; never where that is None.
    """

    started: Callable[[PlannedCheck], object] = _ignore
    ended: Callable[[Observation], object] = _ignore
    waited: Callable[[], object] = _ignore
    every: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run saw: observations in plan order, warnings, and the exit code of a stop, or 0."""

    observations: tuple[Observation, ...]
    warnings: tuple[str, ...] = ()
    interrupted: int = 0


def run(
    policy: Policy,
    plan: Plan,
    checkout: Checkout,
    *,
    now: datetime,
    kept: Path,
    caller: Mapping[str, str],
    base: str | None = None,
    watch: Watch = Watch(),
) -> Seen:
    """Run the plan; evidence goes below `kept`, `watch` hears of it as it goes on.

    `base` is the commit that the change is compared with.
    KeyboardInterrupt and `Interrupted` stop what runs; what is known by then is returned.
    """
    kept_before = cache.at(checkout, "learning", Path(learning.__file__).parent)
    memory = tools.Memory.load(checkout.state / "tools.json")
    out = Path(tempfile.mkdtemp(prefix="gatekeeper-"))
    clock, warnings, stopped = time.time(), [], 0
    seen: dict[str, Observation] = {}
    try:
        with Supervisor() as supervisor:
            bench = Bench(
                policy,
                checkout,
                supervisor,
                memory,
                caller,
                now,
                time.monotonic(),
                out,
                kept,
                plan.files,
                base,
                kept_before,
            )
            try:
                for batch, slots in _batches(plan):
                    measure(batch, slots, bench, seen, watch)
            except (KeyboardInterrupt, Interrupted) as signal:
                stopped = int(getattr(signal, "exit", Interrupted.exit))
            left = supervisor.sweep()
        if left:
            warnings.append(f"processes could not be ended: {', '.join(left)}; end them by hand")
    finally:
        shutil.rmtree(out, ignore_errors=True)
    _remember(memory)
    kept_before.save()
    known = [seen[check.check] for check in plan.checks if check.check in seen]
    return Seen(blame(checkout, policy, known, clock), tuple(warnings), stopped)


def _batches(plan: Plan) -> Iterable[tuple[Sequence[PlannedCheck], int]]:
    """What runs together, longest first, and then each exclusive check alone."""
    todo = [check for check in plan.checks if check.action == "run"]
    # What was never measured may be long: it starts first.
    todo.sort(key=lambda check: -math.inf if check.expected is None else -check.expected)
    if shared := [check for check in todo if not check.exclusive]:
        yield shared, plan.jobs
    for check in todo:
        if check.exclusive:
            yield [check], 1


def measure(
    batch: Sequence[PlannedCheck],
    slots: int,
    bench: Bench,
    seen: dict[str, Observation],
    watch: Watch = Watch(),
) -> None:
    """Observe checks in threads; each thread takes the next check until none is left.

    `seen` holds what was observed, also where a signal ends it.
    """
    waiting = deque(batch)
    news: SimpleQueue[_News] = SimpleQueue()
    threads = [
        threading.Thread(target=_work, args=(waiting, news, bench), daemon=True)
        for _ in range(min(slots, len(batch)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in batch:
            observation = _ended(news, watch)
            seen[observation.check] = observation
            watch.ended(observation)
    except BaseException:
        waiting.clear()
        bench.supervisor.stop()
        raise
    finally:
        for thread in threads:
            thread.join()
        _drain(news, seen)  # what the stop ended is known too


def _ended(news: SimpleQueue[_News], watch: Watch) -> Observation:
    """The next check that ends; who watches hears of what begins, and of the time, until then."""
    while True:
        try:
            heard = news.get(timeout=watch.every)
        except Empty:
            watch.waited()
            continue
        if isinstance(heard, BaseException):
            raise heard
        if isinstance(heard, Observation):
            return heard
        watch.started(heard)


def _drain(news: SimpleQueue[_News], seen: dict[str, Observation]) -> None:
    while not news.empty():
        if isinstance(observation := news.get(), Observation):
            seen[observation.check] = observation


def _work(waiting: deque[PlannedCheck], news: SimpleQueue[_News], bench: Bench) -> None:
    """What a thread does."""
    try:
        while check := _next(waiting):
            news.put(check)
            news.put(observe(check, bench))
    except BaseException as error:  # noqa: BLE001  raised again in the main thread
        news.put(error)


def _next(waiting: deque[PlannedCheck]) -> PlannedCheck | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _remember(memory: tools.Memory) -> None:
    if not memory.changed:
        return
    try:
        there = {path: entry for path, entry in memory.known.items() if os.path.exists(path)}
        records.write(memory.file, [json.dumps(there), "\n"])
    except NotMeasured:
        return  # only time is lost: the tools are asked again next time
