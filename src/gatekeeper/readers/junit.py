"""JUnit XML: the result of a test run, as pytest, Surefire, jest, PHPUnit and many others write it.

There is no standard. `testsuites`, `testsuite` or `testcase` may be the root; suites may nest, and
those above repeat the totals of those below, or state wrong ones. So every number is counted from
the test cases. A case counts once, with the worst that it holds: error (its set-up, collection or
tear-down broke), then failure (its body failed), then skipped, then passed. What Surefire tells of
repetitions: `flakyFailure` and `flakyError` are a case that passed in the end, `rerunFailure` and
`rerunError` one that never did. A case of CTest or GoogleTest with the status `disabled` or
`notrun` did not run; one that CTest skipped because it could not start it is an error.

Who wrote the report decides what an error is: with pytest a test that was never run, because its
collection or set-up broke; with other runners mostly an exception in its body.

A suite that states failures or errors, or tests that ran, and shows none of them is one finding of
rule `errors`: it must not read as clean. Work is the number of cases that ran.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.adapters import xmlfile
from gatekeeper.errors import NotMeasured
from gatekeeper.interfaces import Case, ReadContext, Reader
from gatekeeper.model import Finding, Measurement, Severity, metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUITES = ("testsuite", "testsuites")
# What a child of a case makes of the case.
_OUTCOMES = {
    "error": "errors",
    "rerunError": "errors",
    "failure": "failed",
    "rerunFailure": "failed",
    "skipped": "skipped",
    "flakyFailure": "flaky",
    "flakyError": "flaky",
}
_WORST_FIRST = ("errors", "failed", "skipped", "flaky", "passed")
_RANK = {outcome: rank for rank, outcome in enumerate(_WORST_FIRST)}
# The attribute `status` or `result`, where no child says how a case went.
_STATUS = {
    "disabled": "skipped",
    "error": "errors",
    "fail": "failed",
    "failed": "failed",
    "ignored": "skipped",
    "notrun": "skipped",
    "skipped": "skipped",
    "suppressed": "skipped",
}
# How CTest (cmCTestTestHandler.cxx, cmCTestRunTest.cxx) says that it could not start a test.
_NOT_STARTED = ("Unable to find executable", "Required Files Missing", "Failed to start")
# `path.ext:line:` at the start of a line: pytest, mypy, gcc and many more.
_PLACE = re.compile(r"^((?:[A-Za-z]:)?[^\s:][^:\n]{0,300}\.\w{1,10}):(\d{1,9}):", re.MULTILINE)
_SEARCHED = 20_000
_MESSAGE = 500
_NAME = 200
_TEXT_LINES = 3
_FINDINGS = 500_000


class _Result(NamedTuple):
    """How a case went, and what tells so."""

    outcome: str
    message: str = ""
    text: str = ""
    file: str | None = None
    line: str | None = None


_PASSED = _Result("passed")


@dataclass(slots=True)
class _Tally:
    """What has been seen of the document so far.

    `worst` is that of the case being read, `troubles` counts the elements that tell of some;
    `suites` holds, for each suite that is open, how many cases and troubles came before it.
    """

    path: Path
    ctx: ReadContext
    findings: list[Finding] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    worst: _Result = _PASSED
    troubles: int = 0
    suites: list[tuple[int, int]] = field(default_factory=list)

    def add(self, owner: Mapping[str, str], result: _Result) -> None:
        """Keep a finding, up to a number nobody reads."""
        if len(self.findings) == _FINDINGS:
            raise NotMeasured(f"{self.path}: more than {_FINDINGS} findings in one report")
        self.findings.append(_finding(self.ctx, owner, result))


def read(path: Path, ctx: ReadContext) -> Measurement:
    """Count the cases of a JUnit report; raises NotMeasured for any other document."""
    tally = _Tally(path, ctx)
    for event, name, element in xmlfile.events(path, *_SUITES, "testcase"):
        if event == "start":
            if name in _SUITES:
                tally.suites.append((tally.outcomes.total(), tally.troubles))
        elif name in _OUTCOMES:
            _outcome(tally, _OUTCOMES[name], element)
        elif name == "testcase":
            _case(tally, element.attrib)
        elif name in _SUITES:
            _suite(tally, element.attrib)
    total, skipped = tally.outcomes.total(), tally.outcomes["skipped"]
    return Measurement(
        metrics=(
            metric("tests.total", total),
            metric("tests.passed", tally.outcomes["passed"] + tally.outcomes["flaky"]),
            metric("tests.skipped", skipped),
        ),
        findings=tuple(tally.findings),
        work={"tests": total - skipped},
    )


def cases(path: Path) -> Iterator[Case]:
    """The test cases of a report; raises NotMeasured for any other document."""
    worst, pytest = _PASSED, False
    for event, name, element in xmlfile.events(path, *_SUITES, "testcase"):
        if event == "start":
            pytest = pytest or element.attrib.get("name", "").startswith("pytest")
        elif name in _OUTCOMES:
            worst = min(worst, _result(_OUTCOMES[name], element), key=lambda r: _RANK[r.outcome])
        elif name == "testcase":
            result, worst = _verdict(element.attrib, worst), _PASSED
            yield _named(element.attrib, result, pytest=pytest)


def _named(case: Mapping[str, str], result: _Result, *, pytest: bool) -> Case:
    ran = result.outcome in ("passed", "flaky")
    name = ".".join(filter(None, (case.get("classname"), case.get("name", "unnamed"))))
    return Case(
        id=name,
        outcome="passed" if ran else "skipped" if result.outcome == "skipped" else "failed",
        body=result.outcome == "failed" or not pytest,
        text=f"{result.message}\n{result.text}".strip(),
    )


def _outcome(tally: _Tally, outcome: str, element: xmlfile.Element) -> None:
    """Keep an outcome for the case it stands in; directly in a suite, it is the suite's."""
    if outcome != "skipped":
        tally.troubles += 1
    owner = element.getparent()
    if owner is None:
        return
    if owner.tag.endswith("testcase"):
        if _RANK[outcome] < _RANK[tally.worst.outcome]:
            tally.worst = _result(outcome, element)
    elif owner.tag.endswith(_SUITES) and outcome in ("errors", "failed"):
        tally.add(owner.attrib, _result("errors", element))


