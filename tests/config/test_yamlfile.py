"""Hostile and mistaken YAML, read by both of PyYAML's parsers."""

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.config import yamlfile
from gatekeeper.config.yamlfile import parse, problem
from gatekeeper.errors import ConfigurationError, Problem
from gatekeeper.model import Position

BOMB = b"".join(
    b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 9) if name > 97 else b"x")
    for name in range(97, 97 + 17)
)

SYNTAX = [
    # text, line, column, words of the message, words of the hint
    ("coverage.line: >= 80%\n", 1, 16, "`>` starts a block", 'quote the condition: ">= 80%"'),
    ("a:\n  x: > 80%  # c\n", 2, 6, "`>` starts a block", 'quote the condition: "> 80%"'),
    ("x: >80%\n", 1, 4, "`>` starts a block", 'quote the condition: ">80%"'),
    ("x: >8\n", 1, 4, "none follows", 'quote the condition: ">8"'),
    ("x: != 0\n", 1, 4, "a tag", 'quote the condition: "!= 0"'),
    ("x: [> 3, < 4]\n", 1, 5, "`>` cannot start", 'quote the condition: "> 3"'),
    ("x: |y\n", 1, 4, "`|` starts a block", '"|y"'),
    ("x: % 3\n", 1, 4, "`%` cannot start", '"% 3"'),
    ("owner: @team # x\n", 1, 8, "`@` cannot start", '"@team"'),
    ("files: [**/*.py]\n", 1, 9, "`*` has a meaning", '"**/*.py"'),
    ("re: !\\d\n", 1, 5, "`!` has a meaning", "'!\\d'"),
    ("a: !b!c d\n", 1, 4, "`!` has a meaning", "!b!c d"),
    ("a: 1\n...\nb: 2\n", 3, 1, "follows the end", ""),
    ("a:\n\tb: 1\n", 2, 1, "a tab", "spaces"),
    ("a: 1\n\tb: 2\n", 2, 1, "a tab", "spaces"),
    ("a:\n  b: 1\n \tc: 2\n", 3, 2, "a tab", "spaces"),
    ("a: b: c\n", 1, 5, "cannot stand here", "quote text that holds `: `"),
    ("a: {b\n", 1, 4, "closing bracket is missing", "quote"),
    ("x: [${out}/a, b]\n", 1, 6, "closing bracket is missing", "quote text that holds one of"),
    ("x: {{ y }}\n", 1, 5, "a key must be plain text", "quote"),
    ("? [a]\n: b\n", 1, 3, "a key must be plain text", "quote"),
    ('a: "b\n', 1, 4, "never closed", ""),
    ("a: b\nc\n", 2, 1, "neither `key: value`", "space"),
    ("- a\nb: c\n", 2, 1, "does not belong", "indentation"),
    ('a: "b" c\n', 1, 8, "does not belong", "quote"),
    ('"a" b\n', 1, 5, "follows the end", "indentation"),
    ("a: ]\n", 1, 4, "a value is missing", "bracket"),
    ("%YAML 2.0\n---\na\n", 1, 1, "incompatible YAML document", ""),
]

REFUSED = [
    ("a: &x b\n", 1, 4, "`&` starts an anchor"),
    ("a: *x\n", 1, 4, "`*` starts an alias"),
    ("*x : a\n", 1, 1, "`*` starts an alias"),
    ("a: !!str b\n", 1, 4, "`!` starts a tag"),
    ("a: ! b\n", 1, 4, "`!` starts a tag"),
    ("a: !x [b]\n", 1, 4, "`!` starts a tag"),
    ("%TAG ! tag:x\n---\na: !y {b: c}\n", 3, 4, "`!` starts a tag"),
    ("<<: {a: b}\n", 1, 1, "merge keys"),
    ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
    ("---\n---\n", 2, 1, "a second document"),
    ("a: 1\nb: 2\na: 3\n", 3, 1, "`a` stands twice: in line 1 and in line 3"),
    ('1: x\n"1": y\n', 2, 1, "`1` stands twice"),
    ("a: .nan\n", 1, 4, "`.nan` is no number"),
    ("a: [-.Inf]\n", 1, 5, "`-.Inf` is no number"),
    ('a: "\\0"\n', 1, 4, "U+0000"),
    ("a: " + "x" * 70_000, 1, 4, "a text of 70000 characters"),
    ("[" * 10_000, 1, 41, "nested deeper than 40"),
    ("{a: " * 10_000, 1, 161, "nested deeper than 40"),
    ("- " * 10_000, 1, 81, "nested deeper than 40"),
    ("".join(" " * n + "a:\n" for n in range(1_000)), 41, 41, "nested deeper than 40"),
    ("[" + "a," * 60_000 + "]", 1, 100_000, "more than 50000 keys and values"),
    ("a: b\x00c", 1, 5, "U+0000"),
    ("a: 1\r\nb: \x1b[31m", 2, 4, "U+001B"),
    ("ok: 1\u2028enabled: false\n", 1, 6, "U+2028"),
    ("a: \ufeffb", 1, 4, "U+FEFF"),
]

