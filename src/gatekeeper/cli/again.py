"""What `run --failed` runs: the checks that failed, or were not measured, in the last run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import wording
from gatekeeper.config.policy import Policy
from gatekeeper.errors import UsageError
from gatekeeper.history import records
from gatekeeper.result import Result

if TYPE_CHECKING:
    from gatekeeper.cli.judging import Asked

_ALL = "run all of them with `gatekeeper run`"


def failed(state: Path, asked: Asked, policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The checks to run again, and a warning that names those which cannot.

    The last run is the newest record below `state` of the same service. Of named gates only their
    own checks count. Raises UsageError where there is no such record, or no such check: then
    nothing would be measured, and that is no pass.
    """
    last = next(_records(state, asked.service), None)
    if last is None:
        raise UsageError(f"no run is recorded in {state / 'runs'}, so none failed; {_ALL}")
    bad = wording.bad(last.verdict)
    if not bad:
        partial = "" if last.plan.whole else ", in which not every check was asked"
        raise UsageError(f"nothing failed in the last run, of {last.started}{partial}; {_ALL}")
    known = {name: policy.checks[name] for name in bad if name in policy.checks}
    able = tuple(
        name
        for name, c in known.items()
        if c.enabled and (not asked.gates or c.gate in asked.gates)
    )
    gone = [name for name in bad if name not in known or not known[name].enabled]
    said = f"failed in the last run, and gone or disabled since: {', '.join(gone)}"
    if not able:
        where = f" in {', '.join(asked.gates)}" if asked.gates else ""
        raise UsageError(
            f"nothing to run again{where}" + (f"; {said}" if gone else "") + f"; {_ALL}"
        )
    return able, (said,) if gone else ()


def _records(state: Path, service: str | None) -> Iterator[Result]:
    """The records of a service, the newest first."""
    for path in sorted((state / "runs").glob("*/result.json"), reverse=True):
        if (record := records.read(path)).subject.service == service:
            yield record
