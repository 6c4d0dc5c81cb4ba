"""document: missing, stubs, sections, front matter, dates, links."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from gatekeeper import codec
from gatekeeper.adapters import markdown
from gatekeeper.check_types.document import PLUGIN, Params, measure
from gatekeeper.model import count

Make = Callable[..., Any]
ANY = Params(min_words=0)
PROSE = "word " * 50


def found(ctx: Any, params: Params = ANY) -> list[tuple[str, int | None, str]]:
    """Rule, line and message of each finding; every finding counts in a metric of the type."""
    findings = measure(params, ctx).findings
    assert set(count(findings)) <= set(PLUGIN.always)
    assert {finding.severity for finding in findings} <= {"high"}
    return [(finding.rule, finding.line, finding.message) for finding in findings]


def of_text(context: Make, text: str, params: Params = ANY) -> list[tuple[str, int | None, str]]:
    return found(context({"a.md": text}, files=("a.md",)), params)


def test_missing(context: Make) -> None:
    """Paths must exist, globs need not; what is missing has been examined."""
    ctx = context(
        {"README.md": PROSE, "docs/a.md": PROSE},
        files=(
            "README.md",
            "/docs/a.md",
            "docs/",
            "docs/*.md",
            "GONE.md",
            "docs/{b}.md",
            "x/*.md",
            "!y.md",
        ),
    )
    measured = measure(Params(), ctx)
    assert [(f.rule, f.path, f.line) for f in measured.findings] == [
        ("missing", "GONE.md", None),
        ("missing", "docs/{b}.md", None),
    ]
    assert "GONE.md does not exist: write it" in measured.findings[0].message
    assert measured.work == {"documents": 4}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("# Many words in a heading " + PROSE, 0),
        ("```\n" + PROSE + "\n```", 0),
        ("---\nkey: " + PROSE + "\n---\n", 0),
        ("<!-- " + PROSE + "-->", 0),
        ("TODO " * 60, 0),
        ("- [ ] TBD\n" * 60, 0),
        ("Lorem ipsum " + PROSE, 0),
        ("word " * 49, 49),
        ("TODO " + "word " * 49, 49),
        ("日本" * 10, 20),
    ],
)
def test_stub(context: Make, text: str, words: int) -> None:
    """Headings, code, comments and placeholders are no words of prose."""
    (stub,) = of_text(context, text, Params())
    assert stub == ("incomplete", 1, f"is a stub: {words} words of prose, at least 50 are wanted")


@pytest.mark.parametrize(
    "text", [PROSE, "- " + PROSE, "|a|\n|-|\n|" + PROSE + "|", "日本" * 25, "<p>" + PROSE + "</p>"]
)
def test_no_stub(context: Make, text: str) -> None:
    """Fifty words anywhere but there are enough."""
    assert of_text(context, text, Params()) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# Rollback\ndo it", None),
        ("### 2.3 ROLLBACK:\ndo it", None),
        ("1) Rollback\n---\ndo it", "no section"),
        ("## 1) Rollback\ndo it", None),
        ("## *Rollback*\n```\nmake rollback\n```", None),
        ("## Rollback\n![diagram](a.md)", None),
        ("## Rollback\n### Step one\ndo it", None),
        ("## Rollback\n\n## Rollback\ndo it", None),
        ("## Rollback procedure\ndo it", "no section"),
        ("Rollback\n\ndo it", "no section"),
        ("```\n# Rollback\n```\ndo it", "no section"),
        ("## Rollback", "empty"),
        ("## Rollback\n### Step one\n", "empty"),
        ("## Rollback\n## Next\ndo it", "empty"),
        ("## Rollback\nTODO", "empty"),
        ("## Rollback\n- [ ] tbd.\n<!-- explain -->", "empty"),
    ],
)
def test_sections(context: Make, text: str, problem: str | None) -> None:
    """A named section must be there and say something."""
    problems = of_text(context, text, Params(sections=("Rollback",), min_words=0))
    assert [rule for rule, _, _ in problems] == (["incomplete"] if problem else [])
    assert problem is None or problem in problems[0][2]


def test_place_of_an_empty_section(context: Make) -> None:
    """An empty section is reported at its heading, a missing one at the top."""
    params = Params(sections=("B", "C"), min_words=0)
    assert [line for _, line, _ in of_text(context, "# A\n\nx\n\n## B\n", params)] == [5, 1]


@pytest.mark.parametrize(
    ("front_matter", "messages"),
    [
        ("---\nowner: ops\nversion: 1.0\n---\n", []),
        ('+++\nowner = "ops"\nversion = 1\n+++\n', []),
        ("---\nowner:\nversion: 1.0\n---\n", ["`owner:` in the front matter is missing or empty"]),
        ("---\nowner: '  '\nversion: TBD\n---\n", ["`owner:`", "`version:`"]),
        ("---\nowner: []\nversion: 0\n---\n", ["`owner:`"]),
        ("", ["has no front matter"]),
        ("---\nowner: [\n---\n", ["the front matter is no valid YAML: line 3"]),
    ],
)
def test_keys(context: Make, front_matter: str, messages: list[str]) -> None:
    """Keys must be there and say something."""
    problems = of_text(context, front_matter, Params(keys=("owner", "version"), min_words=0))
    assert [rule for rule, _, _ in problems] == ["incomplete"] * len(messages)
    assert all(text in problem[2] for text, problem in zip(messages, problems, strict=True))


@pytest.mark.parametrize(
    ("front_matter", "rule", "words"),
    [
        ("reviewed: 2026-11-20", "", ""),
        ("reviewed: 2026-05-24", "", ""),
        ("reviewed: 2026-05-23", "stale", "181 days ago, over 180"),
        ("reviewed: 2026-11-21", "stale", "in the future: in UTC it is 2026-11-20"),
        ("reviewed: last week", "incomplete", "no date"),
        ("reviewed: 2026-02-30", "incomplete", "no date"),
        ("reviewed: 20261120", "incomplete", "no date"),
        ("reviewed: TODO", "incomplete", "no `reviewed:"),
        ("owner: x", "incomplete", "no `reviewed:"),
        ("reviewed: 2026-11-01\nnext-review: 2026-11-20", "", ""),
        ("reviewed: 2026-11-01\nnext-review: 2026-11-19", "stale", "due on 2026-11-19"),
        ("reviewed: 2026-11-01\nnext-review: soon", "incomplete", "no date"),
    ],
)
def test_reviews(context: Make, front_matter: str, rule: str, words: str) -> None:
    """A review is recent enough, not in the future, and the next one is not overdue."""
    text = f"---\n{front_matter}\n---\n"
    problems = of_text(context, text, Params(max_age="180d", min_words=0))
    assert [problem[0] for problem in problems] == ([rule] if rule else [])
    assert all(words in problem[2] for problem in problems)


def test_dates_without_max_age(context: Make) -> None:
    """Dates that a document gives hold even where the check asks for none."""
    text = "---\nreviewed: 2001-01-01\nnext-review: 2001-02-01\n---\n"
    assert [(rule, line) for rule, line, _ in of_text(context, text)] == [("stale", 3)]
    toml = "+++\nnext-review = 2001-02-01\n+++\n"
    assert [rule for rule, _, _ in of_text(context, toml)] == ["stale"]


SITE: dict[str, str | bytes | Path] = {
    "README.md": "# Top\n\n## Set up\n## Set up\n",
    "docs/guide.md": '# Guide\n<a id="custom"></a>\n# Größe\n',
    "docs/a b.md": "# Über uns\n",
    "docs/img/x.png": b"\x89PNG",
    "src/main.py": "",
}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("guide.md", ""),
        ("./guide.md#guide", ""),
        ("guide.md#custom", ""),
        ("guide.md#Gr%C3%B6%C3%9Fe", "no heading"),
        ("guide.md#gr%C3%B6%C3%9Fe", ""),
        ("guide.md?plain=1#guide", ""),
        ("../README.md#set-up-1", ""),
        ("../README.md#set-up-2", "README.md has no heading or anchor `#set-up-2`"),
        ("/README.md#top", ""),
        ("/docs/img/x.png", ""),
        ("a%20b.md#%C3%BCber-uns", ""),
        ("<a b.md>", ""),
        ("img", ""),
        ("img/", ""),
        ("..", ""),
        ("/", ""),
        ("../src/main.py#L10", ""),
        ("#here", ""),
        ("#there", "docs/page.md has no heading"),
        ("#", ""),
        ("#top", ""),
        ("https://example.org/gone#x", ""),
        ("//example.org/gone", ""),
        ("mailto:a@example.org", ""),
        ("gone.md", "the repository has no docs/gone.md"),
        ("Guide.md", "the repository has no docs/Guide.md"),
        ("/guide.md", "the repository has no guide.md"),
        ("img/../../..", "out of the repository"),
        ("../../etc/passwd", "out of the repository"),
        ("/../x", "out of the repository"),
        ("file:///etc/passwd", "out of the repository"),
        ("%2e%2e/%2e%2e/x", "out of the repository"),
        ("%ff.md", "percent-encoding"),
        ("", "names nothing"),
    ],
)
@pytest.mark.parametrize("form", ["# Here\n\n[text]({})", "# Here\n\n![image]({})"])
def test_links(context: Make, target: str, why: str, form: str) -> None:
    """Links resolve against the files of the repository and the anchors of its documents."""
    ctx = context({**SITE, "docs/page.md": form.format(target)}, files=("docs/page.md",))
    problems = found(ctx)
    assert [(rule, line) for rule, line, _ in problems] == ([("broken-links", 3)] if why else [])
    assert all(why in message for _, _, message in problems)
    assert ctx.skipped == {}


def test_anchor_behind_a_link(context: Make) -> None:
    """An anchor in a file that cannot be read is not taken for granted."""
    files = {"a.md": "[x](b.md#c)", "c.md": "# C", "b.md": Path("c.md")}
    ctx = context(files, files=("a.md",))
    assert found(ctx) == []
    assert list(ctx.skipped) == ["b.md"]


def test_what_cannot_be_examined(context: Make) -> None:
    """Other formats, no text and too large a file are named, and are no work."""
    ctx = context(
        {
            "a.md": PROSE,
            "b.rst": PROSE,
            "c.md": b"\xff\xfe",
            "d.md": "x" * (markdown.MAX_BYTES + 1),
            "e.md": "- " * 300 + "x",
            "f.md": Path("a.md"),
        },
        files=("*",),
    )
    measured = measure(Params(), ctx)
    assert (measured.findings, measured.work) == ((), {"documents": 1})
    assert sorted(ctx.skipped) == ["b.rst", "c.md", "d.md", "e.md", "f.md"]


def test_plain_text(context: Make) -> None:
    """Plain text counts by its words, whatever its indentation; brackets are no links."""
    licence = "    Copyright [yyyy](gone) " + PROSE
    ctx = context({"LICENSE": licence, "short.txt": "TODO"}, files=("LICENSE", "*.txt"))
    assert [message for _, _, message in found(ctx, Params())] == [
        "is a stub: 0 words of prose, at least 50 are wanted"
    ]


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        (Params(max_age="180d"), ""),
        (Params(max_age="6 months"), "write a number of days"),
        (Params(max_age="0d"), "write a number of days"),
        (Params(min_words=-1), "negative"),
        (Params(sections=(" : ",)), "empty"),
        (Params(keys=("",)), "empty"),
    ],
)
def test_parameters(params: Params, problem: str) -> None:
    """Values that mean nothing are refused; others survive the policy's form."""
    assert problem in params.problem()
    assert bool(problem) == bool(params.problem())
    assert codec.decode(Params, codec.encode(params)) == params


def test_lists_become_tuples() -> None:
    """What stands in YAML as a list is read."""
    params = TypeAdapter(Params).validate_python({"sections": ["A"], "min_words": 3})
    assert params == Params(sections=("A",), min_words=3)
