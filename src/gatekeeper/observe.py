"""One check -> one `Observation`: measure, then the rules that make a measurement count."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gatekeeper import codec, fingerprint, metrics, plugins, redact, selection, tools
from gatekeeper.adapters.process import Supervisor
from gatekeeper.checkout import Checkout
from gatekeeper.config.policy import CheckPolicy, Policy
from gatekeeper.context import FILE_CAP, Context, open_inside
from gatekeeper.errors import NotMeasured
from gatekeeper.history import records
from gatekeeper.interfaces import CheckType
from gatekeeper.model import Evidence, Failure, Finding, Measurement, Observation
from gatekeeper.result import PlannedCheck

# What a record keeps of a check's output, and names of the files it could not examine.
_OUTPUT = 20_000
_NAMED = 5
_MESSAGE = 2_000


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


def observe(planned: PlannedCheck, bench: Bench) -> Observation:
    """Measure one check; whatever happens becomes an observation, never an exception."""
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
    )
    known = redact.secrets(env, (name for name, value in check.env.items() if value is None))
    measurement, failure, tool, selected = None, None, tools.Tool("", ""), None
    try:
        _make(ctx.out)
        selected = _selected(ctx)
        measurement = _measure(ctx)
        tool = _identify(ctx, bench.memory, known)
        measurement = _counted(ctx, measurement)
        measurement = _located(ctx, measurement, known)
    except NotMeasured as error:
        failure = Failure(error.reason, error.remedy)
    except Exception as error:  # noqa: BLE001  a plug-in's defect must not end the other checks
        trace = "".join(traceback.format_exception(error))
        failure = _defect(check, error, redact.redact(trace, known), bench.kept)
    try:
        evidence = _keep(ctx, bench.kept, known)
        measurement = measurement and replace(measurement, evidence=evidence)
    except NotMeasured as error:
        failure = failure or Failure(error.reason, error.remedy)
    output = redact.redact("".join(done.output for done in ctx.finished), known)

    def told(text: str) -> str:
        """Without secrets, and with places that outlive the run."""
        kept = os.path.relpath(bench.kept, bench.checkout.top)
        return redact.redact(text.replace(str(bench.out), kept), known)[:_MESSAGE]

    return Observation(
        check=check.id,
        digest=check.digest,
        measurement=None if failure else measurement,
        failure=failure and Failure(told(failure.reason), told(failure.remedy)),
        selected=selected,
        argv=tuple(redact.redact(word, known) for word in ctx.finished[0].argv)
        if ctx.finished
        else (),
        tool=tool.path,
        tool_digest=tool.digest,
        tool_version=redact.redact(tool.version, known),
        started=round(began - bench.begin, 6),
        wall=round(time.monotonic() - began, 6),
        cpu=round(sum(done.cpu for done in ctx.finished), 6),
        max_rss=max((done.max_rss for done in ctx.finished), default=0),
        exit=ctx.finished[0].exit if ctx.finished else None,
        output=output[-_OUTPUT:],
    )


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
    return plugin.value.measure(params, ctx)


def _identify(ctx: Context, memory: tools.Memory, known: Mapping[str, str]) -> tools.Tool:
    if ctx.program is None:
        return tools.Tool("", "")

    def ask() -> str:
        finished = ctx.start(ctx.check.version, (), ctx.out)
        lines = redact.redact(ctx.finished.pop().output, known).strip().splitlines()
        return lines[0][:200] if lines and finished.exit == 0 else ""

    return memory.identify(ctx.program, ctx.check.version, ask)


def _counted(ctx: Context, measurement: Measurement) -> Measurement:
    """Only what examined something counts, and only if it examined all that was selected."""
    allowed = selection.matching(ctx.check.params.get("may-skip", ()), ctx.skipped)
    refused = {path: why for path, why in ctx.skipped.items() if path not in allowed}
    if refused:
        named = "; ".join(f"{path} {why}" for path, why in sorted(refused.items())[:_NAMED])
        more = f"; and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        raise NotMeasured(
            f"{len(refused)} selected files could not be examined: {named}{more}",
            'leave them out of `files:` with "!PATH", or allow `with: {may-skip: [GLOB]}`',
        )
    output = "\n".join(done.output for done in ctx.finished)
    for pattern in ctx.check.idle:
        if match := re.search(pattern, output, re.MULTILINE):
            said = (
                f"it says `{match[0].strip()}`"
                if match[0].strip()
                else "it names nothing that it examined"
            )
            raise NotMeasured(
                f"{ctx.check.id} examined nothing: {said}", "correct what it is given"
            )
    work = {kind: amount for kind, amount in measurement.work.items() if amount > 0}
    if not work and ctx.check.lists:
        work = {"files": _listed(ctx)}
    if not any(work.values()) and not (ctx.check.idle and not measurement.work):
        raise NotMeasured(
            f"{ctx.check.id} reports success but examined nothing",
            "see its output and its configuration: what does it exclude?",
        )
    notes = (
        *measurement.notes,
        *(f"not examined, as allowed: {p} {ctx.skipped[p]}" for p in sorted(allowed)),
    )
    for metric in measurement.metrics:
        definition = metrics.define(metric.name)
        if definition is None or definition.unit != metric.unit or not metric.value.is_finite():
            raise NotMeasured(
                f"it measures {metric.name} as {metric.value}{metric.unit}, which cannot be"
            )
    return replace(measurement, work=work, notes=notes)


def _listed(ctx: Context) -> int:
    """How many of the files that `files:` selects the tool itself says it examines.

    A tool may list its own configuration too, and warn on standard error that there is no file.
    """
    listed = ctx.out.with_name(f"{ctx.out.name}.lists")
    finished = ctx.start(ctx.check.lists, ctx.arguments(), ctx.out, listed)
    ctx.finished.pop()
    if finished.exit != 0:
        raise NotMeasured(
            f"`lists:` could not tell which files were examined: it exited with {finished.exit}",
            finished.output.strip().rpartition("\n")[2],
        )
    with listed.open(encoding="utf-8", errors="surrogateescape") as lines:
        names = {ctx.relative(name) for line in lines if (name := line.strip())}
    return len(selection.matching(ctx.check.files or ("**",), filter(None, names)))


def _located(ctx: Context, measurement: Measurement, known: Mapping[str, str]) -> Measurement:
    """Findings redacted, with fingerprints, and with paths relative to the repository."""
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
    placed = tuple(_prefixed(finding, prefix) for finding in identified) if prefix else identified
    return replace(
        measurement,
        findings=placed,
        notes=tuple(redact.redact(n, known) for n in measurement.notes),
    )


def _prefixed(finding: Finding, prefix: str) -> Finding:
    return replace(finding, path=prefix + finding.path) if finding.path else finding


def _lines(root: Path, path: str) -> list[str]:
    try:
        with open_inside(root, path, FILE_CAP) as file:
            return file.read().decode("utf-8", "replace").splitlines()
    except NotMeasured:
        return []


def _keep(ctx: Context, kept: Path, known: Mapping[str, str]) -> tuple[Evidence, ...]:
    """Move the check's files to where evidence is kept, redacted; digests are of what is kept.

    Below `kept` they lie as they did below the run's temporary folder.

    Raises NotMeasured where a full disk loses evidence; a folder that may only be read keeps none.
    """
    found = [
        path for path in sorted(ctx.out.rglob("*")) if path.is_file() and not path.is_symlink()
    ]
    printed = [path for n in range(len(ctx.finished)) if (path := ctx.stdout(n)) and path.exists()]
    evidence = []
    try:
        for path in (*found, *printed):
            name = path.relative_to(ctx.out.parent)
            redact.redact_file(path, known)
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, kept / name)
            evidence.append(_evidence(kept / name, ctx.checkout.state))
    except OSError as error:
        if error.errno not in records.READ_ONLY:
            reason = f"its evidence could not be kept in {kept}: {error.strerror}"
            raise NotMeasured(reason, "make room there") from None
    finally:
        shutil.rmtree(ctx.out, ignore_errors=True)
        for path in printed:
            path.unlink(missing_ok=True)
    return tuple(evidence)


def _evidence(path: Path, state: Path) -> Evidence:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Evidence(path.relative_to(state).as_posix(), f"sha256:{digest}", path.stat().st_size)


def _defect(check: CheckPolicy, error: Exception, trace: str, kept: Path) -> Failure:
    log = kept / f"{check.id}.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(trace, "utf-8", "backslashreplace")
        where = f"attach {os.path.relpath(log)} to a report"
    except OSError:
        where = f"report it with: {trace[-500:]}"
    return Failure(f"the check type {check.type} failed: {type(error).__name__}: {error}", where)
