"""command: run a tool, or read the report that an earlier step wrote.

Without `reads:` it measures `command.failures`: exit code 0 is clean, 1 to 125 one finding with the
last lines of the output; 126, 127, signals and time-outs are no measurement.

    - {check: headers, command: [./headers.sh]}

With `reads:` the reports are the measurement and the exit code only says whether to expect findings
in them; `exit:` declares what the codes mean. With `reads:` and no `command:` it judges a report of
an earlier step, at most `max-age:` old.

    - check: unit-tests
      command: [pytest, "--junit-xml=${out}/junit.xml"]
      reads: [{format: junit, file: "${out}/junit.xml"}]
      exit: {clean: [0], findings: [1]}

It takes no parameters under `with:`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import CheckContext, CheckType, Completed
from gatekeeper.model import Finding, Measurement, is_count

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Params:
    """A command has no parameters of its own."""


def measure(params: Params, ctx: CheckContext) -> Measurement:
    """Run the command if there is one; read the reports if there are any."""
    completed = ctx.run() if ctx.check.command else None
    if ctx.check.reads:
        measurement = ctx.read()
        if completed and completed.outcome == "findings" and not _shows_a_finding(measurement):
            raise NotMeasured(
                f"{_shown(ctx)} exited with {completed.exit}, which it declares as findings, "
                f"but its report holds none{_tail(completed)}",
                "if the tool itself failed, mend that; if the code only says that a threshold was "
                f"missed which gatekeeper judges by its metric, write {completed.exit} under "
                "`exit: {clean: [...]}`",
            )
        return measurement
    if completed is None:
        raise NotMeasured("the check has neither `command:` nor `reads:`", "write one of them")
    findings = () if completed.outcome == "clean" else (_failure(ctx, completed),)
    return Measurement(findings=findings, work={"commands": 1})


def _shows_a_finding(measurement: Measurement) -> bool:
    """A finding, or a count of findings that the report only states."""
    stated = any(is_count(metric.name) and metric.value > 0 for metric in measurement.metrics)
    return bool(measurement.findings) or stated


def _failure(ctx: CheckContext, completed: Completed) -> Finding:
    message = f"{_shown(ctx)} exited with {completed.exit}{_tail(completed)}"
    return Finding("failures", message, severity="high", category="command")


def _shown(ctx: CheckContext) -> str:
    text = shlex.join(ctx.check.command)
    return f"`{text if len(text) <= _SHOWN else text[:_SHOWN] + '...'}`"


def _tail(completed: Completed) -> str:
    return (
        f"; its last lines:\n{tail}" if (tail := completed.tail.strip()) else "; it printed nothing"
    )


PLUGIN = CheckType(
    api=1,
    measure=measure,
    params=Params,
    always=("command.failures",),
    expect={"command.failures": "== 0"},
    needs=("command|reads",),
)
