"""Whether a check really examined something: only then does its measurement count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gatekeeper import idle, selection
from gatekeeper.errors import NotMeasured
from gatekeeper.model import Measurement
from gatekeeper.run.context import Context

# Files that a message names at most.
_NAMED = 5


def examined(ctx: Context, measurement: Measurement) -> Measurement:
    """The measurement with its work; NotMeasured where not all that was selected was examined."""
    allowed = selection.matching(ctx.check.params.get("may-skip", ()), ctx.skipped)
    _refuse_skipped(ctx, allowed)
    _refuse_idle(ctx)
    work = {kind: amount for kind, amount in measurement.work.items() if amount > 0}
    if not work and ctx.check.lists:
        work = {"files": _listed(ctx)}
    # A report that tells nothing of its work leaves it to `idle:`, one that tells of none does not.
    unknown = ctx.check.idle and not measurement.work
    if not any(work.values()) and not unknown:
        raise NotMeasured(
            f"{ctx.check.id} reports success but examined nothing",
            "see its output and its configuration: what does it exclude?",
        )
    notes = [f"not examined, as allowed: {path} {ctx.skipped[path]}" for path in sorted(allowed)]
    return replace(measurement, work=work, notes=(*measurement.notes, *notes))


def _refuse_skipped(ctx: Context, allowed: Collection[str]) -> None:
    """Files that were selected and could not be examined."""
    refused = sorted(set(ctx.skipped) - set(allowed))
    if refused:
        named = "; ".join(f"{path} {ctx.skipped[path]}" for path in refused[:_NAMED])
        more = f"; and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        raise NotMeasured(
            f"{len(refused)} selected files could not be examined: {named}{more}",
            'leave them out of `files:` with "!PATH", or allow `with: {may-skip: [GLOB]}`',
        )


def _refuse_idle(ctx: Context) -> None:
    """Words in the output that mean: nothing was examined. All of it, not head and tail."""
    batches = range(len(ctx.finished)) if ctx.check.idle else ()
    places = [place for n in batches for place in (ctx.stdout(n), ctx.log(n))]
    output = "\n".join(
        place.read_text("utf-8", "replace") for place in places if place and place.exists()
    )
    if said := idle.said(ctx.check.idle, output):
        raise NotMeasured(f"{ctx.check.id} examined nothing: {said}", "correct what it is given")


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
