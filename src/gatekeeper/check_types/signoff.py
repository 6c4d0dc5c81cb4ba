"""signoff: a person has approved what no machine can judge.

    - check: rollback-drill
      type: signoff
      files: [deploy/**]
      with: {question: Has the rollback been drilled with this deployment code?}

The approval is a record under review, `gates/signoffs/rollback-drill.yaml`:

    signoff: rollback-drill
    by: release-team@example.org
    date: 2026-11-20
    expires: 2027-02-20
    evidence: [{url: "https://wiki.example.org/drills/17"}]
    covers: "sha256:..."

Its days are those of UTC and `expires` is the last one. Where the check has `files:`, `covers:`
binds the approval to their content; the message of a missing or stale one prints the digest.
Evidence is a `url:`, or a `file:` of the repository, with its `sha256:` where it must not change.
One valid record among several is enough. It measures

* `signoffs.missing`: there is no record, only one of a later day, of somebody who may not sign, or
  without evidence;
* `signoffs.expired`: its last day is over;
* `signoffs.stale`: the files, or a file of its evidence, have changed since.

Under `with:` stand `question:`, what the person approves; `by: [GLOB]`, who may sign, by default
anybody; `evidence: false` where a record needs none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date
from fnmatch import fnmatchcase
from posixpath import normpath
from typing import TYPE_CHECKING

from gatekeeper import selection
from gatekeeper.interfaces import CheckContext, CheckType
from gatekeeper.model import Finding, Measurement, Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.config.policy import Signoff

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Params:
    """What `with:` may hold; see the manual page above."""

    question: str
    by: tuple[str, ...] = ()
    evidence: bool = True

    def problem(self) -> str:
        """What is wrong with the values, "" if nothing."""
        return "" if self.question.strip() else "`question:` is empty: say what the person approves"


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Why a record is no valid approval; `rule` is a metric's last word."""

    rule: str
    message: str


def measure(params: Params, ctx: CheckContext) -> Measurement:
    """Look for a valid record; the work is the records examined, or the one question asked."""
    records = [record for record in ctx.policy.signoffs if record.signoff == ctx.check.id]
    work = {"items": max(1, len(records))}
    # All of them, also where a change narrows the run: the approval is of the whole.
    covered = selection.matching(ctx.check.files, ctx.tracked)
    digest = ctx.digest(covered) if ctx.check.files else ""
    if not records:
        message = f"nobody has approved this: {params.question} {_how(params, ctx, digest)}"
        return Measurement(findings=(_finding("missing", message, ctx.check.position),), work=work)
    found: list[Finding] = []
    for record in sorted(records, key=lambda record: record.date, reverse=True):
        flaw = next(_flaws(record, params, ctx, digest), None)
        if flaw is None:
            return Measurement(work=work)
        message = f"{flaw.message} ({params.question})"
        found.append(_finding(flaw.rule, message, record.position or ctx.check.position))
    return Measurement(
        findings=(found[0],), work=work
    )  # of the latest record: one question is open


def _flaws(record: Signoff, params: Params, ctx: CheckContext, digest: str) -> Iterator[_Flaw]:
    """All that is wrong with a record, the gravest first."""
    if params.by and not any(fnmatchcase(record.by, pattern) for pattern in params.by):
        who = ", ".join(params.by)
        yield _Flaw("missing", f"{record.by} may not sign this off: let one of {who} do it")
    yield from _date_flaws(record, ctx.now.astimezone(UTC).date())
    if params.evidence and not record.evidence:
        yield _Flaw("missing", "the approval names no evidence: add `evidence: [{url: ...}]`")
    if record.covers != digest:
        yield _Flaw("stale", _content_flaw(record, digest))
    for item in record.evidence:
        if why := _evidence_flaw(item, ctx):
            yield _Flaw("stale", why)


def _date_flaws(record: Signoff, today: date) -> Iterator[_Flaw]:
    if date.fromisoformat(record.date) > today:
        later = f"the approval is of a later day: `date: {record.date}`, today is {today} in UTC"
        yield _Flaw("missing", later)
    if date.fromisoformat(record.expires) < today:
        ended = f"the approval ended on {record.expires}"
        yield _Flaw("expired", f"{ended}: ask again, then renew `date:` and `expires:`")


def _content_flaw(record: Signoff, digest: str) -> str:
    if not digest:
        return "`covers:` binds nothing, for the check has no `files:`: take it out"
    what = "the files have changed since" if record.covers else "the approval covers no content"
    return f'{what}: look at the files again, then write `covers: "{digest}"`'


def _evidence_flaw(item: Mapping[str, str], ctx: CheckContext) -> str:
    """What is wrong with an evidence file, "" if nothing; addresses are not followed."""
    if not (file := item.get("file", "")):
        return ""
    if normpath(file) not in ctx.tracked:
        return f"the evidence {file} is not in the repository: add it, or name other evidence"
    if not (wanted := item.get("sha256", "").removeprefix("sha256:")):
        return ""
    stream = ctx.open(normpath(file))
    if stream is None:
        return f"the evidence {file} cannot be read: name other evidence"
    digest = hashlib.sha256()
    with stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    if (now := digest.hexdigest()) == wanted:
        return ""
    return f"the evidence {file} has changed: look at it again, then write `sha256: {now}`"


def _how(params: Params, ctx: CheckContext, digest: str) -> str:
    """The record to write, in one line of YAML, for a person who has never written one."""
    keys = [
        f"signoff: {ctx.check.id}",
        "by: NAME",
        f"date: {ctx.now.astimezone(UTC).date()}",
        "expires: YYYY-MM-DD",
    ]
    if params.evidence:
        keys.append('evidence: [{url: "https://..."}]')
    if digest:
        keys.append(f'covers: "{digest}"')
    who = f" (NAME is one of {', '.join(params.by)})" if params.by else ""
    record = ", ".join(keys)
    return f"To approve it, write gates/signoffs/{ctx.check.id}.yaml{who}: {{{record}}}"


def _finding(rule: str, message: str, position: Position | None) -> Finding:
    place = (position.file, position.line, position.column) if position else (None, None, None)
    return Finding(rule, message, "high", "signoff", *place)


PLUGIN = CheckType(
    api=1,
    measure=measure,
    params=Params,
    always=("signoffs.missing", "signoffs.expired", "signoffs.stale"),
    expect={"signoffs.missing": "== 0", "signoffs.expired": "== 0", "signoffs.stale": "== 0"},
    refuses=("whole", "version", "cwd", "env", "batch"),
)
