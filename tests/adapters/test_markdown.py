"""Markdown: every element with its line, anchors as GitHub makes them, nothing hidden or hung."""

import os
import sys
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from subprocess import run

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.adapters import markdown
from gatekeeper.adapters.markdown import IMAGE, Block, Link, parse
from gatekeeper.adapters.utf8 import NotText

CORPUS = Path(__file__).parents[3] / "shared/corpus/postmortems"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        (
            "# A *b* `c`\n\nText\nmore\n",
            [("heading", "A b c", 1, 1), ("prose", "Text\nmore", 3, 0)],
        ),
        ("A\n=\n\nB\n-\n", [("heading", "A", 1, 1), ("heading", "B", 4, 2)]),
        ("```\ncode\n```\n\n    more\n", [("code", "code\n", 1, 0), ("code", "more\n", 5, 0)]),
        (
            "- a\n  - b\n\n> ## c\n",
            [("prose", "a", 1, 0), ("prose", "b", 2, 0), ("heading", "c", 4, 2)],
        ),
        (
            "|a|b|\n|-|-|\n|c|d|\n",
            [("prose", x, n, 0) for x, n in [("a", 1), ("b", 1), ("c", 3), ("d", 3)]],
        ),
        ("![x](y.png)\n", [("prose", IMAGE, 1, 0)]),
        ("<!-- hidden -->\n", []),
        ("<p>a <b>b</b>\nc</p>\n", [("prose", "a b c", 1, 0)]),
        ("<h1 align=center>Name</h1>\nx", [("heading", "Name", 1, 1), ("prose", "x", 1, 0)]),
        ("a &amp; b \\* <!-- c --> d", [("prose", "a & b *  d", 1, 0)]),
        ("a\r\n\r\nb\rc", [("prose", "a", 1, 0), ("prose", "b\nc", 3, 0)]),
    ],
)
def test_blocks(text: str, blocks: list[tuple[str, str, int, int]]) -> None:
    """Headings, prose and code come in order, each with its first line."""
    assert [(b.kind, b.text, b.line, b.level) for b in parse(text).blocks] == blocks


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[a](b.md)", [("b.md", 1)]),
        ("x\n[a](b%20c.md?q#d 'title')\n![i](<d e.png>)", [("b%20c.md?q#d", 2), ("d e.png", 3)]),
        ("[a][r] and [r]\n\n[r]: ./c.md\n", [("./c.md", 1), ("./c.md", 1)]),
        ("<https://example.org>", [("https://example.org", 1)]),
        (
            "[f](file:///etc/passwd) [j](javascript:x)",
            [("file:///etc/passwd", 1), ("javascript:x", 1)],
        ),
        ("# [h](i.md)\n\n- [l](m.md)\n", [("i.md", 1), ("m.md", 3)]),
        ("|a|\n|-|\n|[t](u.md)|\n", [("u.md", 3)]),
        ("a  \nb\\\n[c](d)", [("d", 3)]),
        ("`[a](b)` \\[c](d)\n\n```\n[e](f)\n```\n", []),
        ("[a]()", [("", 1)]),
        ("x [^1]\n\n[^1]: note\n", []),
        ('<p>\n<!-- <a\nhref="no"> -->\n<img src="i.png">\n</p>', [("i.png", 4)]),
        ("x <a href='y.md'>y</a> <IMG SRC=z.png>", [("y.md", 1), ("z.png", 1)]),
        ('<div data-src="no"></div>', []),
    ],
)
def test_links(text: str, links: list[tuple[str, int]]) -> None:
    """Links and images of every form are found, with the line they stand in."""
    assert parse(text).links == tuple(Link(*link) for link in links)


# From GitHub's documentation and from the anchors that it shows for such headings.
@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ("# Hello World", {"hello-world"}),
        ("# A\n## A\n# a", {"a", "a-1", "a-2"}),
        ("# `code()` & *more*: v1.2!", {"code--more-v12"}),
        ("# snake_case - dash", {"snake_case---dash"}),
        ("# Über Größe 日本", {"über-größe-日本"}),
        ("# 🚀 Start", {"-start"}),
        ("# [link](x) ![i](y) end", {"link--end"}),
        ("# x² Ⅷ", {"x-"}),
        ('<a id="one"></a>\n\nx <a name=two></a>', {"one", "two"}),
        ("<h2>Shiny Thing</h2>", {"shiny-thing"}),
        ('<!-- <a id="no"></a> -->', set()),
        ("no heading", set()),
    ],
)
def test_anchors(text: str, anchors: set[str]) -> None:
    """Anchors are those of GitHub, and those that HTML sets."""
    assert parse(text).anchors == anchors


def test_yaml_front_matter() -> None:
    """Values stay as they are written, keys have their line, and the text keeps its lines."""
    text = "---\nowner: ops\nversion: 3.10\nreviewed: 2026-01-05\nlist: [1, x]\nempty:\n---\n# T\n"
    document = parse(text)
    assert document.front_matter.values == {
        "owner": "ops",
        "version": "3.10",
        "reviewed": "2026-01-05",
        "list": ["1", "x"],
        "empty": None,
    }
    assert document.front_matter.lines["reviewed"] == 4
    assert (document.front_matter.line, document.front_matter.problem) == (1, "")
    assert document.blocks == (Block("heading", "T", 8, 1),)


