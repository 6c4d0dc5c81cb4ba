"""What a fix introduced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.prove.names import introduced


@pytest.mark.parametrize(
    ("before", "after", "owner", "name"),
    [
        ("", "def check(): pass", "", "check"),
        ("class A: pass", "class A:\n    def check(self): pass", "A", "check"),
        (
            "class A: pass\nclass B:\n    x: int",
            "class A:\n    x: int\nclass B:\n    x: int",
            "A",
            "x",
        ),
        ("def f(a): x = 1", "def f(a, *, x=1): x = 1", "f", "x"),
        ("class A:\n    def f(self): pass", "class A:\n    def f(self): self.n = 1", "A", "n"),
        ("", "try:\n    from a import b as c\nexcept ImportError:\n    c = None", "", "c"),
        ("", "async def f(*args, **more): pass", "f", "more"),
        ("", "function check() {}", "", "check"),
    ],
)
def test_introduced(before: str, after: str, owner: str, name: str) -> None:
    """A definition is new where it is new to its class or function, whatever else has the name."""
    found = introduced({"a.py": after}, {"a.py": before})
    assert name in found.names
    if owner:
        assert name in found.members[owner]


def test_what_moved_is_not_new() -> None:
    """A definition that is elsewhere without the fix is not introduced by it."""
    found = introduced({"a.py": "", "b.py": "def f(): pass"}, {"a.py": "def f(): pass"})
    assert "f" not in found.names
    assert found.files == ("b.py",)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("pkg.rules", True),
        ("rules", True),
        ("pkg", True),
        ("src.pkg", True),
        ("kg", False),
        ("", False),
    ],
)
def test_module(name: str, known: bool) -> None:
    """A module is known by any dotted name that its file may have."""
    assert introduced({"src/pkg/rules.py": ""}, {}).module(name) is known


@given(st.text(), st.text())
def test_any_text(before: str, after: str) -> None:
    """What is no Python has words all the same."""
    found = introduced({"a.py": after}, {"a.py": before})
    assert isinstance(found.names, frozenset)
