"""What a pre-push hook is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.adapters import prepush
from gatekeeper.adapters.prepush import Reference
from gatekeeper.errors import NotMeasured

A, B, ZERO = "a" * 40, "0" + "b" * 38 + "0", "0" * 40


@pytest.mark.parametrize(
    ("line", "reference", "title"),
    [
        (
            f"refs/heads/main {A} refs/heads/main {B}",
            Reference("refs/heads/main", A, "refs/heads/main", B),
            "main",
        ),
        (
            f"refs/tags/v1 {A} refs/tags/v1 {ZERO}",
            Reference("refs/tags/v1", A, "refs/tags/v1", ""),
            "tag v1",
        ),
        (
            f"(delete) {ZERO} refs/heads/old {A}",
            Reference("(delete)", "", "refs/heads/old", A),
            "old",
        ),
        (f":/a fix {A} refs/x/y {B}", Reference(":/a fix", A, "refs/x/y", B), "refs/x/y"),
        (
            f"HEAD {A * 2}"[: 5 + 64] + f" refs/heads/x {'0' * 64}",
            Reference("HEAD", "a" * 64, "refs/heads/x", ""),
            "x",
        ),
    ],
)
def test_a_line(line: str, reference: Reference, title: str) -> None:
    """A name may hold spaces; zeros mean that there is none; ids of either length."""
    assert prepush.parse(f"{line}\n".encode()) == (reference,)
    assert reference.title == title


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b" ",
        b"\n",
        f"a {A} b {B}\n\n".encode(),
        f"a {A} b".encode(),
        f"a {A} b {A[1:]}".encode(),
        f"a {A} b --output=x".encode(),
        f"a {A.upper()} b {B}".encode(),
        f"a\n{A} b {B}".encode(),
        f"a {A} b {B}\0".encode(),
    ],
)
def test_what_git_does_not_write(data: bytes) -> None:
    """Whatever else comes is no push that can be judged."""
    with pytest.raises(NotMeasured, match="is not what git gives a pre-push hook"):
        prepush.parse(data)


def test_too_much() -> None:
    """There is a cap."""
    with pytest.raises(NotMeasured, match="more references than fit"):
        prepush.parse(b"x" * (prepush.CAP + 1))


@settings(max_examples=50)
@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    """It is a push or no measurement, and never another exception; ids are always ids."""
    try:
        found = prepush.parse(data)
    except NotMeasured:
        return
    assert all(set(one.oid + one.old) <= set("0123456789abcdef") for one in found)


@pytest.mark.parametrize(
    ("env", "references", "remote"),
    [
        ({}, (), "up"),
        ({"PRE_COMMIT": "1"}, (Reference("HEAD", "HEAD"),), "up"),
        (
            {
                "PRE_COMMIT": "1",
                "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/topic",
                "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/there",
                "PRE_COMMIT_REMOTE_NAME": "origin",
            },
            (Reference("refs/heads/topic", "refs/heads/topic", "refs/heads/there"),),
            "origin",
        ),
        (
            {"PRE_COMMIT": "1", "PRE_COMMIT_FROM_REF": B, "PRE_COMMIT_TO_REF": A},
            (Reference("HEAD", A, "", B),),
            "up",
        ),
    ],
)
def test_pre_commit(env: Mapping[str, str], references: tuple[Reference, ...], remote: str) -> None:
    """Without a commit to compare with, what was last seen of the remote counts; else HEAD."""
    assert prepush.told(env, "up") == (references, remote)
