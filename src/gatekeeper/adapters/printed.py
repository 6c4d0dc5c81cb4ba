"""Text that a tool printed, line by line, in bounded memory and whatever the encoding."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from gatekeeper.errors import NotMeasured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A longer line goes on as the next one: no tool that people read prints such lines.
LENGTH = 20_000
_COLOUR = re.compile(r"\x1b(?:\[[0-9;]*m|\(B)")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def lines(path: Path) -> Iterator[str]:
    """Yield the lines without line ends, trailing blanks and colours.

    Read is UTF-8, or UTF-16 with its mark as PowerShell writes it; what cannot be decoded becomes
    U+FFFD. Raises NotMeasured where the file cannot be read or holds nothing but blanks.
    """
    blank = True
    try:
        with path.open("rb") as file:
            encoding = "utf-16" if file.read(2) in _UTF16 else "utf-8-sig"
        with path.open(encoding=encoding, errors="replace") as text:
            while line := text.readline(LENGTH):
                plain = _COLOUR.sub("", line).rstrip()
                blank = blank and not plain
                yield plain
    except OSError as error:
        raise NotMeasured(f"{path}: cannot be read: {error.strerror or error}") from error
    if blank:
        raise NotMeasured(f"{path}: is empty", "the tool wrote no report: see its output")
