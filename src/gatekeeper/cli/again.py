"""What `run --failed` runs: the checks that failed, or were not measured, in the last run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gatekeeper import wording
from gatekeeper.config.policy import Policy
from gatekeeper.errors import UsageError
from gatekeeper.history import records
from gatekeeper.result import Result

_ALL = "run all of them with `gatekeeper run`"


def failed(
    state: Path, service: str | None, gates: Sequence[str], policy: Policy
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The checks to run again, and a warning that names those which cannot.

    The last run is the newest record of the service below `state`. Of named gates only their own
    checks count. Raises UsageError where there is no such record, or no such check: then
    nothing would be measured, and that is no pass.
    """
    bad, able = _bad(state, service), _able(policy)
    gone = [name for name in bad if name not in able]
    warnings = (f"failed last time, and gone or disabled since: {', '.join(gone)}",) if gone else ()
    named = gates or able.values()
    chosen = tuple(name for name in bad if able.get(name) in named)
    if not chosen:
        where = f" in {', '.join(gates)}" if gates else ""
        raise UsageError("; ".join([f"nothing to run again{where}", *warnings, _ALL]))
    return chosen, warnings


def _able(policy: Policy) -> Mapping[str, str]:
    """The checks that can run, with their gate."""
    return {check.id: check.gate for check in policy.checks.values() if check.enabled}


def _bad(state: Path, service: str | None) -> list[str]:
    """The bad checks of the last run."""
    last = next(_records(state, service), None)
    if last is None:
        raise UsageError(f"no run is recorded in {state / 'runs'}, so none failed; {_ALL}")
    bad = wording.bad(last.verdict)
    if not bad:
        partial = "" if last.plan.whole else ", in which not every check was asked"
        raise UsageError(f"nothing failed in the last run, of {last.started}{partial}; {_ALL}")
    return bad


def _records(state: Path, service: str | None) -> Iterator[Result]:
    """The records of a service, the newest first."""
    for path in sorted((state / "runs").glob("*/result.json"), reverse=True):
        if (record := records.read(path)).subject.service == service:
            yield record