def _result(outcome: str, element: xmlfile.Element) -> _Result:
    attributes = element.attrib
    file = attributes.get("file")
    return _Result(
        outcome,
        (attributes.get("message") or attributes.get("type") or "")[:_MESSAGE],
        (element.text or "")[:_SEARCHED],
        file,
        attributes.get("line") if file else None,
    )


def _case(tally: _Tally, case: Mapping[str, str]) -> None:
    """Count one case with the worst of the outcomes found in it."""
    result = _verdict(case, tally.worst)
    tally.worst = _PASSED
    tally.outcomes[result.outcome] += 1
    if result.outcome not in ("passed", "skipped"):
        tally.add(case, result)


def _verdict(case: Mapping[str, str], worst: _Result) -> _Result:
    """How a case went: by its children, and where they say nothing by its status."""
    if worst is _PASSED:
        status = _status(case)
        outcome = _STATUS.get(status.lower())
        return _Result(outcome, f"status {status}") if outcome else worst
    not_started = worst.outcome == "skipped" and worst.message.startswith(_NOT_STARTED)
    if not_started and _status(case) == "notrun":
        return worst._replace(outcome="errors")
    return worst


def _status(case: Mapping[str, str]) -> str:
    return case.get("status") or case.get("result") or ""


def _suite(tally: _Tally, suite: Mapping[str, str]) -> None:
    """Compare what a suite states with what it showed."""
    cases_before, troubles_before = tally.suites.pop()
    cases = tally.outcomes.total() - cases_before
    tests = _number(suite, "tests") - _number(suite, "skipped") - _number(suite, "disabled")
    failures, errors = _number(suite, "failures"), _number(suite, "errors")
    untold = failures + errors > 0 and tally.troubles == troubles_before
    if untold or (tests > 0 and not cases):
        tally.troubles += 1
        message = (
            f"the suite states {_number(suite, 'tests')} tests, {failures} failures, {errors} "
            f"errors and shows {cases} test cases, none of them failed"
        )
        tally.add(suite, _Result("errors", message))


def _finding(ctx: ReadContext, owner: Mapping[str, str], result: _Result) -> Finding:
    """One finding for a case or suite, located by its attributes, else by the text."""
    suite, name = owner.get("classname"), owner.get("name", "unnamed")
    case = f"{suite}.{name}" if suite else name
    lines = result.text.lstrip()[:_MESSAGE].splitlines()[:_TEXT_LINES]
    if result.message not in lines:
        lines.insert(0, result.message)
    said = "\n".join(filter(None, lines)) or "no message"
    message = f"{case[:_NAME]}: {said}"
    severity: Severity = "low" if result.outcome == "flaky" else "high"
    path, line = _place(owner, result)
    relative = ctx.relative(path) if path else None
    # By position: a report may hold half a million, and names would double the cost of each call.
    return Finding(
        result.outcome,
        message[:_MESSAGE].rstrip(),
        severity,
        "test",
        relative,
        _line(line) if relative else None,
    )


def _place(owner: Mapping[str, str], result: _Result) -> tuple[str | None, str | None]:
    """Path and line: of the failure, of the case, or the first that the text names."""
    if result.file:
        return result.file, result.line
    found = _PLACE.search(result.text)
    if file := owner.get("file"):
        # The line of a failure in that file says more than the line of its test.
        return file, found[2] if found and found[1] == file else owner.get("line")
    return (found[1], found[2]) if found else (None, None)


def _line(text: str | None) -> int | None:
    """A line number, from 1."""
    if text and len(text) < 10 and text.isascii() and text.isdigit():
        return int(text) or None
    return None


def _number(attributes: Mapping[str, str], name: str) -> int:
    """A count that a suite states; 0 where it states none that can be read."""
    return _line(attributes.get(name, "").strip()) or 0


PLUGIN = Reader(
    api=1,
    read=read,
    always=("tests.total", "tests.passed", "tests.failed", "tests.errors", "tests.skipped"),
    sometimes=("tests.flaky",),
    expect={"tests.failed": "== 0", "tests.errors": "== 0"},
    cases=cases,
)