BYTES = [
    ("a: ä".encode("utf-16"), 1, 1, "UTF-16"),
    ("a: ä".encode("utf-16-le"), 1, 1, "UTF-16"),
    ("a: ä".encode("utf-16-be"), 1, 1, "UTF-16"),
    ("a: ä".encode("utf-32"), 1, 1, "UTF-16"),
    ("a: 1\r\nä: ".encode() + b"\xe4\n", 2, 4, "byte 0xE4 here is not UTF-8"),
    (b"\xef\xbb\xbfa: \xff", 1, 4, "byte 0xFF here is not UTF-8"),
    (b"a: 1\n" * 300_000, 0, 0, "1500000 bytes; at most 1048576"),
]

SCALARS = [
    *((text, None) for text in ("", "~", "null", "Null", "NULL")),
    *((text, True) for text in ("true", "True", "TRUE")),
    *((text, False) for text in ("false", "False", "FALSE")),
    *(
        (text, text)
        for text in ("yes", "on", "No", "y", "nUll", "12:30", "2026-03-04", "1_000", "0b1", "0o8")
    ),
    *((text, text) for text in ("+", ".", "1e", "0x", "1.2.3", "-0x1", "\u0661", "== 0", "< 10")),
    *((text, text) for text in ("3e99999", "9" * 5_000, "0." + "1" * 5_000, "0x" + "f" * 200)),
    ("0", 0),
    ("-12", -12),
    ("+12", 12),
    ("0123456", 123456),
    ("0o17", 15),
    ("0xfF", 255),
    ("3.10", 3.1),
    (".5", 0.5),
    ("-1.", -1.0),
    ("1e3", 1000.0),
    ("6E-2", 0.06),
]

TEXT = st.text(
    st.sampled_from("ab01:-,[]{}&*!|>'\"%@`#?<= \n\t\r\\~.x\0ä\u2028\ufeff"), max_size=40
)


@pytest.fixture(autouse=True, params=["CSafeLoader", "SafeLoader"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(yaml, request.param):
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(yamlfile, "_LOADER", getattr(yaml, request.param))


def problems(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        parse("gates/x.yaml", data)
    return caught.value.problems


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), SYNTAX)
def test_syntax(text: str, line: int, column: int, message: str, hint: str) -> None:
    """A mistake is shown at its place, in words, with what to write instead."""
    [found] = problems(text.encode())
    assert (found.file, found.line, found.column) == ("gates/x.yaml", line, column)
    assert found.source == text.splitlines()[line - 1]
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED)
def test_refused(text: str, line: int, column: int, message: str) -> None:
    """What plain YAML does not need, and what is too much, is refused at its place."""
    [found] = problems(text.encode())
    assert (found.line, found.column) == (line, column)
    assert message in found.message
    assert len(str(found)) < 1_000
    assert str(found).replace("\n", "").isprintable()


@pytest.mark.parametrize(("data", "line", "column", "message"), BYTES)
def test_encodings_and_size(data: bytes, line: int, column: int, message: str) -> None:
    """Only UTF-8 of a bounded size is read."""
    [found] = problems(data)
    assert (found.line, found.column) == (line, column)
    assert message in found.message


@pytest.mark.parametrize("escape", [r"\d", r"\uD800", r"\UFFFFFFFF", r"\U00110000", r"\xg"])
def test_impossible_escapes(escape: str) -> None:
    """An escape that names no character is a problem of the file, not a crash."""
    [found] = problems(f'a: 1\nb: "{escape}"\n'.encode())
    assert found.line == 2


def test_all_problems_of_a_file() -> None:
    """Everything is reported up to the first syntax error, which is the last problem."""
    text = "a: &x 1\na: *x\n<<: !t {b: .inf}\nok: 1\nc: >= 3\nd: *x\n"
    assert [(found.line, found.column) for found in problems(text.encode())] == [
        (1, 4),
        (2, 1),
        (2, 4),
        (3, 1),
        (3, 5),
        (3, 12),
        (5, 4),
    ]


