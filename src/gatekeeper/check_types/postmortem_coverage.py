"""postmortem-coverage: every post-mortem is guarded by a check, so that no failure happens twice.

    checks: [postmortem-coverage]

Reports are Markdown below `learning/postmortems`. Their action items are joined to the checks that
name them, `origin: [{item: PM-2026-003#AI-2, text: ...}]`. An item is guarded by an enabled check
that can block; only weakly where that is advisory, disabled, in an advisory gate, or can only warn,
where it selects no file, where its only evidence is an exit code and it is not proven, or where the
report's `kind:` asks for more (a deployment failure for a check in the gate
`operational-readiness`, a performance regression for one in the gate `performance` and an alert or
dashboard that names its metric). An item is decided where the front matter says why it needs no
check: `no-check: {AI-3: "training: docs/talk.md"}`; a `standard:` or `training:` names a document
dated after the incident, other reasons are words. It measures

* `postmortems.unguarded`: no item is guarded or decided, or there is none; the report cannot be
  read; or the commit compared with (`--changed-since`) has it and it is gone;
* `postmortems.without-actions`: there is no action item;
* `postmortems.incomplete`: a section is missing or empty, holds text of the template, or a part of
  the report cannot be read;
* `actions.dangling`: a link to a report or item that does not exist, or to a mere position
  (`AI-2` of an item without a label) without the item's text;
* `actions.drifted`: the link's text is not the item's any more;
* `guards.weak`: a check that guards weakly, or half of what the kind asks for;
* `guards.lost`: the commit compared with has a guard that is gone, disabled, advisory or later now.

Reports list each post-mortem, worst first, as `unguarded`, `partly` (some items are guarded or
decided), `guarded`, or `decided` (every item is), with the checks that guard it.

Unguarded, dangling, drifted and lost must be none, unless a condition says otherwise. Under `with:`
stand `proven: true`, where only proven guards count; `max-size:`, the bytes a report may have;
`without: [RULE]`, rules of the lint that do not make a report incomplete; and `may-skip: [GLOB]`.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.interfaces import CheckContext, CheckType
from gatekeeper.learning import shelf
from gatekeeper.model import Measurement

_BLOCKING = ("postmortems.unguarded", "actions.dangling", "actions.drifted", "guards.lost")
_METRICS = (
    *_BLOCKING,
    *("postmortems.without-actions", "postmortems.incomplete", "guards.weak"),
)


@dataclass(frozen=True, slots=True)
class Params:
    """What `with:` may hold; see the manual page above."""

    proven: bool = False
    max_size: int = shelf.CAP
    without: tuple[str, ...] = ()
    may_skip: tuple[str, ...] = ()

    def problem(self) -> str:
        """What is wrong with the values, "" if nothing."""
        if self.without:
            from gatekeeper.learning import lint  # noqa: PLC0415  patterns that few runs need

            known = [rule.name for rule in lint.RULES]
            if unknown := [name for name in self.without if name not in known]:
                return f"`without:` knows no rule `{unknown[0]}`; known are {', '.join(known)}"
        return "" if self.max_size > 0 else f"`max-size: {self.max_size}` lets nothing be read"


def measure(params: Params, ctx: CheckContext) -> Measurement:
    """Join reports and checks."""
    from gatekeeper.learning import coverage  # noqa: PLC0415  as above

    options = coverage.Options(params.proven, params.without, params.max_size)
    return coverage.measure(ctx, options, _METRICS, items=True)


PLUGIN = CheckType(
    api=1,
    measure=measure,
    params=Params,
    always=_METRICS,
    expect=dict.fromkeys(_BLOCKING, "== 0"),
    refuses=("files", "whole", "version", "cwd", "env", "batch"),
)
