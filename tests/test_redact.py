"""Secrets out of what tools say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper import redact

KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"  # pragma: allowlist secret
    "abc\ndef\n-----END RSA PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1" * 18,
        "github_pat_" + "a1_" * 12,
        "glpat-" + "a1-" * 8,
        "AKIA" + "ABCD1234" * 2,
        "xoxb-" + "1234-abcd-5678",
        "sk-" + "a1" * 20,
        "pypi-" + "a1" * 30,
        "npm_" + "a1" * 18,
        "eyJ" + "a" * 12 + ".eyJ" + "b" * 12 + "." + "c" * 12,
        KEY,
    ],
)
def test_shapes(secret: str) -> None:
    """Well-known credentials are recognised without being known."""
    assert redact.redact(f"token={secret} end", {}) == "token=[redacted] end"


def test_password_in_an_address() -> None:
    """Only user and password of an address go."""
    text = "https://user:pa55word@example.org/x?a=1"  # pragma: allowlist secret
    assert redact.redact(text, {}) == "https://[redacted]@example.org/x?a=1"


@pytest.mark.parametrize(
    "text",
    ["", "sha256:" + "0" * 64, "skip-this-one", "https://example.org:8080/a@b", "a: b@c", "AKIA"],
)
def test_innocent_text(text: str) -> None:
    """Ordinary text stays."""
    assert redact.redact(text, {}) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("tr0ub4dor", "tr0ub4dor"),
        ('with "quotes" \\ and ü', json.dumps('with "quotes" \\ and ü')),
        ("<tag>&more", "&lt;tag&gt;&amp;more"),
        ("first line\nsecond line", "only the second line of it"),
        ("padded-value\n", "padded-value"),
    ],
)
def test_known_values(value: str, written: str) -> None:
    """A value that a check is given by name goes, as JSON and XML write it, and line by line."""
    known = redact.secrets({"TOKEN": value}, ["TOKEN"])
    text = redact.redact(f"it is {written}.", known)
    assert "[redacted: TOKEN]" in text
    assert not any(line in text for line in value.splitlines())


def test_short_and_absent_values() -> None:
    """A short value would hit innocent text; what is not set is no secret."""
    assert redact.secrets({"A": "true", "B": "     1"}, ["A", "B", "C"]) == {}


def test_longest_first() -> None:
    """A value that holds another one goes whole."""
    known = redact.secrets({"A": "secret", "B": "secret-and-more"}, ["A", "B"])
    assert redact.redact("x secret-and-more y", known) == "x [redacted: B] y"


def test_file_without_secrets_is_not_touched(tmp_path: Path) -> None:
    """Nothing is written where nothing is found."""
    path = tmp_path / "log"
    path.write_bytes(b"\xff\r\nplain\n")
    before = path.stat()
    redact.redact_file(path, {"secret": "A"})
    assert path.stat() == before


@settings(max_examples=60)
@given(
    before=st.integers(0, 60), after=st.integers(0, 60), piece=st.integers(1, 40), held=st.just(30)
)
def test_file_in_pieces(
    tmp_path_factory: pytest.TempPathFactory, before: int, after: int, piece: int, held: int
) -> None:
    """A secret is found wherever the pieces of a file end; the rest keeps its bytes."""
    path = tmp_path_factory.mktemp("pieces") / "log"
    secret = 'tr0ub"4d,or\nx'
    path.write_bytes(b"\xff" * before + secret.encode() + b"\r\n" * after)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redact, "_PIECE", piece)
        patch.setattr(redact, "_LONGEST", held)
        redact.redact_file(path, {secret: "T"})
    assert path.read_bytes() == b"\xff" * before + b"[redacted: T]" + b"\r\n" * after
    assert [p.name for p in path.parent.iterdir()] == ["log"]
