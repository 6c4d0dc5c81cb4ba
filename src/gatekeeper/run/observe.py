"""One check -> one `Observation`: measure, then the rules that make a measurement count."""

from __future__ import annotations

import os
import re
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from gatekeeper import codec, fingerprint, plugins, redact, tools
from gatekeeper.adapters.process import Supervisor
from gatekeeper.cache import Cache
from gatekeeper.checkout import Checkout, open_inside
from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.errors import ConfigurationError, NotMeasured
from gatekeeper.interfaces import CheckType
from gatekeeper.model import Failure, Finding, Item, Measurement, Observation
from gatekeeper.result import PlannedCheck
from gatekeeper.run.context import Context
from gatekeeper.run.evidence import keep
from gatekeeper.run.examined import examined

L = TypeVar("L", Finding, Item)
# What a record keeps of a check's output, and of a message, in characters; of its items.
_OUTPUT = 20_000
_MESSAGE = 2_000
_ITEMS = 10_000


@dataclass(frozen=True)
class Bench:
    """What all checks of a run share."""

    policy: Policy
    checkout: Checkout
    supervisor: Supervisor
    memory: tools.Memory
    caller: Mapping[str, str]
    now: datetime
    begin: float
    out: Path
    kept: Path
    narrowed_to: Sequence[str] | None = None
    base: str | None = None
    cache: Cache = field(default_factory=Cache)


def observe(planned: PlannedCheck, bench: Bench) -> Observation:
    """Measure one check; whatever happens becomes an observation.

    Only a mistake in the files people write (ConfigurationError) is the whole run's.
    """
    began = time.monotonic()
    check = bench.policy.checks[planned.check]
    env = tools.environment(bench.caller, check.env)
    ctx = Context(
        check=check,
        policy=bench.policy,
        now=bench.now,
        checkout=bench.checkout,
        out=bench.out / check.id,
        supervisor=bench.supervisor,
        env=env,
        narrowed_to=bench.narrowed_to if planned.narrowed else None,
        commit=bench.base,
        cache=bench.cache,
    )
    known = redact.secrets(env, (name for name, value in check.env.items() if value is None))
    seen = _seen(ctx, bench, known)
    try:
        evidence = keep(ctx, bench.kept, known)
        if seen.measurement:
            seen = replace(seen, measurement=replace(seen.measurement, evidence=evidence))
    except NotMeasured as error:
        failure = seen.failure or Failure(error.reason, error.remedy)
        seen = replace(seen, measurement=None, failure=failure)
    return replace(
        seen,
        failure=seen.failure and _told(seen.failure, bench, known),
        started=round(began - bench.begin, 6),
        wall=round(time.monotonic() - began, 6),
        **_processes(ctx, known),
    )


def _seen(ctx: Context, bench: Bench, known: Mapping[str, str]) -> Observation:
    """The measurement, or why there is none."""
    check = ctx.check
    observation = Observation(check.id, check.digest)
    try:
        _make(ctx.out)
        observation = replace(observation, selected=_selected(ctx))
        measurement = _measure(ctx)
        tool = _identify(ctx, bench.memory, known)
        measurement = _located(ctx, examined(ctx, measurement), known)
    except NotMeasured as error:
        return replace(observation, failure=Failure(error.reason, error.remedy))
    except ConfigurationError:
        raise
    except plugins.FAILURES as error:  # a plug-in's defect must not end the other checks
        trace = redact.redact("".join(traceback.format_exception(error)), known)
        return replace(observation, failure=_defect(check, error, trace, bench.kept))
    return replace(
        observation,
        measurement=measurement,
        tool=tool.path,
        tool_digest=tool.digest,
        tool_version=redact.redact(tool.version, known),
    )


def _processes(ctx: Context, known: Mapping[str, str]) -> dict[str, Any]:
    """What the check's processes were, cost and printed, as fields of an observation."""
    done = ctx.finished
    if not done:
        return {}
    return {
        "argv": tuple(redact.redact(word, known) for word in done[0].argv),
        "cpu": round(sum(process.cpu for process in done), 6),
        "max_rss": max(process.max_rss for process in done),
        "exit": done[0].exit,
        "output": redact.redact("".join(process.output for process in done), known)[-_OUTPUT:],
    }


