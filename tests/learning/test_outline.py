"""A Markdown document becomes a tree of sections without markup, each part with its line."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.adapters import markdown, utf8
from gatekeeper.learning import outline
from gatekeeper.learning import prose as inline_prose
from gatekeeper.learning.outline import Code, Html, Item, Node, Paragraph, Prose, Quote, Table


def only(text: str) -> Node:
    """The one node of a document without headings."""
    read = outline.read(text)
    assert read.sections == ()
    (node,) = read.nodes
    return node


def prose(text: str) -> Prose:
    """The prose of a document of one paragraph."""
    node = only(text)
    assert isinstance(node, Paragraph)
    return node.prose


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("# A\n## B\n### C\n## D\n", [(1, "A", 1), (2, "B", 2), (3, "C", 3), (2, "D", 4)]),
        ("A\n=\n\nB\n-\n", [(1, "A", 1), (2, "B", 4)]),
        ("## A\n**b**\n\nc:\n# D\n", [(2, "A", 1), (7, "b", 2), (8, "c:", 4), (1, "D", 5)]),
        ("<h2 id='x'>A <b>b</b></h2>\n\nc\n", [(2, "A b", 1)]),
        ("<b>Next:</b><br>\n<ul><li>a</ul>\n", [(7, "Next:", 1)]),
        ("***Next:***\n- a\n", [(7, "Next:", 1)]),
        ("■ 原因\n失効\n■ 対策\n・更新\n", [(7, "■ 原因", 1), (7, "■ 対策", 3)]),
        ("【影響】\nなし\n", [(7, "【影響】", 1)]),
        ("text\n**A**\nmore\n", [(7, "A", 2)]),
    ],
)
def test_headings(text: str, tree: list[tuple[int, str, int]]) -> None:
    """Headings of all kinds, and lines that act as headings, with level and line."""
    assert [(one.level, one.title.text, one.line) for one in outline.read(text).walk()] == tree


@pytest.mark.parametrize(
    "text",
    [
        "#11205 Revert the change",
        "> # 2212 text",
        "- ## text",
        "A whole\nsentence over a line\n---",
        "**Owner:** Kim",
        "**One** and **two**",
        "10:05 the alert said:",
        "It broke. We saw this:",
        "a" * 61 + ":",
        "x" * 151 + "\n===",
    ],
)
def test_no_heading(text: str) -> None:
    """What only looks like a heading stays text."""
    assert outline.read(text).sections == ()


def test_nesting() -> None:
    """A section holds what stands below it, and the sections below it."""
    read = outline.read("before\n\n# A\na\n## B\nb\n\n**c**\n\nd\n# E\n")
    a, e = read.sections
    assert [node.line for node in read.nodes] == [1]
    assert [one.title.text for one in a.sections] == ["B"]
    assert [one.label for one in a.walk()] == [False, False, True]
    assert [node.line for one in a.walk() for node in one.nodes] == [4, 6, 10]
    assert not e.nodes
    assert not e.sections


@pytest.mark.parametrize(
    ("text", "said", "lead"),
    [
        ("**Impact:** `none` at _all_", "Impact: none at all", "Impact"),
        ("__Impact__ none", "Impact none", "Impact"),
        ("a **b**", "a b", ""),
        ("**a *b* c**d", "a b cd", "a b c"),
        ("snake_case and 2*3", "snake_case and 2*3", ""),
        (r"\[x\] &amp; y", "[x] & y", ""),
        ("one  \n  two\\\nthree", "one\ntwo\nthree", ""),
        ("a ![alt](b.png) c<br>d<!-- e -->", "a  cd", ""),
        ("[#31]: Retry", "[#31]: Retry", ""),
    ],
)
def test_prose(text: str, said: str, lead: str) -> None:
    """Prose is text without markup; `lead` is the bold text in front."""
    found = prose(text)
    assert (found.text, found.lead, found.raw) == (said, lead, text)


def test_links() -> None:
    """Links are kept with their text, those by reference too, and never resolved."""
    found = prose("see [a *b*](/c), [d][e] and <https://x.example/f>\n\n[e]: ../g.md\n")
    assert found.text == "see a b, d and https://x.example/f"
    assert [(link.text, link.target) for link in found.links] == [
        ("a b", "/c"),
        ("d", "../g.md"),
        ("https://x.example/f", "https://x.example/f"),
    ]


def test_lists() -> None:
    """List items have their depth, number, checkbox and what stands below them."""
    text = "3. [x] a\n   b\n\n   c\n   - `[ ]` d\n4. [link](e)\n5.\n"
    first, second, third = outline.read(text).nodes
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert isinstance(third, Item)
    assert (first.prose.text, first.number, first.checked, first.depth) == ("a\nb", 3, True, 1)
    below, inner = first.children
    assert isinstance(inner, Item)
    assert (below.line, inner.prose.text, inner.checked, inner.depth) == (4, "d", False, 2)
    assert (second.prose.text, second.checked, second.number) == ("link", None, 4)
    assert (third.prose.text, third.line) == ("", 7)


@pytest.mark.parametrize(
    ("text", "checked", "said"),
    [
        ("- [ ] a", False, "a"),
        ("- [] a", False, "a"),
        ("- [X] a", True, "a"),
        ("- [*] a", True, "a"),
        ("- [x](a)", None, "x"),
        ("- [xx] a", None, "[xx] a"),
        ("- [x]: a.b", None, ""),
    ],
)
def test_checkboxes(text: str, checked: bool | None, said: str) -> None:
    """A checkbox is taken out of the text; a link is none."""
    node = only(text)
    assert isinstance(node, Item)
    assert (node.checked, node.prose.text) == (checked, said)


def test_table() -> None:
    """A table has as many cells in a row as in its header, each with its line."""
    node = only("| a | **b** |\n|---|---|\n| `c|d` | e | f |\n| g |\n")
    assert isinstance(node, Table)
    assert [cell.text for cell in node.header] == ["a", "b"]
    assert [[cell.text for cell in row] for row in node.rows] == [["`c", "d`"], ["g", ""]]
    assert [row[0].line for row in node.rows] == [3, 4]


def test_other_nodes() -> None:
    """Code, HTML and quotations are nodes of their own."""
    text = "```py x\na\n```\n\n<div>b <i>c</i></div>\n\n> d\n> - e\n\n    f\n"
    code, html, quote, indented = outline.read(text).nodes
    assert code == Code("a\n", "py x", 1)
    assert html == Html("b c", 5)
    assert isinstance(quote, Quote)
    assert [node.line for node in quote.nodes] == [7, 8]
    assert indented == Code("f\n", "", 10)


def test_html() -> None:
    """HTML has headings, lists and tables, too; comments show nothing."""
    text = """<h2>Next &amp; last</h2><p><b>Who</b></p>