def test_toml_front_matter() -> None:
    """TOML is read in the same form."""
    text = '+++\nversion = 3.10\nreviewed = 2026-01-05\nowner = "x"\n[deep]\nn = 1\n+++\nx'
    front_matter = parse(text).front_matter
    assert front_matter.values == {
        "version": "3.10",
        "reviewed": "2026-01-05",
        "owner": "x",
        "deep": {"n": "1"},
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\na: [\n---\n", "no valid YAML: line 3: "),
        ("---\na: 1\na: 2\n---\n", "no valid YAML: line 3: "),
        ("---\na: &x 1\nb: *x\n---\n", "no valid YAML"),
        ("---\n- a\n---\n", "no mapping"),
        ("+++\na = \n+++\n", "no valid TOML"),
        ("+++\na = " + "[" * 5000 + "\n+++\n", "no valid TOML"),
        ("---\na: " + "x" * 70_000 + "\n---\n", "over 65536 characters"),
    ],
)
def test_wrong_front_matter(text: str, problem: str) -> None:
    """Front matter that cannot be read says why, and does not hide the text below."""
    document = parse(text + "# Below\n")
    assert problem in document.front_matter.problem
    assert document.anchors == {"below"}


def test_empty_front_matter() -> None:
    """Front matter without a key is there and holds nothing."""
    front_matter = parse("---\n# nothing\n---\nx").front_matter
    assert (front_matter.line, front_matter.values, front_matter.problem) == (1, {}, "")


@pytest.mark.parametrize("text", ["---\nx\n", "a\n---\nb: c\n---\n", "----\na: b\n----\n", "+++\n"])
def test_no_front_matter(text: str) -> None:
    """A rule, or a fence that does not end, starts no front matter."""
    front_matter = parse(text).front_matter
    assert (front_matter.line, front_matter.values, front_matter.problem) == (0, {}, "")


@pytest.mark.parametrize("mark", ["- ", "> "])
def test_nesting(mark: str) -> None:
    """Deep nesting is read, and nesting that the parser would drop is refused."""
    for depth in range(1, 14):
        assert [block.text for block in parse(mark * depth + "deep").blocks] == ["deep"]
    for depth in (30, 31, 2000):
        with pytest.raises(NotText, match="nests blocks over 30 levels"):
            parse(mark * depth + "deep")


@given(st.text("#[](){}<>!-+*_`|:\"'&;\\/ \t\n\rax1.é", max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Any text is Markdown; every place lies inside it."""
    try:
        document = parse(text)
    except NotText:
        return
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    places = [block.line for block in document.blocks] + [link.line for link in document.links]
    assert all(1 <= line <= lines for line in places)


@pytest.mark.parametrize(
    "piece", ["[", "[a](", "*a ", "<!-- ", "<a ", "> ", "<h1>", "&", "|a", "- a\n"]
)
def test_hostile_repetition(piece: str) -> None:
    """Repeated openings take linear time; the sizes are such that a square would not end."""
    with suppress(NotText):
        parse(piece * (10_000 // len(piece)))


def test_corpus() -> None:
    """Real reports are read without loss of a heading that stands plainly in a line."""
    files = [path for path in CORPUS.rglob("*.md") if path.name != "NOTES.md"]
    if not files:
        pytest.skip("the corpus is not here")
    for path in files:
        text = path.read_text("utf-8", "replace")
        lines = [line for line in text.splitlines() if line.startswith("## ")]
        found = [block for block in parse(text).blocks if block.level == 2]
        assert len(found) >= len(lines) - text.count("```") - text.count("<!--"), path.name


def test_parser_is_imported_late() -> None:
    """Whoever imports the module does not pay for the parser."""
    code = "import sys, gatekeeper.check_types.document as d; print('markdown_it' in sys.modules)"
    shown = run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert shown.stdout == "False\n"


_PREFIXES = ("", "> ", "- ", "1. ", "   ", "    ", "\t", "* - ")
_LINES = (
    *("***", "- - -", "_ _ _", "---", "===", "a -", "=", "```", "~~~", "a | b", "|-|-|", "> a"),
    *("<div>", "<!-- a", "-->", "[a]: b", "[a", "b]: c 'd'", "# a", "a", "", "**a**", "10) a"),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_PREFIXES), st.sampled_from(_LINES)), max_size=9))
def test_rules_that_are_left_out_would_have_found_nothing(lines: list[tuple[str, str]]) -> None:
    """With all rules, the parser reads the same blocks."""
    text = "\n".join(prefix + line for prefix, line in lines)
    own, _ = markdown._block_parser(())
    (definition,) = (rule.fn for rule in own.block.ruler.__rules__ if rule.name == "reference")
    plain = markdown._new_parser().disable(["inline", "text_join"])
    plain.block.ruler.at("reference", definition)
    told = attrgetter("type", "tag", "nesting", "level", "map", "content", "markup", "info")
    assert list(map(told, markdown.blocks(text)[0])) == list(map(told, plain.parse(text)))


_WORDS = ("a", "id", "null", "true", "0x1f", "1e999", "3.10", "2026-03-04", "P-1", "a b", "[a]", "")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(_WORDS),
            st.sampled_from((": ", ":", " : ", ":  ")),
            st.sampled_from(_WORDS),
        ),
        max_size=5,
    )
)
def test_a_plain_front_matter_is_read_as_the_parser_of_yaml_reads_it(
    lines: list[tuple[str, str, str]],
) -> None:
    """Where the short cut reads it at all."""
    source = "\n".join(["", *map("".join, lines), ""])
    short = markdown._read_plain(source)
    assert short is None or short == markdown._read_any_yaml(source)
