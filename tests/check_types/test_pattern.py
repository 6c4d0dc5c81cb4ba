"""pattern: places of matches, files that are no text, expressions that mean nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gatekeeper import codec, metrics
from gatekeeper.check_types import pattern
from gatekeeper.check_types.pattern import PLUGIN, Params, measure
from gatekeeper.errors import NotMeasured
from gatekeeper.model import is_count

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("regex", "text", "places"),
    [
        ("b", "abab\nb", [(1, 2), (1, 4), (2, 1)]),
        ("absent", "abab\nb", []),
        ("^b$", "a\nb\nb b\n", [(2, 1)]),
        ("TODO|FIXME", "TODO\n\n\nx FIXME TODO", [(1, 1), (4, 3), (4, 9)]),
        ("(?i)todo", "ToDo", [(1, 1)]),
        ("x", "äöü😀x\n日本x", [(1, 5), (2, 3)]),
        ("é+", "aéé\n\tée", [(1, 2), (2, 2)]),
        ("a.b", "a\nb", []),
        ("(?s)a.b", "-a\nb\n a\nb", [(1, 2), (3, 2)]),
        ("\\n\\n\\n", "a\n\n\nb", [(1, 2)]),
        ("^x", "\ufeffx", [(1, 1)]),
        ("b\\r?$", "ab\r\nb\r\n", [(1, 2), (2, 1)]),
        ("\\r\\n", "a\r\nb\n", [(1, 2)]),
        ("\\Ab", "b\nb", [(1, 1)]),
        ("(b)(c)?", "b", [(1, 1)]),
    ],
)
def test_forbidden(context: Make, regex: str, text: str, places: list[tuple[int, int]]) -> None:
    """Each match is a finding at its line and its column in characters."""
    ctx = context({"a.txt": text}, files=("*.txt",))
    params = Params(forbid=regex)
    assert params.problem() == ""
    measured = measure(params, ctx)
    assert [(f.line, f.column) for f in measured.findings] == places
    assert measured.work == {"files": 1}
    assert {(f.path, f.rule, f.severity) for f in measured.findings} <= {
        ("a.txt", "subject", "high")
    }


@given(st.text("ab\n\r é\u2028😀", max_size=60))
def test_places_agree_with_the_lines_of_the_text(text: str) -> None:
    """Line and column lead back to the match."""
    regex = pattern._compile(Params(forbid="a"))
    lines = text.split("\n")
    found = list(pattern._places(regex, text, required=False))
    assert all(column and lines[line - 1][column - 1] == "a" for line, column in found)
    assert len(found) == text.count("a")


def test_required(context: Make) -> None:
    """Each file without a match is a finding at its first line, with the message of the check."""
    ctx = context(
        {"a.py": "x\n# Copyright us\n", "b.py": "", "d/c.py": "copyright"}, files=("**/*.py",)
    )
    params = Params(
        require="Copyright", message="add the header", severity="low", category="format"
    )
    measured = measure(params, ctx)
    assert [(f.path, f.line, f.column, f.message, f.severity) for f in measured.findings] == [
        ("b.py", 1, None, "add the header", "low"),
        ("d/c.py", 1, None, "add the header", "low"),
    ]
    assert measured.work == {"files": 3}


def test_files_that_are_no_text(context: Make) -> None:
    """What cannot be read as text is named with its reason and is no work."""
    ctx = context(
        {
            "good.txt": "x",
            "nul.txt": b"ab\0c",
            "utf16.txt": "secret".encode("utf-16"),
            "utf32.txt": "secret".encode("utf-32"),
            "latin.txt": "gr\xfcn".encode("latin-1"),
            "link.txt": Path("good.txt"),
        },
        files=("*.txt",),
    )
    measured = measure(Params(forbid="secret"), ctx)
    assert measured.work == {"files": 1}
    assert ctx.skipped == {
        "nul.txt": "is binary: it holds a NUL byte at offset 2",
        "utf16.txt": "is UTF-16 or UTF-32: convert it to UTF-8",
        "utf32.txt": "is UTF-16 or UTF-32: convert it to UTF-8",
        "latin.txt": "is no UTF-8 text: invalid start byte at offset 2",
        "link.txt": "is a symbolic link",
    }


def test_too_many_matches(context: Make) -> None:
    """More findings than are kept is no measurement rather than a smaller number."""
    ctx = context({"a.txt": "a" * 10_001}, files=("a.txt",))
    with pytest.raises(NotMeasured, match="over 10000 findings in 1 files; narrow"):
        measure(Params(forbid="a"), ctx)
    exactly = measure(Params(forbid="aa?"), ctx)
    assert len(exactly.findings) == 5_001


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        (Params(), "either"),
        (Params(forbid="a", require="b"), "either"),
        (Params(forbid="a", require=""), "either"),
        (Params(forbid=""), "empty text"),
        (Params(require="x*"), "empty text"),
        (Params(forbid="a|$"), "empty text"),
        (Params(forbid="(a"), "missing ): "),
        (Params(forbid="(?=a)"), "(?="),
        (Params(forbid="(?<!a)b"), "(?<"),
        (Params(forbid=r"(a)\1"), r"\1"),
        (Params(forbid="((a{100}){100}){100}"), "RE2 refuses"),
        (Params(forbid="\ud800"), "surrogate"),
        (Params(forbid="(?P<name>a)b"), ""),
    ],
)
def test_expressions_that_mean_nothing(
    params: Params, problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wrong expression is refused with RE2's reason, and RE2 writes nothing to stderr."""
    assert problem in params.problem()
    assert bool(problem) == bool(params.problem())
    assert capfd.readouterr().err == ""


def test_linear_time(context: Make) -> None:
    """An expression that would take a backtracking engine for ever ends."""
    ctx = context({"a.txt": "a" * 100_000}, files=("a.txt",))
    assert measure(Params(forbid="(a+)+$b"), ctx).findings == ()


def test_parameters() -> None:
    """Lists become tuples, unknown severities are refused, the policy's form is read back."""
    adapter = TypeAdapter(Params)
    params = adapter.validate_python({"forbid": "a", "may_skip": ["*.png"]})
    assert params == Params(forbid="a", may_skip=("*.png",))
    assert codec.decode(Params, codec.encode(params)) == params
    with pytest.raises(ValidationError):
        adapter.validate_python({"forbid": "a", "severity": "info"})


def test_metrics_of_the_plugin() -> None:
    """All metrics are in the table and derived, and expectations are on them."""
    names = (*PLUGIN.always, *PLUGIN.sometimes)
    assert all(metrics.define(name) and is_count(name) for name in names)
    assert set(PLUGIN.expect) <= set(names)
