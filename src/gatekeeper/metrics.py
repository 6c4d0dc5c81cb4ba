"""The table of metrics: what each name means, its unit, its bounds and how it comes about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from gatekeeper.model import is_count


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric's unit ("" for a plain number), bounds (None: unbounded) and meaning."""

    name: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    meaning: str

    @property
    def derived(self) -> bool:
        """Whether it is counted from findings, and so follows waivers and the baseline."""
        return is_count(self.name)


# Security findings are vulnerabilities, weaknesses and misconfigurations.
_TABLE = """
tests.total                  | n   | test cases in the report, skipped ones included
tests.passed                 | n   | test cases that ran and passed
tests.failed                 | n   | test cases whose body failed
tests.errors                 | n   | test cases that could not be set up, collected or torn down
tests.skipped                | n   | test cases that did not run
tests.flaky                  | n   | test cases that failed and passed when repeated
coverage.line                | %   | executed statements or lines, of all that can be executed
coverage.branch              | %   | branches taken, of all branches
coverage.changed             | %   | executed lines, of the changed lines that can be executed
lint.errors                  | n   | lint, format and type findings: critical, high or unknown
lint.warnings                | n   | lint, format and type findings: medium or low
complexity.max               | n   | the highest cyclomatic complexity of a function
complexity.over              | n   | functions over the tool's own complexity threshold
duplication.percent          | %   | duplicated code, of all code examined
vulnerabilities.critical     | n   | security findings of severity critical
vulnerabilities.high         | n   | security findings of severity high
vulnerabilities.medium       | n   | security findings of severity medium
vulnerabilities.low          | n   | security findings of severity low
vulnerabilities.unknown      | n   | security findings of no known severity
vulnerabilities.total        | n   | security findings of any severity
dependencies.vulnerable      | n   | known vulnerabilities in dependencies, of any severity
secrets.total                | n   | secrets in files
licences.denied              | n   | dependencies under a licence that is not allowed
owasp.total                  | n   | weaknesses in a category of the OWASP Top Ten
latency.mean                 | ms  | mean response time
latency.max                  | ms  | longest response time
error.rate                   | %   | failed requests, of all requests
requests.total               | n   | requests sent
throughput                   | /s  | requests answered per second
load.percent                 | %   | load applied, of the expected peak; may exceed 100
cpu.peak                     | %   | highest processor use
cpu.mean                     | %   | mean processor use
memory.peak                  | B   | highest memory use
memory.percent               | %   | memory use, of what there is
memory.growth                | B   | memory gained per iteration; negative where it shrinks
documents.missing            | n   | required documents that do not exist
documents.stale              | n   | documents whose review is overdue
documents.incomplete         | n   | stubs, and documents that lack a section or a front matter key
documents.broken-links       | n   | links and anchors inside the repository that do not resolve
dashboards.total             | n   | dashboards found
alerts.total                 | n   | alerts found
alerts.incomplete            | n   | alerts without a severity, an owner or a runbook
signoffs.missing             | n   | checks that nobody has signed off, or only with a later date
signoffs.expired             | n   | sign-offs past their last day
signoffs.stale               | n   | sign-offs of content that has changed since
postmortems.unguarded        | n   | post-mortems whose action items no check guards
postmortems.without-actions  | n   | post-mortems without an action item
postmortems.incomplete       | n   | post-mortems that lack a section or hold template text
actions.open                 | n   | action items neither guarded nor decided
actions.overdue              | n   | open action items past their due date
actions.drifted              | n   | action items whose text no longer matches the link's
actions.dangling             | n   | links to action items that do not exist
guards.unproven              | n   | guards without a current proof
guards.weak                  | n   | guards that cannot block, or do half of what is asked
guards.lost                  | n   | guards that the change removes or weakens
incidents.without-postmortem | n   | incidents whose post-mortem is overdue
incidents.recurring          | n   | incidents that came back
command.failures             | n   | commands that ended with a failure
"""
_PERCENTILE = re.compile(r"latency\.p(?:50|90|95|99)")
_OWASP = re.compile(r"owasp\.a(?:0[1-9]|10)")
_BENCHMARK = re.compile(r"benchmark\.(?P<name>.+)\.(?:median|mean)")
# Ratios that may exceed the whole.
_OPEN_PERCENT = frozenset({"load.percent", "cpu.peak", "cpu.mean"})
_SIGNED = frozenset({"memory.growth"})


def _definition(name: str, unit: str, meaning: str) -> Definition:
    high = Decimal(100) if unit == "%" and name not in _OPEN_PERCENT else None
    low = None if name in _SIGNED else Decimal(0)
    return Definition(name, "" if unit == "n" else unit, low, high, meaning)


def _rows() -> dict[str, Definition]:
    rows = ([cell.strip() for cell in row.split("|")] for row in _TABLE.strip().splitlines())
    return {name: _definition(name, unit, meaning) for name, unit, meaning in rows}


TABLE = _rows()
# Families of names, shown as patterns where metrics are listed.
FAMILIES = (
    Definition(
        "latency.p50|p90|p95|p99",
        "ms",
        Decimal(0),
        None,
        "response time not exceeded by 50 %, ... of requests",
    ),
    Definition(
        "owasp.a01..a10", "", Decimal(0), None, "weaknesses in one category of the OWASP Top Ten"
    ),
    Definition("benchmark.NAME.median|mean", "s", Decimal(0), None, "time of one benchmark"),
)


def define(name: str) -> Definition | None:
    """Look a metric up by its full name; None where there is no such metric."""
    if name in TABLE:
        return TABLE[name]
    if _PERCENTILE.fullmatch(name):
        share = name.removeprefix("latency.p")
        return _definition(name, "ms", f"response time not exceeded by {share} % of requests")
    if _OWASP.fullmatch(name):
        return _definition(
            name, "n", f"weaknesses in category {name[6:].upper()} of the OWASP Top Ten"
        )
    if match := _BENCHMARK.fullmatch(name):
        return _definition(name, "s", f"time of the benchmark {match['name']}")
    return None
