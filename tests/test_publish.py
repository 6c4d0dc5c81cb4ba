"""What GitHub is told of a result."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gatekeeper import codec, publish
from gatekeeper.model import Finding, Position, Verdict
from gatekeeper.result import (
    SCHEMA,
    CheckVerdict,
    GateVerdict,
    Judgement,
    Plan,
    Result,
    RunVerdict,
    Subject,
)

COMMIT, HEAD = "c0" * 20, "01" * 20
HERE = publish.Target(COMMIT, f"https://github.com/octo/shop/blob/{COMMIT}")
UNMET = Judgement(
    "lint.errors", "== 0", "fail", Position("gates/quality.yaml", 3, 5), text="1", message="one"
)


def finding(number: int = 1, **changes: Any) -> Finding:
    """A lint error at `src/a.py:NUMBER`."""
    found = Finding("E501", f"too long {number}", "high", "lint", "src/a.py", number)
    return replace(found, fingerprint=f"{number}", **changes)


def result(
    verdict: Verdict = "fail", findings: tuple[Finding, ...] = (finding(),), **changes: Any
) -> Result:
    """A run of one gate and one check that ended with a verdict."""
    check = CheckVerdict(
        "ruff",
        "ruff finds nothing",
        verdict,
        reason="ruff was killed" if verdict == "error" else "",
        expectations=(UNMET,) if verdict == "fail" else (),
        findings=findings,
        position=Position("gates/quality.yaml", 7, 5),
    )
    gate = GateVerdict("quality", "Code quality", verdict, checks=(check,))
    whole = Result(
        schema=SCHEMA,
        engine="1.2.3",
        subject=Subject(commit=COMMIT),
        policy="sha256:00",
        started="2026-11-20T10:00:00+00:00",
        finished="2026-11-20T10:00:05+00:00",
        plan=Plan("ci", ("quality",), (), 2),
        observations=(),
        verdict=RunVerdict(verdict, (gate,)),
        stage="ci",
    )
    return replace(whole, **changes)


@pytest.mark.parametrize(
    ("verdict", "conclusion", "title"),
    [
        ("pass", "success", "Passed at ci; "),
        ("warn", "neutral", "Passed at ci; "),
        ("skipped", "neutral", "Passed at ci; "),
        ("fail", "failure", "Failed: 1/1"),
        ("error", "failure", "Not measured; Not measured: 1/1"),
    ],
)
def test_a_verdict_becomes_a_conclusion(verdict: Verdict, conclusion: str, title: str) -> None:
    """Not measured is a failure, and says that it is none of the code."""
    run = publish.check_run(result(verdict), HERE)
    assert run.conclusion == conclusion
    assert run.title.startswith(title)
    assert run.head_sha == COMMIT


@pytest.mark.parametrize("verdict", ["pass", "warn", "fail", "error"])
def test_an_interrupted_run_is_cancelled(verdict: Verdict) -> None:
    """Whatever had been judged by then; a branch that requires the check run stays closed."""
    run = publish.check_run(result(verdict, interrupted=True), HERE)
    assert run.conclusion == "cancelled"
    assert run.title.startswith("Interrupted")


def scoped(
    service: str | None, stage: Any, gates: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> Result:
    """A result of a service and stage, of named gates or checks only where there are any."""
    plan = Plan(stage, gates or ("quality",), (), 2, whole=not gates and not only, only=only)
    return result(subject=Subject(service, commit=COMMIT), stage=stage, plan=plan)


def test_results_of_different_scope_stand_side_by_side() -> None:
    """The pass of one must not hide the failure of another: each has its comment and check run."""
    scopes = [
        scoped(None, "ci"),
        scoped(None, "deploy"),
        scoped("api", "ci"),
        scoped("ci", "deploy"),
        scoped(None, "ci", ("security",)),
        scoped(None, "ci", ("security", "quality")),
        scoped("api", "ci", ("security",)),
        scoped(None, "ci", only=("ruff",)),
        scoped(None, "ci", ("security",), only=("ruff", "bandit")),
    ]
    assert len({publish.marker(one) for one in scopes}) == len(scopes)
    assert len({publish.name(one) for one in scopes}) == len(scopes)
    assert publish.marker(scopes[2]) == "<!-- gatekeeper:api/ci -->"
    assert publish.name(scopes[2]) == "gatekeeper (api, ci)"


@pytest.mark.parametrize("service", ["--> <b>", "a\nb", "\ud800", "x" * 10_000, "\u202e"])
def test_a_hostile_service_stays_inside_the_marker(service: str) -> None:
    """The marker is one line that ends where it should."""
    hostile = scoped(service, "ci")
    marker = publish.marker(hostile)
    assert marker.isascii()
    assert marker.count("-->") == marker.count("<") == 1
    assert len(marker.splitlines()) == 1
    assert len(publish.name(hostile)) < 300
    assert publish.name(hostile).isprintable()


def test_a_comment_begins_with_its_marker() -> None:
    """And goes on with the report, whose places lead to the judged commit."""
    text = publish.comment(result(), HERE)
    assert text.startswith("<!-- gatekeeper:/ci -->\n\n## ")
    assert "Deployment blocked" in text
    assert f"https://github.com/octo/shop/blob/{COMMIT}/src/a.py" in text


@pytest.mark.parametrize("judged", [COMMIT, None])
def test_another_commit_than_the_judged_one_is_said(judged: str | None) -> None:
    """A pull request is judged as merged into its base, and shown at its head."""
    target = publish.Target(HEAD)
    merged = result(subject=Subject(commit=judged))
    for text in (publish.comment(merged, target), publish.check_run(merged, target).summary):
        assert f"shown here at `{HEAD}`" in text
        assert (f"`{judged}`" if judged else "files without a commit") in text
    assert "shown here" not in publish.comment(result(), HERE)


@pytest.mark.parametrize("message", ["too long", "\U0001f600" * 300, "\ud800" * 300, "|`<" * 100])
def test_texts_stay_within_the_limits_of_github(message: str) -> None:
    """GitHub counts the bytes of a summary."""
    findings = tuple(finding(line, message=message) for line in range(1, 2000))
    checks = tuple(
        CheckVerdict(f"check-{number}", "", "fail", findings=findings[number::100])
        for number in range(100)
    )
    gate = GateVerdict("quality", "Code quality", "fail", checks=checks)
    large = replace(result(), verdict=RunVerdict("fail", (gate,)))
    texts = (publish.comment(large, HERE), publish.check_run(large, HERE).summary)
    assert all(len(text.encode()) <= 65_535 for text in texts)
    assert all(len(text.encode()) > 50_000 for text in texts)


def test_a_text_is_cut_with_all_that_stands_before_the_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the limit is, marker and remarks count."""
    long = result("fail", tuple(finding(line) for line in range(1, 100)))
    for limit in range(1000, 1300):
        monkeypatch.setattr(publish, "LIMIT", limit)
        assert len(publish.comment(long, publish.Target(HEAD)).encode()) <= limit


