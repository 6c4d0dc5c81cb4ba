"""Escaping of untrusted text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import escape


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain, größer, 数", "plain, größer, 数"),
        ("\x1b[31mred\x9b0m", r"\x1b[31mred\x9b0m"),
        ("a\nb\r\tc\x00\x7f", r"a\x0ab\x0d\x09c\x00\x7f"),
        ("abc\u202egnp.exe\u2066", r"abc\u202egnp.exe\u2066"),
        ("\ud800\ufffe\uffff", r"\ud800\ufffe\uffff"),
        ("\U000e0041", r"\U000e0041"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_what_cannot_be_printed_is_shown(raw: str, shown: str) -> None:
    """Text stays as it is, all else becomes its escape."""
    assert escape.line(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("  ::add-mask::x", r"  \x3a:add-mask::x"),
        ("tests/a.py::test_b", "tests/a.py::test_b"),
        ("x ##[error]y", r"x #\x23[error]y"),
        ("", ""),
    ],
)
def test_no_line_is_a_workflow_command(raw: str, shown: str) -> None:
    """Only what a runner would obey is changed."""
    assert escape.command(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Orders without a customer, größer", "Orders without a customer, größer"),
        ("two-words", "two-words"),
        ("- list", "`- list`"),
        ("version 2", "`version 2`"),
        ("@octocat", "`@octocat`"),
        ("a|b", "`a|b`"),
        ("a `b` c", "``a `b` c``"),
        ("a ``b` c", "```a ``b` c```"),
        ("`b`", "`` `b` ``"),
        (" x ", "`  x  `"),
        (" ", "` `"),
        ("`" * 10, "`" + "'" * 10 + "`"),
        ("a\n::b", r"`a\x0a::b`"),
        ("##[error]", r"`#\x23[error]`"),
        ("", ""),
    ],
)
def test_markdown_is_plain_words_or_a_code_span(raw: str, shown: str) -> None:
    """Code is fenced by what the text does not hold."""
    assert escape.markdown(raw) == shown


@given(st.text(st.characters()))
def test_an_escaped_line_is_one_line_that_utf_8_and_xml_can_carry(text: str) -> None:
    """Whatever the text, it stays on its line and can be encoded."""
    shown = escape.line(text)
    assert len(shown.splitlines()) <= 1
    shown.encode()
    assert escape.line(shown) == shown


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "HTTP://a.example:80/b?c=d&e=%20#f", "https://e.example/~x_y/[1]!"],
)
def test_an_address_in_the_web_may_be_followed(url: str) -> None:
    """Over http and https."""
    assert escape.link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example"),
        *("https://", "https:///x", " https://a.example", "https://a.example\n", "ftp://a.example"),
        *(f"https://a.example/{c}" for c in '"<>\\^`{|} \x7f\x1b\u202eü'),
        "https://a.example/" + "x" * 1000,
    ],
)
def test_any_other_address_may_not(url: str) -> None:
    """Nor one with what would end an attribute, or that no browser could take."""
    assert escape.link(url) == ""


def test_json_holds_no_command_and_means_the_same() -> None:
    """What an older runner would obey is written otherwise; NaN is refused."""
    value = {"##[error]": ["a##[group]", "::error::b\n::c", "\ud800", None, 1.5]}
    written = escape.as_json(value)
    assert "##[" not in written
    assert len(written.splitlines()) == 1
    assert written.isascii()
    assert json.loads(written) == value
    with pytest.raises(ValueError, match="not JSON compliant"):
        escape.as_json(float("nan"))