def test_alias_bomb() -> None:
    """Aliases are never followed: a bomb of a few hundred bytes is a short list of problems."""
    found = problems(BOMB)
    assert len(BOMB) < 703
    assert len(found) == yamlfile.MAX_PROBLEMS + 1
    assert any("the rest was not read" in problem.message for problem in found)


def test_long_lines_cost_nothing() -> None:
    """A line of spaces neither takes quadratic time nor is printed."""
    [found] = problems(b"a: &x" + b" " * 1_000_000 + b"b")
    assert len(found.source) == 200
    [found] = problems(b" " * 5_000 + b"&x b")
    assert found.source == ""


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars(text: str, value: Any) -> None:
    """Plain scalars follow the YAML 1.2 core schema, and numbers keep their source."""
    read = parse("f", f"- {text}\n- '{text}'".encode()).value
    assert read == [value, text]
    assert isinstance(read[0], type(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        assert read[0].source == text


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"---\n", b"---\n...\n", b"\xef\xbb\xbf"])
def test_empty(data: bytes) -> None:
    """A file without content has the value None and a place for messages."""
    document = parse("f", data)
    assert document.value is None
    assert str(problem(document, ("gate",), "missing")).startswith("f:")


@pytest.mark.parametrize("text", ["a:", "- a\n-", "? a", "a: {b"])
def test_places_lie_inside(text: str) -> None:
    """Even an empty value at the very end of a file has a place inside of the file."""
    try:
        places = list(parse("f", text.encode()).positions.values())
    except ConfigurationError as error:
        places = [Position(each.file, each.line, each.column) for each in error.problems]
    lines = text.split("\n")
    assert all(1 <= place.column <= len(lines[place.line - 1]) + 1 for place in places)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_places(newline: str, mark: str) -> None:
    """Keys and values have exact places, whatever the line ends and with a byte order mark."""
    lines = [
        "---",
        "gate: 'ä'",
        "on: {x: [1, {y: z}], 2: ~}  # c",
        "list:",
        "  - a",
        "  - b: |",
        "      text",
        "    c: d",
        "...",
    ]
    document = parse("f", (mark + newline.join(lines)).encode())
    assert document.value == {
        "gate": "ä",
        "on": {"x": [1, {"y": "z"}], "2": None},
        "list": ["a", {"b": "text\n", "c": "d"}],
    }
    places = {path: (p.line, p.column) for path, p in document.positions.items()}
    assert places == {
        (): (2, 1),
        ("gate",): (2, 7),
        ("on",): (3, 5),
        ("on", "x"): (3, 9),
        ("on", "x", 0): (3, 10),
        ("on", "x", 1): (3, 13),
        ("on", "x", 1, "y"): (3, 17),
        ("on", "2"): (3, 25),
        ("list",): (5, 3),
        ("list", 0): (5, 5),
        ("list", 1): (6, 5),
        ("list", 1, "b"): (6, 8),
        ("list", 1, "c"): (8, 8),
    }
    assert {path: (p.line, p.column) for path, p in document.keys.items()} == {
        ("gate",): (2, 1),
        ("on",): (3, 1),
        ("on", "x"): (3, 6),
        ("on", "x", 1, "y"): (3, 14),
        ("on", "2"): (3, 22),
        ("list",): (4, 1),
        ("list", 1, "b"): (6, 5),
        ("list", 1, "c"): (8, 5),
    }
    assert str(document.positions["gate",]) == "f:2:7"
    assert len(document.keys) == 8


def test_problem_at_the_nearest_place() -> None:
    """A problem stands at its key or value, else at the nearest value around it."""
    document = parse("f", b"a:\n  b: [1, 2]\n")
    assert (
        str(problem(document, ("a", "b"), "m", "h"))
        == "f:2:6: m\n      b: [1, 2]\n         ^\n    h"
    )
    assert problem(document, ("a", "b"), "m", key=True).column == 3
    assert problem(document, ("a", "b", 1), "m", key=True).column == 10
    assert problem(document, ("a", "b", 7, "x"), "m").column == 6
    assert problem(document, ("z", 0), "m", key=True) == Problem("f", 1, 1, "m", "", "a:")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=60),
        TEXT.map(str.encode),
        st.text().map(lambda t: t.encode(errors="replace")),
    )
)
def test_anything_is_a_document_or_problems(data: bytes) -> None:
    """Whatever the bytes: a document, or problems that lie within the file."""
    found: tuple[Problem, ...] = ()
    try:
        document = parse("f", data)
    except ConfigurationError as error:
        found = error.problems
    else:
        found = tuple(problem(document, path, "m") for path in document.positions)
    assert found
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert all(1 <= each.line <= lines and each.column >= 1 and each.message for each in found)