<ul>
<li><strong>A</strong> one <a href="/b">b</a></li>
<li>two<ul><li>three</li></ul></li>
</ul><!-- <li>no</li> -->
<table><tr><th>Action</th><th>Owner</th></tr>
<tr><td><p>Split</p></td><td>Kim</td></tr><tr><td>Join</table>
rest"""
    heading, who = outline.read(text).walk()
    assert (heading.title.text, heading.level, who.title.text, who.level) == (
        "Next & last",
        2,
        "Who",
        7,
    )
    one, two, three, table, rest = who.nodes
    assert isinstance(one, Item)
    assert isinstance(two, Item)
    assert isinstance(three, Item)
    assert isinstance(table, Table)
    assert (one.prose.text, one.prose.lead, one.line) == ("A one b", "A", 3)
    assert [link.target for link in one.prose.links] == ["/b"]
    assert (two.prose.text, two.depth, three.prose.text, three.depth) == ("two", 1, "three", 2)
    assert [[cell.text for cell in row] for row in (table.header, *table.rows)] == [
        ["Action", "Owner"],
        ["Split", "Kim"],
        ["Join", ""],
    ]
    assert rest == Html("rest", 8)


def test_front_matter() -> None:
    """Lines count from the start of the file, front matter included."""
    read = outline.read("---\ntitle: T\n---\n# A\r\n\r\ntext\r\n")
    assert read.front_matter.values == {"title": "T"}
    assert [(one.line, one.nodes[0].line) for one in read.sections] == [(4, 6)]


def test_deep_nesting() -> None:
    """Blocks so deep that some would be lost are refused, with the line."""
    with pytest.raises(utf8.NotText, match="levels deep, at line 1"):
        outline.read("> " * 40 + "a")


MARKUP = st.lists(
    st.sampled_from([*"ab .:,-*_`[]()<>!&\\\n#@/", "**", "](", "https://x.example"]), max_size=30
).map("".join)


@settings(max_examples=300, deadline=None)
@given(MARKUP)
@example("**a**b")
@example("a**b**")
@example("**a:**b")
@example("``a``")
@example("[a](b)c](d)")
@example("[[a](b)](c)")
@example("`a [b`](c)")
@example("**`a`**")
def test_short_cut(source: str) -> None:
    """What is read without the parser of inline markup is what that parser reads."""
    source = source.strip()  # as the parser hands it over
    short = inline_prose._simple(source, 1)
    _, inline = markdown.blocks("")
    full = inline_prose._parsed(inline(source), source, 1)
    assert short in {None, full}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200) | MARKUP)
def test_any_text(text: str) -> None:
    """Any text is read, or refused because it is nested too deep."""
    read = outline.read(text)
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= one.line <= lines for one in read.walk())


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "*a " * 30_000,
        "[" * 30_000,
        "`" * 30_000,
        "**a" * 20_000,
        "[a](" * 20_000,
        "- a\n" * 10_000,
        "**a**\n" * 10_000,
        "a:\n\n" * 10_000,
        "【" * 30_000,
        "<h1>" * 10_000,
        "<!--" * 20_000,
        "[a]: b.c\n" * 5_000,
        "| a " * 2_000 + "\n" + "|---" * 2_000 + "\n" + "| a\n" * 50,
    ],
    ids=range(13),
)
def test_hostile(text: str) -> None:
    """What was written to take long is read all the same."""
    assert outline.read(text).front_matter.line == 0
