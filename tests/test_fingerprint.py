"""The identity of a finding."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.fingerprint import fingerprint
from gatekeeper.model import Finding

BASE = Finding("R1", "too long (101 > 100)", "high", "lint", "a.py", 3)
TEXT = {3: "  x = 1  ", 9: "x = 1", 4: "y = 2"}


def identity(*findings: Finding) -> list[str]:
    """The fingerprints of findings in a file of a few lines."""
    return [f.fingerprint for f in fingerprint(findings, lambda _, n: TEXT.get(n, ""))]


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, line=9),
        replace(BASE, column=7),
        replace(BASE, message="too long (222 > 100)"),
        replace(BASE, severity="low"),
    ],
)
def test_survives(other: Finding) -> None:
    """Moved lines, other numbers in the message and another severity change nothing."""
    assert identity(other) == identity(BASE)


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, rule="R2"),
        replace(BASE, path="b.py"),
        replace(BASE, line=4),
        replace(BASE, message="too short"),
        replace(BASE, path=None),
    ],
)
def test_tells_apart(other: Finding) -> None:
    """Another rule, path, text of the line or message is another finding."""
    assert identity(other) != identity(BASE)


def test_equal_ones_are_told_apart_by_their_order() -> None:
    """Two equal findings are two; the first keeps its identity when one is mended."""
    first, second = identity(BASE, BASE)
    assert first != second
    assert identity(BASE) == [first]


@given(st.text(), st.text())
def test_any_text(rule: str, message: str) -> None:
    """Whatever a tool says has an identity of 32 hexadecimal digits."""
    [found] = identity(Finding(rule, message, "high", "lint", "\udcff", 3))
    assert len(found) == 32
    assert int(found, 16) >= 0
