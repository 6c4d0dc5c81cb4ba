"""The terminal report."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

import pytest

from gatekeeper.model import Failure, Finding, Observation
from gatekeeper.reports.terminal import PLUGIN, Detail, progress, render
from gatekeeper.result import UNNAMED, CheckVerdict, Result, RunVerdict

LINT = Finding("E501", "Line too long", "high", "lint", "src/a.py", 3, 101)
COMMIT = "3f2a9c1" + 33 * "0"
APPROVED = f"Deployment approved: service orders, version 1.4.2, commit {COMMIT}"
OPEN = "code-quality/tests, performance"
LAST_LINES = [
    ("approved", ["Passed: 4/4", APPROVED]),
    ("dirty", ["Passed: 4/4", f"{APPROVED} (warning: tracked files differ from it)"]),
    ("failed", ["Passed: 1/2", "Failed: 1/2", "Deployment blocked"]),
    ("unmeasured", ["Not measured: 1/1", "Deployment blocked"]),
    (
        "waived",
        ["Passed: 1/1", "Passed at push; 1 of 1 gates judged; no deployment verdict"],
    ),
    (
        "opened",
        [
            "Passed: 1/3",
            "Skipped: 1/3",
            "Open: 1/3",
            f"Passed at push; 1 of 3 gates judged; open: {OPEN}; no deployment verdict",
        ],
    ),
    (
        "nothing-due",
        [
            "nothing is due at stage push: performance opens at deploy",
            "Open: 1/1",
            "Deployment blocked",
        ],
    ),
    (
        "advisory",
        ["Warned: 3/3", "Passed at push; 3 of 3 gates judged; no deployment verdict"],
    ),
    (
        "interrupted",
        [
            "warning: ruff 0.0.1 is old",
            "interrupted: what had not ended by then is not measured",
            "Passed: 1/1",
            "Deployment blocked",
        ],
    ),
    ("empty", ["nothing was selected", "Deployment blocked"]),
]


def text(result: Result) -> str:
    return "".join(render(result))


@pytest.mark.parametrize(("name", "lines"), LAST_LINES)
def test_the_last_lines_say_what_is_decided(
    results: Mapping[str, Result], name: str, lines: list[str]
) -> None:
    """Counts that add up, then the decision."""
    assert text(results[name]).splitlines()[-len(lines) :] == lines


def test_a_run_of_named_gates_says_so(results: Mapping[str, Result]) -> None:
    """Without every gate there is no approval, at no stage."""
    result = results["approved"]
    plan = dataclasses.replace(result.plan, whole=False, stage="deploy")
    verdict = dataclasses.replace(result.verdict, approved=False)
    shown = text(dataclasses.replace(result, plan=plan, verdict=verdict))
    assert "approved" not in shown
    assert shown.endswith("Passed at deploy; 4 of 4 named gates judged; no deployment verdict\n")


def test_an_interrupted_run_is_never_approved(results: Mapping[str, Result]) -> None:
    """What was not measured is not passed, whatever the rest of the record says."""
    shown = text(dataclasses.replace(results["approved"], interrupted=True))
    assert shown.endswith("Deployment blocked\n")


def test_a_failed_gate_shows_what_and_where(results: Mapping[str, Result]) -> None:
    """Requirements with values and place, checks with time, remedy, findings and last lines."""
    assert text(results["failed"]).split("\n\n")[0].splitlines() == [
        "FAIL     Code quality",
        "  pass     coverage.line > 80%: 91.2%",
        "  fail     lint.errors == 0: 2 (gates/code-quality.yaml:5:3)",
        "  found    ruff  0.0 s",
        "           fix: ruff check --fix",
        "           src/a.py:3:101: Line too long (120 > 100) [E501]",
        "  fail     mypy  61.0 s: lint.errors == 0: 1",
        "           remedy: make the types agree",
        "           fix: mypy --install-types",
        "           src/b.py:9: Argument 1 is wrong ... [arg-type]",
        "  fail     headers  1.0 s",
        "           exit 1 ... [failures]",
        *(f"           |         line {n}" for n in range(21, 30)),
        "           | no header",
    ]


def test_what_was_not_measured_shows_cause_and_remedy(results: Mapping[str, Result]) -> None:
    """Someone at two in the morning learns what to do next."""
    shown = text(results["unmeasured"])
    assert "error    unit-tests  0.0 s: pytest: no such program on PATH\n" in shown
    assert "           remedy: pip install pytest\n           | oops\n" in shown
    assert "  error    coverage.line > 80%: not measured\n" in shown


def test_what_is_waived_open_or_skipped_stays_visible(results: Mapping[str, Result]) -> None:
    """Waived findings stand below their waiver, skipped checks beside their reason."""
    waived, opened = text(results["waived"]), text(results["opened"])
    assert "lint.errors == 0: 0, 1 waived\n" in waived
    assert (
        "coverage.line > 80%: 70%, waived by W-13\n"
        "           waived until 2026-12-20: tests follow\n"
    ) in waived
    assert "  pass     bench  1.2 s: latency.p95 < 300ms: 400 ms, waived by W-14\n" in waived
    assert (
        "           1 waived by W-12: the generator is replaced in December\n"
        "             src/a.py:3:101: Line too long (120 > 100) [E501]\n"
        "           2 known in the baseline\n"
    ) in waived
    assert "  open until ci: coverage.branch, coverage.line\n" in opened
    assert "  skipped  bandit: the change holds no file of its kind\n" in opened
    assert "  skipped  bench: open until deploy\n" in opened


def test_a_requirement_that_several_checks_answer_names_each(results: Mapping[str, Result]) -> None:
    """Two values of one metric are told apart."""
    result = results["failed"]
    gate = result.verdict.gates[0]
    both = tuple(dataclasses.replace(gate.requirements[0], check=name) for name in ("a", "b"))
    gates = (dataclasses.replace(gate, requirements=both),)
    shown = text(
        dataclasses.replace(result, verdict=dataclasses.replace(result.verdict, gates=gates))
    )
    assert "  pass     coverage.line > 80%: 91.2% (a)\n" in shown
    assert "  pass     coverage.line > 80%: 91.2% (b)\n" in shown


def test_the_worst_findings_come_first_and_the_rest_is_counted(
    results: Mapping[str, Result],
) -> None:
    """Ten findings by severity, then by path and line; a path is never cut."""
    result, long = results["failed"], "deep/" * 60 + "file.py"
    gate = result.verdict.gates[0]
    findings = (
        *(Finding("E2", "m", "low", "lint", "z.py", n) for n in range(20, 0, -1)),
        Finding("E1", "m", "unknown", "lint", long, 7, 1),
        Finding("E0", "m", "critical", "lint"),
    )
    checks = (dataclasses.replace(gate.checks[1], findings=findings),)
    verdict = dataclasses.replace(result.verdict, gates=(dataclasses.replace(gate, checks=checks),))
    lines = text(dataclasses.replace(result, verdict=verdict)).splitlines()
    first = lines.index("           m [E0]")
    assert lines[first + 1] == f"           {long}:7:1: m [E1]"
    assert lines[first + 2] == "           z.py:1: m [E2]"
    assert lines[first + 10] == "           and 12 more"


def test_gates_stand_in_file_order_with_an_id_that_the_title_does_not_tell(
    results: Mapping[str, Result],
) -> None:
    """Neither verdict nor name changes the order; what can be typed is shown."""
    result = results["failed"]
    first, second = result.verdict.gates
    gates = (second, dataclasses.replace(first, title="Is it well made?"))
    shown = text(
        dataclasses.replace(result, verdict=dataclasses.replace(result.verdict, gates=gates))
    )
    assert shown.index("PASS     Security\n") < shown.index(
        "FAIL     Is it well made? (code-quality)\n"
    )


def test_colours_only_when_asked_for_and_only_around_the_same_text(any_result: Result) -> None:
    """The plug-in gives plain text; taking the colours away gives that text."""
    plain = "".join(PLUGIN.render(any_result))
    coloured = "".join(render(any_result, colour=True))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain


def test_hostile_text_controls_neither_terminal_nor_runner(hostile_result: Result) -> None:
    """No control, bidi or surrogate character gets through, and no line is a command."""
    shown = text(hostile_result)
    lines = shown.removesuffix("\n").split("\n")
    shown.encode()
    assert all(line.isprintable() for line in lines)
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in lines)
    assert lines[-1] == "Deployment blocked"


def test_a_hostile_service_is_escaped_in_the_decision(results: Mapping[str, Result]) -> None:
    """The decision itself cannot be rewritten by what it names."""
    result = results["approved"]
    subject = dataclasses.replace(result.subject, service="\x1b[2K\rx")
    shown = "".join(render(dataclasses.replace(result, subject=subject), colour=True))
    assert r"Deployment approved: service \x1b[2K\x0dx, version" in shown


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (Observation("ruff", "d", wall=1.24), "ruff  1.2 s"),
        (Observation("ruff", "d", reused_from="run-1"), "ruff  0.0 s (reused)"),
        (Observation("a", "d", failure=Failure("no\x1b\nsuch")), r"a  not measured: no\x1b such"),
    ],
)
def test_progress_is_one_line_for_each_check(seen: Observation, line: str) -> None:
    """Time, or why it could not be measured."""
    assert progress(seen) == line


@pytest.mark.parametrize("name", ["approved", "waived", "opened"])
def test_quiet_is_one_line_where_all_is_well(results: Mapping[str, Result], name: str) -> None:
    """The decision, and nothing before it."""
    assert list(render(results[name], detail="quiet")) == list(render(results[name]))[-1:]


def test_quiet_shows_what_is_bad(results: Mapping[str, Result]) -> None:
    """Gates, requirements and checks that are bad, with all that explains them; no others."""
    shown = "".join(render(results["failed"], detail="quiet"))
    assert "Security" not in shown
    assert "coverage.line" not in shown
    for said in ("lint.errors == 0: 2", "found    ruff", "mypy", "headers", "| no header"):
        assert said in shown
    assert shown.endswith("Passed: 1/2\nFailed: 1/2\nDeployment blocked\n")


def test_quiet_shows_what_is_bad_and_advisory(results: Mapping[str, Result]) -> None:
    """What does not block yet is not hidden."""
    shown = "".join(render(results["advisory"], detail="quiet"))
    assert "ruff (advisory)" in shown
    assert "Performance (advisory)" in shown


def test_verbose_shows_every_finding(results: Mapping[str, Result]) -> None:
    """No finding is left out, and nothing says that more were."""
    result = results["failed"]
    [bad, good] = result.verdict.gates
    many = tuple(dataclasses.replace(LINT, line=number + 1) for number in range(50))
    checks = (dataclasses.replace(bad.checks[1], findings=many),)
    verdict = dataclasses.replace(
        result.verdict, gates=(dataclasses.replace(bad, checks=checks), good)
    )
    result = dataclasses.replace(result, verdict=verdict)
    assert "and 40 more" in text(result)
    shown = "".join(render(result, detail="verbose"))
    assert shown.count("Line too long") == 50
    assert "more" not in shown


def test_verbose_tells_how_a_check_came_to_its_verdict(results: Mapping[str, Result]) -> None:
    """Command, tool, times, what was selected and examined, evidence."""
    result = results["approved"]
    seen = dataclasses.replace(
        result.observations[0],
        argv=("ruff", "check", "a b.py"),
        tool="/usr/bin/ruff",
        tool_version="ruff 0.4",
        cpu=2.5,
        selected=14,
    )
    plan = dataclasses.replace(result.plan, files=tuple(f"{n}.py" for n in range(120)))
    result = dataclasses.replace(result, observations=(seen,), plan=plan)
    shown = "".join(render(result, detail="verbose"))
    for said in (
        "120 files are selected",
        "\n  99.py\n  and 20 more\n",
        "command: ruff check 'a b.py'",
        "tool: /usr/bin/ruff ruff 0.4",
        "times: 1.2 s, begun at 0.0 s; CPU 2.5 s",
        "selected: 14 files",
        "examined: 12 files",
        "evidence: .gatekeeper/runs/1/report.json",
    ):
        assert said in shown


@pytest.mark.parametrize("detail", ["quiet", "normal", "verbose"])
def test_hostile_text_is_harmless_in_every_detail(hostile_result: Result, detail: Detail) -> None:
    """Each line stays one line that nothing obeys."""
    for line in render(hostile_result, detail=detail, record="\x1b[2J ::error::"):
        assert line.endswith("\n")
        assert line[:-1].isprintable() or set(line[:-1]) & set("\u200c\u200d\u00a0")
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_what_to_type_next_stands_before_the_last_lines(results: Mapping[str, Result]) -> None:
    """The bad checks alone, as one command; and where there is more to see."""
    lines = list(render(results["failed"], record="runs/a b/result.json"))
    assert lines[-5:-3] == [
        "run it alone: gatekeeper run --service orders --only ruff --only mypy --only headers\n",
        "see more: gatekeeper report 'runs/a b/result.json' --verbose\n",
    ]


def test_what_passed_asks_for_nothing(results: Mapping[str, Result]) -> None:
    """No command stands where nothing need be done."""
    assert "gatekeeper" not in "".join(render(results["approved"], record="result.json"))


def test_a_guard_says_what_it_guards(results: Mapping[str, Result]) -> None:
    """Where the check is bad, or its findings are; with the title where it is known."""
    result = results["failed"]
    [bad, good] = result.verdict.gates
    checks = tuple(
        dataclasses.replace(check, origin=(f"PM-{number}#AI-1", f"PM-{number}#AI-2"))
        for number, check in enumerate(bad.checks)
    )
    good = dataclasses.replace(
        good, checks=(dataclasses.replace(good.checks[0], origin=("PM-9#AI-1",)),)
    )
    verdict = dataclasses.replace(
        result.verdict, gates=(dataclasses.replace(bad, checks=checks), good)
    )
    shown = text(dataclasses.replace(result, verdict=verdict, titles={"PM-1": "It rained [a-z]"}))
    assert re.findall("this guards .*", shown) == [
        "this guards PM-0",
        "this guards PM-1: It rained [a-z]",
        "this guards PM-2",
    ]


def test_a_run_of_named_checks_does_not_read_as_a_pass(results: Mapping[str, Result]) -> None:
    """What was not named is summed up; `verbose` lists it."""
    result = results["approved"]
    first, *others = result.verdict.gates
    unnamed = CheckVerdict("other", "", "skipped", UNNAMED)
    first = dataclasses.replace(first, checks=(*first.checks, unnamed))
    rest = [dataclasses.replace(g, verdict="skipped", checks=(unnamed,)) for g in others]
    plan = dataclasses.replace(result.plan, whole=False, only=("code-quality-check",))
    verdict = RunVerdict("pass", (first, *rest))
    result = dataclasses.replace(result, verdict=verdict, plan=plan, stage="push")
    lines = text(result).splitlines()
    assert "PASS     Code quality (in part)" in lines
    assert "  skipped  1 check: not named in this run" in lines
    assert "SKIPPED  Performance: not named in this run" in lines
    assert lines[-1] == (
        "Passed at push; only 1 of 4 checks asked; 1 of 4 gates judged; no deployment verdict"
    )
    assert "skipped  other: not named in this run" in "".join(render(result, detail="verbose"))
