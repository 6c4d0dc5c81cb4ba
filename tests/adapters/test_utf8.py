"""What counts as text."""

import pytest

from gatekeeper.adapters.utf8 import NotText, decode


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"a\r\nb", "a\r\nb"), ("\ufeffé".encode(), "é"), ("😀".encode(), "😀")],
)
def test_text(data: bytes, text: str) -> None:
    """UTF-8 is text; only its byte order mark is taken off."""
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"ab\0", "NUL byte at offset 2"),
        ("a".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff\0a", "UTF-16"),
        (b"ab\xff", "no UTF-8 text: invalid start byte at offset 2"),
        (b"\xed\xa0\x80", "no UTF-8"),
    ],
)
def test_no_text(data: bytes, reason: str) -> None:
    """Everything else is refused with the reason."""
    with pytest.raises(NotText, match=reason):
        decode(data)
