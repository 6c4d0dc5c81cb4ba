"""Hand-built results, one for each thing that a report has to show, and hostile strings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gatekeeper.model import (
    Evidence,
    Failure,
    Finding,
    Item,
    Measurement,
    Metric,
    Observation,
    Position,
    Series,
)
from gatekeeper.result import (
    SCHEMA,
    CheckVerdict,
    Excused,
    GateVerdict,
    Judgement,
    OpenRequirement,
    Plan,
    PlannedCheck,
    Result,
    RunVerdict,
    Subject,
)

HOSTILE: Mapping[str, str] = {
    "workflow-command": "::error file=a.py,line=1::forged",
    "old-workflow-command": "##[error]forged",
    "indented-command": " \t::stop-commands::token",
    "command-on-a-new-line": "harmless\n::add-mask::x\r\n::stop-commands::y\n##[endgroup]",
    "command-after-a-separator": "a\u2028::error::b\x85::error::c\x0b::error::d\r::error::e",
    "escaped-command": "%0A::error::forged%25,title=x:y",
    "ansi": "\x1b[2J\x1b]0;title\x07\x1b[31mred\x9b0m\x1b[8mhidden",
    "hyperlink": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x07",
    "clipboard": "\x1b]52;c;cm0gLXJmIC8K\x07\x90+q\x9c",
    "bell-and-backspace": "ok\b\bno\a\r" + "\x1b[1A\x1b[2Kpassed",
    "c1": "".join(map(chr, range(0x80, 0xA0))),
    "bidi": "abc\u202egnp.exe\u2066\u2067\u2069\u200f\u061c",
    "invisible": "a\u200bb\ufeffc\u2060d\u00ade\U000e0041\U000e007f\ufe0f",
    "html": "<script>alert(1)</script> & \"quotes\" 'and'",
    "attribute": '" onmouseover="alert(1)" x=\'\' autofocus onfocus=alert(1) a=',
    "element": "</td></pre></style></title></textarea><img src=x onerror=alert(1)><svg/onload=x>",
    "script-end": "--></script><script>alert(1)</script><!--<script>",
    "cdata-end": "]]> <![CDATA[ --> <!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "link": "[x](javascript:alert(1)) ![x](https://evil.example/x.png) <https://evil.example>",
    "address": "https://evil.example www.evil.example mailto:a@evil.example javascript:alert(1)",
    "url": "https://evil.example/?a=<b>&c='\"#<script>",
    "javascript": "javascript:alert(document.domain)//",
    "data": "data:text/html,<script>alert(1)</script>",
    "reference": "[x]: https://evil.example\n\n[x] [^1]\n\n[^1]: note",
    "mention": "@octocat @org/team #1 GH-1 org/repo#1 3f2a9c1 fixes #1",
    "heading": "# passed\n\n---\n\npassed\n===\n\n> quote\n- item\n1. item",
    "table": "a | b |\n|---|---|\n| c \\| d \\\\| e |",
    "fence": "```\n~~~\n```` text\n" + "`" * 300,
    "details": "</details></summary><details open>",
    "template": "{{ 7*7 }} {% raw %} ${{ secrets.TOKEN }} {# x #} ${x} %s {0} {x!r}",
    "json": '"},{"ruleId":"x"}]}\\" \\u0000 // \b\f',
    "message-placeholder": "{0} {{1}} [link](1) ](x",
    "nul": "a\x00b\x08c\x7f",
    "surrogates": "\ud800 lone \udfff \udcff",
    "noncharacters": "\ufffe\uffff\U0001fffe",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "megabyte": "x" * 2**20,
    "many-lines": "line\n" * 100_000,
    "carriage-returns": "one\r\ntwo\rthree\n\r",
    "emoji-and-words": "größer, 数 \U0001f680",
    "rich-markup": "[red]a[/red] {b} %s ${c}",
    "blank": " \t ",
    "path": "a b/ü%20%/new\nline/..\\c:d?e#f",
    "path-out": "../../etc/passwd",
    "path-absolute": "/etc/passwd",
    "path-address": "//evil.example/x",
    "path-file": "file:///etc/passwd",
    "path-here": "./././src/./a.py",
    "attachment": "[[ATTACHMENT|/etc/passwd]]",
    "long-name": "rule-" * 2_000,
}

LINT = Finding("E501", "Line too long (120 > 100)", "high", "lint", "src/a.py", 3, 101)
TYPES = Finding("arg-type", "Argument 1 is wrong\nnote: see docs", "high", "types", "src/b.py", 9)
STYLE = Finding("W291", "Trailing whitespace", "medium", "lint", "src/a.py", 1, 5)


def finished(check: str, wall: float = 1.234, output: str = "") -> Observation:
    """What a check saw that could measure."""
    measurement = Measurement(
        metrics=(Metric("coverage.line", Decimal("91.2"), "%"),),
        work={"files": 12},
        evidence=(Evidence("runs/1/report.json", "sha256:00", 12),),
    )
    return Observation(check, "sha256:aa", measurement, wall=wall, exit=0, output=output)


def requirement(metric: str = "coverage.line", condition: str = "> 80%") -> Judgement:
    """A requirement that is met."""
    value = Metric(metric, Decimal("91.2"), "%")
    where = Position("gates/code-quality.yaml", 4, 3)
    return Judgement(metric, condition, "pass", where, measured=value, text="91.2%")


def unmet(metric: str = "lint.errors", text: str = "2") -> Judgement:
    """A requirement that is not met."""
    where = Position("gates/code-quality.yaml", 5, 3)
    return Judgement(metric, "== 0", "fail", where, Metric(metric, Decimal(text)), text=text)


def gate(name: str = "code-quality", **changes: object) -> GateVerdict:
    """A passed gate of one requirement and one check, with changes."""
    fields: dict[str, object] = {
        "gate": name,
        "title": name.replace("-", " ").capitalize(),
        "verdict": "pass",
        "requirements": (requirement(),),
        "checks": (CheckVerdict(f"{name}-check", "Something holds", "pass"),),
    }
    return GateVerdict(**(fields | changes))  # type: ignore[arg-type]


def result(*gates: GateVerdict, run: RunVerdict | None = None, **changes: object) -> Result:
    """A result of these gates at stage push, with changes."""
    checks = [check for verdict in gates for check in verdict.checks]
    planned = [PlannedCheck(c.check, "code-quality", "sha256:aa", "run") for c in checks]
    fields: dict[str, object] = {
        "schema": SCHEMA,
        "engine": "0.1.0",
        "subject": Subject("orders", "1.4.2", "3f2a9c1" + 33 * "0"),
        "policy": "sha256:bb",
        "started": "2026-11-20T12:00:00Z",
        "finished": "2026-11-20T12:00:09Z",
        "plan": Plan("push", tuple(g.gate for g in gates), tuple(planned), jobs=2),
        "observations": tuple(finished(c.check) for c in checks if c.verdict != "skipped"),
        "verdict": run or RunVerdict("pass", gates),
    }
    return Result(**(fields | changes))  # type: ignore[arg-type]


def approved(*, dirty: bool = False) -> Result:
    """Every gate passed at stage deploy."""
    gates = (gate("code-quality"), gate("performance"), gate("security"), gate("operations"))
    subject = Subject("orders", "1.4.2", "3f2a9c1" + 33 * "0", dirty=dirty)
    run = RunVerdict("pass", gates, approved=True)
    return result(*gates, run=run, stage="deploy", subject=subject)


def failed() -> Result:
    """A gate whose requirement counts findings of a passing check, and whose other check fails."""
    ruff = CheckVerdict(
        "ruff", "No lint error", "pass", findings=(STYLE, LINT), fix="ruff check --fix"
    )
    mypy = CheckVerdict(
        "mypy",
        "Types hold",
        "fail",
        reason="lint.errors == 0: 1",
        remedy="make the types agree",
        expectations=(unmet("lint.errors", "1"),),
        findings=(TYPES,),
        fix="mypy --install-types",
    )
    shell = CheckVerdict(
        "headers",
        "Headers are there",
        "fail",
        findings=(Finding("failures", "exit 1\nno header", "high", "command"),),
    )
    bad = gate(verdict="fail", requirements=(requirement(), unmet()), checks=(ruff, mypy, shell))
    output = "\n".join(f"\tline {n}" for n in range(30)) + "\nno header\n"
    return result(
        bad,
        gate("security"),
        run=RunVerdict("fail", (bad, gate("security"))),
        observations=(
            finished("ruff", 0.0),
            finished("mypy", 61.0),
            finished("headers", 1.0, output),
        ),
    )


def unmeasured() -> Result:
    """A gate with a check whose tool is missing."""
    reason, remedy = "pytest: no such program on PATH", "pip install pytest"
    check = CheckVerdict("unit-tests", "The tests pass", "error", reason, remedy)
    due = Judgement(
        "coverage.line",
        "> 80%",
        "error",
        message="no check delivered coverage.line",
        remedy="see unit-tests",
    )
    bad = gate(verdict="error", requirements=(due,), checks=(check,))
    seen = Observation("unit-tests", "sha256:aa", failure=Failure(reason, remedy), output="oops\n")
    return result(bad, run=RunVerdict("error", (bad,)), observations=(seen,))


def waived() -> Result:
    """Findings under a waiver and in the baseline, and a requirement under a waiver."""
    ruff = CheckVerdict(
        "ruff",
        "No lint error",
        "pass",
        excused=(
            Excused(LINT, "W-12", "the generator is replaced in December"),
            Excused(STYLE, "baseline"),
            Excused(STYLE, "baseline"),
        ),
    )
    excused = Judgement(
        "coverage.line",
        "> 80%",
        "pass",
        measured=Metric("coverage.line", Decimal(70), "%"),
        waiver="W-13",
        text="70%",
        message="waived until 2026-12-20: tests follow",
    )
    zero = Metric("lint.errors", Decimal(0))
    counted = Judgement("lint.errors", "== 0", "pass", None, zero, waived=1)
    late = Judgement("latency.p95", "< 300ms", "pass", waiver="W-14", text="400 ms", message="soon")
    bench = CheckVerdict("bench", "Fast enough", "pass", expectations=(late,))
    return result(gate(requirements=(counted, excused), checks=(ruff, bench)))


def opened() -> Result:
    """One gate judged in part, one whose checks were skipped, one open as a whole."""
    later = (OpenRequirement("coverage.branch", "ci"), OpenRequirement("coverage.line", "ci"))
    reason = "the change holds no file of its kind"
    skipped = gate(
        "security",
        verdict="skipped",
        requirements=(),
        checks=(CheckVerdict("bandit", "No weakness", "skipped", reason),),
    )
    tests = CheckVerdict("tests", "The tests pass", "skipped", "open until ci", opens="ci")
    waiting = gate(
        "performance",
        verdict="skipped",
        requirements=(),
        checks=(
            CheckVerdict("bench", "Fast enough", "skipped", "open until deploy", opens="deploy"),
        ),
        open=(OpenRequirement("latency.p95", "deploy"),),
        reason="open until deploy",
    )
    partly = gate(open=later, checks=(*gate().checks, tests))
    return result(partly, skipped, waiting)


def nothing_due() -> Result:
    """A run in which nothing is due at its stage."""
    waiting = opened().verdict.gates[2]
    reason = "nothing is due at stage push: performance opens at deploy"
    return result(waiting, run=RunVerdict("error", (waiting,), nothing_due=True, reason=reason))


def advisory() -> Result:
    """A failing check, and a failing gate, that do not block; and a warning that is none."""
    check = CheckVerdict("ruff", "No lint", "fail", "lint.errors == 0: 1", "", True, (), (LINT,))
    soft = gate("performance", verdict="fail", advisory=True, requirements=(unmet("latency.p95"),))
    met = Judgement("coverage.line", "> 90%", "warn", text="85%")
    warned = gate("security", verdict="warn", requirements=(met,))
    gates = (gate(verdict="warn", checks=(check,)), soft, warned)
    return result(*gates, run=RunVerdict("warn", gates))


def interrupted() -> Result:
    """A run that was stopped before it had measured all."""
    return result(gate(), interrupted=True, warnings=("ruff 0.0.1 is old",))


def hostile(text: str) -> Result:
    """A result with the same text wherever text of others can stand."""
    finding = Finding(text, text, "unknown", "lint", text, 1, 1, url=text)
    where = Position("gates/code-quality.yaml", 4, 3)
    bad = Judgement(
        "lint.errors", text, "fail", where, waiver=text, message=text, remedy=text, text=text
    )
    told = CheckVerdict("ruff", text, "fail", text, text, False, (bad,), (finding,), fix=text)
    unseen = CheckVerdict(
        "mypy", text, "error", text, text, excused=(Excused(finding, text, text),)
    )
    checks = (
        replace(told, origin=(f"{text}#{text}",)),
        replace(unseen, origin=(text,)),
        CheckVerdict("none", text, "skipped", text),
    )
    broken = gate(title=text, verdict="error", reason=text, requirements=(bad,), checks=checks)
    seen = Measurement(
        notes=(text,),
        findings=(finding,),
        work={"files": 1},
        evidence=(Evidence(text, text, 1),),
        series=(Series(text, text, (1.0, 2.0, 1.5)),),
        items=(Item(text, text, text, text, 1, (text,)),),
    )
    ruff = Observation(
        "ruff",
        "sha256:aa",
        seen,
        reused_from=text,
        argv=(text, text),
        tool=text,
        tool_digest=text,
        tool_version=text,
        exit=0,
        output=text,
    )
    failure = Observation("mypy", "sha256:aa", failure=Failure(text, text), output=text)
    return result(
        broken,
        run=RunVerdict("error", (broken,), reason=text),
        subject=Subject(text, text, text, text, base=text),
        warnings=(text,),
        titles={text: text},
        observations=(ruff, failure),
    )


RESULTS = {
    "approved": approved(),
    "dirty": approved(dirty=True),
    "failed": failed(),
    "unmeasured": unmeasured(),
    "waived": waived(),
    "opened": opened(),
    "nothing-due": nothing_due(),
    "advisory": advisory(),
    "interrupted": interrupted(),
    "empty": result(run=RunVerdict("error", (), reason="nothing was selected")),
}


@pytest.fixture
def results() -> Mapping[str, Result]:
    """The results by what they show."""
    return RESULTS


@pytest.fixture(params=RESULTS)
def any_result(request: pytest.FixtureRequest) -> Result:
    """Each of the results."""
    return RESULTS[request.param]


@pytest.fixture(params=HOSTILE)
def hostile_result(request: pytest.FixtureRequest) -> Result:
    """A result full of each of the hostile strings."""
    return hostile(HOSTILE[request.param])


@pytest.fixture
def quoting() -> Callable[[str], Result]:
    """Make a result full of a text."""
    return hostile


@pytest.fixture
def one() -> Callable[..., Result]:
    """Make of findings a result with a single gate and check, which fails because of them."""

    def made(*findings: Finding, **changes: Any) -> Result:
        check = CheckVerdict(
            "scan",
            "Nothing is weak",
            "fail",
            findings=findings,
            position=Position("gates/security.yaml", 7, 5),
        )
        scan = replace(check, **changes)
        security = GateVerdict("security", "Security", scan.verdict, checks=(scan,))
        return result(security, run=RunVerdict(scan.verdict, (security,)))

    return made


@pytest.fixture
def unmeasured_beside() -> Callable[[str, int], Result]:
    """Make a result in which something is an error, and a check found very much."""

    def made(what: str, count: int) -> Result:
        why = "the tool is lost"
        flood = tuple(
            Finding(f"E{n}", "bad", "critical", "lint", "a.py", n, fingerprint=f"{n:032x}")
            for n in range(1, count + 1)
        )
        loud = CheckVerdict("loud", "Calm", "fail", "too much", findings=flood)
        lost = CheckVerdict("lost", "Found", "error", why, advisory=what == "advisory")
        unmet = Judgement("coverage.line", "> 80%", "error", message=why)
        broken = gate(
            "security",
            verdict="warn" if what == "advisory" else "error",
            requirements=(unmet,) if what == "requirement" else (),
            checks=(lost,) if what in ("check", "advisory") else (),
            reason=why if what == "gate" else "",
        )
        gates = (
            gate(verdict="fail", requirements=(), checks=(loud,)),
            *([] if what == "run" else [broken]),
        )
        reason = why if what == "run" else ""
        return result(*gates, run=RunVerdict("error", gates, reason=reason))

    return made