def test_findings_and_conditions_are_annotated_at_their_place() -> None:
    """A finding at its line, with what it is and which check says so."""
    places = publish.check_run(result(), HERE).annotations
    assert [(a.path, a.start_line, a.end_line, a.annotation_level) for a in places] == [
        ("src/a.py", 1, 1, "failure"),
    ]
    assert places[0].message == "too long 1"
    assert "ruff/E501" in places[0].title


def test_what_the_run_has_annotated_is_not_annotated_twice() -> None:
    """A step of Actions shows the first ten errors and warnings; the check run shows the rest."""
    many = result("fail", tuple(finding(line) for line in range(1, 16)))
    places = publish.check_run(many, publish.Target(HEAD, annotated=True)).annotations
    assert [place.start_line for place in places] == [11, 12, 13, 14, 15]


def test_what_is_not_measured_is_annotated_in_the_policy() -> None:
    """There is no finding to show, and still a place to begin."""
    places = publish.check_run(result("error", ()), HERE).annotations
    assert [(a.path, a.start_line, a.annotation_level) for a in places] == [
        ("gates/quality.yaml", 7, "failure")
    ]
    assert "ruff was killed" in places[0].message


def test_annotations_have_a_cap_that_is_said() -> None:
    """The worst first; the summary counts the rest."""
    mild = [finding(line, severity="medium") for line in range(1, 100)]
    bad = [finding(line) for line in range(100, 350)]
    run = publish.check_run(result("fail", (*mild, *bad)), HERE)
    assert len(run.annotations) == publish.ANNOTATIONS == 200
    assert {place.start_line for place in run.annotations} <= set(range(100, 350))
    assert "The worst 200 places are annotated, 149 more are not." in run.summary


@pytest.mark.parametrize(
    "found",
    [
        finding(path=None),
        finding(line=None),
        finding(path="a\nb"),
        finding(path="\ud800"),
        finding(path="\u202ea"),
    ],
    ids=["no path", "no line", "newline", "surrogate", "bidi"],
)
def test_what_has_no_place_is_in_the_summary_only(found: Finding) -> None:
    """GitHub would refuse the whole check run, or show another name than the file has."""
    run = publish.check_run(result("fail", (found,)), HERE)
    assert all(place.path == "gates/quality.yaml" for place in run.annotations)
    assert "too long 1" in run.summary


@pytest.mark.parametrize("text", ["a\x1b[31mb", "\u202eabc", "\ud800", "x" * 2**20, "a\nb", " "])
def test_annotations_show_hostile_text_harmlessly(text: str) -> None:
    """Printable, one line, and within GitHub's limits of 64 KiB and 255 characters."""
    (place,) = publish.check_run(
        result("fail", (finding(rule=text, message=text),)), HERE
    ).annotations
    assert place.message.isprintable()
    assert place.title.isprintable()
    assert 0 < len(place.message.encode()) < 64 << 10
    assert len(place.title) <= 255
    json.dumps(place.path).encode()


def test_a_check_run_is_known_by_its_content() -> None:
    """The same record has the same id wherever it is read; a later run has another."""
    one = result()
    again = codec.decode(Result, json.loads(json.dumps(codec.encode(one))))
    later = result(started="2026-11-20T11:00:00+00:00")
    ids = [publish.check_run(each, HERE).external_id for each in (one, again, later)]
    assert ids[0] == ids[1] != ids[2]
