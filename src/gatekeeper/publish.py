"""What GitHub is told of a result: the text of a comment, and a check run with annotations.

Results that differ in service, stage, or in the gates or checks that were named, stand side by side
and never replace each other: the pass of one must not hide the failure of another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from gatekeeper import codec, escape, wording
from gatekeeper.adapters.github import Annotation, CheckRun, Conclusion, Level
from gatekeeper.model import Verdict
from gatekeeper.reports import markdown
from gatekeeper.reports.annotations import told
from gatekeeper.result import Result
from gatekeeper.shortfalls import Shortfall, shortfalls

# GitHub takes 65,536 characters of a comment, and 65,535 bytes of a summary.
LIMIT = 65_535
# Annotations of one check run; GitHub takes 50 at once, so these are four requests.
ANNOTATIONS = 200
_TITLE = 200
_CONCLUSIONS: Mapping[Verdict, Conclusion] = {
    "pass": "success",
    "warn": "neutral",
    "skipped": "neutral",
    "fail": "failure",
    "error": "failure",
}
_LEVELS: Mapping[Verdict, Level] = {
    "error": "failure",
    "fail": "failure",
    "warn": "warning",
    "pass": "notice",
    "skipped": "notice",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a result is shown: the commit that gets the check run, and the address of its files.

    `source` is that of the judged commit, or "": `https://github.com/OWNER/REPOSITORY/blob/COMMIT`.
    `annotated`: the run was a step of Actions, which has annotated the worst places itself.
    """

    head: str
    source: str = ""
    annotated: bool = False


def marker(result: Result) -> str:
    """The hidden first line of the one comment that shows such results."""
    parts = [result.subject.service or "", result.stage]
    parts += ["+".join(_named(result))] if not result.plan.whole else []
    return f"<!-- gatekeeper:{quote('/'.join(parts), safe='/+', errors='replace')[:500]} -->"


def name(result: Result) -> str:
    """The name of the check run, which rules of a branch can require: `gatekeeper (api, ci)`."""
    named = "" if result.plan.whole else f": {', '.join(_named(result))}"
    scope = ", ".join(part for part in (result.subject.service, result.stage) if part)
    return f"gatekeeper ({_short(scope + named)})"


def _named(result: Result) -> tuple[str, ...]:
    """The checks, else the gates, that were named and therefore judged alone."""
    return result.plan.only or result.plan.gates


def comment(result: Result, target: Target) -> str:
    """The text of the comment, which begins with its marker."""
    return _body([marker(result), *_place(result, target)], result, target)


def check_run(result: Result, target: Target) -> CheckRun:
    """The check run: how the result ends, the report, the worst places first."""
    found = shortfalls(result)
    known = told(found) if target.annotated else ()
    places = tuple(_annotations(each for each in found if each not in known))
    said = _place(result, target)
    if more := len(places[ANNOTATIONS:]):
        said.append(f"The worst {ANNOTATIONS} places are annotated, {more} more are not.")
    record = json.dumps(codec.encode(result), sort_keys=True)
    return CheckRun(
        name=name(result),
        head_sha=target.head,
        external_id=hashlib.sha256(record.encode()).hexdigest(),
        conclusion="cancelled" if result.interrupted else _CONCLUSIONS[result.verdict.verdict],
        title=_short(_title(result)),
        summary=_body(said, result, target),
        annotations=places[:ANNOTATIONS],
    )


def _title(result: Result) -> str:
    counts = ", ".join(wording.summary(result.verdict))
    if result.interrupted:
        return f"Interrupted, not all is measured; {counts}"
    if result.verdict.verdict == "error":
        return f"Not measured; {counts}"
    return counts if wording.blocked(result) else wording.conclusion(result)


def _place(result: Result, target: Target) -> list[str]:
    """That the judged commit is not the one that is shown, where it is not."""
    judged = result.subject.commit
    if judged == target.head:
        return []
    what = escape.markdown(judged) if judged else "files without a commit"
    return [f"Judged was {what}, shown here at `{target.head}`: the merge of a branch, usually."]


def _body(first: list[str], result: Result, target: Target) -> str:
    head = "".join(f"{line}\n\n" for line in first)
    return head + markdown.within(result, LIMIT - len(head.encode()), target.source)


def _annotations(found: Iterable[Shortfall]) -> Iterator[Annotation]:
    """What has a line; one whose path JSON or a page cannot carry is in the summary only."""
    for one in found:
        if one.line and one.path.isprintable():
            said = escape.line(wording.flat(one.message)) or "no message"
            title = _short(f"{one.title}: {one.rule}")
            yield Annotation(one.path, one.line, one.line, _LEVELS[one.verdict], said, title)


def _short(text: str) -> str:
    return escape.line(wording.flat(text, _TITLE))[: _TITLE + 50]
