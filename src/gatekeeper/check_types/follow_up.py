"""follow-up: what post-mortems promise is done, and every grave incident has a post-mortem.

    checks: [follow-up]

It measures

* `actions.open`: an action item that no check guards and nobody has decided to leave without one
  (`no-check` in the front matter); to tick it done does not guard it;
* `actions.overdue`: an open item, not ticked done, whose due date is over; the day is that of UTC,
  and a due date that is no date is never over;
* `incidents.without-postmortem`: an incident (`learning/incidents/*.yaml`) of the highest severity,
  with data loss, an emergency rollback or degraded performance, that has no post-mortem in time;
* `incidents.recurring`: a report whose failure seems to have happened before: the same ticket, the
  same title, a report that names an earlier one, the same cause in the same service.

Only incidents without a post-mortem must be none, unless a condition says otherwise. Under `with:`
stand `due-within:`, the days after which a post-mortem is missing; `max-size:`, the bytes a report
may have; and `may-skip: [GLOB]`.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.interfaces import CheckContext, CheckType
from gatekeeper.learning import incidents, shelf
from gatekeeper.model import Measurement

_METRICS = (
    *("actions.open", "actions.overdue"),
    *("incidents.without-postmortem", "incidents.recurring"),
)


@dataclass(frozen=True, slots=True)
class Params:
    """What `with:` may hold; see the manual page above."""

    due_within: int = incidents.DAYS
    max_size: int = shelf.CAP
    may_skip: tuple[str, ...] = ()

    def problem(self) -> str:
        """What is wrong with the values, "" if nothing."""
        if self.due_within < 0:
            return f"`due-within: {self.due_within}` is negative: write a number of days"
        return "" if self.max_size > 0 else f"`max-size: {self.max_size}` lets nothing be read"


def measure(params: Params, ctx: CheckContext) -> Measurement:
    """Look at items and incidents."""
    from gatekeeper.learning import coverage  # noqa: PLC0415  patterns that few runs need

    options = coverage.Options(due_within=params.due_within, max_size=params.max_size)
    return coverage.measure(ctx, options, _METRICS)


PLUGIN = CheckType(
    api=1,
    measure=measure,
    params=Params,
    always=_METRICS,
    expect={"incidents.without-postmortem": "== 0"},
    refuses=("files", "whole", "version", "cwd", "env", "batch"),
)