def _told(failure: Failure, bench: Bench, known: Mapping[str, str]) -> Failure:
    """A failure without secrets, and with places that outlive the run."""
    kept = os.path.relpath(bench.kept, bench.checkout.state.parent)

    def told(text: str) -> str:
        return redact.redact(text.replace(str(bench.out), kept), known)[:_MESSAGE]

    return Failure(told(failure.reason), told(failure.remedy))


def _make(out: Path) -> None:
    try:
        out.mkdir()
    except OSError as error:
        reason = f"{out} could not be made: {error.strerror}"
        raise NotMeasured(reason, "make room, or let TMPDIR name a folder with room") from None


def _selected(ctx: Context) -> int | None:
    """How many files the check selects, None where it does not say; none at all is an error."""
    if not ctx.check.files:
        return None
    if not ctx.files and _has_glob(ctx.check.files):
        raise NotMeasured(
            f"`files: [{', '.join(ctx.check.files)}]` matches no file",
            "correct the globs, or set `enabled: false` with a reason",
        )
    return len(ctx.files)


def _has_glob(globs: Sequence[str]) -> bool:
    """A path without glob characters names a required file: its absence is the type's to judge."""
    return all(re.search(r"[*?\[!]", pattern) for pattern in globs)


def _measure(ctx: Context) -> Measurement:
    plugin = plugins.load("check-type", ctx.check.type)
    if not isinstance(plugin.value, CheckType):
        raise NotMeasured(
            f"the check type {ctx.check.type} does not load: {plugin.failure}", "mend the plug-in"
        )
    params = codec.decode(plugin.value.params, dict(ctx.check.params), "with")
    return plugins.sound(plugin.value.measure(params, ctx), plugin)


def _identify(ctx: Context, memory: tools.Memory, known: Mapping[str, str]) -> tools.Tool:
    if ctx.program is None:
        return tools.Tool("", "")

    def ask() -> str:
        finished = ctx.start(ctx.check.version, (), ctx.out)
        lines = redact.redact(ctx.finished.pop().output, known).strip().splitlines()
        return lines[0][:200] if lines and finished.exit == 0 else ""

    return memory.identify(ctx.program, ctx.check.version, ask)


def _located(ctx: Context, measurement: Measurement, known: Mapping[str, str]) -> Measurement:
    """Findings and items redacted, with paths relative to the repository; fingerprints."""
    lines: dict[str, list[str]] = {}

    def line(path: str, number: int) -> str:
        if path not in lines:
            lines[path] = _lines(ctx.checkout.root, path)
        return lines[path][number - 1] if number <= len(lines[path]) else ""

    cleaned = [
        replace(
            finding,
            rule=redact.redact(finding.rule, known),
            message=redact.redact(finding.message, known)[:_MESSAGE],
        )
        for finding in measurement.findings
    ]
    identified = fingerprint.fingerprint(cleaned, line)
    prefix = ctx.checkout.prefix
    items = [
        replace(
            item,
            id=redact.redact(item.id, known)[:_MESSAGE],
            title=redact.redact(item.title, known)[:_MESSAGE],
        )
        for item in measurement.items[:_ITEMS]
    ]
    notes = [redact.redact(note, known) for note in measurement.notes]
    if (more := len(measurement.items) - len(items)) > 0:
        notes.append(f"{more} more of {len(measurement.items)} items are not listed")
    return replace(
        measurement,
        findings=tuple(_prefixed(finding, prefix) for finding in identified),
        notes=tuple(notes),
        items=tuple(_prefixed(item, prefix) for item in items),
    )


def _prefixed(located: L, prefix: str) -> L:
    return replace(located, path=prefix + located.path) if prefix and located.path else located


def _lines(root: Path, path: str) -> list[str]:
    try:
        with open_inside(root, path) as file:
            return file.read().decode("utf-8", "replace").splitlines()
    except NotMeasured:
        return []


def _defect(check: CheckPolicy, error: BaseException, trace: str, kept: Path) -> Failure:
    log = kept / f"{check.id}.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(trace, "utf-8", "backslashreplace")
        where = f"attach {os.path.relpath(log)} to a report"
    except OSError:
        where = f"report it with: {trace[-500:]}"
    return Failure(f"the check type {check.type} failed: {type(error).__name__}: {error}", where)
