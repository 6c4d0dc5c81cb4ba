"""Text that a tool printed: lines without ends and colours, whatever the encoding."""

from pathlib import Path

import pytest

from gatekeeper.adapters import printed
from gatekeeper.errors import NotMeasured


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\n\nb", ["a", "", "b"]),
        (b"  a \r\nb\r\n", ["  a", "b"]),
        ("\ufeffé\n".encode(), ["é"]),
        ("é\r\nb\r\n".encode("utf-16"), ["é", "b"]),
        ("\ufeffé".encode("utf-16-be"), ["é"]),
        (b"\x1b[1m\x1b[31ma\x1b(B\x1b[m", ["a"]),
        (b"a\xffb", ["a\ufffdb"]),
        (b"x" * (printed.LENGTH + 1), ["x" * printed.LENGTH, "x"]),
    ],
    ids=range(8),
)
def test_lines(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    """Marks, colours and line ends are taken off, what cannot be decoded is replaced."""
    path = tmp_path / "out.txt"
    path.write_bytes(data)
    assert list(printed.lines(path)) == lines


@pytest.mark.parametrize("data", [b"", b" \n\t\n", "\ufeff".encode("utf-16-le")])
def test_empty(tmp_path: Path, data: bytes) -> None:
    """Nothing but blanks is no output."""
    path = tmp_path / "out.txt"
    path.write_bytes(data)
    with pytest.raises(NotMeasured, match="is empty"):
        list(printed.lines(path))


def test_unreadable(tmp_path: Path) -> None:
    """A file that is not there is not measured."""
    with pytest.raises(NotMeasured, match="cannot be read: No such file"):
        list(printed.lines(tmp_path / "absent"))
