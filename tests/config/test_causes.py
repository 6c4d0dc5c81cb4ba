"""The closed vocabulary for causes."""

from __future__ import annotations

import pytest

from gatekeeper.config import causes


def test_a_word_stands_at_one_place() -> None:
    """So the finest word that is known says all that is above it."""
    words = [word for level in causes.LEVELS for word in causes.words(level)]
    assert len(words) == len(set(words)) == 2 + 4 + 18


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (("", "", ""), ""),
        (("process", "", ""), "process"),
        (("", "communication", ""), "process/communication"),
        (("", "", "escalation"), "process/communication/escalation"),
        (("technical", "", "recovery-speed"), "technical/operational-procedures/recovery-speed"),
    ],
)
def test_what_is_left_out_above_follows(written: tuple[str, str, str], path: str) -> None:
    """Down to the finest level that is known."""
    assert causes.path(*written) == path


def test_words_fit_what_stands_above() -> None:
    """Each level offers what belongs to the levels above it, as far as they are stated."""
    assert causes.words("area", ("process",)) == ("communication", "documentation")
    assert causes.words("focus", ("", "documentation"))[0] == "accuracy"
    assert causes.words("focus", ("technical", "communication")) == ()
