"""Paths out of reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import paths

ROOT = Path("/judged")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", "services/api/a.py"),
        ("./b/../a.py", "services/api/a.py"),
        ("../a.py", "services/a.py"),
        ("../../../a.py", None),
        ("..foo", "services/api/..foo"),
        ("/judged/a b.py", "a b.py"),
        ("/elsewhere/a.py", None),
        ("file:///judged/a%20b.py", "a b.py"),
        ("file://[x", None),
        ("src\\a.py", "services/api/src/a.py"),
        ("a\0.py", None),
    ],
)
def test_relative(path: str, expected: str | None) -> None:
    """A path is seen from the check's folder and given from the judged one."""
    assert paths.relative(path, ROOT / "services/api", ROOT) == expected


@given(st.text() | st.text().map("file://{}".format))
def test_any_path(path: str) -> None:
    """Whatever a report holds, what comes out stays inside."""
    found = paths.relative(path, ROOT, ROOT)
    assert found is None or not found.startswith("../")
