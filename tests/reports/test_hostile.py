"""Hostile text in every form of report: shown harmlessly, and never more than it is worth.

Each form has an oracle: what it must hold whatever a tool, a report or a repository says. A new
report without one fails here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from junitparser import JUnitXml
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gatekeeper import codec, plugins
from gatekeeper.reports import markdown, render, terminal
from gatekeeper.result import Result

# What stands once, for the calm; and what hostile text may add to a report at most.
CALM = "calm words"
MOST_BYTES = 500_000
KEPT = frozenset("\n\u200c\u200d\u00a0")
COLOUR = re.compile(r"\x1b\[(0|3[1-5]|90)m")
COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^:,\r\n]*,?)*)::([^\r\n]*)")
OUTSIDE = re.compile(r"(?i)(https?|ftp|data|javascript|file):|^//")


def printable(text: str) -> bool:
    """Whether nothing in a text controls, hides or reorders."""
    return all(c.isprintable() or c in KEPT for c in text)


def obeys_nothing(text: str) -> bool:
    """Whether no line is a command of a GitHub runner."""
    begins = any(line.lstrip().startswith("::") for line in text.splitlines())
    return not begins and "##[" not in text


def on_a_terminal(text: str, result: Result, calm: str) -> None:
    assert printable(text)
    coloured = COLOUR.sub("", "".join(terminal.render(result, colour=True)))
    assert printable(coloured)
    assert obeys_nothing(coloured)


def in_json(text: str, result: Result, calm: str) -> None:
    assert text.isascii()
    assert codec.decode(Result, json.loads(text)) == result


def in_junit(text: str, result: Result, calm: str) -> None:
    root = etree.fromstring(text.encode(), etree.XMLParser(huge_tree=True, resolve_entities=False))
    expected = etree.fromstring(calm.encode())
    assert {element.tag for element in root.iter()} <= {each.tag for each in expected.iter()}
    strings = [str(each) for element in root.iter() for each in element.attrib.values()]
    texts = [text for each in root.iter() for text in (each.text, each.tail) if text]
    assert all(map(printable, [*strings, *filter(str.strip, texts)]))
    names = [
        (suite.name, case.name) for suite in JUnitXml.fromstring(text.encode()) for case in suite
    ]
    assert len(set(names)) == len(names) == len(expected.findall(".//testcase"))


def in_sarif(text: str, result: Result, calm: str) -> None:
    assert text.isascii()
    (run,) = json.loads(text)["runs"]
    (expected,) = json.loads(calm)["runs"]
    assert len(run["results"]) == len(expected["results"])
    for each in run["results"]:
        location = each["locations"][0]["physicalLocation"]["artifactLocation"]
        uri = location["uri"]
        assert re.fullmatch(r"(?:[\w.~-]|%[0-9A-F]{2})(?:[\w.~/-]|%[0-9A-F]{2})*", uri, re.ASCII)
        assert ".." not in unquote(uri, errors="strict").split("/")
        assert "](" not in each["message"]["text"]
    assert all(map(printable, words(run)))


def in_codequality(text: str, result: Result, calm: str) -> None:
    assert text.isascii()
    items = json.loads(text)
    assert len(items) == len(json.loads(calm))
    assert len({item["fingerprint"] for item in items}) == len(items)
    for item in items:
        path = item["location"]["path"]
        assert path
        assert not path.startswith(("/", "./"))
        assert ".." not in path.split("/")
    assert all(map(printable, words(items)))


def words(value: object) -> Iterator[str]:
    """All strings of a JSON value but the URIs, which are checked elsewhere."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from words(item)


def in_annotations(text: str, result: Result, calm: str) -> None:
    lines = text.split("\n")
    assert len(lines) == len(calm.split("\n"))
    assert lines.pop() == ""
    for line in lines:
        assert COMMAND.fullmatch(line)
        assert printable(unquote(line))


def in_markdown(text: str, result: Result, calm: str) -> None:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = list(every(reader.parse(text)))
    kinds = {token.type for token in tokens}
    assert kinds <= {token.type for token in every(reader.parse(calm))} | {"fence", "code_inline"}
    assert not kinds & {"html_block", "html_inline", "image", "link_open"}
    plain = " ".join(token.content for token in tokens if token.type == "text")
    # GitHub links, mentions and notifies in whatever is no code.
    assert not re.search(r"(?i)@\w|https?:|www\.|#\d", plain)
    assert printable(text)


def every(tokens: list[Token]) -> Iterator[Token]:
    """All tokens, those within a line included."""
    for token in tokens:
        yield token
        yield from token.children or ()


def in_html(text: str, result: Result, calm: str) -> None:
    page: Any = lxml_html.document_fromstring(text)
    expected: Any = lxml_html.document_fromstring(calm)
    assert {each.tag for each in page.iter()} <= {each.tag for each in expected.iter()}
    scripts = [each.text_content() for each in page.iter("script", "style")]
    assert scripts == [each.text_content() for each in expected.iter("script", "style")]
    names = {str(name) for each in page.iter() for name in each.attrib}
    assert names <= {str(name) for each in expected.iter() for name in each.attrib} | {
        "href",
        "rel",
    }
    assert not any(name.startswith("on") for name in names)
    for _, name, address, _ in page.iterlinks():
        # A link that a person may follow is the only way out, and only to the web.
        allowed = name == "href" and re.match(r"https?://[^\s]+$|#", address)
        assert allowed or address.startswith("data:image/svg+xml") or not OUTSIDE.search(address)
    assert all(printable(str(each)) for each in page.itertext() if str(each).strip())


ORACLES: dict[str, Callable[[str, Result, str], None]] = {
    "annotations": in_annotations,
    "codequality": in_codequality,
    "html": in_html,
    "json": in_json,
    "junit": in_junit,
    "markdown": in_markdown,
    "sarif": in_sarif,
    "terminal": on_a_terminal,
}


def test_every_report_has_an_oracle() -> None:
    """A new form of report says here what hostile text must not do to it."""
    assert set(plugins.names("report")) == set(ORACLES)


@pytest.mark.parametrize("form", ORACLES)
def test_hostile_text_is_shown_harmlessly(
    form: str, hostile_result: Result, quoting: Callable[[str], Result]
) -> None:
    """In every text of a result each hostile string stays a text, in every form of report."""
    text = "".join(render(hostile_result, form))
    assert form == "json" or len(text.encode()) < MOST_BYTES
    # Any report may go to the standard output of a step.
    assert form == "annotations" or obeys_nothing(text)
    ORACLES[form](text, hostile_result, "".join(render(quoting(CALM), form)))


@pytest.mark.parametrize("form", ORACLES)
@pytest.mark.parametrize("what", ["check", "advisory", "requirement", "gate", "run"])
def test_no_flood_hides_what_was_not_measured(
    form: str, what: str, unmeasured_beside: Callable[[str, int], Result]
) -> None:
    """Whatever else is found, each form of report says what was not measured, and why."""
    assert "the tool is lost" in "".join(render(unmeasured_beside(what, 6_000), form))


def test_little_room_keeps_what_was_not_measured(
    unmeasured_beside: Callable[[str, int], Result],
) -> None:
    """Neither the quiet terminal nor a short summary leaves it out."""
    for what in ("check", "requirement", "gate", "run"):
        result = unmeasured_beside(what, 6_000)
        assert "the tool is lost" in "".join(terminal.render(result, detail="quiet"))
        assert "the tool is lost" in markdown.within(result, 2_000)
