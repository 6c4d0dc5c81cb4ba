"""The Markdown report, read back by markdown-it-py with GitHub's tables."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gatekeeper import escape
from gatekeeper.model import Finding
from gatekeeper.reports.markdown import PLUGIN, render, within
from gatekeeper.result import CheckVerdict, Result, RunVerdict

SOURCE = "https://github.com/o/r/blob/3f2a9c1"
REQUIRED = "`coverage.line > 80%: 91.2%`, `lint.errors == 0: 2`"
DECLARED = f"[`gates/code-quality.yaml:5:3`]({SOURCE}/gates/code-quality.yaml?plain=1#L5)"
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKUP = {
    "link": "[x](https://evil.example)",
    "image": "![x](https://evil.example/x.png)",
    "definition": "[Code]: https://evil.example",
    "address": "<https://evil.example> https://evil.example www.evil.example a@evil.example",
    "html": "<img src=x onerror=alert(1)></details><!--",
    "cells": "a | b \\| c \\\\| d |",
    "backslash": "\\",
    "backticks": "` `` ``` ` <b>",
    "many-backticks": "`" * 200 + "<b>[x](y)",
    "fence": "```\n# x\n```\n~~~",
    "blocks": "# x\n\n- y\n\n1. z\n\n---\n> q\n\tcode",
    "mention": "@octocat @o/team #123 GH-1 o/r#1 3f2a9c1",
    "emphasis": "**a** _b_ ~~c~~ $d$ $`e`$ :tada: &lt;f&gt;",
    "setext": "x\n===\n| a |\n|---|",
    "command": "\n::error::x ##[error]y",
}


def tokens(text: str) -> Iterator[Token]:
    """All tokens, those within a line included."""
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def blocks(text: str) -> list[str]:
    """The kinds of blocks, one after the other; the output of a tool may be absent."""
    return [token.type for token in READER.parse(text) if token.type != "fence"]


def report(result: Result) -> str:
    return "".join(render(result))


def test_the_decision_stands_first_and_then_what_is_worst(results: Mapping[str, Result]) -> None:
    """Verdict, counts, the table, the bad gate with value, place, cause, remedy, finding."""
    assert within(results["failed"], 10**6, SOURCE).splitlines()[:22] == [
        "## \N{CROSS MARK} Deployment blocked",
        "",
        "Passed: 1/2, Failed: 1/2",
        "",
        "| Gate | Verdict | Requirements | Checks passed |",
        "|---|---|---|---|",
        f"| Code quality | \N{CROSS MARK} fail | {REQUIRED} | 1 of 3 |",
        "| Security | \N{WHITE HEAVY CHECK MARK} pass | `coverage.line > 80%: 91.2%` | 1 of 1 |",
        "",
        "### \N{CROSS MARK} Code quality: fail",
        "",
        f"- fail: `lint.errors == 0: 2`, declared at {DECLARED}",
        "",
        "#### mypy: fail",
        "",
        "- `lint.errors == 0: 1`",
        "- remedy: make the types agree",
        "- fix: `mypy --install-types`",
        f"- [`src/b.py:9`]({SOURCE}/src/b.py?plain=1#L9): `Argument 1 is wrong ... [arg-type]`",
        "",
        "#### headers: fail",
        "",
    ]


def test_what_a_passing_check_found_stands_below_its_gate(results: Mapping[str, Result]) -> None:
    """The findings that break a requirement are shown with the fix, though their check holds."""
    shown = report(results["failed"])
    assert (
        "#### ruff: found\n\n- fix: `ruff check --fix`\n"
        "- `src/a.py:3:101`: `Line too long (120 > 100) [E501]`" in shown
    )
    assert "W291" not in shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("approved", "Deployment approved\n"),
        ("approved", "- service: orders\n- version: `1.4.2`\n- commit: `3f2a9c1"),
        ("dirty", "- tracked files differ from the commit\n"),
        ("unmeasured", "- `pytest: no such program on PATH`\n- remedy: pip install pytest\n"),
        ("unmeasured", "```text\n| oops\n```"),
        ("waived", "ruff: `1 waived by W-12: the generator is replaced in December`"),
        ("waived", "ruff: `2 known in the baseline`"),
        ("waived", "`coverage.line > 80%: 70%, waived by W-13`"),
        ("opened", "`open until ci: coverage.branch, coverage.line`"),
        ("nothing-due", "`nothing is due at stage push: performance opens at deploy`"),
        ("advisory", "### \N{CROSS MARK} Performance: fail (advisory)"),
        ("advisory", "#### ruff: fail (advisory)"),
        ("interrupted", "Deployment blocked\n"),
        ("interrupted", "- `warning: ruff 0.0.1 is old`\n- `interrupted: what had"),
        ("empty", "Deployment blocked\n\n\n\n- nothing was selected"),
    ],
)
def test_what_a_reviewer_must_know_is_said(
    results: Mapping[str, Result], name: str, text: str
) -> None:
    """Each kind of result, by the one thing that it has and others have not."""
    assert text in report(results[name])


def test_the_worst_gate_stands_first(results: Mapping[str, Result]) -> None:
    """What was not measured stands before what failed, and that before a warning."""
    gates = [results[name].verdict.gates[0] for name in ("advisory", "failed", "unmeasured")]
    titled = [
        dataclasses.replace(gate, title=word) for gate, word in zip(gates, "abc", strict=True)
    ]
    run = RunVerdict("error", tuple(titled))
    shown = report(dataclasses.replace(results["failed"], verdict=run))
    heads = [line for line in shown.splitlines() if line.startswith("### ")][:3]
    assert [head.split()[-2] for head in heads] == ["c:", "b:", "a:"]


def test_a_guard_names_its_postmortem(results: Mapping[str, Result]) -> None:
    """A reviewer learns which failure would come back."""
    assert "- `this guards PM-2026-003: Orders were lost`\n" in report(guarding(results["failed"]))


def guarding(result: Result) -> Result:
    """The result, whose first gate holds a failing guard."""
    first, *rest = result.verdict.gates
    checks = [dataclasses.replace(check, origin=("PM-2026-003#AI-2",)) for check in first.checks]
    gates = (dataclasses.replace(first, checks=tuple(checks)), *rest)
    verdict = dataclasses.replace(result.verdict, gates=gates)
    return dataclasses.replace(result, verdict=verdict, titles={"PM-2026-003": "Orders were lost"})


def test_places_lead_into_the_folders_of_a_service(results: Mapping[str, Result]) -> None:
    """A service with gates of its own has both below its folder."""
    result = results["failed"]
    subject = dataclasses.replace(result.subject, config="services/a b/")
    shown = within(dataclasses.replace(result, subject=subject), 10**6, SOURCE)
    assert f"({SOURCE}/src/b.py?plain=1#L9)" in shown
    assert f"({SOURCE}/services/a%20b/gates/code-quality.yaml?plain=1#L5)" in shown


@pytest.mark.parametrize("path", ["../../x/a.py", "/etc/passwd", "a//b"])
def test_a_place_outside_the_repository_is_no_link(
    quoting: Callable[[str], Result], path: str
) -> None:
    """A record of doubtful origin cannot lead elsewhere."""
    shown = within(quoting(path), 10**6, SOURCE)
    assert f"- `{path}:1:1`: " in shown
    assert f"[`{path}" not in shown


@pytest.mark.parametrize("text", MARKUP.values(), ids=MARKUP)
def test_text_of_others_stays_text(quoting: Callable[[str], Result], text: str) -> None:
    """It makes no block, cell, link, image or HTML, and nothing that GitHub would link or mention.

    Outside code, GitHub looks for addresses, mentions and references: no part of it may be there.
    """
    shown = report(quoting(text))
    assert blocks(shown) == blocks(report(quoting("harmless, harmless")))
    kinds = {token.type for token in tokens(shown)}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "s_open", "strong_open"}
    plain = " ".join(token.content for token in tokens(shown) if token.type == "text")
    assert not {*"@#<>[]\\|`*_$&"} & {*plain}
    assert "evil" not in plain
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in shown.splitlines())


def test_hostile_text_is_shown_harmlessly(hostile_result: Result) -> None:
    """Nothing controls a terminal or a runner, and all of it can be encoded."""
    shown = report(hostile_result)
    shown.encode()
    assert all(c.isprintable() or c in "\n" + escape._KEPT for c in shown.replace("\ufe0f", ""))
    assert {"html_inline", "html_block", "link_open"}.isdisjoint(t.type for t in tokens(shown))


@settings(max_examples=50, deadline=None)
@given(st.text(st.sampled_from("`|\\ <a>[](x)@*_#~\n:/-1"), max_size=30))
def test_any_text_is_words_or_one_code_span(text: str) -> None:
    """Read back, the text is what was shown of it, in one piece."""
    (paragraph,) = [t for t in READER.parse(f"a {escape.markdown(text)} b") if t.children]
    children = paragraph.children or []
    assert [child.type for child in children] in (["text"], ["text", "code_inline", "text"])
    if len(children) > 1:
        assert children[1].content == escape.command(escape.line(text))


def many(result: Result) -> Result:
    """The result, with ten checks of 40 findings each."""
    found = tuple(Finding("E1", "größer", "high", "lint", "a.py", n) for n in range(1, 41))
    checks = tuple(CheckVerdict(f"c{n}", "Holds", "fail", findings=found) for n in range(10))
    gate = dataclasses.replace(result.verdict.gates[0], checks=checks)
    return dataclasses.replace(result, verdict=RunVerdict("fail", (gate,)))


@pytest.mark.parametrize("limit", [600, 1500, 5000])
def test_what_is_cut_off_is_counted(results: Mapping[str, Result], limit: int) -> None:
    """The text keeps to its bytes, and shown and left out add up to all the findings."""
    shown = within(many(results["failed"]), limit)
    assert len(shown.encode()) <= limit
    hidden = re.findall(r"\n- and (\d+) more\n", shown)
    listed = shown.count("[E1]`\n") + sum(map(int, hidden))
    (left,) = re.findall(r"\n\n_(\d+) more findings are in the report._\n$", shown)
    assert listed + int(left) == 400


def test_what_is_cut_off_without_findings_is_told(results: Mapping[str, Result]) -> None:
    """A report that ends early says so."""
    assert within(results["approved"], 600).endswith("\n_More is in the report._\n")


@pytest.mark.parametrize("limit", [1000, 65_536, 2**20])
def test_a_huge_text_keeps_to_the_limit(quoting: Callable[[str], Result], limit: int) -> None:
    """Lines of megabytes are cut or left out, and no block of code stays open."""
    shown = within(quoting("x.`" * 2**19), limit)
    assert len(shown.encode()) <= limit
    assert shown.count("\n```") % 2 == 0


def test_render_is_within_without_a_limit(any_result: Result) -> None:
    """Both say the same, each time, where nothing need be cut."""
    assert PLUGIN.render is render
    assert report(any_result) == within(any_result, 10**7) == report(any_result)
