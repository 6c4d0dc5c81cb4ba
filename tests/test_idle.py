"""What a tool's output says of having examined nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import idle


@pytest.mark.parametrize(
    ("pattern", "output", "said"),
    [
        ("no inputs", "error: no inputs collected", "it says `no inputs`"),
        ("no inputs", "completed ci.yml", ""),
        ("^Error: .*", "fine\nError: cannot read a.py\n", "it says `Error: cannot read a.py`"),
        ("^Error", "an Error", ""),
        ("!Checking file", "Checking file: a.py", ""),
        ("!Checking file", "", "its output holds no `Checking file`"),
        ("!^Contracts: ", "x\nContracts: 1 kept", ""),
    ],
)
def test_said(pattern: str, output: str, said: str) -> None:
    """A pattern must not occur, one behind an exclamation mark must; lines count."""
    assert idle.said([pattern], output) == said


def test_the_first_reason_is_told() -> None:
    """Patterns are looked for in their order."""
    assert idle.said(["b", "a"], "ab") == "it says `b`"


def test_hostile_output_takes_linear_time() -> None:
    """What makes a backtracking expression run for years is soon searched."""
    assert idle.said(["(x+x+)+y"], "x" * 200_000) == ""


@pytest.mark.parametrize("pattern", ["(", "!(", "(?=a)", r"(a)\1"])
def test_problem(pattern: str) -> None:
    """What RE2 cannot do is told with its reason."""
    assert idle.problem(pattern).startswith(f"RE2 refuses `{pattern}`: ")


@given(st.text(), st.text())
def test_any_text(pattern: str, output: str) -> None:
    """A pattern that RE2 takes never raises."""
    if not idle.problem(pattern):
        assert isinstance(idle.said([pattern], output), str)
